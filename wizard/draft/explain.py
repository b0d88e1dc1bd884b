"""Why a field is there: what it must be, when it is asked, what is sent, what QCall publishes."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from wizard.contract.applicability import Applicability
from wizard.contract.assistant import QUESTIONS
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Question, Sent, find
from wizard.contract.openapi_facts import fact
from wizard.draft.draft import Draft
from wizard.draft.review import said
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path
from wizard.formats.payload_text import dump

# Longer lists of choices are searched on the screen, not read.
_MANY: Final = 16


def told(question: Question, path: Path, draft: Draft) -> Iterator[tuple[str, str]]:
    """All that is known of a field, each sentence with its heading."""
    yield "Field", paths.write(path)
    yield "Must be", question.allowed
    if 1 < len(question.options) <= _MANY and _are_words(question):
        yield "Choices", "; ".join(f"{value}: {words}" for value, words in question.options.items())
    yield "Asked", _asked(question, path, draft)
    yield "Sent", _sent(question)
    if not is_empty(question.default):
        yield "Else sent", dump(question.default)
    yield from _now(question, path, draft)
    if known := fact(path):
        yield "Published", known.words
    if question.ask.note:
        yield "Odd", question.ask.note


def reason(question: Question, beside: Sequence[Question]) -> str:
    """When a field is asked, with the fields it hangs on by the labels that a person reads.

    `beside` are the questions of the same model.
    """
    labels = {other.name: other.label for other in beside}
    words = re.sub(
        r"\w+",
        lambda name: f"“{labels[name[0]]}”" if name[0] in labels else name[0],
        question.ask.when.words,
    )
    return f"asked when {words}"


def _beside(path: Path) -> Sequence[Question]:
    holder = find(QUESTIONS, path[:-1])
    return holder.children if holder else QUESTIONS


def applies(path: Path, draft: Draft) -> bool:
    """Whether a field is asked as things stand, and all that it stands in."""
    for end in range(1, len(path) + 1):
        above = path[: end - 1]
        if isinstance(path[end - 1], str):
            situation = Applicability(
                _beside(path[:end]), draft.get(above) if above else draft.answers
            )
            if not situation.applies(str(path[end - 1])):
                return False
    return True


def _asked(question: Question, path: Path, draft: Draft) -> str:
    if question.never_asked:
        return "never: the wizard knows it"
    when = reason(question, _beside(path)).removeprefix("asked ")
    if when == "when always":
        return "always" if applies(path, draft) else "always; not as things stand"
    return f"{when}; {'so it is now' if applies(path, draft) else 'not as things stand'}"


def _sent(question: Question) -> str:
    match question.sent:
        case Sent.ALWAYS:
            if question.default is MISSING or question.never_asked:
                return "always"
            default = _short(dump(question.default))
            return f"always; {default} while it is not asked or has no answer"
        case Sent.ASKED:
            return "while it is asked; else it is left out"
        case Sent.NEVER:
            return "never: other fields are made of it"
        case _:
            return "when it is asked and has an answer; else it is left out"


def _now(question: Question, path: Path, draft: Draft) -> Iterator[tuple[str, str]]:
    value = paths.get(draft.compose(), path)
    if value is not MISSING and value != "":
        yield "Now", f"{_short(said(question, value))} ({draft.source(path)})"
    elif not is_empty(draft.get(path)):
        yield "Now", f"{_short(said(question, draft.get(path)))}: kept, and not sent"


def _are_words(question: Question) -> bool:
    """Whether the choices have words that say more than their values."""
    return any(str(value) != words for value, words in question.options.items())


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST: Final = 72
