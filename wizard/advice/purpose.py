"""Advice on the purpose of a call: an opt-out for people, and a script that serves the goal."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from wizard.advice.context import AdviceContext, AdviceInfo, quoted
from wizard.advice.opt_out import has_opt_out
from wizard.advice.unicode_scripts import FUNCTION_WORDS, LATIN, language_of, main_script, words_of
from wizard.contract.choices import GOALS
from wizard.contract.problems import Fix, Problem

ADVICE: Final = (
    AdviceInfo(
        "QW161",
        "An outbound assistant has no opt-out, neither the switch nor a line of the script.",
        {
            "type": "outbound",
            "is_opt_out": False,
            "script": "You are Asha of Acme Dental. Ask whether the appointment is convenient.",
        },
    ),
    AdviceInfo(
        "QW162",
        "The script does not mention the goal.",
        {
            "goal": "Collect overdue rent from tenants",
            "script": "You are Asha of Acme Dental. Ask the patient whether the appointment is "
            "convenient, and offer them another day if it is not. If they want no more calls, "
            "promise that.",
        },
    ),
)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the script as a whole."""
    script = context.text("script")
    if not script.strip():
        return
    is_open = (
        context.payload.get("type") == "outbound" and context.payload.get("is_opt_out") is not True
    )
    if is_open and not has_opt_out(script[:_LONGEST_READ]):
        message = (
            "Off, and the script does not say what to do if people refuse more calls. Turn it on."
        )
        yield Problem(("is_opt_out",), "QW161", message, Fix("Turn the opt-out on", True))
    yield from _goal(context, script)


_LONGEST_READ: Final = 100_000
_LEAST_WORDS: Final = 3


def _goal(context: AdviceContext, script: str) -> Iterator[Problem]:
    """Compare the stems of the goal's words with those of the script.

    A goal that is a heading of QCall's app is skipped, and so are texts in different languages or
    with too few words.
    """
    goal = context.text("goal")
    if goal.strip() in GOALS:
        return
    spoken = f"{script[:_LONGEST_READ]} {context.text('start_speech')[:1000]}"
    if main_script(goal)[0] is not LATIN or main_script(spoken)[0] is not LATIN:
        return
    aims, words = words_of(goal), words_of(spoken)
    language = language_of(words)
    if not language or (language_of(aims) or language) != language:
        return
    content = [word for word in aims if len(word) > 3 and word not in FUNCTION_WORDS[language]]
    if len(content) >= _LEAST_WORDS and set(map(_stem, words)).isdisjoint(map(_stem, content)):
        message = f"The script never mentions {quoted(content)}. Change the script or the goal."
        yield Problem(("goal",), "QW162", message)


def _stem(word: str) -> str:
    """The first four letters of a word without accents; related words share them."""
    if word.isascii():
        return word[:4]
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain[:8] if not unicodedata.combining(c))[:4]
