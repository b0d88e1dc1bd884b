"""The hints for a WhatsApp template's placeholders, as questions: one for each placeholder."""

from collections.abc import Iterator
from typing import Final

from wizard.contract.assistant import NO_VOICE, labels_of
from wizard.contract.fields import FieldMeta, Kind, Question, Sent
from wizard.contract.problems import Problem
from wizard.contract.template_slots import Placeholder, placeholders
from wizard.draft.draft import Draft
from wizard.formats.paths import Path

HINTS: Final = "parameter_hints"
EXAMPLE: Final = "what to fill in"


def hint_question(placeholder: Placeholder) -> Question:
    """The question for a hint; its help is the template's line with the placeholder."""
    about = placeholder.line.strip() or "What to fill in, for example: the caller's name."
    return Question(
        name=HINTS,
        kind=Kind.TEXT,
        meta=FieldMeta(placeholder.label, about),
        sent=Sent.ASKED,
        allowed=EXAMPLE,
        options={},
        children=(),
        joined=False,
        step=None,
    )


def hints_at(draft: Draft, content: Path) -> Iterator[tuple[Path, Placeholder]]:
    """The placeholders of the template at a path, with the paths of their hints."""
    for index, placeholder in enumerate(placeholders(draft.get(content))):
        yield (*content, HINTS, index), placeholder


def label_of(draft: Draft, path: Path) -> str:
    """A path in words; a hint has the name of its placeholder."""
    if len(path) > 1 and path[-2] == HINTS and isinstance(path[-1], int):
        found = placeholders(draft.get(path[:-2]))
        if path[-1] < len(found):
            return f"{labels_of(path[:-2])}, {found[path[-1]].label}"
    return labels_of(path)


def labelled(draft: Draft, problem: Problem) -> str:
    """A problem as a sentence that begins with the labels of its path."""
    place = "" if problem.code == NO_VOICE else label_of(draft, problem.path)
    return f"{place}: {problem.message}" if place else problem.message
