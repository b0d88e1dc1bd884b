"""Every private part of Textual that the screens touch.

`tests/test_textual_internals.py` fails when an upgrade changes one of them. The bound on Textual
in `pyproject.toml` stays narrow while this package exists.
"""
