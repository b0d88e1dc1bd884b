"""Stores drafts, receipts and settings on this machine."""
