"""The ways to a draft: from scratch, from a template, or to a stored one."""

from screens.dialogs.menu import Menu
from screens.flows.change_key import change_key
from screens.flows.flow_app import FlowApp
from screens.pages.start_option import StartOption
from wizard.errors import InUse
from wizard.templates.library import find_template
from wizard.templates.template import Template


async def open_option(app: FlowApp, option: StartOption) -> None:
    """Go on as chosen on the start page."""
    match option.kind:
        case "draft":
            await open_draft(app, option.name)
        case "created":
            _show_created(app, option)
        case "template":
            start_from(app, find_template(option.name, app.session.home))
        case "open":
            from screens.flows.open_file import open_file  # noqa: PLC0415 - few drafts need it

            await open_file(app)
        case "key":
            await change_key(app)
        case _:
            app.work_on(app.session.begin())


def start_from(app: FlowApp, template: Template) -> None:
    """Open a new draft that begins with a template."""
    draft = app.session.begin()
    draft.start_from(template)
    draft.go_to_first_gap()
    app.session.changed()
    app.work_on(draft)


def _show_created(app: FlowApp, option: StartOption) -> None:
    """Show the receipt of an assistant that was created, with the way to its draft."""
    from screens.dialogs.result import ReceiptScreen  # noqa: PLC0415 - few starts need it

    receipt = app.session.receipts.get(option.name)
    app.push_screen(ReceiptScreen(receipt, draft_id=option.draft, is_from_start=True))


async def open_draft(app: FlowApp, draft_id: str) -> None:
    """Open a stored draft; offer a copy if another wizard has it open."""
    try:
        draft = app.session.open(draft_id)
    except InUse as error:
        options = {"copy": "Open a copy", "other": "Choose another"}
        if await app.push_screen_wait(Menu(str(error), options)) != "copy":
            app.action_drafts()
            return
        draft = app.session.open_copy(draft_id)
    app.work_on(draft)
