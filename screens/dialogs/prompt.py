"""A dialog that asks for one line, such as the name of a file."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from screens.widgets.inputs import CalmInput
from screens.widgets.page_frame import Keys, ResponsiveScreen, TooSmall


class PromptScreen(ModalScreen[str | None], ResponsiveScreen[str | None]):
    """Returns the line, None if the dialog was closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="ask.close"),
    ]

    def __init__(
        self, title: str, about: str, text: str = "", suggester: Suggester | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._text = text
        self._suggester = suggester

    def compose(self) -> ComposeResult:
        """Title, purpose, the line."""
        with Vertical(id="ask"):
            yield Static(Content(self._title), classes="title")
            yield Static(Content(self._about), classes="about")
            yield CalmInput(self._text, compact=True, suggester=self._suggester)
        yield Keys()
        yield TooSmall()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the line."""
        event.stop()
        self.dismiss(event.value)
