"""Rehearsal: an assistant's call, acted out by a language model before the assistant exists."""
