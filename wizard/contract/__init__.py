"""The API request: its fields, their rules and their conditions."""
