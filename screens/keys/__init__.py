"""Keys: their order, their bindings, and what they do everywhere."""
