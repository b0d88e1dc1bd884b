"""The preview: everything as a person thinks of it, the exact bytes beside it, and submit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Button, Static

from screens.dialogs.menu import Menu
from screens.messages import DraftChanged, FieldRequested
from screens.payload.diff_worker import Compared, DiffWorker
from screens.payload.json_lines import masked, masked_text, whole_lines
from screens.payload.payload_pane import SOURCE_SIGNS
from screens.widgets.inputs import pictured
from screens.widgets.json_view import JsonView
from screens.widgets.page_frame import Keys, Page, ResponsiveScreen, TooSmall, TopLine
from screens.widgets.virtual_list import VirtualList, lines_of
from wizard.contract.assistant import SECRETS
from wizard.contract.problems import Problem
from wizard.contract.steps import STEPS
from wizard.draft.draft import Draft, LeftOut, step_of
from wizard.draft.review import Group, Item, groups
from wizard.exchange.differences import Difference, Sort
from wizard.exchange.exporting import ExportFormat
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.settings import Target

if TYPE_CHECKING:
    from screens.services import AppServices

_TITLES = {info.step: info.title for info in STEPS}


class Way(StrEnum):
    """How a draft is looked over."""

    REVIEW = "Review"
    JSON = "JSON"


# Words of a row, each with the look that they have: `label`, `dim` and so on, empty for plain.
_Parts: TypeAlias = Sequence[tuple[str, str]]


class _Row(NamedTuple):
    """A row of the review: its texts with styles, its path, its problem.

    `room` is the width from which on it takes one line; None if it must be measured.
    """

    say: Callable[[Any, int], _Parts]
    message: Any
    path: Path = ()
    problem: Problem | None = None
    room: float = inf

    def parts(self, width: int) -> _Parts:
        """The text at a width."""
        return self.say(self.message, width)


class ReviewContent(NamedTuple):
    """Everything the review shows of `payload`."""

    payload: Mapping[str, Any]
    problems: Sequence[Problem]
    advice: Sequence[Problem]
    left_out: Sequence[LeftOut]
    extras: Sequence[str]
    groups: Sequence[Group]


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
    )


class ReviewList(VirtualList):
    """Errors, advice, and the whole payload in words."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "review--title",
        "review--label",
        "review--dim",
        "review--wrong",
        "review--advice",
    }

    def __init__(self) -> None:
        super().__init__(id="told")
        self._rows: list[_Row] = []
        # The number of rows before the differences.
        self._own = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def path_of(self, index: int) -> Path:
        """The path of a row; empty for a title."""
        return self._rows[index].path

    @property
    def problem(self) -> Problem | None:
        """The problem or the advice at the cursor."""
        return self._rows[self.cursor].problem if self._rows else None

    def update_from(self, message: ReviewContent) -> None:
        """Show a draft; the cursor keeps its place, and the differences stay."""
        kept = self._rows[self.cursor].path if self._rows else ()
        changes = self._rows[self._own :]
        self._rows = []
        self._problems(message)
        self._kept(message)
        for group in message.groups:
            self._group(group)
        self._own = len(self._rows)
        self._rows += changes
        places = (n for n, row in enumerate(self._rows) if kept and row.path == kept)
        first = (n for n, row in enumerate(self._rows) if row.path)
        self.lay_out(cursor=next(places, next(first, 0)))

    def show_changes(self, changes: Sequence[_Row]) -> None:
        """Show the differences from other versions."""
        if changes != self._rows[self._own :]:
            self._rows[self._own :] = changes
            self.lay_out()

    def on_unmount(self) -> None:
        """Let go of the rows: with all else that was shown they would be freed at one go."""
        self._rows = []

    # --- rows

    def can_choose(self, index: int) -> bool:
        """A title leads nowhere."""
        return bool(self._rows[index].path)

    def text_of(self, index: int) -> str:
        """The text of a row."""
        return self._quoted(self._rows[index], self.scrollable_content_region.width)

    def content_of(self, index: int) -> Content:
        """The text of a row with its styles."""
        parts = self._rows[index].parts(self.scrollable_content_region.width)
        message = (
            (pictured(text), self._look(kind)) if kind else pictured(text) for text, kind in parts
        )
        return Content.assemble(*message)

    def heights(self, width: int) -> Sequence[int]:
        """A sentence that does not fit takes more than a line."""
        return [
            1 if width >= row.room else lines_of(self._quoted(row, width), width)
            for row in self._rows
        ]

    def _quoted(self, row: _Row, width: int) -> str:
        return pictured("".join(text for text, _ in row.parts(width)))

    def _look(self, kind: str) -> Style:
        """A colour without a background, which is the cursor's to choose."""
        style = self.get_visual_style(f"review--{kind}")
        return Style(foreground=style.foreground, bold=style.bold)

    def _title(self, message: str) -> None:
        if self._rows:
            self._rows.append(_row([("", "")]))
        self._rows.append(_row([(message, "title")]))

    # --- its parts

    def _problems(self, message: ReviewContent) -> None:
        self._rows += (_Row(_wrong, p, p.path, p) for p in message.problems)
        if message.advice:
            self._title(f"Advice ({len(message.advice)})")
        self._rows += (_Row(_advised, p, p.path, p) for p in message.advice)

    def _kept(self, message: ReviewContent) -> None:
        left = [(left.path, left.why) for left in message.left_out]
        extras = [((name,), "not documented by QCall, sent as it is") for name in message.extras]
        for title, kept in (("Kept, not sent", left), ("Unknown to QCall", extras)):
            if kept:
                self._title(title)
            for path, why in kept:
                self._rows.append(_row([(f"{paths.write(path)}: {why}", "")], path))

    def _group(self, group: Group) -> None:
        self._title(group.title)
        self._rows += (_Row(_item, item, item.path, room=_room(item)) for item in group.chosen)
        if group.default:
            words = " · ".join(f"{i.label}: {_short(i.words, 24)}" for i in group.default)
            self._rows.append(_row([(f"Default · {words}", "dim")]))


def _changes(compared: Sequence[Compared]) -> list[_Row]:
    rows = []
    for words, found in compared:
        message = f"Changed since {words}" if found else f"The same as {words}"
        rows += [_row([("", "")]), _row([(message, "title")])]
        rows += (_Row(_changed, each, each.path) for each in found)
    return rows


def _row(parts: _Parts, path: Path = ()) -> _Row:
    return _Row(_as_it_is, parts, path)


def _as_it_is(parts: _Parts, _: int) -> _Parts:
    return parts


def _wrong(problem: Problem, _: int) -> _Parts:
    step = step_of(problem.path)
    where = _TITLES[step] if step else "Payload"
    return [(f"✗ {where} · ", "wrong"), (str(problem), ""), *_fix(problem)]


def _advised(problem: Problem, _: int) -> _Parts:
    return [("△ ", "advice"), (str(problem), ""), (f" {problem.code}", "dim"), *_fix(problem)]


def _fix(problem: Problem) -> _Parts:
    return [(f"  [f: {problem.fix.label}]", "label")] if problem.fix else []


def _item(item: Item, width: int) -> _Parts:
    beside = min(_LABEL, width // 3)
    size = f"  {item.characters:,} characters" if item.characters > _COUNTED else ""
    size += f"  {spoken(item.seconds)}" if item.seconds else ""
    words = _short(item.words, max(_LEAST, width - beside - len(size) - 5))
    label = f"{_short(item.label, beside):<{beside}} "
    return [(f"{SOURCE_SIGNS[item.source]} ", "dim"), (label, "label"), (words, ""), (size, "dim")]


def _room(item: Item) -> float:
    """The width from which on an item takes one line, as its words are cut."""
    if not item.words.isascii():
        return inf
    return _ROOM if item.characters or item.seconds else _ROOM_OF_WORDS


def _changed(each: Difference, _: int) -> _Parts:
    return [(f"{_CHANGES[each.kind]} {_change(each)}", "")]


# The width of the labels, in characters; the least number of characters of the words; the width
# from which on all fit on one line.
_LABEL = 18
_LEAST = 12
_ROOM_OF_WORDS = _LABEL + _LEAST + 5
_ROOM = 80
# A text longer than this says how long it is.
_COUNTED = 60
_CHANGES = {Sort.ADDED: "+", Sort.REMOVED: "-", Sort.CHANGED: "~", Sort.MOVED: "↕"}


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: max(0, length - 1)]}…"


def _change(each: Difference) -> str:
    place = paths.write(each.path)
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


def spoken(seconds: float) -> str:
    """How long a text takes to be said, in words."""
    whole = max(1, round(seconds))
    return f"{whole} s spoken" if whole < 90 else f"{whole // 60} min {whole % 60} s spoken"


class PreviewScreen(Page[None]):
    """The review beside the exact JSON; on narrow screens a key switches between them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back_to_steps", "Back", id="preview.back"),
        Binding("ctrl+s", "app.submit", "Submit", id="preview.submit", priority=True),
        Binding("f8", "turn", "JSON", id="preview.turn", priority=True),
        Binding("f", "fix", "Mend", id="preview.fix"),
        Binding("c", "copy", "Copy", id="preview.copy"),
        Binding("w", "app.write", "Save", id="preview.write"),
        Binding("x", "export", "Export", id="preview.export"),
        Binding("ctrl+r", "reveal", "Secrets", id="preview.reveal"),
        Binding("ctrl+z", "app.undo", "Undo", show=False, id="preview.undo", priority=True),
        Binding("f2", "app.steps", "Steps", show=False, id="preview.steps", priority=True),
    ]

    def __init__(self, draft: Draft, target: Target, message: ReviewContent) -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._message = message
        self._is_shown = False
        self._revealed = False
        self._way = Way.REVIEW
        # The payload whose JSON is shown, and whether with its secrets.
        self._written: tuple[Mapping[str, Any], bool] | None = None
        self._comparer = DiffWorker(self, _changes, self._show_changes)

    def compose(self) -> ComposeResult:
        """The state of the draft, review and payload, buttons."""
        yield TopLine()
        with Vertical(id="review"):
            yield Static(id="verdict")
            with Horizontal(id="sides"):
                yield ReviewList()
                yield JsonView(folds=True, id="bytes")
            with Horizontal(classes="buttons"):
                yield Button("‹ Back", id="back", compact=True)
                yield Button("JSON", id="turn", compact=True)
                yield Button("Copy", id="copy", compact=True)
                yield Button("Save", id="write", compact=True)
                yield Button("Export", id="export", compact=True)
                yield Button("Submit …", id="submit", variant="primary", compact=True)
        yield Keys()
        yield TooSmall()

    def on_mount(self) -> None:
        """Begin with the review."""
        self._show(Way.REVIEW)

    def on_screen_resume(self) -> None:
        """Follow changes made on another screen, and new receipts."""
        self.update_from(self._draft)
        self._comparer.compare(self._draft, anew=True)

    def update_from(self, draft: Draft) -> None:
        """Show the current draft."""
        self._draft = draft
        if self._message.payload is not draft.compose():
            self._message, self._is_shown = collect_review(draft), False
        if not self._is_shown:
            self._is_shown = True
            self.query_one("#verdict", Static).update(self._verdict(self._message))
            self.query_one(ReviewList).update_from(self._message)
            self._comparer.compare(draft)
            self.query_one("#submit", Button).disabled = bool(self._message.problems)
        self.call_after_refresh(self._show_bytes)
        self._focus()

    def _show_changes(self, changes: Sequence[_Row]) -> None:
        for shown in self.query(ReviewList):  # the screen may be gone by now
            shown.show_changes(changes)

    def on_resize(self) -> None:
        """The JSON may have come in sight."""
        self.call_after_refresh(self._show_bytes)

    def _show_bytes(self) -> None:
        """Show the current JSON, if it is visible."""
        if not (self._way is Way.JSON or self.has_class("-wide")):
            return
        payload, before = self._draft.compose(), self._written
        if before is None or before[0] is not payload or before[1] is not self._revealed:
            self._written = payload, self._revealed
            shown, text = payload, self._draft.preview()
            if not self._revealed:
                shown, text = masked(payload, SECRETS), masked_text(text, payload, SECRETS)
            # Making and laying out the lines takes 15 ms each for 140,000 lines.
            view = self.query_one("#bytes", JsonView)
            view.call_next(view.show, whole_lines(shown, text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show secrets and to apply a fix only if there are any."""
        if action == "reveal":
            given = (paths.get(self._draft.compose(), path) for path in SECRETS)
            return any(value is not MISSING for value in given)
        if action == "turn":
            return not self.has_class("-wide")
        if action == "fix":
            problem = self.query_one(ReviewList).problem if self.is_mounted else None
            return problem is not None and problem.fix is not None
        return True

    def action_reveal(self) -> None:
        """Show the secrets, or the dots again."""
        self._revealed = not self._revealed
        self._show_bytes()

    def action_turn(self) -> None:
        """From the review to the JSON, and back."""
        self._show(Way.JSON if self._way is Way.REVIEW else Way.REVIEW)
        self._show_bytes()
        self._focus()

    def _show(self, way: Way) -> None:
        self._way = way
        self.set_class(way is Way.JSON, "-json")
        other = Way.REVIEW if way is Way.JSON else Way.JSON
        button = self.query_one("#turn", Button)
        button.label = other
        button.refresh(layout=True)  # else it keeps the width of the shorter word

    def _focus(self) -> None:
        self.query_one("#bytes" if self._way is Way.JSON else "#told").focus()

    def _verdict(self, found: ReviewContent) -> Content:
        problems, advice = found.problems, found.advice
        if problems:
            count = "1 thing" if len(problems) == 1 else f"{len(problems)} things"
            return Content(f"✗ {count} to fix. Press Enter to jump to one.").stylize("$text-error")
        size = f"{len(self._draft.preview().encode('utf-8', 'replace')):,} bytes"
        message = Content(f"✓ Ready for {self._target.name}").stylize("$text-success")
        more = f" · {size}, shown as they will be sent" + (f" · {len(advice)} △" if advice else "")
        return message + Content(more).stylize("$text-muted")

    # --- what can be done

    def action_fix(self) -> None:
        """Apply the fix of the problem at the cursor; it can be undone."""
        problem = self.query_one(ReviewList).problem
        if problem and problem.fix:
            self._draft.answer(problem.path, problem.fix.value)
            self.post_message(DraftChanged())
            self.update_from(self._draft)
            message = f"{problem.fix.label}. Ctrl+Z takes it back."
            self.notify(pictured(message), title=paths.write(problem.path), markup=False)

    def action_copy(self) -> None:
        """Copy the JSON."""
        self._app.export_copy(ExportFormat.JSON)

    def action_export(self) -> None:
        """Ask for a form, and a file to write it to."""
        options = {form.value: f"{form.value:<7} {form.about}" for form in ExportFormat}
        self.app.push_screen(Menu("Export as", options), self._export)

    def _export(self, chosen: str | None) -> None:
        if chosen:
            self._app.export_to_file(ExportFormat(chosen))

    @property
    def _app(self) -> AppServices:
        return cast("AppServices", self.app)

    def on_virtual_list_moved(self) -> None:
        """Update the footer: the fix depends on the row."""
        self.refresh_bindings()

    def on_virtual_list_chosen(self, event: VirtualList.Chosen) -> None:
        """Go to the field of a line."""
        self.post_message(FieldRequested(self.query_one(ReviewList).path_of(event.index)))

    def on_json_view_chosen(self, event: JsonView.Chosen) -> None:
        """Go to the field whose line was clicked."""
        self.post_message(FieldRequested(event.path))

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button."""
        actions = {"back": "app.back_to_steps", "submit": "app.submit", "write": "app.write"}
        pressed = str(event.button.id)
        await self.run_action(actions.get(pressed, pressed))


class ConfirmScreen(ModalScreen[bool], ResponsiveScreen[bool]):
    """Asks before something is sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "Not yet", id="confirm.no"),
        Binding("y", "dismiss(True)", "Create", id="confirm.yes"),
    ]

    def __init__(self, draft: Draft, target: Target, risk: str = "") -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._risk = risk
        self._same = ""

    def compose(self) -> ComposeResult:
        """Name, target, risk, and two buttons."""
        data = self._draft.compose()
        with Vertical(id="confirm"):
            yield Static("Create this assistant?", classes="title")
            message = f"{data['name']}, {data['type']}, for {data['company_name']}"
            yield Static(Content(pictured(message)))
            where = "in the sandbox, where nothing is real" if self._target.is_sandbox else ""
            yield Static(Content(where or f"on {self._target.name}, for real"), classes="about")
            if self._risk:
                yield Static(Content(self._risk), classes="wrong")
            yield Static(id="same", classes="wrong")
            with Horizontal(classes="buttons"):
                buttons = [
                    Button("Create (y)", id="yes", compact=True),
                    Button("Not yet (n)", id="no", compact=True),
                ]
                # The first has the focus: Enter takes no risk.
                buttons = buttons[::-1] if self._risk else buttons
                buttons[0].variant = "primary"
                yield from buttons
        yield TooSmall()

    def on_mount(self) -> None:
        """The list of assistants may have come before."""
        self.show_same_named(self._same)

    def show_same_named(self, told: str) -> None:
        """Say that the account already has assistants of this name and company, if it has."""
        self._same = told
        for same in self.query("#same").results(Static):
            same.update(Content(pictured(told)))
            same.display = bool(told)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is agreed to in a window that does not show the question."""
        return parameters != (True,) or not self.query_one(TooSmall).display

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        event.stop()
        agreed = event.button.id == "yes"
        if not (agreed and self.query_one(TooSmall).display):
            self.dismiss(agreed)
