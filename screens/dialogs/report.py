"""A dialog of lines: the results of an import, and the messages of this run."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Dialog


class ReportScreen(Dialog[None]):
    """Shows lines below a title; the arrow keys scroll them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="report.close"),
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def contents(self) -> ComposeResult:
        """Title, lines, button."""
        with Vertical(id="report"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll(id="report-lines"):
                for line in self._lines:
                    yield Static(Content(pictured(line)))
            with Horizontal(classes="buttons"):
                yield Button("Close", id="close", variant="primary", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close."""
        event.stop()
        self.dismiss(None)
