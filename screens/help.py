"""Help on one field: what it is for, its API name, what is allowed, when it is asked and sent."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.editing import pictured
from wizard.ask import Question
from wizard.conditions import is_empty
from wizard.payloads import dump

_GENERAL = (
    "Tab and Shift+Tab walk the fields, Enter chooses and goes on. Ctrl+N is the next step, Esc "
    "the one before. F2 lists the steps, F8 shows the payload, F9 the preview, Ctrl+P finds "
    "everything else. Ctrl+Q leaves. Answers are kept whatever you do."
)


def help_lines(question: Question) -> Iterator[tuple[str, str]]:
    """What is known of a field, each with its heading."""
    yield "Field", question.name
    yield "Must be", question.allowed
    yield "Asked", question.ask.when.words
    yield "Sent", question.sent
    if not is_empty(question.resting):
        yield "Else sent", dump(question.resting)
    if question.ask.note:
        yield "Note", question.ask.note


class HelpScreen(ModalScreen[None]):
    """Opens over a screen; any of Esc, Enter and F1 closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "dismiss", "Close", id="help.close", priority=True),
    ]

    def __init__(self, question: Question | None, problem: str) -> None:
        super().__init__()
        self._question = question
        self._problem = problem

    def compose(self) -> ComposeResult:
        """The field's help, or the keys."""
        with VerticalScroll(id="help"):
            if self._question is None:
                yield Static("Keys", classes="title")
                yield Static(_GENERAL)
                return
            yield Static(Content(self._question.label), classes="title")
            yield Static(Content(self._question.ask.help), classes="about")
            if self._problem:
                yield Static(Content(pictured(f"✗ {self._problem}")), classes="wrong")
            for heading, told in help_lines(self._question):
                yield Static(Content(f"{heading:<10} ").stylize("$text-muted") + Content(str(told)))
            yield Static("Esc closes", classes="hint")
