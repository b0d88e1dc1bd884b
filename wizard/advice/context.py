"""The input of every advice check: a payload, a date, and the payload's fields and texts."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import groupby
from typing import Any, Final

from wizard.contract.applicability import Applicability
from wizard.contract.assistant import QUESTIONS
from wizard.contract.conditions import NEVER, Condition, is_empty
from wizard.contract.fields import Kind, Question
from wizard.contract.problems import Fix
from wizard.contract.steps import Step
from wizard.formats.paths import MISSING, Path

# The texts that the voice reads word by word. The model speaks freely from the script.
_SPOKEN: Final = ("start_speech", "end_call_message", "voice_note", "say")
_SCRIPT: Final = "script"
_HEARD: Final = (*_SPOKEN, _SCRIPT)

# Three times the longest script of QCall's app.
_MAX_LENGTH: Final = 100_000

_VARIABLE: Final = re.compile(r"\{\{[^{}\n]{0,80}\}\}")


@dataclass(frozen=True, slots=True)
class AdviceInfo:
    """A code of advice: its description, and members of a payload that raise it."""

    code: str
    about: str
    example: Mapping[str, Any]


@dataclass
class Text:
    """A text of the payload that is not blank.

    Only the first 100,000 characters of a longer text are checked. It is not `is_whole` then and
    gets no fix.
    """

    path: Path
    text: str
    is_whole: bool

    @cached_property
    def bare(self) -> str:
        """The text with NUL characters in place of its variables, of the same length."""
        return _VARIABLE.sub(lambda found: "\0" * len(found[0]), self.text)

    @property
    def is_spoken(self) -> bool:
        """Whether the voice reads it word by word."""
        return self.path[-1] in _SPOKEN

    @property
    def is_script(self) -> bool:
        """Whether it is the script."""
        return self.path == (_SCRIPT,)


class AdviceContext:
    """A payload, valid or not, and today's date.

    - `texts` are the long texts that apply, in the contract's order.
    - `heard` are the script and the texts that a caller hears.
    - `actions` are the actions that are objects.
    - `not_applying` are the fields that do not apply and have a value other than the default.
    - `missing` are the fields that apply and are not in the payload.
    - `columns` are the variables that the contacts have a column for.

    Nested fields are in all of them.
    """

    def __init__(
        self, payload: Mapping[str, Any], today: date, columns: Collection[str] = ()
    ) -> None:
        self.payload = payload
        self.today = today
        self.columns = columns if payload.get("type") == "outbound" else ()
        self.texts: list[Text] = []
        self.not_applying: list[tuple[Path, Question]] = []
        self.missing: list[tuple[Path, Question]] = []
        self._sort(QUESTIONS, payload, ())
        self.heard = [text for text in self.texts if text.path[-1] in _HEARD]
        actions = payload.get("actions")
        self.actions: list[tuple[Path, Mapping[str, Any]]] = [
            (("actions", index), action)
            for index, action in enumerate(actions if isinstance(actions, list) else ())
            if isinstance(action, Mapping)
        ]

    def text(self, name: str) -> str:
        """A text at the top level; empty if the value is not a text."""
        value = self.payload.get(name)
        return value if isinstance(value, str) else ""

    def _sort(self, questions: Sequence[Question], values: Mapping[str, Any], at: Path) -> None:
        """Sort the fields of an object, and of the objects inside it, into the lists."""
        applicability = Applicability(questions, values)
        for when, fields in _by_condition(tuple(questions)):
            applies = applicability.holds(when)
            for name, question, is_long in fields:
                value = values.get(name, MISSING)
                if not applies:
                    if value != question.default and not is_empty(value):
                        self.not_applying.append(((*at, name), question))
                elif value is MISSING:
                    self.missing.append(((*at, name), question))
                elif question.children:
                    self._sort_inside(question, value, (*at, name))
                elif is_long and isinstance(value, str) and value and not value.isspace():
                    is_whole = len(value) <= _MAX_LENGTH
                    text = value if is_whole else value[:_MAX_LENGTH]
                    self.texts.append(Text((*at, name), text, is_whole))

    def _sort_inside(self, question: Question, value: Any, at: Path) -> None:
        if question.kind is Kind.GROUP and isinstance(value, Mapping):
            self._sort(question.children, value, at)
        elif question.kind is Kind.LIST and isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, Mapping):
                    self._sort(question.children, item, (*at, index))


@cache
def _by_condition(
    questions: tuple[Question, ...],
) -> list[tuple[Condition, list[tuple[str, Question, bool]]]]:
    """The fields that may be asked, each with its name and whether it holds long text.

    Neighbours with the same condition are together, which is evaluated once. Cached: without
    it, validating 10,000 payloads takes a twentieth longer.
    """
    return [
        (when, [(question.name, question, _is_long(question)) for question in fields])
        for when, fields in groupby(questions, lambda question: question.meta.when)
        if when is not NEVER
    ]


def _is_long(question: Question) -> bool:
    """Whether people write a text at length for this field."""
    return question.kind is Kind.LONG_TEXT or (
        question.kind is Kind.TEXT and question.step is Step.ACTIONS
    )


def quoted(found: Sequence[str], most: int = 3) -> str:
    """The first few of the texts without repetition, as an enumeration."""
    shown = [shorten(text) for text in dict.fromkeys(found)]
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else shown[0]


def shorten(text: str, most: int = 40) -> str:
    """A text on one line, cut to `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


Span = tuple[int, int]


def spliced(text: str, spans: Sequence[Span], replace: Callable[[str], str]) -> str:
    """Replace each span of a text. The spans are in order and do not overlap."""
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], replace(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def fix(label: str, before: str, after: str) -> Fix | None:
    """A fix for a text; None if it changes nothing or leaves nothing."""
    return Fix(label, after) if after != before and after.strip() else None


def spans_of(pattern: re.Pattern[str], text: str) -> list[Span]:
    """The spans of all matches of a pattern."""
    return [found.span() for found in pattern.finditer(text)]


def shown_spans(text: Text, spans: list[Span]) -> str:
    """The first few spans of a text, as an enumeration."""
    return quoted([text.text[start:end] for start, end in spans[:50]])


def replaced(label: str, text: Text, spans: list[Span], make: Callable[[str], str]) -> Fix | None:
    """A fix that replaces each span of a text; None if not all of the text was checked."""
    if not text.is_whole:
        return None
    return fix(label, text.text, spliced(text.text, spans, make))


def has_any(text: str, parts: Iterable[str]) -> bool:
    """Whether a text has one of the parts, which takes a tenth of a pattern's time."""
    return any(part in text for part in parts)
