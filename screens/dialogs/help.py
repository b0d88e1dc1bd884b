"""Help on one field: its purpose, its rule, when it is asked and sent."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from screens.form.row import FixedRow, QuestionRow
from screens.widgets.inputs import pictured
from screens.widgets.page_frame import ResponsiveScreen, TooSmall
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Question, find
from wizard.draft.draft import Draft
from wizard.draft.explain import explain
from wizard.formats.paths import Path

_GENERAL = (
    "Tab and Shift+Tab move between fields. Enter chooses and goes to the next field. Ctrl+N goes "
    "to the next step, Esc to the previous one. F2 lists the steps, F8 shows the payload, F3 "
    "switches its view, F9 opens the preview. Ctrl+G shows hidden fields. Ctrl+P finds everything "
    "else. Ctrl+Q quits. Your answers are always saved."
)


class HelpScreen(ModalScreen[None], ResponsiveScreen[None]):
    """Opens over a screen; Esc, Enter and F1 close it.

    `path` is the field's place in the payload, its name if that is unknown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "dismiss", "Close", id="help.close", priority=True),
    ]

    def __init__(
        self,
        question: Question | None,
        problem: str,
        path: Path = (),
        draft: Draft | None = None,
    ) -> None:
        super().__init__()
        self._question = question
        self._problem = problem
        self._path = path or ((question.name,) if question else ())
        self._draft = draft or Draft()

    def compose(self) -> ComposeResult:
        """The field's help, or the keys."""
        with VerticalScroll(id="help"):
            if self._question is None:
                yield Static("Keys", classes="title")
                yield Static(_GENERAL)
            else:
                yield from self._facts(self._question)
        yield TooSmall()

    def _facts(self, question: Question) -> ComposeResult:
        yield Static(Content(question.label), classes="title")
        yield Static(Content(question.ask.help), classes="about")
        if self._problem:
            yield Static(Content(pictured(f"✗ {self._problem}")), classes="wrong")
        for heading, text in explain(question, self._path, self._draft):
            with Horizontal(classes="fact"):
                yield Static(Content(heading), classes="fact-name")
                yield Static(Content(pictured(text)), classes="fact-text")
        yield Static("Esc closes", classes="hint")


def help_on(widget: Widget | None, draft: Draft) -> HelpScreen:
    """The help on the field that a widget belongs to, or on the keys."""
    for above in widget.ancestors_with_self if widget else ():
        if isinstance(above, QuestionRow):
            return HelpScreen(above.question, above.problem, above.path, draft)
        if isinstance(above, FixedRow):
            return HelpScreen(above.question, "", above.path, draft)
        # The voice list and the list of actions are no rows, but answer a field too.
        if isinstance(path := getattr(above, "path", None), tuple):
            return HelpScreen(find(QUESTIONS, path), "", path, draft)
    return HelpScreen(None, "")
