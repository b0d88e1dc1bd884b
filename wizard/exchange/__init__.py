"""Brings payloads in and out: imports, exports, differences, the external editor."""
