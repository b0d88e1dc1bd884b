"""Advice on the language: texts in another Unicode script, and a voice of another language."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from wizard.advice.context import AdviceContext, AdviceInfo, Text
from wizard.advice.unicode_scripts import LATIN, language_of_text, main_script, script_of
from wizard.contract.choices import LANGUAGES, language_name
from wizard.contract.problems import Problem

ADVICE: Final = (
    AdviceInfo(
        "QW131",
        "A spoken or sent text is not in the chosen language.",
        {"language": "hi", "start_speech": "Namaste, main Asha bol rahi hoon."},
    ),
    AdviceInfo(
        "QW132",
        "The script is in another writing system and does not name the language to speak.",
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

# A text with fewer letters is a name or an interjection.
_LEAST_LETTERS: Final = 12
# A script with one of these words names the language to speak.
_NAMES_LANGUAGE: Final = re.compile(
    r"\blanguages?\b|\bsprache\b|\bidiomas?\b|\blangues?\b|\blingu[ae]\b", re.I
)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the language of the texts and of the voice."""
    language = context.payload.get("language")
    if not isinstance(language, str) or language not in LANGUAGES:
        return
    sent = [text for text in context.texts if text.path[-2:] == ("sms", "content")]
    for text in [*context.heard, *sent]:
        yield from _text(text, language)
    yield from _voice(context, language)


def _text(text: Text, language: str) -> Iterator[Problem]:
    wanted = script_of(language)
    bare = text.bare[:20_000]
    script, share = main_script(bare)
    letters = len(list(islice(filter(str.isalpha, bare), _LEAST_LETTERS)))
    if share < 0.7 or letters < _LEAST_LETTERS:
        return
    name = language_name(language)
    if script is wanted:
        found = language_of_text(bare) if script is LATIN and not text.is_script else ""
        if found not in ("", language):
            message = (
                f"Is in {language_name(found)}. The assistant speaks {name}: write it in {name}."
            )
            yield Problem(text.path, "QW131", message)
        return
    is_written = f"Is written in {script.name} letters"
    if text.is_spoken:
        message = f"{is_written}. Write {name} in {wanted.name} script, or it may be mispronounced."
        yield Problem(text.path, "QW131", message)
    elif text.is_script and not _names_language(text.text, language):
        message = (
            f"{is_written} and does not name the language to speak. Write it in {name}, or add "
            f"that the assistant speaks {name}."
        )
        yield Problem(text.path, "QW132", message)


def _names_language(script: str, language: str) -> bool:
    words = (word.strip("()") for word in re.split(r"[ ·]+", LANGUAGES[language]))
    lowered = script[:200_000].lower()
    return any(word.lower() in lowered for word in words) or bool(_NAMES_LANGUAGE.search(lowered))


def _voice(context: AdviceContext, language: str) -> Iterator[Problem]:
    voice: Any = context.payload.get("voice_data")
    if not isinstance(voice, Mapping) or _is_multilingual(context):
        return
    labels: Any = voice.get("labels")
    objects = (labels, voice) if isinstance(labels, Mapping) else (voice,)
    spoken = [each.get(key) for each in objects for key in ("language", "language_name")]
    codes = {_code(name) for name in spoken if isinstance(name, str)} - {""}
    wanted = language.partition("-")[0]
    if codes and wanted not in codes:
        other = min(codes)
        name = next(
            (language_name(code) for code in LANGUAGES if code.partition("-")[0] == other), other
        )
        message = (
            f"This voice is for {name}. The assistant speaks {language_name(language)}: choose a "
            "voice for that language."
        )
        yield Problem(("voice_data",), "QW133", message)


def _is_multilingual(context: AdviceContext) -> bool:
    """Whether ElevenLabs' model speaks any language with any voice."""
    model = context.text("eleven_lab_modal").lower()
    return any(part in model for part in ("multilingual", "v2_5", "v3"))


def _code(spoken: str) -> str:
    """The code, without a region, of a language given by code or name; empty if it is unknown."""
    plain = spoken.strip().lower().replace("_", "-").partition("-")[0]
    return plain if plain in _CODES.values() else _CODES.get(plain.partition(" ")[0], "")


# The codes without a region, by the first words of their languages' names.
_CODES: Final = {
    language_name(code).partition(" ")[0].lower(): code.partition("-")[0] for code in LANGUAGES
}
