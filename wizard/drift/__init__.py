"""Compares a newer published document with this program."""
