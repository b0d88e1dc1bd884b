"""Tells a payload from an answer of the API, which may hold one or not."""

from collections.abc import Mapping
from typing import Final

from wizard.contract.openapi_facts import field_names
from wizard.errors import Unreadable
from wizard.formats.json_text import Json, unwrap

# Members of an answer that no payload has.
_SIGNS: Final = frozenset(("success", "error", "errors"))
# What an answer may say without one of those, such as {"message": "Unauthorized"}.
_WORDS: Final = frozenset(
    ("message", "detail", "status", "statusCode", "code", "timestamp", "path", "requestId")
)
# Fields that errors have too, such as {"name": "ValidationError", "success": false}.
_COMMON: Final = frozenset(("name", "type"))
_NO_ASSISTANT: Final = "this is a response of the API without an assistant"


def payload_in(value: Json, name: str) -> dict[str, Json]:
    """Return the payload in a value, bare or in the API's envelope; `name` is for errors.

    Raises Unreadable for anything but one object, and for an answer that holds no assistant: as
    changes of an assistant it would be sent.
    """
    refuse_answer(value, name)
    payload = unwrap(value, name)
    if (payload is not value or payload.keys() & _SIGNS) and not _fields(payload):
        raise Unreadable(name, _NO_ASSISTANT)
    return payload


def refuse_answer(value: object, name: str) -> None:
    """Raise Unreadable if a value is an error that the API answered."""
    if isinstance(value, dict) and _is_error(value):
        raise Unreadable(name, "this is an error response without an assistant")


def _is_error(value: Mapping[str, object]) -> bool:
    if value.get("success") is not False and not (value.get("error") or value.get("errors")):
        has_message = bool(value.keys() & {"message", "detail"}) and value.keys() <= _WORDS
        return has_message and not _fields(value)
    fields = _fields(value)
    return not fields or (fields <= _COMMON and value.keys() - fields <= _SIGNS | _WORDS)


def _fields(value: Mapping[str, object]) -> frozenset[str]:
    return field_names() & value.keys()
