"""Every private part of Textual that the screens touch.

`tests/screens/test_textual_internals.py` fails if an upgrade changes one of them. While this
package exists, the bound on Textual in `pyproject.toml` stays narrow.
"""
