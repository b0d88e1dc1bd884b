"""A dialog that asks for one line, such as the name of a file to write."""

import os
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, Static

from screens.widgets.inputs import LineInput
from screens.widgets.page_frame import Dialog
from wizard.errors import WizardError
from wizard.formats.files import write_new

T = TypeVar("T")


class _Answer(LineInput):
    """The line, whose Enter is in the footer: the dialog has no button."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Accept", id="ask.accept"),
    ]


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
            yield _Answer(self._text, compact=True, suggester=self._suggester)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the line."""
        event.stop()
        self.dismiss(event.value)


async def ask_and_do(
    app: App[Any],
    title: str,
    about: str,
    do: Callable[[str], T],
    *,
    text: str = "",
    suggester: Suggester | None = None,
) -> T | None:
    """Ask for a line until `do` takes it, and return its result; None if the dialog was closed.

    An error is shown in the dialog, with the line as it was typed.
    """
    while line := await app.push_screen_wait(PromptScreen(title, about, text, suggester)):
        if not line.strip():
            break
        try:
            return do(line.strip())
        except WizardError as error:
            about, text = f"{error}.", line
    return None


async def ask_and_write(app: App[Any], title: str, about: str, name: str, text: str) -> None:
    """Ask for the name of a new file, and write it; an existing one is not overwritten."""

    def write(chosen: str) -> str:
        path = os.path.expanduser(chosen)
        write_new(path, f"{text}\n")
        return path

    if path := await ask_and_do(app, title, about, write, text=name):
        app.notify(f"Saved to {path}.")
