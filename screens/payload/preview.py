"""The preview: the review and the exact JSON side by side, and the question before sending."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens.dialogs.menu import Menu
from screens.messages import DraftChanged, ExportRequested
from screens.payload.diff_worker import DiffWorker
from screens.payload.json_lines import whole_lines, with_dots, written_lines
from screens.payload.review_list import (
    ReviewContent,
    ReviewList,
    change_rows,
    collect_review,
)
from screens.payload.row_list import ReviewRow
from screens.widgets.inputs import pictured
from screens.widgets.json_view import JsonView, Line
from screens.widgets.page_frame import Dialog, Page
from wizard.api.records import masked_text
from wizard.contract.assistant import labels_of
from wizard.contract.masking import SECRET
from wizard.draft.blanks import fill_words
from wizard.draft.draft import Draft
from wizard.draft.review import Base
from wizard.exchange.export_formats import ExportFormat
from wizard.formats import paths
from wizard.formats.paths import MISSING
from wizard.formats.text import counted, shorten
from wizard.settings import Target

# The most characters of the button that names the target.
_LABEL = 34
# The label, the id and the action of each button but the last.
_BUTTONS = (
    ("‹ Back", "back", "screen.close_preview"),
    ("JSON", "turn", "screen.turn"),
    ("Copy JSON", "copy", "screen.copy"),
    ("Save", "write", "app.write"),
    ("Export", "export", "screen.export"),
    ("Rehearse", "rehearse", "app.rehearse"),
)


class PreviewScreen(Page[None]):
    """The review beside the exact JSON; on narrow screens a key switches between them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", id="preview.back"),
        Binding("ctrl+s", "app.submit", "Submit", id="preview.submit", priority=True),
        Binding("f8", "turn", "JSON", id="preview.turn", priority=True),
        Binding("f7", "app.rehearse", "Rehearse", id="preview.rehearse", priority=True),
        Binding("f", "fix", "Fix", id="preview.fix"),
        Binding("c", "copy", "Copy JSON", id="preview.copy"),
        Binding("w", "app.write", "Save", id="preview.write"),
        Binding("x", "export", "Export", id="preview.export"),
        Binding("ctrl+r", "reveal", "Secrets", id="preview.reveal"),
        Binding("ctrl+z", "app.undo", "Undo", show=False, id="preview.undo", priority=True),
        Binding("f2", "app.steps", "Steps", show=False, id="preview.steps", priority=True),
    ]

    def __init__(
        self,
        draft: Draft,
        target: Target,
        content: ReviewContent,
        bases: Callable[[Draft], Sequence[Base]],
    ) -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._content = content
        self._is_shown = False
        self._revealed = False
        self._shows_json = False
        self._offer = Button("", id="fill-blanks", action="app.blanks", compact=True)
        self._comparer = DiffWorker(self, bases, change_rows, self._show_changes)

    def contents(self) -> ComposeResult:
        """The state of the draft, review and payload, buttons."""
        with Vertical(id="review"):
            yield Static(id="verdict")
            yield self._offer
            with Horizontal(id="sides"):
                yield ReviewList()
                yield JsonView(wraps=True, id="bytes")
            with Horizontal(classes="buttons"):
                for words, name, action in _BUTTONS:
                    yield Button(words, id=name, action=action, compact=True)
                label = shorten(f"{_verb(self._draft)} {self._target.place}", _LABEL)
                yield Button(
                    label, id="submit", action="app.submit", variant="primary", compact=True
                )

    def on_screen_resume(self) -> None:
        """Follow changes made on another screen, and new receipts."""
        self.update_from(self._draft)
        self._compare(reread=True)

    def update_from(self, draft: Draft) -> None:
        """Show the current draft."""
        self._draft = draft
        if self._content.payload is not draft.compose():
            self._content, self._is_shown = collect_review(draft), False
        if not self._is_shown:
            self._is_shown = True
            self.query_one("#verdict", Static).update(self._verdict(self._content))
            self._offer.display = bool(self._content.blanks)
            self._offer.label = fill_words(self._content.blanks)
            self._offer.refresh(layout=True)  # else it keeps the width of the words before
            self.query_one(ReviewList).update_from(self._content)
            self._compare()
            self.query_one("#submit", Button).disabled = not self._can_send
        self.call_after_refresh(self._show_bytes)
        self._focus()

    @property
    def _can_send(self) -> bool:
        """Whether nothing is to fix, and an existing assistant was changed."""
        content = self._content
        has_nothing = content.is_update and not content.changes
        return not (content.problems or has_nothing or _warning(self._draft))

    def _compare(self, *, reread: bool = False) -> None:
        """Find the differences from other versions; those of an update are shown already."""
        if not self._draft.origin:
            self._comparer.compare(self._draft, reread=reread)

    def _show_changes(self, changes: Sequence[ReviewRow]) -> None:
        for shown in self.query(ReviewList):  # the screen may be gone by now
            shown.show_changes(changes)

    def on_resize(self) -> None:
        """Show the JSON if there is room for it now."""
        self.call_after_refresh(self._show_bytes)

    def _show_bytes(self) -> None:
        """Show the current JSON, if it is visible."""
        if self._shows_json or self.has_class("-wide"):
            self.query_one("#bytes", JsonView).show(self._shown_json())

    def _shown_json(self) -> list[Line]:
        """The JSON as it will be sent; a record that exists is shown as QCall wrote it."""
        if self._draft.origin:
            text = self._draft.preview()
            with suppress(ValueError, RecursionError):
                return written_lines(text if self._revealed else masked_text(text))
        payload = self._draft.compose()
        return whole_lines(payload if self._revealed else with_dots(payload))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show secrets and to apply a fix only if there are any."""
        if action == "reveal":
            return paths.get(self._draft.compose(), SECRET) is not MISSING
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

    def action_close_preview(self) -> None:
        """Go back; no other screen has this action, so a late second press does nothing there."""
        self.dismiss()

    def action_turn(self) -> None:
        """Switch between the review and the JSON."""
        self._shows_json = not self._shows_json
        self.set_class(self._shows_json, "-json")
        button = self.query_one("#turn", Button)
        button.label = "Review" if self._shows_json else "JSON"
        button.refresh(layout=True)  # else it keeps the width of the shorter word
        self._show_bytes()
        self._focus()

    def _focus(self) -> None:
        self.query_one("#bytes" if self._shows_json else "#review-list").focus()

    def _verdict(self, found: ReviewContent) -> Content:
        problems, advice = found.problems, found.advice
        if problems:
            message = f"✗ {counted(len(problems), 'thing')} to fix. Press Enter to jump to one."
            return Content(message).stylize("$text-error")
        if warning := _warning(self._draft):
            return Content(pictured(f"△ {warning}")).stylize("$text-warning")
        if found.is_update and not found.changes:
            return Content("Nothing is changed yet.").stylize("$text-muted")
        size = f"{len(self._draft.preview().encode('utf-8', 'replace')):,} bytes"
        ready = f"Ready for {self._target.label}"
        if found.is_update:
            ready = f"{counted(len(found.changes), 'change')} for {self._target.label}"
        verdict = Content(f"✓ {ready}").stylize("$text-success")
        shown = "" if found.is_update else ", shown as they will be sent"
        more = f" · {size}{shown}" + (f" · {len(advice)} △" if advice else "")
        return verdict + Content(more).stylize("$text-muted")

    # --- what can be done

    def action_fix(self) -> None:
        """Apply the fix of the problem at the cursor; it can be undone."""
        problem = self.query_one(ReviewList).problem
        if problem and problem.fix:
            self._draft.answer(problem.path, problem.fix.value)
            self.post_message(DraftChanged())
            self.update_from(self._draft)
            message = f"{problem.fix.label}: done. Ctrl+Z undoes it."
            self.notify(pictured(message), title=labels_of(problem.path), markup=False)

    def action_copy(self) -> None:
        """Copy the JSON."""
        self.post_message(ExportRequested(ExportFormat.JSON, to_clipboard=True))

    def action_export(self) -> None:
        """Ask for a form, and a file to write it to."""
        options = {form.value: f"{form.value:<7} {form.about}" for form in ExportFormat}
        self.app.push_screen(Menu("Export as", options), self._export)

    def _export(self, chosen: str | None) -> None:
        if chosen:
            self.post_message(ExportRequested(ExportFormat(chosen)))

    def on_virtual_list_moved(self) -> None:
        """Update the footer: the fix depends on the row."""
        self.refresh_bindings()


def _verb(draft: Draft) -> str:
    return "Update" if draft.origin else "Create"


def _warning(draft: Draft) -> str:
    """A sentence that the assistant cannot be updated; empty if it can."""
    return draft.origin.record.warning if draft.origin else ""


class ConfirmScreen(Dialog[bool]):
    """Asks before something is sent.

    `is_second`: it was created before, so that keys pressed in a hurry must not create another.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "Not yet", id="confirm.no"),
        Binding("y", "dismiss(True)", "Yes", id="confirm.yes"),
    ]

    def __init__(
        self, draft: Draft, target: Target, risk: str = "", *, is_second: bool = False
    ) -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._risk = risk
        self._is_second = is_second
        self._same = ""

    def contents(self) -> ComposeResult:
        """Name, target, risk, and two buttons."""
        title, message = self._question()
        with VerticalScroll(id="confirm", can_focus=False):
            yield Static(Content(pictured(title)), classes="title")
            yield Static(Content(pictured(message)))
            yield Static(Content(self._target.effect), classes="about")
            if count := len(self._draft.advice()):
                message = f"{counted(count, 'piece')} of advice. Choose Not yet to read it first."
                yield Static(message, classes="about")
            if self._risk:
                yield Static(Content(self._risk), classes="wrong")
            yield Static(id="same", classes="wrong")
            with Horizontal(classes="buttons"):
                yes = "Create another" if self._is_second else f"{_verb(self._draft)} (y)"
                buttons = [
                    Button(yes, id="yes", compact=True),
                    Button("Not yet (n)", id="no", compact=True),
                ]
                # The first has the focus: if there is a risk, Enter must not take it.
                buttons = buttons[::-1] if self._risk else buttons
                buttons[0].variant = "primary"
                yield from buttons

    def _question(self) -> tuple[str, str]:
        """What is asked, and what it is about."""
        place, data = self._target.place, self._draft.compose()
        if origin := self._draft.origin:
            names = dict.fromkeys(labels_of(each.path[:1]) for each in origin.changes(data))
            message = f"{counted(len(names), 'change')}: {', '.join(names)}"
            return f"Update {origin.record.name} {place}?", message
        message = f"{data['name']}, {data['type']}, for {data['company_name']}"
        return f"Create this assistant {place}?", message

    def on_mount(self) -> None:
        """Show the assistants of the same name, if they are known already."""
        self.show_same_named(self._same)

    def show_same_named(self, message: str) -> None:
        """Show that the account already has assistants of this name and company, if it has."""
        self._same = message
        for same in self.query("#same").results(Static):
            same.update(Content(pictured(message)))
            same.display = bool(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to create in a window that is too small to show the question."""
        return parameters != (True,) or not (self._is_second or self.is_covered)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        event.stop()
        agreed = event.button.id == "yes"
        if not (agreed and self.is_covered):
            self.dismiss(agreed)
