"""The dialog of the model of rehearsals: its address, its name, its key, and a try."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from screens.dialogs.menu import Menu
from screens.widgets.inputs import LineInput, SecretInput, action_buttons, pictured
from screens.widgets.page_frame import Dialog
from wizard.errors import BadTarget
from wizard.rehearsal.model_client import ModelClient, ModelTrouble
from wizard.secret import SecretStr
from wizard.settings import ModelServer, model_server

_ABOUT = (
    "Any OpenAI-compatible server: Ollama, llama.cpp, LM Studio, or a hosted one. The key is sent "
    "only there, and kept in memory until you quit. It is never sent to QCall."
)
_FIXED = (
    "QCALL_REHEARSAL_URL in the environment names the model, so it cannot be changed here. You can "
    "try it."
)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The answer of the dialog: a server to use, and whether to store or delete its key."""

    server: ModelServer | None = None
    stores: bool = False
    forgets: bool = False


class ModelScreen(Dialog[ModelChoice | None]):
    """Asks for the server. `is_fixed` is whether the environment names it.

    `is_stored` is whether the keyring has a key for one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="model.close"),
        Binding("down", "list", "Models", show=False, id="model.list"),
        Binding("ctrl+t", "try", "Try it", id="model.try"),
    ]

    def __init__(
        self,
        server: ModelServer | None,
        open_model: Callable[[ModelServer], ModelClient],
        *,
        is_fixed: bool,
        is_stored: bool,
    ) -> None:
        super().__init__()
        self._server = server
        self._open_model = open_model
        self._is_fixed = is_fixed
        self._is_stored = is_stored

    def contents(self) -> ComposeResult:
        """The purpose, three lines, the result of a try, the buttons."""
        url, name = (self._server.base_url, self._server.model) if self._server else ("", "")
        with VerticalScroll(id="model", can_focus=False):
            yield Static("Model of rehearsals", classes="title")
            yield Static(_FIXED if self._is_fixed else _ABOUT, classes="about")
            if self._is_fixed:
                yield Static(Content(pictured(f"{name or 'the first model'} at {url}")))
            else:
                yield from self._fields(url, name)
            yield Static(id="model-result")
            for actions in self._next_actions():
                with Horizontal(classes="buttons"):
                    yield from action_buttons(actions, "use")

    def _fields(self, url: str, name: str) -> ComposeResult:
        hints = {
            "model-url": (url, "http://127.0.0.1:11434/v1"),
            "model-name": (name, "the first that the server lists"),
        }
        for label, each in (("Address", "model-url"), ("Model", "model-name")):
            text, hint = hints[each]
            with Horizontal(classes="model-field"):
                yield Static(label, classes="model-label")
                yield LineInput(text, placeholder=hint, compact=True, id=each)
        with Horizontal(classes="model-field"):
            yield Static("Key", classes="model-label")
            has_key = bool(self._server and self._server.key)
            hint = "unchanged" if has_key else "none"
            yield SecretInput(password=True, placeholder=hint, compact=True, id="model-key")

    def _next_actions(self) -> Iterator[Sequence[tuple[str, str]]]:
        """The buttons, row by row, each with its label and its id."""
        tries, close = ("Try it", "try"), ("Close", "close")
        if self._is_fixed:
            yield tries, close
        else:
            yield tries, ("List the models", "list"), ("Use", "use"), close
            yield (("Use and store in the keyring", "store"),)
        if self._is_stored:
            yield (("Delete the stored key", "forget"),)

    # --- what was entered

    def _entered(self) -> ModelServer | None:
        """Return what is entered; say what is wrong with it."""
        if self._is_fixed:
            return self._server
        url = self.query_one("#model-url", Input)
        if not url.value.strip():
            self._report("Enter the address of the server.")
            url.focus()
            return None
        key = SecretStr(self.query_one("#model-key", SecretInput).value.strip()) or None
        name = self.query_one("#model-name", Input).value
        try:
            server = model_server(url.value, name, key)
        except BadTarget as error:
            self._report(f"{error}.")
            url.focus()
            return None
        before = self._server
        if key is None and before is not None and before.base_url == server.base_url:
            return server._replace(key=before.key)
        return server

    def _report(self, message: str) -> None:
        for shown in self.query("#model-result").results(Static):  # the dialog may be closed
            shown.update(Content(pictured(message)))

    # --- what can be done

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line, and use what was entered at the last."""
        event.stop()
        if event.input.id == "model-key":
            self._use(stores=False)
        else:
            self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        match event.button.id:
            case "use" | "store" as way:
                self._use(stores=way == "store")
            case "try":
                self.action_try()
            case "list":
                self.action_list()
            case "forget":
                self.dismiss(ModelChoice(forgets=True))
            case _:
                self.dismiss(None)

    def _use(self, *, stores: bool) -> None:
        server = self._entered()
        if server is None:
            return
        if stores and server.key is None:
            self._report("Enter a key to store it.")
        else:
            self.dismiss(ModelChoice(server, stores=stores))

    @work(group="model", exclusive=True)
    async def action_try(self) -> None:
        """Ask the model for a word."""
        server = self._entered()
        if server is None:
            return
        self._report("Waiting for the model. Esc closes the dialog.")
        client = self._open_model(server)
        started = time.monotonic()
        try:
            answer = await client.complete([{"role": "user", "content": "Say hello in one word."}])
            name = await client.model()
        except ModelTrouble as trouble:
            self._report(f"✗ {trouble}")
        else:
            seconds = time.monotonic() - started
            said = " ".join(answer.text.split())[:_SHOWN]
            self._report(f"✓ {name} answered in {seconds:.1f} s: {said}")
        finally:
            await client.aclose()

    @work(group="model", exclusive=True)
    async def action_list(self) -> None:
        """List the models of the server, to choose one."""
        server = self._entered()
        if server is None or self._is_fixed:
            return
        self._report("Reading the list of models.")
        client = self._open_model(server)
        try:
            names = await client.models()
        except ModelTrouble as trouble:
            self._report(f"✗ {trouble}")
            return
        finally:
            await client.aclose()
        self._report("" if names else "The server has no model.")
        if names:
            field = self.query_one("#model-name", Input)
            options = {name: name for name in names}
            chosen = await self.app.push_screen_wait(Menu("Model", options, at=field.value))
            if chosen:
                field.value = chosen
