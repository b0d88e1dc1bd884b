"""Advice on text messages: the number of SMS segments that a text takes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wizard.advice.context import AdviceContext, AdviceInfo, quoted
from wizard.advice.variables import render
from wizard.contract.problems import Fix, Problem
from wizard.formats.paths import Path

_SMS: Final = {
    "is_sms": True,
    "description": "When the caller asks the way.",
    "content": "Acme Dental, 1 High Street. We look forward to seeing you. " * 3,
}

ADVICE: Final = (
    AdviceInfo(
        "QW151",
        "The text of an SMS needs more than one segment.",
        {"actions": [{"type": "sendMessage", "sms": _SMS}]},
    ),
)

# GSM 03.38 (3GPP TS 23.038): the default alphabet, and its extension, two septets a character.
_DEFAULT: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Segments:
    """The size of a text as an SMS, in `units`: septets, or 16-bit units of UCS-2.

    `room` is the number of units in a single message. `odd` are the characters that are not in
    the GSM alphabet, each once, in order. A text with one of them is sent as UCS-2.
    """

    number: int
    units: int
    room: int
    odd: tuple[str, ...]


def segments(text: str) -> Segments:
    """Count the segments of an SMS.

    A single segment has 160 septets of the GSM alphabet or 70 units of UCS-2. With several, a
    header of six bytes leaves 153 or 67 in each (3GPP TS 23.040). A character of two units, in
    the extension or a surrogate pair, is never split.
    """
    if _DEFAULT.issuperset(text) and len(text) <= 160:
        return Segments(1, len(text), 160, ())
    odd = tuple(dict.fromkeys(c for c in text if c not in _DEFAULT and c not in _EXTENSION))
    if odd:
        widths, room, part = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67
    else:
        widths, room, part = [2 if c in _EXTENSION else 1 for c in text], 160, 153
    units = sum(widths)
    return Segments(1 if units <= room else _parts(widths, part), units, room, odd)


def _parts(widths: list[int], part: int) -> int:
    number, used = 1, 0
    for width in widths:
        if used + width > part:
            number, used = number + 1, 0
        used += width
    return number


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the texts of SMS."""
    for path, action in context.actions:
        sms: Any = action.get("sms")
        if action.get("type") != "sendMessage" or not isinstance(sms, Mapping):
            continue
        content = sms.get("content")
        if sms.get("is_sms") is True and isinstance(content, str):
            yield from _several_segments((*path, "sms", "content"), content)


def _several_segments(path: Path, content: str) -> Iterator[Problem]:
    made = segments(render(content))
    if made.number < 2:
        return
    sample = " with example values" if "{{" in content else ""
    message = (
        f"Needs {made.number} SMS{sample}: {made.units:,} characters, one SMS holds {made.room}."
    )
    if made.odd:
        shown = quoted([_visible(character) for character in made.odd])
        message += f" {shown} {'is' if len(made.odd) == 1 else 'are'} not in the GSM alphabet."
    plain = _plain(content)
    saves = segments(render(plain)).number < 2
    plainer = Fix("Use plain characters", plain) if saves and plain != content else None
    message += " Use plain characters." if plainer else " Shorten it."
    yield Problem(path, "QW151", message, plainer)


def _visible(character: str) -> str:
    shows = character.isprintable() and not character.isspace()
    return f"“{character}”" if shows else f"U+{ord(character):04X}"


# Typographic characters, and their replacements in the GSM alphabet.
_PLAINER: Final = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "−": "-", "‑": "-", "…": "...", "•": "-", "\t": " ",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "",
    }
)  # fmt: skip
_BLANKS: Final = re.compile(r" {2,}")


def _plain(content: str) -> str:
    return _BLANKS.sub(" ", content.translate(_PLAINER)).strip()
