"""Controls that a person types in: a line, a text, a secret."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input
from textual.widgets.text_area import Edit, EditResult

from screens.dialogs.menu import Menu
from screens.form.answers import AnswerChanged, as_text, text_form
from screens.widgets.inputs import SecretInput, focus_next_field
from screens.widgets.text_area import FieldTextArea, LineEdit, Mark, PlainTextArea
from wizard.advice.variables import KNOWN, Form, find
from wizard.contract.fields import Kind, Question
from wizard.draft.history import change
from wizard.formats.paths import MISSING


class TextAreaControl(PlainTextArea):
    """A text area whose edits are answers; variables are coloured.

    `default` is the value that is sent without an answer.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "app.external_editor", "External editor", show=False, id="field.external"),
    ]
    default: Any = MISSING
    # More places that are marked in a line, such as that of the placeholder in focus.
    more_marks: Callable[[str], Iterable[Mark]] | None = None

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    @property
    def answer(self) -> Any:
        """The answer of the text."""
        return answer_for(self.question, self.text)

    def edit(self, edit: Edit) -> EditResult:
        """Change the text, and post the new answer."""
        result = super().edit(edit)
        self.post_message(AnswerChanged(self, self.answer))
        return result

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer; a default is the initial text, or a dimmed placeholder."""
        write = text_form(self.question.kind).write
        self.default, self.placeholder = default, write(default)
        before, text = self.text, write(default if answer is MISSING else answer)
        if text == before:
            return
        if not before:
            self.load_text(text)
            self.move_cursor(self.document.end if "\n" not in text else self.document.start)
        else:
            made = change((), before, text, depth=0)
            with self.prevent(AnswerChanged):
                self.splice(made.at or 0, len(made.before), made.after)

    def marks_of(self, line: str) -> Iterator[Mark]:
        """The variables of a line; braces are JSON's own in an object."""
        for found in find(line):
            if found.is_right:
                look = "variable--known" if found.name in KNOWN else "variable--own"
                yield Mark(found.start, found.end, look)
            elif found.form is Form.NUMBER:
                yield Mark(found.start, found.end, "variable--own")
            elif self.question.kind is not Kind.OBJECT:
                yield Mark(found.start, found.end, "variable--wrong")
        yield from self.more_marks(line) if self.more_marks else ()


class LineControl(TextAreaControl, LineEdit):
    """A text or a number on one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "suggest", "Suggest", id="field.suggest"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only some fields have suggestions."""
        return action != "suggest" or self.question.meta.suggest is not None

    def on_focus(self) -> None:
        """Select a value that a new action began with: a typed part takes its place."""
        if self.question.meta.complete and self.question.meta.start:
            self.select_all()

    def action_suggest(self) -> None:
        """Open the list of suggestions, of those that have the typed text if there are some."""
        suggested = self.question.meta.suggest() if self.question.meta.suggest else ()
        options = {text: text for text in suggested}
        at = self.question.completed(self.text)
        search = "" if at in options else self.text
        menu = Menu(self.question.label, options, at=at, field=self, search=search)
        self.app.push_screen(menu, self._choose)

    def _choose(self, chosen: str | None) -> None:
        """Make the chosen suggestion the text, and go on to the next field."""
        if chosen is not None:
            self.replace(chosen, self.document.start, self.document.end)
            focus_next_field(self)


class TextControl(TextAreaControl):
    """A text of many lines, a JSON object, or a list with an item a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "app.editor", "Editor", id="field.editor"),
        Binding("alt+enter,shift+enter", "new_line", "New line", show=False, id="field.line"),
    ]

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.take("\n")


class SpokenControl(TextControl, FieldTextArea):
    """A text that is read out on the phone, mostly one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "alt+enter,shift+enter", "new_line", "New line", key_display="alt+⏎", id="field.line"
        ),
    ]


class SecretControl(SecretInput):
    """A secret of the assistant, shown as dots until it is revealed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "reveal", "Show or hide", id="field.reveal"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__(password=True, compact=True)
        self.question = question

    @property
    def answer(self) -> Any:
        """The secret."""
        return self.value or MISSING

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer as dots."""
        with self.prevent(Input.Changed):
            self.value = as_text(default if answer is MISSING else answer)

    def action_reveal(self) -> None:
        """Show the secret, or the dots again."""
        self.password = not self.password

    def on_blur(self) -> None:
        """Hide the secret."""
        self.password = True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report a change by the user."""
        event.stop()
        self.post_message(AnswerChanged(self, event.value or MISSING))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field."""
        event.stop()
        focus_next_field(self)


def answer_for(question: Question, text: str) -> Any:
    """Return the answer of a text; no text is an answer to a question that proposes one."""
    if text:
        return text_form(question.kind).read(text)
    return "" if question.meta.propose else MISSING
