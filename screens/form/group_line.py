"""The line of a group of fields that few people set; it opens and folds the group."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wizard.contract.steps import FieldGroup

_FOLDED, _OPEN = "▸", "▾"


class GroupLine(Static, can_focus=True):
    """A group's title, and in words what is in it. Enter or a click opens the group or folds it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open_or_fold", "Open or fold", id="group.toggle"),
    ]

    @dataclass
    class Toggled(Message):
        """The group is to be opened, or to be folded."""

        group: FieldGroup

    def __init__(self, group: FieldGroup) -> None:
        super().__init__(classes="group-line")
        self.group = group
        self._shown: tuple[str, bool, bool] | None = None

    def show(self, words: str, *, is_open: bool, is_wrong: bool) -> None:
        """Show what is in the group; an unchanged text causes no layout."""
        if self._shown == (words, is_open, is_wrong):
            return
        self._shown = words, is_open, is_wrong
        self.set_class(is_open, "-open")
        title = Content(f"{_OPEN if is_open else _FOLDED} {self.group}")
        title = title.stylize("bold $text-accent")
        style = "$text-error" if is_wrong else "$text-muted"
        sign = "✗ " if is_wrong else ""
        self.update(title + Content(": ") + Content(f"{sign}{words}").stylize(style))

    def action_open_or_fold(self) -> None:
        """Open or fold the group."""
        self.post_message(self.Toggled(self.group))

    def on_click(self) -> None:
        """Open or fold the group."""
        self.action_open_or_fold()
