"""The existing assistant that a draft changes: what it was when it was opened."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from wizard.api.records import Record
from wizard.contract.app_forms import app_form
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Question, Sent
from wizard.contract.problems import Problem
from wizard.exchange.change_errors import Known, errors_of_change, known_errors
from wizard.exchange.differences import Difference, differences, same
from wizard.exchange.merging import Untouched, is_untouched, merged
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.formats.payload_identity import normalized_url
from wizard.settings import Target


@dataclass(frozen=True)
class Origin:
    """An assistant of a target, as it was opened; the key of its widget is masked."""

    target: str
    record: Record

    @classmethod
    def of(cls, record: Record, base_url: str) -> "Origin":
        """Return the origin of a draft that is about to be opened."""
        kept = replace(Record.of(record.masked_text), flaw=record.flaw)
        return cls(normalized_url(base_url), kept)

    @property
    def assistant(self) -> str:
        """The id of the assistant; empty if it has none."""
        return self.record.id

    @property
    def label(self) -> str:
        """The name of the target in a sentence: `the sandbox`."""
        return Target(self.target).label

    def composed(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record with the answers that were changed, in the order of the record."""
        kept = self.record.data
        given = {n: value for n, value in answers.items() if n in kept or value != ""}
        wanted = _without_unsent(QUESTIONS, given)
        order = [name for name in kept if name in wanted]
        return {name: wanted[name] for name in dict.fromkeys([*order, *wanted])}

    def changed(self, answers: Mapping[str, Any]) -> frozenset[str]:
        """Return the names of the members that the person changed."""
        was, now = self.record.data, self.composed(answers)
        names = {*was, *now}
        return frozenset(n for n in names if not same(was.get(n, MISSING), now.get(n, MISSING)))

    def changes(self, composed: Mapping[str, Any]) -> list[Difference]:
        """Return what an update would change, place by place."""
        return differences(self.record.data, composed)

    def text(self, composed: Mapping[str, Any]) -> str:
        """Return the record as it is sent: every untouched member as QCall wrote it."""
        data = dict(composed)
        try:
            return merged(self.record.text, self.record.data, dump(data))
        except (ValueError, RecursionError):
            # Such a record cannot be sent, but it can be shown.
            return json.dumps(data, ensure_ascii=True, indent=2)

    def problems(self, composed: Mapping[str, Any]) -> list[Problem]:
        """Return the errors of what was changed; untouched values go back as they are."""
        return errors_of_change(self.record.data, composed, self._known)

    @cached_property
    def _known(self) -> Known:
        return known_errors(self.record.data)

    def own(self, found: Iterable[Problem], composed: Mapping[str, Any]) -> list[Problem]:
        """Return what concerns values that the person changed."""
        is_untouched = Untouched(self.record.data, composed)
        return [problem for problem in found if not is_untouched(problem.path)]

    def is_untouched(self, path: Path, composed: Mapping[str, Any]) -> bool:
        """Whether the value at a path of the payload is still the one from QCall."""
        return is_untouched(path, self.record.data, composed)

    def words(self, path: Path, composed: Mapping[str, Any]) -> str:
        """Return one line on an untouched value in a form of QCall's own clients, or nothing.

        For example `QCall's app: English and Hindi`.
        """
        words = app_form(composed, path)  # most values are in no such form, which is found faster
        return words if words and self.is_untouched(path, composed) else ""


def _without_unsent(questions: Sequence[Question], value: Any) -> Any:
    """Return a value without the answers that are only kept in drafts."""
    if isinstance(value, list):
        return [_without_unsent(questions, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    named = {question.name: question for question in questions}
    result = {}
    for name, member in value.items():
        question = named.get(name)
        if question is None or not question.children:
            if question is None or question.sent is not Sent.NEVER:
                result[name] = member
        else:
            result[name] = _without_unsent(question.children, member)
    return result
