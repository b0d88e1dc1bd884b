"""Places to go to from a question, and the commands for them."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from wizard.contract.steps import Step
from wizard.formats.paths import Path


class Way(Enum):
    """A way to go on."""

    NEXT = "next question"
    BACK = "question before"
    NEXT_STEP = "next step"
    BACK_STEP = "step before"
    GO = "somewhere else"
    PAST = "past an answer that is given"
    REVIEW = "review"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Navigation:
    """A destination; `path` is the answer to go to for GO, or past for PAST.

    `step` is the step to go to if it is not a single answer.
    """

    way: Way
    path: Path = ()
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was typed; `literal` if it is not a command."""

    text: str
    literal: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed, which leaves things as they are."""
        return not self.text and not self.literal


NEXT: Final = Navigation(Way.NEXT)
BACK: Final = Navigation(Way.BACK)
REVIEW: Final = Navigation(Way.REVIEW)
LEAVE: Final = Navigation(Way.LEAVE)

TURNS: Final = {
    "<": BACK,
    "<<": Navigation(Way.BACK_STEP),
    ">": NEXT,
    ">>": Navigation(Way.NEXT_STEP),
    ":review": REVIEW,
    ":leave": LEAVE,
}
"""The commands that do nothing but lead somewhere."""

BEGINNING: Final = (
    "Each line you type is an answer; an empty line leaves things as they are.",
    "? explains a question, ?? lists all commands, < goes back. Everything is kept as you go.",
)

COMMANDS: Final = (
    ("?", "explain this question"),
    ("??", "list the commands"),
    ("<", "back to the question before; nothing holds you"),
    ("<<", "back to the step before"),
    (">", "on to the next question, whatever this one lacks"),
    (">>", "on to the next step"),
    ("an empty line", "leave things as they are: the question says how that is"),
    ("a number", "the choice of that number, where choices are numbered"),
    ("/ and words", "search a list, as in /hindi; more lists what comes next"),
    ("-", "take my answer away"),
    ("@ and a file's name", "answer with the text in that file"),
    (
        "a single full stop",
        "end an answer of several lines; a line of nothing but full stops is written with one more",
    ),
    ("\\ before an answer", "take it as it stands, as in \\? for a question mark"),
    (":steps", "list the steps and how far each has come"),
    (":go", "to a step by its number, or to an answer by its field, as in :go 4 or :go script"),
    (":review", "to the review, where you can submit"),
    (":json", "show the payload as it stands"),
    (":undo", "take the last change back"),
    (":redo", "make it again"),
    (":key", "give an API key, which is not shown"),
    (":leave", "leave; the draft is kept"),
)
"""Every command with what it does."""
