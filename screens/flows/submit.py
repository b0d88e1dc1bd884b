"""Submits the draft: confirmation, request, outcome."""

from collections.abc import Mapping, Sequence
from typing import Any

from screens.dialogs.result import ResultScreen, SendingScreen, show_result
from screens.flows.change_key import change_key
from screens.flows.flow_app import FlowApp
from screens.flows.receipts import submission_of
from screens.payload.preview import ConfirmScreen, PreviewScreen
from wizard.api.next_steps import NextStep, created_line, next_steps
from wizard.api.outcomes import Created, Outcome
from wizard.api.submission import Submission
from wizard.draft.placeholder_hints import labelled
from wizard.settings import Target

_NO_RECEIPT = "Nothing can be saved now, so no receipt of this will be kept."


class Submit:
    """Sends one request at a time, however often it is called."""

    def __init__(self, app: FlowApp) -> None:
        self._app = app
        self._outcome: Outcome | None = None

    async def submit(self) -> None:
        """Ask, and send the payload of the preview."""
        app = self._app
        if app.session.is_sending or not _is_at_preview(app):
            return
        if problems := app.draft.problems():
            app.notify(labelled(app.draft, problems[0]), severity="error", title="Not ready")
            return
        submission = submission_of(app)
        before = await submission.created_before(app.draft.payload())
        if not _is_at_preview(app):
            return  # another press has opened the question
        # Not before that: it reports to the question, which has to be open by then.
        app.run_beside(_find_same_named, submission)
        if before:
            options = {"again": True}
            await self._confirm_and_send(submission, before.risk, options, is_second=True)
        else:
            risk = _NO_RECEIPT if app.session.trouble else ""
            await self._confirm_and_send(submission, risk, {})

    async def resend(self, options: dict[str, bool]) -> None:
        """Send again, after a confirmation that names the risk."""
        is_sending = self._app.session.is_sending
        if not (is_sending or self._outcome is None or self._app.draft.problems()):
            submission = submission_of(self._app)
            # Without a risk that was accepted, it is sent as the first time.
            risk = self._outcome.sentence if options else ""
            await self._confirm_and_send(submission, risk, options)

    async def _confirm_and_send(
        self,
        submission: Submission,
        risk: str,
        options: dict[str, bool],
        *,
        is_second: bool = False,
    ) -> None:
        app, target = self._app, self._app.settings.target
        question = ConfirmScreen(app.draft, target, risk, is_second=is_second)
        agreed = await app.push_screen_wait(question)
        if not agreed or app.session.is_sending:
            return
        app.switch_screen(SendingScreen(target))
        payload, draft_id = app.draft.payload(), app.draft.id
        with app.session.sending():
            self._outcome = outcome = await submission.submit(payload, draft_id, **options)
        if isinstance(outcome, Created):
            app.account.forget()
            name = str(payload.data["name"])
            app.session.note_created(draft_id, created_line(outcome, name, target))
            self._show(outcome, next_steps(payload.data, target), _about(payload.data, target))
        else:
            self._show(outcome)

    def _show(self, outcome: Outcome, steps: Sequence[NextStep] = (), about: str = "") -> None:
        templated = self._app.draft.template is not None
        result = ResultScreen(outcome, steps, about=about, templated=templated)
        show_result(self._app, result, "Your submission")


def _about(data: Mapping[str, Any], target: Target) -> str:
    return f"{data['name']}, {data['type']}, for {data['company_name']}, {target.place}."


async def enter_key(app: FlowApp) -> None:
    """Ask for another key; with one, go back to the preview, from where it is sent."""
    before = app.settings.given_key
    await change_key(app)
    if app.settings.given_key is not before:
        await app.run_action("preview")


def _is_at_preview(app: FlowApp) -> bool:
    return isinstance(app.screen, PreviewScreen)


async def _find_same_named(app: FlowApp, submission: Submission) -> None:
    """Read the list of assistants while the confirmation is shown."""
    same_named = await submission.prepare(app.draft.payload())
    if same_named and isinstance(app.screen, ConfirmScreen):
        app.screen.show_same_named(same_named)
