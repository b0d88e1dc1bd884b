"""A text as a text area holds it: its lines, and on which row of the screen each part stands.

Both stand in for Textual's own, which split at ten kinds of line end and do work of the document's
length at every key. Here a key costs what its line costs, and a line of any length what its row
does: rows are folded anew from the one before the change to the first that begins as before. For
another width a long text is folded bit by bit, with room between for whatever else is to be done.
"""

import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, takewhile
from typing import overload

from rich.cells import cell_len, get_character_cell_size
from textual.document._document import DocumentBase, EditResult, Location, Newline
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset, Size, clamp

TAB_CELLS = 4
"""The width of a tab, wherever it stands."""

# The width of a text without line wrap grows in steps: the screen is laid out anew at each.
_LEAST_WIDTH = 40
_WIDTH_STEP = 8
# Which blocks of 256 characters may have one of two cells: all Korean letters begin in U+11xx, and
# others from U+23xx on; what stands behind U+FFFF is written in two halves of U+D8xx to U+DFxx.
_WIDE_BLOCKS = bytes(block == 0x11 or block >= 0x23 for block in range(256))
# So many characters are folded, or measured, in one go: 4 ms where none of them is ASCII.
AT_ONCE = 1 << 16
# A line is measured in pieces that begin with so many characters and double.
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


def may_be_wide(text: str) -> bool:
    """Whether a text has a character of a block in which some take two cells; in a hundredth of
    the time that it takes to measure them.
    """
    return 1 in text.encode("utf-16-le", "surrogatepass")[1::2].translate(_WIDE_BLOCKS)


def _most_cells(text: str) -> int:
    """How many cells of a row a text takes at most; for one that is too long to measure."""
    return len(text) * (1 if text.isascii() or not may_be_wide(text) else 2) + (
        TAB_CELLS - 1
    ) * text.count("\t")


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
    r"""The lines of a text, split at `\n` alone: what was loaded comes out as it went in."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._text: str | None = text
        self._line_cells: list[int] | None = None
        self._measure = cells

    @property
    def text(self) -> str:
        """The whole text; made once after each change."""
        if self._text is None:
            self._text = "\n".join(self._lines)
        return self._text

    @property
    def newline(self) -> Newline:
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
        """The widest line, rounded up, and the number of lines; tabs have their own width.

        Of a long text it is what the widest line takes at most: nobody waits for it to be measured.
        """
        if self._line_cells is None:
            self._measure = _most_cells if _is_long(self._lines) else cells
            self._line_cells = [self._measure(line) for line in self._lines]
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
        """Put a text in the place of what is between two places, in either order."""
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
        if _is_long(made):
            self._line_cells = None  # who needs them is seldom the one who puts so much in
        elif self._line_cells is not None:
            self._line_cells[top : bottom + 1] = [self._measure(line) for line in made]
        return EditResult((top + len(made) - 1, column), replaced)

    def index_of(self, location: Location) -> int:
        """How many characters stand before a place."""
        row, column = location
        return sum(map(len, self._lines[:row])) + row + column

    def location_of(self, index: int) -> Location:
        """The place behind so many characters."""
        return location_of(self.text, index)


def location_of(text: str, index: int) -> Location:
    r"""The row and column of an index; lines end at `\n` alone."""
    row = text.count("\n", 0, index)
    return row, index - (text.rfind("\n", 0, index) + 1)


def folds(line: str, width: int, start: int = 0) -> Iterator[int]:
    """The columns where a line goes on on the next row, of those behind a row's start.

    A row ends behind the last space that it has room for, and where it has none at its width. There
    is room for what a terminal draws that gives every sign a cell, or it would be drawn over what
    stands beside.
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


def _is_long(lines: Iterable[str]) -> bool:
    """Whether lines have more characters than are folded in one go."""
    return any(total > AT_ONCE for total in accumulate(len(line) + 1 for line in lines))


def _rows_of(folds: Iterable[Sequence[int]]) -> "array[int]":
    return array("l", [len(each) + 1 for each in folds])


class WrappedLines(WrappedDocument):
    """Where each line of a text goes on on the next row, and which row that is.

    A row is a line and which part of it, counted from 0. Without a width, which is told in cells,
    every line is one row. `seen` says which line is the first in sight.

    For another width a long text `is_rough` at first: but for the lines in sight its rows end at
    the width, in the middle of words, until `fold_on` found all and `settle` took it. Everything
    works meanwhile, edits among it.
    """

    width = 0

    def __init__(
        self, document: DocumentBase, width: int = 0, *, seen: Callable[[], int] = lambda: 0
    ) -> None:
        self._seen = seen
        self._folds: list[Sequence[int]] = []
        # While rough: the folds found so far, of the lines from the first on, and what finds more.
        self._found: list[Sequence[int]] = []
        self._finding: Iterator[None] | None = None
        super().__init__(document, width)

    @property
    def is_rough(self) -> bool:
        """Whether there is something for `fold_on` and `settle` to do."""
        return self._finding is not None

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Fold all lines for a width, where it or their number is another; tabs have their own."""
        lines = self.document.lines
        if (width, len(lines)) == (self.width, len(self._folds)):
            return
        seen = min(self._seen(), len(lines) - 1) if self._folds else 0
        self.width, self._finding = width, None
        if width and _is_long(lines):
            self._folds = [range(width, n, width) if n > width else () for n in map(len, lines)]
            self._fold_from(seen)
            self._find_behind([])
        else:
            self._folds = [self._folded(line) for line in lines]
        self._count()

    def _count(self) -> None:
        # The garbage collector has nothing to look at in an array.
        self._rows = _rows_of(self._folds)
        self._tops: array[int] | None = None

    def _folded(self, line: str) -> Sequence[int]:
        # The garbage collector looks through lists each time, through tuples of numbers once.
        return tuple(self._folds_in(line))

    def _folds_in(self, line: str) -> Iterable[int]:
        # Most lines are short, and no character is wider than two cells but a tab.
        if not self.width or (len(line) * 2 <= self.width and "\t" not in line):
            return ()
        return folds(line, self.width)

    def _fold_from(self, index: int) -> None:
        """Fold so much as is folded in one go, from a line on; a longer line in its beginning."""
        left = AT_ONCE
        for at, line in enumerate(self.document.lines[index : index + AT_ONCE], index):
            if len(line) <= left:
                self._folds[at] = self._folded(line)
            else:
                found = [*takewhile(left.__gt__, self._folds_in(line))]
                begin = (found[-1] if found else 0) + self.width
                self._folds[at] = [*found, *range(begin, len(line), self.width)]
            left -= len(line) + 1
            if left < 0:
                return

    def _find_behind(self, found: list[Sequence[int]]) -> None:
        """Have the folds of all lines found but of those at the beginning that have them."""
        self._found, self._finding = found, self._find()

    def _find(self) -> Iterator[None]:
        """Find the folds of one line after the other; yields where it is enough for once."""
        left = AT_ONCE
        for line in self.document.lines[len(self._found) :]:
            made, at = [], 0
            for fold in self._folds_in(line):
                made.append(fold)
                if fold - at >= left:
                    yield
                    at, left = fold, AT_ONCE
            self._found.append(tuple(made))
            left -= len(line) + 1 - at
            if left < 0:
                yield
                left = AT_ONCE

    def fold_on(self) -> bool:
        """Fold some more of a long text; whether all is found."""
        return self._finding is None or next(self._finding, self) is self

    def settle(self) -> None:
        """Let the rows be as `fold_on` found them."""
        if self._finding is not None:
            self._folds, self._found, self._finding = self._found, [], None
            self._count()

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Fold the lines of an edit anew; to be called after the document was changed."""
        (top, left), (bottom, right) = sorted((start, old_end))
        last = min(bottom, len(self._folds) - 1)
        lines = self.document[top : new_end[0] + 1]
        known = self._found if self.is_rough else self._folds
        made: list[Sequence[int]]
        is_found = True
        if top == bottom == new_end[0] and top < len(known) and known[top]:
            made = [self._refolded(top, known[top], left, new_end[1], new_end[1] - right)]
        elif is_found := not (self.width and _is_long(lines)):
            made = [self._folded(line) for line in lines]
        else:
            made = [range(self.width, len(line), self.width) for line in lines]
        if not is_found:
            self._find_behind(known[:top])
        elif self.is_rough:
            if top <= len(known):
                known[top : last + 1] = made
            self._find_behind(known)
        rows = _rows_of(made)
        if self._rows[top : last + 1] != rows:
            self._tops = None
        self._folds[top : last + 1] = made
        self._rows[top : last + 1] = rows

    def _refolded(
        self, line_index: int, old: Sequence[int], start: int, end: int, grown: int
    ) -> Sequence[int]:
        """The folds of a line where what stands between two columns is new.

        Where a row ends hangs on the row and the word behind it, so those before the row before the
        change stay; and from the first fold behind it that was one already, so do all the others.
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
            self._tops = array("l", accumulate(self._rows, initial=0))
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
        """Where in a line one of its rows begins and ends; those below count from -1."""
        found = self._folds[line_index]
        section = range(len(found) + 1)[section]
        length = len(self.document.get_line(line_index))
        start = found[section - 1] if section else 0
        return start, found[section] if section < len(found) else length

    def get_offsets(self, line_index: int) -> Sequence[int]:  # type: ignore[override]
        """The columns where a line goes on on the next row."""
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
