"""The payload: beside the form, on the preview, compared with another."""
