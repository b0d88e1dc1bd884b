"""Shows advice when typing pauses."""

from asyncio import sleep, to_thread
from collections.abc import Callable

from wizard.advice import advise
from wizard.draft.draft import Draft

# The pause after which advice is shown, in seconds.
_PAUSE_SECONDS = 0.4


async def advise_after_pause(draft: Draft, show: Callable[[Draft], None]) -> None:
    """Show advice on a draft; a worker that is exclusive begins the pause again at each change."""
    await sleep(_PAUSE_SECONDS)
    payload = draft.compose()
    if not draft.is_advised:
        # With 1,000 actions it takes a tenth of a second.
        draft.set_advice(payload, await to_thread(lambda: tuple(advise(payload))))
    # If the draft changed during the search, the next pause starts another.
    if payload is draft.compose():
        show(draft)
