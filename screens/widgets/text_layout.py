"""The lines of a text area, and the rows that each is folded into.

Textual's own split at ten kinds of line end, and count the cells that a line takes in another way
than it is drawn here: with a sign for each control character, and a cell for each vowel sign.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from rich.cells import cell_len, get_character_cell_size
from textual.geometry import Offset, Size, clamp
from textual.widgets.text_area import (
    Document,
    DocumentBase,
    EditResult,
    Location,
    WrappedDocument,
)

TAB_CELLS = 4
"""The width of a tab, at any column."""

# The width of a text without line wrap grows in steps: each causes a layout of the screen.
_LEAST_WIDTH = 40
_WIDTH_STEP = 8


def drawn(text: str) -> str:
    """A text as it is written to the terminal, with spaces for tabs."""
    return _pictured(text).replace("\t", " " * TAB_CELLS)


def _pictured(text: str) -> str:
    """A text with a picture for each control character, of which an editor shows every one."""
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
    """The width of a text in cells."""
    return len(text) if _is_plain(text) else cell_len(drawn(text))


def _is_plain(text: str) -> bool:
    """Whether every character takes one cell, as all printable ones of ASCII do."""
    return text.isascii() and text.isprintable()


@cache
def _width(character: str) -> int:
    return TAB_CELLS if character == "\t" else get_character_cell_size(_pictured(character))


@cache
def _room(character: str) -> int:
    """The most cells that a terminal may give a character: vowel signs, one by one, have a cell."""
    is_sign = "\u0590" <= character <= "\u17ff" and unicodedata.category(character) in ("Mn", "Mc")
    return max(1, _width(character)) if is_sign else _width(character)


def ends_of(text: str) -> Sequence[int]:
    """The cell behind each character; a cluster of several counts as wide as its parts."""
    return range(1, len(text) + 1) if _is_plain(text) else [*accumulate(map(_width, text))]


def visible_columns(line: str, left: int, width: int) -> tuple[int, int, int]:
    """The columns of a line on `width` cells from cell `left` on.

    The third number is the cells at the left of half a wide character, which is not drawn.
    """
    ends = ends_of(line)
    start = bisect_right(ends, left)
    if start == len(ends):
        return start, start, 0
    begins = ends[start - 1] if start else 0
    lead = 0
    if begins < left:
        lead = ends[start] - left
        start += 1
    return start, max(start, bisect_right(ends, left + width)), lead


class PlainDocument(Document):
    r"""A document that is split at `\n` alone: a loaded text is returned unchanged."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        self.lines[:] = text.split("\n")
        self._text: str | None = text

    @property
    def text(self) -> str:
        """The whole text; made once after each change."""
        if self._text is None:
            self._text = super().text
        return self._text

    def get_size(self, tab_width: int) -> Size:
        """The widest line, rounded up, and the number of lines; tabs have their own width."""
        widest = max(map(cells, self.lines))
        width = (widest // _WIDTH_STEP + 1) * _WIDTH_STEP
        return Size(max(width, _LEAST_WIDTH), self.line_count)

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace the text between two places, in either order."""
        (top, left), (bottom, right) = sorted((start, end))
        replaced = self.get_text_range(start, end)
        before = self.lines[top][:left] if top < self.line_count else ""
        behind = self.lines[bottom][right:] if bottom < self.line_count else ""
        made = text.split("\n")
        made[0] = before + made[0]
        column = len(made[-1])
        made[-1] += behind
        self.lines[top : bottom + 1] = made
        self._text = None
        return EditResult((top + len(made) - 1, column), replaced)

    def index_of(self, location: Location) -> int:
        """The number of characters before a place."""
        return self.get_index_from_location(location)

    def location_of(self, index: int) -> Location:
        """The place after a number of characters."""
        row = self.text.count("\n", 0, index)
        return row, index - (self.text.rfind("\n", 0, index) + 1)


def folds(line: str, width: int) -> Iterator[int]:
    """The columns at which a line continues on the next row.

    A row ends after the last space that fits, or at its width.
    """
    ends = range(1, len(line) + 1) if _is_plain(line) else [*accumulate(map(_room, line))]
    start = used = 0
    while line and ends[-1] > used + width:
        end = bisect_right(ends, used + width, start)
        start = line.rfind(" ", start, end) + 1 or max(end, start + 1)
        used = ends[start - 1]
        yield start


class WrappedLines(WrappedDocument):
    """The columns at which each line continues on the next row, and the row of each line.

    `width` is in cells; 0 makes a row of each line.
    """

    width = 0

    def __init__(self, document: DocumentBase, width: int = 0) -> None:
        self._folds: list[list[int]] = []
        super().__init__(document, width)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Fold all lines, if the width or their number changed."""
        lines = self.document.lines
        if (width, len(lines)) == (self.width, len(self._folds)):
            return
        self.width = width
        self._folds = [self._folded(line) for line in lines]
        self._tops: list[int] | None = None

    def _folded(self, line: str) -> list[int]:
        return [*folds(line, self.width)] if self.width else []

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Fold the lines of an edit again; to be called after the document was changed."""
        (top, _), (bottom, _) = sorted((start, old_end))
        made = self.document.lines[top : new_end[0] + 1]
        self._folds[top : bottom + 1] = map(self._folded, made)
        self._tops = None

    @property
    def tops(self) -> Sequence[int]:
        """The first row of each line, and behind the last the number of rows."""
        if self._tops is None:
            self._tops = [*accumulate((len(each) + 1 for each in self._folds), initial=0)]
        return self._tops

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.tops[-1]

    def place_of_row(self, y: int) -> tuple[int, int]:
        """The line of a row, and the number of the row in the line."""
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

    def get_offsets(self, line_index: int) -> list[int]:
        """The columns at which a line continues on the next row."""
        return self._folds[line_index]

    def get_sections(self, line_index: int) -> list[str]:
        """The rows of a line."""
        line, found = self.document.get_line(line_index), self._folds[line_index]
        return [line[a:b] for a, b in zip([0, *found], [*found, len(line)], strict=True)]

    def offset_to_location(self, offset: Offset) -> Location:
        """The place in the text at a cell of the drawn text."""
        line, section = self.place_of_row(offset.y)
        return line, self.get_target_document_column(line, offset.x, section)

    def location_to_offset(self, location: Location) -> Offset:
        """The cell of the drawn text at a place."""
        line, column = location
        line = clamp(line, 0, len(self._folds) - 1)
        section = bisect_right(self._folds[line], column)
        start, _ = self.columns(line, section)
        before = self.document.get_line(line)[start:column]
        return Offset(cells(before), self.tops[line] + section)

    def get_target_document_column(self, line_index: int, x_offset: int, y_offset: int) -> int:
        """The column in a line at a cell of a row; only the last row has one behind its text."""
        start, end = self.columns(line_index, y_offset)
        text = self.document.get_line(line_index)[start:end]
        column = start + bisect_right(ends_of(text), max(0, x_offset))
        is_last = y_offset in (-1, len(self._folds[line_index]))
        return column if is_last else min(column, max(start, end - 1))
