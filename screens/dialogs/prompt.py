"""A dialog that asks for one line, such as the name of a file to write."""

import os
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, Static

from screens.widgets.inputs import LineInput
from screens.widgets.page_frame import Dialog
from wizard.errors import NotWritten
from wizard.formats.files import write_new


class PromptScreen(Dialog[str | None]):
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

    def contents(self) -> ComposeResult:
        """Title, purpose, the line."""
        with VerticalScroll(id="ask", can_focus=False):
            yield Static(Content(self._title), classes="title")
            yield Static(Content(self._about), classes="about")
            yield LineInput(self._text, compact=True, suggester=self._suggester)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the line."""
        event.stop()
        self.dismiss(event.value)


async def ask_and_write(app: App[Any], title: str, about: str, name: str, text: str) -> None:
    """Ask for the name of a new file, and write it; an existing one is not overwritten."""
    chosen = await app.push_screen_wait(PromptScreen(title, about, name))
    if not chosen:
        return
    path = os.path.expanduser(chosen)
    try:
        write_new(path, f"{text}\n")
    except NotWritten as error:
        app.notify(f"{error}.", severity="error")
    else:
        app.notify(f"Written to {path}.")
