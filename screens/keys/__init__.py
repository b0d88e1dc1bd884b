"""Keys: their order, their bindings, and the actions of the app."""
