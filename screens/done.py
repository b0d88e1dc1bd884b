"""Sending, and what came of it."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Footer, Static

from screens.frame import TooSmall, TopLine
from screens.messages import GoTo
from wizard.outcomes import Created, Outcome, Refused, Unknown
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
        yield Footer()
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

    def __init__(self, outcome: Outcome, target: Target) -> None:
        super().__init__()
        self.outcome = outcome
        self._target = target

    def compose(self) -> ComposeResult:
        """Title, sentence, the server's words, buttons."""
        outcome = self.outcome
        good = isinstance(outcome, Created)
        sign = "✓" if good else "?" if isinstance(outcome, Unknown) else "✗"
        tone = "-good" if good else "-open" if isinstance(outcome, Unknown) else "-bad"
        yield TopLine()
        with Vertical(id="outcome", classes=tone):
            yield Static(Content(f"{sign} {outcome.title}"), classes="title")
            yield Static(Content(outcome.sentence))
            if outcome.message:
                yield Static(Content(f"The server says: {outcome.message}"), classes="said")
            if not good:
                yield Static("Your answers are all still there.", classes="about")
            yield from self._ways_on(good=good)
        yield Footer()
        yield TooSmall()

    def _ways_on(self, *, good: bool) -> ComposeResult:
        with Horizontal(classes="buttons"):
            if good:
                yield Button("New assistant", id="new", variant="primary", compact=True)
                yield Button("Back to the answers", id="back", compact=True)
                yield Button("Leave", id="leave", compact=True)
                return
            if isinstance(self.outcome, Refused) and self.outcome.field:
                yield Button(
                    f"Mend {self.outcome.field}", id="mend", variant="primary", compact=True
                )
            yield Button("Back to the answers", id="back", compact=True)
            yield Button("Preview", id="preview", compact=True)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take a way on."""
        if event.button.id == "mend" and isinstance(self.outcome, Refused) and self.outcome.field:
            self.post_message(GoTo((self.outcome.field,)))
            return
        actions = {
            "new": "new",
            "back": "back_to_steps",
            "leave": "quit",
            "preview": "preview",
        }
        await self.app.run_action(actions[str(event.button.id)])
