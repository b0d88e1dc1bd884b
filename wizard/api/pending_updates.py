"""Checks the updates whose process ended before the answer, at each start."""

import asyncio
from collections.abc import AsyncIterator

from wizard.api.outcomes import Outcome, local_time
from wizard.api.update_outcomes import BeingUpdated, NotRead, NotThere, ReadRefused
from wizard.api.update_receipts import UpdateReceipt
from wizard.api.updates import Updates


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


def unanswered_line(receipt: UpdateReceipt) -> str:
    """Return the sentence that says which update had no answer."""
    when = local_time(receipt.sent)
    return f"The update of {receipt.name}, sent to {receipt.host} on {when}, had no answer."
