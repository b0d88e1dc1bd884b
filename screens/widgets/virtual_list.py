"""A list that draws only the rows in sight."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

_ACTIONS = {
    "enter": "choose",
    "up": "move(-1)",
    "down": "move(1)",
    "pageup": "page(-1)",
    "pagedown": "page(1)",
    "home": "edge(0)",
    "end": "edge(-1)",
}


def list_bindings(choose: str, prefix: str = "") -> list[BindingType]:
    """Return the keys of a list; with a prefix they have ids, by which people rebind them."""
    return [
        Binding(
            key,
            action,
            choose if key == "enter" else "",
            show=bool(prefix) and key == "enter",
            id=f"{prefix}.{'choose' if key == 'enter' else key}" if prefix else None,
        )
        for key, action in _ACTIONS.items()
    ]


class VirtualList(ScrollView, can_focus=True):
    """Rows of text with a cursor. A subclass returns the text of each row by its index.

    A row takes one line, or more if it is too long. The list can be filled before it is mounted and
    after it was removed. Textual's `OptionList` needs half a second for 10,000 options.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = list_bindings("Select")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--row",
        "rows--cursor",
        "rows--hover",
        "rows--title",
    }

    cursor = reactive(0, repaint=False)
    _pointed_at: reactive[int | None] = reactive(None, repaint=False)

    @dataclass
    class Chosen(Message):
        """A row was chosen."""

        index: int

    class Moved(Message):
        """The cursor went to another row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        # The first line of each row, and behind the last row the number of lines.
        self._tops: Sequence[int] = range(1)

    # --- what a subclass overrides

    @property
    def count(self) -> int:
        """How many rows there are."""
        return 0

    def content_of(self, index: int) -> Content:
        """The text of a row."""
        return Content("")

    def heights(self, width: int) -> Sequence[int]:
        """The number of lines of each row at a width; empty if each takes one."""
        return ()

    def can_choose(self, index: int) -> bool:
        """Whether a row can be chosen."""
        return True

    # --- laying out

    def lay_out(self, cursor: int | None = None) -> None:
        """Refresh after the rows or the width changed; the cursor keeps its place."""
        self._tops = self._measure(self.row_width)
        fit_lines(self, Size(self.row_width, self._tops[-1]))
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, self.count - 1))
        self.scroll_to(y=min(self.scroll_y, self.max_scroll_y), animate=False, force=True)
        self.refresh_rows()

    @property
    def row_width(self) -> int:
        """The cells of a row."""
        return self.scrollable_content_region.width

    def _measure(self, width: int) -> Sequence[int]:
        heights = self.heights(width) if width else ()
        return [*accumulate(heights, initial=0)] if heights else range(self.count + 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines of all rows at a width."""
        return self._measure(width)[-1]

    def on_resize(self, event: events.Resize) -> None:
        """Wrap again."""
        self.lay_out()
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """Scroll if the cursor, or the title above its row, is out of sight."""
        if self.cursor + 1 < len(self._tops) and self.size:
            top, end = self._tops[self.cursor], self._tops[self.cursor + 1]
            above = self.cursor
            while above and not self.can_choose(above - 1):
                above -= 1
            if end - self._tops[above] <= self.size.height:
                top = self._tops[above]
            region = Region(0, top, 1, end - top)
            self.scroll_to_region(region, animate=False, force=True, immediate=True)

    # --- drawing

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        line = y + self.scroll_offset.y
        index = bisect_right(self._tops, line) - 1
        if index < self.count:
            strips = self.draw(index, self.look_of(index))
            if line - self._tops[index] < len(strips):
                return strips[line - self._tops[index]]
        return Strip.blank(self.row_width, self.rich_style)

    def refresh_rows(self) -> None:
        """Draw the rows again."""
        self.refresh()

    def look_of(self, index: int) -> Style:
        """The style of a row."""
        if not self.can_choose(index):
            kind = "rows--title"
        elif index == self.cursor:
            kind = "rows--cursor"
        elif index == self._pointed_at:
            kind = "rows--hover"
        else:
            return self.get_visual_style("rows--row")
        return self.get_visual_style("rows--row", kind)

    def draw(self, index: int, style: Style) -> list[Strip]:
        """Draw a row."""
        width = self.row_width
        strips = Visual.to_strips(self, self.content_of(index), width, None, style)
        return [strip.extend_cell_length(width, style.rich_style) for strip in strips]

    def _refresh_row(self, index: int | None) -> None:
        if index is not None and index + 1 < len(self._tops):
            top, below = self._tops[index], self._tops[index + 1]
            self.refresh(Region(0, top - self.scroll_offset.y, self.size.width, below - top))

    # --- moving and choosing

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor in sight."""
        self._refresh_row(before)
        self._refresh_row(now)
        self.keep_in_sight()
        self.post_message(self.Moved())

    def watch__pointed_at(self, before: int | None, now: int | None) -> None:
        """Highlight the row under the mouse."""
        self._refresh_row(before)
        self._refresh_row(now)

    def action_move(self, by: int) -> None:
        """Move up or down, past rows that cannot be chosen, around the ends."""
        at = self.cursor
        for _ in range(self.count):
            at = (at + by) % self.count
            if self.can_choose(at):
                self.cursor = at
                return

    def action_page(self, by: int) -> None:
        """Move by one page."""
        if not self.count:
            return
        line = self._tops[self.cursor] + by * self.size.height
        at = bisect_right(self._tops, max(0, min(line, self._tops[-1] - 1))) - 1
        ahead = range(at, self.count) if by > 0 else range(at, -1, -1)
        self.cursor = next(filter(self.can_choose, ahead), self.cursor)

    def action_edge(self, index: int) -> None:
        """Move to the first or the last row."""
        places = range(self.count) if index == 0 else range(self.count - 1, -1, -1)
        self.cursor = next(filter(self.can_choose, places), self.cursor)

    def action_choose(self) -> None:
        """Choose the row at the cursor."""
        if self.cursor < self.count and self.can_choose(self.cursor):
            self.choose(self.cursor)

    def choose(self, index: int) -> None:
        """Post that a row was chosen."""
        self.post_message(self.Chosen(index))

    def on_click(self, event: events.Click) -> None:
        """Choose the clicked row."""
        index = self._row_at(event)
        if index is not None and self.can_choose(index):
            self.cursor = index
            self.choose(index)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the row that a click would choose."""
        self._pointed_at = self._row_at(event)

    def on_leave(self) -> None:
        """Highlight none."""
        self._pointed_at = None

    def _row_at(self, event: events.MouseEvent) -> int | None:
        offset = event.get_content_offset(self)
        if offset is None:
            return None
        index = bisect_right(self._tops, offset.y + self.scroll_offset.y) - 1
        return index if index < self.count else None


def fit_lines(view: ScrollView, size: Size) -> None:
    """Update the size of a view's lines; the screen is laid out only if the scrollbar comes."""
    height = view.size.height
    was_long, is_long = view.virtual_size.height > height, size.height > height
    if was_long is not is_long or (view.styles.auto_dimensions and not is_long):
        view.virtual_size = size
        return
    view.set_reactive(Widget.virtual_size, size)
    if is_long and view.show_vertical_scrollbar:
        view.vertical_scrollbar.window_virtual_size = size.height


# At every change of one of 1,000 actions, wrapping all again takes 60 ms.
@lru_cache(maxsize=2_000)
def lines_of(text: str, width: int) -> int:
    """The number of lines of a text at a width."""
    if cell_len(text) <= width and text.isprintable():
        return 1  # nine times as fast as the next line, and most rows are short
    return max(1, Content(text).get_height({}, max(1, width)))
