"""The groups of fields that few people set: what is in each of them, in one line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wizard.contract.applicability import Asked
from wizard.contract.assistant import QUESTIONS
from wizard.contract.conditions import is_empty
from wizard.contract.steps import FieldGroup
from wizard.draft.draft import Draft, Source
from wizard.formats.paths import Path
from wizard.formats.text import counted

# The most fields that the line of a group names.
_NAMED = 3
_GROUPS = {question.name: question.meta.group for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group and its fields that apply.

    `changed` are the fields with an answer of the person that is not the default, `wrong` those
    with an error, and `from_template` counts the answers of the template.
    """

    group: FieldGroup
    fields: tuple[Asked, ...]
    changed: tuple[Asked, ...]
    wrong: tuple[Asked, ...]
    from_template: int

    @property
    def reasons(self) -> frozenset[Path]:
        """The paths of the fields that a person should see: the wrong and the changed ones."""
        return frozenset(field.path for field in (*self.wrong, *self.changed))

    @property
    def words(self) -> str:
        """How many fields there are, and which of them need a look."""
        count = counted(len(self.fields), "field")
        if self.wrong:
            return f"{count}, {len(self.wrong)} to fix: {_labels(self.wrong)}"
        if self.changed:
            return f"{count}, {len(self.changed)} changed: {_labels(self.changed)}"
        if self.from_template:
            return f"{count}, {self.from_template} from the template"
        return f"{count}, {'default' if len(self.fields) == 1 else 'all default'}"


def group_of(path: Path) -> FieldGroup | None:
    """Return the group of a field, None if most people set it."""
    return _GROUPS.get(str(path[0])) if path else None


def group_states(draft: Draft, asked: Iterable[Asked]) -> Iterator[GroupState]:
    """Yield the groups of the fields that apply, in order."""
    fields: dict[FieldGroup, list[Asked]] = {}
    for each in asked:
        if group := group_of(each.path):
            fields.setdefault(group, []).append(each)
    wrong = [problem.path for problem in draft.problems() if group_of(problem.path)]
    for group, members in fields.items():
        yield GroupState(
            group,
            tuple(members),
            tuple(each for each in members if _is_changed(draft, each)),
            tuple(each for each in members if any(_concerns(path, each) for path in wrong)),
            sum(_has_own_answer(draft, each, Source.TEMPLATE) for each in members),
        )


def _concerns(problem: Path, asked: Asked) -> bool:
    """Whether a problem is about a field, a part of it, or the object that contains it."""
    end = min(len(problem), len(asked.path))
    return problem[:end] == asked.path[:end]


def _is_changed(draft: Draft, asked: Asked) -> bool:
    """Whether the person gave the answer. What comes with a voice is the choice of the voice."""
    given = (Source.TYPED,) if asked.question.meta.from_voice else (Source.TYPED, Source.IMPORTED)
    return any(_has_own_answer(draft, asked, source) for source in given)


def _has_own_answer(draft: Draft, asked: Asked, source: Source) -> bool:
    answer = draft.get(asked.path)
    is_default = is_empty(answer) or answer == asked.offer
    return not is_default and draft.source_of_answer(asked.path) is source


def _labels(fields: Sequence[Asked]) -> str:
    """The labels of the first fields, without their units, and the number of the others."""
    first = ", ".join(field.question.label.partition(" (")[0] for field in fields[:_NAMED])
    more = len(fields) - _NAMED
    return first + (f" and {more} more" if more > 0 else "")
