"""A view of JSON that draws only the lines in sight and redraws only those that changed."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import ClassVar, NamedTuple, overload

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.payload.json_lines import Line, texts_of
from screens.widgets.inputs import pictured
from wizard.formats.paths import Path

_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\w.\[\]]+)(?=: )')
# The rows of a long text in focus; all others have one.
_ROWS_IN_FOCUS = 6


class _Row(NamedTuple):
    """A stretch of a line that is drawn on a row; `tail` is said behind it."""

    line: int
    start: int
    end: int
    tail: str


class _Drawn(NamedTuple):
    """All that a row's looks depend on."""

    text: str
    row: _Row
    margin: str
    here: bool


class JsonView(ScrollView, can_focus=True):
    """Lines of JSON, highlighted; `folds` shows long lines whole on many rows.

    `margin` gives the text before a line, of the same width for all of them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go to field", id="json.choose"),
        Binding("up", "move(-1)", show=False, id="json.up"),
        Binding("down", "move(1)", show=False, id="json.down"),
        Binding("pageup", "page(-1)", show=False, id="json.pageup"),
        Binding("pagedown", "page(1)", show=False, id="json.pagedown"),
        Binding("home", "edge(0)", show=False, id="json.home"),
        Binding("end", "edge(-1)", show=False, id="json.end"),
    ]
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

    cursor = reactive(0, repaint=False)

    class Chosen(Message):
        """A line was chosen; `path` is its path."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class Moved(Message):
        """The cursor went to a line."""

    def __init__(
        self,
        *,
        folds: bool,
        margin: Callable[[Line, int], str] = lambda _line, _width: "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._folds = folds
        self._margin = margin
        self._lines: Sequence[Line] = ()
        self._rows: Sequence[_Row] = ()
        self._drawn: dict[int, _Drawn] = {}
        self._here: Path = ()

    @property
    def text(self) -> str:
        """The text that is shown."""
        return "\n".join(texts_of(self._lines))

    @property
    def at(self) -> Path:
        """The path of the line at the cursor, or of the field in focus."""
        if self.has_focus and self.cursor < len(self._rows):
            return self._lines[self._rows[self.cursor].line].path
        return self._here

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines; unchanged ones are not drawn again."""
        self._lines = lines
        self._lay_out()

    def mark(self, path: Path) -> None:
        """Mark the lines of a place and keep them in sight."""
        if path != self._here:
            self._here = path
            self._lay_out()
            self._keep_here_in_sight()

    def on_unmount(self) -> None:
        """Let go of the lines: with all else that was shown they would be freed at one go."""
        self._lines = self._rows = ()

    def on_resize(self, event: events.Resize) -> None:
        """Fold again."""
        self._lay_out()
        self._keep_here_in_sight()

    # --- laying out

    def _lay_out(self) -> None:
        """Find the rows, and draw those in sight that do not look as they did."""
        count = len(self._rows)
        width = self._width - len(self._margin(_NO_LINE, self._width))
        if self._folds:
            self._rows = _WholeRows(texts_of(self._lines), width)
        else:
            self._rows = list(self._short_rows(width))
        if len(self._rows) != count:
            self.virtual_size = Size(self._width, len(self._rows))
            self.call_after_refresh(self._keep_here_in_sight)
        self.set_reactive(JsonView.cursor, max(0, min(self.cursor, len(self._rows) - 1)))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            if self._drawn.get(top + y) != self._looks(top + y):
                self._refresh_row(top + y)

    @property
    def _width(self) -> int:
        return max(8, self.scrollable_content_region.width or 80)

    def _short_rows(self, width: int) -> Iterator[_Row]:
        """A row for each line, and some for the one in focus."""
        for number, line in enumerate(self._lines):
            length = len(line.text)
            if length + len(line.tail) <= width and line.text.isascii():
                yield _Row(number, 0, length, line.tail)
            else:
                limit = _ROWS_IN_FOCUS if self._is_here(line.path) else 1
                yield from _cut(number, line, width, limit)

    def _is_here(self, path: Path) -> bool:
        return bool(self._here) and path[: len(self._here)] == self._here

    def _rows_here(self) -> Iterator[int]:
        rows = enumerate(self._rows)
        return (at for at, row in rows if self._is_here(self._lines[row.line].path))

    def _keep_here_in_sight(self) -> None:
        """Scroll if the marked lines are out of sight; the first counts most."""
        if self.has_focus or not self._here:
            return
        if rows := list(self._rows_here()):
            height = min(len(rows), self.size.height or 1)
            self.scroll_to_region(Region(0, rows[0], 1, height), animate=False, immediate=True)

    # --- drawing

    def _looks(self, at: int) -> _Drawn | None:
        if at >= len(self._rows):
            return None
        row = self._rows[at]
        line = self._lines[row.line]
        margin = self._margin(line, self._width)
        if row.start:
            margin = " " * len(margin)
        return _Drawn(line.text[row.start : row.end], row, margin, self._is_here(line.path))

    def _refresh_row(self, at: int) -> None:
        y = at - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        at = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        looks = self._looks(at)
        if looks is None:
            self._drawn.pop(at, None)
            return Strip.blank(width, self.rich_style)
        self._drawn[at] = looks
        style = self.rich_style
        if looks.here:
            style += self._style("here")
        if at == self.cursor and self.has_focus:
            style += self._style("cursor")
        segments = [Segment(looks.margin, style + self._style("margin"))]
        for text, kind in _coloured(self._lines[looks.row.line], looks.row):
            segments.append(Segment(pictured(text), style + self._style(kind)))
        return Strip(segments).adjust_cell_length(width, style)

    def _style(self, kind: str) -> Style:
        return self.get_component_rich_style(f"json--{kind}", partial=True)

    # --- choosing

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor in sight."""
        self._refresh_row(before)
        self._refresh_row(now)
        self.scroll_to_region(Region(0, now, 1, 1), animate=False, force=True)
        self.post_message(self.Moved())

    def on_focus(self) -> None:
        """Begin at the field that was in focus before."""
        self.cursor = next(self._rows_here(), self.scroll_offset.y)
        self.refresh()

    def on_blur(self) -> None:
        """Without the focus there is no cursor."""
        self.refresh()

    def action_move(self, by: int) -> None:
        """Up and down."""
        self.cursor = max(0, min(len(self._rows) - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        """Move by one page."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_edge(self, index: int) -> None:
        """To the first or the last."""
        self.cursor = range(len(self._rows) or 1)[index]

    def action_choose(self) -> None:
        """Go to the field of the line at the cursor."""
        if self.cursor < len(self._rows):
            self.post_message(self.Chosen(self._lines[self._rows[self.cursor].line].path))

    def on_click(self, event: events.Click) -> None:
        """Go to the field whose line was clicked."""
        at = event.y + self.scroll_offset.y
        if at < len(self._rows):
            self.cursor = at
            self.action_choose()


_NO_LINE = Line((), "", leaf=False)


def _cut(number: int, line: Line, width: int, limit: int) -> Iterator[_Row]:
    """The part of a line that fits on `limit` rows; a cut text ends with its length."""
    pieces = list(islice(_folded(line.text, width), limit + 1))
    start, end = pieces[:limit][-1]
    tail, room = line.tail, width - len(line.tail)
    if not tail and (len(pieces) > limit or cell_len(line.text[start:end]) > room):
        tail = f"… {len(line.text) - _split(line.text):,} characters"
        room = max(0, width - len(tail))
    yield from (_Row(number, *piece, "") for piece in pieces[:limit][:-1])
    yield _Row(number, start, _end_of_cells(line.text, start, end, room), tail)


class _WholeRows(Sequence[_Row]):
    """Every line whole, on as many rows as it needs. A line of ASCII is cut when it is drawn."""

    def __init__(self, texts: Sequence[str], width: int) -> None:
        self._texts = texts
        self._width = width
        self._cuts: dict[int, list[tuple[int, int]]] = {}
        # Most lines are short, and no character takes more than two cells.
        short = width // 2
        counts = [1] * len(texts)
        for number in [at for at, length in enumerate(map(len, texts)) if length > short]:
            counts[number] = self._count(number, texts[number])
        # The row on which each line begins, and behind the last of them the end.
        self._tops = array("l", accumulate(counts, initial=0))

    def _count(self, number: int, text: str) -> int:
        if text.isascii():
            return -(-len(text) // self._width)
        self._cuts[number] = list(_folded(text, self._width))
        return len(self._cuts[number])

    def __len__(self) -> int:
        return self._tops[-1]

    @overload
    def __getitem__(self, at: int) -> _Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[_Row]: ...

    def __getitem__(self, at: int | slice) -> _Row | list[_Row]:
        if isinstance(at, slice):
            return [self[each] for each in range(len(self))[at]]
        at = range(len(self))[at]
        number = bisect_right(self._tops, at) - 1
        within, length = at - self._tops[number], len(self._texts[number])
        if number in self._cuts:
            return _Row(number, *self._cuts[number][within], "")
        return _Row(number, within * self._width, min((within + 1) * self._width, length), "")


def _end_of_cells(text: str, start: int, end: int, cells: int) -> int:
    """The end of a stretch of a text of at most this number of cells."""
    if text.isascii():
        return min(end, start + cells)
    used = 0
    for at in range(start, end):
        used += cell_len(text[at])
        if used > cells:
            return at
    return end


def _folded(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Cut a line into pieces that fit, by cells if it is not ASCII."""
    if line.isascii():
        yield from ((at, min(at + width, len(line))) for at in range(0, len(line) or 1, width))
        return
    start = used = 0
    for at, character in enumerate(line):
        cells = cell_len(character)
        if used + cells > width:
            yield start, at
            start, used = at, 0
        used += cells
    yield start, len(line)


def _split(line: str) -> int:
    """The end of the name at the beginning of a line."""
    found = _KEY.match(line)
    return found.end() if found else 0


def _coloured(line: Line, row: _Row) -> Iterator[tuple[str, str]]:
    """Yield a row's stretch of a line in parts, with the kind of each."""
    split = _split(line.text)
    kind = "text" if line.text[split : split + 4].lstrip(": ").startswith('"') else "other"
    kind = {"+": "added", "-": "removed"}.get(line.sign, kind)
    if row.start < split:
        yield line.text[row.start : min(split, row.end)], "key"
    if row.end > split:
        yield line.text[max(row.start, split) : row.end], kind
    if row.tail:
        yield row.tail, "other"
