"""Advice, which is told when typing pauses: it is not worth a wait at every key."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widget import Widget

from wizard.advice import advise

if TYPE_CHECKING:
    from wizard.draft.draft import Draft

# How long typing pauses before advice is told, in seconds.
_CALM_SECONDS = 0.4


class AdviceDebouncer:
    """Has advice told on a widget; `tell` gets the draft whose advice is known then.

    It is found in a thread: among thousands of actions that takes a tenth of a second.
    """

    def __init__(self, owner: Widget, tell: Callable[[Draft], None]) -> None:
        self._owner = owner
        self._tell = tell
        self._draft: Draft | None = None
        self._timer: Timer | None = None

    def advise_soon(self, draft: Draft) -> None:
        """Have advice on a draft told, unless it changes again meanwhile."""
        self._draft = draft
        if self._timer:
            self._timer.stop()
        self._timer = self._owner.set_timer(_CALM_SECONDS, self._advise)

    def _advise(self) -> None:
        self._owner.run_worker(self._work(), group="advice", exclusive=True)

    async def _work(self) -> None:
        draft = self._draft
        if draft is None:
            return
        payload = draft.compose()
        if not draft.is_advised:
            draft.take_advice(payload, await to_thread(lambda: tuple(advise(payload))))
        # Where it was changed meanwhile, it is looked at when the next pause comes.
        if draft is self._draft and payload is draft.compose():
            self._tell(draft)
