"""The rows of what an update changes: each place before and after, long texts by line."""

from collections.abc import Iterator, Sequence
from typing import Any

from screens.payload.row_list import ReviewRow, review_row, title_rows
from wizard.contract.assistant import labels_of
from wizard.exchange.differences import (
    Difference,
    DifferenceKind,
    Run,
    RunKind,
    changed_lines,
    shortened,
    shown_value,
)
from wizard.formats.json_text import dump

# The most characters of a line that are shown, and the most rows.
LONGEST = 600
_MOST = 300


def update_rows(changes: Sequence[Difference]) -> list[ReviewRow]:
    """The title, and a row for each line of each change; none without a change."""
    if not changes:
        return []
    title = "What changes" if len(changes) == 1 else f"What changes ({len(changes)})"
    rows = [row for change in changes for row in _rows(change)]
    shown = title_rows(title, first=True) + rows[:_MOST]
    if len(rows) > _MOST:
        more = f"… and {len(rows) - _MOST:,} more lines"
        shown.append(review_row([(more, "dim")], changes[-1].path))
    return shown


def _rows(change: Difference) -> Iterator[ReviewRow]:
    place = labels_of(change.path)
    if change.kind is DifferenceKind.MOVED:
        words = f": from place {change.before} to place {change.after}"
        yield review_row([(f"  {place}", "label"), (words, "")], change.path)
        return
    yield review_row([(f"  {place}", "label")], change.path)
    for run in shown_lines(change.before, change.after):
        sign, style = _SIGNS[run.kind]
        yield review_row([(f"  {sign} {shortened(run.text, LONGEST)}", style)], change.path)


def shown_lines(before: Any, after: Any) -> list[Run]:
    """The lines that differ between two values; as JSON if they differ in line ends alone."""
    runs = list(changed_lines(shown_value(before), shown_value(after)))
    return runs or [Run(RunKind.REMOVED, dump(before)), Run(RunKind.ADDED, dump(after))]


# Signs repeat the meaning of the colours, which not everyone sees.
_SIGNS = {
    RunKind.SAME: (" ", "dim"),
    RunKind.REMOVED: ("-", "removed"),
    RunKind.ADDED: ("+", "added"),
}
