"""A bare Textual text area that holds a file's text; its cursor does not blink either."""

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import TextArea


class Area(App[None]):
    """One text area, soft wrap on, as the script's is."""

    def compose(self) -> ComposeResult:
        """The text, named on the command line."""
        area = TextArea(Path(sys.argv[1]).read_text(encoding="utf-8"))
        area.cursor_blink = False
        yield area


if __name__ == "__main__":
    Area().run()
