"""Callbacks that a screen runs after its next refresh."""

from textual._callback import invoke
from textual.screen import Screen, ScreenResultType


class SafeCallbacks(Screen[ScreenResultType]):
    """A screen that runs all of its callbacks.

    In Textual a callback that fails drops those behind it, and a closed screen drops all of them.
    One of them sends the next key: without it no key would be taken any more.
    """

    async def _invoke_and_clear_callbacks(self) -> None:
        callbacks = self._callbacks[:]
        self._callbacks.clear()
        for callback, sender in callbacks:
            with sender._context():
                try:
                    await invoke(callback)
                except Exception as error:
                    self.app._handle_exception(error)

    async def _message_loop_exit(self) -> None:
        left = [callback for callback, sender in self._callbacks if sender is self.app]
        await super()._message_loop_exit()
        for callback in left:
            self.app.call_after_refresh(callback)
