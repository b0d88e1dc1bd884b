"""YAML: reads payloads strictly and reports where each value begins."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from wizard.errors import Unreadable
from wizard.formats.json_text import (
    EMPTY,
    MAX_DEPTH,
    NOT_A_NUMBER,
    TOO_DEEP,
    Json,
    duplicate_key,
    finite_number,
    whole_number,
)
from wizard.formats.paths import Path
from wizard.formats.text import decode, error_at, first_match, shorten

MAX_REPEATED = 1_000_000
"""The most characters that aliases may add to a document."""


class _Event(NamedTuple):
    """An event of ruamel: the start of a document, a node, or the `end` of a container."""

    kind: str
    offset: int
    line: int
    text: str
    plain: bool
    tag: str
    anchor: str


def parse_yaml(
    data: bytes | str,
    name: str,
    places: dict[Path, int] | None = None,
    *,
    any_keys: bool = False,
) -> Json:
    """Read one YAML 1.2 document from UTF-8 `data`; `name` is the file name for errors.

    The value is limited to JSON: keys are texts, and dates are read as texts. The line of each
    path, counted from 1, is stored in `places`. With `any_keys`, a key such as 200 is read as text.
    Raises Unreadable with line and column for anything else, including duplicate keys, tags, merge
    keys and aliases that make the document too large.
    """
    text = decode(data, name)
    try:
        return _Document(text, name, places, any_keys=any_keys).read()
    except RecursionError:
        reason = TOO_DEEP
    raise error_at(name, text, 0, reason)


class _Document:
    """Builds the value of one YAML document from its events."""

    def __init__(
        self, text: str, name: str, places: dict[Path, int] | None, *, any_keys: bool
    ) -> None:
        self._text, self._name, self._places = text, name, places
        self._any_keys = any_keys
        self._events = _events(text, name)
        self._anchors: dict[str, Json] = {}
        self._room = MAX_REPEATED
        self._at: Path = ()

    def read(self) -> Json:
        """Return the value of the one document in the text."""
        if next(self._events, None) is None:
            raise error_at(self._name, self._text, 0, EMPTY)
        value = self._value(next(self._events), 0)
        if second := next(self._events, None):
            raise self._error(second, "a second document begins here; keep only one")
        return value

    def _error(self, event: _Event, reason: str) -> Unreadable:
        return error_at(self._name, self._text, event.offset, reason)

    def _value(self, event: _Event, depth: int) -> Json:
        """Build the node that begins with `event`; `depth` is its nesting."""
        if event.kind == "alias":
            return self._alias(event, depth)
        value = self._scalar(event) if event.kind == "scalar" else self._container(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _scalar(self, event: _Event) -> Json:
        if event.tag not in {"", "!", "!!str"}:
            raise self._error(event, _unknown_tag(event.tag))
        if event.tag or not event.plain:
            return event.text
        try:
            return _plain(event.text)
        except ValueError as error:
            reason = str(error)
        raise self._error(event, reason)

    def _container(self, event: _Event, depth: int) -> Json:
        if self._text.startswith("{{", event.offset):
            raise self._error(event, "this text begins with {{; put the whole text in quotes")
        if depth >= MAX_DEPTH:
            raise self._error(event, TOO_DEEP)
        if event.tag not in {"", "!", "!!seq" if event.kind == "list" else "!!map"}:
            raise self._error(event, _unknown_tag(event.tag))
        if event.kind == "list":
            return [self._member(n, item, depth) for n, item in enumerate(self._inside())]
        members: dict[str, Json] = {}
        for item in self._inside():
            key = self._key(item, depth + 1)
            if key in members:
                raise self._error(item, duplicate_key(key))
            members[key] = self._member(key, next(self._events), depth, item)
        return members

    def _member(
        self, part: str | int, event: _Event, depth: int, key: _Event | None = None
    ) -> Json:
        """Build the member `part` of a container; in an object it begins at its key."""
        if self._places is None:
            return self._value(event, depth + 1)
        above, self._at = self._at, (*self._at, part)
        self._places[self._at] = (key or event).line
        value = self._value(event, depth + 1)
        self._at = above
        return value

    def _inside(self) -> Iterator[_Event]:
        """Yield the events of this container; nested containers consume their own."""
        return takewhile(lambda event: event.kind != "end", self._events)

    def _key(self, event: _Event, depth: int) -> str:
        if event.plain and event.text == "<<":
            raise self._error(event, "merge keys (<<) are not supported; write the keys out")
        if self._any_keys and event.kind == "scalar" and not event.tag:
            return event.text
        key = self._value(event, depth)
        if not isinstance(key, str):
            raise self._error(event, "a key must be text; put it in quotes")
        return key

    def _alias(self, event: _Event, depth: int) -> Json:
        if event.anchor not in self._anchors:
            reason = f"*{shorten(event.anchor)} has no complete anchor before it"
            raise self._error(event, reason)
        return self._copy(self._anchors[event.anchor], event, depth)

    def _copy(self, value: Json, event: _Event, depth: int) -> Json:
        """Copy the value of an alias. The size is limited, as few lines can expand to gigabytes."""
        self._room -= len(value) if isinstance(value, str) else 1
        if self._room < 0:
            raise self._error(event, "aliases make this document too large; write the values out")
        if isinstance(value, list | dict) and depth >= MAX_DEPTH:
            raise self._error(event, TOO_DEEP)
        if isinstance(value, list):
            return [self._copy(item, event, depth + 1) for item in value]
        if isinstance(value, dict):
            return {key: self._copy(item, event, depth + 1) for key, item in value.items()}
        return value


def _unknown_tag(tag: str) -> str:
    return f"the tag {shorten(tag)} is not supported; write the value itself"


_WORDS: dict[str, Json] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_PLAIN = re.compile(
    r"(?P<whole>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<number>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<constant>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)


def _plain(text: str) -> Json:
    """Read unquoted text by YAML 1.2's core schema, in which `no` and dates are texts."""
    if text in _WORDS:
        return _WORDS[text]
    found = _PLAIN.fullmatch(text)
    match found.lastgroup if found else None:
        case "whole":
            return whole_number(text)
        case "octal":
            return whole_number(text, 8)
        case "hex":
            return whole_number(text, 16)
        case "number":
            return finite_number(text)
        case "constant":
            raise ValueError(NOT_A_NUMBER)
        case _:
            return text


def _events(text: str, name: str) -> Iterator[_Event]:
    """Yield the events of a YAML text. Raises Unreadable at a syntax error."""
    # Imported late: it is slow, and JSON does not need it.
    from ruamel.yaml import YAML  # noqa: PLC0415

    hidden = _hidden_breaks(text)
    shown = {ord(replacement): chr(line_break) for line_break, replacement in hidden.items()}
    offset = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text.translate(hidden) if hidden else text):
            offset = event.start_mark.index
            if kind := _KINDS.get(type(event).__name__):
                yield _event(event, kind, shown)
    except Exception as error:  # ruamel raises other errors too
        trouble, offset = _yaml_trouble(error, text, offset)
    else:
        return
    raise error_at(name, text, offset, trouble)


_KINDS = {
    "DocumentStartEvent": "document",
    "AliasEvent": "alias",
    "ScalarEvent": "scalar",
    "SequenceStartEvent": "list",
    "MappingStartEvent": "object",
    "SequenceEndEvent": "end",
    "MappingEndEvent": "end",
}


def _event(event: Any, kind: str, shown: dict[int, str]) -> _Event:
    text = getattr(event, "value", "")
    text = text.translate(shown) if shown else text
    style = getattr(event, "style", None)
    if style == '"' and not text.isascii():
        # Join the surrogate pairs that JSON uses to escape emoji; ruamel keeps them separate.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    tag = (getattr(event, "tag", None) or "").replace("tag:yaml.org,2002:", "!!")
    anchor = getattr(event, "anchor", None) or ""
    start = event.start_mark
    return _Event(kind, start.index, start.line + 1, text, style is None, tag, anchor)


def _hidden_breaks(text: str) -> dict[int, str]:
    """Map YAML 1.1 line breaks, which are ordinary characters in YAML 1.2, to replacements.

    Ruamel would break lines at them. Each replacement is a private-use character that the text
    contains neither directly nor as an escape.
    """
    breaks = [line_break for line_break in "\x85\u2028\u2029" if line_break in text]
    lower = text.lower() if breaks else ""
    unused = (chr(n) for n in range(0xE000, 0xF900) if chr(n) not in text and f"{n:x}" not in lower)
    return {
        ord(line_break): replacement
        for line_break, replacement in zip(breaks, unused, strict=False)
    }


_YAML_HINTS = {
    "mapping values": "a colon too many; put text with a colon in quotes, or fix the indent",
    "could not find expected ':'": "a key without its colon ends before this",
    r"found character '\t'": "this is a tab; indent YAML with spaces",
    "found character": "unquoted text cannot begin with this character; put the text in quotes",
    "found unexpected end": "the text ends before a quote is closed",
    "expected the node content": "a value is missing here",
    "more indented": "the empty lines above this text contain spaces; remove them",
    "found unknown escape": r"this is not an escape; write \\ for a backslash",
    "expected <block end>": "this does not match the line above or its indentation",
    "expected ',' or": "a comma or a closing bracket is missing here",
}


# A value in quotes or brackets at the start of a line, up to its end.
_BEGINS_IN_QUOTES = re.compile(
    r"[ \t-]*(?:[\w.]+:[ \t]+)?(?:\"[^\"]*\"|'[^']*'|\[[^\[\]]*\])[ \t]*\Z"
)


def _line_before(text: str, offset: int) -> tuple[int, int]:
    """Return the start of an offset's line, and the offset."""
    return text.rfind("\n", 0, offset) + 1, offset


def _yaml_trouble(error: Exception, text: str, offset: int) -> tuple[str, int]:
    """Return the reason and offset of ruamel's error; `offset` is the last valid position."""
    if hasattr(error, "character"):
        code = f"U+{error.character:04X}"
        reason = f"the character {code} is not allowed in YAML; write it as an escape in quotes"
        return reason, int(getattr(error, "position", offset))
    problem = getattr(error, "problem", None) or getattr(error, "context", None)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if isinstance(error, RecursionError):
        reason = TOO_DEEP
    elif problem and mark and _BEGINS_IN_QUOTES.match(text, *_line_before(text, mark.index)):
        reason = "text continues after quotes or brackets; put the whole text in quotes"
    elif problem:
        reason = first_match(_YAML_HINTS, problem) or f"this is not YAML: {shorten(problem)}"
    else:
        reason = "an escape or a directive after this is invalid; fix or remove it"
    return reason, mark.index if mark else offset
