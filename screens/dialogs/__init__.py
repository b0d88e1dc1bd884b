"""Screens that open over another, and the outcome."""
