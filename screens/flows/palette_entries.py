"""The palette: finds every field, step, draft, template, action, export, theme and command."""

import re
from asyncio import to_thread
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from textual.screen import Screen

from screens.dialogs.palette import Entry, Palette
from screens.flows.export import copy_payload, export_to_file
from screens.flows.flow_app import FlowApp
from screens.flows.start import open_draft, start_from
from screens.form.actions import summary
from screens.keys.app_commands import COMMANDS
from screens.messages import FieldRequested
from wizard.contract.applicability import applying
from wizard.contract.assistant import QUESTIONS, siblings_of
from wizard.contract.conditions import ALWAYS
from wizard.contract.fields import Kind, Question, condition_words, find, walk
from wizard.contract.steps import STEPS
from wizard.draft.field_groups import group_states
from wizard.exchange.export_formats import ExportFormat
from wizard.formats.paths import Path
from wizard.storage.session import ago
from wizard.storage.store import DraftLine
from wizard.templates.library import all_templates
from wizard.templates.template import Template

# Words of conditions: the name of the governing field comes first in each of them.
_NAME: Final = re.compile(r"\w+")


def open_palette(app: FlowApp) -> None:
    """Show the palette over the current screen."""
    # Over the screen the palette lets none of its keys through.
    keys = _keys_of(app.screen)

    async def read() -> Sequence[Entry]:
        # Reading the files for the first time takes a tenth of a second.
        templates = (await to_thread(all_templates, app.session.home)).templates
        drafts = await to_thread(app.session.drafts)
        return list(entries(app, keys, templates, drafts))

    app.push_screen(Palette(read))


def entries(
    app: FlowApp,
    keys: Mapping[str, str],
    templates: Iterable[Template],
    drafts: Iterable[DraftLine],
) -> Iterator[Entry]:
    """Yield all entries for the current draft; `keys` has the keys of the actions."""
    yield from _commands(app, keys)
    if app.has_steps:
        yield from _steps(app)
        yield from _groups(app)
        yield from _fields(app)
        yield from _actions(app)
        yield from _exports(app)
    yield from _templates(app, templates)
    yield from _drafts(app, drafts)
    yield from _theme_entries(app)


def _commands(app: FlowApp, keys: Mapping[str, str]) -> Iterator[Entry]:
    for command in COMMANDS:
        if (app.has_steps or command.anywhere) and _is_offered(app, command.action):
            run = partial(app.run_action, f"app.{command.action}")
            beside = keys.get(command.action, "")
            yield Entry(command.label, beside, command.about, run, at_once=True)


def _is_offered(app: FlowApp, action: str) -> bool:
    """Return whether a command does something now."""
    if action in ("all_fields", "essential_fields"):
        return app.session.shows_all_fields == (action == "essential_fields")
    has_sandbox = app.target.is_sandbox and app.sandbox_store is not None
    return action != "clear_sandbox" or has_sandbox


def _keys_of(screen: Screen[Any]) -> dict[str, str]:
    """The keys of the actions on the current screen, as they are bound now: of several the first.

    The last of undo is Super+Z, which few terminals send.
    """
    keys: dict[str, str] = {}
    for each in screen.active_bindings.values():
        action = each.binding.action.rpartition(".")[2]
        keys.setdefault(action, screen.app.get_key_display(each.binding))
    return keys


def _steps(app: FlowApp) -> Iterator[Entry]:
    for step in STEPS:
        yield Entry(step.label, "step", step.about, partial(app.go_to_step, step))


def _groups(app: FlowApp) -> Iterator[Entry]:
    """The groups of fields that few people set; choosing one opens it at its first field."""
    for state in group_states(app.draft, applying(QUESTIONS, app.draft.answers)):
        run = partial(app.post_message, FieldRequested(state.fields[0].path))
        yield Entry(state.group, "group", state.words, run)


def _fields(app: FlowApp) -> Iterator[Entry]:
    asked = {found.path for found in applying(QUESTIONS, app.draft.answers)}
    for path, question in walk(QUESTIONS):
        if question.kind in (Kind.GROUP, Kind.LIST) or _inside_list(path):
            continue
        why = "" if path in asked else _why(path, question)
        target = path if path in asked else governing(path, asked)
        name = ".".join(map(str, path))
        run = partial(app.post_message, FieldRequested(target))
        yield Entry(question.label, name, question.meta.help, run, why)


def _inside_list(path: Path) -> bool:
    above = (find(QUESTIONS, path[:end]) for end in range(1, len(path)))
    return any(question is not None and question.kind is Kind.LIST for question in above)


def _why(path: Path, question: Question) -> str:
    if question.never_asked:
        return "Not asked: the wizard fills it in."
    # A field without a condition is inside a field that has one.
    around = ((end, find(QUESTIONS, path[:end])) for end in range(len(path), 0, -1))
    words = next(
        condition_words(one, siblings_of(path[:end]))
        for end, one in around
        if one and one.meta.when is not ALWAYS
    )
    return f"Asked when {words}."


def governing(path: Path, asked: set[Path]) -> Path:
    """The field to answer so that another applies: the first one named in its condition.

    If that does not apply either, the field that governs it; if none does, the field itself.
    """
    seen: set[Path] = set()
    here = path
    while here not in asked and here not in seen:
        seen.add(here)
        question = find(QUESTIONS, here)
        words = _NAME.findall(question.meta.when.words) if question else []
        beside = [(*here[:-1], word) for word in words] + [(word,) for word in words]
        here = next((p for p in beside if p != here and find(QUESTIONS, p)), here)
    return here if here in asked else path


def _actions(app: FlowApp) -> Iterator[Entry]:
    given = app.draft.shown.get("actions")
    for index, action in enumerate(given if isinstance(given, list) else ()):
        run = partial(app.post_message, FieldRequested(("actions", index, "type")))
        yield Entry(f"Action {index + 1}", summary(action, app.draft), "Open its form", run)


def _exports(app: FlowApp) -> Iterator[Entry]:
    for form in ExportFormat:
        about = form.about[0].upper() + form.about[1:]
        yield Entry(
            f"Export as {form}", "to a file", about, partial(app.run_flow, export_to_file, form)
        )
        yield Entry(f"Copy as {form}", "to the clipboard", about, partial(copy_payload, app, form))


def _templates(app: FlowApp, templates: Iterable[Template]) -> Iterator[Entry]:
    for template in templates:
        run = partial(start_from, app, template)
        yield Entry(template.title, "template", template.about, run)


def _drafts(app: FlowApp, lines: Iterable[DraftLine]) -> Iterator[Entry]:
    now = app.session.store.clock()
    for line in lines:
        about = f"{line.step.label}, changed {ago(line.updated, now)}"
        yield Entry(
            line.name, f"draft {line.id}", about, partial(app.run_flow, open_draft, line.id)
        )


def _theme_entries(app: FlowApp) -> Iterator[Entry]:
    for name in sorted(app.available_themes):
        here = " · now" if name == app.theme else ""
        run = partial(app.choose_theme, name)
        yield Entry(name, f"theme{here}", "Used in later runs, too", run)
