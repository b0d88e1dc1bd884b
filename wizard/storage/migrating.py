"""What migrations of the database do with single values."""

from typing import TypeVar

from wizard.api import receipt_store
from wizard.contract import masking
from wizard.formats import json_text

_Text = TypeVar("_Text", str, bytes)


def place(target: str) -> str:
    """The target of a receipt in the form in which two of them are compared."""
    return receipt_store.place(target)


def meaning(body: str, kept: str) -> str:
    """The hash of what a body means; the kept one if the body was masked."""
    payload = json_text.parse_json(body, "body")
    is_whole = isinstance(payload, dict) and not masking.is_masked(payload)
    return receipt_store.hash_of(payload) if is_whole else kept


def masked(text: _Text) -> _Text:
    """A payload as JSON, with the key of its widget out of sight."""
    payload = json_text.parse_json(text, "body")
    if not (isinstance(payload, dict) and masking.has_secret(payload)):
        return text
    made = json_text.dump(masking.masked(payload))
    return made if isinstance(text, str) else made.encode()
