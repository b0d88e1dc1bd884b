"""A view of JSON that draws only the lines in sight and redraws only those that changed."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.editing import pictured
from wizard import paths
from wizard.paths import Path
from wizard.payloads import dump

_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*")(?=: )')


def json_lines(
    value: Any, path: Path = (), key: str = "", indent: int = 0
) -> Iterator[tuple[Path, str]]:
    """Yield the lines of `dump(value)`, each with the path of the value that begins on it."""
    margin = " " * indent + key
    if isinstance(value, Mapping) and value:
        yield path, margin + "{"
        for place, (name, member) in enumerate(value.items()):
            inner = json_lines(member, (*path, name), f"{dump(name)}: ", indent + 2)
            yield from _with_comma(inner, last=place == len(value) - 1)
        yield path, " " * indent + "}"
    elif isinstance(value, list) and value:
        yield path, margin + "["
        for place, item in enumerate(value):
            inner = json_lines(item, (*path, place), "", indent + 2)
            yield from _with_comma(inner, last=place == len(value) - 1)
        yield path, " " * indent + "]"
    else:
        yield path, margin + dump(dict(value) if isinstance(value, Mapping) else value)


def _with_comma(lines: Iterator[tuple[Path, str]], *, last: bool) -> Iterator[tuple[Path, str]]:
    held: tuple[Path, str] | None = None
    for line in lines:
        if held:
            yield held
        held = line
    if held:
        yield held[0], held[1] if last else held[1] + ","


# What stands in the place of a secret.
_DOTS = "••••••••"


class JsonView(ScrollView, can_focus=True):
    """JSON, highlighted; `folds` shows long lines whole on many rows, else they are cut short.

    The values at `secrets` are shown as dots until `reveal` is called.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "json--key",
        "json--text",
        "json--other",
        "json--here",
    }

    class Chosen(Message):
        """A line was clicked; `path` is the path of its value."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(
        self,
        *,
        folds: bool,
        secrets: Collection[Path] = (),
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._folds = folds
        self._secrets = secrets
        self._value: Any = {}
        self._revealed = False
        self._lines: list[tuple[Path, str]] = []
        self._rows: list[tuple[int, int, int]] = []
        self._here: Path = ()

    @property
    def text(self) -> str:
        """The JSON that is shown."""
        return "\n".join(line for _, line in self._lines)

    def show(self, value: Any) -> None:
        """Show a value; what did not change is not drawn anew."""
        before, old_rows = self._lines, self._rows
        self._value = value
        self._lines = list(json_lines(value if self._revealed else self._masked(value)))
        self._lay_out()
        if len(old_rows) != len(self._rows):
            self.refresh()
            return
        for row, (line, start, _) in enumerate(self._rows):
            old_line, old_start, _ = old_rows[row]
            if (before[old_line], old_start) != (self._lines[line], start):
                self._refresh_row(row)

    def reveal(self) -> None:
        """Show the secrets, or the dots again."""
        self._revealed = not self._revealed
        self.show(self._value)
        self.refresh()

    def _masked(self, value: Any) -> Any:
        for path in self._secrets:
            if paths.get(value, path) is not paths.MISSING:
                value = paths.put(value, path, _DOTS)
        return value

    def mark(self, path: Path) -> None:
        """Mark the line of a path, or of the nearest one above it, and keep it in sight."""
        if path == self._here:
            return
        self._here = path
        self.refresh()
        row = next((row for row in range(len(self._rows)) if self._is_here(row)), None)
        if row is not None:
            self.scroll_to_region(Region(0, row, 1, 1), animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fold anew."""
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        width = max(8, self.scrollable_content_region.width or 80)
        self._rows = [
            (number, start, end)
            for number, (_, line) in enumerate(self._lines)
            for start, end in (_folded(line, width) if self._folds else ((0, len(line)),))
        ]
        self.virtual_size = Size(width, len(self._rows))

    def _refresh_row(self, row: int) -> None:
        self.refresh_line(row - self.scroll_offset.y)

    def refresh_line(self, y: int) -> None:
        """Redraw one row in sight."""
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _is_here(self, row: int) -> bool:
        path = self._lines[self._rows[row][0]][0]
        return bool(path) and bool(self._here) and path == self._here

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if row >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        number, start, end = self._rows[row]
        line = self._lines[number][1]
        style = self.rich_style
        if self._is_here(row):
            style += self.get_component_rich_style("json--here", partial=True)
        segments = [
            Segment(
                pictured(text), style + self.get_component_rich_style(f"json--{kind}", partial=True)
            )
            for text, kind in _coloured(line, start, end, width if not self._folds else None)
        ]
        return Strip(segments).adjust_cell_length(width, style)

    def on_click(self, event: events.Click) -> None:
        """Go to the field whose line was clicked."""
        row = event.y + self.scroll_offset.y
        if row < len(self._rows):
            self.post_message(self.Chosen(self._lines[self._rows[row][0]][0]))


def _folded(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Cut a line into pieces that fit, by cells where it is not ASCII."""
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


def _coloured(line: str, start: int, end: int, width: int | None) -> Iterator[tuple[str, str]]:
    """Yield the piece of a line in parts with the kind of each; a cut line says how long it is."""
    found = _KEY.match(line)
    split = found.end() if found else 0
    kind = "text" if line[split:].lstrip(": ").startswith('"') else "other"
    tail = ""
    if width is not None and len(line) > width:
        tail = f"… {len(line) - split:,} characters"
        end = max(split, width - len(tail))
    if start < split:
        yield line[start : min(split, end)], "key"
    if end > split:
        yield line[max(start, split) : end], kind
    if tail:
        yield tail, "other"
