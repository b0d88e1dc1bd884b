"""Shows advice when typing pauses."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widget import Widget

from wizard.advice import advise

if TYPE_CHECKING:
    from wizard.draft.draft import Draft

# The pause after which advice is shown, in seconds.
_CALM_SECONDS = 0.4


class AdviceDebouncer:
    """Shows advice on a widget; `tell` gets the draft when its advice is known.

    Advice is found in a thread: with 1,000 actions it takes a tenth of a second.
    """

    def __init__(self, owner: Widget, tell: Callable[[Draft], None]) -> None:
        self._owner = owner
        self._show_message = tell
        self._draft: Draft | None = None
        self._timer: Timer | None = None

    def advise_soon(self, draft: Draft) -> None:
        """Show advice on a draft, unless it changes before the pause is over."""
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
            draft.set_advice(payload, await to_thread(lambda: tuple(advise(payload))))
        # If the draft changed during the search, the next pause starts another.
        if draft is self._draft and payload is draft.compose():
            self._show_message(draft)
