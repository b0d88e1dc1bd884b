"""The review: errors, advice, and what was chosen in words; defaults are folded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple, TypeAlias

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from screens.payload.diff_worker import Compared
from screens.widgets.inputs import pictured
from screens.widgets.virtual_list import VirtualList, lines_of
from wizard.contract.assistant import labels_of
from wizard.contract.problems import Problem
from wizard.contract.steps import STEPS
from wizard.draft.blanks import Blank, blanks
from wizard.draft.draft import Draft, LeftOut, step_of
from wizard.draft.placeholder_hints import labelled
from wizard.draft.review import Group, Item, groups
from wizard.exchange.differences import Difference, Sort
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path

_TITLES = {info.step: info.title for info in STEPS}
# The width of the labels, and the least width of the words beside them, in cells.
_LABEL = 18
_LEAST = 24
# A text longer than this is shown with its length, and cut after some lines unless it is verbatim.
_COUNTED = 60
_MOST_LINES = 3
_INDENT = "  "
_CHANGES = {Sort.ADDED: "+", Sort.REMOVED: "-", Sort.CHANGED: "~", Sort.MOVED: "↕"}

# Texts, each with its style: `label`, `dim` and so on, empty for plain.
_Parts: TypeAlias = Sequence[tuple[str, str]]


class ReviewRow(NamedTuple):
    """A row of the review: its texts at a width, its path, its problem.

    `fold` is the title of the step whose defaults the row shows or hides.
    """

    parts: Callable[[int], _Parts]
    path: Path = ()
    problem: Problem | None = None
    fold: str = ""

    def text(self, width: int) -> str:
        """The text without styles."""
        return _pictured("".join(text for text, _ in self.parts(width)))


class ReviewContent(NamedTuple):
    """Everything the review shows of `payload`."""

    payload: Mapping[str, Any]
    problems: Sequence[Problem]
    advice: Sequence[Problem]
    left_out: Sequence[LeftOut]
    extras: Sequence[str]
    groups: Sequence[Group]
    blanks: Sequence[Blank]
    said: Callable[[Problem], str]


def collect_review(draft: Draft) -> ReviewContent:
    """Collect everything the review shows; slow for 1,000 actions, so call it in a thread."""
    draft.validate()
    return ReviewContent(
        draft.compose(),
        draft.problems(),
        draft.advice(),
        tuple(draft.left_out()),
        tuple(draft.extras()),
        groups(draft),
        blanks(draft),
        partial(labelled, draft),
    )


class ReviewList(VirtualList):
    """Errors, advice, the whole payload in words, and its differences from other versions."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "review--title",
        "review--label",
        "review--dim",
        "review--wrong",
        "review--advice",
    }

    def __init__(self) -> None:
        super().__init__(id="review-list")
        self._payload_rows: list[ReviewRow] = []
        self._difference_rows: Sequence[ReviewRow] = ()
        self._content: ReviewContent | None = None
        self._unfolded: set[str] = set()

    @property
    def rows(self) -> list[ReviewRow]:
        """All rows."""
        return [*self._payload_rows, *self._difference_rows]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._payload_rows) + len(self._difference_rows)

    def path_of(self, index: int) -> Path:
        """The path of a row; empty for a title."""
        return self._row(index).path

    @property
    def problem(self) -> Problem | None:
        """The problem or the advice at the cursor."""
        return self._row(self.cursor).problem if self.count else None

    def _row(self, index: int) -> ReviewRow:
        own = len(self._payload_rows)
        return self._payload_rows[index] if index < own else self._difference_rows[index - own]

    def update_from(self, content: ReviewContent) -> None:
        """Show a draft; the cursor keeps its place, and the differences stay."""
        here = self._row(self.cursor) if self.count else ReviewRow(lambda _: ())
        kept = here.path, here.fold
        self._content = content
        self._payload_rows = _payload_rows(content, self._unfolded)
        rows = enumerate(self.rows)
        places = (n for n, row in rows if any(kept) and (row.path, row.fold) == kept)
        first = (n for n, row in enumerate(self.rows) if row.path)
        self.lay_out(cursor=next(places, next(first, 0)))

    def show_changes(self, changes: Sequence[ReviewRow]) -> None:
        """Show the differences from other versions."""
        self._difference_rows = changes
        self.lay_out()

    def can_choose(self, index: int) -> bool:
        """A title leads nowhere."""
        row = self._row(index)
        return bool(row.path or row.fold)

    def choose(self, index: int) -> None:
        """Show or hide the defaults of a step, or go to the field of a row."""
        fold = self._row(index).fold
        if fold and self._content:
            self._unfolded ^= {fold}
            self.update_from(self._content)
        else:
            super().choose(index)

    def content_of(self, index: int) -> Content:
        """The text of a row with its styles."""
        parts = self._row(index).parts(self.row_width)
        return Content.assemble(
            *(
                (_pictured(text), self._look(kind)) if kind else _pictured(text)
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


def _payload_rows(content: ReviewContent, unfolded: Collection[str]) -> list[ReviewRow]:
    rows = [
        _problem_row(p, [(f"✗ {_place(p, content.said(p))}", "wrong"), (content.said(p), "")])
        for p in content.problems
    ]
    if content.advice:
        rows += _title(f"Advice ({len(content.advice)})", first=not rows)
        advice = (
            [("△ ", "advice"), (content.said(p), ""), (f" {p.code}", "dim")] for p in content.advice
        )
        rows += map(_problem_row, content.advice, advice)
    left = [(left.path, left.why) for left in content.left_out]
    extras = [((name,), "not documented by QCall, sent as it is") for name in content.extras]
    for title, kept in (("Kept, not sent", left), ("Unknown to QCall", extras)):
        if kept:
            rows += _title(title, first=not rows)
        rows += (_row([(f"{labels_of(path)}: {why}", "")], path) for path, why in kept)
    for group in content.groups:
        rows += _title(group.title, first=not rows)
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
        rows += _title(f"Changed since {words}" if found else f"The same as {words}")
        rows += (_row([(f"{_CHANGES[d.kind]} {_change(d)}", "")], d.path) for d in found)
    return rows


def _row(parts: _Parts, path: Path = ()) -> ReviewRow:
    return ReviewRow(lambda _: parts, path)


def _title(text: str, *, first: bool = False) -> list[ReviewRow]:
    return [*([] if first else [_row([("", "")])]), _row([(text, "title")])]


def _problem_row(problem: Problem, parts: _Parts) -> ReviewRow:
    fix = [(f"  [f: {problem.fix.label}]", "label")] if problem.fix else []
    return ReviewRow(lambda _: [*parts, *fix], problem.path, problem)


def _place(problem: Problem, said: str) -> str:
    """The title of a problem's step, unless its sentence begins with that word."""
    step = step_of(problem.path)
    title = _TITLES[step] if step else "Payload"
    return "" if said.startswith(title.removesuffix("s")) else f"{title} · "


def _item(item: Item, width: int) -> _Parts:
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
    words = _pictured(item.words)
    if cell_len(words) <= room and "\n" not in words:
        return [words]
    lines = [line.plain for line in Content(words).wrap(room)]
    if not item.is_verbatim and len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][: room - 1]}…"]
    return lines


def _pictured(text: str) -> str:
    """A text of several lines without what a terminal would obey."""
    return "\n".join(map(pictured, text.split("\n")))


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: max(0, length - 1)]}…"


def _change(each: Difference) -> str:
    place = labels_of(each.path)
    values = [_shown_value(value) for value in (each.before, each.after) if value is not MISSING]
    return f"{place}: {' → '.join(values)}"


def _shown_value(value: Any) -> str:
    """A value in a few characters."""
    if isinstance(value, str):
        return f"“{_short(' '.join(value[:80].split()), 32)}”"
    if isinstance(value, Mapping | list):
        kind = "member" if isinstance(value, Mapping) else "item"
        return f"{len(value)} {kind}{'s' * (len(value) != 1)}"
    return dump(value)


def _spoken(seconds: float) -> str:
    """How long a text takes to be said, in words."""
    whole = max(1, round(seconds))
    return f"{whole} s spoken" if whole < 90 else f"{whole // 60} min {whole % 60} s spoken"
