"""Explains a field: what it does in a call, and then its type, conditions and declaration."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from wizard.contract.applicability import in_use
from wizard.contract.assistant import QUESTIONS, siblings_of
from wizard.contract.conditions import ALWAYS, is_empty
from wizard.contract.field_help import field_help
from wizard.contract.fields import Question, Sent, condition_words
from wizard.contract.openapi_facts import fact
from wizard.draft.draft import Draft
from wizard.draft.review import format_value
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.formats.text import shorten

# Longer lists of choices are searched on the screen.
_MAX_CHOICES: Final = 16
_short: Final = partial(shorten, most=72)


def does(question: Question, path: Path) -> str:
    """What a field does in a call."""
    known = field_help(path)
    return known.does if known else question.meta.help


def guide(question: Question, path: Path, draft: Draft) -> Iterator[tuple[str, str]]:
    """How to answer a field, each part with its heading."""
    if known := field_help(path):
        yield "Typical", known.typical
        if not (question.never_asked or question.meta.secret):
            yield "Example", _example(question, known.example)
        yield "Left out", known.omitted
    if isinstance(path[-1], int) and "{{" in question.meta.help:
        yield "Its text", question.meta.help
    yield from _now(question, path, draft)


def explain(question: Question, path: Path, draft: Draft) -> Iterator[tuple[str, str]]:
    """What the API has of a field, each fact with its heading."""
    yield "Field", paths.write(path)
    yield "Must be", question.allowed
    if 1 < len(question.options) <= _MAX_CHOICES and _are_words(question):
        yield (
            "Choices",
            "; ".join(f"{words} ({value})" for value, words in question.options.items()),
        )
    yield "Asked", _asked(question, path, draft)
    yield "Sent", _sent(question)
    if not is_empty(question.default):
        yield "Default", dump(question.default)
    if known := fact(path):
        yield "Published", known.words
    if question.meta.note:
        yield "Note", question.meta.note


def _example(question: Question, value: Any) -> str:
    """An example as a person would enter it, on one line."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    is_object = isinstance(value, list | dict)
    return " ".join(dump(value).split()) if is_object else format_value(question, value)


def _asked(question: Question, path: Path, draft: Draft) -> str:
    if question.never_asked:
        return "never: the wizard sets it"
    is_asked = in_use(QUESTIONS, draft.shown, path)
    if question.meta.when is ALWAYS:
        return "always" if is_asked else "always; not with these answers"
    now = "as now" if is_asked else "not with these answers"
    return f"when {condition_words(question, siblings_of(path))}; {now}"


def _sent(question: Question) -> str:
    match question.sent:
        case Sent.ALWAYS:
            if question.default is MISSING or question.never_asked:
                return "always"
            default = _short(dump(question.default))
            return f"always; {default} if it is not asked or has no answer"
        case Sent.ASKED:
            return "if it is asked"
        case Sent.NEVER:
            return "never: other fields follow from it"
        case _:
            return "if it is asked and has an answer"


def _now(question: Question, path: Path, draft: Draft) -> Iterator[tuple[str, str]]:
    value = paths.get(draft.compose(), path)
    if value is not MISSING and value != "":
        yield "Now", f"{_short(format_value(question, value))} ({draft.source(path).words})"
    elif not is_empty(draft.get(path)):
        yield "Now", f"{_short(format_value(question, draft.get(path)))}: kept, not sent"


def _are_words(question: Question) -> bool:
    """Whether the words of a choice differ from its value."""
    return any(str(value) != words for value, words in question.options.items())
