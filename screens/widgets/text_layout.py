"""The lines of a text area, and the rows that each is folded into.

Both classes replace Textual's own, which split at ten kinds of line end and do work of the
document's length at every key. Here a key costs as much as its line: rows are folded again from the
one before the change to the first that begins as before.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal, overload

from rich.cells import cell_len, get_character_cell_size
from textual.geometry import Offset, Size, clamp
from textual.widgets.text_area import DocumentBase, EditResult, Location, WrappedDocument

TAB_CELLS = 4
"""The width of a tab, wherever it stands."""

# The width of a text without line wrap grows in steps: each causes a layout of the screen.
_LEAST_WIDTH = 40
_WIDTH_STEP = 8
# A line is measured in pieces of this length, which doubles.
_PIECE = 256
_LARGEST_PIECE = 8192


def drawn(text: str) -> str:
    """A text as it is written to the terminal, tabs as spaces."""
    return _pictured(text).replace("\t", " " * TAB_CELLS)


def _pictured(text: str) -> str:
    """A text with a character for each that a terminal would obey: an editor counts them."""
    return text if text.isprintable() else text.translate(_PICTURES)


_PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if code != 0x09},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
    0x2028: 0x2424,
    0x2029: 0x2424,
}


def cells(text: str) -> int:
    """How many cells of a row a text takes."""
    return len(text) if _is_plain(text) else cell_len(drawn(text))


def _is_plain(text: str) -> bool:
    """Whether every character takes one cell, as all printable ones of ASCII do."""
    return text.isascii() and text.isprintable()


class _Widths(dict[int, str]):
    """For each character one whose code is its width: a table for `str.translate`."""

    def __missing__(self, code: int) -> str:
        width = chr(TAB_CELLS if code == 0x09 else get_character_cell_size(_pictured(chr(code))))
        self[code] = width
        return width


class _Rooms(_Widths):
    """The width that some terminal may give a character: vowel signs, one by one, have a cell."""

    def __missing__(self, code: int) -> str:
        is_sign = 0x0590 <= code <= 0x17FF and unicodedata.category(chr(code)) in ("Mn", "Mc")
        self[code] = width = max("\x01", super().__missing__(code)) if is_sign else _WIDTHS[code]
        return width


_WIDTHS = _Widths()
_ROOMS = _Rooms()


def ends_of(text: str) -> list[int]:
    """The cell behind each character; a cluster of several counts as wide as its parts."""
    return _ends(text, _WIDTHS)


def _ends(text: str, widths: dict[int, str]) -> list[int]:
    if _is_plain(text):
        return list(range(1, len(text) + 1))
    return list(accumulate(text.translate(widths).encode("latin-1")))


class PlainDocument(DocumentBase):
    r"""The lines of a text, split at `\n` alone: a loaded text is returned unchanged."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._text: str | None = text
        self._line_cells: list[int] | None = None

    @property
    def text(self) -> str:
        """The whole text; made once after each change."""
        if self._text is None:
            self._text = "\n".join(self._lines)
        return self._text

    @property
    def newline(self) -> Literal["\n"]:
        """The one line end there is."""
        return "\n"

    @property
    def lines(self) -> list[str]:
        """The lines."""
        return self._lines

    @property
    def line_count(self) -> int:
        """How many lines there are, at least one."""
        return len(self._lines)

    @property
    def start(self) -> Location:
        """Row and column of the first character."""
        return 0, 0

    @property
    def end(self) -> Location:
        """Row and column behind the last character."""
        return len(self._lines) - 1, len(self._lines[-1])

    def get_line(self, index: int) -> str:
        """A line."""
        return self._lines[index]

    @overload
    def __getitem__(self, line_index: int) -> str: ...

    @overload
    def __getitem__(self, line_index: slice) -> list[str]: ...

    def __getitem__(self, line_index: int | slice) -> str | list[str]:
        return self._lines[line_index]

    def get_size(self, indent_width: int) -> Size:
        """The widest line, rounded up, and the number of lines; tabs have their own width."""
        if self._line_cells is None:
            self._line_cells = [cells(line) for line in self._lines]
        widest = max(self._line_cells)
        width = (widest // _WIDTH_STEP + 1) * _WIDTH_STEP
        return Size(max(width, _LEAST_WIDTH), len(self._lines))

    def get_text_range(self, start: Location, end: Location) -> str:
        """The text between two places, in either order."""
        (top, left), (bottom, right) = sorted((start, end))
        if top >= len(self._lines):
            return ""
        if top == bottom:
            return self._lines[top][left:right]
        parts = self._lines[top : bottom + 1]
        parts[0] = parts[0][left:]
        if bottom < len(self._lines):
            parts[-1] = parts[-1][:right]
        else:
            parts.append("")
        return "\n".join(parts)

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace the text between two places, in either order."""
        (top, left), (bottom, right) = sorted((start, end))
        replaced = self.get_text_range(start, end)
        before = self._lines[top][:left] if top < len(self._lines) else ""
        behind = self._lines[bottom][right:] if bottom < len(self._lines) else ""
        made = text.split("\n")
        made[0] = before + made[0]
        column = len(made[-1])
        made[-1] += behind
        self._lines[top : bottom + 1] = made
        self._text = None
        if self._line_cells is not None:
            self._line_cells[top : bottom + 1] = [cells(line) for line in made]
        return EditResult((top + len(made) - 1, column), replaced)

    def index_of(self, location: Location) -> int:
        """The number of characters before a place."""
        row, column = location
        return sum(map(len, self._lines[:row])) + row + column

    def location_of(self, index: int) -> Location:
        """The place after a number of characters."""
        return location_of(self.text, index)


def location_of(text: str, index: int) -> Location:
    r"""The row and column of an index; lines end at `\n` alone."""
    row = text.count("\n", 0, index)
    return row, index - (text.rfind("\n", 0, index) + 1)


def folds(line: str, width: int, start: int = 0) -> Iterator[int]:
    """The columns at which a line continues on the next row, after a row's start.

    A row ends after the last space that fits, or at its width. Every sign gets a cell, as some
    terminals draw it so.
    """
    if _is_plain(line):
        while len(line) - start > width:
            start = line.rfind(" ", start, start + width) + 1 or start + width
            yield start
        return
    at, piece, ends = start, _PIECE, _ends(line[start : start + _PIECE], _ROOMS)
    while True:
        used = ends[start - at - 1] if start > at else 0
        end = at + bisect_right(ends, used + width, start - at)
        if end - at == len(ends):
            if end == len(line):
                return
            # The piece ends before the row does.
            piece = min(piece * 2, max(_LARGEST_PIECE, 2 * (end - start)))
            at, ends = start, _ends(line[start : start + piece], _ROOMS)
            continue
        start = line.rfind(" ", start, end) + 1 or max(end, start + 1)
        yield start


class WrappedLines(WrappedDocument):
    """The columns at which each line continues on the next row, and the row of each line.

    A row is a line and which part of it, counted from 0. Without a width, in cells, every line is
    one row.
    """

    width = 0

    def __init__(self, document: DocumentBase, width: int = 0) -> None:
        self._folds: list[Sequence[int]] = []
        super().__init__(document, width)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Fold all lines, if the width or their number changed; tabs have a width of our own."""
        lines = self.document.lines
        if (width, len(lines)) == (self.width, len(self._folds)):
            return
        self.width = width
        self._folds = [self._folded(line) for line in lines]
        self._rows = [len(each) + 1 for each in self._folds]
        self._tops: list[int] | None = None

    def _folded(self, line: str) -> Sequence[int]:
        # Most lines are short, and no character is wider than two cells but a tab.
        if not self.width or (len(line) * 2 <= self.width and "\t" not in line):
            return ()
        return tuple(folds(line, self.width))

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Fold the lines of an edit again; to be called after the document was changed."""
        (top, left), (bottom, right) = sorted((start, old_end))
        last = min(bottom, len(self._folds) - 1)
        if top == bottom == new_end[0] and self._folds[top]:
            # A key in a line of 100,000 characters costs 25 ms if the whole line is folded again.
            made = [self._refolded(top, self._folds[top], left, new_end[1], new_end[1] - right)]
        else:
            made = [self._folded(line) for line in self.document[top : new_end[0] + 1]]
        rows = [len(each) + 1 for each in made]
        if self._rows[top : last + 1] != rows:
            self._tops = None
        self._folds[top : last + 1] = made
        self._rows[top : last + 1] = rows

    def _refolded(
        self, line_index: int, old: Sequence[int], start: int, end: int, grown: int
    ) -> Sequence[int]:
        """The folds of a line after an edit between two columns.

        The end of a row depends on the row and the next word, so the rows before the one before the
        change stay. From the first fold after the change that was one before, all others stay too.
        """
        line = self.document.get_line(line_index)
        made = [*old[: max(0, bisect_right(old, start) - 1)]]
        for fold in folds(line, self.width, made[-1] if made else 0):
            if fold >= end:
                same = bisect_left(old, fold - grown)
                if same < len(old) and old[same] == fold - grown:
                    return (*made, *(column + grown for column in old[same:]))
            made.append(fold)
        return tuple(made)

    @property
    def tops(self) -> Sequence[int]:
        """The first row of each line, and behind the last the number of rows."""
        if self._tops is None:
            self._tops = [*accumulate(self._rows, initial=0)]
        return self._tops

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.tops[-1]

    @property
    def wrapped(self) -> bool:
        """Whether any line goes on on a second row."""
        return self.height > len(self._rows)

    @property
    def lines(self) -> list[list[str]]:
        """The rows of each line."""
        return [self.get_sections(index) for index in range(len(self._folds))]

    def place_of_row(self, y: int) -> tuple[int, int]:
        """The line that a row belongs to, and which of the line's rows it is."""
        y = clamp(y, 0, self.height - 1)
        line = bisect_right(self.tops, y) - 1
        return line, y - self.tops[line]

    def columns(self, line_index: int, section: int) -> tuple[int, int]:
        """The beginning and end of a row in its line; rows below count from -1."""
        found = self._folds[line_index]
        section = range(len(found) + 1)[section]
        length = len(self.document.get_line(line_index))
        start = found[section - 1] if section else 0
        return start, found[section] if section < len(found) else length

    def get_offsets(self, line_index: int) -> Sequence[int]:  # type: ignore[override]
        """The columns at which a line continues on the next row."""
        return self._folds[line_index]

    def get_tab_widths(self, line_index: int) -> list[int]:
        """The width of each tab in a line."""
        return [TAB_CELLS] * self.document.get_line(line_index).count("\t")

    def get_sections(self, line_index: int) -> list[str]:
        """The rows of a line."""
        line, found = self.document.get_line(line_index), self._folds[line_index]
        return [line[a:b] for a, b in zip([0, *found], [*found, len(line)], strict=True)]

    def offset_to_location(self, offset: Offset) -> Location:
        """The place in the text at a cell of the whole drawn text."""
        line, section = self.place_of_row(offset.y)
        return line, self.get_target_document_column(line, offset.x, section)

    def location_to_offset(self, location: Location) -> Offset:
        """The cell of the whole drawn text at a place."""
        line, column = location
        line = clamp(line, 0, len(self._folds) - 1)
        section = bisect_right(self._folds[line], column)
        start, _ = self.columns(line, section)
        before = self.document.get_line(line)[start:column]
        return Offset(cells(before), self.tops[line] + section)

    def get_target_document_column(self, line_index: int, x_offset: int, y_offset: int) -> int:
        """The column in a line at a cell of one of its rows; on the last also the one behind it."""
        start, end = self.columns(line_index, y_offset)
        text = self.document.get_line(line_index)[start:end]
        column = start + bisect_right(ends_of(text), max(0, x_offset))
        is_last = y_offset in (-1, len(self._folds[line_index]))
        return column if is_last else min(column, max(start, end - 1))
