"""What the model that plays the assistant is told."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from screens.widgets.component_styles import FIELD_COMPONENTS
from screens.widgets.page_frame import Page
from screens.widgets.text_area import PlainTextArea


class CallPromptScreen(Page[None]):
    """Shows the prompt; it can be selected and copied, not changed."""

    COMPONENT_CLASSES = FIELD_COMPONENTS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="prompt.close"),
    ]

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt

    def contents(self) -> ComposeResult:
        """Title, text."""
        yield Static("What the model is told", classes="title", id="prompt-title")
        area = PlainTextArea(self._prompt)
        area.read_only = True
        yield area
