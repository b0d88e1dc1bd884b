"""What migrations of the database compute for single values."""

from typing import TypeVar

from wizard.api import payload_identity
from wizard.contract import masking
from wizard.formats import json_text

_Text = TypeVar("_Text", str, bytes)

place = payload_identity.place


def meaning(body: str, kept: str) -> str:
    """Return the hash of what a body means, or `kept` if the body was masked."""
    payload = json_text.parse_json(body, "body")
    is_whole = isinstance(payload, dict) and not masking.is_masked(payload)
    return payload_identity.hash_of(payload) if is_whole else kept


def masked(text: _Text) -> _Text:
    """Return a payload as JSON with the key of its widget masked."""
    payload = json_text.parse_json(text, "body")
    if not (isinstance(payload, dict) and masking.has_secret(payload)):
        return text
    made = json_text.dump(masking.masked(payload))
    return made if isinstance(text, str) else made.encode()
