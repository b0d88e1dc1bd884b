"""A step: its rows, its controls, the voice and the actions."""
