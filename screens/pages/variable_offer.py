"""Offers the names of variables while one is being typed."""

import re
from collections.abc import Callable, Iterable

from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.form.text_controls import TextControl

# The maximum number of names; more letters narrow them down.
_OFFERED = 6
# The text before the cursor while a variable is being typed.
_BEGUN = re.compile(r"\{\{\s*([A-Za-z0-9_]{0,60})$")
_WIDTH = 34


class VariableOffer(OptionList, can_focus=False):
    """A list at the cursor; its keys reach it through the text.

    `known` returns all names. They are read once for each variable.
    """

    def __init__(self, area: TextControl, known: Callable[[], Iterable[str]]) -> None:
        super().__init__(id="editor-offer", markup=False)
        self._area = area
        self._known = known
        self._names: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether names are offered."""
        return self.screen.has_class("-offering")

    def _begun(self) -> re.Match[str] | None:
        """Return the variable that is being typed at the cursor."""
        row, column = self._area.cursor_location
        return _BEGUN.search(self._area.document.get_line(row)[max(0, column - 64) : column])

    def offer(self) -> None:
        """Offer the names that contain the typed letters."""
        begun = self._begun()
        if begun is None:
            self.close()
            return
        self._names = self._names or tuple(dict.fromkeys(self._known()))
        letters = begun[1].lower()
        fitting = [name for name in self._names if name.startswith(letters)]
        fitting += [name for name in self._names if letters in name and name not in fitting]
        self.set_options(Option(name, id=name) for name in fitting[:_OFFERED])
        self.screen.set_class(self.option_count > 0, "-offering")
        if self.option_count:
            self.highlighted = 0
            (x, y), height = self._area.cursor_screen_offset, self.option_count
            is_below = y + 1 + height < self.screen.size.height - 2
            left = min(x, self.screen.size.width - _WIDTH)
            self.styles.offset = (left, y + 1 if is_below else y - height)

    def close(self) -> None:
        """Offer nothing."""
        self._names = ()
        self.screen.remove_class("-offering")

    def close_unless_typing(self) -> None:
        """Close if the cursor left the variable."""
        if self.is_open and not self._begun():
            self.close()

    def takes(self, key: str) -> bool:
        """Handle a key that was pressed in the text; return whether it was one of the list."""
        if not self.is_open:
            return False
        match key:
            case "up":
                self.action_cursor_up()
            case "down":
                self.action_cursor_down()
            case "enter" | "tab":
                self.action_select()
            case "escape":
                self.close()
            case _:
                return False
        return True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Write the rest of the variable."""
        event.stop()
        begun = self._begun()
        self.close()
        row, column = self._area.cursor_location
        if begun:
            behind = self._area.document.get_line(row)[column:]
            braces = "" if behind.startswith("}}") else "}}"
            start = (row, column - len(begun[0]))
            name = f"{{{{{event.option_id}{braces}"
            self._area.replace(name, start, (row, column), maintain_selection_offset=False)
            if not braces:
                self._area.move_cursor((row, self._area.cursor_location[1] + 2))
        self._area.focus()
