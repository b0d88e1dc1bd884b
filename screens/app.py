"""The app: it owns the draft and where the person is; screens tell it what they want."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens.done import DoneScreen, SendingScreen
from screens.preview import ConfirmScreen, PreviewScreen
from screens.steps import StepsScreen
from screens.themes import DARK, LIGHT
from wizard.client import Client
from wizard.draft import Draft, step_of
from wizard.outcomes import Outcome
from wizard.paths import Path
from wizard.settings import Target
from wizard.situation import applying
from wizard.assistant import QUESTIONS


class WizardApp(App[None]):
    """The wizard with screens. It is given its draft, its target and its client."""

    TITLE = "qcall-wizard"
    CSS_PATH = "wizard.tcss"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [
        (0, "-tiny"),
        (40, "-narrow"),
        (64, "-normal"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-flat"), (12, "-low"), (20, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Leave", id="wizard.quit", priority=True),
    ]

    def __init__(self, draft: Draft, target: Target, client: Client) -> None:
        super().__init__()
        self.draft = draft
        self.target = target
        self.client = client
        self.outcome: Outcome | None = None
        self._sending = False
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    @property
    def steps(self) -> StepsScreen:
        """The main screen, which is always at the bottom of the stack."""
        return next(screen for screen in self.screen_stack if isinstance(screen, StepsScreen))

    def on_mount(self) -> None:
        """Open the steps; what the first one does not need is made after it is painted."""
        self.push_screen(StepsScreen(self.draft, self.target, self.client))
        self.call_after_refresh(self._warm)

    @work
    async def _warm(self) -> None:
        await self.client.warm()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what every key does, and every field that applies."""
        yield SystemCommand("Preview", "What will be sent", self.action_preview)
        yield SystemCommand("Steps", "Go to another step", self.action_steps)
        yield SystemCommand("Live payload", "Show or hide it", self.steps.action_payload)
        yield SystemCommand("New assistant", "Begin another", self.action_new)
        for asked in applying(QUESTIONS, self.draft.answers):
            question, path = asked.question, asked.path
            yield SystemCommand(
                f"{question.label} ({question.name})",
                question.ask.help,
                lambda path=path: self.run_action(f"go_to({path!r})"),
            )
        yield from super().get_system_commands(screen)

    def action_back_to_steps(self) -> None:
        """Close whatever stands over the steps."""
        while not isinstance(self.screen, StepsScreen):
            self.pop_screen()

    async def action_go_to(self, path: Path) -> None:
        """Go to the field where a path is answered."""
        self.action_back_to_steps()
        step = step_of(path)
        if step is None:
            return
        await self.steps.go(step, path)
        if len(path) > 2 and path[0] == "actions" and isinstance(path[1], int):
            self.steps.edit_action(path[1], path)

    def action_steps(self) -> None:
        """List the steps."""
        self.action_back_to_steps()
        self.steps.action_steps()

    def action_preview(self) -> None:
        """Show what will be sent."""
        self.action_back_to_steps()
        self.push_screen(PreviewScreen(self.draft, self.target))

    def action_new(self) -> None:
        """Begin another assistant."""
        self.action_back_to_steps()
        self.draft = Draft()
        self.switch_screen(StepsScreen(self.draft, self.target, self.client))

    def action_submit(self) -> None:
        """Ask, and send once, however often this is called."""
        if self._sending or not isinstance(self.screen, PreviewScreen):
            return
        if problems := self.draft.problems():
            self.notify(str(problems[0]), severity="error", title="Not ready", markup=False)
            return
        self.push_screen(ConfirmScreen(self.draft, self.target), self._confirmed)

    def _confirmed(self, agreed: bool | None) -> None:
        if agreed and not self._sending:
            self._sending = True
            self.switch_screen(SendingScreen(self.target))
            self._send()

    @work
    async def _send(self) -> None:
        try:
            self.outcome = await self.client.create(self.draft.payload().body)
        finally:
            self._sending = False
        self.switch_screen(DoneScreen(self.outcome, self.target))
