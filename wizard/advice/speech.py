"""The duration of a spoken text, from published rates of speech, and its size."""

import re
from dataclasses import dataclass
from typing import Any, Final

from wizard.advice.variables import render
from wizard.formats.json_text import is_number
from wizard.formats.text import counted


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of a text: characters and words as written, seconds as spoken."""

    characters: int
    words: int
    seconds: float


def counts(text: str, language: Any, speed: Any = 1) -> Counts:
    """Count a text's characters, words and seconds."""
    return Counts(len(text), len(text.split()), seconds(text, language, speed))


def about(spoken: float) -> str:
    """A duration in words, at least 1 second."""
    return f"About {counted(max(1, round(spoken)), 'second')} to say."


def seconds(text: str, language: Any, speed: Any = 1) -> float:
    """Estimate the seconds to say a text in a language, given by its code, at a voice speed.

    The syllables are divided by the language's rate, which includes pauses. A variable counts as
    its sample value, a digit as two syllables. An unknown language counts as English, a speed that
    is not a positive number as 1. The estimate is accurate to about 20 percent.

    English: 160 words of 1.5 syllables a minute, the slow end of the recommendation for radio
    (E. Rodero, "A comparative analysis of speech rate and perception in radio bulletins", Text &
    Talk 32, 2012). Adults were measured at 237 syllables (S. Block and D. Killen, "Speech rates of
    Australian English-speaking children and adults", 1996). German, French, Italian and Spanish
    have the ratios to English of F. Pellegrino, C. Coupé and E. Marsico, "A cross-language
    perspective on speech information rate", Language 87, 2011, which excludes pauses. Indic
    scripts: aksharas, at the rate of Tamil in Wilson and Netsell, 2009 (6.5 without pauses), with
    the same share of pauses as English; comparable rates for the others are not published. Arabic
    does not write its short vowels, so words are counted: 141 a minute ("Preliminary speech rate
    normative data in adult Jordanian speakers", Journal of Language Teaching and Research 11,
    2020).
    """
    return _syllables(render(text), language) / _rate(language) / _pace(speed)


_ENGLISH: Final = 160 * 1.5 / 60
# Syllables a second without pauses. The rates with pauses are scaled as for English.
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
    return float(speed) if is_number(speed) and 0.1 <= speed <= 10 else 1.0


_VOWELS: Final = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœ"
_NUCLEUS: Final = re.compile(f"[{_VOWELS}]+")
# The last e of English and French words, which is silent.
_SILENT: Final = re.compile(f"[{_VOWELS}][b-df-hj-kmnp-tv-z]{{1,2}}es?(?![^\\W\\d_])")
_SILENCES: Final = ("en", "fr")
_DIGIT_OR_SIGN: Final = re.compile(r"[\d%&€$£₹]")
_ARABIC_WORDS: Final = re.compile("[\u0620-\u064a\u064b-\u065f\u0671-\u06d3]+")

# The Indic blocks have the same layout: vowels, consonants, nukta, vowel signs and virama have the
# same offset in each (The Unicode Standard, chapter 12).
_BLOCKS: Final = (0x900, 0x980, 0xA80, 0xB80, 0xC00, 0xC80)
_DROPPING: Final = (0x900, 0x980, 0xA80)


def _range(first: int, last: int, blocks: tuple[int, ...] = _BLOCKS) -> str:
    return "".join(f"{chr(block + first)}-{chr(block + last)}" for block in blocks)


_CONSONANT: Final = _range(0x15, 0x39) + _range(0x58, 0x5F)
_VIRAMA: Final = "".join(chr(block + 0x4D) for block in _BLOCKS)
_NUKTA: Final = "".join(chr(block + 0x3C) for block in _BLOCKS)
_AKSHARA: Final = re.compile(f"[{_range(0x05, 0x14)}]|[{_CONSONANT}][{_NUKTA}]?(?![{_VIRAMA}])")
# Hindi, Marathi, Bengali and Gujarati drop the vowel of a word's last bare consonant, and mostly
# that of a bare consonant before one with a vowel sign: aap(a)ka has two syllables.
_INNER: Final = _range(0x00, 0x7F, _DROPPING)
_BARE: Final = f"[{_range(0x15, 0x39, _DROPPING)}][{_NUKTA}]?"
_SIGN: Final = _range(0x3E, 0x4C, _DROPPING)
_VOICED: Final = _range(0x00, 0x4C, _DROPPING)
_DROPPED: Final = re.compile(
    f"(?<=[{_INNER}]){_BARE}(?![{_INNER}])|(?<=[{_VOICED}]){_BARE}(?={_BARE}[{_SIGN}])"
)


def _syllables(text: str, language: Any) -> float:
    """Estimate the syllables of a text, which may mix writing systems."""
    text = text.lower()
    found = float(len(_NUCLEUS.findall(text)) + 2 * len(_DIGIT_OR_SIGN.findall(text)))
    if language in _SILENCES:
        found -= len(_SILENT.findall(text))
    if not text.isascii():
        found += len(_AKSHARA.findall(text)) - len(_DROPPED.findall(text))
        found += _ARABIC_WORD * len(_ARABIC_WORDS.findall(text))
    return found
