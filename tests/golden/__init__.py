"""Recorded outputs, which change only on purpose."""
