"""The part of the app that screens use, so that no screen needs to know the app itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.message import Message

    from wizard.contract.steps import Step
    from wizard.draft.draft import Draft
    from wizard.exchange.export_formats import ExportFormat
    from wizard.storage.session import Session
    from wizard.templates import Template


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

    def offers(self, action: str) -> bool:
        """Return whether an action of the app works now."""

    async def run_action(self, action: str) -> bool:
        """Run an action by its name."""

    def post_message(self, message: Message) -> bool:
        """Send a message to the app."""

    async def go_to_step(self, step: Step) -> None:
        """Show a step."""

    async def export_copy(self, form: ExportFormat) -> None:
        """Copy the payload to the clipboard."""

    async def export_to_file(self, form: ExportFormat) -> None:
        """Ask for a file and write the payload to it."""

    def start_from(self, template: Template) -> None:
        """Open a new draft that begins with a template."""

    def open_draft(self, draft_id: str) -> None:
        """Open a stored draft."""

    def choose_theme(self, name: str) -> None:
        """Use a theme now and in later runs."""
