"""The search of the editor: goes from match to match, and replaces them."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from screens.form.text_controls import TextControl
from screens.widgets.inputs import LineInput


class SearchBar(Vertical):
    """Two lines, for the text to find and the text to replace it with."""

    @dataclass
    class Found(Message):
        """The text to find changed, and with it the matches to mark."""

        sought: re.Pattern[str] | None

    @dataclass
    class AllReplaced(Message):
        """All matches are to be replaced: `text` is the result."""

        text: str
        count: int

    def __init__(self, area: TextControl) -> None:
        super().__init__(id="editor-search")
        self._area = area
        self._sought: re.Pattern[str] | None = None

    def compose(self) -> ComposeResult:
        """The two lines."""
        with Horizontal():
            yield Static("Find", classes="search-label")
            yield LineInput(id="search-text", compact=True)
            yield Static(id="search-count")
        with Horizontal():
            yield Static("Replace", classes="search-label")
            yield LineInput(id="search-into", compact=True)
            yield Button("All", id="search-all", compact=True)

    def open(self) -> None:
        """Begin with the selected text."""
        field = self.query_one("#search-text", LineInput)
        selected = self._area.selected_text
        if selected and "\n" not in selected:
            field.value = selected
        field.focus()
        field.select_all()
        self.seek(field.value)

    def seek(self, text: str) -> None:
        """Search for a text from now on; capitals count if it has any."""
        flags = re.IGNORECASE if text == text.lower() else 0
        self._sought = re.compile(re.escape(text), flags) if text else None
        self.post_message(self.Found(self._sought))

    def find(self, way: int, *, stay: bool = False) -> None:
        """Select the next match, or the one before, around the ends of the text."""
        area, message = self._area, ""
        if self._sought:
            places = Places(area.text, self._sought)
            message = "none"
            if places.count:
                here = area.document.index_of(min(area.selection))
                number = places.nearest(here, way, stay=stay or area.selection.is_empty)
                start, end = map(area.document.location_of, places.span(number))
                area.move_cursor(start, center=True)
                area.move_cursor(end, select=True)
                message = f"{number + 1:,} of {places.count:,}"
        self.query_one("#search-count", Static).update(Content(message))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed, from the cursor on."""
        event.stop()
        if event.input.id == "search-text":
            self._area.move_cursor(min(self._area.selection))
            self.seek(event.value)
            self.find(1, stay=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter finds the next match, and in the lower line replaces the selected one first."""
        event.stop()
        selected = self._area.selected_text
        if event.input.id == "search-into" and self._sought and self._sought.fullmatch(selected):
            self._area.replace(event.value, *self._area.selection, maintain_selection_offset=False)
        self.find(1)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Replace all matches."""
        event.stop()
        if self._sought:
            into = self.query_one("#search-into", Input).value.replace("\\", r"\\")
            self.post_message(self.AllReplaced(*self._sought.subn(into, self._area.text)))


class Places:
    """The places of a pattern in a text."""

    def __init__(self, text: str, sought: re.Pattern[str]) -> None:
        self._spans = [found.span() for found in sought.finditer(text)]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._spans)

    def nearest(self, index: int, way: int, *, stay: bool) -> int:
        """The number of the next place after an index, or before it, around the ends of the text.

        `stay` takes one that begins at the index. There has to be a place.
        """
        after = bisect_left(self._spans, (index, 0))
        if way < 0:
            return (after - 1) % self.count
        is_here = after < self.count and self._spans[after][0] == index
        return (after + (is_here and not stay)) % self.count

    def span(self, number: int) -> tuple[int, int]:
        """The beginning and end of a place in the text."""
        return self._spans[number]
