"""Attempts whose program ended before the answer: each is asked after at a start, and told once."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from wizard.api.outcomes import BeingSent, Outcome, Undecided
from wizard.api.receipt_store import Receipt
from wizard.api.submission import Submission
from wizard.errors import StoreTrouble
from wizard.storage.session import Session

# The setting that remembers which of those that are still open were told, by their ids.
_TOLD: Final = "attempts_told"


async def ask_after(
    submission: Submission, session: Session, tell: Callable[[Receipt, Outcome], None]
) -> None:
    """Ask what became of every attempt without an answer, and tell what was not told before.

    One that cannot be asked after now (another target, a list that does not come) stays as it is:
    it is told the first time, and asked after again at every start. Raises StoreTrouble.
    """
    before = await asyncio.to_thread(session.setting, _TOLD) or ""
    still_open = []
    for receipt in await submission.unanswered():
        outcome = await submission.look_up(receipt)
        if outcome is None or isinstance(outcome, BeingSent):
            continue
        if isinstance(outcome, Undecided):
            still_open.append(receipt.id)
        if receipt.id not in before.split() or not isinstance(outcome, Undecided):
            tell(receipt, outcome)
    told = " ".join(still_open)
    if told != before:
        # Where it cannot be written it is told once more, which is better than never.
        with suppress(StoreTrouble):
            await asyncio.to_thread(session.remember, _TOLD, told)
