"""What every control has in common: it shows an answer, and posts a person's answers."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from textual.message import Message

from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.errors import Unreadable
from wizard.formats.json_text import dump, parse_json, typed_number


class Control(Protocol):
    """A widget that shows an answer, and posts `AnswerChanged` if a person gives one."""

    question: Question

    @property
    def answer(self) -> Any:
        """The answer as JSON, `MISSING` if empty; text that cannot be read is returned as text."""

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer, or the default in its place; posts nothing."""


class AnswerChanged(Message):
    """A person changed the answer of a control; `answer` is the new one."""

    def __init__(self, control: Control, answer: Any) -> None:
        super().__init__()
        self.answering: Any = control
        self.answer = answer


class TextForm(NamedTuple):
    """Converts texts to answers, and answers to texts."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


def text_form(kind: Kind) -> TextForm:
    """Return how a kind of answer is written as text."""
    return _FORMS.get(kind, _TEXT)


def as_text(answer: Any) -> str:
    """Return an answer as a person would type it."""
    if is_empty(answer):
        return ""
    return answer if isinstance(answer, str) else dump(answer)


def _as_json(text: str) -> Any:
    """Return the JSON value that a text writes, else the text itself."""
    try:
        return parse_json(text, "the text")
    except Unreadable:
        return text


def _as_lines(text: str) -> Any:
    if text.lstrip().startswith("["):
        return _as_json(text)
    # Enter behind the last item begins no other.
    lines = text.rstrip("\n")
    return lines.split("\n") if lines else []


def _lines_text(answer: Any) -> str:
    """Return one item a line; items that hold line ends, or are no texts, are written as JSON."""
    plain = isinstance(answer, list) and all(isinstance(t, str) and "\n" not in t for t in answer)
    return "\n".join(answer) if plain else as_text(answer)


_TEXT: Final = TextForm(str, as_text)
_FORMS: Final = {
    Kind.NUMBER: TextForm(typed_number, as_text),
    Kind.OBJECT: TextForm(_as_json, as_text),
    Kind.LIST: TextForm(_as_json, as_text),
    Kind.LINES: TextForm(_as_lines, _lines_text),
}
