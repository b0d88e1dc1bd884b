"""Advice on the language: texts in another writing system, and a voice of another language."""

import re
from collections.abc import Iterator
from typing import Any, Final

from wizard.advice.applicable_fields import OBJECT
from wizard.advice.context import AdviceInfo, Text, View
from wizard.advice.writing_systems import LATIN, language_of, main_system, words_of, writing_of
from wizard.contract.choices import LANGUAGES
from wizard.contract.problems import Problem

ADVICE: Final = (
    AdviceInfo(
        "QW131",
        "A text that is said or sent is not in the chosen language.",
        {"language": "hi", "start_speech": "Namaste, main Asha bol rahi hoon."},
    ),
    AdviceInfo(
        "QW132",
        "A script is in another writing system and does not say which language to speak.",
        {
            "language": "hi",
            "script": "You are Asha of Acme Dental. Ask whether the appointment is convenient.",
        },
    ),
    AdviceInfo(
        "QW133",
        "The voice is made for another language than the assistant's.",
        {"voice_data": {"voice_id": "v-1", "labels": {"language": "ta"}}},
    ),
)

# Fewer letters than these are a name or an interjection.
_LEAST_LETTERS: Final = 12
# Where a script is about languages, it says itself which one to speak.
_TELLS: Final = re.compile(
    r"\blanguages?\b|\bsprache\b|\bidiomas?\b|\blangues?\b|\blingu[ae]\b", re.I
)


def look(view: View) -> Iterator[Problem]:
    """Look at what language the texts and the voice are in."""
    language = view.payload.get("language")
    if not isinstance(language, str) or language not in LANGUAGES:
        return
    sent = [text for text in view.texts if text.path[-2:] == ("sms", "content")]
    for text in [*view.heard, *sent]:
        yield from _writing(text, language)
    yield from _voice(view, language)


def name_of(language: str) -> str:
    """A language's name in English."""
    return LANGUAGES[language].partition(" · ")[0]


def _writing(text: Text, language: str) -> Iterator[Problem]:
    wanted = writing_of(language)
    said = text.bare[:20_000]
    system, share = main_system(said)
    if share < 0.7 or sum(map(str.isalpha, said)) < _LEAST_LETTERS:
        return
    name = name_of(language)
    if system is wanted:
        found = language_of(words_of(said)) if system is LATIN and not text.is_script else ""
        if found not in ("", language):
            told = f"is in {name_of(found)}, the assistant speaks {name}: write it in {name}"
            yield Problem(text.path, "QW131", told)
        return
    there = f"is written in {system.name} letters"
    if not text.is_script:
        told = f"{there}, {name} is in {wanted.name}: write it so, or the voice may say it wrong"
        yield Problem(text.path, "QW131", told)
    elif not _says_language(text.text, language):
        told = f"{there} and does not say which language to speak: write it in {name}"
        yield Problem(text.path, "QW132", f"{told}, or say in it that the assistant speaks {name}")


def _says_language(script: str, language: str) -> bool:
    words = (word.strip("()") for word in re.split(r"[ ·]+", LANGUAGES[language]))
    lowered = script[:200_000].lower()
    return any(word.lower() in lowered for word in words) or bool(_TELLS.search(lowered))


def _voice(view: View, language: str) -> Iterator[Problem]:
    voice: Any = view.payload.get("voice_data")
    if not isinstance(voice, OBJECT) or _speaks_many(view):
        return
    labels: Any = voice.get("labels")
    told_by = labels if isinstance(labels, OBJECT) else {}
    spoken = [told_by.get("language"), told_by.get("language_name")]
    spoken += [voice.get("language"), voice.get("language_name")]
    codes = {_code(one) for one in spoken if isinstance(one, str)} - {""}
    wanted = language.partition("-")[0]
    if codes and wanted not in codes:
        other = min(codes)
        name = next((name_of(code) for code in LANGUAGES if code.partition("-")[0] == other), other)
        told = f"is a voice for {name}, the assistant speaks {name_of(language)}"
        yield Problem(("voice_data",), "QW133", f"{told}: choose a voice of that language")


def _speaks_many(view: View) -> bool:
    """Whether ElevenLabs' model speaks any language with any voice."""
    model = view.text("eleven_lab_modal").lower()
    return any(sort in model for sort in ("multilingual", "v2_5", "v3"))


def _code(spoken: str) -> str:
    """The bare code of a language that is told by code or by name; empty where it is not known."""
    plain = _JOINT.split(spoken.strip().lower(), 1)[0]
    return plain if plain in _CODES.values() else _CODES.get(plain.partition(" ")[0], "")


_JOINT: Final = re.compile("[-_]")
# The bare codes by the first words of their languages' names.
_CODES: Final = {
    name_of(code).partition(" ")[0].lower(): code.partition("-")[0] for code in LANGUAGES
}
