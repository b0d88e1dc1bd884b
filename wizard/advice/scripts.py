"""Writing systems: which one a language is written in, and how much of a text is in it.

The ranges are those of Unicode's Script property (Scripts.txt, Unicode 15), letters and marks of
the thirteen languages alone.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class WritingSystem:
    """A script with the pattern that finds its letters."""

    name: str
    letter: re.Pattern[str]


def _system(name: str, ranges: str) -> WritingSystem:
    return WritingSystem(name, re.compile(f"[{ranges}]+"))


LATIN: Final = _system(
    "Latin", "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u1e00-\u1eff"
)
_ARABIC: Final = _system(
    "Arabic",
    "\u0610-\u061a\u0620-\u063f\u0641-\u065f\u066e-\u06dc\u06df-\u06e8\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
)
_DEVANAGARI: Final = _system("Devanagari", "\u0900-\u0963\u0970-\u097f\ua8e0-\ua8ff")
_BENGALI: Final = _system("Bengali", "\u0980-\u09e3\u09f0-\u09fe")
_GUJARATI: Final = _system("Gujarati", "\u0a81-\u0ae3\u0af9-\u0aff")
_TAMIL: Final = _system("Tamil", "\u0b82-\u0bd7")
_TELUGU: Final = _system("Telugu", "\u0c00-\u0c63")
_KANNADA: Final = _system("Kannada", "\u0c80-\u0ce3\u0cf1-\u0cf3")

_OF_LANGUAGE: Final = {
    "ar": _ARABIC,
    "hi": _DEVANAGARI,
    "mr": _DEVANAGARI,
    "bn": _BENGALI,
    "gu": _GUJARATI,
    "ta": _TAMIL,
    "te": _TELUGU,
    "kn": _KANNADA,
}
ALL: Final = (LATIN, _ARABIC, _DEVANAGARI, _BENGALI, _GUJARATI, _TAMIL, _TELUGU, _KANNADA)

# The beginning of a long text tells its writing system as well as the whole.
_ENOUGH: Final = 4000


def writing_of(language: str) -> WritingSystem:
    """The writing system of a language by its code; all others than those in Asia are Latin."""
    return _OF_LANGUAGE.get(language.partition("-")[0], LATIN)


def letters_in(text: str, system: WritingSystem) -> int:
    """How many letters of a writing system a text has, marks included."""
    return sum(map(len, system.letter.findall(text[:_ENOUGH])))


def main_system(text: str) -> tuple[WritingSystem, float]:
    """The writing system that most letters of a text are in, and its share of them from 0 to 1."""
    if text.isascii():
        return LATIN, 1.0 if LATIN.letter.search(text, 0, _ENOUGH) else 0.0
    counted = {system: letters_in(text, system) for system in ALL}
    most = max(counted, key=counted.__getitem__)
    whole = sum(counted.values())
    return most, counted[most] / whole if whole else 0.0
