"""One question on the screen: its label, its control, and the help or the error below.

A row draws its label and that text itself: as separate widgets they were four of every six on a
step.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from screens.form.answers import AnswerChanged, as_text
from screens.form.choice_controls import SelectControl
from screens.form.controls import control_for
from screens.form.text_controls import TextControl
from screens.widgets.component_styles import component_style
from screens.widgets.inputs import pictured
from screens.widgets.signs import ADVICE, ERROR, HIDDEN
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.formats.paths import MISSING, Path

# The columns that the stylesheet keeps free for a label, and those that it may fill.
_BESIDE = 20
_LABEL = _BESIDE - 1
_LINK = "Editor F6"


class LabelledRow(Widget):
    """A label, its widget to the right, and the text below; `message` is that text.

    `held` is the widget. On a narrow screen it is under the label.
    """

    def __init__(self, question: Question, path: Path, held: Widget, kind: str) -> None:
        super().__init__(classes=f"row -{kind}")
        self.question = question
        self.path = path
        self.is_hidden = False
        self._held = held
        # The lines below the control in the last layout.
        self._laid_out = 1

    def compose(self) -> ComposeResult:
        """The control that the label belongs to."""
        yield self._held

    @property
    def message(self) -> str:
        """The help or the error; it takes as many lines as it needs."""
        return self.question.meta.help

    @property
    def message_style(self) -> str:
        """The look of that text."""
        return "question--hint"

    # --- drawing

    @property
    def _is_narrow(self) -> bool:
        return self.screen.has_class("-narrow")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The height of the control or the text beside it, plus the text below."""
        height = super().get_content_height(container, viewport, width)
        below = 0 if self.is_hidden else len(self._message_lines(width))
        self._laid_out = below
        # The stylesheet keeps one line free below the control.
        height += max(0, below - 1)
        if self._is_narrow:
            return height
        return max(height, self._label_height + len(self._links))

    def render(self) -> Content:
        """Draw label and line; the control covers the rest."""
        height = self.size.height
        links = [Content(text).stylize(component_style(self, name)) for text, name in self._links]
        if self._is_narrow:
            lines = [Content(" ").join([self._label(), *links])]
        else:
            lines = [*self._label().wrap(_LABEL), *links]
        if self.is_hidden:
            return Content("\n").join(lines)
        message = self._message_lines(self.size.width)
        room = max(0, height - len(message))
        lines += [Content("")] * (room + len(message) - len(lines))
        beside = [line.truncate(self._indent, pad=True) for line in lines[room:]]
        return Content("\n").join([*lines[:room], *map(Content.__add__, beside, message)])

    @property
    def _indent(self) -> int:
        return 1 if self._is_narrow else _BESIDE + 1

    def _message_lines(self, width: int) -> list[Content]:
        """The text below as the lines of a width, without their indent."""
        message = Content(pictured(self.message)).stylize(component_style(self, self.message_style))
        return message.wrap(max(1, width - self._indent))

    def fit_message(self) -> None:
        """Lay the row out again if the text below takes another number of lines now."""
        is_shown = self.size.width > 0 and not self.is_hidden
        if is_shown and len(self._message_lines(self.size.width)) != self._laid_out:
            self.refresh(layout=True)

    @cached_property
    def wording(self) -> str:
        """The text of the label."""
        return pictured(self.question.label)

    @cached_property
    def _label_height(self) -> int:
        return len(Content(self.wording).wrap(_LABEL))

    def _label(self) -> Content:
        """The label as it looks now."""
        name = "question--here" if self.has_focus_within else "question--label"
        return Content(self.wording).stylize(
            component_style(self, "question--hidden" if self.is_hidden else name)
        )

    @property
    def _links(self) -> Sequence[tuple[str, str]]:
        """The texts under or behind the label, each with its style."""
        return ()


class HiddenReason(Static, can_focus=True):
    """Shown in place of a control that does not apply, with the reason."""


class QuestionRow(LabelledRow):
    """A question with its control.

    `problem` is the current error, shown once `revealed`: after the field was left, or when the
    next step was asked for. `advice` is shown if there is no error, otherwise `kept`: what a value
    from QCall is that the person has not changed.
    """

    problem = reactive("")
    revealed = reactive(False)
    advice = reactive("")
    summary = reactive("")
    kept = reactive("")

    # Whether the mouse is over the link that opens the editor.
    _over_link = reactive(False)

    def __init__(self, question: Question, path: Path) -> None:
        # A `Control` as well as a widget.
        self.control: Any = control_for(question).add_class("field")
        super().__init__(question, path, self.control, question.kind.replace(" ", "-"))
        self.hidden_reason = HiddenReason(classes="hidden-reason")
        self._counted = ""
        # The answer and the default that the draft and the control have exchanged last.
        self._known: tuple[Any, Any] = (MISSING, MISSING)

    @property
    def message(self) -> str:
        """The error if it is revealed, else the advice, what is kept, the summary or the help."""
        if self._is_wrong:
            return f"{ERROR} {self.problem}"
        if self._is_advised:
            return f"{ADVICE} {self.advice}"
        return self.kept or self.summary or super().message

    @property
    def message_style(self) -> str:
        """The style of errors and advice."""
        if self._is_wrong:
            return "question--wrong"
        return "question--advised" if self._is_advised else super().message_style

    @property
    def _is_wrong(self) -> bool:
        return bool(self.problem) and self.revealed

    @property
    def _is_advised(self) -> bool:
        return bool(self.advice) and not self.problem

    @cached_property
    def wording(self) -> str:
        """The label, with a mark if an answer is required."""
        needed = self.question.is_required
        label = pictured(self.question.label)
        return f"{label} *" if needed else label

    def _label(self) -> Content:
        return (
            super()
            ._label()
            .stylize(component_style(self, "question--needed"), len(self.question.label))
        )

    @property
    def _links(self) -> Sequence[tuple[str, str]]:
        if not isinstance(self.control, TextControl) or self.is_hidden:
            return ()
        link = _LINK, "question--link-over" if self._over_link else "question--link"
        has_room = not self._is_narrow and not self.screen.has_class("-low")
        if self.question.kind is Kind.LONG_TEXT and has_room:
            return link, (self._counted, "question--count")
        return (link,)

    # Each of them is another text below, which may take more lines.
    watch_problem = watch_revealed = watch_advice = watch_summary = LabelledRow.fit_message

    def watch_kept(self) -> None:
        """What a kept value is comes in place of the help."""
        if isinstance(self.control, SelectControl):
            self.control.is_kept = bool(self.kept)
        self.fit_message()

    # --- what it shows

    def show(self, answer: Any, default: Any) -> None:
        """Show the draft's answer, unless the control has it already: text stays as typed.

        The focused control is not overwritten, as its newest answer may be on the way to the draft.
        It is if something else has changed the answer: undo, redo, an editor, a template. Two
        others write into a focused text, at a key that asks for it: `EditorScreen.update_from` and
        `BlankRow.keep`.
        """
        is_changed_elsewhere = (answer, default) != self._known
        self._known = answer, default
        if self.has_focus_within and not is_changed_elsewhere:
            return
        if answer is MISSING or self.control.answer != answer:
            self.control.show(answer, default)

    def take(self, event: AnswerChanged) -> Any:
        """Return the control's new answer, for the draft."""
        self._known = event.answer, self._known[1]
        return event.answer

    async def show_hidden(self, why: str) -> None:
        """Show the field in grey, with the reason why it does not apply."""
        if not self.hidden_reason.is_attached:
            await self.mount(self.hidden_reason)
        self.hidden_reason.update(Content(f"{HIDDEN} {why}"))
        self.set_hidden(True)

    def set_hidden(self, is_hidden: bool) -> None:
        """Set whether the field is shown though it does not apply."""
        if is_hidden != self.is_hidden:
            self.is_hidden = is_hidden
            self.set_class(is_hidden, "-not-applying")
            self.refresh(layout=True)

    def count(self, message: str) -> None:
        """Show the length of the text."""
        if message != self._counted:
            self._counted = message
            # The text beside it is as it was. A row of a step that is not shown has no size.
            changed = [Region(0, 0, _BESIDE, self.size.height)] if self.size else []
            self.refresh(*changed)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Mark the label, and scroll to the text below: Textual scrolls to the control."""
        self.refresh()
        if self.screen.can_view_entire(event.widget):
            show_whole(event.widget)
        else:
            self.call_after_refresh(show_whole, event.widget)

    def on_descendant_blur(self) -> None:
        """Show the error when the field is left after an answer, else the default again."""
        self.refresh()
        if is_empty(self.control.answer):
            self.show(*self._known)
        else:
            self.revealed = True

    # --- the mouse

    def link_place(self) -> tuple[int, int]:
        """The column and row of the words that open the editor."""
        return (cell_len(self.wording) + 1, 0) if self._is_narrow else (0, self._label_height)

    def _is_link(self, event: events.MouseEvent) -> bool:
        if event.widget is not self or not self._links:
            return False
        left, top = self.link_place()
        return event.y == top and left <= event.x < left + len(_LINK)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Underline the link under the mouse."""
        self._over_link = self._is_link(event)

    def on_leave(self) -> None:
        """Nothing is under the mouse."""
        self._over_link = False

    def on_click(self, event: events.Click) -> None:
        """Focus the control; a click on the link opens the editor."""
        if event.widget is not self:
            return
        (self.hidden_reason if self.is_hidden else self.control).focus()
        if self._is_link(event):
            self.call_later(self.app.run_action, "editor")


class FixedRow(LabelledRow):
    """A value that is never asked, shown read-only."""

    def __init__(self, question: Question, path: Path) -> None:
        self._value = Static(Content(str(question.default)), classes="fixed")
        self._kept: tuple[Any, str] = (question.default, "")
        super().__init__(question, path, self._value, "fixed")

    @property
    def message(self) -> str:
        """What a value from QCall is, or the help."""
        return self._kept[1] or super().message

    def show(self, value: Any, kept: str) -> None:
        """Show the value as it is sent; `kept` is what a value from QCall is."""
        if (value, kept) != self._kept:
            self._kept = value, kept
            self._value.update(Content(pictured(as_text(value)) or "none"))
            self.refresh(layout=True)


def row_of(widget: Widget) -> QuestionRow | None:
    """The row of a widget."""
    return next((above for above in widget.ancestors if isinstance(above, QuestionRow)), None)


def show_whole(widget: Widget, *, force: bool = False) -> None:
    """Scroll to a widget, and to all of its row if that has room."""
    row = row_of(widget)
    page = next((above for above in widget.ancestors if isinstance(above, VerticalScroll)), None)
    has_room = row and page and row.size.height <= page.size.height
    (row if row and has_room else widget).scroll_visible(animate=False, force=force)
