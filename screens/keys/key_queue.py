"""Handles keys one after another: text typed after a Tab lands in the next field.

Textual sends a key to the widget that has the focus when the key arrives. The key before it may
still be on its way through the widgets, and move the focus a moment later. A fast typist, or a busy
machine, then types into the wrong field.
"""

from collections import deque
from time import monotonic

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widgets import Input

from screens.textual_internals.private_names import accept_alt_enter

accept_alt_enter()

# A key that chooses in an open list becomes a message of the list, then one of the field, then a
# move of the focus: the way from the widget to the app is followed this many times.
_ROUNDS = 6
# A screen that opens takes some rounds of drawing before something on it has the focus.
_MOST_CHECKS = 5
# A key that is handled for longer may have been lost with a widget that failed: the next key waits
# for the queues once more, and no longer for that one.
_LOST_SECONDS = 3.0


class KeyQueue(App[None]):
    """An app that sends a key only when the previous one has had its effect."""

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[events.Event] = deque()
        self._is_handling = False
        self._handling_since = 0.0
        self._is_handling_text = False
        self._checks = 0

    @property
    def keys_wait(self) -> bool:
        """Whether keys wait for the previous one to have its effect."""
        return bool(self._held)

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes while a previous one, or a click, is handled."""
        if isinstance(event, events.MouseUp) and not self._is_handling:
            clicked, _ = self.screen.get_widget_and_offset_at(event.x, event.y)
            await super().on_event(event)
            await self._wait_for(clicked or self.screen)
            return
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._held.append(event)
        if self._is_handling and monotonic() - self._handling_since > _LOST_SECONDS:
            await self._wait_for(self.focused or self.screen)
        await self._send()

    async def _send(self) -> None:
        """Send the queued keys, up to the next one that must be waited for."""
        while self._held and not self._is_handling:
            if self._is_focus_coming():
                self._begin_handling()
                self.call_after_refresh(self._release)
                return
            event, target = self._held[0], self.focused or self.screen
            is_text = _is_text(event, target)
            if self._is_handling_text and not is_text:
                # Typed text becomes an answer before a key acts on the answers.
                await self._wait_for(target)
                return
            self._held.popleft()
            await super().on_event(event)
            self._is_handling_text = is_text
            if not is_text:
                await self._wait_for(target)

    def _is_focus_coming(self) -> bool:
        """Whether the focus of a screen or step that just opened is not set, or not laid out.

        `is_opening` is what a screen says that reads something first. Textual orders the fields for
        Tab by their places, which are known after the layout.
        """
        if getattr(self.screen, "is_opening", False):
            return True
        focused = self.focused
        coming = not focused.size if focused else bool(self.screen.focus_chain)
        self._checks = self._checks + 1 if coming else 0
        return coming and self._checks <= _MOST_CHECKS

    def _begin_handling(self) -> None:
        self._is_handling, self._handling_since = True, monotonic()

    async def _wait_for(self, target: MessagePump) -> None:
        self._begin_handling()
        self._is_handling_text = False
        await self._follow(target, target, _ROUNDS)

    async def _follow(self, start: MessagePump, at: MessagePump | None, rounds: int) -> None:
        """Wait until the key has passed each queue it may bubble through, up to the app."""
        if isinstance(at, App) or at is None:
            rounds -= 1
            if rounds == 0:
                self.call_later(self._release)
                return
            at = start
        above = getattr(at, "parent", None)
        if not at.call_later(self._follow, start, above, rounds):
            self.call_later(self._release)  # the widget is gone, and the key with it

    async def _release(self) -> None:
        """Go on with the next key."""
        self._is_handling = False
        await self._send()


def _is_text(event: events.Event, target: object) -> bool:
    """Whether an event does no more than put text into a text field."""
    printable = isinstance(event, events.Paste) or (
        isinstance(event, events.Key) and event.is_printable
    )
    return printable and (isinstance(target, Input) or getattr(target, "takes_text", False))
