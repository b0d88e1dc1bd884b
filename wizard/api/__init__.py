"""Requests to QCall and their outcomes."""
