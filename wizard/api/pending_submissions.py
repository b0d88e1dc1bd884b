"""Checks the attempts whose process ended before the answer, at each start."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from wizard.api.outcomes import BeingSent, Outcome, Undecided
from wizard.api.receipt_store import Receipt
from wizard.api.submission import Submission
from wizard.errors import StoreTrouble
from wizard.storage.session import Session

# The setting with the ids of the open attempts that were already reported.
_REPORTED: Final = "attempts_told"


async def report_unanswered(
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
