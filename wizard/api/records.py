"""Assistants as QCall returns them: each with its text, so that it can be put back unchanged."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from wizard.api.outcomes import plain
from wizard.api.responses import is_record
from wizard.contract.masking import MASK, SECRET, has_secret
from wizard.contract.openapi_facts import required_names
from wizard.errors import Unreadable
from wizard.formats import paths
from wizard.formats.json_members import Node, replaced
from wizard.formats.json_text import kind, parse_json
from wizard.formats.paths import MISSING

IS_LISTED: Final = (
    "The server does not return this assistant by itself, so it was read from the list of your "
    "assistants."
)
# What the server counts itself: it differs after every update.
_COUNTED: Final = re.compile(r"__v|(?:last_?)?(?:updated|modified)_?(?:at|on|by)", re.IGNORECASE)
_CHANGED: Final = ("updatedAt", "updated_at", "lastUpdated", "modifiedAt", "modified_at")


@dataclass(frozen=True)
class Record:
    """One assistant, as the server wrote it in `text`.

    `flaw` is a clause that says why it cannot be updated; it can still be shown and copied.
    `is_listed`: it is out of the list, because the server does not return it by itself.
    """

    text: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    flaw: str = ""
    is_listed: bool = False

    @classmethod
    def of(cls, text: str) -> "Record":
        """Return the record in a text. Raises ValueError if it holds no JSON object."""
        try:
            node = Node.of(text)
        except (ValueError, RecursionError):
            raise ValueError("it is not JSON") from None
        if isinstance(node.value, dict):
            return _record(node)
        raise ValueError(f"it is {kind(node.value)}, not an object")

    def as_listed(self, alone: "Record | None") -> "Record":
        """Return the record as one out of the list, which may have less of each assistant.

        An update wipes what its body lacks, so it has a flaw without a required member, or without
        one of what the server returned for it `alone`.
        """
        names = dict.fromkeys((*required_names(), *(alone.data if alone else ())))
        lacking = [name for name in names if name not in self.data]
        lacks = ", ".join(lacking[:3]) + (" and more" if len(lacking) > 3 else "")
        flaw = f"the server has it only in its list, there without {lacks}" if lacking else ""
        return replace(self, flaw=self.flaw or flaw, is_listed=True)

    @property
    def id(self) -> str:
        """The id of updates: `hash_id`, or else `id`; empty if it has neither."""
        return next(iter(self.ids), "")

    @property
    def ids(self) -> list[str]:
        """Both ids, as far as it has them."""
        values = (self.data.get(name) for name in ("hash_id", "id"))
        found = (str(v) for v in values if isinstance(v, str | int) and not isinstance(v, bool))
        return [each for each in found if each.strip()]

    @property
    def name(self) -> str:
        """The name for lists, `unnamed` without one."""
        return self.shown("name") or "unnamed"

    @property
    def changed(self) -> str:
        """When it was changed, as the server writes it; empty if it does not say."""
        return next(filter(None, map(self.shown, _CHANGED)), "")

    def shown(self, name: str) -> str:
        """Return a member as text on one line; empty if it is missing."""
        value = self.data.get(name)
        if value is None or isinstance(value, bool | list | dict):
            return ""
        return " ".join(plain(str(value)).split())[:200]

    @property
    def warning(self) -> str:
        """A sentence that it cannot be updated; empty if it can."""
        return f"It cannot be updated: {self.flaw}. It can be copied." if self.flaw else ""

    @cached_property
    def masked_text(self) -> str:
        """The text with the widget's key masked."""
        return masked_text(self.text)


def masked_text(text: str) -> str:
    """Return the text of a record with the widget's key masked, and nothing else changed."""
    node = Node.of(text)
    return replaced(node, SECRET, json.dumps(MASK)) if has_secret(node.value) else text


def unmasked_text(text: str, current: Mapping[str, Any]) -> str:
    """Return a text with the widget's key of `current` where it is masked."""
    node = Node.of(text)
    if paths.get(node.value, SECRET) != MASK:
        return text
    key = paths.get(current, SECRET)
    # Without a key the mask becomes an empty text, because a mask must not be sent.
    return replaced(node, SECRET, json.dumps("" if key is MISSING else key))


def without_counted(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without the members that the server counts itself."""
    return {name: value for name, value in data.items() if not is_counted(name)}


def is_counted(name: str) -> bool:
    """Whether the server counts a member itself, such as the time of the last change."""
    return bool(_COUNTED.fullmatch(name))


def _record(node: Node) -> Record:
    data: dict[str, Any] = node.value
    record = Record(node.raw, data)
    flaw = _flaw(node) or ("" if record.ids else "it has no id")
    return Record(node.raw, data, flaw)


def _flaw(node: Node) -> str:
    """Return why a record cannot be rewritten without a loss: it is ambiguous, or not JSON."""
    try:
        parse_json(node.raw, "")
    except Unreadable as error:
        return error.reason
    return ""


class Listing(NamedTuple):
    """The records of a list in its order, and a clause for each item that is none."""

    records: tuple[Record, ...]
    unread: tuple[str, ...] = ()

    @property
    def repeated(self) -> frozenset[str]:
        """The ids that more than one record has."""
        seen: set[str] = set()
        twice: set[str] = set()
        for record in self.records:
            for each in set(record.ids):
                (twice if each in seen else seen).add(each)
        return frozenset(twice)

    @property
    def unread_words(self) -> str:
        """A sentence about the items that are not records; empty if all are."""
        if not self.unread:
            return ""
        count = len(self.unread)
        items = "1 item" if count == 1 else f"{count:,} items"
        first, more = "; ".join(self.unread[:3]), count - 3
        rest = f"; and {more:,} more" if more > 0 else ""
        return f"{items} of the list could not be read as an assistant: {first}{rest}."


def listing_in(node: Node, names: Collection[str]) -> Listing | None:
    """Return the records of an answer: a bare list, or one in the envelope; None without one."""
    found = _list_in(node, names)
    if found is None:
        return None
    records, unread = [], []
    for number, item in enumerate(found.items, 1):
        if isinstance(item.value, dict):
            records.append(_record(item))
        else:
            unread.append(f"number {number:,} is {kind(item.value)}")
    return Listing(tuple(records), tuple(unread))


def record_in(node: Node) -> Record | None:
    """Return the record of an answer: bare, in the envelope, or the only one of a list."""
    inner = node.member("data") if isinstance(node.value, dict) else None
    if is_record(node.value):
        inner = None  # it has a member of this name
    found = inner or node
    if isinstance(found.value, dict) and (named := found.member("assistant")):
        found = named if isinstance(named.value, dict) else found
    if isinstance(found.value, list) and len(found.items) == 1:
        found = found.items[0]
    return _record(found) if isinstance(found.value, dict) and found.value else None


def _list_in(node: Node, names: Collection[str]) -> Node | None:
    """Return the list of an answer: bare, in `data`, under one of `names`, or the only list."""
    if isinstance(node.value, dict):
        node = node.member("data") or node
    if isinstance(node.value, dict):
        named = next((member for name in names if (member := node.member(name))), None)
        lists = [member.node for member in node.members if isinstance(member.node.value, list)]
        node = named or (lists[0] if len(lists) == 1 and "name" not in node.value else node)
    return node if isinstance(node.value, list) else None
