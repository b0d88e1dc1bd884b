"""The rows of the review, the ways to make one, and a list of them."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, TypeAlias

from textual.content import Content
from textual.style import Style

from screens.widgets.inputs import pictured_lines
from screens.widgets.virtual_list import VirtualList, lines_of
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


class RowList(VirtualList):
    """Rows of text in several styles; those with a path can be chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "review--title",
        "review--label",
        "review--dim",
        "review--wrong",
        "review--advice",
        "review--added",
        "review--removed",
    }

    def __init__(self, rows: Sequence[ReviewRow] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.rows = rows

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def can_choose(self, index: int) -> bool:
        """A title leads nowhere."""
        row = self.rows[index]
        return bool(row.path or row.fold)

    def content_of(self, index: int) -> Content:
        """The text of a row with its styles."""
        parts = self.rows[index].parts(self.row_width)
        return Content.assemble(
            *(
                (pictured_lines(text), self._look(kind)) if kind else pictured_lines(text)
                for text, kind in parts
            )
        )

    def heights(self, width: int) -> Sequence[int]:
        """A sentence that does not fit takes more than a line."""
        return [lines_of(row.text(width), width) for row in self.rows]

    def _look(self, kind: str) -> Style:
        """A colour without a background, which is the cursor's to choose."""
        style = self.get_visual_style(f"review--{kind}")
        return Style(foreground=style.foreground, bold=style.bold)
