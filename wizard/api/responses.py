"""Reads the responses of the API: the outcome of each, its message and the ids in it."""

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from wizard.api.outcomes import (
    Created,
    KeyRefused,
    Outcome,
    RateLimited,
    Redirected,
    Refused,
    Unknown,
    plain,
)
from wizard.api.reasons import UnknownReason
from wizard.contract.openapi_facts import field_names


@dataclass
class Answer:
    """An HTTP response as far as it was read. `flaw` is the reason if reading stopped early.

    `status` is 0 if no response began. `date` is the Date header.
    """

    status: int = 0
    body: bytes = field(default=b"", repr=False)
    retry_after: str = ""
    flaw: UnknownReason | None = None
    date: str = ""


def outcome_of(
    answer: Answer,
    sent: bytes,
    *,
    fields: Collection[str] = (),
    now: datetime | None = None,
    redact: Callable[[str], str] = str,
) -> Outcome:
    """Return the outcome for a response, following the contract's table of responses.

    `sent` is the request's body. `fields` are the top-level names that a refusal may mention.
    `redact` removes secrets from the server's message and from the id. `now` is the reference time
    for a Retry-After date.
    """
    value = None if answer.flaw else parse(answer.body)
    request = parse(sent)
    message = redact(server_message(_without_echo(value, request), answer.body))
    code = effective_status(answer.status, value, request)
    outcome: Outcome
    if code in {200, 201}:
        outcome = _success(answer, value, request, redact)
    elif 300 <= code < 400:
        outcome = Redirected()
    elif code in {401, 403}:
        outcome = KeyRefused()
    elif code == 429:
        outcome = RateLimited(seconds_to_wait(answer.retry_after, now or datetime.now(UTC)))
    elif code == 400 or (code < 500 and _is_refusal(value, request)):
        outcome = Refused(named_field(message, fields))
    else:
        outcome = Unknown(UnknownReason.SERVER_ERROR if code >= 500 else UnknownReason.OTHER_STATUS)
    return replace(outcome, status=answer.status, message=message)


def _success(
    answer: Answer, value: object, request: object, redact: Callable[[str], str]
) -> Outcome:
    """Return the outcome of a 200 without `success: false`."""
    if answer.flaw:
        return Unknown(answer.flaw)
    if not answer.body.strip():
        return Unknown(UnknownReason.EMPTY)
    if value is NOT_JSON:
        return Unknown(UnknownReason.NOT_JSON)
    assistant = _assistant_in(value, request)
    if assistant is None:
        return Unknown(UnknownReason.WRONG_SHAPE)
    if _is_different(assistant, request):
        return Unknown(UnknownReason.ANOTHER)
    return Created(id_of(assistant, redact), assistant)


NOT_JSON: Final = object()


def parse(body: bytes) -> Any:
    """Return the JSON value of a body, or `NOT_JSON`."""
    try:
        return json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return NOT_JSON


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """Build an object, or a tuple if a name occurs twice: it is ambiguous, and no list either."""
    members = dict(pairs)
    return members if len(members) == len(pairs) else tuple(pairs)


def _refuse_constant(name: str) -> object:
    """Raise ValueError for NaN and Infinity, which Python accepts and JSON does not."""
    raise ValueError(f"{name} is not JSON")


def effective_status(status: int, value: object, request: object = None) -> int:
    """Return the status, or the one inside if a 200 has `success: false`.

    `request` is the value that was sent, if any: the answer may repeat it.
    """
    if status not in {200, 201} or not _is_refusal(value, request):
        return status
    inner = value.get("status") if isinstance(value, dict) else None
    return inner if isinstance(inner, int) and 400 <= inner < 600 else 400


def _is_refusal(value: object, request: object) -> bool:
    """Return whether the server refused. An assistant may have a member `success` of its own."""
    is_refusal = isinstance(value, dict) and value.get("success") is False
    return is_refusal and not is_record(value, request)


def is_record(value: object, request: object = None) -> bool:
    """Return whether a value is an assistant itself: an id, and the name beside other fields.

    The name that was sent is enough.
    """
    if not isinstance(value, dict) or not ids_of(value) or not isinstance(value.get("name"), str):
        return False
    return _echoes(value, request) or len(field_names() & value.keys()) >= _RECORD_FIELDS


# An error has a name and a type at most.
_RECORD_FIELDS: Final = 3
# What an assistant in an answer may have of its own, and what an error says with.
_ERROR_MEMBERS: Final = ("success", "error", "status", "message")


def _without_echo(value: object, request: object) -> object:
    """Return an assistant without such members that were sent; any other value unchanged."""
    if not isinstance(value, dict) or not is_record(value, request):
        return value
    sent = request if isinstance(request, dict) else {}
    echoed = [n for n in _ERROR_MEMBERS if n in value and n in sent and value[n] == sent[n]]
    return {name: member for name, member in value.items() if name not in echoed}


def _assistant_in(value: object, request: object) -> dict[str, Any] | None:
    """Return the assistant in the body of a 200, or None if it holds something else."""
    if not isinstance(value, dict):
        return None
    data = value.get("data")
    is_wrapped = value.get("success") is True and isinstance(data, dict) and bool(ids_of(data))
    if is_record(value, request) and not is_wrapped:
        said = _without_echo(value, request)
        is_error = isinstance(said, dict) and (said.get("success") is False or said.get("error"))
        return None if is_error else value
    if "success" in value:
        created = value["success"] is True
        return (data if isinstance(data, dict) else {}) if created else None
    is_assistant = not value.get("error") and (id_of(value) or _echoes(value, request))
    return value if is_assistant else None


def id_of(assistant: Mapping[str, Any], redact: Callable[[str], str] = str) -> str | None:
    """Return the assistant's id, or None. `redact` removes secrets from it."""
    return next(iter(ids_of(assistant, redact)), None)


def ids_of(assistant: Mapping[str, Any], redact: Callable[[str], str] = str) -> list[str]:
    """Return all ids of an assistant, the main one first. `redact` removes secrets from them."""
    values = (assistant.get(name) for name in ("hash_id", "id", "_id"))
    ids = (str(v) for v in values if isinstance(v, str | int) and not isinstance(v, bool))
    return [redact(text)[:200] for text in map(plain, ids) if text]


def _echoes(answer: Mapping[str, Any], request: object) -> bool:
    """Return whether the response repeats the name of the request, which an error does not."""
    name = request.get("name") if isinstance(request, dict) else None
    answered = answer.get("name")
    both = isinstance(name, str) and isinstance(answered, str)
    return both and normalized_name(answered) == normalized_name(name)


def _is_different(assistant: Mapping[str, Any], request: object) -> bool:
    """Return whether the response has a different name or company than the request."""
    return isinstance(request, dict) and any(
        isinstance(assistant.get(name), str)
        and normalized_name(assistant[name]) != normalized_name(request[name])
        for name in ("name", "company_name")
        if name in request
    )


def redact(text: str, secret: str, label: str) -> str:
    """Replace a secret that a server's message repeats.

    A value under 8 characters is a word like "test", not a secret.
    """
    return text.replace(secret, label) if len(secret) >= 8 else text


def normalized_name(text: object) -> str:
    """Normalize a name for comparison: servers trim white space and compose accents."""
    return " ".join(unicodedata.normalize("NFC", str(text)).split())


def server_message(value: object, body: bytes = b"") -> str:
    """Return the server's message: its `message`, or a plain text body, or an empty string."""
    text = ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict):
        text = next(filter(None, (_text(value.get(key)) for key in ("message", "error"))), "")
    elif value is NOT_JSON:
        text = _page(body)
    return plain(text)


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _page(body: bytes) -> str:
    """Return a body that is plain text, or an empty string for markup and binary data."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return ""
    return "" if text.lstrip().startswith(("<", "{", "[")) else text


def named_field(message: str, names: Collection[str]) -> str | None:
    """Return the longest of `names` that occurs in the message as a whole word.

    A name after a dot belongs to another field: `actions[0].zeplo.content.language` is `actions`.
    """
    found = (n for n in names if re.search(rf"(?<![\w.]){re.escape(n)}(?!\w)", message, re.I))
    return max(found, key=len, default=None)


def seconds_to_wait(retry_after: str, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or an HTTP date (RFC 9110, 10.2.3).

    None if it is missing or invalid, 0 if the time has passed.
    """
    text = retry_after.strip()
    if re.fullmatch("[0-9]+", text):
        # The longest wait is a year: more digits are a server's mistake.
        return 31_536_000.0 if len(text) > 8 else float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
