"""Text in, values out: JSON, YAML, curl commands and files. Nothing here knows a field."""
