"""Submits the draft: confirmation, request, outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screens.dialogs.result import DoneScreen, SendingScreen
from screens.flows.receipts import submission_of
from screens.payload.preview import ConfirmScreen, PreviewScreen
from wizard.api.next_steps import NextStep, next_steps
from wizard.api.outcomes import Created, Outcome
from wizard.api.submission import Submission
from wizard.draft.placeholder_hints import labelled

if TYPE_CHECKING:
    from screens.services import FlowApp

_NO_RECEIPT = "Nothing can be saved now, so no receipt of this will be kept."


class Submit:
    """Sends one request at a time, however often it is called."""

    def __init__(self, app: FlowApp) -> None:
        self._app = app
        self._is_sending = False
        self._outcome: Outcome | None = None

    async def submit(self) -> None:
        """Ask, and send the payload of the preview."""
        app = self._app
        if self._is_sending or not isinstance(app.screen, PreviewScreen):
            return
        if problems := app.draft.problems():
            app.notify(labelled(app.draft, problems[0]), severity="error", title="Not ready")
            return
        submission = submission_of(app)
        app.run_beside(_find_same_named, submission)
        await self._confirm_and_send(submission, _NO_RECEIPT if app.session.trouble else "", {})

    async def resend(self, options: dict[str, bool]) -> None:
        """Send again, after a confirmation that names the risk."""
        if not (self._is_sending or self._outcome is None or self._app.draft.problems()):
            submission = submission_of(self._app)
            await self._confirm_and_send(submission, self._outcome.sentence, options)

    async def _confirm_and_send(
        self, submission: Submission, risk: str, options: dict[str, bool]
    ) -> None:
        app, target = self._app, self._app.settings.target
        agreed = await app.push_screen_wait(ConfirmScreen(app.draft, target, risk))
        if not agreed or self._is_sending:
            return
        self._is_sending = True
        app.switch_screen(SendingScreen(target))
        try:
            payload = app.draft.payload()
            outcome = await submission.submit(payload, app.draft.id, **options)
        finally:
            self._is_sending = False
        self._outcome = outcome
        steps = next_steps(payload.data, target) if isinstance(outcome, Created) else ()
        self._show(outcome, steps)

    def _show(self, outcome: Outcome, steps: Sequence[NextStep]) -> None:
        """Show the outcome, or report it if another screen was opened meanwhile."""
        app = self._app
        if not any(isinstance(screen, SendingScreen) for screen in app.screen_stack):
            app.warn(f"{outcome.title}. See Receipts (Ctrl+P).", "Your submission")
            return
        while not isinstance(app.screen, SendingScreen):
            app.pop_screen()
        app.switch_screen(DoneScreen(outcome, steps, templated=app.draft.template is not None))


async def _find_same_named(app: FlowApp, submission: Submission) -> None:
    """Read the list of assistants while the confirmation is shown."""
    same_named = await submission.prepare(app.draft.payload())
    if same_named and isinstance(app.screen, ConfirmScreen):
        app.screen.show_same_named(same_named)
