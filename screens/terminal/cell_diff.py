"""Leaves out of the output what the terminal shows already.

Textual writes every widget that may have changed in full, with all of its style at each piece: the
whole screen when a dialog opens or closes, which takes 40 seconds on a line of 9600 baud. Here the
output is compared with the cells that were written before, and the parts of a style that stay are
not repeated. At 80x24 that makes 2 KB out of 37 for the list of steps.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len, get_character_cell_size

_MOVE, _STYLE, _TEXT, _LINE_END = "move", "style", "text", "line_end"
# The sequences that Textual draws with. A line end always comes before a move.
_DRAWN: Final = re.compile(
    rf"\x1b\[(?P<{_MOVE}>\d+;\d+)H|\x1b\[(?P<{_STYLE}>[\d;]*)m"
    rf"|(?P<{_TEXT}>[^\x00-\x1f\x7f-\x9f]+)|(?P<{_LINE_END}>\n)"
)
# Sequences that leave the cells as they are: modes other than the alternate screen, strings such
# as the clipboard's, queries.
_NO_CELLS: Final = re.compile(
    r"(?:\x07|\x1b\[[<=>?](?!1049)[0-9;]*\$?[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1bP[^\x1b]*\x1b\\)*"
)
# So many unchanged cells take fewer bytes than a move of the cursor.
_GAP: Final = 8
# A style in sequences has more numbers than this only with a colour.
_COLOR_LENGTHS: Final = {"2": 5, "5": 3}
_FOREGROUND, _BACKGROUND = "38", "48"
# Underline, blink, reverse, strike, double underline, overline.
_SEEN_ON_SPACES: Final = {"4", "5", "6", "7", "9", "21", "53"}

_Cell = tuple[str, str] | None
"""A character with its style; an empty text behind a wide character; None if it is unknown."""


class CellDiff:
    """The cells that the terminal shows. `is_disputed` is whether the width of a text is unsure."""

    def __init__(self, is_disputed: Callable[[str], object]) -> None:
        self._is_disputed = is_disputed
        self._rows: dict[int, list[_Cell]] = {}
        self._last_move = ""

    def forget(self) -> None:
        """Write everything again that is drawn from now on: the terminal may show anything."""
        self._rows.clear()
        self._last_move = ""

    def changes(self, data: str) -> str:
        """Return the output without what the terminal shows already.

        Output that draws otherwise than Textual's screens do is returned as it is.
        """
        if _NO_CELLS.fullmatch(data):
            return data
        if not data.startswith("\x1b[") or not _is_drawn(data):
            self.forget()
            return data
        pen = _Pen()
        for x, y, style, text in _texts_at(data):
            self._draw(pen, x, y, _blank(style) if text.isspace() else style, text)
        before, self._last_move = self._last_move, _last_move(data)
        return pen.output(self._last_move, is_there=before == self._last_move)

    def _draw(self, pen: "_Pen", x: int, y: int, style: str, text: str) -> None:
        """Write the cells of a text that change."""
        row = self._rows.setdefault(y, [])
        cells = None if self._is_disputed(text) else _cells_of(text, style)
        width = cell_len(text)
        if cells is None:
            pen.write(x, y, style, text, width)
            # It may cover what is behind it.
            del row[x:]
            return
        row.extend([None] * (x + width + 1 - len(row)))
        _break_wide(row, x, x + width)
        before = row[x : x + width]
        if before == cells:
            return
        row[x : x + width] = cells
        for start, end in _changed(before, cells):
            shown = "".join(cell[0] for cell in cells[start:end])
            pen.write(x + start, y, style, shown, end - start)


class _Pen:
    """Writes texts at places, with as few sequences as it takes."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at = (-1, -1)
        self._style = ""

    def write(self, x: int, y: int, style: str, text: str, width: int) -> None:
        """Write a text at a column and a row, from 0."""
        if self._at != (x, y):
            self._parts.append(f"\x1b[{y + 1};{x + 1}H")
        self._parts += (_to_style(self._style, style), text)
        self._style, self._at = style, (x + width, y)

    def output(self, last_move: str, *, is_there: bool) -> str:
        """All that was written; the cursor moves on to where it waits, unless it is there."""
        if is_there and not self._parts:
            return ""
        return "".join([*self._parts, _to_style(self._style, ""), last_move])


def _is_drawn(data: str) -> bool:
    at = 0
    for found in _DRAWN.finditer(data):
        if found.start() != at:
            return False
        at = found.end()
    return at == len(data)


def _texts_at(data: str) -> Iterator[tuple[int, int, str, str]]:
    """The texts with their places and styles."""
    x = y = 0
    style = ""
    for found in _DRAWN.finditer(data):
        kind, value = str(found.lastgroup), found[found.lastgroup or 0]
        if kind == _MOVE:
            row, _, column = value.partition(";")
            x, y = int(column) - 1, int(row) - 1
        elif kind == _STYLE:
            style = "" if value in ("", "0") else f"{style};{value}".lstrip(";")
        elif kind == _TEXT:
            yield x, y, style, value
            x += cell_len(value)


def _last_move(data: str) -> str:
    """The move behind the last text: the cursor waits there."""
    end = data.rfind("\x1b[")
    return data[end:] if data.endswith("H") else ""


def _cells_of(text: str, style: str) -> list[tuple[str, str]] | None:
    """The cells of a text; None if a character has no cell of its own."""
    if text.isascii():
        return [(character, style) for character in text]
    cells = []
    for character in text:
        width = get_character_cell_size(character)
        if not width:
            return None
        cells += [(character, style), ("", style)][:width]
    return cells


def _break_wide(row: list[_Cell], start: int, end: int) -> None:
    """Forget the halves of wide characters that are left beside cells that are written."""
    if start and _is_behind_wide(row[start]):
        row[start - 1] = None
    if _is_behind_wide(row[end]):
        row[end] = None


def _is_behind_wide(cell: _Cell) -> bool:
    return cell is not None and not cell[0]


def _changed(before: list[_Cell], after: list[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """The ranges of changed cells; ranges with a small gap between them are one."""
    changed = [i for i, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    start = changed[0]
    for last, following in zip(changed, [*changed[1:], len(after) + _GAP + 1], strict=True):
        if following - last > _GAP:
            yield _whole(after, start, last + 1)
            start = following


def _whole(cells: list[tuple[str, str]], start: int, end: int) -> tuple[int, int]:
    """A range without half of a wide character at its ends."""
    while start and not cells[start][0]:
        start -= 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return start, end


# --- styles


class _Parts(NamedTuple):
    """A style: attributes such as bold, and the colours, empty for the terminal's own."""

    attributes: frozenset[str]
    foreground: str
    background: str


@lru_cache(4096)
def _to_style(before: str, after: str) -> str:
    """The sequence that changes one style into another."""
    if before == after:
        return ""
    if not after:
        return "\x1b[m"
    one, other = _parts(before), _parts(after)
    if not one.attributes <= other.attributes:
        return f"\x1b[0;{after}m"
    changes = sorted(other.attributes - one.attributes)
    changes += [other.foreground or "39"] * (one.foreground != other.foreground)
    changes += [other.background or "49"] * (one.background != other.background)
    return f"\x1b[{';'.join(changes)}m"


@lru_cache(4096)
def _blank(style: str) -> str:
    """The style of spaces: without a line through or at them, only their background is seen."""
    parts = _parts(style)
    return style if parts.attributes & _SEEN_ON_SPACES else parts.background


@lru_cache(4096)
def _parts(style: str) -> _Parts:
    numbers = style.split(";") if style else []
    attributes, colors = set(), {_FOREGROUND: "", _BACKGROUND: ""}
    while numbers:
        first = numbers[0]
        length = 1
        if first in colors:
            length = _COLOR_LENGTHS[numbers[1]]
            colors[first] = ";".join(numbers[:length])
        elif first[:-1] in ("3", "9"):
            colors[_FOREGROUND] = first
        elif first[:-1] in ("4", "10"):
            colors[_BACKGROUND] = first
        else:
            attributes.add(first)
        del numbers[:length]
    return _Parts(frozenset(attributes), colors[_FOREGROUND], colors[_BACKGROUND])
