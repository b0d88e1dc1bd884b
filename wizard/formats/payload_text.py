"""Payloads as text: JSON, YAML and JSON Lines read strictly, and JSON written in one way."""

import codecs
import json
import math
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import accumulate, count, takewhile
from typing import Any, BinaryIO, NamedTuple, NoReturn, TypeAlias, TypeVar, overload

from wizard.errors import Unreadable
from wizard.formats.paths import Path

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

MAX_DEPTH = 100
"""How many lists and objects may stand inside one another."""

MAX_BYTES = 64 * 1024 * 1024
"""The most that is read of a file, of standard input, or of one line of a JSON Lines file."""

MAX_REPEATED = 1_000_000
"""The most text, in characters, that the aliases of a YAML document may add to it."""

STANDARD_INPUT = "standard input"

_TOO_DEEP = f"lists and objects stand more than {MAX_DEPTH} deep inside one another; flatten them"
_TOO_LONG = "this number has more digits than can be read; shorten it, or put it in quotes as text"
_TOO_LARGE = "this number is too large to be read; write a smaller one"
_NOT_A_NUMBER = "NaN and Infinity are not numbers a payload can hold; write a number or null"
_EMPTY = "there is no payload in it; fill in at least an object, { }"


# Text


def normal_newlines(text: str) -> str:
    r"""Return `text` with every line end, `\r\n` and lone `\r` too, as `\n`; the rest is kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(name: str, text: str, offset: int, reason: str) -> Unreadable:
    """The error at a character of `text`, its place told in lines and columns."""
    before = normal_newlines(text[:offset])
    return Unreadable(name, reason, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _text(data: bytes | str, name: str) -> str:
    """Decode UTF-8, without the byte order mark that some editors put in front."""
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        start = error.start
    refuse_utf_16(data, name)
    before = data[:start].decode().removeprefix("\ufeff")
    reason = f"the byte 0x{data[start]:02X} is not UTF-8; save the text as UTF-8"
    raise _unreadable(name, before, len(before), reason)


def refuse_utf_16(data: bytes, name: str) -> None:
    """Raise Unreadable for a text that begins with the byte order mark of UTF-16 or UTF-32."""
    for code, marks in _WIDE.items():
        if data.startswith(marks):
            raise Unreadable(name, f"this is {code} text; save it as UTF-8", 1, 1)


_WIDE = {
    "UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}


# JSON


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a duplicate key")
    return made


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(_TOO_LARGE)
    return number


def _constant(_: str) -> NoReturn:
    raise ValueError(_NOT_A_NUMBER)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_constant
)


def parse_json(data: bytes | str, name: str) -> Json:
    """Read one JSON value from UTF-8 `data`; `name` is what the file is called in errors.

    Raises Unreadable, with line and column, for anything but a single strict JSON value without
    duplicate keys. Lone surrogates pass: whoever judges the payload tells them at their path.
    """
    text = _text(data, name)
    try:
        _check_depth(text)
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        offset, reason = _syntax_error(text, error)
    except (ValueError, RecursionError):
        offset, reason = _offence(text)
    else:
        return value
    raise _unreadable(name, text, offset, reason)


_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+'
_NO_BRACKETS = re.compile(rf'{_STRING}"?|[^\[\]{{}}"]++', re.DOTALL)
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def _check_depth(text: str) -> None:
    """Raise RecursionError for too deep a nesting, before the decoder runs into it."""
    # Scripts are full of {{variables}}; outside of a text, two braces running are no JSON anyway.
    if text.count("[") + text.count("{") - 2 * text.count("{{") < MAX_DEPTH:
        return
    brackets = _NO_BRACKETS.sub("", text)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise RecursionError


_SPACE = " \t\r\n"
_TRAILING_COMMA = re.compile(r",[ \t\r\n]*[\]}]")

_SYNTAX = {
    "Extra data": "the payload has ended before this; remove what follows it",
    "Unterminated string": "this text is not closed; end it with a double quote",
    r"Invalid \u": r"\u wants four hexadecimal digits, as in \u00e9",
    "Invalid \\": r"this backslash begins no escape that JSON has; write \\ for a backslash",
    "Expecting ':'": "a colon is missing here, between a key and its value",
    "Expecting ','": "a comma is missing here, or a quote inside a text lacks its backslash",
    "Expecting property": "a key in double quotes belongs here",
    "Expecting value": "this is no JSON value; text goes in double quotes",
}
_SLIPS = {
    "'": "JSON takes double quotes, not single ones",
    "//": "JSON has no comments; remove this one",
    "/*": "JSON has no comments; remove this one",
    "#": "JSON has no comments; remove this one",
    "True": "JSON writes true in small letters",
    "False": "JSON writes false in small letters",
    "None": "JSON writes null for nothing",
}


def named(sign: str) -> str:
    """A sign with its name, as in: the sign “ (U+201C, left double quotation mark)."""
    name = unicodedata.name(sign, "without a name").lower()
    shown = f" {sign}" if sign.isprintable() and not sign.isspace() else ""
    return f"the sign{shown} (U+{ord(sign):04X}, {name})"


# Curly and other quotes that are taken for the plain one.
_LIKE_A_QUOTE = "\u201c\u201d\u201e\u201f\u2033\uff02\u00ab\u00bb"
_CLOSED_BY_IT = re.compile(rf"[{_LIKE_A_QUOTE}](?=[ \t]*(?:[:,}}\]]|$))", re.MULTILINE)


def _sign_before(text: str, offset: int) -> int | None:
    """Where a text in quotes, the last one before a place, has a sign in place of its end."""
    line = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    found = _CLOSED_BY_IT.search(text, line, len(text) if end < 0 else end)
    return found.start() if found else None


def _syntax_error(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Where the text stops being JSON, and what to do about it."""
    end = len(text.rstrip(_SPACE))
    if not text.strip():
        return 0, _EMPTY
    if error.pos >= end:
        return end, "the text ends too early; it may have been cut off"
    # Python 3.13 points at a trailing comma and calls it so, older ones at the bracket after it.
    comma = text.rfind(",", 0, error.pos + error.msg.startswith("Illegal"))
    trailing = _TRAILING_COMMA.match(text, comma) if comma >= 0 else None
    if trailing and trailing.end() > error.pos:
        return comma, "a comma before a closing bracket; remove it"
    sign = _sign_before(text, error.pos) if text[error.pos].isascii() else None
    if sign is not None:
        return sign, f"{named(text[sign])} does not end a text; type a plain double quote"
    return error.pos, _syntax_reason(error.msg, text[error.pos : error.pos + 10])


def _syntax_reason(message: str, here: str) -> str:
    if message.startswith("Invalid control"):
        return _control_reason(here[0])
    slipped = message.startswith(("Expecting v", "Expecting p")) or here.startswith(("//", "/*"))
    slip = _told(_SLIPS, here) if slipped else None
    reason = slip or _told(_SYNTAX, message) or f"this is not JSON: {message}"
    return reason if here[0].isascii() else f"{reason}, not {named(here[0])}"


def _told(reasons: dict[str, str], text: str) -> str | None:
    return next((reason for start, reason in reasons.items() if text.startswith(start)), None)


def _control_reason(character: str) -> str:
    if character in "\r\n":
        return r"a text may not run over the end of a line; close it, or write \n for a new line"
    code = ord(character)
    return f"the control character U+{code:04X} may not stand in a text; write it as \\u{code:04x}"


_TOKEN = re.compile(
    rf"""(?P<text>{_STRING}"?)(?P<colon>[ \t\r\n]*+:)?"""
    r"|(?P<constant>-?(?:NaN|Infinity))"
    r"|(?P<number>-?[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)"
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)


def _offence(text: str) -> tuple[int, str]:
    """Where the first thing stands that is JSON and yet refused; the decoder does not tell."""
    keys: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        if token["open"]:
            keys.append(set())
        elif token["close"]:
            del keys[-1:]
        if reason := _token_reason(token, keys):
            return token.start(), reason
    return 0, _TOO_DEEP


def _token_reason(token: re.Match[str], keys: list[set[str]]) -> str | None:
    """What is wrong with a token, if anything; `keys` are those of each object around it."""
    if token["open"] and len(keys) > MAX_DEPTH:
        return _TOO_DEEP
    if token["constant"]:
        return _NOT_A_NUMBER
    if token["number"]:
        return _number_reason(token["number"])
    if token["colon"] and keys:
        return _key_reason(token["text"], keys[-1])
    return None


def _key_reason(token: str, keys: set[str]) -> str | None:
    key = token[1:-1]
    with suppress(ValueError):  # a broken escape is no concern here
        key = str(_DECODER.decode(token))
    if key in keys:
        return _duplicate(key)
    keys.add(key)
    return None


def _duplicate(key: str) -> str:
    return f"the key {dump(_short(key))} stands here a second time; keep one of the two"


def _short(text: str) -> str:
    """Keep a sentence short that quotes what somebody wrote."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _number_reason(digits: str) -> str | None:
    try:
        read: Callable[[str], float] = _whole if digits.lstrip("-").isdigit() else _finite
        read(digits)
    except ValueError as error:
        return str(error)
    return None


def _whole(digits: str, base: int = 10) -> int:
    """Read a whole number that can also be written again, in decimal digits."""
    try:
        number = int(digits, base)
        str(number)
    except ValueError:
        raise ValueError(_TOO_LONG) from None
    return number


# YAML


class _Event(NamedTuple):
    """What ruamel met in the text: the start of a document, a node, or the `end` of one."""

    kind: str
    offset: int
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
    """Read one YAML 1.2 document from UTF-8 `data`; `name` is what the file is called in errors.

    Only what JSON can hold is taken: keys are texts, and a date is the text that was written.
    `places` is filled with the line, from 1, at which each path of the value begins. With
    `any_keys` a key such as 200 is taken as the text that was written.
    Raises Unreadable, with line and column, for everything else, duplicate keys, tags, merge keys
    and aliases that swell the document among it.
    """
    text = _text(data, name)
    try:
        return _Document(text, name, places, any_keys=any_keys).read()
    except RecursionError:
        reason = _TOO_DEEP
    raise _unreadable(name, text, 0, reason)


class _Document:
    """One YAML document, built from its events, each of which knows its place."""

    def __init__(
        self, text: str, name: str, places: dict[Path, int] | None, *, any_keys: bool = False
    ) -> None:
        self._text, self._name, self._places = text, name, places
        self._any_keys = any_keys
        self._events = _events(text, name)
        self._anchors: dict[str, Json] = {}
        self._room = MAX_REPEATED
        self._at: Path = ()
        self._line, self._counted = 1, 0

    def read(self) -> Json:
        """Return the value of the one document in the text."""
        if next(self._events, None) is None:
            raise _unreadable(self._name, self._text, 0, _EMPTY)
        value = self._value(next(self._events), 0)
        if second := next(self._events, None):
            raise self._refusal(second, "a second document begins here; keep one in a file")
        return value

    def _refusal(self, event: _Event, reason: str) -> Unreadable:
        return _unreadable(self._name, self._text, event.offset, reason)

    def _value(self, event: _Event, depth: int) -> Json:
        """Build the node that begins with `event`, inside `depth` lists and objects."""
        if event.kind == "alias":
            return self._alias(event, depth)
        value = self._scalar(event) if event.kind == "scalar" else self._container(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _scalar(self, event: _Event) -> Json:
        if event.tag not in {"", "!", "!!str"}:
            raise self._refusal(event, _unknown_tag(event.tag))
        if event.tag or not event.plain:
            return event.text
        try:
            return _plain(event.text)
        except ValueError as error:
            reason = str(error)
        raise self._refusal(event, reason)

    def _container(self, event: _Event, depth: int) -> Json:
        if self._text.startswith("{{", event.offset):
            raise self._refusal(event, "this text begins with {{: put the whole text in quotes")
        if depth >= MAX_DEPTH:
            raise self._refusal(event, _TOO_DEEP)
        if event.tag not in {"", "!", "!!seq" if event.kind == "list" else "!!map"}:
            raise self._refusal(event, _unknown_tag(event.tag))
        if event.kind == "list":
            return [self._member(n, item, depth) for n, item in enumerate(self._inside())]
        made: dict[str, Json] = {}
        for item in self._inside():
            key = self._key(item, depth + 1)
            if key in made:
                raise self._refusal(item, _duplicate(key))
            made[key] = self._member(key, next(self._events), depth, item)
        return made

    def _member(
        self, part: str | int, event: _Event, depth: int, key: _Event | None = None
    ) -> Json:
        """Build what stands under `part` in a container; in an object it begins with its key."""
        if self._places is None:
            return self._value(event, depth + 1)
        above, self._at = self._at, (*self._at, part)
        self._places[self._at] = self._line_of((key or event).offset)
        value = self._value(event, depth + 1)
        self._at = above
        return value

    def _line_of(self, offset: int) -> int:
        """The line of an offset, from 1; what comes later in the text is asked for later."""
        self._line += self._text.count("\n", self._counted, offset)
        self._counted = offset
        return self._line

    def _inside(self) -> Iterator[_Event]:
        """The events up to the end of this container; what is nested takes its own."""
        return takewhile(lambda event: event.kind != "end", self._events)

    def _key(self, event: _Event, depth: int) -> str:
        if event.plain and event.text == "<<":
            raise self._refusal(event, "merge keys (<<) are not read; write the keys out")
        if self._any_keys and event.kind == "scalar" and not event.tag:
            return event.text
        key = self._value(event, depth)
        if not isinstance(key, str):
            raise self._refusal(event, "a key is a text; put this one in quotes")
        return key

    def _alias(self, event: _Event, depth: int) -> Json:
        if event.anchor not in self._anchors:
            reason = f"*{_short(event.anchor)} stands for nothing that is finished before it"
            raise self._refusal(event, reason)
        return self._copy(self._anchors[event.anchor], event, depth)

    def _copy(self, value: Json, event: _Event, depth: int) -> Json:
        """Copy what an alias stands for, while there is room: a few lines can mean gigabytes."""
        self._room -= len(value) if isinstance(value, str) else 1
        if self._room < 0:
            raise self._refusal(event, "aliases swell this document too far; write the values out")
        if isinstance(value, list | dict) and depth >= MAX_DEPTH:
            raise self._refusal(event, _TOO_DEEP)
        if isinstance(value, list):
            return [self._copy(item, event, depth + 1) for item in value]
        if isinstance(value, dict):
            return {key: self._copy(item, event, depth + 1) for key, item in value.items()}
        return value


def _unknown_tag(tag: str) -> str:
    return f"the tag {_short(tag)} is not read; write the value itself"


_WORDS: dict[str, Json] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_PLAIN = re.compile(
    r"(?P<whole>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<number>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<constant>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)


def _plain(text: str) -> Json:
    """What unquoted text means in YAML 1.2's core schema: `no` and dates are texts there."""
    if text in _WORDS:
        return _WORDS[text]
    found = _PLAIN.fullmatch(text)
    match found.lastgroup if found else None:
        case "whole":
            return _whole(text)
        case "octal":
            return _whole(text, 8)
        case "hex":
            return _whole(text, 16)
        case "number":
            return _finite(text)
        case "constant":
            raise ValueError(_NOT_A_NUMBER)
        case _:
            return text


def _events(text: str, name: str) -> Iterator[_Event]:
    """Yield the events of a YAML text; raise Unreadable where it stops being YAML."""
    # Imported late: it is slow to load, and JSON needs none of it.
    from ruamel.yaml import YAML  # noqa: PLC0415

    hidden = _hidden_breaks(text)
    shown = {ord(stand_in): chr(line_break) for line_break, stand_in in hidden.items()}
    offset = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text.translate(hidden) if hidden else text):
            offset = event.start_mark.index
            if kind := _KINDS.get(type(event).__name__):
                yield _event(event, kind, shown)
    except Exception as error:  # ruamel meets some broken texts with a bare ValueError, and worse
        trouble, offset = _yaml_trouble(error, text, offset)
    else:
        return
    raise _unreadable(name, text, offset, trouble)


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
        # JSON, which is YAML too, writes an emoji as two escapes; ruamel leaves them apart.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    tag = (getattr(event, "tag", None) or "").replace("tag:yaml.org,2002:", "!!")
    anchor = getattr(event, "anchor", None) or ""
    return _Event(kind, event.start_mark.index, text, style is None, tag, anchor)


def _hidden_breaks(text: str) -> dict[int, str]:
    """Stand-ins for the line breaks of YAML 1.1 that YAML 1.2 made ordinary characters.

    Ruamel breaks lines at them all the same. A stand-in is a character of private use which the
    text neither holds nor names in an escape.
    """
    breaks = [line_break for line_break in "\x85\u2028\u2029" if line_break in text]
    lower = text.lower() if breaks else ""
    spare = (chr(n) for n in range(0xE000, 0xF900) if chr(n) not in text and f"{n:x}" not in lower)
    return {ord(line_break): stand_in for line_break, stand_in in zip(breaks, spare, strict=False)}


_YAML_HINTS = {
    "mapping values": "a colon too many; put text that holds one in quotes, or mend the indent",
    "could not find expected ':'": "a key without its colon ends before this",
    r"found character '\t'": "a tab stands here; YAML is indented with spaces",
    "found character": "no plain text begins with this character; put the text in quotes",
    "found unexpected end": "the text ends before a quote is closed",
    "expected the node content": "a value belongs here",
    "more indented": "the empty lines above this text hold spaces; remove those",
    "found unknown escape": r"this backslash begins no escape; write \\ for a backslash",
    "expected <block end>": "this fits neither the line above nor its indentation",
    "expected ',' or": "a comma or a closing bracket is missing here",
}


# A value that begins with a quote or a bracket, up to a place behind it.
_BEGINS_IN_QUOTES = re.compile(
    r"[ \t-]*(?:[\w.]+:[ \t]+)?(?:\"[^\"]*\"|'[^']*'|\[[^\[\]]*\])[ \t]*\Z"
)


def _line_before(text: str, offset: int) -> tuple[int, int]:
    """From where to where the line of a place goes, up to that place."""
    return text.rfind("\n", 0, offset) + 1, offset


def _yaml_trouble(error: Exception, text: str, offset: int) -> tuple[str, int]:
    """Say what ruamel's error means and where; `offset` is the last place that was good."""
    if hasattr(error, "character"):
        code = f"U+{error.character:04X}"
        reason = f"the character {code} may not stand in YAML; write it as an escape in quotes"
        return reason, int(getattr(error, "position", offset))
    problem = getattr(error, "problem", None) or getattr(error, "context", None)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if isinstance(error, RecursionError):
        reason = _TOO_DEEP
    elif problem and mark and _BEGINS_IN_QUOTES.match(text, *_line_before(text, mark.index)):
        reason = "text goes on after quotes or brackets: put the whole text in quotes"
    elif problem:
        reason = _told(_YAML_HINTS, problem) or f"this is not YAML: {_short(problem)}"
    else:
        reason = "an escape or a directive after this is not one that YAML has; mend or remove it"
    return reason, mark.index if mark else offset


# Files


def parse(data: bytes, name: str) -> Json:
    """Read `data` as the ending of `name` says: .json, .jsonl, .yaml, .yml.

    Without such an ending it is JSON where it begins with a brace or a square bracket, else YAML.
    Raises Unreadable.
    """
    return parse_yaml(data, name) if is_yaml(data, name) else parse_json(data, name)


def load(name: str, stdin: BinaryIO | None = None) -> Json:
    """Read the payload in the file `name`, or on standard input where `name` is `-`.

    Raises Unreadable for what cannot be opened, is no regular file or is over MAX_BYTES too.
    """
    return parse(read(name, stdin), _shown(name))


def read(name: str, stdin: BinaryIO | None = None) -> bytes:
    """Return what is in the file `name`, or on standard input where `name` is `-`.

    Raises Unreadable for what cannot be opened, is no regular file or is over MAX_BYTES.
    """
    shown = _shown(name)
    with _open(name, stdin) as stream:
        data = _read(stream.read, shown)
    if len(data) > MAX_BYTES:
        raise Unreadable(shown, _too_big("this"))
    return data


def read_text(name: str, stdin: BinaryIO | None = None) -> str:
    """Return the text in the file `name`, which is UTF-8; Unreadable as for `read`."""
    return _text(read(name, stdin), _shown(name))


def is_yaml(data: bytes, name: str) -> bool:
    """Whether `parse` reads a file of this name as YAML."""
    ending = os.path.splitext(name)[1].lower()
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return ending in _YAML or (ending not in _JSON and start not in {b"{", b"["})


_JSON = {".json", ".jsonl"}
_YAML = {".yaml", ".yml"}


def _shown(name: str) -> str:
    return STANDARD_INPUT if name == "-" else name


_T = TypeVar("_T")


@overload
def read_lines(
    name: str, stdin: BinaryIO | None = None
) -> Iterator[tuple[int, Json | Unreadable]]: ...


@overload
def read_lines(
    name: str, stdin: BinaryIO | None, parse: Callable[[bytes, str], _T]
) -> Iterator[tuple[int, _T | Unreadable]]: ...


def read_lines(
    name: str, stdin: BinaryIO | None = None, parse: Callable[[bytes, str], Any] = parse_json
) -> Iterator[tuple[int, Any]]:
    """Read JSON Lines one by one: the number of each line, from 1, with its value or its error.

    Blank lines are skipped; a file without any other yields one error, at line 1. `parse` makes
    the value of a line, as `parse_json` does. Raises Unreadable for a file that cannot be opened,
    at once, or that fails on the way.
    """
    return _lines(_open(name, stdin), _shown(name), parse)


def _lines(
    source: AbstractContextManager[BinaryIO], name: str, parse: Callable[[bytes, str], _T]
) -> Iterator[tuple[int, _T | Unreadable]]:
    empty = True
    with source as stream:
        for number in count(1):
            line = _read(stream.readline, name)
            if not line:
                break
            if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                _skip_line(stream, name)
                yield number, Unreadable(name, _too_big("this line"), number, 1)
            elif line.isspace():
                continue
            else:
                yield number, _parsed_line(line, name, number, parse)
            empty = False
    if empty:
        yield 1, Unreadable(name, _EMPTY, 1, 1)


def _parsed_line(
    line: bytes, name: str, number: int, parse: Callable[[bytes, str], _T]
) -> _T | Unreadable:
    try:
        return parse(line, name)
    except Unreadable as error:
        reason, column = error.reason, error.column
    # A new error: the one caught holds the whole line, by its traceback.
    return Unreadable(name, reason, number, max(column, 1))


def _skip_line(stream: BinaryIO, name: str) -> None:
    while (part := _read(stream.readline, name)) and not part.endswith(b"\n"):
        pass


def _too_big(what: str) -> str:
    return f"{what} is over {MAX_BYTES:,} bytes, the most that is read; a payload is far smaller"


_GIVEN = re.compile(r"/dev/stdin|(?:/dev|/proc/self)/fd/([0-9]+)")


def is_standard_input(name: str) -> bool:
    """Whether a name of a file means standard input."""
    given = _GIVEN.fullmatch(name)
    return name == "-" or bool(given and int(given[1] or 0) == 0)


def _open(name: str, stdin: BinaryIO | None) -> AbstractContextManager[BinaryIO]:
    """Open a regular file, or what the shell has opened for the program, as for <(...).

    Another pipe or device may keep the program waiting without end.
    """
    if name == "-":
        stream = stdin if stdin is not None else getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise Unreadable(STANDARD_INPUT, "nothing is connected to it; name a file instead")
        return nullcontext(stream)
    try:
        if given := _GIVEN.fullmatch(name):
            return open(os.dup(int(given[1] or 0)), "rb")
        mode = os.stat(name).st_mode
        if stat.S_ISREG(mode):
            return open(name, "rb")
    except (OSError, ValueError) as error:
        trouble = _file_trouble(error)
    else:
        trouble = "this is a folder; name a file in it" if stat.S_ISDIR(mode) else _NO_FILE
    raise Unreadable(name, trouble)


def _read(read: Callable[[int], bytes], name: str) -> bytes:
    try:
        return read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        trouble = _file_trouble(error)
    raise Unreadable(name, trouble)


_NO_FILE = "this is a pipe or a device, not a file; send it to standard input and name it -"


def _file_trouble(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file; check its name and its folder"
        case IsADirectoryError():
            return "this is a folder; name a file in it"
        case PermissionError():
            return "you have no permission to read it; change that, or name a copy"
        case OSError():
            return f"it cannot be read: {error.strerror or error}"
        case _:
            return f"it cannot be read: {error}"


# Payloads


def unwrap(value: Json, name: str) -> dict[str, Json]:
    """Return the payload: `value` itself, or the one in the API's envelope around it.

    The envelope is `{"success": true, "data": ...}`, its data an object or a list of one object.
    Raises Unreadable where there is no object, or more than one.
    """
    if not isinstance(value, dict):
        raise Unreadable(name, f"a payload is a JSON object, this is {kind(value)}")
    if not _is_envelope(value):
        return value
    data = value["data"]
    if isinstance(data, list) and len(data) != 1:
        raise Unreadable(name, f"the data holds {len(data)} payloads; keep exactly one")
    payload = data[0] if isinstance(data, list) else data
    if not isinstance(payload, dict):
        raise Unreadable(name, f"a payload is a JSON object, the data holds {kind(payload)}")
    return payload


def _is_envelope(value: dict[str, Json]) -> bool:
    """Tell the envelope from a payload that has undocumented fields called success and data."""
    return value.get("success") is True and "data" in value and not value.keys() & {"type", "name"}


def kind(value: Json) -> str:
    """Say what a value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"


_PLAIN_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_quoted = json.encoder.encode_basestring
_SURROGATES = re.compile("[\ud800-\udfff]")


def dump(value: Json) -> str:
    """Write `value` as JSON: the text that is previewed and sent, without a newline at the end.

    Two spaces of indent, keys in their order, text as it is, 1.0 as 1. A lone surrogate is written
    as its escape, so that the text can always be encoded. Raises ValueError for NaN and Infinity.
    """
    parts: list[str] = []
    _write(value, "\n", parts.append)
    text = "".join(parts)
    if text.isascii():
        return text
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _write(value: Json, newline: str, put: Callable[[str], None]) -> None:
    """Put `value` part by part; `newline` is a line end with the indent that `value` stands at."""
    if isinstance(value, str):
        put(_quoted(value))
    elif isinstance(value, dict) and value:
        inner, before = newline + "  ", "{"
        for key, item in value.items():
            put(f"{before}{inner}{_quoted(key)}: ")
            _write(item, inner, put)
            before = ","
        put(newline + "}")
    elif isinstance(value, list) and value:
        inner, before = newline + "  ", "["
        for item in value:
            put(before + inner)
            _write(item, inner, put)
            before = ","
        put(newline + "]")
    elif isinstance(value, float):
        put(_number(value))
    else:
        put(_PLAIN_ENCODER.encode(value))


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(_NOT_A_NUMBER)
    text = repr(value).removesuffix(".0")
    return "0" if text == "-0" else text
