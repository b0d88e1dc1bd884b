"""The terminal: its abilities, its width, its end."""
