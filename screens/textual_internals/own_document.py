"""A text area that holds a document of another class."""

from abc import abstractmethod

from textual import events
from textual.widgets import TextArea


class OwnDocumentTextArea(TextArea):
    """A text area whose subclass makes the document, folds it and takes pastes.

    Textual makes its own document whenever it loads a text, and splits it at ten kinds of line
    end. It also styles eleven component classes of every text area.
    """

    @abstractmethod
    def set_text(self, text: str) -> None:
        """Hold another text."""

    @abstractmethod
    def fold(self) -> None:
        """Fold the text for the width of the widget."""

    @abstractmethod
    def take_paste(self, text: str) -> None:
        """Take a paste."""

    @classmethod
    def _get_component_classes(cls) -> frozenset[str]:  # type: ignore[override]
        """Return none: the styles are the screen's; see `screens.widgets.component_styles`."""
        return frozenset()

    def _set_document(self, text: str, language: str | None) -> None:
        self.set_text(text)

    def _rewrap_and_refresh_virtual_size(self) -> None:
        self.fold()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.take_paste(event.text)

    def measure(self) -> None:
        """Report the size of the text to the toolkit."""
        self._refresh_size()
