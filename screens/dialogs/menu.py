"""A dialog with a list of options, such as suggestions or the steps."""

import re
from collections.abc import Mapping
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.widgets.inputs import LineInput, pictured
from screens.widgets.page_frame import Dialog

# A list longer than this is searched rather than read.
_SEARCHED_FROM = 15
# A longer pause in the typing, in seconds, begins another word.
_PAUSE_SECONDS = 1.0
# The rows of a list under its field, and those that are worth opening it below instead of above.
_MOST_ROWS, _FEW_ROWS = 14, 6


class Menu(Dialog[str | None]):
    """A list to choose one of; long lists have a search field. Returns the key, or `None`.

    With a `field` it opens under or above it. `search` is what is searched for at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="menu.close"),
        Binding("down", "into_list", show=False, id="menu.down"),
    ]

    def __init__(
        self,
        title: str,
        options: Mapping[str, str | Content],
        at: str = "",
        *,
        field: Widget | None = None,
        search: str = "",
    ) -> None:
        super().__init__(classes="-under" if field else None)
        self._title = title
        self._options = options
        self._at = at
        self._field = field
        self._search = search if self._found(search) else ""
        # What was typed in a list without a search field, and when.
        self._typed, self._typed_at = "", 0.0

    def contents(self) -> ComposeResult:
        """Title, list, and a search field for long lists."""
        with Vertical(id="menu"):
            yield Static(pictured(self._title), classes="title", markup=False)
            if len(self._options) > _SEARCHED_FROM:
                yield LineInput(self._search, placeholder="type to search", compact=True)
            yield OptionList(*self._found(self._search), markup=False)

    def on_mount(self) -> None:
        """Begin at the current option."""
        listed = self.query_one(OptionList)
        found = [option.id for option in listed.options]
        listed.highlighted = found.index(self._at) if self._at in found else 0
        self._place()

    def on_resize(self) -> None:
        """Open at the field."""
        self._place()
        # The screen of the field may have its new size later.
        self.call_after_refresh(self._place)

    def _place(self) -> None:
        if self._field is None:
            return
        columns, rows = self.app.size
        # A window that has become smaller may have the field out of sight.
        field = self._field.region
        if not (field.width and 0 <= field.y < field.bottom < rows):
            field = Region(1, 1, columns - 2, 0)
        below, above = rows - field.bottom - 1, field.y
        wanted = min(_MOST_ROWS, len(self._options) + len(self.query(Input)))
        is_below = below >= min(wanted, _FEW_ROWS) or below >= above
        height = max(1, min(wanted, below if is_below else above))
        box = self.query_one("#menu")
        box.styles.width, box.styles.height = field.width, height
        box.styles.offset = (field.x, field.bottom if is_below else field.y - height)

    def on_key(self, event: events.Key) -> None:
        """Go to the option with a word that begins with what was typed without a pause.

        The same letter again goes to the next one. If there is none, Enter chooses nothing.
        """
        listed = self.query_one(OptionList)
        if self.query(Input) or not event.is_printable or not event.character:
            return
        typed, now = event.character.casefold(), monotonic()
        before = self._typed if now - self._typed_at < _PAUSE_SECONDS else ""
        if typed.isspace() and not before:
            return  # no word begins with a space
        is_repeated = before == typed
        typed = typed if is_repeated else before + typed
        self._typed, self._typed_at = typed, now
        options = [str(option.prompt).casefold() for option in listed.options]
        begins = re.compile(rf"(?<!\w){re.escape(typed)}")
        # One letter moves on; a longer text stays where it still fits.
        start = (listed.highlighted or 0) + (len(typed) == 1)
        order = (*range(start, len(options)), *range(min(start, len(options))))
        listed.highlighted = next((i for i in order if begins.search(options[i])), None)

    def _found(self, text: str) -> list[Option]:
        words = text.casefold().split()
        return [
            Option(pictured(shown) if isinstance(shown, str) else shown, id=key)
            for key, shown in self._options.items()
            if all(word in f"{key} {shown}".casefold().replace("_", " ") for word in words)
        ]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter the list by the search."""
        listed = self.query_one(OptionList)
        listed.set_options(self._found(event.value))
        listed.highlighted = 0

    def on_input_submitted(self) -> None:
        """Choose the first match."""
        self.query_one(OptionList).action_select()

    def action_into_list(self) -> None:
        """Move from the search field to the list."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the chosen option."""
        self.dismiss(event.option_id)
