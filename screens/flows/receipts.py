"""Receipts: the list of them, lookups of attempts without an answer, copies of what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.dialogs.menu import Menu
from screens.dialogs.result import ReceiptScreen, mark_of
from wizard.api import pending_submissions
from wizard.api.outcomes import Created, Outcome, local_time
from wizard.api.receipt_store import Receipt, as_draft
from wizard.api.submission import Submission
from wizard.errors import WizardError

if TYPE_CHECKING:
    from screens.services import FlowApp


def submission_of(app: FlowApp) -> Submission:
    """Return a submission to the current target."""
    settings, session = app.settings, app.session
    return Submission(
        app.client, session.receipts, settings.target, key=settings.key, home=session.home
    )


async def choose_receipt(app: FlowApp) -> None:
    """List the receipts with their outcomes, and show the chosen one."""
    try:
        options = {
            receipt.id: f"{mark_of(receipt)} · {receipt.name} · {local_time(receipt.sent)}"
            for receipt in app.session.receipts.all()
        }
        if not options:
            app.notify("Nothing was sent yet.")
        elif chosen := await app.push_screen_wait(Menu("Receipts", options)):
            app.push_screen(ReceiptScreen(app.session.receipts.get(chosen)))
    except WizardError as error:
        app.show_error(error)


def copy_receipt(app: FlowApp, receipt_id: str) -> None:
    """Open a new draft with the answers of a receipt."""
    try:
        draft = as_draft(app.session.receipts.get(receipt_id))
    except WizardError as error:
        app.show_error(error)
        return
    app.work_on(app.session.begin(draft))
    app.session.changed()


async def look_up(app: FlowApp, receipt_id: str) -> None:
    """Look up an attempt in the list of assistants, and show the result on its screen."""
    asked_on = app.screen
    app.notify("Checking your assistants…", timeout=3)
    try:
        outcome = await submission_of(app).look_up(app.session.receipts.get(receipt_id))
        receipt = app.session.receipts.get(receipt_id)
    except WizardError as error:
        app.show_error(error)
        return
    if app.screen is asked_on:
        app.switch_screen(ReceiptScreen(receipt, outcome))


async def report_unanswered(app: FlowApp) -> None:
    """Look up attempts whose program ended before the answer; report each once."""

    def report(receipt: Receipt, outcome: Outcome) -> None:
        when = local_time(receipt.sent)
        sent = f"{receipt.name}, sent to {receipt.host} on {when}, had no answer."
        created = outcome.assistant_id if isinstance(outcome, Created) else None
        found = outcome.title + (f" with the id {created}" if created else "")
        app.warn(f"{sent} {found}. See Receipts (Ctrl+P).", "An attempt without an answer")

    await pending_submissions.report_unanswered(submission_of(app), app.session, report)
