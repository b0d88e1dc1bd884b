"""Finds the assistant that an attempt created in the list of assistants."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final, TypeAlias

from wizard.api.outcomes import Found, NotListed, Undecided
from wizard.api.reasons import UnknownReason
from wizard.api.receipt_store import Known, Receipt
from wizard.api.responses import id_of, ids_of, normalized_name
from wizard.draft.draft import Payload
from wizard.formats.json_text import is_number

Assistants: TypeAlias = Sequence[Mapping[str, Any]]

# The tolerance for server clocks, and for times without a time zone.
_CLOCKS: Final = timedelta(minutes=5)
_ZONES: Final = timedelta(hours=15)

_MAYBE_OLDER: Final = (
    "An assistant in your list may be the one, but it may also have existed before."
)
_SEVERAL: Final = "Several assistants in your list have this name and may be the one."
_AMBIGUOUS: Final = (
    "An assistant in your list has this name, but another attempt may have created it."
)


class _Match(IntEnum):
    """Whether a listed assistant is the one that an attempt created."""

    NO = 0
    MAYBE = 1
    YES = 2


def find(
    listed: Assistants,
    receipt: Receipt,
    rivals: Sequence[Receipt],
    taken: frozenset[str],
    now: datetime,
) -> Found | NotListed | Undecided:
    """Find the assistant that an attempt created.

    `rivals` are other attempts that may have created it. `taken` are the ids of other attempts.
    """
    matches = [(_match(item, receipt, taken, now), item) for item in listed]
    possible = _without_old_nameless([m for m in matches if m[0]], listed, receipt)
    certain = [item for match, item in possible if match is _Match.YES]
    if not possible:
        return NotListed(UnknownReason.EARLIER)
    if len(certain) != 1:
        return Undecided(UnknownReason.EARLIER, _SEVERAL if certain else _MAYBE_OLDER)
    if any(_match(certain[0], rival, taken, now) for rival in rivals):
        return Undecided(UnknownReason.EARLIER, _AMBIGUOUS)
    return Found(id_of(certain[0]))


def known_in(listed: Assistants, payload: Payload) -> Known:
    """Return the assistants of a payload's name and company in a list."""
    return Known.of(item for item in listed if _match_name(item, *_names(payload)))


def describe_same_named(listed: Assistants, payload: Payload) -> str:
    """Return a sentence if a list has assistants of a payload's name and company, or nothing."""
    count = sum(_match_name(item, *_names(payload)) is _Match.YES for item in listed)
    if not count:
        return ""
    name, company = payload.data["name"], payload.data["company_name"]
    several = "an assistant" if count == 1 else f"{count} assistants"
    return f"Your account already has {several} named {name} of {company}."


def _names(payload: Payload) -> tuple[str, str]:
    return normalized_name(payload.data["name"]), normalized_name(payload.data["company_name"])


def _without_old_nameless(
    possible: list[tuple[_Match, Mapping[str, Any]]], listed: Assistants, receipt: Receipt
) -> list[tuple[_Match, Mapping[str, Any]]]:
    """Drop as many assistants without an id as existed before, since they are indistinguishable."""
    if receipt.known is None:
        return possible
    name, company = receipt.name, receipt.company
    same = [item for item in listed if _match_name(item, name, company) and not ids_of(item)]
    more = max(0, len(same) - receipt.known.without)
    nameless = [(match, item) for match, item in possible if not ids_of(item)]
    return [(match, item) for match, item in possible if ids_of(item)] + nameless[:more]


def _match(
    item: Mapping[str, Any], receipt: Receipt, taken: frozenset[str], now: datetime
) -> _Match:
    """Return whether an assistant can be the one that an attempt created."""
    match, ids = _match_name(item, receipt.name, receipt.company), set(ids_of(item))
    if ids & taken:
        return _Match.NO
    is_newer = _is_newer(item, receipt.sent, now)
    if receipt.known is None:
        return _Match.NO if is_newer is False else match if is_newer else min(match, _Match.MAYBE)
    if ids & receipt.known.ids or (is_newer is False and not ids):
        return _Match.NO
    # One that is new in the list and older by its time: a clock is wrong, here or there.
    return min(match, _Match.MAYBE) if is_newer is False else match


def _match_name(item: Mapping[str, Any], name: str, company: str) -> _Match:
    """Compare with a normalized name and company. Without a company the match is uncertain."""
    item_name, item_company = item.get("name"), item.get("company_name")
    if not isinstance(item_name, str) or normalized_name(item_name) != name:
        return _Match.NO
    if not isinstance(item_company, str) or not item_company.strip():
        return _Match.MAYBE
    return _Match.YES if normalized_name(item_company) == company else _Match.NO


def _is_newer(item: Mapping[str, Any], sent: datetime, now: datetime) -> bool | None:
    """Return whether an assistant was created after the attempt, or None if that is uncertain."""
    created = _created(item)
    if created is None:
        return None
    has_zone = created.tzinfo is not None
    created = created if has_zone else created.replace(tzinfo=UTC)
    if sent - created > (_CLOCKS if has_zone else _ZONES):
        return False
    is_newer = sent.replace(microsecond=0) <= created and created - now <= _CLOCKS
    return True if has_zone and is_newer else None


def _created(item: Mapping[str, Any]) -> datetime | None:
    """Return the creation time: an ISO time, or seconds or milliseconds since the epoch."""
    value = item.get("createdAt") or item.get("created_at")
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if is_number(value):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    return None
