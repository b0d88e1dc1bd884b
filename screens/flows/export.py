"""Exports the payload: to the clipboard, and to a file in any format."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from screens.dialogs.prompt import PromptScreen
from screens.terminal.clipboard import UNSURE, copy
from screens.widgets.inputs import pictured
from wizard.errors import NotWritten, WizardError
from wizard.exchange import exporting
from wizard.formats.files import write_new
from wizard.settings import surroundings

if TYPE_CHECKING:
    from screens.services import FlowApp
    from wizard.exchange.exporting import ExportFormat


async def copy_text(
    app: FlowApp, text: str, with_tools: bool, *, title: str, seconds: float, shown: str
) -> None:
    """Copy a text with the tools of the system, and report whether it arrived."""
    copied = await asyncio.to_thread(lambda: copy(text, surroundings())) if with_tools else None
    if shown:
        message = f"{pictured(shown)}\n{copied or UNSURE}"
    else:
        message = copied or f"{UNSURE} Export in the palette (Ctrl+P) writes a file."
    app.notify(message, title=title, timeout=seconds)


def exported(app: FlowApp, form: ExportFormat) -> str | None:
    """Return the payload in a format; report an error and return None if it is not ready.

    An existing assistant is exported as JSON alone, as it would be sent.
    """
    if app.draft.origin and form is exporting.ExportFormat.JSON:
        return app.draft.preview()
    try:
        payload = app.draft.payload()
    except WizardError as error:
        app.notify(f"{error}.", title="Not ready", severity="error")
        return None
    if message := exporting.note(payload.data, form):
        app.notify(message, severity="warning")
    return exporting.export(payload, form, exporting.address(app.settings.target))


async def export_to_file(app: FlowApp, form: ExportFormat) -> None:
    """Ask for a file, and write the payload to it in a format."""
    if (text := exported(app, form)) is not None:
        about = f"The payload as {form.about}."
        await ask_and_write(app, "Export to", about, _file_name(app) + form.extension, text)


async def write_payload(app: FlowApp) -> None:
    """Ask for a file, and write the current payload to it, valid or not."""
    if app.has_steps:
        about = "The current payload as JSON, including any secret in it."
        name, text = f"{_file_name(app)}.json", app.draft.preview()
        await ask_and_write(app, "Write the payload to", about, name, text)
    else:
        app.notify("Begin an assistant first: there is no payload yet.")


def _file_name(app: FlowApp) -> str:
    return str(app.draft.answers.get("name") or "assistant").replace("/", "-")


async def ask_and_write(app: FlowApp, title: str, about: str, name: str, text: str) -> None:
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
