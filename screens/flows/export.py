"""Exports the payload: to the clipboard, and to a file in any format."""

from screens.dialogs.prompt import ask_and_write
from screens.flows.flow_app import FlowApp
from wizard.errors import WizardError
from wizard.exchange import exporting
from wizard.exchange.export_formats import ExportFormat
from wizard.formats.text import capitalized


def copy_payload(app: FlowApp, form: ExportFormat) -> None:
    """Copy the payload in a format."""
    if (text := exported(app, form)) is not None:
        app.copy_to_clipboard(text)


def exported(app: FlowApp, form: ExportFormat) -> str | None:
    """Return the payload in a format; report an error and return None if it is not ready.

    An existing assistant is exported as JSON alone, as it would be sent.
    """
    if app.draft.origin and form is ExportFormat.JSON:
        return app.draft.preview()
    try:
        payload = app.draft.payload()
    except WizardError as error:
        app.notify(capitalized(f"{error}."), title="Not ready", severity="error")
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
        await ask_and_write(app, "Save the payload to", about, name, text)
    else:
        app.notify("Create or open an assistant first: there is no payload yet.")


def _file_name(app: FlowApp) -> str:
    return str(app.draft.answers.get("name") or "assistant").replace("/", "-")
