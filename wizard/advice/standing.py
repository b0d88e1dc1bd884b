"""Which questions about an object matter to advice, sorted by what applies as things stand.

The conditions of a model are few, and so are the ways in which they hold together: for each way
that comes up the questions are sorted once, and not for each of thousands of payloads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from wizard.ask import Kind, Question, Sent
from wizard.conditions import ALWAYS, When
from wizard.paths import Path
from wizard.situation import Situation
from wizard.steps import Step

Asked = tuple[Question, ...]

OBJECT: Final = (dict, Mapping)
"""What an object is. That something is a dictionary is seen sooner than that it is a mapping."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The questions of a model by what is looked at, each in the contract's order.

    `telling` are those that apply and are answered by prose or hold others, `needed` those that
    apply and that the wizard never leaves empty or that have children; `sorted_out` are those that
    do not apply, and those that do and hold others.
    """

    telling: Asked
    needed: Asked
    sorted_out: tuple[tuple[Question, bool], ...]


def standing(asked: Asked, members: Mapping[str, Any]) -> Standing:
    """How things stand for the questions of an object, given its members."""
    situation = Situation(asked, members)
    return _sorted(asked, tuple([when.holds(situation) for when in _conditions(asked)]))


@cache
def _conditions(asked: Asked) -> tuple[When, ...]:
    """The conditions on questions that are asked at all, each once."""
    conditions = dict.fromkeys(question.ask.when for question in asked if not question.never_asked)
    return tuple(when for when in conditions if when is not ALWAYS)


@cache
def _sorted(asked: Asked, holding: tuple[bool, ...]) -> Standing:
    holds = dict(zip(_conditions(asked), holding, strict=True)) | {ALWAYS: True}
    sure = [(question, holds[question.ask.when]) for question in asked if not question.never_asked]
    applying = [question for question, applies in sure if applies]
    return Standing(
        telling=tuple(q for q in applying if is_prose(q) or _holds_others(q)),
        needed=tuple(q for q in applying if q.children or is_filled(q)),
        sorted_out=tuple((q, applies) for q, applies in sure if not applies or _holds_others(q)),
    )


def is_prose(question: Question) -> bool:
    """Whether a question is answered by a text that people write at length."""
    return question.kind is Kind.LONG_TEXT or (
        question.kind is Kind.TEXT and question.step is Step.ACTIONS
    )


def is_filled(question: Question) -> bool:
    """Whether the wizard itself always sends an answer to it."""
    sent = question.ask.start is not None or question.sent in (Sent.ALWAYS, Sent.ASKED)
    return sent and question.resting != []


def _holds_others(question: Question) -> bool:
    return question.kind in (Kind.GROUP, Kind.LIST)


def inside(question: Question, value: Any, at: Path) -> Iterator[tuple[Path, Any]]:
    """The objects, or what stands in their place, in the value of a group or list of objects."""
    if question.kind is Kind.GROUP:
        yield at, value
    elif question.kind is Kind.LIST and isinstance(value, list):
        for index, item in enumerate(value):
            yield (*at, index), item
