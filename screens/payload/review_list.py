"""The review: errors, advice, and what was chosen in words; defaults are folded."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from rich.cells import cell_len
from textual.content import Content

from screens.messages import FieldRequested
from screens.payload.diff_worker import Compared
from screens.payload.row_list import Parts, ReviewRow, RowList, review_row, title_rows
from screens.payload.update_rows import update_rows
from screens.widgets.inputs import pictured_lines
from wizard.contract.assistant import labels_of
from wizard.contract.problems import Problem
from wizard.draft.blanks import Blank, blanks
from wizard.draft.draft import Draft, LeftOut, step_of
from wizard.draft.placeholder_hints import labelled
from wizard.draft.review import Group, Item, groups
from wizard.exchange.differences import Difference, DifferenceKind
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.formats.text import counted, shorten

# The width of the labels, and the least width of the words beside them, in cells.
_LABEL = 18
_LEAST = 24
# A text longer than this is shown with its length, and cut after some lines unless it is verbatim.
_COUNTED = 60
_MOST_LINES = 3
_INDENT = "  "
_CHANGES = {
    DifferenceKind.ADDED: "+",
    DifferenceKind.REMOVED: "-",
    DifferenceKind.CHANGED: "~",
    DifferenceKind.MOVED: "↕",
}


class ReviewContent(NamedTuple):
    """Everything the review shows of `payload`.

    `changes` are those of an update; a draft of a new assistant has none.
    """

    payload: Mapping[str, Any]
    is_update: bool
    problems: Sequence[Problem]
    advice: Sequence[Problem]
    left_out: Sequence[LeftOut]
    extras: Sequence[str]
    groups: Sequence[Group]
    blanks: Sequence[Blank]
    changes: Sequence[Difference]
    said: Callable[[Problem], str]


def collect_review(draft: Draft) -> ReviewContent:
    """Collect everything the review shows; slow for 1,000 actions, so call it in a thread."""
    draft.validate()
    return ReviewContent(
        draft.compose(),
        draft.origin is not None,
        draft.problems(),
        draft.advice(),
        tuple(draft.left_out()),
        tuple(draft.extras()),
        groups(draft),
        blanks(draft),
        draft.origin.changes(draft.compose()) if draft.origin else (),
        partial(labelled, draft),
    )


class ReviewList(RowList):
    """Errors, advice, the whole payload in words, and its differences from other versions."""

    def __init__(self) -> None:
        super().__init__(id="review-list")
        self._payload_rows: list[ReviewRow] = []
        self._difference_rows: Sequence[ReviewRow] = ()
        self._content: ReviewContent | None = None
        self._unfolded: set[str] = set()

    @property
    def problem(self) -> Problem | None:
        """The problem or the advice at the cursor."""
        return self.rows[self.cursor].problem if self.count else None

    def update_from(self, content: ReviewContent) -> None:
        """Show a draft; the cursor keeps its place, and the differences stay."""
        here = self.rows[self.cursor] if self.count else ReviewRow(lambda _: ())
        kept = _what(here)
        self._content = content
        self._payload_rows = _payload_rows(content, self._unfolded)
        self.rows = [*self._payload_rows, *self._difference_rows]
        able = [n for n, row in enumerate(self.rows) if row.path]
        # What was fixed is gone: the row in its place, or the nearest above.
        near = max((n for n in able if n <= self.cursor), default=able[0] if able else 0)
        same = (n for n, row in enumerate(self.rows) if any(kept) and _what(row) == kept)
        self.lay_out(cursor=next(same, near))

    def show_changes(self, changes: Sequence[ReviewRow]) -> None:
        """Show the differences from other versions."""
        self._difference_rows = changes
        self.rows = [*self._payload_rows, *changes]
        self.lay_out()

    def choose(self, index: int) -> None:
        """Show or hide the defaults of a step, or go to the field of a row."""
        fold = self.rows[index].fold
        if fold and self._content:
            self._unfolded ^= {fold}
            self.update_from(self._content)
        else:
            self.post_message(FieldRequested(self.rows[index].path))


def _what(row: ReviewRow) -> tuple[Path, str, bool]:
    """What a row is about: a field, the defaults of a step, or a problem of a field."""
    return row.path, row.fold, row.problem is not None


def _payload_rows(content: ReviewContent, unfolded: Collection[str]) -> list[ReviewRow]:
    rows = [
        _problem_row(p, [(f"✗ {_place(p, content.said(p))}", "wrong"), (content.said(p), "")])
        for p in content.problems
    ]
    if content.changes:
        rows += [*([review_row([("", "")])] if rows else []), *update_rows(content.changes)]
    if content.advice:
        rows += title_rows(f"Advice ({len(content.advice)})", first=not rows)
        advice = (
            [("△ ", "advice"), (content.said(p), ""), (f" {p.code}", "dim")] for p in content.advice
        )
        rows += map(_problem_row, content.advice, advice)
    left = [(left.path, left.why) for left in content.left_out]
    as_it_is = "kept as QCall wrote it" if content.is_update else "sent as it is"
    extras = [((name,), f"not documented by QCall, {as_it_is}") for name in content.extras]
    unknown = "Unknown members" if content.is_update else "Unknown to QCall"
    for title, kept in (("Kept, not sent", left), (unknown, extras)):
        if kept:
            rows += title_rows(title, first=not rows)
        rows += (review_row([(f"{labels_of(path)}: {why}", "")], path) for path, why in kept)
    for group in content.groups:
        rows += title_rows(group.title, first=not rows)
        rows += (ReviewRow(partial(_item, item), item.path) for item in group.chosen)
        if group.default:
            is_open = group.title in unfolded
            rows.append(_fold_row(group, is_open=is_open))
            if is_open:
                rows += (ReviewRow(partial(_item, item), item.path) for item in group.default)
    return rows


def _fold_row(group: Group, *, is_open: bool) -> ReviewRow:
    words = f"{_INDENT}{'▾' if is_open else '▸'} {group.default_count}"
    return ReviewRow(lambda _: [(words, "dim")], fold=group.title)


def change_rows(compared: Sequence[Compared]) -> list[ReviewRow]:
    """The rows of the differences from other versions."""
    rows = []
    for words, found in compared:
        rows += title_rows(f"Changed since {words}" if found else f"The same as {words}")
        rows += (review_row([(f"{_CHANGES[d.kind]} {_change(d)}", "")], d.path) for d in found)
    return rows


def _problem_row(problem: Problem, parts: Parts) -> ReviewRow:
    fix = [(f"  [f: {problem.fix.label}]", "label")] if problem.fix else []
    return ReviewRow(lambda _: [*parts, *fix], problem.path, problem)


def _place(problem: Problem, said: str) -> str:
    """The title of a problem's step, unless its sentence begins with that word."""
    step = step_of(problem.path)
    title = step.label if step else "Payload"
    return "" if said.startswith(title.removesuffix("s")) else f"{title} · "


def _item(item: Item, width: int) -> Parts:
    """The label and beside it the words, or above them if one of the two has no room."""
    indent = _INDENT * (2 if item.is_part else 1)
    left = " " * (len(indent) + _LABEL + 1)
    label = f"{indent}{item.label}{' ' * (_LABEL - cell_len(item.label))} "
    room = width - len(left)
    if room < _LEAST or cell_len(item.label) > _LABEL:
        left = indent + _INDENT
        label, room = f"{indent}{item.label}\n{left}", width - len(left)
    lines = _wrapped(item, max(1, room))
    size = _length_words(item)
    if size and cell_len(lines[-1]) + len(size) + len(_INDENT) > room:
        lines.append("")
    elif size:
        size = _INDENT + size
    return [(label, "label"), (f"\n{left}".join(lines), ""), (size, "dim")]


def _length_words(item: Item) -> str:
    """How long a text is, and how long it takes to be said."""
    parts = [f"{item.characters:,} characters"] if item.characters > _COUNTED else []
    parts += [_spoken(item.seconds)] if item.seconds else []
    return _INDENT.join(parts)


def _wrapped(item: Item, room: int) -> list[str]:
    """The words in lines of a width: all of them of a text that is said or sent."""
    words = pictured_lines(item.words)
    if cell_len(words) <= room and "\n" not in words:
        return [words]
    lines = [line.plain for line in Content(words).wrap(room)]
    if not item.is_verbatim and len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][: room - 1]}…"]
    return lines


def _change(each: Difference) -> str:
    place = labels_of(each.path)
    values = [_shown_value(value) for value in (each.before, each.after) if value is not MISSING]
    return f"{place}: {' → '.join(values)}"


def _shown_value(value: Any) -> str:
    """A value in a few characters."""
    if isinstance(value, str):
        return f"“{shorten(' '.join(value[:80].split()), 32)}”"
    if isinstance(value, Mapping | list):
        return counted(len(value), "member" if isinstance(value, Mapping) else "item")
    return dump(value)


def _spoken(seconds: float) -> str:
    """How long a text takes to be said, in words."""
    whole = max(1, round(seconds))
    return f"{whole} s spoken" if whole < 90 else f"{whole // 60} min {whole % 60} s spoken"
