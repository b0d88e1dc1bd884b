"""The one place that decides which fields apply, and what answers come to as a payload."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from wizard.contract.conditions import ALWAYS, When, is_empty
from wizard.contract.fields import Kind, Question, Sent
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path


class Applicability:
    """The answers to one model's questions as they stand: what applies, and what each is worth.

    A condition on a field that does not apply itself sees that field's resting value, so whatever
    hangs on a hidden switch is hidden with it. `derived` are values that nobody is asked for and
    that are sent. `named` are the questions by their names, if they are at hand.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        answers: Any,
        derived: Mapping[str, Any] | None = None,
        named: Mapping[str, Question] | None = None,
    ) -> None:
        self.questions = questions
        self._derived = derived or {}
        self.answers: Mapping[str, Any] = answers if isinstance(answers, Mapping) else {}
        self._named = _by_name(tuple(questions)) if named is None else named
        self._holding: dict[When, bool] = {}

    def applies(self, name: str) -> bool:
        """Whether the field is asked as things stand."""
        when = self._named[name].ask.when
        if when is ALWAYS:
            return True
        # Many fields hang on one condition, as those of an action on its type.
        holds = self._holding.get(when)
        if holds is None:
            holds = self._holding[when] = when.holds(self)
        return holds

    def answer(self, name: str) -> Any:
        """What was answered, whether it applies or not."""
        return self.answers.get(name, MISSING)

    def value(self, name: str) -> Any:
        """What the field is worth: its answer while it applies, else what is proposed or rests."""
        if self.applies(name):
            answer = self.answer(name)
            # What is true is no empty answer, and most that is looked at is.
            if answer or not is_empty(answer):
                return answer
        return self.offer(name)

    def offer(self, name: str) -> Any:
        """What stands in for an answer: what is proposed, until it was refused, or what rests."""
        question = self._named[name]
        if question.ask.propose and name not in self.answers:
            return question.ask.propose(self)
        return question.default

    def shows(self, name: str) -> bool:
        """Whether a field that is not asked is shown all the same."""
        return self._named[name].ask.shown.holds(self)

    def inside(self, name: str) -> "Applicability":
        """The situation inside a group."""
        return Applicability(self._named[name].children, self.value(name))

    def compose(self) -> dict[str, Any]:
        """The members that go into the payload, in the contract's order, unknown ones last.

        What is missing is left out, what is wrong is in it: the judge tells both.
        """
        composed = {}
        for question in self.questions:
            value = self._composed(question)
            if value is not MISSING:
                composed[question.name] = value
        composed.update((n, v) for n, v in self.answers.items() if n not in self._named)
        return composed

    def _composed(self, question: Question) -> Any:
        if question.name in self._derived:
            return self._derived[question.name]
        applies = self.applies(question.name)
        if question.sent is Sent.NEVER or not (applies or question.sent is Sent.ALWAYS):
            return MISSING
        value = self.value(question.name)
        if question.kind is Kind.GROUP and isinstance(value, Mapping | type(MISSING)):
            value = self.inside(question.name).compose()
        elif question.kind is Kind.LIST and isinstance(value, list):
            value = [_member(question, item) for item in value]
        if question.sent is Sent.IF_SET and (is_empty(value) or not self._is_set(question)):
            return MISSING
        return value

    def _is_set(self, question: Question) -> bool:
        """Whether there is more than a resting value, which alone is no reason to send a field."""
        if question.kind in (Kind.GROUP, Kind.LIST):
            return True
        return not is_empty(self.answer(question.name)) or question.ask.propose is not None


@cache
def _by_name(questions: tuple[Question, ...]) -> Mapping[str, Question]:
    return {question.name: question for question in questions}


def _member(question: Question, item: Any) -> Any:
    return Applicability(question.children, item).compose() if isinstance(item, Mapping) else item


def in_use(questions: Sequence[Question], answers: Any, path: Path) -> bool:
    """Whether all fields on a path apply; an object that is answered as one is used as one."""
    for part in path:
        if isinstance(part, str):
            question = _by_name(tuple(questions)).get(part)
            if question is None:
                return True
            if not Applicability(questions, answers).applies(part) and not question.never_asked:
                return False
            if question.kind is Kind.OBJECT:
                return True
            questions = question.children
        answers = paths.get(answers, (part,))
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked as things stand; `offer` is what is sent while it has no answer."""

    path: Path
    question: Question
    offer: Any


def applying(questions: Sequence[Question], answers: Any, at: Path = ()) -> Iterator[Asked]:
    """Walk the questions that are asked as things stand, those of groups in place of the group."""
    situation = Applicability(questions, answers)
    for question in questions:
        if not situation.applies(question.name):
            continue
        path = (*at, question.name)
        if question.kind is Kind.GROUP:
            yield from applying(question.children, situation.value(question.name), path)
        else:
            yield Asked(path, question, situation.offer(question.name))
