"""Widgets that know nothing of assistants."""
