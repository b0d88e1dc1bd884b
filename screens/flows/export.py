"""Exports the payload: to the clipboard, and to a file in any format."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from screens.keys.key_queue import KeyQueue
from wizard.errors import NotWritten, WizardError
from wizard.formats.files import write_new
from wizard.settings import Target, surroundings

if TYPE_CHECKING:
    from wizard.exchange.exporting import ExportFormat
    from wizard.storage.session import Session

_ELSE = "Export in the palette (Ctrl+P) writes a file."


class ExportFlow(KeyQueue):
    """The part of the app that hands texts to the clipboard and to files."""

    session: Session
    target: Target

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text, and report whether it arrived."""
        # Textual keeps it for its own paste key, and sends it to the terminal.
        super().copy_to_clipboard(text)
        self._copy(text)

    @work(exit_on_error=False, group="copy", description="copy")
    async def _copy(self, text: str) -> None:
        from screens.terminal.clipboard import UNSURE, copy

        message = None
        if not (self.is_headless or self.is_web):
            message = await asyncio.to_thread(lambda: copy(text, surroundings()))
        self.notify(message or f"{UNSURE} {_ELSE}", title="Copy", timeout=4, markup=False)

    async def _exported(self, form: ExportFormat) -> str | None:
        """Return the payload in a format; report an error and return None if it is not ready."""
        from wizard.exchange import exporting

        try:
            payload = await asyncio.to_thread(self.session.draft.payload)
        except WizardError as error:
            self.notify(f"{error}.", title="Not ready", severity="error", markup=False)
            return None
        if message := exporting.note(payload.data, form):
            self.notify(message, severity="warning", markup=False)
        address = exporting.address(self.target)
        return await asyncio.to_thread(exporting.export, payload, form, address)

    async def export_copy(self, form: ExportFormat) -> None:
        """Copy the payload in a form."""
        if (text := await self._exported(form)) is not None:
            self.copy_to_clipboard(text)

    async def export_to_file(self, form: ExportFormat) -> None:
        """Ask for a file to write the payload to in a form."""
        from screens.dialogs.prompt import PromptScreen

        if (text := await self._exported(form)) is not None:
            name = f"{self.session.draft.answers.get('name') or 'assistant'}".replace("/", "-")
            about = f"The payload as {form.about}."
            asked = PromptScreen("Export to", about, name + form.extension)
            self.push_screen(asked, partial(self.write_file, text))

    def write_file(self, text: str, name: str | None) -> None:
        """Write a new file; an existing one is not overwritten."""
        if not name:
            return
        path = os.path.expanduser(name)
        try:
            write_new(path, f"{text}\n")
        except NotWritten as error:
            self.notify(f"{error}.", severity="error", markup=False)
        else:
            self.notify(f"Written to {path}.", markup=False)
