"""What became of what was imported: used, kept, left and put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from screens.frame import Fitted, Keys, TooSmall
from screens.inputs import pictured

if TYPE_CHECKING:
    from wizard.imports import Report


class ReportScreen(ModalScreen[None], Fitted[None]):
    """A line for each thing that was read and what was done with it."""

    CSS_PATH = "wizard.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="report.close"),
    ]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        """Title, lines, button."""
        with Vertical(id="report"):
            yield Static("What was imported", classes="title", markup=False)
            with VerticalScroll(id="report-lines"):
                for line in self._report.lines():
                    yield Static(Content(pictured(line)))
            with Horizontal(classes="buttons"):
                yield Button("Close", id="close", variant="primary", compact=True)
        yield Keys()
        yield TooSmall()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close."""
        event.stop()
        self.dismiss(None)
