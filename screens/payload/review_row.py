"""A row of the review, and the ways to make one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from screens.widgets.inputs import pictured_lines
from wizard.contract.problems import Problem
from wizard.formats.paths import Path

# Texts, each with its style: `label`, `dim` and so on, empty for plain.
Parts: TypeAlias = Sequence[tuple[str, str]]


class ReviewRow(NamedTuple):
    """A row of the review: its texts at a width, its path, its problem.

    `fold` is the title of the step whose defaults the row shows or hides.
    """

    parts: Callable[[int], Parts]
    path: Path = ()
    problem: Problem | None = None
    fold: str = ""

    def text(self, width: int) -> str:
        """The text without styles."""
        return pictured_lines("".join(text for text, _ in self.parts(width)))


def review_row(parts: Parts, path: Path = ()) -> ReviewRow:
    """A row with the same texts at every width."""
    return ReviewRow(lambda _: parts, path)


def title_rows(text: str, *, first: bool = False) -> list[ReviewRow]:
    """A title, with an empty row above it."""
    return [*([] if first else [review_row([("", "")])]), review_row([(text, "title")])]
