"""What stands around every screen: the top line with the target, the word for a tiny terminal."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from wizard.settings import Target


class TopLine(Horizontal):
    """The program's name, and where assistants are created."""

    def __init__(self, target: Target) -> None:
        super().__init__(id="top")
        self._target = target

    def compose(self) -> ComposeResult:
        """Name at the left, target at the right."""
        yield Static("◆ qcall-wizard", id="brand")
        told = "Sandbox · nothing is real" if self._target.is_sandbox else f"Live · {self._target.name}"
        yield Static(Content(told), id="target", classes="" if self._target.is_sandbox else "-live")


class TooSmall(Static):
    """Covers the screen while the terminal is too small; what is under it stays as it is."""

    def __init__(self) -> None:
        super().__init__("Too small: 40 columns and 12 rows are needed.", id="too-small")
