"""The parts of a JSON text as they are written: number forms, escapes, order and white space."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import pairwise
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def _whole(digits: str) -> int | str:
    """Read a whole number; one with more digits than Python reads stays a text."""
    try:
        return int(digits)
    except ValueError:
        return digits


class Exact(float):
    """A number with more digits than a float holds; equal only to what is written the same."""

    def __new__(cls, written: str | float) -> "Exact":
        """Read a number."""
        made = super().__new__(cls, written)
        made.decimal = Decimal(str(written))
        return made

    decimal: Decimal

    def __eq__(self, other: object) -> bool:
        """Compare all the digits."""
        if isinstance(other, Exact):
            return self.decimal == other.decimal
        return isinstance(other, int | float) and self.decimal == Decimal(str(other))

    def __ne__(self, other: object) -> bool:
        """Compare all the digits; a float has a comparison of its own."""
        return not self == other

    def __hash__(self) -> int:
        """Agree with the comparison."""
        return hash(self.decimal)


def _real(written: str) -> float | str:
    """Read a number with a fraction or an exponent; one that is too large stays a text."""
    value = float(written)
    if math.isinf(value):
        return written
    try:
        is_held = Decimal(repr(value)) == Decimal(written)
    except InvalidOperation:  # an exponent that not even a Decimal holds
        is_held = True
    return value if is_held else Exact(written)


# NaN and Infinity are not JSON: they stay texts, too.
_DECODER: Final = json.JSONDecoder(parse_int=_whole, parse_float=_real, parse_constant=str)


@dataclass(frozen=True)
class Node:
    """A value in a JSON text, from `start` to `end`."""

    text: str
    start: int
    end: int

    @classmethod
    def of(cls, text: str) -> "Node":
        """Return the value of a whole text. Raises ValueError and RecursionError."""
        start = _skip(text, 0)
        node = cls._at(text, start)
        if _skip(text, node.end) != len(text):
            raise ValueError("there is more than one value")
        return node

    @classmethod
    def _at(cls, text: str, start: int) -> "Node":
        value, end = _DECODER.raw_decode(text, start)
        node = cls(text, start, end)
        node.__dict__["value"] = value  # the cached property
        return node

    @cached_property
    def value(self) -> Any:
        """The value; of a duplicate name the last member counts."""
        return _DECODER.raw_decode(self.text, self.start)[0]

    @property
    def raw(self) -> str:
        """The value as it is written."""
        return self.text[self.start : self.end]

    @cached_property
    def members(self) -> "tuple[Member, ...]":
        """The members of an object in their order; empty for anything else."""
        return tuple(self._members()) if isinstance(self.value, dict) else ()

    def member(self, name: str) -> "Node | None":
        """Return the value of a member, the last one of that name."""
        return next((m.node for m in reversed(self.members) if m.name == name), None)

    @cached_property
    def items(self) -> "tuple[Node, ...]":
        """The items of a list; empty for anything else."""
        return tuple(self._items()) if isinstance(self.value, list) else ()

    def _members(self) -> "Iterator[Member]":
        at = _skip(self.text, self.start + 1)
        while self.text[at] != "}":
            name, end = scanstring(self.text, at + 1, True)
            node = self._at(self.text, _skip(self.text, _skip(self.text, end) + 1))
            yield Member(name, at, node)
            at = _skip(self.text, node.end)
            if self.text[at] == ",":
                at = _skip(self.text, at + 1)

    def _items(self) -> "Iterator[Node]":
        at = _skip(self.text, self.start + 1)
        while self.text[at] != "]":
            node = self._at(self.text, at)
            yield node
            at = _skip(self.text, node.end)
            if self.text[at] == ",":
                at = _skip(self.text, at + 1)


@dataclass(frozen=True)
class Member:
    """A member of an object: its name, the place where the name begins, and its value."""

    name: str
    start: int
    node: Node

    @property
    def key(self) -> str:
        """The name with everything up to the value, as it is written."""
        return self.node.text[self.start : self.node.start]


def joined_members(whole: Node, kept: "dict[int, str]", added: dict[str, str]) -> str:
    """Return an object with the values of `kept`, by the number of their member, and more members.

    Members that `kept` does not name are left out. White space and separators stay.
    """
    members, text = whole.members, whole.text
    if not members:
        inner = ", ".join(f"{json.dumps(name)}: {raw}" for name, raw in added.items())
        return f"{{{inner}}}"
    parts = [text[whole.start : members[0].start]]
    for number, raw in kept.items():
        if len(parts) > 1:
            parts.append(_separator(members, number))
        parts.append(members[number].key + raw)
    for name, raw in added.items():
        if len(parts) > 1:
            parts.append(_separator(members, len(members) - 1))
        parts.append(_key_like(members[-1], name) + raw)
    return "".join([*parts, text[members[-1].node.end : whole.end]])


def joined_items(whole: Node, raws: list[str]) -> str:
    """Return a list with these items, with the separators of the one that is there."""
    items, text = whole.items, whole.text
    if not items or not raws:
        return f"[{', '.join(raws)}]"
    between = [text[a.end : b.start] for a, b in pairwise(items)] or [", "]
    separators = [*between[: len(raws) - 1], *between[-1:] * max(0, len(raws) - 1 - len(between))]
    parts = [text[whole.start : items[0].start], raws[0]]
    for separator, raw in zip(separators, raws[1:], strict=True):
        parts += [separator, raw]
    return "".join([*parts, text[items[-1].end : whole.end]])


def replaced(node: Node, path: tuple[str | int, ...], raw: str) -> str:
    """Return the text of a value with the value at a path replaced; unchanged without one."""
    if not path:
        return raw
    inner = {number: member.node.raw for number, member in enumerate(node.members)}
    for number, member in enumerate(node.members):
        if member.name == path[0]:
            inner[number] = replaced(member.node, path[1:], raw)
    return joined_members(node, inner, {}) if inner else node.raw


def _separator(members: tuple[Member, ...], number: int) -> str:
    """Return the text between a member and the one before it."""
    if len(members) == 1:
        return ", "
    number = max(number, 1)
    return members[number].node.text[members[number - 1].node.end : members[number].start]


def _key_like(member: Member, name: str) -> str:
    """Return a name with the colon and the white space of another member."""
    written = member.key
    end = written.rindex('"') + 1
    return json.dumps(name) + written[end:]


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
