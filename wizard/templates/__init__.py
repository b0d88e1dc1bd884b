"""Starter templates: those of the program, and those in the user's folder."""
