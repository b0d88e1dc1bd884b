"""Lays out rows in columns that fit the terminal."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from unicodedata import combining, east_asian_width

from wizard.commands.output import is_terminal, print_line, visible

_GAP = 2


def print_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    limits: Mapping[int, tuple[int, int]],
) -> None:
    """Print rows in columns, or one line for each row if the terminal is too narrow."""
    lines = in_columns([titles, *rows], limits)
    for line in lines or (" · ".join(filter(None, row)) for row in rows):
        print_line(line)


def in_columns(
    rows: Sequence[Sequence[str]], limits: Mapping[int, tuple[int, int]]
) -> list[str] | None:
    """Return the rows as lines, or None if the terminal is too narrow.

    `limits` has the columns that may be truncated, with their largest and smallest width. Only a
    terminal makes a column smaller than its largest width.
    """
    rows = [tuple(map(visible, row)) for row in rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for column, (largest, _) in limits.items():
        widths[column] = min(widths[column], largest)
    if is_terminal():
        room = shutil.get_terminal_size().columns - _GAP * (len(widths) - 1)
        _narrow(widths, limits, room)
        if sum(widths) > room:
            return None
    return [(" " * _GAP).join(_cells(row, widths)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for text, cells in zip(row, widths, strict=True):
        yield padded(cut(text, cells), cells)


def _narrow(widths: list[int], limits: Mapping[int, tuple[int, int]], room: int) -> None:
    """Narrow the column with the most room to spare until the row fits."""
    while sum(widths) > room:
        spare = {column: widths[column] - smallest for column, (_, smallest) in limits.items()}
        column = max(spare, key=spare.__getitem__)
        if spare[column] <= 0:
            break
        widths[column] -= 1


def width(text: str) -> int:
    """Return the number of cells that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(combining, text)))


def padded(text: str, cells: int) -> str:
    """Return a text with spaces up to a width."""
    return text + " " * (cells - width(text))


def cut(text: str, cells: int) -> str:
    """Return a text truncated to a width, with an ellipsis."""
    if width(text) <= cells:
        return text
    used = end = 0
    for at, character in enumerate(text, 1):
        used += width(character)
        if used < cells:
            end = at
    return f"{text[:end]}…"
