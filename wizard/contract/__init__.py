"""The request: its fields, the rules they keep, and what applies."""
