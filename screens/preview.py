"""The preview: everything as a person thinks of it, the exact bytes beside it, and submit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.style import Style
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from screens.frame import Keys, TooSmall, TopLine
from screens.inputs import pictured
from screens.json_lines import masked, whole_lines
from screens.json_view import JsonView
from screens.menus import Menu
from screens.messages import Changed, GoTo
from screens.payload_pane import SOURCE_SIGNS, bases_of
from wizard import paths
from wizard.assistant import SECRETS
from wizard.differences import Difference, Sort, differences
from wizard.draft import Draft, step_of
from wizard.exports import Form
from wizard.paths import MISSING, Path
from wizard.payloads import dump
from wizard.problems import Problem
from wizard.review import Base, Group, Item, groups
from wizard.settings import Target
from wizard.steps import STEPS

if TYPE_CHECKING:
    from screens.app import WizardApp

_TITLES = {info.step: info.title for info in STEPS}


class Way(StrEnum):
    """How a draft is looked over."""

    REVIEW = "Review"
    JSON = "JSON"


class ReviewList(OptionList):
    """What is wrong, what could be better, and everything that will be sent, in words."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "review--title",
        "review--label",
        "review--dim",
        "review--wrong",
        "review--advice",
    }

    def __init__(self) -> None:
        super().__init__(id="told", markup=False)
        self.problems: list[Problem | None] = []
        self.paths: list[Path] = []
        self._asked: list[Option] = []
        self._shown: tuple[Draft, Sequence[Base]] | None = None

    @property
    def problem(self) -> Problem | None:
        """The problem or the advice at the cursor."""
        at = self.highlighted
        return None if at is None else self.problems[at]

    def update_from(self, draft: Draft, found: Sequence[Base]) -> None:
        """Show the draft as it stands; the cursor stays where it was."""
        self._shown = draft, found
        at, before = self.highlighted or 0, self.paths
        kept = before[at] if at < len(before) else ()
        self.problems, self.paths, self._asked = [], [], []
        self._problems(draft)
        self._kept(draft)
        for group in groups(draft):
            self._group(group)
        self._changes(draft, found)
        self.set_options(self._asked)
        places = [n for n, o in enumerate(self._asked) if not o.disabled]
        same = [n for n in places if self.paths[n] == kept]
        if places:
            self.highlighted = same[0] if kept and same else places[0]

    def on_resize(self) -> None:
        """Fit the values into the new width."""
        if self._shown:
            self.update_from(*self._shown)

    # --- its parts

    def _problems(self, draft: Draft) -> None:
        for problem in draft.problems():
            step = step_of(problem.path)
            where = _TITLES[step] if step else "Payload"
            told = Content(f"✗ {where} · ").stylize(self._look("wrong"))
            self._put(told + _plain(str(problem)) + self._fix(problem), problem.path, problem)
        advice = draft.advice()
        if advice:
            self._title(f"Advice ({len(advice)})")
        for problem in advice:
            sign = Content("△ ").stylize(self._look("advice"))
            code = Content(f" {problem.code}").stylize(self._look("dim"))
            told = sign + _plain(str(problem)) + code + self._fix(problem)
            self._put(told, problem.path, problem)

    def _fix(self, problem: Problem) -> Content:
        label = f"  [f: {problem.fix.label}]" if problem.fix else ""
        return _plain(label).stylize(self._look("label"))

    def _kept(self, draft: Draft) -> None:
        left = [(left.path, left.why) for left in draft.left_out()]
        extras = [((name,), "not documented by QCall, sent as it is") for name in draft.extras()]
        for title, told in (("Kept, not sent", left), ("Unknown to QCall", extras)):
            if told:
                self._title(title)
            for path, why in told:
                self._put(_plain(f"{paths.write(path)}: {why}"), path)

    def _group(self, group: Group) -> None:
        self._title(group.title)
        for item in group.chosen:
            self._put(self._item(item), item.path)
        if group.resting:
            words = " · ".join(f"{i.label}: {_short(i.words, 24)}" for i in group.resting)
            self._put(_plain(f"At rest · {words}").stylize(self._look("dim")), ())

    def _item(self, item: Item) -> Content:
        sign = Content(f"{SOURCE_SIGNS[item.source]} ").stylize(self._look("dim"))
        width = self.scrollable_content_region.width
        beside = min(_LABEL, width // 3)
        label = _plain(f"{_short(item.label, beside):<{beside}} ").stylize(self._look("label"))
        size = f"  {item.characters:,} characters" if item.characters > _COUNTED else ""
        size += f"  {spoken(item.seconds)}" if item.seconds else ""
        room = max(12, width - beside - len(size) - 5)
        words = _short(item.words, room)
        return sign + label + _plain(words) + Content(size).stylize(self._look("dim"))

    def _changes(self, draft: Draft, found: Sequence[Base]) -> None:
        for base in found:
            changes = differences(base.payload, draft.compose())
            told = f"Changed since {base.words}" if changes else f"The same as {base.words}"
            self._title(told)
            for each in changes:
                self._put(_plain(f"{_CHANGES[each.kind]} {_change(each)}"), each.path)

    def _look(self, kind: str) -> Style:
        """A colour without a background, which is the cursor's to choose."""
        style = self.get_visual_style(f"review--{kind}")
        return Style(foreground=style.foreground, bold=style.bold)

    def _title(self, told: str) -> None:
        if self._asked:
            self._put(Content(""), ())
        self._put(Content(told).stylize(self._look("title")), ())

    def _put(self, told: Content, path: Path, problem: Problem | None = None) -> None:
        self._asked.append(Option(told, disabled=not path))
        self.paths.append(path)
        self.problems.append(problem)


# How wide the labels of the review are where there is room, in characters.
_LABEL = 18
# A text longer than this says how long it is.
_COUNTED = 60
_CHANGES = {Sort.ADDED: "+", Sort.REMOVED: "-", Sort.CHANGED: "~", Sort.MOVED: "↕"}


def _plain(text: str) -> Content:
    return Content(pictured(text))


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: max(0, length - 1)]}…"


def _change(each: Difference) -> str:
    place = paths.write(each.path)
    values = [_value(value) for value in (each.before, each.after) if value is not MISSING]
    return f"{place}: {' → '.join(values)}"


def _value(value: Any) -> str:
    """A value in a few characters."""
    if isinstance(value, str):
        return f"“{_short(' '.join(value[:80].split()), 32)}”"
    if isinstance(value, Mapping | list):
        return f"{len(value)} members" if isinstance(value, Mapping) else f"{len(value)} items"
    return dump(value)


def spoken(seconds: float) -> str:
    """How long a text takes to be said, in words."""
    whole = max(1, round(seconds))
    return f"{whole} s spoken" if whole < 90 else f"{whole // 60} min {whole % 60} s spoken"


class PreviewScreen(Screen[None]):
    """The review beside the exact JSON; where there is no room for both, a key goes between."""

    CSS_PATH = "wizard.tcss"

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

    def __init__(self, draft: Draft, target: Target) -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._revealed = False
        self._way = Way.REVIEW

    def compose(self) -> ComposeResult:
        """State of the draft, review and payload, what can be done."""
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
        """Follow what was changed on another screen."""
        self.update_from(self._draft)

    def update_from(self, draft: Draft) -> None:
        """Show the draft as it stands."""
        self._draft = draft
        problems = draft.problems()
        self.query_one("#verdict", Static).update(self._verdict(problems, draft.advice()))
        self.query_one(ReviewList).update_from(draft, bases_of(self.app, draft))
        self._show_bytes()
        self.query_one("#submit", Button).disabled = bool(problems)
        self._focus()

    def _show_bytes(self) -> None:
        payload = self._draft.compose()
        shown = payload if self._revealed else masked(payload, SECRETS)
        self.query_one("#bytes", JsonView).show(whole_lines(shown))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Secrets can be shown where there are any, and what can be mended is mended."""
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
        self._focus()

    def _show(self, way: Way) -> None:
        self._way = way
        self.set_class(way is Way.JSON, "-json")
        other = Way.REVIEW if way is Way.JSON else Way.JSON
        self.query_one("#turn", Button).label = other

    def _focus(self) -> None:
        self.query_one("#bytes" if self._way is Way.JSON else "#told").focus()

    def _verdict(self, problems: Sequence[Problem], advice: Sequence[Problem]) -> Content:
        if problems:
            count = "One thing stands" if len(problems) == 1 else f"{len(problems)} things stand"
            return Content(f"✗ {count} in the way. Enter goes to it.").stylize("$text-error")
        size = f"{len(self._draft.preview().encode('utf-8', 'replace')):,} bytes"
        told = Content(f"✓ Ready for {self._target.name}").stylize("$text-success")
        more = f" · {size}, shown as they will be sent" + (f" · {len(advice)} △" if advice else "")
        return told + Content(more).stylize("$text-muted")

    # --- what can be done

    def action_fix(self) -> None:
        """Mend what is at the cursor by the one value that is sure to; it can be undone."""
        problem = self.query_one(ReviewList).problem
        if problem and problem.fix:
            self._draft.answer(problem.path, problem.fix.value)
            self.post_message(Changed())
            self.update_from(self._draft)
            told = f"{problem.fix.label}. Ctrl+Z takes it back."
            self.notify(pictured(told), title=paths.write(problem.path), markup=False)

    def action_copy(self) -> None:
        """Copy the JSON."""
        self._app.export_copy(Form.JSON)

    def action_export(self) -> None:
        """Ask for a form, and a file to write it to."""
        options = {form.value: f"{form.value:<7} {form.about}" for form in Form}
        self.app.push_screen(Menu("Export as", options), self._export)

    def _export(self, chosen: str | None) -> None:
        if chosen:
            self._app.export_to_file(Form(chosen))

    @property
    def _app(self) -> WizardApp:
        return cast("WizardApp", self.app)

    def on_option_list_option_highlighted(self) -> None:
        """What can be mended says so in the footer."""
        self.refresh_bindings()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the field of a line."""
        self.post_message(GoTo(self.query_one(ReviewList).paths[event.option_index]))

    def on_json_view_chosen(self, event: JsonView.Chosen) -> None:
        """Go to the field whose line was clicked."""
        self.post_message(GoTo(event.path))

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what a button says."""
        actions = {"back": "app.back_to_steps", "submit": "app.submit", "write": "app.write"}
        pressed = str(event.button.id)
        await self.run_action(actions.get(pressed, pressed))


class ConfirmScreen(ModalScreen[bool]):
    """Asks before something is sent."""

    CSS_PATH = "wizard.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "Not yet", id="confirm.no"),
        Binding("y", "dismiss(True)", "Create", id="confirm.yes"),
    ]

    def __init__(self, draft: Draft, target: Target, risk: str = "") -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._risk = risk

    def compose(self) -> ComposeResult:
        """What, where, at what risk, and two buttons."""
        data = self._draft.compose()
        with Vertical(id="confirm"):
            yield Static("Create this assistant?", classes="title")
            told = f"{data['name']}, {data['type']}, for {data['company_name']}"
            yield Static(Content(pictured(told)))
            where = "in the sandbox, where nothing is real" if self._target.is_sandbox else ""
            yield Static(Content(where or f"on {self._target.name}, for real"), classes="about")
            if self._risk:
                yield Static(Content(self._risk), classes="wrong")
            with Horizontal(classes="buttons"):
                yield Button("Create (y)", id="yes", variant="primary", compact=True)
                yield Button("Not yet (n)", id="no", compact=True)
        yield TooSmall()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is agreed to in a window that does not show the question."""
        return parameters != (True,) or not self.query_one(TooSmall).display

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        event.stop()
        agreed = event.button.id == "yes"
        if not (agreed and self.query_one(TooSmall).display):
            self.dismiss(agreed)
