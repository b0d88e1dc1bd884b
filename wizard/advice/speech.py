"""How long a text takes to be said, from published rates of speech, and how long it is."""

import re
from dataclasses import dataclass
from typing import Any, Final

from wizard.advice.variables import render


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of a text: characters and words as written, seconds as spoken."""

    characters: int
    words: int
    seconds: float


def counts(text: str, language: Any, speed: Any = 1) -> Counts:
    """Count a text's characters and words and the seconds it takes to be said."""
    return Counts(len(text), len(text.split()), seconds(text, language, speed))


def about(spoken: float) -> str:
    """How long a text takes to be said, in words: at least 1 second."""
    whole = max(1, round(spoken))
    return f"About {whole} second{'' if whole == 1 else 's'} to say."


def seconds(text: str, language: Any, speed: Any = 1) -> float:
    """Estimate the seconds that a text takes in a language, by its code, at a voice speed.

    Syllables are counted and divided by a language's rate; pauses are in the rate. A variable is
    said as its sample value, a digit takes two syllables. An unknown language is taken for
    English, a speed that is no positive number for 1. An estimate is good to about a fifth.

    English is taken at 160 words of 1.5 syllables a minute, the slow end of what is recommended
    for radio (E. Rodero, "A comparative analysis of speech rate and perception in radio
    bulletins", Text & Talk 32, 2012); adults were measured at 237 syllables (S. Block and D.
    Killen, "Speech rates of Australian English-speaking children and adults", 1996). German,
    French, Italian and Spanish stand to it as in F. Pellegrino, C. Coupé and E. Marsico, "A
    cross-language perspective on speech information rate", Language 87, 2011, who left pauses
    out. In the Indic scripts syllables are counted as aksharas, at the rate of Tamil in Wilson and
    Netsell, 2009 (6.5 without pauses), brought down as English is; there are no rates of the same
    make for the others. Arabic, which does not write its short vowels, goes by words: 141 a
    minute are read aloud ("Preliminary speech rate normative data in adult Jordanian speakers",
    Journal of Language Teaching and Research 11, 2020).
    """
    said = render(text)
    taken = said if len(said) <= _ENOUGH else said[:_ENOUGH]
    whole = _syllables(taken, language) * len(said) / max(len(taken), 1)
    return whole / _rate(language) / _pace(speed)


# A longer text is judged by its beginning: the rest of it is like it, and a key must not wait.
_ENOUGH: Final = 100_000

_ENGLISH: Final = 160 * 1.5 / 60
# Syllables a second without pauses; what they come to with pauses follows from English.
_READ: Final = {"en": 6.19, "de": 5.97, "fr": 7.18, "it": 6.99, "es": 7.82} | dict.fromkeys(
    ("hi", "gu", "bn", "te", "kn", "ta", "mr"), 6.5
)
_ARABIC_WORD: Final = 2.1
_ARABIC: Final = 141 * _ARABIC_WORD / 60


def _rate(language: Any) -> float:
    """Syllables a second, pauses included."""
    code = language if isinstance(language, str) else "en"
    if code.startswith("ar"):
        return _ARABIC
    return _ENGLISH * _READ.get(code, _READ["en"]) / _READ["en"]


def _pace(speed: Any) -> float:
    fits = isinstance(speed, int | float) and not isinstance(speed, bool) and 0.1 <= speed <= 10
    return float(speed) if fits else 1.0


_VOWELS: Final = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœ"
_NUCLEUS: Final = re.compile(f"[{_VOWELS}]+")
# The last e of English and French words, which only lengthens what stands before it.
_SILENT: Final = re.compile(f"[{_VOWELS}][b-df-hj-kmnp-tv-z]{{1,2}}es?(?![^\\W\\d_])")
_SILENCES: Final = ("en", "fr")
_DIGIT_OR_SIGN: Final = re.compile(r"[\d%&€$£₹]")
_ARABIC_WORDS: Final = re.compile("[\u0620-\u064a\u064b-\u065f\u0671-\u06d3]+")

# The Indic blocks share one plan: vowels, consonants, nukta, vowel signs and virama stand at the
# same place of each (The Unicode Standard, chapter 12).
_BLOCKS: Final = (0x900, 0x980, 0xA80, 0xB80, 0xC00, 0xC80)
_DROPPING: Final = (0x900, 0x980, 0xA80)


def _range(first: int, last: int, blocks: tuple[int, ...] = _BLOCKS) -> str:
    return "".join(f"{chr(block + first)}-{chr(block + last)}" for block in blocks)


_CONSONANT: Final = _range(0x15, 0x39) + _range(0x58, 0x5F)
_VIRAMA: Final = "".join(chr(block + 0x4D) for block in _BLOCKS)
_NUKTA: Final = "".join(chr(block + 0x3C) for block in _BLOCKS)
_AKSHARA: Final = re.compile(f"[{_range(0x05, 0x14)}]|[{_CONSONANT}][{_NUKTA}]?(?![{_VIRAMA}])")
# Hindi, Marathi, Bengali and Gujarati do not say the vowel inside a word's last bare consonant,
# and mostly not that of a bare consonant before one with a vowel sign: aap(a)ka is two syllables.
_INNER: Final = _range(0x00, 0x7F, _DROPPING)
_BARE: Final = f"[{_range(0x15, 0x39, _DROPPING)}][{_NUKTA}]?"
_SIGN: Final = _range(0x3E, 0x4C, _DROPPING)
_VOICED: Final = _range(0x00, 0x4C, _DROPPING)
_DROPPED: Final = re.compile(
    f"(?<=[{_INNER}]){_BARE}(?![{_INNER}])|(?<=[{_VOICED}]){_BARE}(?={_BARE}[{_SIGN}])"
)


def _syllables(text: str, language: Any) -> float:
    """About how many syllables a text has, whatever scripts are mixed in it."""
    text = text.lower()
    found = float(len(_NUCLEUS.findall(text)) + 2 * len(_DIGIT_OR_SIGN.findall(text)))
    if language in _SILENCES:
        found -= len(_SILENT.findall(text))
    if not text.isascii():
        found += len(_AKSHARA.findall(text)) - len(_DROPPED.findall(text))
        found += _ARABIC_WORD * len(_ARABIC_WORDS.findall(text))
    return found
