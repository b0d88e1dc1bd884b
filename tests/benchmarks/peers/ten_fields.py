"""A minimal Textual app of ten labelled fields, as a first step is one.

Its cursor does not blink, as the wizard's does not: a blink now and then falls on a key and makes
the slowest of them five times as slow. The base is the harder one to be measured against so.
"""

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Footer, Input, Static


class TenFields(App[None]):
    """Ten fields and a footer; nothing else."""

    CSS = "Input { height: 1; border: none; }"

    def compose(self) -> ComposeResult:
        """Ten fields."""
        with VerticalScroll(can_focus=False):
            for number in range(10):
                yield Static(f"Field {number}")
                field = Input(placeholder="READY" if number == 0 else "")
                field.cursor_blink = False
                yield field
        yield Footer()


if __name__ == "__main__":
    TenFields().run()
