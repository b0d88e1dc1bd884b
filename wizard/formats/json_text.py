"""JSON: reads payloads strictly and writes them in one form."""

import json
import math
import re
from contextlib import suppress
from itertools import accumulate
from typing import NoReturn, TypeAlias, TypeGuard

from wizard.errors import Unreadable
from wizard.formats.text import decode, describe_character, error_at, first_match, shorten

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

MAX_DEPTH = 100
"""The deepest allowed nesting of lists and objects."""

TOO_DEEP = f"lists and objects are nested more than {MAX_DEPTH} deep; flatten them"
_TOO_LONG = "this number has more digits than can be read; shorten it, or put it in quotes as text"
_TOO_LARGE = "this number is too large to be read; write a smaller one"
NOT_A_NUMBER = "NaN and Infinity are not valid numbers; write a number or null"
EMPTY = "it is empty; write at least an object, {}"


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a duplicate key")
    return members


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number in JSON: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def finite_number(digits: str) -> float:
    """Read a decimal number. Raises ValueError if it is too large for a float."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError(_TOO_LARGE)
    return number


def _constant(_: str) -> NoReturn:
    raise ValueError(NOT_A_NUMBER)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=finite_number, parse_constant=_constant
)


def parse_json(data: bytes | str, name: str) -> Json:
    """Read one JSON value from UTF-8 `data`; `name` is the file name for errors.

    Raises Unreadable with line and column if the data is not a single strict JSON value, or has
    duplicate keys. Lone surrogates are accepted, because validation reports them with their path.
    """
    text = decode(data, name)
    try:
        _check_depth(text)
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        offset, reason = _syntax_error(text, error)
    except (ValueError, RecursionError):
        offset, reason = _rejected(text)
    else:
        return value
    raise error_at(name, text, offset, reason)


def typed_number(text: str) -> Json:
    """Return the JSON number that a typed text writes, else the text itself."""
    try:
        value = parse_json(text.strip(), "the text")
    except Unreadable:
        return text
    return value if is_number(value) else text


_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+'
_NO_BRACKETS = re.compile(rf'{_STRING}"?|[^\[\]{{}}"]++', re.DOTALL)
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def _check_depth(text: str) -> None:
    """Raise RecursionError if the nesting is too deep for the decoder."""
    # Skip the {{variables}} of scripts. Outside of a text, "{{" is not valid JSON.
    if text.count("[") + text.count("{") - 2 * text.count("{{") < MAX_DEPTH:
        return
    brackets = _NO_BRACKETS.sub("", text)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise RecursionError


_SPACE = " \t\r\n"
_TRAILING_COMMA = re.compile(r",[ \t\r\n]*[\]}]")

_SYNTAX = {
    "Extra data": "the payload ends before this; remove the rest",
    "Unterminated string": "this text is not closed; end it with a double quote",
    r"Invalid \u": r"\u needs four hexadecimal digits, for example \u00e9",
    "Invalid \\": r"this is not a JSON escape; write \\ for a backslash",
    "Expecting ':'": "a colon is missing here, between a key and its value",
    "Expecting ','": "a comma is missing here, or a quote inside a text lacks its backslash",
    "Expecting property": "a key in double quotes is missing here",
    "Expecting value": "this is not a JSON value; put text in double quotes",
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


# Quotation marks that are easily mistaken for the plain one.
_LIKE_A_QUOTE = "\u201c\u201d\u201e\u201f\u2033\uff02\u00ab\u00bb"
_WRONG_CLOSING_QUOTE = re.compile(rf"[{_LIKE_A_QUOTE}](?=[ \t]*(?:[:,}}\]]|$))", re.MULTILINE)


def _wrong_quote(text: str, offset: int) -> int | None:
    """Return the offset of a wrong closing quote in the line of an offset, if any."""
    line = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    found = _WRONG_CLOSING_QUOTE.search(text, line, len(text) if end < 0 else end)
    return found.start() if found else None


def _syntax_error(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Return the offset of a syntax error and what to do about it."""
    end = len(text.rstrip(_SPACE))
    if not text.strip():
        return 0, EMPTY
    if error.pos >= end:
        return end, "the text ends too early; it may have been cut off"
    # Python 3.13 reports the position of a trailing comma, older versions that of the bracket.
    comma = text.rfind(",", 0, error.pos + error.msg.startswith("Illegal"))
    trailing = _TRAILING_COMMA.match(text, comma) if comma >= 0 else None
    if trailing and trailing.end() > error.pos:
        return comma, "a comma before a closing bracket; remove it"
    if text[error.pos].isdecimal() and text[error.pos - 1] in "0":
        return error.pos - 1, "a number must not begin with 0"
    quote = _wrong_quote(text, error.pos) if text[error.pos].isascii() else None
    if quote is not None:
        reason = f"{describe_character(text[quote])} does not end a text; type a plain double quote"
        return quote, reason
    return error.pos, _syntax_reason(error.msg, text[error.pos : error.pos + 10])


def _syntax_reason(message: str, here: str) -> str:
    if message.startswith("Invalid control"):
        return _control_reason(here[0])
    slipped = message.startswith(("Expecting v", "Expecting p")) or here.startswith(("//", "/*"))
    slip = first_match(_SLIPS, here) if slipped else None
    reason = slip or first_match(_SYNTAX, message) or f"this is not JSON: {message}"
    return reason if here[0].isascii() else f"{reason}, not {describe_character(here[0])}"


def _control_reason(character: str) -> str:
    if character in "\r\n":
        return r"a text must end on the same line; close it, or write \n for a new line"
    code = ord(character)
    return f"the control character U+{code:04X} is not allowed in a text; write it as \\u{code:04x}"


_TOKEN = re.compile(
    rf"""(?P<text>{_STRING}"?)(?P<colon>[ \t\r\n]*+:)?"""
    r"|(?P<constant>-?(?:NaN|Infinity))"
    r"|(?P<number>-?[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)"
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)


def _rejected(text: str) -> tuple[int, str]:
    """Return the offset of the first valid JSON that is not accepted, and the reason."""
    keys: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        if token["open"]:
            keys.append(set())
        elif token["close"]:
            del keys[-1:]
        if reason := _token_reason(token, keys):
            return token.start(), reason
    return 0, TOO_DEEP


def _token_reason(token: re.Match[str], keys: list[set[str]]) -> str | None:
    """Return what is wrong with a token; `keys` are the keys of each enclosing object."""
    if token["open"] and len(keys) > MAX_DEPTH:
        return TOO_DEEP
    if token["constant"]:
        return NOT_A_NUMBER
    if token["number"]:
        return _number_reason(token["number"])
    if token["colon"] and keys:
        return _key_reason(token["text"], keys[-1])
    return None


def _key_reason(token: str, keys: set[str]) -> str | None:
    key = token[1:-1]
    with suppress(ValueError):  # the decoder reports broken escapes
        key = str(_DECODER.decode(token))
    if key in keys:
        return duplicate_key(key)
    keys.add(key)
    return None


def duplicate_key(key: str) -> str:
    """Return the error for a duplicate key."""
    return f"the key {dump(shorten(key))} is a duplicate; keep one of the two"


def _number_reason(digits: str) -> str | None:
    try:
        (whole_number if digits.lstrip("-").isdigit() else finite_number)(digits)
    except ValueError as error:
        return str(error)
    return None


def whole_number(digits: str, base: int = 10) -> int:
    """Read a whole number that Python can also convert back to decimal digits."""
    try:
        number = int(digits, base)
        str(number)
    except ValueError:
        raise ValueError(_TOO_LONG) from None
    return number


def unwrap(value: Json, name: str) -> dict[str, Json]:
    """Return the payload: `value` itself, or the `data` of an API response.

    A response is `{"success": true, "data": ...}`, with an object or a list of one object.
    Raises Unreadable for anything but one object.
    """
    if not isinstance(value, dict):
        raise Unreadable(name, f"a payload must be a JSON object, not {kind(value)}")
    if not _is_envelope(value):
        return value
    data = value["data"]
    if isinstance(data, list) and len(data) != 1:
        raise Unreadable(name, f"the data contains {len(data)} payloads; keep exactly one")
    payload = data[0] if isinstance(data, list) else data
    if not isinstance(payload, dict):
        raise Unreadable(name, f"a payload must be a JSON object; the data is {kind(payload)}")
    return payload


def _is_envelope(value: dict[str, Json]) -> bool:
    """Whether this is a response, not a payload with unknown fields `success` and `data`."""
    return value.get("success") is True and "data" in value and not value.keys() & {"type", "name"}


def kind(value: Json) -> str:
    """Return the JSON type of a value with its article."""
    names = {bool: "a boolean", str: "text", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")


_SURROGATES = re.compile("[\ud800-\udfff]")


def dump(value: Json) -> str:
    """Return `value` as JSON, as previewed and sent, without a newline at the end.

    The text is indented by two spaces and keeps the order of keys, and 1.0 becomes 1. Lone
    surrogates are escaped, so the text can always be encoded. Raises ValueError for NaN and
    Infinity.
    """
    text = json.dumps(_short_numbers(value), ensure_ascii=False, allow_nan=False, indent=2)
    if text.isascii():
        return text
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _short_numbers(value: Json) -> Json:
    """Return a copy of a value with 1 in place of 1.0. From 1e16 on, Python writes an exponent."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e16 else value
    if isinstance(value, dict):
        return {key: _short_numbers(member) for key, member in value.items()}
    return [_short_numbers(item) for item in value] if isinstance(value, list) else value
