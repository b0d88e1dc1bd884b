"""One-line inputs for searches and dialogs, rows of buttons, the escaping of shown texts."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Button, Input
from textual.widgets.input import Selection

from screens.widgets.graphemes import after, before, erased
from wizard.formats.text import normal_newlines

if TYPE_CHECKING:
    from textual.widgets.button import ButtonVariant

# Invisible characters, direction marks, and halves of surrogate pairs. Joiners belong to Indic
# letters and emoji; after ASCII they join nothing.
_HIDDEN = (
    "[\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]"
)
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if code != 0x09}


def pictured(text: str) -> str:
    """A text for the screen: pictures for control characters, escapes for invisible ones."""
    return text if text.isprintable() else escaped(text).translate(_CONTROLS)


def pictured_lines(text: str) -> str:
    """A text of several lines for the screen."""
    return "\n".join(map(pictured, text.split("\n")))


def escaped(text: str) -> str:
    """A text with JSON's escapes for invisible characters; inside JSON they mean the same."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _hidden().sub(lambda found: json.dumps(found[0])[1:-1], text)


@cache
def _hidden() -> re.Pattern[str]:
    """Compile the pattern when it is first needed: few texts have such characters."""
    return re.compile(_HIDDEN)


def relabel(button: Button, label: str) -> None:
    """Change the label of a button, and its width with it."""
    if str(button.label) != label:
        button.label = label
        button.refresh(layout=True)  # it keeps its width otherwise


def action_buttons(actions: Iterable[tuple[str, str]], first: str) -> Iterator[Button]:
    """A button for each label and id; the one with the id `first` is highlighted."""
    for label, name in actions:
        variant: ButtonVariant = "primary" if name == first else "default"
        yield Button(label, id=name, variant=variant, compact=True)


def focus_next_field(field: Widget) -> None:
    """Go to the next field that is shown, and from the last to the button that leads on."""
    field.screen.focus_next(".field, #next, #action-done")


def one_line(field: Widget, text: str) -> str:
    """Join pasted lines with spaces, and report it."""
    lines = [line for line in normal_newlines(text).split("\n") if line.strip()]
    if len(lines) > 1:
        message = f"{len(lines):,} lines were joined: this field holds one line."
        field.notify(message, title="Pasted", markup=False)
        return " ".join(line.strip() for line in lines)
    return lines[0] if lines else text.replace("\n", " ")


class LineInput(Input):
    """An input for searches and dialogs, whose cursor does not blink."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+a", "select_all", "Select all", show=False, id="text.select_all"),
    ]

    # None is as wide as its text, so a longer text needs no layout of the screen.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    # Nothing is drawn while the program is idle.
    cursor_blink: Reactive[bool] = Reactive(False)

    def on_paste(self, event: events.Paste) -> None:
        """Take all lines; Input takes the first one alone."""
        event.prevent_default()
        event.stop()
        self.replace(one_line(self, event.text), *self.selection)

    # --- the cursor moves by grapheme clusters

    def action_cursor_left(self, select: bool = False) -> None:
        """Go before the cluster to the left."""
        if select or self.selection.is_empty:
            self._go(before(self.value, self.cursor_position), select=select)
        else:
            super().action_cursor_left()

    def action_cursor_right(self, select: bool = False) -> None:
        """Go behind the cluster to the right."""
        if (select or self.selection.is_empty) and not self.cursor_at_end:
            self._go(after(self.value, self.cursor_position), select=select)
        else:
            super().action_cursor_right(select)

    def _go(self, at: int, *, select: bool) -> None:
        self.selection = Selection(self.selection.start if select else at, at)

    def action_delete_right(self) -> None:
        """Delete the selection, or the cluster to the right."""
        if self.selection.is_empty and not self.cursor_at_end:
            self.delete(self.cursor_position, after(self.value, self.cursor_position))
        else:
            super().action_delete_right()

    def action_delete_left(self) -> None:
        """Delete the selection, or the cluster to the left."""
        if self.selection.is_empty and self.cursor_position:
            self.delete(erased(self.value, self.cursor_position), self.cursor_position)
        else:
            super().action_delete_left()


class SecretInput(LineInput):
    """One line shown as dots; hidden, it cannot be copied."""

    def action_copy(self) -> None:
        """Copy the selected text, unless it is hidden."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selected text, unless it is hidden."""
        if not self.password:
            super().action_cut()
