"""UTF-8 text: decoding, line ends, and positions in errors."""

import codecs
import unicodedata
from typing import Final

from wizard.errors import Unreadable

MAX_CHARACTERS: Final = 1_000_000
"""The maximum length of a text that a draft takes. QCall's own app stops at 30,000."""


def too_long(length: int) -> str:
    """Return the error for a text of this length, empty up to MAX_CHARACTERS."""
    message = f"this text has {length:,} characters; the limit is {MAX_CHARACTERS:,}"
    return message if length > MAX_CHARACTERS else ""


def normal_newlines(text: str) -> str:
    r"""Return `text` with `\r\n` and `\r` replaced by `\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def capitalized(text: str) -> str:
    """Return `text` with a capital at its start."""
    return text[:1].upper() + text[1:]


def error_at(name: str, text: str, offset: int, reason: str) -> Unreadable:
    """Return an error with the line and column of an offset in `text`."""
    before = normal_newlines(text[:offset])
    return Unreadable(name, reason, before.count("\n") + 1, len(before) - before.rfind("\n"))


def decode(data: bytes | str, name: str) -> str:
    """Decode UTF-8 and remove a byte order mark. Raises Unreadable."""
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        start = error.start
    for encoding, marks in _BYTE_ORDER_MARKS.items():
        if data.startswith(marks):
            raise Unreadable(name, f"this is {encoding} text; save it as UTF-8", 1, 1)
    before = data[:start].decode().removeprefix("\ufeff")
    reason = f"the byte 0x{data[start]:02X} is not UTF-8; save the text as UTF-8"
    raise error_at(name, before, len(before), reason)


_BYTE_ORDER_MARKS = {
    "UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}


def describe_character(character: str) -> str:
    """Name a character, for example: the character “ (U+201C, left double quotation mark)."""
    name = unicodedata.name(character, "without a name").lower()
    shown = f" {character}" if character.isprintable() and not character.isspace() else ""
    return f"the character{shown} (U+{ord(character):04X}, {name})"


def without_accents(text: str) -> str:
    """Return a text without accents and other marks on its letters, in compatible forms."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def first_match(reasons: dict[str, str], text: str) -> str | None:
    """Return the first reason whose key is a prefix of `text`."""
    return next((reason for start, reason in reasons.items() if text.startswith(start)), None)


def shorten(text: str, most: int = 60) -> str:
    """Shorten user text for quoting in a message."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 draft` or `2 drafts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
