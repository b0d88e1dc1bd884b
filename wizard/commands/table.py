"""Lays out rows in columns that fit the terminal."""

import shutil
from collections.abc import Mapping, Sequence

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
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for column, (largest, _) in limits.items():
        widths[column] = min(widths[column], largest)
    if is_terminal():
        room = shutil.get_terminal_size().columns - _GAP * (len(widths) - 1)
        _narrow(widths, limits, room)
        if sum(widths) > room:
            return None
    return [(" " * _GAP).join(map(_fitted, row, widths)).rstrip() for row in rows]


def _narrow(widths: list[int], limits: Mapping[int, tuple[int, int]], room: int) -> None:
    """Narrow the column with the most room to spare until the row fits."""
    while sum(widths) > room:
        spare = {column: widths[column] - smallest for column, (_, smallest) in limits.items()}
        column = max(spare, key=spare.__getitem__)
        if spare[column] <= 0:
            break
        widths[column] -= 1


def _width(text: str) -> int:
    """Return the number of cells that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from wcwidth import width

    return width(text)


def _fitted(text: str, cells: int) -> str:
    """Return a text at a width: truncated with an ellipsis, or with spaces behind it."""
    taken = _width(text)
    if taken > cells:
        from wcwidth import clip

        text = clip(text, 0, cells - 1, fillchar="") + "…"
        taken = _width(text)
    return text + " " * (cells - taken)
