"""Advice on lengths: the limits of QCall's app, and the duration of the opening line."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wizard.advice.context import AdviceContext, AdviceInfo
from wizard.advice.speech import seconds
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import walk
from wizard.contract.problems import Fix, Problem
from wizard.contract.rules import is_blank
from wizard.formats.paths import Path, get
from wizard.formats.text import counted

ADVICE: Final = (
    AdviceInfo("QW121", "A name over 100 characters.", {"name": "Asha " * 25}),
    AdviceInfo("QW122", "A company over 200 characters.", {"company_name": "Acme Dental " * 20}),
    AdviceInfo(
        "QW123", "A goal over 2,000 characters.", {"goal": "Remind of appointments. " * 100}
    ),
    AdviceInfo(
        "QW124",
        "A script under 50 or over 30,000 characters.",
        {"script": "You are Asha of Acme Dental."},
    ),
    AdviceInfo(
        "QW125", "An opening line over 250 characters.", {"start_speech": "Hello, good day. " * 20}
    ),
    AdviceInfo(
        "QW126", "A prompt under 10 or over 3,000 characters.", {"call_outcome_prompt": "Tell."}
    ),
    AdviceInfo("QW127", "A call of more than 120 minutes.", {"maximum_time_per_call": 180}),
    AdviceInfo(
        "QW128",
        "An opening line that takes more than 8 seconds to say.",
        {
            "start_speech": "Hello, this is Asha from Acme Dental. I am calling about your "
            "appointment with us on Monday, and I would like to know whether it is convenient."
        },
    ),
)

# The limits of QCall's own app, in characters.
_LIMITS: Final[Mapping[Path, tuple[str, int, int]]] = {
    ("name",): ("QW121", 0, 100),
    ("company_name",): ("QW122", 0, 200),
    ("goal",): ("QW123", 0, 2000),
    ("script",): ("QW124", 50, 30_000),
    ("start_speech",): ("QW125", 0, 250),
} | {path: ("QW126", 10, 3000) for path, _ in walk(QUESTIONS) if str(path[-1]).endswith("_prompt")}
_LONGEST_CALL: Final = 120
_LONGEST_OPENING: Final = 8.0


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the lengths of texts and of the call."""
    for path, (code, least, most) in _LIMITS.items():
        text = get(context.payload, path)
        if isinstance(text, str) and not is_blank(text):
            if len(text) > most:
                yield Problem(path, code, _too_long(text, most))
            elif len(text.strip()) < least:
                yield Problem(path, code, _too_short(text, least))
    minutes: Any = context.payload.get("maximum_time_per_call")
    if isinstance(minutes, int | float) and minutes > _LONGEST_CALL:
        message = f"QCall's app allows {_LONGEST_CALL} minutes. Enter fewer."
        shorter = Fix(f"Use {_LONGEST_CALL} minutes", _LONGEST_CALL)
        yield Problem(("maximum_time_per_call",), "QW127", message, shorter)
    yield from _opening(context)


def _too_long(text: str, most: int) -> str:
    return f"Has {len(text):,} characters. QCall's app allows {most:,}. Shorten it."


def _too_short(text: str, least: int) -> str:
    return f"Has {counted(len(text), 'character')}. QCall's app requires {least}. Write more."


def _opening(context: AdviceContext) -> Iterator[Problem]:
    opening = context.text("start_speech")
    takes = seconds(opening, context.payload.get("language"), context.payload.get("voice_speed"))
    if takes > _LONGEST_OPENING:
        message = f"Takes about {takes:.1f} seconds to say. Keep it under {_LONGEST_OPENING:.0f}."
        yield Problem(("start_speech",), "QW128", message)
