"""The parts of the app that screens and flows use, so that none needs to know the app itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from textual.message import Message
    from textual.notifications import SeverityLevel
    from textual.screen import Screen
    from textual.widget import Widget

    from screens.pages.assistant_options import Account
    from wizard.api.client import Client
    from wizard.contract.steps import Step
    from wizard.draft.draft import Draft
    from wizard.exchange.export_formats import ExportFormat
    from wizard.exchange.importing import Report
    from wizard.rehearsal.model_client import ModelClient
    from wizard.rehearsal.model_settings import ModelSettings
    from wizard.secret import SecretStr
    from wizard.settings import ModelServer, Settings
    from wizard.storage.session import Session
    from wizard.templates import Template

T = TypeVar("T")


class AppServices(Protocol):
    """The part of the app that screens use; they cast `self.app` to it.

    `palette_keys` are the keys of the actions on the screen under the palette.
    """

    session: Session
    theme: str
    palette_keys: Mapping[str, str]

    @property
    def draft(self) -> Draft:
        """The draft that is edited."""

    @property
    def has_steps(self) -> bool:
        """Whether a draft is open."""

    @property
    def available_themes(self) -> Iterable[str]:
        """The names of the themes."""

    def end_messages(self, before: float = ...) -> None:
        """Remove what was shown before a time, except the warnings that no key asked for."""

    def offers(self, action: str) -> bool:
        """Return whether an action of the app works now."""

    async def run_action(self, action: str) -> bool:
        """Run an action by its name."""

    def post_message(self, message: Message) -> bool:
        """Send a message to the app."""

    async def go_to_step(self, step: Step) -> None:
        """Show a step."""

    def copy_and_show(self, text: str, title: str, seconds: float = 5.0) -> None:
        """Copy a text that is no secret, and show it: it can be copied from there."""

    def export_copy(self, form: ExportFormat) -> None:
        """Copy the payload to the clipboard."""

    def export_to_file(self, form: ExportFormat) -> None:
        """Ask for a file and write the payload to it."""

    def start_from(self, template: Template) -> None:
        """Open a new draft that begins with a template."""

    def open_draft(self, draft_id: str) -> None:
        """Open a stored draft."""

    def choose_theme(self, name: str) -> None:
        """Use a theme now and in later runs."""


class FlowApp(AppServices, Protocol):
    """The part of the app that flows use; a flow that waits for a screen runs in a worker."""

    settings: Settings
    report: Report | None
    editing: str

    @property
    def account(self) -> Account:
        """The assistants of the target."""

    @property
    def client(self) -> Client:
        """The API client."""

    @property
    def model_settings(self) -> ModelSettings:
        """The model server of rehearsals."""

    def open_model(self, server: ModelServer) -> ModelClient:
        """Return a client for a model server."""

    @property
    def is_web(self) -> bool:
        """Whether the screens are shown in a browser."""

    @property
    def screen(self) -> Screen[Any]:
        """The screen on top."""

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """All open screens, the one on top last."""

    @property
    def focused(self) -> Widget | None:
        """The widget in focus."""

    def push_screen(self, screen: Screen[Any]) -> object:
        """Show a screen over the others."""

    async def push_screen_wait(self, screen: Screen[T]) -> T:
        """Show a screen over the others, and wait for its result."""

    def switch_screen(self, screen: Screen[Any]) -> object:
        """Show a screen in place of the one on top."""

    def pop_screen(self) -> object:
        """Close the screen on top."""

    def action_back_to_steps(self) -> None:
        """Close every screen over the steps."""

    def action_drafts(self) -> None:
        """Show the start page."""

    def work_on(self, draft: Draft) -> None:
        """Show another draft."""

    def use_key(self, key: SecretStr) -> None:
        """Work on the API with a key."""

    def suspend(self) -> AbstractContextManager[None]:
        """Lend the terminal to another program."""

    def run_beside(self, flow: Callable[..., Awaitable[None]], *arguments: object) -> object:
        """Run a part of a flow that nothing cancels; it gets the app and the arguments."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
    ) -> None:
        """Show a message for some seconds."""

    def warn(self, message: str, title: str = "") -> None:
        """Show a warning for long enough to be noticed later."""

    def show_error(self, error: Exception) -> None:
        """Show an error."""
