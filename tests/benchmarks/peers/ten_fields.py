"""A minimal Textual app of ten labelled fields, as a first step is one."""

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
                yield Input(placeholder="READY" if number == 0 else "")
        yield Footer()


if __name__ == "__main__":
    TenFields().run()
