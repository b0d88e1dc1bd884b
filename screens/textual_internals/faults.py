"""How an app meets an exception that nothing caught."""

from abc import abstractmethod

from textual.app import App

from screens.textual_internals.private_names import failed_widget


class FaultsApp(App[None]):
    """An app that decides which exceptions end it, and how it ends then.

    Textual ends at every exception, shows a traceback, and exits with 0.
    """

    @abstractmethod
    def is_harmless(self, failed: object) -> bool:
        """Return whether an exception in a widget may be passed over."""

    def _handle_exception(self, error: Exception) -> None:
        if not self.is_harmless(failed_widget()):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.panic()
