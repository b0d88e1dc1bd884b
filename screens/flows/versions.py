"""Versions of an assistant: copies, comparisons, a change of template, templates of one's own."""

from collections.abc import Mapping
from typing import Any

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.flows.assistants import copy_assistant
from screens.flows.flow_app import FlowApp
from screens.payload.compare import CompareScreen
from wizard.api.outcomes import local_time
from wizard.api.records import Record
from wizard.draft.draft import Draft
from wizard.errors import NotWritten, WizardError
from wizard.exchange.copying import copied
from wizard.formats.json_text import parse_json
from wizard.templates.library import all_templates, find_template, template_names
from wizard.templates.own import name_for, save_as_template

_NO_TEMPLATE = "none"


async def duplicate(app: FlowApp) -> None:
    """Work on a copy of the draft; the original stays as it is.

    A copy of an existing assistant is a new one, in the form of the published document.
    """
    if app.draft.origin:
        copy_assistant(app, Record.of(app.draft.preview()))
        return
    draft = app.session.duplicate()
    app.work_on(draft)
    name = app.session.list_name(draft.id) or "the copy"
    app.notify(f"This is {name}. Compare (Ctrl+P) shows the differences.")


async def compare(app: FlowApp) -> None:
    """Ask for a version, and show how the draft differs from it."""
    options = _versions(app)
    if not options:
        app.notify("There is nothing to compare with yet.")
        return
    chosen = await app.push_screen_wait(Menu("Compare with", options))
    if chosen is None:
        return
    kind, _, name = chosen.partition(" ")
    title, payload = _payload_of(app, kind, name)
    app.action_back_to_steps()
    app.push_screen(CompareScreen(payload, app.draft.compose(), (title, "this draft")))


def _versions(app: FlowApp) -> dict[str, str]:
    """Return the other drafts, the receipts and the templates, each by its kind and its id."""
    draft, session = app.draft, app.session
    options = {f"template {draft.template}": "Its template"} if draft.template else {}
    for line in session.drafts():
        if line.id != draft.id:
            options[f"draft {line.id}"] = f"{line.name} · draft"
    try:
        for receipt in session.receipts.all():
            options[f"receipt {receipt.id}"] = f"{receipt.name} · sent {local_time(receipt.sent)}"
    except WizardError as error:
        app.show_error(error)
    for name, title in _titles(app).items():
        options.setdefault(f"template {name}", f"{title} · template")
    return options


def _titles(app: FlowApp) -> dict[str, str]:
    """Return the titles of all templates by their names; of one that cannot be read, its name."""
    home = app.session.home
    titles = {template.name: template.title for template in all_templates(home).templates}
    return {name: titles.get(name, name) for name in template_names(home)}


def _payload_of(app: FlowApp, kind: str, name: str) -> tuple[str, Mapping[str, Any]]:
    """Return the title of a version and its payload."""
    if kind == "draft":
        draft = app.session.peek(name)
        return str(draft.answers.get("name") or f"the draft {name}"), draft.compose()
    if kind == "receipt":
        receipt = app.session.receipts.get(name)
        sent = parse_json(receipt.body, f"the receipt {name}")
        title = f"{receipt.name}, sent {local_time(receipt.sent)},"
        return title, sent if isinstance(sent, dict) else {}
    based = app.draft.based_on
    draft = Draft()
    if language := app.draft.answers.get("language"):
        draft.answer(("language",), language)
    is_own = based is not None and based.name == name
    template = based if based and is_own else find_template(name, app.session.home)
    draft.start_from(template)
    return f"the template {template.title}", draft.compose()


async def change_template(app: FlowApp) -> None:
    """Ask for the template that the draft is based on; the person's own answers stay."""
    options = {_NO_TEMPLATE: "No template", **_titles(app)}
    menu = Menu("Change the template", options, at=app.draft.template or _NO_TEMPLATE)
    chosen = await app.push_screen_wait(menu)
    if chosen is None:
        return
    template = None if chosen == _NO_TEMPLATE else find_template(chosen, app.session.home)
    app.draft.start_from(template)
    app.session.changed()
    app.work_on(app.draft)
    app.notify("Your own answers are unchanged. Ctrl+Z undoes it.")


async def save_template(app: FlowApp) -> None:
    """Ask for a name, and save the draft as a template."""
    home, replaces = app.session.home, False
    if home is None:
        app.notify("Nothing is saved in this session.", severity="error")
        return
    # An existing assistant may have values that only QCall's own app has.
    draft = copied(Record.of(app.draft.preview())).draft if app.draft.origin else app.draft
    title = await _ask_title(app, str(draft.answers.get("name") or ""))
    while title:
        try:
            path = save_as_template(draft, name_for(title), home, title=title, replace=replaces)
        except NotWritten as error:
            replaces = error.exists and await _may_replace(app, error)
            if not replaces:
                title = await _ask_title(app, title, "" if error.exists else str(error))
        else:
            app.notify(f"Saved as {path}.")
            return


async def _ask_title(app: FlowApp, title: str, problem: str = "") -> str:
    about = problem or "It is saved as a file that can be shared, without secrets."
    answer = await app.push_screen_wait(PromptScreen("Save as a template", about, title))
    return (answer or "").strip()


async def _may_replace(app: FlowApp, exists: NotWritten) -> bool:
    options = {"other": "Choose another name", "replace": "Replace it"}
    return await app.push_screen_wait(Menu(str(exists), options)) == "replace"
