"""One question on the screen: its label, its control, and one line of help or error below."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from screens.controls import Control, EditorLink, TextControl, control_for
from screens.inputs import pictured
from wizard.ask import Kind, Question, Sent
from wizard.conditions import is_empty
from wizard.paths import MISSING, Path


class Idle(Static, can_focus=True):
    """Stands in the place of a control that does not apply, with the reason."""


class QuestionRow(Vertical):
    """A question with its control.

    `problem` is what is wrong now, told once `revealed`: when the person has left the field, or
    asked for the next step. `advice` is told where nothing is wrong.
    """

    problem = reactive("")
    revealed = reactive(False)
    advice = reactive("")

    def __init__(self, question: Question, path: Path) -> None:
        super().__init__(classes=f"row -{question.kind.replace(' ', '-')}")
        self.question = question
        self.path = path
        self.control = control_for(question)
        self.is_idle = False
        self.idle = Idle(classes="idle")
        self._hint = Static(classes="hint")
        self._count = Static(classes="count") if question.kind is Kind.LONG_TEXT else None
        self._counted = ""

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
                if self._count:
                    yield self._count
            yield self.control
        yield self._hint

    def _label(self) -> Content:
        label = Content(self.question.label)
        if self.question.sent in (Sent.ALWAYS, Sent.ASKED) and is_empty(self.question.resting):
            return label + Content(" *").stylize("$text-accent")
        return label

    def show(self, answer: Any, resting: Any) -> None:
        """Show an answer unless the control says it already: a person's own text stays as typed."""
        if answer is MISSING or self.answering.answer != answer:
            self.answering.show(answer, resting)

    async def show_idle(self, why: str) -> None:
        """List the field, greyed, with the reason why it does not apply."""
        if not self.idle.is_attached:
            await self.query("Horizontal").first().mount(self.idle)
        self.idle.update(Content(f"· {why}"))
        self.set_idle(True)

    def set_idle(self, idle: bool) -> None:
        """Whether the field is listed though it does not apply."""
        if idle != self.is_idle:
            self.is_idle = idle
            self.set_class(idle, "-idle")

    def count(self, told: str) -> None:
        """Tell how long the text is."""
        if self._count and told != self._counted:
            self._counted = told
            self._count.update(Content(told), layout=False)

    def watch_advice(self) -> None:
        """Show the advice, or the help again."""
        self._tell()

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
        advised = bool(self.advice) and not self.problem
        self.set_class(wrong, "-wrong")
        self.set_class(advised, "-advised")
        text = f"✗ {self.problem}" if wrong else self.question.ask.help
        self._hint.update(Content(pictured(f"△ {self.advice}" if advised else text)), layout=False)

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
