"""Reads a long JSON answer piece by piece, so that whatever else there is to do goes on meanwhile.

`json.loads` lets no other thread work before it has read all: half a second for 100,000 voices, in
which no key is answered. Here only what stands in a list is left to it, one item after the other.
"""

import codecs
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final, TypeAlias

from wizard.outcomes import NOT_JSON, members, refuse_constant

# So many bytes are made text at once.
_PIECE: Final = 65_536
# Objects within objects that are read member by member: the envelope and the data in it.
_ENVELOPES: Final = 2
# What may follow the part of a number that is in so far.
_GOES_ON: Final = (".", "e", "E", "")

_blanks = re.compile(r"[ \t\n\r]*").match
_decode = json.JSONDecoder(parse_constant=refuse_constant, object_pairs_hook=members).raw_decode

Make: TypeAlias = Callable[[dict[str, Any], str], object]
"""Makes what is kept of an object in a list, from the object and the text that it was read from."""


def as_it_is(item: dict[str, Any], _: str) -> dict[str, Any]:
    """Keep the object itself."""
    return item


def parse(chunks: deque[bytes], make: Make = as_it_is) -> Any:
    """Return the JSON value of an answer, or `NOT_JSON`, as `outcomes.parse` does.

    The chunks are let go of as they are read; who takes them away ends the reading.
    """
    try:
        return _Reading(_texts(chunks), make).whole()
    except (ValueError, RecursionError):
        return NOT_JSON


def _texts(chunks: deque[bytes]) -> Iterator[str]:
    """Yield the answer's text, in whichever encoding `json.loads` would take it for."""
    pieces, head = _pieces(chunks), b""
    for piece in pieces:
        head += piece
        if len(head) >= 4:
            break
    decoder = codecs.getincrementaldecoder(json.detect_encoding(head))("surrogatepass")
    yield decoder.decode(head)
    yield from map(decoder.decode, pieces)
    yield decoder.decode(b"", final=True)


def _pieces(chunks: deque[bytes]) -> Iterator[bytes]:
    # Until none is left, also where another thread takes them.
    with suppress(IndexError):
        while True:
            chunk = chunks.popleft()
            yield from (chunk[at : at + _PIECE] for at in range(0, len(chunk), _PIECE))


class _Reading:
    """A JSON text of which only the part that is being read is in; errors are ValueErrors."""

    def __init__(self, texts: Iterator[str], make: Make) -> None:
        self._texts, self._make = texts, make
        self._text, self._at = "", 0

    def whole(self) -> Any:
        """Read the value that the text is."""
        value = self._value(0)
        if self._next():
            raise ValueError("there is more behind the value")
        return value

    def _value(self, depth: int) -> Any:
        match self._next():
            case "{" if depth < _ENVELOPES:
                return self._object(depth)
            case "[":
                return self._list()
            case _:
                return self._scan()[0]

    def _object(self, depth: int) -> Any:
        pairs: list[tuple[str, Any]] = []
        if self._is_empty("}"):
            return {}
        while True:
            if self._next() != '"':
                raise ValueError("a name has to stand here")
            name = self._scan()[0]
            self._ends_with(":", ":")
            pairs.append((name, self._value(depth + 1)))
            if self._ends_with("}", ","):
                return members(pairs)

    def _list(self) -> list[Any]:
        items: list[Any] = []
        if self._is_empty("]"):
            return items
        while True:
            self._next()
            item, text = self._scan()
            items.append(self._make(item, text) if isinstance(item, dict) else item)
            if self._ends_with("]", ","):
                return items

    def _is_empty(self, bracket: str) -> bool:
        """Step into an object or a list; tell whether it closes at once, and then out again."""
        self._at += 1
        is_empty = self._next() == bracket
        self._at += is_empty
        return is_empty

    def _ends_with(self, bracket: str, between: str) -> bool:
        """Step over what stands behind a value; tell whether it was the bracket."""
        mark = self._next()
        if mark not in (bracket, between):
            raise ValueError(f"{bracket} or {between} has to stand here")
        self._at += 1
        return mark == bracket

    def _next(self) -> str:
        """Go to the next character that is not blank, and return it; nothing at the end."""
        while True:
            found = _blanks(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._has_more():
                return self._text[self._at : self._at + 1]

    def _scan(self) -> tuple[Any, str]:
        """Read a value at once, again with more of the text where that could be its end or not."""
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except ValueError:
                if self._has_more():
                    continue
                raise
            if self._text[end : end + 1] in _GOES_ON and self._has_more():
                continue
            text, self._at = self._text[self._at : end], end
            return value, text

    def _has_more(self) -> bool:
        """Take in more than is left, so that a long value is not tried too often."""
        left = self._text[self._at :]
        parts, length = [left], 0
        for text in self._texts:
            parts.append(text)
            length += len(text)
            if length > len(left):
                break
        self._text, self._at = "".join(parts), 0
        return length > 0
