"""Sending, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Static
from textual.widgets.button import ButtonVariant

from screens.frame import Keys, TooSmall, TopLine
from screens.messages import GoTo, SendAgain
from wizard.outcomes import (
    Created,
    CreatedBefore,
    FoundEarlier,
    NoReceipt,
    Outcome,
    Refused,
    Unknown,
)
from wizard.settings import Target


class SendingScreen(Screen[None]):
    """Shown while a request is under way; there is nothing to press but Ctrl+Q."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target
        self._began = time.monotonic()

    def compose(self) -> ComposeResult:
        """Where it goes, and for how long it has."""
        yield TopLine()
        with Vertical(id="outcome"):
            yield Static(Content(f"Sending to {self._target.name} …"), classes="title")
            yield Static("0 s", id="elapsed")
            yield Static("It is sent once. Please wait for the answer.", classes="about")
        yield Keys()
        yield TooSmall()

    def on_mount(self) -> None:
        """Count the seconds, so that one sees it is alive."""
        self.set_interval(1, self._tell)

    def _tell(self) -> None:
        told = f"{time.monotonic() - self._began:.0f} s"
        self.query_one("#elapsed", Static).update(told)


class DoneScreen(Screen[None]):
    """What came of a request, and the ways on from there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back_to_steps", "Back to the answers", id="done.back"),
        Binding("ctrl+s", "app.preview", "Preview", id="done.preview", priority=True),
    ]

    def __init__(self, outcome: Outcome, about: str = "") -> None:
        super().__init__()
        self.outcome = outcome
        self._about = about

    def compose(self) -> ComposeResult:
        """Title, sentence, the server's words, buttons."""
        outcome = self.outcome
        sign, tone = _look(outcome)
        yield TopLine()
        with VerticalScroll(id="outcome", classes=tone, can_focus=False):
            yield Static(Content(f"{sign} {outcome.title}"), classes="title")
            for told in filter(None, (self._about, outcome.sentence, outcome.note)):
                yield Static(Content(told))
            if outcome.message:
                yield Static(Content(f"The server says: {outcome.message}"), classes="said")
            if outcome.receipt:
                yield Static(f"Receipt {outcome.receipt}", classes="about")
            if not isinstance(outcome, Created):
                yield Static("Your answers are all still there.", classes="about")
            with Horizontal(classes="buttons"):
                for label, name in self._ways_on():
                    first = name in ("new", "mend")
                    style: ButtonVariant = "primary" if first else "default"
                    yield Button(label, id=name, variant=style, compact=True)
        yield Keys()
        yield TooSmall()

    def _ways_on(self) -> Iterator[tuple[str, str]]:
        """The buttons: what each says, and what it does."""
        outcome = self.outcome
        if isinstance(outcome, Created):
            yield "New assistant", "new"
        if isinstance(outcome, Refused) and outcome.field:
            yield f"Mend {outcome.field}", "mend"
        yield "Back to the answers", "back"
        if isinstance(outcome, Created):
            yield "Leave", "leave"
        elif isinstance(outcome, NoReceipt):
            yield "Send without a receipt", "unreceipted"
        elif isinstance(outcome, Unknown | CreatedBefore | FoundEarlier):
            yield "Send it again", "again"
        else:
            yield "Preview", "preview"

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take a way on."""
        event.stop()
        match event.button.id:
            case "mend" if isinstance(self.outcome, Refused) and self.outcome.field:
                self.post_message(GoTo((self.outcome.field,)))
            case "again":
                self.post_message(SendAgain({"again": True}))
            case "unreceipted":
                self.post_message(SendAgain({"without_receipt": True}))
            case "new" | "preview" as action:
                await self.app.run_action(action)
            case "leave":
                await self.app.run_action("quit")
            case _:
                await self.app.run_action("back_to_steps")


def _look(outcome: Outcome) -> tuple[str, str]:
    """The sign and the style class of an outcome."""
    if isinstance(outcome, Created):
        return "✓", "-good"
    return ("?", "-open") if isinstance(outcome, Unknown) else ("✗", "-bad")
