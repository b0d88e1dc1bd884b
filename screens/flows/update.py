"""Updates an existing assistant: confirmation, conflict, request, outcome; and puts one back."""

from screens.dialogs.result import ResultScreen, SendingScreen, is_sending_shown, show_result
from screens.dialogs.waiting import wait_with_dialog
from screens.flows.change_key import change_key
from screens.flows.flow_app import FlowApp
from screens.flows.receipts import note_if_updated, updates_of
from screens.payload.conflict import ConflictScreen
from screens.payload.preview import ConfirmScreen, PreviewScreen
from screens.payload.restore import RestoreScreen
from wizard.api.outcomes import Outcome
from wizard.api.update_draft import of_another_target, update_draft, why_not_updated
from wizard.api.update_outcomes import ChangedAtQCall, not_read
from wizard.api.update_receipts import UpdateReceipt
from wizard.api.updates import plan, previous_version, why_none_sent
from wizard.draft.origin import Origin
from wizard.draft.placeholder_hints import labelled
from wizard.errors import AssistantsUnavailable, WizardError

_DOING = "Updating it"


class Update:
    """Updates one assistant at a time, however often it is called."""

    def __init__(self, app: FlowApp) -> None:
        self._app = app
        self._is_sending = False

    async def submit(self) -> None:
        """Ask, and send the changes of the preview."""
        if isinstance(self._app.screen, PreviewScreen):
            await self._confirm_and_send()

    async def resend(self, options: dict[str, bool]) -> None:
        """Send again, after a confirmation."""
        await self._confirm_and_send()

    async def _confirm_and_send(self) -> None:
        app, target = self._app, self._app.settings.target
        if self._is_sending:
            return
        if why := self._why_not():
            app.notify(why, severity="error", title="Not ready")
            return
        if await app.push_screen_wait(ConfirmScreen(app.draft, target)) and not self._is_sending:
            self._is_sending = True
            try:
                await self._send()
            finally:
                self._is_sending = False

    def _why_not(self) -> str:
        """Why the draft cannot be sent, as a sentence; empty if it can."""
        draft = self._app.draft
        problems = draft.problems()
        if problems:
            return labelled(draft, problems[0])
        return why_not_updated(draft, self._app.settings.target)

    async def _send(self) -> None:
        """Send; if it was changed at QCall, ask whose changes count, and send then."""
        app = self._app
        app.switch_screen(SendingScreen(app.settings.target, _DOING))
        outcome = await self._update()
        while isinstance(outcome, ChangedAtQCall) and is_sending_shown(app):
            theirs = await app.push_screen_wait(ConflictScreen(outcome))
            if theirs is None:
                app.action_back_to_steps()
                await app.run_action("preview")
                return
            app.draft.rebase(Origin.of(outcome.record, app.settings.target.base_url), theirs)
            app.session.changed()
            app.switch_screen(SendingScreen(app.settings.target, _DOING))
            outcome = await self._update()
        note_if_updated(app, outcome)
        _show(app, outcome)

    async def _update(self) -> Outcome:
        app = self._app
        with app.session.sending():
            return await update_draft(app.session, updates_of(app), app.settings.key)


def _show(app: FlowApp, outcome: Outcome, undone: UpdateReceipt | None = None) -> None:
    """Show the outcome; `undone` is the receipt of the update that was to be undone, if any."""
    origin = app.draft.origin
    is_of_draft = not undone or (origin is not None and origin.assistant == undone.assistant)
    result = ResultScreen(outcome, is_of_draft=is_of_draft, undone=undone.id if undone else "")
    show_result(app, result, "Your update")


async def restore(app: FlowApp, receipt_id: str, asks_key: bool) -> None:
    """Show what putting back the old assistant changes, ask, and send it.

    `asks_key` is whether another key is asked for before; without one, nothing is sent.
    """
    before = app.settings.given_key
    if asks_key:
        await change_key(app)
        if app.settings.given_key is before:
            return
    updates, target = updates_of(app), app.settings.target
    try:
        receipt = app.session.update_receipts.get(receipt_id)
        if not updates.is_here(receipt):
            app.notify(of_another_target(receipt.label, target), severity="error")
            return
        reading = updates.read(receipt.assistant)
        if (current := await wait_with_dialog(app, f"Reading {receipt.name} …", reading)) is None:
            return
        made = plan(current, previous_version(receipt))
    except AssistantsUnavailable as trouble:
        unread = not_read(trouble)
        app.notify(unread.sentence, title=unread.title, severity="error")
        return
    except WizardError as error:
        app.show_error(error)
        return
    if not await app.push_screen_wait(RestoreScreen(receipt, made, target)):
        return
    sending = SendingScreen(target, "Putting it back")
    app.push_screen(sending)
    outcome = why_none_sent(app.session.trouble, app.settings.key)
    with app.session.sending():
        outcome = outcome or await updates.restore(receipt_id, force=bool(made.theirs))
    note_if_updated(app, outcome)
    _show(app, outcome, receipt)
