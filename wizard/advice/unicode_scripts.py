"""Unicode scripts, such as Latin: the one of a language, and their shares in a text.

The ranges are those of Unicode's Script property (Scripts.txt, Unicode 15), limited to the letters
and marks of the thirteen languages.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class UnicodeScript:
    """A script in the sense of Unicode, with the pattern that finds its letters."""

    name: str
    letter: re.Pattern[str]


def _script(name: str, ranges: str) -> UnicodeScript:
    return UnicodeScript(name, re.compile(f"[{ranges}]+"))


LATIN: Final = _script(
    "Latin", "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u1e00-\u1eff"
)
_ARABIC: Final = _script(
    "Arabic",
    "\u0610-\u061a\u0620-\u063f\u0641-\u065f\u066e-\u06dc\u06df-\u06e8\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
)
_DEVANAGARI: Final = _script("Devanagari", "\u0900-\u0963\u0970-\u097f\ua8e0-\ua8ff")
_BENGALI: Final = _script("Bengali", "\u0980-\u09e3\u09f0-\u09fe")
_GUJARATI: Final = _script("Gujarati", "\u0a81-\u0ae3\u0af9-\u0aff")
_TAMIL: Final = _script("Tamil", "\u0b82-\u0bd7")
_TELUGU: Final = _script("Telugu", "\u0c00-\u0c63")
_KANNADA: Final = _script("Kannada", "\u0c80-\u0ce3\u0cf1-\u0cf3")

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
_ALL: Final = (LATIN, _ARABIC, _DEVANAGARI, _BENGALI, _GUJARATI, _TAMIL, _TELUGU, _KANNADA)

# The first characters of a long text are enough to find its script.
_ENOUGH: Final = 4000


def script_of(language: str) -> UnicodeScript:
    """The script of a language by its code; Latin if it is not in the table."""
    return _OF_LANGUAGE.get(language.partition("-")[0], LATIN)


def main_script(text: str) -> tuple[UnicodeScript, float]:
    """The most frequent script of a text, and its share of the letters from 0 to 1."""
    if text.isascii():
        return LATIN, 1.0 if LATIN.letter.search(text, 0, _ENOUGH) else 0.0
    counted = {script: sum(map(len, script.letter.findall(text[:_ENOUGH]))) for script in _ALL}
    most = max(counted, key=counted.__getitem__)
    total = sum(counted.values())
    return most, counted[most] / total if total else 0.0


# Function words identify the language of a text and do not belong to its subject.
_FUNCTION_WORDS: Final = {
    "en": """a am an and another are as at be by call caller callers calls can for from has have
        how i if in into is it make me my of on one or our please thank that the
        their them they this to up we what when whether which who will with you your
        assistant people person customer customers goal""",
    "de": """aber als am an auf aus bei bin bis das dass dem den der des die du ein eine einem
        einen einer er es für hat ich im in ist kann mit nach nicht ob oder sie sind
        so um und uns vom von wann was wenn wer wie wir wird zu zum zur ihr ihre
        ihren anruf kunde kunden""",
    "es": """a al como con cuando de del el ella en es esta este la las le lo los más me mi no o
        para pero por que qué se si sin su sus un una unos y ya llamada cliente clientes""",
    "fr": """à au aux avec ce ces dans de des du elle en est et il la le les leur leurs mais ne
        nous ou par pas plus pour qu que qui sa se ses si son sur un une vous votre appel client
        clients""",
    "it": """a al alla che chi come con da dal del della di e è gli i il in la le lei lo ma nel
        non o per più quando se si sono su sua suo un una uno chiamata cliente clienti""",
}
FUNCTION_WORDS: Final = {code: frozenset(words.split()) for code, words in _FUNCTION_WORDS.items()}
_WORD: Final = re.compile(r"[^\W\d_]+(?:[\u0900-\u0d7f][^\W\d_]*)*")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, each once, in order."""
    return list(dict.fromkeys(_WORD.findall(text.lower())))


# Payloads of one run often have equal texts, and a text takes 15 µs.
@lru_cache(maxsize=1000)
def language_of_text(text: str) -> str:
    """The language of a text in Latin letters; empty if it is unclear."""
    return language_of(words_of(text))


def language_of(words: list[str]) -> str:
    """The language with the most function words in a text; empty if the text has fewer than two."""
    hits = {code: len(small.intersection(words)) for code, small in FUNCTION_WORDS.items()}
    best = max(hits, key=hits.__getitem__)
    second = max(count for code, count in hits.items() if code != best)
    return best if hits[best] >= 2 and hits[best] > second else ""
