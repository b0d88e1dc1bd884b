"""A bare Textual app that says one word."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """The least there is."""

    def compose(self) -> ComposeResult:
        """One word."""
        yield Static("READY")


if __name__ == "__main__":
    Hello().run()
