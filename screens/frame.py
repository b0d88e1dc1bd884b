"""What stands around every screen: the top line with the target, the word for a tiny terminal."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from wizard.settings import Target


class TopLine(Vertical):
    """The program's name, where assistants are created, and what is wrong with saving."""

    def compose(self) -> ComposeResult:
        """Name at the left, target at the right, trouble below."""
        with Horizontal():
            yield Static("◆ qcall-wizard", id="brand")
            yield Static(id="target")
        yield Static(id="trouble")

    def on_mount(self) -> None:
        """Follow the app."""
        self.watch(self.app, "target", self._tell_target)
        self.watch(self.app, "trouble", self._tell_trouble)

    def _tell_target(self, target: Target) -> None:
        told = "Sandbox" if target.is_sandbox else f"Live · {target.name}"
        shown = self.query_one("#target", Static)
        shown.update(Content(told))
        shown.set_class(not target.is_sandbox, "-live")

    def _tell_trouble(self, trouble: str) -> None:
        shown = self.query_one("#trouble", Static)
        shown.update(Content(f"✗ Not saved. {trouble} F10 writes the payload elsewhere."))
        shown.display = bool(trouble)


class Keys(Footer):
    """The keys that work where the focus is.

    It is made anew only where they differ: Textual's own does so several times at every move of the
    focus, which costs three times as much as all the rest of the move.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: list[object] = []

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Follow the focus."""
        bindings = [active for active in screen.active_bindings.values() if active.binding.show]
        told: list[object] = [(each.binding, each.enabled, each.tooltip) for each in bindings]
        if told != self._told and screen.app.app_focus:
            first, self._told = not self._told, told
            if first:
                # A screen is not drawn while its keys are made: so they come behind all else of it.
                self.call_after_refresh(super().bindings_changed, screen)
            else:
                super().bindings_changed(screen)


class TooSmall(Static):
    """Covers the screen while the terminal is too small; what is under it stays as it is."""

    def __init__(self) -> None:
        super().__init__("Too small: 40 columns and 12 rows are needed.", id="too-small")
