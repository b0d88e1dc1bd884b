"""Receipts: the list of them, lookups of attempts without an answer, copies of what was sent."""

from screens.dialogs.menu import Menu
from screens.dialogs.result import ReceiptScreen, mark_of
from screens.dialogs.update_receipt import UpdateReceiptScreen
from screens.flows.flow_app import FlowApp
from wizard.api.outcomes import Outcome, local_time
from wizard.api.receipt_store import Receipt, as_draft
from wizard.api.submission import Submission
from wizard.api.unanswered import (
    found_line,
    report_submissions,
    unanswered_line,
    unanswered_updates,
)
from wizard.api.update_draft import settle_draft
from wizard.api.update_outcomes import Updated
from wizard.api.update_receipts import UpdateReceipt
from wizard.api.updates import Updates
from wizard.errors import NoSuch


def submission_of(app: FlowApp) -> Submission:
    """Return a submission to the current target."""
    return Submission.of(app.client, app.session, app.settings)


def updates_of(app: FlowApp) -> Updates:
    """Return the updates of the current target."""
    receipts, target = app.session.update_receipts, app.settings.target
    return Updates(app.client, receipts, target, home=app.session.home)


def note_if_updated(app: FlowApp, outcome: Outcome | None) -> None:
    """Have the list read again after an update, and the draft go on from it."""
    if isinstance(outcome, Updated):
        app.account.forget()
    if record := settle_draft(app.session, outcome, app.settings.target):
        app.editing = record.name


async def choose_receipt(app: FlowApp) -> None:
    """List the receipts with their outcomes, and show the chosen one."""
    options = {each.id: _line(each) for each in _all_receipts(app)}
    if not options:
        app.notify("Nothing was sent yet.")
    elif chosen := await app.push_screen_wait(Menu("Receipts", options)):
        app.push_screen(_screen_of(receipt_of(app, chosen)))


def _all_receipts(app: FlowApp) -> list[Receipt | UpdateReceipt]:
    """Return the receipts of creations and of updates, the newest first."""
    session = app.session
    found: list[Receipt | UpdateReceipt] = [*session.receipts.all(), *session.update_receipts.all()]
    return sorted(found, key=lambda receipt: receipt.sent, reverse=True)


def _line(receipt: Receipt | UpdateReceipt) -> str:
    return f"{mark_of(receipt)} · {receipt.name} · {local_time(receipt.sent)}"


def receipt_of(app: FlowApp, receipt_id: str) -> Receipt | UpdateReceipt:
    """Return a receipt of either kind. Raises NoSuch and StoreTrouble."""
    try:
        return app.session.receipts.get(receipt_id)
    except NoSuch:
        return app.session.update_receipts.get(receipt_id)


def _screen_of(
    receipt: Receipt | UpdateReceipt, outcome: Outcome | None = None
) -> ReceiptScreen | UpdateReceiptScreen:
    if isinstance(receipt, UpdateReceipt):
        return UpdateReceiptScreen(receipt, outcome)
    return ReceiptScreen(receipt, outcome)


async def copy_receipt(app: FlowApp, receipt_id: str) -> None:
    """Open a new draft with the answers of a receipt."""
    app.work_on(app.session.begin(as_draft(app.session.receipts.get(receipt_id))))
    app.session.changed()


async def look_up(app: FlowApp, receipt_id: str) -> None:
    """Find out what became of an attempt, and show the result on its screen."""
    asked_on = app.screen
    app.notify("Checking…", timeout=3)
    receipt = receipt_of(app, receipt_id)
    if isinstance(receipt, UpdateReceipt):
        outcome = await updates_of(app).look_up(receipt)
        note_if_updated(app, outcome)
    else:
        outcome = await submission_of(app).look_up(receipt)
    receipt = receipt_of(app, receipt_id)
    if app.screen is asked_on:
        app.switch_screen(_screen_of(receipt, outcome))


async def look_up_unanswered(app: FlowApp) -> None:
    """Look up attempts whose program ended before the answer; report each once."""
    await _report_creations(app)
    await _report_updates(app)


async def _report_updates(app: FlowApp) -> None:
    """Read the assistants of updates without an answer; report what became of each."""
    async for receipt, outcome in unanswered_updates(updates_of(app)):
        note_if_updated(app, outcome)
        sent = unanswered_line(receipt)
        app.warn(f"{sent} {outcome.sentence} See Receipts (Ctrl+P).", outcome.title)


async def _report_creations(app: FlowApp) -> None:

    def report(receipt: Receipt, outcome: Outcome) -> None:
        line = found_line(receipt, outcome)
        app.warn(f"{line} See Receipts (Ctrl+P).", "An attempt without an answer")

    await report_submissions(submission_of(app), app.session, report)
