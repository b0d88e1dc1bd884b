"""One question on the screen: its label, its control, and one line of help or error below."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from screens.controls import Control, EditorLink, TextControl, control_for
from screens.editing import pictured
from wizard.ask import Kind, Question, Sent
from wizard.conditions import is_empty
from wizard.paths import MISSING, Path


class QuestionRow(Vertical):
    """A question with its control.

    `problem` is what is wrong now, told once `revealed`: when the person has left the field, or
    asked for the next step.
    """

    problem = reactive("")
    revealed = reactive(False)

    def __init__(self, question: Question, path: Path) -> None:
        super().__init__(classes=f"row -{question.kind.replace(' ', '-')}")
        self.question = question
        self.path = path
        self.control = control_for(question)

    @property
    def answering(self) -> Control:
        """The control, as what it is for."""
        control: Any = self.control
        return control  # type: ignore[no-any-return]

    def compose(self) -> ComposeResult:
        """Label and control side by side, the line of help or error under the control."""
        with Horizontal():
            with Vertical(classes="beside"):
                yield Static(self._label(), classes="label")
                if isinstance(self.control, TextControl):
                    yield EditorLink(self.control)
            yield self.control
        yield Static(classes="hint")

    def _label(self) -> Content:
        label = Content(self.question.label)
        if self.question.sent in (Sent.ALWAYS, Sent.ASKED) and is_empty(self.question.resting):
            return label + Content(" *").stylize("$text-accent")
        return label

    def show(self, answer: Any, resting: Any) -> None:
        """Show an answer unless the control says it already: a person's own text stays as typed."""
        if answer is MISSING or self.answering.answer != answer:
            self.answering.show(answer, resting)

    def watch_problem(self) -> None:
        """Show the problem, or the help again."""
        self._tell()

    def watch_revealed(self) -> None:
        """Show the problem from now on."""
        self._tell()

    def on_mount(self) -> None:
        """Begin with the help."""
        self._tell()

    def _tell(self) -> None:
        wrong = bool(self.problem) and self.revealed
        self.set_class(wrong, "-wrong")
        if hints := self.query(".hint"):
            text = f"✗ {self.problem}" if wrong else self.question.ask.help
            hints.first(Static).update(Content(pictured(text)))

    def on_descendant_blur(self) -> None:
        """Once left, a field that was answered tells what is wrong with it."""
        if not is_empty(self.answering.answer):
            self.revealed = True


class FixedRow(Vertical):
    """A value that nobody is asked for, shown all the same."""

    def __init__(self, question: Question, path: Path) -> None:
        super().__init__(classes="row -fixed")
        self.question = question
        self.path = path

    def compose(self) -> ComposeResult:
        """Label and value."""
        with Horizontal():
            yield Static(Content(self.question.label), classes="label")
            yield Static(Content(str(self.question.resting)), classes="fixed")
        yield Static(Content(self.question.ask.help), classes="hint")


def row_of(widget: Widget) -> QuestionRow | None:
    """The row that a widget stands in."""
    return next((above for above in widget.ancestors if isinstance(above, QuestionRow)), None)


def is_tall(question: Question) -> bool:
    """Whether a question is answered with more than one line."""
    return question.kind in (Kind.LONG_TEXT, Kind.OBJECT, Kind.LIST, Kind.LINES)
