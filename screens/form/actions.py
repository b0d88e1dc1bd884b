"""The list of the assistant's actions, and the form of one."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Button, Static

from screens.dialogs.page_help import PageHelp
from screens.form.answers import AnswerChanged
from screens.form.draft_page import DraftPage
from screens.form.form import Form
from screens.form.form_page import FormPage
from screens.form.row import row_of
from screens.form.step_tabs import StepTab, StepTabs
from screens.messages import DraftChanged, FieldRequested
from screens.payload.payload_pane import PayloadScreen
from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Heading
from screens.widgets.virtual_list import VirtualList, lines_of
from wizard.contract.assistant import questions_of
from wizard.contract.steps import Step
from wizard.draft.action_list import Kept, kept, restore
from wizard.draft.draft import ACTION_QUESTIONS, Draft
from wizard.draft.review import Base, action_words, condition_of
from wizard.formats.paths import Path
from wizard.formats.text import counted, shorten


def summary(action: Any, draft: Draft) -> str:
    """An action of a draft in one line, as it is shown, with its condition."""
    words = action_words(action, in_app=bool(draft.origin))
    condition = " ".join(condition_of(action).split())
    return pictured(f"{words} · {shorten(condition)}" if condition else words)


class ActionRows(VirtualList):
    """The actions, one a row, with the errors of each."""

    def __init__(self) -> None:
        super().__init__()
        # Each action in words, and the number of its errors.
        self._lines: Sequence[tuple[str, str]] = ()

    @property
    def count(self) -> int:
        """How many actions there are."""
        return len(self._lines)

    def show(self, draft: Draft, actions: Sequence[Any]) -> None:
        """Show the actions of a draft; unchanged ones are not drawn again."""
        problems = draft.problems()
        wrong = Counter(p.path[1] for p in problems if len(p.path) > 1 and p.path[0] == "actions")
        lines = [
            (f"{n + 1:>2}  {summary(action, draft)}", f"  ✗ {wrong[n]} to fix" if wrong[n] else "")
            for n, action in enumerate(actions)
        ]
        if lines != self._lines:
            self._lines = lines
            self.lay_out()

    def row_help(self) -> PageHelp | None:
        """What the action at the cursor does."""
        if not self._lines:
            return None
        words, wrong = self._lines[self.cursor]
        text = f"{words.strip().partition('  ')[2]}.{wrong and f' {wrong.strip()}.'}"
        return PageHelp(f"Action {self.cursor + 1}", text)

    def content_of(self, index: int) -> Content:
        """An action in words, and the number of its errors."""
        words, wrong = self._lines[index]
        return Content(words) + Content(wrong).stylize("$text-error")

    def heights(self, width: int) -> Sequence[int]:
        """An action whose words do not fit takes more than a line."""
        return [lines_of(words + wrong, width) for words, wrong in self._lines]


# The operations on an action, by the name of their button.
_OPERATIONS = {
    "add": "Add",
    "edit": "Edit",
    "copy": "Copy",
    "up": "Up",
    "down": "Down",
    "remove": "Remove",
}


class ActionList(Vertical):
    """The list of actions with its buttons; `path` is their place in the payload.

    It can show a draft before it is mounted and after it was removed.
    """

    path: Path = ("actions",)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "ask('add')", "Add", id="actions.add"),
        Binding("e", "ask('edit')", "Edit", id="actions.edit"),
        Binding("c", "ask('copy')", "Copy", id="actions.copy"),
        Binding("ctrl+up", "ask('up')", "Up", key_display="^↑", id="actions.up"),
        Binding("ctrl+down", "ask('down')", "Down", key_display="^↓", id="actions.down"),
        Binding("delete", "ask('remove')", "Remove", id="actions.remove"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the list allows: an empty one adding, the first action no way up."""
        if action != "ask" or parameters == ("add",):
            return True
        at, last = self._listed.cursor, self._listed.count - 1
        is_at_end = (parameters == ("up",) and at == 0) or (parameters == ("down",) and at == last)
        return last >= 0 and not is_at_end

    def on_virtual_list_moved(self) -> None:
        """Offer what the action at the cursor allows."""
        self.refresh_bindings()

    @dataclass
    class OperationRequested(Message):
        """A person wants an operation on the action at an index."""

        operation: str
        index: int

    def __init__(self) -> None:
        super().__init__()
        self._count = Static(classes="hint")
        self._message = ""
        self._listed = ActionRows()
        self._buttons = {
            name: Button(label, id=f"action-{name}", compact=True)
            for name, label in _OPERATIONS.items()
        }

    def compose(self) -> ComposeResult:
        """The list, and a button for each operation."""
        yield self._count
        yield self._listed
        with Horizontal(classes="buttons"):
            yield from self._buttons.values()

    def update_from(self, draft: Draft) -> None:
        """Show the draft's actions; the cursor keeps its place."""
        given = draft.shown.get("actions")
        actions = given if isinstance(given, list) else []
        listed = self._listed
        listed.show(draft, actions)
        if listed.has_focus and not actions:
            self._buttons["add"].focus()
        listed.display = bool(actions)
        count = counted(len(actions), "action")
        self._show_message(count if actions else "No actions yet. Press a, or Add.")
        for name, button in self._buttons.items():
            button.disabled = not actions and name != "add"

    def _show_message(self, message: str) -> None:
        """Show the number of actions; an unchanged text causes no layout."""
        if message != self._message:
            self._message = message
            self._count.update(Content(message))

    def highlight(self, index: int) -> None:
        """Put the cursor on an action."""
        self._listed.cursor = max(0, min(index, self._listed.count - 1))

    def focus_list(self) -> None:
        """Put the focus on the list."""
        self._listed.focus()

    def action_ask(self, operation: str) -> None:
        """Request an operation on the action at the cursor."""
        self.post_message(self.OperationRequested(operation, self._listed.cursor))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Request the operation of a button."""
        event.stop()
        self.action_ask(str(event.button.id).removeprefix("action-"))

    def on_virtual_list_chosen(self, event: VirtualList.Chosen) -> None:
        """Enter edits."""
        event.stop()
        self.action_ask("edit")


class ActionScreen(DraftPage):
    """The form of one action. Answers go to the draft as they are given.

    `before` is what Cancel restores: the action, or the list without a new one.
    """

    # The field is focused after the first refresh; until then keys wait.
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Done", id="action.done"),
        Binding("ctrl+n", "dismiss", "Done", show=False, id="action.next", priority=True),
        Binding("ctrl+z", "app.undo", "Undo", show=False, id="action.undo", priority=True),
        Binding("ctrl+y", "app.redo", "Redo", show=False, id="action.redo", priority=True),
        Binding("f2", "app.steps", "Steps", id="action.steps", priority=True),
        Binding("f7", "app.rehearse", "Rehearse", show=False, id="action.rehearse", priority=True),
        Binding("f8", "payload", "Payload", id="action.payload", priority=True),
        Binding("f9", "app.preview", "Preview", id="action.preview", priority=True),
        Binding("f1", "app.help", "Help", id="action.help", priority=True),
        Binding(
            "ctrl+g", "hidden_fields", "Hidden fields", show=False, id="action.idle", priority=True
        ),
    ]

    def __init__(
        self,
        draft: Draft,
        index: int,
        bases: Callable[[Draft], Sequence[Base]],
        focus: Path = (),
        before: Kept | None = None,
    ) -> None:
        super().__init__()
        self._draft = draft
        self._bases = bases
        self._at: Path = ("actions", index)
        self._focus_on = focus
        self._before = before or kept(draft, self._at)

    def contents(self) -> ComposeResult:
        """The frame of a step, the form, and buttons to close."""
        number = int(self._at[1]) + 1
        with Horizontal(id="body"):
            yield StepTabs(id="step-tabs")
            with FormPage(id="action", classes="step"):
                yield Heading(f"Action {number}", "Done keeps your changes, Cancel undoes them")
                yield Form(ACTION_QUESTIONS, ACTION_QUESTIONS, self._at)
                with Horizontal(classes="buttons"):
                    yield Button("Done", variant="primary", id="action-done", compact=True)
                    yield Button("Cancel", id="action-cancel", compact=True)
                    yield Button("Hidden fields", id="action-hidden-fields", compact=True)

    def on_mount(self) -> None:
        """Show the answers; a field that was jumped to takes the focus."""
        self.update_from(self._draft)
        form = self.query_one(Form)
        row = form.row_of(self._focus_on)
        if row:
            form.reveal()
        control = (row or form.first_row()).control
        self.call_after_refresh(control.focus)
        if self._draft.is_advised:
            form.advise(self._draft)

    def on_screen_resume(self) -> None:
        """Follow changes made on another screen."""
        self.update_from(self._draft)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Remember the field."""
        row = row_of(event.widget)
        if row:
            self._draft.focus = row.path
            self.post_message(DraftChanged())

    def update_from(self, draft: Draft) -> None:
        """Show the draft."""
        self.query_one(Form).update_from(draft)
        self.query_one(StepTabs).update_from(draft, Step.ACTIONS)
        self.advise_soon()

    def advise(self, draft: Draft) -> None:
        """Show the advice on a draft."""
        for form in self.query(Form):  # the screen may be gone by now
            form.advise(draft)

    def on_answer_changed(self, event: AnswerChanged) -> None:
        """Take an answer."""
        row = row_of(event.answering)
        if row:
            self._draft.answer(row.path, row.take(event))
            self._follow()

    def on_form_view_changed(self) -> None:
        """Show other rows."""
        self.update_from(self._draft)

    def action_payload(self) -> None:
        """Show the live payload."""
        self.app.push_screen(PayloadScreen(self._draft, self._draft.focus, self._bases))

    async def action_hidden_fields(self) -> None:
        """Show or hide the fields that do not apply."""
        form = self.query_one(Form)
        await form.list_hidden(self._draft, listed=not form.lists_hidden)
        self.notify(form.hidden_words)
        if self.focused is None:
            form.first_row().control.focus()

    def action_cancel(self) -> None:
        """Put the action back as it was, or remove a new one, and close; one edit."""
        if self._draft.get(self._before.path) != self._before.value:
            with self._draft.history.alone():
                restore(self._draft, self._before)
            self.post_message(DraftChanged())
        self.dismiss()

    def on_step_tab_chosen(self, event: StepTab.Chosen) -> None:
        """Go to the step that was clicked."""
        self.post_message(FieldRequested((questions_of(event.step)[0].name,)))

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close, or show the hidden fields."""
        if event.button.id == "action-hidden-fields":
            await self.action_hidden_fields()
        elif event.button.id == "action-cancel":
            self.action_cancel()
        else:
            self.dismiss()
