"""The controls a person answers with: one for each kind of question, chosen in `control_for`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Select, TextArea

from screens.widgets.component_styles import look
from screens.widgets.inputs import SecretInput, pictured
from screens.widgets.text_area import LineEdit, Mark, PlainTextArea
from wizard.advice.variables import KNOWN, Form, find
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.draft.history import change
from wizard.errors import Unreadable
from wizard.formats.json_text import dump, parse_json
from wizard.formats.paths import MISSING


class AnswerChanged(Message):
    """A control's value was changed by the user; `control.answer` is the new answer."""

    def __init__(self, control: Control) -> None:
        super().__init__()
        self.answering = control
        control.is_awaited = True

    def take(self) -> Any:
        """Return the answer, for the draft; from now on the control may show another."""
        self.answering.is_awaited = False
        return self.answering.answer


class Control(Protocol):
    """Every control shows an answer, and posts `AnswerChanged` if a person gives one.

    `is_awaited` is whether an answer is on its way to the draft. Until it arrives the draft's older
    value must not be shown.
    """

    question: Question
    is_awaited: bool

    @property
    def answer(self) -> Any:
        """The answer as JSON, `MISSING` if empty; text that cannot be read is returned as text."""

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer, or the default in its place; posts nothing."""


def as_text(answer: Any) -> str:
    """An answer as a person would have typed it."""
    if is_empty(answer):
        return ""
    return answer if isinstance(answer, str) else dump(answer)


def as_number(text: str) -> Any:
    """The JSON number that a text writes, else the text itself."""
    number = as_json(text.strip())
    return number if isinstance(number, int | float) and not isinstance(number, bool) else text


def as_json(text: str) -> Any:
    """The JSON value that a text writes, else the text itself."""
    try:
        return parse_json(text, "the text")
    except Unreadable:
        return text


def _as_lines(text: str) -> Any:
    if text.lstrip().startswith("["):
        return as_json(text)
    # Enter behind the last item begins no other.
    lines = text.rstrip("\n")
    return lines.split("\n") if lines else []


def _lines_text(answer: Any) -> str:
    """One item a line; items that hold line ends, or are no texts, are shown as JSON."""
    plain = isinstance(answer, list) and all(isinstance(t, str) and "\n" not in t for t in answer)
    return "\n".join(answer) if plain else as_text(answer)


@dataclass(frozen=True, slots=True)
class _Form:
    """Converts texts to answers, and answers to texts."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = as_text


_FORMS = {
    Kind.NUMBER: _Form(as_number),
    Kind.OBJECT: _Form(as_json),
    Kind.LIST: _Form(as_json),
    Kind.LINES: _Form(_as_lines, _lines_text),
}
_PLAIN = _Form(lambda text: text)


class TextAreaControl(PlainTextArea):
    """A text area that is a control: a text that differs from the last shown one is an answer.

    Variables are coloured; misspelled ones are underlined.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "app.external_editor", "Own editor", show=False, id="field.external"),
    ]
    question: Question
    is_awaited = False
    _shown = ""
    _default: Any = MISSING
    _emptied = False

    @property
    def answer(self) -> Any:
        """The answer of the text; an empty text answers a question that proposes a value."""
        return self.answer_for(self.text, emptied=self._emptied)

    def answer_for(self, text: str, *, emptied: bool = True) -> Any:
        """The answer of a text; `emptied` is whether the user deleted the text."""
        if text:
            return self._form.read(text)
        return "" if emptied and self.question.ask.propose else MISSING

    @property
    def default(self) -> Any:
        """The value that is sent without an answer."""
        return self._default

    @property
    def _form(self) -> _Form:
        return _FORMS.get(self.question.kind, _PLAIN)

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer; a default is the initial text, or a dimmed placeholder."""
        if self.text != self._shown:
            return  # typed a moment ago, and its message is still on the way: not to be overwritten
        self._default = default
        self.placeholder = self._form.write(default)
        text = self._form.write(default if answer is MISSING else answer)
        if answer is MISSING and self._emptied and not self.question.ask.propose:
            return  # whoever empties a field is about to write something else
        if text != self._shown:
            self._put(text)

    def _put(self, text: str) -> None:
        """Show another text; only the part that differs is replaced."""
        before, self._shown, self._emptied = self._shown, text, False
        if before:
            made = change((), before, text, depth=0)
            self.splice(made.at or 0, len(made.before), made.after)
        else:
            self.load_text(text)
            self.move_cursor(self.document.end if "\n" not in text else self.document.start)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Report a change by the user, not one that came from showing an answer."""
        event.stop()
        text = self.text
        if text != self._shown:
            self._shown = text
            self._emptied = not text
            self.post_message(AnswerChanged(cast(Control, self)))

    def on_blur(self) -> None:
        """Show the default again if the field was left empty."""
        if self._emptied and not self.question.ask.propose:
            self._emptied = False
            self.show(MISSING, self._default)

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


class LineControl(TextAreaControl, LineEdit):
    """A text or a number on one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "suggest", "Offers", id="field.suggest"),
    ]

    def __init__(self, question: Question) -> None:
        LineEdit.__init__(self)
        self.question = question

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only some fields have suggestions."""
        return action != "suggest" or self.question.ask.suggest is not None

    async def action_suggest(self) -> None:
        """Open the list of suggestions; the chosen one becomes the text."""
        from screens.dialogs.menu import Menu  # noqa: PLC0415 - opened on demand

        if self.question.ask.suggest:
            options = {text: text for text in self.question.ask.suggest()}
            await self.app.push_screen(Menu(self.question.label, options), self._take)

    def _take(self, chosen: str | None) -> None:
        if chosen is not None:
            self.replace(chosen, self.document.start, self.document.end)
            self.screen.focus_next()


class TextControl(TextAreaControl):
    """A text of many lines, a JSON object, or a list with an item a line.

    A text that is said word for word is mostly one line: there Enter goes on to the next field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "app.editor", "Editor", id="field.editor"),
        Binding("alt+enter,shift+enter", "new_line", "New line", show=False, id="field.line"),
        Binding("enter", "submit", "Next field", show=False, id="field.next"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    @property
    def goes_on(self) -> bool:
        """Whether Enter goes on to the next field."""
        return self.question.ask.spoken

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is a key of the text in all other fields."""
        return action != "submit" or self.goes_on

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Let Enter reach the binding."""
        return not (key == "enter" and self.goes_on) and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Enter goes on; TextArea would take it for a line end."""
        if event.key == "enter" and self.goes_on:
            event.prevent_default()
        else:
            super().on_key(event)

    def action_submit(self) -> None:
        """Go on to the next field."""
        self.screen.focus_next()

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.take("\n")


class SecretControl(SecretInput):
    """A secret of the assistant's, shown as dots until it is asked to be seen."""

    is_awaited = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "reveal", "Show or hide", id="field.reveal"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__(password=True, compact=True)
        self.question = question
        self._shown = ""

    @property
    def answer(self) -> Any:
        """The secret."""
        return self.value or MISSING

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer as dots."""
        if self.value != self._shown:
            return
        text = as_text(default if answer is MISSING else answer)
        if text != self._shown:
            self._shown = text
            self.value = text

    def action_reveal(self) -> None:
        """Show the secret, or the dots again."""
        self.password = not self.password

    def on_blur(self) -> None:
        """The field was left."""
        self.password = True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report a change by the user."""
        event.stop()
        if event.value != self._shown:
            self._shown = event.value
            self.post_message(AnswerChanged(cast(Control, self)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field."""
        event.stop()
        self.screen.focus_next()


class PickControl(Select[Any]):
    """One of a long closed list, which opens under the field."""

    is_awaited = False

    def __init__(self, question: Question) -> None:
        options = [(words, value) for value, words in question.options.items()]
        super().__init__(options, prompt="choose", compact=True)
        self.question = question
        self._shown: Any = MISSING

    @property
    def answer(self) -> Any:
        """The chosen value, or the shown one if it is not among the options."""
        return self._shown if self.selection is None else self.selection

    def show(self, answer: Any, default: Any) -> None:
        """Show the chosen value; one that is not among the choices is named in its place."""
        value = default if is_empty(answer) else answer
        self._shown = value
        known = not isinstance(value, list | dict) and value in self.question.options
        told = f"{pictured(as_text(value)[:30])} (not allowed)"
        # Select takes its prompt for markup.
        self.prompt = "choose" if known or is_empty(value) else told.replace("[", "\\[")
        if known and self.selection != value:
            self.value = value
        elif not known and self.selection is not None:
            self.clear()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Report a choice by the user, and go to the next field."""
        event.stop()
        if self.selection is None or self.selection == self._shown:
            return
        self._shown = self.selection
        self.post_message(AnswerChanged(cast(Control, self)))
        # Select asks the app for the focus when its list closes: this has to come after.
        self.app.call_later(self.screen.focus_next)


class _Marks(Widget, can_focus=True):
    """Options side by side, each with a mark; the arrow keys go from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Next field", show=False, id="field.accept"),
        Binding("left", "step(-1)", "Choose", key_display="←→", id="field.left"),
        Binding("right", "step(1)", "Choose", show=False, id="field.right"),
        Binding("space", "mark", "Mark", show=False, id="field.mark"),
        Binding("delete,backspace", "unset", "No answer", show=False, id="field.unset"),
    ]
    is_awaited = False
    cursor = reactive(0)

    def __init__(self, question: Question, options: Mapping[Any, str]) -> None:
        super().__init__()
        self.question = question
        self.values: Sequence[Any] = tuple(options)
        self.words: Sequence[str] = tuple(options.values())
        self._answer: Any = MISSING
        self._default: Any = MISSING

    @property
    def answer(self) -> Any:
        """The answer."""
        return self._answer

    def show(self, answer: Any, default: Any) -> None:
        """Show an answer; a default is marked more faintly."""
        if (answer, default) != (self._answer, self._default):
            self._answer, self._default = answer, default
            self.refresh()

    def give(self, answer: Any) -> None:
        """Take a person's answer."""
        self._answer = answer
        self.refresh()
        self.post_message(AnswerChanged(cast(Control, self)))

    def is_marked(self, value: Any) -> bool:
        """Whether an option carries the mark now."""
        raise NotImplementedError

    def sign(self, value: Any) -> str:
        """The mark of an option."""
        raise NotImplementedError

    def choose(self, index: int) -> None:
        """Act on the option at an index, as by a click or the space bar."""
        raise NotImplementedError

    def _rows(self, width: int) -> list[list[int]]:
        """The options of each row, as many as fit."""
        rows: list[list[int]] = [[]]
        used = 0
        for index, words in enumerate(self.words):
            needed = cell_len(words) + 4
            if rows[-1] and used + needed > width:
                rows.append([])
                used = 0
            rows[-1].append(index)
            used += needed
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line for each row of options."""
        return len(self._rows(width))

    def render(self) -> RenderResult:
        """Draw the options."""
        rows = self._rows(self.size.width)
        return Content("\n").join(Content("  ").join(map(self._drawn, row)) for row in rows)

    def _drawn(self, index: int) -> Content:
        value = self.values[index]
        content = Content(f"{self.sign(value)} {self.words[index]}")
        style = "marks--on" if self.is_marked(value) else ""
        if style and self._answer is MISSING:
            style = "marks--default"
        if style:
            content = content.stylize(look(self, style))
        if self.has_focus and index == self.cursor:
            content = content.stylize(look(self, "marks--here"))
        return content

    def on_focus(self) -> None:
        """Begin at the option that is marked."""
        marked = [i for i, value in enumerate(self.values) if self.is_marked(value)]
        self.cursor = marked[0] if marked else 0

    def on_click(self, event: events.Click) -> None:
        """Choose the clicked option."""
        rows = self._rows(self.size.width)
        left = 0
        for index in rows[min(event.y, len(rows) - 1)]:
            right = left + cell_len(self.words[index]) + 2
            if left <= event.x < right:
                self.cursor = index
                self.choose(index)
            left = right + 2

    def action_step(self, by: int) -> None:
        """Go to the option beside."""
        self.cursor = (self.cursor + by) % len(self.values)

    def action_mark(self) -> None:
        """Act on the option at the cursor."""
        self.choose(self.cursor)

    def action_unset(self) -> None:
        """Take the answer back."""
        self.give(MISSING)

    def action_accept(self) -> None:
        """Go on to the next field."""
        self.screen.focus_next()


class OneControl(_Marks):
    """One of a few options; the arrow keys choose."""

    def is_marked(self, value: Any) -> bool:
        """Whether an option is the answer or the default."""
        chosen = self._default if self._answer is MISSING else self._answer
        return type(chosen) is type(value) and chosen == value

    def sign(self, value: Any) -> str:
        """A filled or an empty circle."""
        return "●" if self.is_marked(value) else "○"

    def choose(self, index: int) -> None:
        """Choose an option."""
        self.give(self.values[index])

    def action_step(self, by: int) -> None:
        """Choose the option beside; the first key on an unanswered question chooses the first."""
        if any(self.is_marked(value) for value in self.values):
            super().action_step(by)
        self.choose(self.cursor)

    def action_accept(self) -> None:
        """Choose the first option if a choice is required and none is made, and go to the next
        field."""
        if self._answer is MISSING and self._default is MISSING and self.question.sent == "always":
            self.choose(self.cursor)
        super().action_accept()


class FlagControl(OneControl):
    """Yes or no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Switch", id="field.switch"),
        Binding("y", "say(True)", "Yes", show=False, id="field.yes"),
        Binding("n", "say(False)", "No", show=False, id="field.no"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__(question, {True: "Yes", False: "No"})

    def action_say(self, answer: bool) -> None:
        """Answer by the letter."""
        self.cursor = self.values.index(answer)
        self.give(answer)

    def action_mark(self) -> None:
        """Switch over."""
        self.action_say(not self.is_marked(True))


class SeveralControl(_Marks):
    """Some of a few options; the space bar marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="field.mark-several"),
        Binding("left", "step(-1)", "Move", key_display="←→", id="field.move"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__(question, question.options)

    def _chosen(self) -> list[Any]:
        chosen = self._default if is_empty(self._answer) else self._answer
        if isinstance(chosen, str):
            return [part.strip() for part in chosen.split(",")]
        return chosen if isinstance(chosen, list) else []

    def is_marked(self, value: Any) -> bool:
        """Whether this is among the answers."""
        return value in self._chosen()

    def sign(self, value: Any) -> str:
        """A filled or an empty square."""
        return "■" if self.is_marked(value) else "□"

    def choose(self, index: int) -> None:
        """Mark or unmark; the answers keep the order of the options."""
        turned = self.values[index]
        marked = [v for v in self.values if self.is_marked(v) != (v == turned)]
        self.give(",".join(marked) if self.question.joined else marked)


# Up to this number of options are shown side by side; longer lists open under the field.
_SIDE_BY_SIDE = 4


def control_for(question: Question) -> Widget:
    """Return the control for a question; the only place that maps kinds to widgets."""
    if question.kind is Kind.CHOICE:
        few = len(question.options) <= _SIDE_BY_SIDE
        return OneControl(question, question.options) if few else PickControl(question)
    makers: dict[Kind, Callable[[Question], Widget]] = {
        Kind.TEXT: LineControl,
        Kind.NUMBER: LineControl,
        Kind.SECRET: SecretControl,
        Kind.FLAG: FlagControl,
        Kind.SEVERAL: SeveralControl,
    }
    return makers.get(question.kind, TextControl)(question)
