"""The SQL functions that migrations of the database call, by their names in SQL."""

from typing import TypeVar

from wizard.contract import masking
from wizard.formats import json_text, payload_identity

_Text = TypeVar("_Text", str, bytes)

place = payload_identity.normalized_url


def meaning(body: str, kept: str) -> str:
    """Return the hash of a payload, or `kept` if the body was masked."""
    payload = json_text.parse_json(body, "body")
    is_whole = isinstance(payload, dict) and not masking.is_masked(payload)
    return payload_identity.payload_hash(payload) if is_whole else kept


def masked(text: _Text) -> _Text:
    """Return a payload as JSON with the key of its widget masked."""
    payload = json_text.parse_json(text, "body")
    if not (isinstance(payload, dict) and masking.has_secret(payload)):
        return text
    made = json_text.dump(masking.masked(payload))
    return made if isinstance(text, str) else made.encode()
