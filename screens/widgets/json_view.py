"""A view of JSON: highlighted lines, each on one row or on several."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import BindingType
from textual.geometry import Region, clamp
from textual.strip import Strip
from textual.style import Style

from screens.messages import FieldRequested
from screens.widgets.inputs import pictured
from screens.widgets.virtual_list import VirtualList, list_bindings
from wizard.formats.paths import Path

_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\w.\[\]]+)(?=: )')
# The rows of a long text in focus; all others have one.
_ROWS_IN_FOCUS = 6
# A value that is no text, such as `: false,`, is shown whole up to this length.
_SHORT = 16
# The length of a text on one row is shown only if this much room is left for its first words.
_WORDS = 20


class Line(NamedTuple):
    """One line of JSON.

    `path` is the path of the value that begins or ends on it, `leaf` whether the whole value is on
    it. `tail` follows a text that is cut. `sign` is `+`, `-` or `~` in a list of differences.
    """

    path: Path
    text: str
    leaf: bool = True
    tail: str = ""
    sign: str = ""


class _Row(NamedTuple):
    """A part of a line that is drawn on a row, with a text behind it."""

    line: Line
    start: int
    end: int
    tail: str = ""


class _Look(NamedTuple):
    """Everything that is visible on a row: it is drawn again if this changes."""

    row: _Row
    margin: str
    style: Style


class JsonView(VirtualList):
    """Lines of JSON; with `wraps` long lines are shown whole on many rows.

    `margin` returns the text before a line, of the same width for all lines.
    """

    BINDINGS: ClassVar[list[BindingType]] = list_bindings("Go to field", "json")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "json--key",
        "json--text",
        "json--other",
        "json--margin",
        "json--here",
        "json--cursor",
        "json--added",
        "json--removed",
    }

    def __init__(
        self,
        *,
        wraps: bool,
        margin: Callable[[Line, int], str] = lambda _line, _width: "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._wraps = wraps
        self._margin = margin
        self._lines: Sequence[Line] = ()
        self._rows: list[_Row] = []
        self._on_screen: dict[int, _Look] = {}
        self._here: Path = ()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def at(self) -> Path:
        """The path of the line at the cursor, or of the field in focus."""
        if self.has_focus and self.cursor < self.count:
            return self._rows[self.cursor].line.path
        return self._here

    def show(self, lines: Sequence[Line], here: Path = ()) -> None:
        """Show other lines, and mark those of a place and keep them in sight."""
        is_moved = here != self._here
        self._lines, self._here = lines, here
        self.lay_out()
        if is_moved:
            self.keep_in_sight()

    def mark(self, here: Path) -> None:
        """Mark the lines of another place and keep them in sight."""
        if here != self._here:
            self.show(self._lines, here)

    # --- laying out

    def lay_out(self, cursor: int | None = None) -> None:
        """Refresh after the lines, the width or the place in focus changed."""
        count, width = self.count, max(8, self.row_width or 80)
        width -= len(self._margin(Line((), ""), width))
        self._rows = [row for line in self._lines for row in self._rows_of(line, width)]
        super().lay_out(cursor)
        if self.count != count:
            self.call_after_refresh(self.keep_in_sight)

    def _rows_of(self, line: Line, width: int) -> Iterator[_Row]:
        if line.text.isascii() and len(line.text) + len(line.tail) <= width:
            yield _Row(line, 0, len(line.text), line.tail)
        elif self._wraps:
            yield from (_Row(line, *piece) for piece in cut_to_width(line.text, width))
        else:
            yield from _cut(line, width, _ROWS_IN_FOCUS if self._is_here(line) else 1)

    def _is_here(self, line: Line) -> bool:
        return bool(self._here) and line.path[: len(self._here)] == self._here

    def _rows_here(self) -> list[int]:
        return [at for at, row in enumerate(self._rows) if self._is_here(row.line)]

    def keep_in_sight(self) -> None:
        """Scroll if the cursor, or the marked lines, are out of sight."""
        if self.has_focus:
            super().keep_in_sight()
        elif rows := self._rows_here():
            height = min(len(rows), self.size.height or 1)
            self.scroll_to_region(Region(0, rows[0], 1, height), animate=False, immediate=True)

    # --- drawing

    def refresh_rows(self) -> None:
        """Draw the rows that look different: at a key in a field that is one row of many."""
        top = self.scroll_offset.y
        in_sight = range(top, min(top + self.size.height, self.count))
        before, self._on_screen = self._on_screen, {at: self._look(at) for at in in_sight}
        for at in range(top, top + self.size.height):
            if before.get(at) != self._on_screen.get(at):
                self.refresh(Region(0, at - top, self.size.width, 1))

    def _look(self, index: int) -> _Look:
        row = self._rows[index]
        margin = self._margin(row.line, self.row_width)
        return _Look(row, " " * len(margin) if row.start else margin, self.look_of(index))

    def look_of(self, index: int) -> Style:
        """Return the style of a row; only a view in focus has a cursor."""
        return self.get_visual_style(*self._kinds(index))

    def _kinds(self, index: int) -> list[str]:
        kinds = ["json--here"] if self._is_here(self._rows[index].line) else []
        return [*kinds, "json--cursor"] if index == self.cursor and self.has_focus else kinds

    def draw(self, index: int, style: Style) -> list[Strip]:
        """Draw a row: the margin, the name and the value."""
        look, kinds = self._look(index), self._kinds(index)
        segments = [
            Segment(pictured(text), self.get_visual_style(*kinds, f"json--{kind}").rich_style)
            for text, kind in [(look.margin, "margin"), *_colored(look.row)]
        ]
        return [Strip(segments).adjust_cell_length(self.row_width, style.rich_style)]

    # --- choosing

    def on_focus(self) -> None:
        """Begin at the field that was in focus before."""
        self.cursor = next(iter(self._rows_here()), self.scroll_offset.y)
        self.refresh()

    def on_blur(self) -> None:
        """Without the focus there is no cursor."""
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move up or down, no further than to the ends."""
        self.cursor = clamp(self.cursor + by, 0, max(0, self.count - 1))

    def choose(self, index: int) -> None:
        """Go to the field of a line."""
        self.post_message(FieldRequested(self._rows[index].line.path))


def _cut(line: Line, width: int, limit: int) -> Iterator[_Row]:
    """The part of a line that fits on `limit` rows; a cut text ends with its length."""
    found = list(islice(cut_to_width(line.text, width), limit + 1))
    *whole, (start, end) = found[:limit]
    tail = line.tail
    if not tail and (len(found) > limit or cell_len(line.text[start:end]) > width):
        tail = _tail(line)
    if limit == 1 and tail.startswith("… ") and width - len(tail) < _name_end(line.text) + _WORDS:
        tail = "…"
    room = max(0, width - len(tail))
    yield from (_Row(line, *piece) for piece in whole)
    fitting = next(cut_to_width(line.text[start:end], room), (0, 0)) if room else (0, 0)
    yield _Row(line, start, start + fitting[1], tail)


def _tail(line: Line) -> str:
    """What follows a line that is cut: the length of its text, or any other value itself."""
    rest = line.text[_name_end(line.text) :]
    value = rest.removeprefix(": ").strip().removesuffix(",")
    if not value.startswith('"') and len(rest) <= _SHORT:
        return f"…{rest}"
    with suppress(ValueError):
        value = json.loads(value)
    return f"… {len(value):,} characters"


def cut_to_width(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Cut a text into pieces of a number of cells; yields the start and end of each."""
    if text.isascii():
        yield from ((at, min(at + width, len(text))) for at in range(0, len(text) or 1, width))
        return
    start = used = 0
    for at, character in enumerate(text):
        cells = cell_len(character)
        if used + cells > width:
            yield start, at
            start, used = at, 0
        used += cells
    yield start, len(text)


def _name_end(text: str) -> int:
    """The end of the name at the beginning of a line."""
    found = _KEY.match(text)
    return found.end() if found else 0


def _colored(row: _Row) -> Iterator[tuple[str, str]]:
    """Yield the part of a line on a row in pieces, with the kind of each."""
    text = row.line.text
    split = clamp(_name_end(text), row.start, row.end)
    value = text[_name_end(text) :][:4].lstrip(": ")
    kind = "text" if value.startswith('"') else "other"
    yield text[row.start : split], "key"
    yield text[split : row.end], {"+": "added", "-": "removed"}.get(row.line.sign, kind)
    yield row.tail, "other"
