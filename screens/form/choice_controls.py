"""Controls that a person chooses with: a list, options side by side, yes or no."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from screens.dialogs.menu import Menu
from screens.form.answers import AnswerChanged, as_text
from screens.terminal.clipboard import copy_and_show
from screens.widgets.component_styles import component_style
from screens.widgets.inputs import focus_next_field, pictured
from screens.widgets.signs import CHOSEN, MARKED, NOT_CHOSEN, NOT_MARKED
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Question, Sent
from wizard.formats.paths import MISSING

_NOT_SENT = "  not sent"


class SelectControl(Widget, can_focus=True):
    """One of a long closed list, which opens under the field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down,up,space", "open", "Choose", key_display="⏎", id="field.open"),
    ]

    # Whether the value is one of QCall's own that goes back as it is.
    is_kept = reactive(False)

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self._values: Sequence[Any] = tuple(question.options)
        self._answer: Any = MISSING
        self._default: Any = MISSING

    @property
    def answer(self) -> Any:
        """The chosen value or the default, which may be none of the options."""
        return self._default if is_empty(self._answer) else self._answer

    def show(self, answer: Any, default: Any) -> None:
        """Show the chosen value, or one that is not among the options."""
        if (answer, default) != (self._answer, self._default):
            self._answer, self._default = answer, default
            self.refresh()

    def render(self) -> Content:
        """The option, and an arrow at the right end."""
        room = self.size.width - 2
        return self._words().truncate(room, ellipsis=True, pad=True) + Content(" ▼")

    def _words(self) -> Content:
        if is_empty(self.answer):
            return Content("choose").stylize(component_style(self, "question--hint"))
        if (index := self._index()) is not None:
            return Content(self.question.options[self._values[index]])
        shown = pictured(as_text(self.answer)[:30])
        return Content(shown if self.is_kept else f"{shown} (not allowed)")

    @property
    def is_other(self) -> bool:
        """Whether the answer is none of the options."""
        return not is_empty(self.answer) and self._index() is None

    def _index(self) -> int | None:
        """The place of the shown value among the options."""
        found = (i for i, value in enumerate(self._values) if value == self.answer)
        return None if isinstance(self.answer, bool) else next(found, None)

    def on_click(self) -> None:
        """Open the list."""
        self.action_open()

    def action_open(self) -> None:
        """Open the list at the shown value."""
        options = {str(index): words for index, words in enumerate(self.question.options.values())}
        menu = Menu(self.question.label, options, at=str(self._index()), field=self)
        self.app.push_screen(menu, self._choose)

    def _choose(self, chosen: str | None) -> None:
        """Take an option, and go on to the next field."""
        if chosen is None:
            return
        value = self._values[int(chosen)]
        if value != self.answer:
            self._answer = value
            self.refresh()
            self.post_message(AnswerChanged(self, value))
        focus_next_field(self)


class _Marks(Widget, can_focus=True):
    """Options side by side, each with a mark; the arrow keys go from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Next field", show=False, id="field.accept"),
        Binding("left", "step(-1)", "Choose", key_display="←→", id="field.left"),
        Binding("right", "step(1)", "Choose", show=False, id="field.right"),
        Binding("space", "mark", "Mark", show=False, id="field.mark"),
        Binding("delete,backspace", "unset", "No answer", show=False, id="field.unset"),
    ]
    cursor = reactive(0)

    def __init__(self, question: Question, options: Mapping[Any, str] | None = None) -> None:
        super().__init__()
        self.question = question
        options = options or question.options
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
        self.post_message(AnswerChanged(self, self.answer))

    @property
    def is_other(self) -> bool:
        """Whether the answer is none of the options."""
        return not (is_empty(self._answer) or any(map(self.is_marked, self.values)))

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

    def render(self) -> Content:
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
            content = content.stylize(component_style(self, style))
        if self.has_focus and index == self.cursor:
            content = content.stylize(component_style(self, "marks--here"))
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
        focus_next_field(self)


class RadioControl(_Marks):
    """One of a few options; the arrow keys choose. The address of an option can be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_address", "Copy address", id="field.copy"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only some options are web addresses, such as those of pictures; one is no choice."""
        if action == "step" and len(self.values) == 1:
            return not self.is_marked(self.values[0])
        return action != "copy_address" or str(self.values[self.cursor]).startswith("https://")

    def render(self) -> Content:
        """Draw the options; if none is chosen and none has to be, say that nothing is sent."""
        drawn = super().render()
        has_value = not (is_empty(self._answer) and is_empty(self._default))
        if has_value or self.question.sent is not Sent.IF_SET:
            return drawn
        has_room = drawn.split()[-1].cell_length + len(_NOT_SENT) <= self.size.width
        style = component_style(self, "question--hint")
        return drawn + Content(_NOT_SENT if has_room else "").stylize(style)

    def action_copy_address(self) -> None:
        """Copy the address of the option at the cursor, and show it."""
        copy_and_show(self.app, str(self.values[self.cursor]), self.words[self.cursor])

    def is_marked(self, value: Any) -> bool:
        """Whether an option is the answer or the default."""
        chosen = self._default if self._answer is MISSING else self._answer
        return type(chosen) is type(value) and chosen == value

    def sign(self, value: Any) -> str:
        """A filled or an empty circle."""
        return CHOSEN if self.is_marked(value) else NOT_CHOSEN

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


class SwitchControl(RadioControl):
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


class CheckboxControl(_Marks):
    """Some of a few options; the space bar marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="field.mark-several"),
        Binding("left", "step(-1)", "Move", key_display="←→", id="field.move"),
    ]

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
        return MARKED if self.is_marked(value) else NOT_MARKED

    def choose(self, index: int) -> None:
        """Mark or unmark; the answers keep the order of the options."""
        turned = self.values[index]
        marked = [v for v in self.values if self.is_marked(v) != (v == turned)]
        self.give(",".join(marked) if self.question.joined else marked)
