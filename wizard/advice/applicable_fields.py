"""Which questions about an object matter to advice, sorted by what applies as things stand.

The conditions of a model are few, and so are the ways in which they hold together: for each way
that comes up the questions are sorted once, and not for each of thousands of payloads.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from wizard.contract.applicability import Applicability
from wizard.contract.conditions import ALWAYS
from wizard.contract.fields import Kind, Question, Sent
from wizard.contract.steps import Step
from wizard.formats.paths import Path

Asked = tuple[Question, ...]

OBJECT: Final = (dict, Mapping)
"""What an object is. That something is a dictionary is seen sooner than that it is a mapping."""


@dataclass(frozen=True, slots=True, eq=False)
class ApplicableFields:
    """The questions of a model by what is looked at, each in the contract's order.

    `telling` are those that apply and are answered by prose or hold others, `needed` those that
    apply and that the wizard never leaves empty or that have children; `idle` are those that do not
    apply, and those that do and hold others. Beside each are the standings of what it holds, None
    where that is nothing and, in `idle`, where it does not apply.
    """

    telling: "Beside"
    needed: "Beside"
    idle: "Beside"


class FieldSorter:
    """How things stand for the questions of a model, in one object or another."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._named = {question.name: question for question in asked}
        self._below = {q.name: standings(q.children) for q in asked if q.children}
        conditions = dict.fromkeys(q.ask.when for q in asked if not q.never_asked)
        self._conditions = tuple(when for when in conditions if when is not ALWAYS)
        self._sorted: dict[tuple[bool, ...], ApplicableFields] = {}

    def of(self, members: Mapping[str, Any]) -> ApplicableFields:
        """How things stand in an object, given its members."""
        holding: tuple[bool, ...] = ()
        if self._conditions:
            situation = Applicability(self._asked, members, named=self._named)
            holding = tuple([when.holds(situation) for when in self._conditions])
        found = self._sorted.get(holding)
        if found is None:
            found = self._sorted[holding] = self._sort(holding)
        return found

    def _sort(self, holding: tuple[bool, ...]) -> ApplicableFields:
        holds = dict(zip(self._conditions, holding, strict=True)) | {ALWAYS: True}
        sure = [(q, holds[q.ask.when]) for q in self._asked if not q.never_asked]
        applying = [question for question, applies in sure if applies]
        sorted_out = [(q, applies) for q, applies in sure if not applies or _holds_others(q)]
        return ApplicableFields(
            telling=self._beside(q for q in applying if is_prose(q) or _holds_others(q)),
            needed=self._beside(q for q in applying if q.children or is_filled(q)),
            idle=tuple((q, self._below[q.name] if applies else None) for q, applies in sorted_out),
        )

    def _beside(self, asked: Iterable[Question]) -> "Beside":
        return tuple((question, self._below.get(question.name)) for question in asked)


Beside = tuple[tuple[Question, FieldSorter | None], ...]


@cache
def standings(asked: Asked) -> FieldSorter:
    """The standings of a model, by its questions."""
    return FieldSorter(asked)


def is_prose(question: Question) -> bool:
    """Whether a question is answered by a text that people write at length."""
    return question.kind is Kind.LONG_TEXT or (
        question.kind is Kind.TEXT and question.step is Step.ACTIONS
    )


def is_filled(question: Question) -> bool:
    """Whether the wizard itself always sends an answer to it."""
    sent = question.ask.start is not None or question.sent in (Sent.ALWAYS, Sent.ASKED)
    return sent and question.default != []


def _holds_others(question: Question) -> bool:
    return question.kind in (Kind.GROUP, Kind.LIST)


def inside(question: Question, value: Any, at: Path) -> Iterator[tuple[Path, Any]]:
    """The objects, or what stands in their place, in the value of a group or list of objects."""
    if question.kind is Kind.GROUP:
        yield at, value
    elif question.kind is Kind.LIST and isinstance(value, list):
        for index, item in enumerate(value):
            yield (*at, index), item
