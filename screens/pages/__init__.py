"""Screens that fill the terminal: the first screen, the editor."""
