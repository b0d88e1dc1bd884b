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
    BLANKS = "the blanks of the texts"
    REVIEW = "review"
    START = "the start"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Navigation:
    """A destination; `path` is the answer to go to for GO.

    `step` is the step to go to if it is not a single answer.
    """

    way: Way
    path: Path = ()
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line; `literal` if it is not a command."""

    text: str
    literal: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.text and not self.literal


NEXT: Final = Navigation(Way.NEXT)
BACK: Final = Navigation(Way.BACK)
REVIEW: Final = Navigation(Way.REVIEW)
BLANKS: Final = Navigation(Way.BLANKS)
START: Final = Navigation(Way.START)
LEAVE: Final = Navigation(Way.LEAVE)

TURNS: Final = {
    "<": BACK,
    "<<": Navigation(Way.BACK_STEP),
    ">": NEXT,
    ">>": Navigation(Way.NEXT_STEP),
    ":blanks": BLANKS,
    ":review": REVIEW,
    ":leave": LEAVE,
    ":quit": LEAVE,
}
"""The commands that only lead to another place."""

INTRODUCTION: Final = (
    "Each line you type is an answer. An empty line changes nothing.",
    "? explains a question, ?? lists all commands, < goes back. Answers are saved as you go.",
)

COMMANDS: Final = (
    ("?", "explain this question"),
    ("?? or :help", "list the commands"),
    ("<", "back to the question before"),
    ("<<", "back to the step before"),
    (">", "on to the next question, even without an answer"),
    (">>", "on to the next step"),
    ("an empty line", "change nothing; the question says the result"),
    ("a number", "the choice with that number"),
    ("/ and words", "search a list, as in /hindi; more lists the next entries"),
    ("-", "remove my answer"),
    ("@ and a file name", "answer with the text in that file"),
    (
        "a single full stop",
        "end an answer of several lines; type a line of only full stops with one more",
    ),
    (":cancel", "inside an answer of several lines: drop them"),
    ("\\ before an answer", "take it literally, as in \\? for a question mark or \\:go"),
    (":steps", "list the steps and their progress"),
    (":go", "to a step by its number or an answer by its name, as in :go 4 or :go script"),
    (":all", "ask every field, or again only those that most people set; this is remembered"),
    (":blanks", "fill in the blanks of the texts, as in {{opening_hours}}"),
    (":review", "to the review, where you can submit"),
    (":json", "show the current payload"),
    (":rehearse", "rehearse the call with a language model, or read it through without one"),
    (":undo", "undo the last change"),
    (":redo", "redo it"),
    (":key", "enter an API key, which is not shown"),
    (":leave or :quit", "quit; the draft is saved"),
)
"""Every command with what it does."""
