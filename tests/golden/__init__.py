"""Recorded outputs, which only a change that is meant may change."""
