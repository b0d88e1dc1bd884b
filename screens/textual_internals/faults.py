"""What happens after an exception that nothing caught."""

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from traceback import walk_tb

from textual.app import App
from textual.driver import Driver
from textual.widget import Widget

from screens.textual_internals.private_names import failed_widget

# A signal or a fault outside the screens ends the program this much later, in seconds: keys that
# were read become answers first.
LAST_KEYS_SECONDS = 0.25


class FaultsApp(App[None]):
    """An app that decides which exceptions end it, and how.

    Textual ends at every exception, shows a traceback, and exits with code 0.
    """

    @abstractmethod
    def is_harmless(self, failed: object) -> bool:
        """Return whether an exception in a widget may be ignored."""

    def _handle_exception(self, error: Exception) -> None:
        # What a screen passes to `call_after_refresh` is run by the screen that is shown then, so
        # the widget that failed may be any of those whose methods were called.
        if not any(map(self.is_harmless, (failed_widget(), *_called_widgets(error)))):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.panic()


def _called_widgets(error: Exception) -> Iterator[Widget]:
    """Yield the widgets whose methods led to an exception.

    Not those that were never mounted: a new widget is on no screen, but it is not gone.
    """
    for frame, _ in walk_tb(error.__traceback__):
        widget = frame.f_locals.get("self")
        if isinstance(widget, Widget) and widget.is_mounted:
            yield widget


def driver_with_faults(driver: type[Driver]) -> type[Driver]:
    """Return a subclass of a driver whose reading thread ends the app at an exception.

    In Textual the thread ends alone: the app no longer reads keys. The keys read before become
    answers first.
    """

    class FaultsDriver(driver):  # type: ignore[misc, valid-type] # the base is known when it runs
        """Reports exceptions of the reading thread."""

        def _run_input_thread(self) -> None:
            try:
                self.run_input_thread()
            except Exception as error:
                end = partial(self._app._handle_exception, error)
                self._app.call_later(self._app.set_timer, LAST_KEYS_SECONDS, end)

    return FaultsDriver
