"""A draft: answers so far, their history, and what they become as a payload."""
