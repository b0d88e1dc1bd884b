"""Lays rows out in columns, as wide as the terminal lets them be."""

import shutil
from collections.abc import Mapping, Sequence
from typing import Final
from unicodedata import combining, east_asian_width

from wizard.commands.output import is_terminal, visible

_GAP: Final = 2


def in_columns(
    rows: Sequence[Sequence[str]], cuts: Mapping[int, tuple[int, int]]
) -> list[str] | None:
    """The rows as lines; None where the terminal is too narrow for them.

    `cuts` names the columns that may be cut: how wide they are where there is room, and how
    narrow they may become. Nothing but a terminal narrows them.
    """
    shown = [tuple(map(visible, row)) for row in rows]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    for column, (most, _) in cuts.items():
        widths[column] = min(widths[column], most)
    if is_terminal():
        room = shutil.get_terminal_size().columns - _GAP * (len(widths) - 1)
        _narrow(widths, cuts, room)
        if sum(widths) > room:
            return None
    return [_line(row, widths) for row in shown]


def width(text: str) -> int:
    """How many cells a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(combining, text)))


def padded(text: str, cells: int) -> str:
    """A text with blanks up to a width."""
    return text + " " * (cells - width(text))


def cut(text: str, cells: int) -> str:
    """A text that takes no more cells; where something is missing it ends in an ellipsis."""
    if width(text) <= cells:
        return text
    used = end = 0
    for at, character in enumerate(text, 1):
        used += width(character)
        if used < cells:
            end = at
    return f"{text[:end]}…"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (padded(cut(cell, room), room) for cell, room in zip(row, widths, strict=True))
    return (" " * _GAP).join(cells).rstrip()


def _narrow(widths: list[int], cuts: Mapping[int, tuple[int, int]], room: int) -> None:
    """Narrow the column that has most to give, again and again, until the row fits."""
    while sum(widths) > room:
        gives = {column: widths[column] - least for column, (_, least) in cuts.items()}
        column = max(gives, key=gives.__getitem__)
        if gives[column] <= 0:
            break
        widths[column] -= 1
