"""Sending, its outcome, and the outcomes of earlier requests."""

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ItemGrid, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from screens.messages import (
    AssistantRequested,
    CopyRequested,
    DraftRequested,
    FieldRequested,
    LookupRequested,
    ResendRequested,
    RestoreRequested,
)
from screens.terminal.clipboard import copy_and_show
from screens.widgets.inputs import action_buttons, pictured, pictured_lines
from screens.widgets.notifications import NotifyingApp
from screens.widgets.page_frame import Page
from wizard.api.next_steps import NextStep
from wizard.api.outcomes import (
    Created,
    KeyRefused,
    NoReceipt,
    NotSent,
    Outcome,
    RateLimited,
    Refused,
    Unknown,
    local_time,
)
from wizard.api.reasons import UnknownReason
from wizard.api.receipt_store import Receipt
from wizard.api.update_outcomes import Unchanged, Updated
from wizard.api.update_receipts import UpdateReceipt
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.settings import Target

# The padding of a button, and the gap to the next one.
_AROUND_LABEL = 6
# A longer message is cut and shown in full below the buttons, which stay on the screen.
_LONG_MESSAGE = 200
_SIGNS = {"good": "✓", "open": "?", "bad": "✗"}
_FIRST = ("copy_id", "edit", "enter_key", "key", "begin")
_TERMINAL = "For the terminal"
_CHECK_AGAIN = ("Check again", "ask")
_PUT_BACK = ("Put the old one back", "restore")
_SEND_AGAIN_LATER = ("Send again in 00:00", "resend")


class SendingScreen(Page[None]):
    """Shown while a request is under way; there is nothing to press but Ctrl+Q."""

    def __init__(self, target: Target, doing: str = "Creating it") -> None:
        super().__init__()
        self._target = target
        self._doing = doing
        self._began = time.monotonic()

    def contents(self) -> ComposeResult:
        """The target and the seconds since the start."""
        with Vertical(id="outcome"):
            yield Static(Content(f"{self._doing} {self._target.place} …"), classes="title")
            yield Static("0 s", id="elapsed")
            yield Static("Sending once. Waiting for the answer …", classes="about")

    def on_mount(self) -> None:
        """Count the seconds."""
        self.set_interval(1, self._show_seconds)

    def _show_seconds(self) -> None:
        seconds = f"{time.monotonic() - self._began:.0f} s"
        self.query_one("#elapsed", Static).update(seconds)


class OutcomeScreen(Page[None]):
    """A title, sentences, the server's message, and buttons.

    `smaller` are quieter sentences, each with its style class; `actions` the buttons, each with its
    label and its id.
    """

    title_words: str
    tone: str
    message: str
    sentences: Sequence[str]
    smaller: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, str]]

    def show_receipt(self, receipt: Receipt | UpdateReceipt, outcome: Outcome | None) -> None:
        """Show what a receipt has; `outcome` is the result of a lookup just now."""
        self.title_words = outcome.title if outcome else receipt.title or "No answer"
        self.tone = tone_of(outcome.kind if outcome else receipt.kind)
        self.message = receipt.message
        said = [(quoted("The server said", receipt.message), "said")] if receipt.message else []
        self.smaller = [*said, (f"Receipt {receipt.id}", "about")]

    def contents(self) -> ComposeResult:
        """Title, sentences, the server's words, buttons."""
        with VerticalScroll(id="outcome", classes=f"-{self.tone}", can_focus=False):
            yield Static(Content(f"{_SIGNS[self.tone]} {self.title_words}"), classes="title")
            for sentence in self.sentences:
                yield Static(Content(sentence))
            for sentence, kind in self.smaller:
                yield Static(Content(sentence), classes=kind)
            # As many beside each other as fit.
            widest = max(len(label) for label, _ in self.actions) + _AROUND_LABEL
            with ItemGrid(classes="buttons", min_column_width=widest):
                first = next((name for _, name in self.actions if name in _FIRST), "")
                yield from action_buttons(self.actions, first)
            yield from self._more()

    def on_resize(self) -> None:
        """Show the top as far as the focus allows: the text above it takes other lines now."""
        self.call_after_refresh(self._show_focus)

    def _show_focus(self) -> None:
        if self.focused and not self.is_covered:
            page = self.query_one("#outcome")
            page.scroll_to(y=0, animate=False, force=True, immediate=True)
            self.focused.scroll_visible(animate=False)

    def _more(self) -> Iterator[Widget]:
        """The content below the buttons: the rest of a long server message."""
        if len(self.message) > _LONG_MESSAGE:
            yield Static(Content(pictured_lines(self.message)), classes="said")


class ResultScreen(OutcomeScreen):
    """The outcome of a request, and the next actions.

    `steps` are the next steps after creating; `about` names the assistant and its place;
    `templated` says whether the draft began with a template, `is_of_draft` whether the request was
    about the open draft. `undone` is the receipt of the update that the request was to undo; empty
    if it was to send the draft.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back_to_steps", "Back to the answers", id="done.back"),
        Binding("f9,ctrl+s", "app.preview", "Preview", id="done.preview", priority=True),
    ]

    def __init__(
        self,
        outcome: Outcome,
        steps: Sequence[NextStep] = (),
        *,
        about: str = "",
        templated: bool = False,
        is_of_draft: bool = True,
        undone: str = "",
    ) -> None:
        super().__init__()
        self.outcome = outcome
        self._is_of_draft = is_of_draft
        self._undone = undone
        self._steps = steps
        self._until = time.monotonic() + (outcome.wait if isinstance(outcome, RateLimited) else 0)
        self.title_words, self.tone = outcome.title, tone_of(outcome.kind)
        if isinstance(outcome, Updated) and (outcome.differences or not outcome.is_read):
            self.tone = "open"
        elif isinstance(outcome, Unchanged):
            self.tone = "good"
        self.message = outcome.message
        self.sentences = [*filter(None, (pictured(about), outcome.sentence, outcome.note))]
        self.smaller = [*self._smaller()]
        actions = self._next_actions(templated=templated)
        if undone and not isinstance(outcome, Updated):
            actions = self._not_undone_actions()
        self.actions = [*actions]

    def _smaller(self) -> Iterator[tuple[str, str]]:
        outcome = self.outcome
        if outcome.message:
            yield quoted("The server says", outcome.message), "said"
        if outcome.receipt:
            yield f"Receipt {outcome.receipt}", "about"
        if self._is_of_draft and not isinstance(outcome, Created | Updated | Unchanged):
            yield "Your answers are saved.", "about"

    def on_mount(self) -> None:
        """Count down until it can be sent again."""
        if isinstance(self.outcome, RateLimited):
            self.query_one("#resend", Button).disabled = True
            self._countdown = self.set_interval(1, self._count_down)
            self._count_down()

    def _count_down(self) -> None:
        """Show how long to wait; then offer to send, which a person does."""
        left = math.ceil(self._until - time.monotonic())
        button = self.query_one("#resend", Button)
        button.label = f"Send again in {left // 60}:{left % 60:02}" if left > 0 else "Send again"
        if left <= 0:
            self._countdown.stop()
            button.disabled = False
            button.variant = "primary"

    def _more(self) -> Iterator[Widget]:
        """A long server message, and the next steps in words; their commands are folded."""
        yield from super()._more()
        if not isinstance(self.outcome, Created):
            return
        yield Static("What comes next", classes="title")
        for step in self._steps:
            if step.text:
                yield Static(Content(pictured(step.text)))
        if any(step.command for step in self._steps):
            yield Button(f"▸ {_TERMINAL}", id="terminal", compact=True)
            with Vertical(id="terminal-commands"):
                yield from self._commands()

    def _commands(self) -> Iterator[Widget]:
        for number, step in enumerate(self._steps):
            if step.command:
                yield Static(Content(step.purpose))
                yield Static(Content(pictured(step.command)), classes="command")
                yield Button("Copy the command", id=f"copy-{number}", compact=True)

    def _turn_commands(self) -> None:
        """Show or hide the commands."""
        commands = self.query_one("#terminal-commands")
        commands.display = not commands.display
        self.query_one(
            "#terminal", Button
        ).label = f"{'▾' if commands.display else '▸'} {_TERMINAL}"
        if commands.display:
            self.call_after_refresh(commands.scroll_visible, animate=False)

    def _next_actions(self, *, templated: bool) -> Iterator[tuple[str, str]]:
        outcome = self.outcome
        if isinstance(outcome, Created) and outcome.assistant_id:
            yield "Copy the id", "copy_id"
        if self._needs_key:
            yield "Enter a key", "enter_key"
        if isinstance(outcome, RateLimited):
            yield _SEND_AGAIN_LATER
        if isinstance(outcome, Refused) and outcome.field:
            question = find(QUESTIONS, (outcome.field,))
            yield f"Edit {question.label if question else outcome.field}", "edit"
        yield self._back
        if isinstance(outcome, Unknown) and outcome.receipt:
            yield _CHECK_AGAIN
        if isinstance(outcome, Updated):
            yield _PUT_BACK
            if self._is_of_draft:
                yield "Create a copy", "duplicate"
            yield "Open another", "drafts"
            yield "Quit", "quit"
        elif isinstance(outcome, Created):
            yield "Create a copy", "duplicate"
            if templated:
                yield "Another, same template", "reuse_template"
            yield "Open another", "drafts"
            yield "Quit", "quit"
        elif isinstance(outcome, NoReceipt):
            yield "Send without a receipt", "unreceipted"
        elif outcome.again:
            yield "Send again", "again"
        else:
            yield "Preview", "preview"

    def _not_undone_actions(self) -> Iterator[tuple[str, str]]:
        """What to do if the update was not undone; nothing of it is about the draft."""
        outcome = self.outcome
        if self._needs_key:
            yield "Enter a key", "key"
        yield self._back
        if isinstance(outcome, Unknown) and outcome.receipt:
            yield _CHECK_AGAIN
        if isinstance(outcome, RateLimited):
            yield _SEND_AGAIN_LATER
        elif not isinstance(outcome, Unchanged):
            yield _PUT_BACK

    @property
    def _needs_key(self) -> bool:
        outcome = self.outcome
        return isinstance(outcome, KeyRefused) or (
            isinstance(outcome, NotSent) and outcome.needs_key
        )

    @property
    def _back(self) -> tuple[str, str]:
        return "Back to the answers" if self._is_of_draft else "Back", "back"

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button."""
        event.stop()
        match event.button.id:
            case "edit" if isinstance(self.outcome, Refused) and self.outcome.field:
                self.post_message(FieldRequested((self.outcome.field,)))
            case "ask":
                self.post_message(LookupRequested(self.outcome.receipt))
            case "restore":
                is_updated = isinstance(self.outcome, Updated)
                undone = self.outcome.receipt if is_updated else self._undone
                self.post_message(RestoreRequested(undone))
            case "terminal":
                self._turn_commands()
            case "copy_id" if isinstance(self.outcome, Created) and self.outcome.assistant_id:
                copy_and_show(self.app, self.outcome.assistant_id, "The id")
            case ("key" | "resend") as name if self._undone:
                self.post_message(RestoreRequested(self._undone, asks_key=name == "key"))
            case "resend":
                self.post_message(ResendRequested({}))
            case "again":
                self.post_message(ResendRequested({"again": True}))
            case "unreceipted":
                self.post_message(ResendRequested({"without_receipt": True}))
            case str() as copied if copied.startswith("copy-"):
                number = int(copied.removeprefix("copy-"))
                copy_and_show(self.app, self._steps[number].command, "The command")
            case (
                "enter_key" | "preview" | "duplicate" | "reuse_template" | "drafts" | "quit"
            ) as action:
                await self.app.run_action(action)
            case _:
                await self.app.run_action("back_to_steps")


def is_sending_shown(app: App[Any]) -> bool:
    """Whether a request is waited for on the screen, or under another one."""
    return any(isinstance(screen, SendingScreen) for screen in app.screen_stack)


def show_result(app: NotifyingApp, result: ResultScreen, title: str) -> None:
    """Show an outcome in place of the sending; if that was left, report it under a title."""
    if not is_sending_shown(app):
        app.warn(f"{result.outcome.title}. See Receipts (Ctrl+P).", title)
        return
    while not isinstance(app.screen, SendingScreen):
        app.pop_screen()
    app.switch_screen(result)


class ReceiptScreen(OutcomeScreen):
    """An earlier request and its outcome; `outcome` is the result of a lookup just now.

    `draft_id` is the draft to open, or empty. `is_from_start`: the start page is behind it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="receipt.back"),
    ]

    def __init__(
        self,
        receipt: Receipt,
        outcome: Outcome | None = None,
        *,
        draft_id: str = "",
        is_from_start: bool = False,
    ) -> None:
        super().__init__()
        self._receipt = receipt
        self._draft_id = draft_id
        self._is_from_start = is_from_start
        self.show_receipt(receipt, outcome)
        sent = f"sent to {receipt.label} on {local_time(receipt.sent)}"
        self.sentences = [pictured(f"{receipt.name} for {receipt.company}, {sent}.")]
        if outcome:
            self.sentences.append(outcome.sentence)
        elif receipt.is_open:
            self.sentences.append(Unknown(UnknownReason.EARLIER).sentence)
        elif receipt.assistant_id:
            self.sentences.append(pictured(f"Its id is {receipt.assistant_id}."))
        can_check = receipt.is_open and not isinstance(outcome, Created)
        check = [("Check your assistants", "ask")] if can_check else []
        copy = [("Copy the id", "copy_id")] if receipt.assistant_id else []
        self.actions = [
            *copy,
            ("Back" if is_from_start else "Back to the answers", "back"),
            *check,
            *([("Open its draft", "open")] if draft_id else []),
            *([("Change it", "change")] if receipt.assistant_id else []),
            ("Create a copy", "begin"),
        ]

    async def action_back(self) -> None:
        """Go back to the start page, or to the steps."""
        action = "pop_screen" if self._is_from_start else "back_to_steps"
        await self.app.run_action(action)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button."""
        event.stop()
        match event.button.id:
            case "ask":
                self.post_message(LookupRequested(self._receipt.id))
            case "begin":
                self.post_message(CopyRequested(self._receipt.id))
            case "change" if self._receipt.assistant_id:
                receipt = self._receipt
                self.post_message(
                    AssistantRequested(self._receipt.assistant_id, receipt.name, receipt.target)
                )
            case "copy_id" if self._receipt.assistant_id:
                copy_and_show(self.app, self._receipt.assistant_id, "The id")
            case "open":
                self.post_message(DraftRequested(self._draft_id))
            case _:
                await self.action_back()


def quoted(who: str, message: str) -> str:
    """Return the server's message on one line, cut if it is long."""
    words = pictured(" ".join(message.split()))
    if len(words) > _LONG_MESSAGE:
        return f"{who}: {words[:_LONG_MESSAGE]}… (full message below)"
    return f"{who}: {words}"


def tone_of(kind: str | None) -> str:
    """How an outcome of a kind is shown: `good`, `open` or `bad`; None is no answer."""
    return {"created": "good", "updated": "good", "unknown": "open", None: "open"}.get(kind, "bad")


def mark_of(receipt: Receipt | UpdateReceipt) -> str:
    """The sign and the words for a receipt's outcome in a list."""
    return f"{_SIGNS[tone_of(receipt.kind)]} {receipt.title or 'No answer'}"
