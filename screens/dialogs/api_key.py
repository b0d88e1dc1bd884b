"""The dialog of the API key: typed as dots, kept in memory, stored in the keyring on request."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens.widgets.inputs import SecretInput, action_buttons
from screens.widgets.page_frame import Dialog
from wizard.secret import SecretStr
from wizard.settings import Settings, Target


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The answer of the dialog: a key to use, and whether to store or delete it."""

    key: SecretStr | None = None
    store: bool = False
    forget: bool = False


class KeyScreen(Dialog[KeyChoice | None]):
    """Asks for the key of the target. `stored` is whether the keyring has one for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="key.close"),
    ]

    def __init__(self, settings: Settings, *, stored: bool) -> None:
        super().__init__()
        self._url = settings.key_url
        self._stored = stored

    def contents(self) -> ComposeResult:
        """The purpose of the key and its host, the line, the buttons."""
        with VerticalScroll(id="key", can_focus=False):
            yield Static("API key", classes="title")
            yield Static(Content(self._about()), classes="about")
            if self._url is not None:
                yield SecretInput(password=True, compact=True)
            with Vertical(classes="buttons"):
                yield from action_buttons(self._next_actions(), "use")

    def _about(self) -> str:
        if self._url is None:
            return (
                "The wizard was started with --sandbox, where a key changes nothing. Start it "
                "without --sandbox to use the API."
            )
        return (
            f"The key is sent only to {Target(self._url).name}, in one header, and kept in memory "
            "until you quit. You can store it in the system keyring. QCALL_API_KEY in the "
            "environment takes precedence."
        )

    def _next_actions(self) -> Iterator[tuple[str, str]]:
        if self._url is not None:
            yield "Use", "use"
            yield "Use and store in the keyring", "store"
        if self._stored:
            yield "Delete the stored key", "forget"
        yield "Close", "close"

    def on_input_submitted(self, event: SecretInput.Submitted) -> None:
        """Use the key that was typed."""
        event.stop()
        self._use(store=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close with the choice of the button."""
        event.stop()
        match event.button.id:
            case "use" | "store" as way:
                self._use(store=way == "store")
            case "forget":
                self.dismiss(KeyChoice(forget=True))
            case _:
                self.dismiss(None)

    def _use(self, *, store: bool) -> None:
        typed = self.query_one(SecretInput)
        key = SecretStr(typed.value.strip())
        if key:
            self.dismiss(KeyChoice(key, store=store))
        else:
            self.notify("Type or paste the key first.")
            typed.focus()
