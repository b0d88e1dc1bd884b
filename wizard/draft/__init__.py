"""A draft: its answers, their history, its review, and its payload."""
