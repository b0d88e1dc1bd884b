"""Existing assistants: chooses one, opens it as a draft, copies it, clears the sandbox."""

from screens.dialogs.menu import Menu
from screens.dialogs.report import ReportScreen
from screens.dialogs.waiting import wait_with_dialog
from screens.flows.flow_app import FlowApp
from screens.flows.start import open_draft
from screens.pages.assistant_list import AssistantsScreen
from screens.pages.start_option import StartOption
from wizard.api.records import Record
from wizard.api.update_draft import of_another_target
from wizard.exchange.copying import copied, opened_draft
from wizard.formats.payload_identity import normalized_url
from wizard.settings import Target


async def open_existing(app: FlowApp, option: StartOption) -> None:
    """Open the assistant that was chosen on the start page, or the list of all."""
    if line := option.line:
        await _open(app, line.id, line.name, line.record)
    else:
        await choose_assistant(app)


async def choose_assistant(app: FlowApp) -> None:
    """List the assistants of the account, and open the chosen one."""
    if app.settings.key is None:
        app.notify("Enter an API key first (Ctrl+P, API key).", severity="error")
        return
    line = await app.push_screen_wait(AssistantsScreen(app.account))
    if line:
        await _open(app, line.id, line.name, line.record)


async def open_created(app: FlowApp, assistant_id: str, name: str, base_url: str) -> None:
    """Open an assistant of a receipt, if its target is the current one."""
    here = app.settings.target
    if normalized_url(base_url) != normalized_url(here.base_url):
        there = Target(base_url).label
        app.notify(of_another_target(there, here), severity="error")
    else:
        await _open(app, assistant_id, name)


async def _open(app: FlowApp, assistant_id: str, name: str, record: Record | None = None) -> None:
    """Open an assistant as it is now, or go on with an earlier draft of it."""
    earlier = app.session.drafts_of(app.settings.target.base_url, assistant_id)
    if earlier and not await _goes_anew(app, name, earlier[0]):
        return
    about = f"Reading {name} …"
    found = record or await wait_with_dialog(app, about, app.client.record(assistant_id))
    if found:
        show_record(app, found)


async def _goes_anew(app: FlowApp, name: str, draft_id: str) -> bool:
    """Ask whether to open it as it is at QCall now; otherwise go on with a draft of it."""
    options = {"draft": "Continue with your changes", "anew": "Open it as it is now"}
    chosen = await app.push_screen_wait(Menu(f"You have unsent changes to {name}", options))
    if chosen == "draft":
        await open_draft(app, draft_id)
    return chosen == "anew"


def show_record(app: FlowApp, record: Record) -> None:
    """Open an assistant that was read. Raises Unreadable if it is too large."""
    draft = opened_draft(record, app.settings.target.base_url)
    app.work_on(app.session.begin(draft))
    if message := record.warning:
        app.warn(message)


def copy_assistant(app: FlowApp, record: Record) -> None:
    """Open a new draft like an existing assistant, in the form of the published document."""
    imported = copied(record)
    app.report = imported.report
    app.work_on(app.session.begin_copy(imported.draft))
    about = "This is a new assistant in the form of the published document."
    app.push_screen(ReportScreen(f"A copy of {record.name}", [about, *imported.report.losses()]))


async def clear_sandbox(app: FlowApp) -> None:
    """Delete the assistants of the sandbox, if there is one."""
    if app.sandbox_store is None:
        return
    app.sandbox_store.clear()
    app.account.forget()
    app.notify("The sandbox is empty.")
