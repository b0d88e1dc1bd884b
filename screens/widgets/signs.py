"""The signs that the screens draw, and the legend that explains them."""

from collections.abc import Iterator
from typing import Final

from wizard.draft.draft import Source, StepState

STEP_SIGNS: Final = {
    StepState.DONE: "✓",
    StepState.OPEN: "◐",
    StepState.WRONG: "✗",
    StepState.UNTOUCHED: "○",
}
HERE: Final = "▸"

SOURCE_SIGNS: Final = {
    Source.TYPED: "✎",
    Source.TEMPLATE: "▤",
    Source.IMPORTED: "↧",
    Source.QCALL: "◇",
    Source.VOICE: "♪",
    Source.DERIVED: "∴",
    Source.DEFAULT: "·",
}

ERROR, ADVICE, HIDDEN = "✗", "△", "·"
CHOSEN, NOT_CHOSEN = "●", "○"
MARKED, NOT_MARKED = "■", "□"
ACTED: Final = "→"

_STEPS: Final = {HERE: "the step that is shown"} | {
    sign: str(state) for state, sign in STEP_SIGNS.items()
}
_FIELDS: Final = {
    "*": "an answer is required",
    ERROR: "an error: the payload cannot be sent",
    ADVICE: "advice: the payload can be sent",
    HIDDEN: "the field does not apply now",
    f"{CHOSEN} {NOT_CHOSEN}": "one choice: chosen, not chosen",
    f"{MARKED} {NOT_MARKED}": "several choices: chosen, not chosen",
}
_SOURCES: Final = {
    Source.TYPED: "typed by you",
    Source.TEMPLATE: "from the template",
    Source.IMPORTED: "from the imported file",
    Source.QCALL: "from QCall, not changed",
    Source.VOICE: "from the chosen voice",
    Source.DERIVED: "follows from other answers",
    Source.DEFAULT: "the default",
}


def legend() -> Iterator[str]:
    """The lines that explain all signs."""
    sources = {SOURCE_SIGNS[source]: meaning for source, meaning in _SOURCES.items()}
    parts = {"Steps": _STEPS, "Fields": _FIELDS, "Values in the payload": sources}
    for title, meanings in parts.items():
        yield title
        yield from (f"  {sign:<3}  {meaning}" for sign, meaning in meanings.items())
