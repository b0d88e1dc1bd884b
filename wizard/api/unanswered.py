"""Checks the requests whose process ended before the answer, at each start."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from wizard.api.outcomes import BeingSent, Created, Outcome, Undecided, local_time
from wizard.api.receipt_store import Receipt
from wizard.api.submission import Submission
from wizard.api.update_outcomes import BeingUpdated, NotRead, NotThere, ReadRefused
from wizard.api.update_receipts import UpdateReceipt
from wizard.api.updates import Updates
from wizard.errors import StoreTrouble
from wizard.storage.session import Session

# The setting with the ids of the open attempts that were already reported.
_REPORTED: Final = "attempts_told"


async def report_submissions(
    submission: Submission, session: Session, report: Callable[[Receipt, Outcome], None]
) -> None:
    """Look up every attempt without an answer, and report each result once.

    An attempt that cannot be checked now (another target, no list) stays open. It is reported once
    and looked up again at every start. Raises StoreTrouble.
    """
    before = await asyncio.to_thread(session.setting, _REPORTED) or ""
    still_open = []
    for receipt in await submission.unanswered():
        outcome = await submission.look_up(receipt)
        if outcome is None or isinstance(outcome, BeingSent):
            continue
        if isinstance(outcome, Undecided):
            still_open.append(receipt.id)
        if receipt.id not in before.split() or not isinstance(outcome, Undecided):
            report(receipt, outcome)
    reported = " ".join(still_open)
    if reported != before:
        # If this cannot be written, the attempt is reported twice, which is better than never.
        with suppress(StoreTrouble):
            await asyncio.to_thread(session.remember, _REPORTED, reported)


async def unanswered_updates(updates: Updates) -> AsyncIterator[tuple[UpdateReceipt, Outcome]]:
    """Yield each update of the target without an answer, with what reading the assistant shows.

    Those that cannot be read now stay open. Raises StoreTrouble.
    """
    for receipt in await asyncio.to_thread(updates.receipts.unanswered):
        if updates.is_here(receipt):
            outcome = await updates.look_up(receipt)
            unread = (BeingUpdated, NotRead, NotThere, ReadRefused)
            if outcome is not None and not isinstance(outcome, unread):
                yield receipt, outcome


def found_line(receipt: Receipt, outcome: Outcome) -> str:
    """Return which attempt had no answer, and what became of it."""
    created = outcome.assistant_id if isinstance(outcome, Created) else None
    found = outcome.title + (f" with the id {created}" if created else "")
    sent = f"{receipt.name}, sent to {receipt.label} on {local_time(receipt.sent)}"
    return f"{sent}, had no answer. {found}."


def unanswered_line(receipt: UpdateReceipt) -> str:
    """Return the sentence that says which update had no answer."""
    when = local_time(receipt.sent)
    return f"The update of {receipt.name}, sent to {receipt.label} on {when}, had no answer."
