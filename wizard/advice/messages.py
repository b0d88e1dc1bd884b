"""Advice on text messages: how many SMS a text makes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from wizard.advice.applicable_fields import OBJECT
from wizard.advice.context import AdviceInfo, View, quoted
from wizard.advice.variables import render
from wizard.contract.problems import Fix, Problem

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

# GSM 03.38 (3GPP TS 23.038): the default alphabet, and the extension that takes two places each.
_DEFAULT: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text is as an SMS. `units` are the places it takes, septets or 16-bit units.

    `room` is how many fit in one message. `odd` are the characters for which it cannot be sent in
    the GSM alphabet, each once, in order; it is sent as UCS-2 where there is one.
    """

    number: int
    units: int
    room: int
    odd: tuple[str, ...]


def segments(text: str) -> Segments:
    """Count the segments of an SMS.

    One holds 160 places of the GSM alphabet or 70 of UCS-2. Where there are several, a header of
    six bytes leaves 153 or 67 of each (3GPP TS 23.040), and no character of two places, be it of
    the extension or a surrogate pair, is cut between two.
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


def look(view: View) -> Iterator[Problem]:
    """Look at the texts of the SMS that are sent."""
    for path, action in view.actions:
        sms: Any = action.get("sms")
        if action.get("type") != "sendMessage" or not isinstance(sms, OBJECT):
            continue
        content = sms.get("content")
        if sms.get("is_sms") is True and isinstance(content, str):
            yield from _too_long((*path, "sms", "content"), content)


def _too_long(path: Any, content: str) -> Iterator[Problem]:
    made = segments(render(content))
    if made.number < 2:
        return
    sample = " with sample values" if "{{" in content else ""
    told = f"makes {made.number} SMS{sample}, with {made.units:,} of {made.room} places taken"
    if made.odd:
        shown = quoted([_pictured(character) for character in made.odd])
        told += f", as {shown} {'is' if len(made.odd) == 1 else 'are'} not in the GSM alphabet"
    plain = _plain(content)
    saves = segments(render(plain)).number < 2
    offered = Fix("Write it in plain characters", plain) if saves and plain != content else None
    told += ": write it in plain characters" if offered else ": shorten it to one"
    yield Problem(path, "QW151", told, offered)


def _pictured(character: str) -> str:
    shows = character.isprintable() and not character.isspace()
    return f"“{character}”" if shows else f"U+{ord(character):04X}"


# Typographic characters, with what the GSM alphabet has for them.
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
