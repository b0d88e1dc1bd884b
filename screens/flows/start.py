"""The ways to a draft: from scratch, from a template, or to a stored one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.dialogs.menu import Menu
from screens.flows.change_key import change_key
from wizard.errors import InUse, WizardError
from wizard.templates import Template, find_template

if TYPE_CHECKING:
    from screens.pages.welcome import StartOption
    from screens.services import FlowApp


async def start(app: FlowApp, option: StartOption) -> None:
    """Go on as chosen on the start page."""
    match option.what:
        case "draft":
            await open_draft(app, option.name)
        case "template":
            _start_from_named(app, option.name)
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


def _start_from_named(app: FlowApp, name: str) -> None:
    try:
        template = find_template(name, app.session.home)
    except WizardError as error:
        app.show_error(error)
    else:
        start_from(app, template)


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
    except WizardError as error:
        app.show_error(error)
        return
    app.work_on(draft)
