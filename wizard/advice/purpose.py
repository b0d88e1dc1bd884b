"""Advice on what a call is for: a way out for those who are called, and a script for the goal."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from wizard.advice.context import AdviceInfo, View, quoted
from wizard.advice.opt_out import offers_way_out
from wizard.advice.writing_systems import FUNCTION_WORDS, LATIN, language_of, main_system, words_of
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
        "No line of the script speaks to the goal.",
        {
            "goal": "Collect overdue rent from tenants",
            "script": "You are Asha of Acme Dental. Ask the patient whether the appointment is "
            "convenient, and offer them another day if it is not. If they want no more calls, "
            "promise that.",
        },
    ),
)


def look(view: View) -> Iterator[Problem]:
    """Look at the script as a whole."""
    script = view.text("script")
    if not script.strip():
        return
    is_open = view.payload.get("type") == "outbound" and view.payload.get("is_opt_out") is not True
    if is_open and not offers_way_out(script[:_LONGEST_READ]):
        told = "is off and no line of the script lets people refuse more calls: turn it on"
        yield Problem(("is_opt_out",), "QW161", told, Fix("Turn the opt-out on", True))
    yield from _goal(view, script)


_LONGEST_READ: Final = 100_000
_LEAST_WORDS: Final = 3


def _goal(view: View, script: str) -> Iterator[Problem]:
    """Compare stems of the words that carry the goal with those of the script.

    The headings of QCall's app are no goals in words, and texts of different languages, or with
    too few words, say nothing: only what is clear is told.
    """
    goal = view.text("goal")
    if goal.strip() in GOALS or len(goal) > 20_000:
        return
    spoken = f"{script[:_LONGEST_READ]} {view.text('start_speech')[:1000]}"
    if main_system(goal)[0] is not LATIN or main_system(spoken)[0] is not LATIN:
        return
    aims, words = words_of(goal), words_of(spoken)
    language = language_of(words)
    if not language or (language_of(aims) or language) != language:
        return
    content = [word for word in aims if len(word) > 3 and word not in FUNCTION_WORDS[language]]
    if len(content) >= _LEAST_WORDS and set(map(_stem, words)).isdisjoint(map(_stem, content)):
        told = f"speaks of {quoted(content)}, of which no line of the script does"
        yield Problem(("goal",), "QW162", f"{told}: let the script lead there, or mend the goal")


def _stem(word: str) -> str:
    """The beginning of a word without its accents, which words of one family share."""
    if word.isascii():
        return word[:4]
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain[:8] if not unicodedata.combining(c))[:4]
