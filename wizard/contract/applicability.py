"""Decides which fields apply and composes payloads from answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from wizard.contract.conditions import ALWAYS, Condition, is_empty
from wizard.contract.fields import Kind, Question, Sent
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path


class Applicability:
    """The current answers to one model's questions, and which of the questions apply.

    A hidden field has its default in conditions, so hiding a switch also hides the fields that
    depend on it. `derived` maps names to values that replace the answers in the payload.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        answers: Any,
        derived: Mapping[str, Any] | None = None,
    ) -> None:
        self.questions = questions
        self._derived = derived or {}
        self.answers: Mapping[str, Any] = answers if isinstance(answers, (dict, Mapping)) else {}
        self._named = _by_name(tuple(questions))
        self._results: dict[Condition, bool] = {}

    def applies(self, name: str) -> bool:
        """Whether the field's condition holds for the current answers."""
        return self.holds(self._named[name].meta.when)

    def holds(self, when: Condition) -> bool:
        """Whether a condition holds for the current answers."""
        if when is ALWAYS:
            return True
        # Many fields share a condition, such as those of an action its type.
        holds = self._results.get(when)
        if holds is None:
            holds = self._results[when] = when.holds(self)
        return holds

    def answer(self, name: str) -> Any:
        """Return the answer, whether the field applies or not, or `MISSING`."""
        return self.answers.get(name, MISSING)

    def value(self, name: str) -> Any:
        """Return the answer if the field applies and has one, else the offer."""
        if self.applies(name):
            answer = self.answer(name)
            if not is_empty(answer):
                return answer
        return self.offer(name)

    def offer(self, name: str) -> Any:
        """Return the proposed value unless the user cleared it, else the default."""
        question = self._named[name]
        if question.meta.propose and name not in self.answers:
            return question.meta.propose(self)
        return question.default

    def shows(self, name: str) -> bool:
        """Whether to show a field that the user cannot edit."""
        return self._named[name].meta.shown.holds(self)

    def inside(self, name: str) -> "Applicability":
        """Return the applicability of the fields in a group."""
        return Applicability(self._named[name].children, self.value(name))

    def compose(self) -> dict[str, Any]:
        """Return the payload in the contract's order, with unknown members last.

        Missing values are left out and invalid ones kept; validation reports both.
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
        """Whether a field has more than a default, which alone does not put it in the payload."""
        if question.kind in (Kind.GROUP, Kind.LIST):
            return True
        return not is_empty(self.answer(question.name)) or question.meta.propose is not None


@cache
def _by_name(questions: tuple[Question, ...]) -> Mapping[str, Question]:
    return {question.name: question for question in questions}


def _member(question: Question, item: Any) -> Any:
    return Applicability(question.children, item).compose() if isinstance(item, Mapping) else item


def in_use(questions: Sequence[Question], answers: Any, path: Path) -> bool:
    """Whether all fields on a path apply. Members of an object entered as JSON always apply."""
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
    """A question that applies; `offer` is the value that is sent without an answer."""

    path: Path
    question: Question
    offer: Any


def applying(questions: Sequence[Question], answers: Any, at: Path = ()) -> Iterator[Asked]:
    """Yield the questions that apply, with the fields of a group in place of the group."""
    applicability = Applicability(questions, answers)
    for question in questions:
        if not applicability.applies(question.name):
            continue
        path = (*at, question.name)
        if question.kind is Kind.GROUP:
            yield from applying(question.children, applicability.value(question.name), path)
        else:
            yield Asked(path, question, applicability.offer(question.name))
