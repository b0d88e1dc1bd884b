"""A minimal Textual app whose next page has fifteen labelled fields, as a step of the wizard."""

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Input, Static


class Page(Screen[None]):
    """A heading, fifteen fields and a footer."""

    CSS = "Input { height: 1; border: none; }"
    BINDINGS = (("ctrl+n", "next", "Next"), ("escape", "dismiss", "Back"))

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def compose(self) -> ComposeResult:
        """A heading and fifteen fields."""
        yield Static(f"PAGE {self._number}")
        with VerticalScroll(can_focus=False):
            for number in range(15):
                yield Static(f"Field {number}")
                field = Input()
                field.cursor_blink = False
                yield field
        yield Footer()

    def action_next(self) -> None:
        """Show the next page."""
        self.app.push_screen(Page(self._number + 1))


class FifteenFields(App[None]):
    """Begins at the first page."""

    def on_mount(self) -> None:
        """Show the first page."""
        self.push_screen(Page(1))


if __name__ == "__main__":
    FifteenFields().run()
