"""Search everywhere: every field, step, draft, template, action, export, theme and command."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.markup import escape
from textual.screen import Screen
from textual.widgets import Input

from screens.form.actions import summary
from screens.keys.app_commands import COMMANDS
from screens.messages import FieldRequested
from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Closable, Keys
from wizard.contract.applicability import applying
from wizard.contract.assistant import QUESTIONS, siblings_of
from wizard.contract.conditions import ALWAYS
from wizard.contract.fields import Kind, Question, condition_words, find, walk
from wizard.contract.steps import STEPS
from wizard.draft.field_groups import group_states
from wizard.exchange.exporting import ExportFormat
from wizard.formats.paths import Path
from wizard.storage.session import ago

if TYPE_CHECKING:
    from screens.services import AppServices
    from wizard.storage.store import DraftLine
    from wizard.templates import Template

# Fields that do not apply now are ranked below the others.
_BEHIND = 0.5
# Entries that are searched at a time, so that a key can be handled in between.
_AT_A_TIME = 500
# The maximum number of hits.
_MOST = 100
# Words of conditions: the name of the governing field comes first in each of them.
_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry. `beside` says its kind, `why` that it does not apply now."""

    label: str
    beside: str
    about: str
    run: Callable[[], Any]
    why: str = ""
    at_once: bool = False

    @property
    def text(self) -> str:
        """The text that the search matches, shown on the first line."""
        return pictured(f"{self.label}  {self.beside}")


class Palette(CommandPalette, Closable[None]):
    """Textual's palette. It has no id: one that is opened meets the one that is closing."""

    def compose(self) -> ComposeResult:
        """The palette, and the keys that work in it."""
        yield from super().compose()
        yield Keys()

    def on_mount(self) -> None:
        """Stop the cursor from blinking: on a slow line each blink is written."""
        self.query_one(Input).cursor_blink = False


class PaletteProvider(Provider):
    """Finds every place and every action by the letters of its name in their order."""

    _SEARCH: ClassVar = FuzzySearch()

    async def startup(self) -> None:
        """Gather the entries in a task, which a cancelled search does not end."""
        self._entries = asyncio.create_task(self._gathered())

    async def shutdown(self) -> None:
        """Stop gathering."""
        self._entries.cancel()

    async def _gathered(self) -> Sequence[Entry]:
        from wizard.templates import all_templates  # noqa: PLC0415 - read when they are searched

        app = cast("AppServices", self.app)
        # Reading the files for the first time takes a tenth of a second.
        templates = (await asyncio.to_thread(all_templates, app.session.home)).templates
        drafts = await asyncio.to_thread(app.session.drafts)
        return list(entries(app, app.palette_keys, templates, drafts))

    async def discover(self) -> Hits:
        """List the actions before anything is typed."""
        for entry in await asyncio.shield(self._entries):
            if entry.at_once:
                shown = self._shown(entry, ())
                about = escape(entry.about)
                yield DiscoveryHit(shown, entry.run, text=entry.text, help=about)

    async def search(self, query: str) -> Hits:
        """Find by letters."""
        words = query.replace("_", " ").split()
        found = []
        for place, entry in enumerate(await asyncio.shield(self._entries), 1):
            if place % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            score, places = self._match(words, entry.text.replace("_", " "))
            if score > 0:
                found.append((score * (_BEHIND if entry.why else 1.0), entry, places))
        # The palette would list every hit, thousands at each key.
        for score, entry, places in nlargest(_MOST, found, key=itemgetter(0)):
            shown, about = self._shown(entry, places), escape(entry.why or entry.about)
            yield Hit(score, shown, entry.run, text=entry.text, help=about)

    def _match(self, words: Sequence[str], text: str) -> tuple[float, list[int]]:
        """Return the score and the matched places of all words, in any order; 0 if one does not
        match."""
        found = [self._SEARCH.match(word, text) for word in words]
        if not found or min(score for score, _ in found) <= 0:
            return 0.0, []
        return sum(score for score, _ in found), [place for _, places in found for place in places]

    def _shown(self, entry: Entry, places: Sequence[int]) -> Content:
        shown = Content(entry.text)
        begin = 0 if entry.why else len(entry.label)
        shown = shown.stylize("$text-muted", begin)
        if self.match_style:
            for place in places:
                shown = shown.stylize(self.match_style, place, place + 1)
        return shown


def entries(
    app: AppServices,
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


def _commands(app: AppServices, keys: Mapping[str, str]) -> Iterator[Entry]:
    for command in COMMANDS:
        if (app.has_steps or command.anywhere) and app.offers(command.action):
            run = partial(app.run_action, f"app.{command.action}")
            beside = keys.get(command.action, "")
            yield Entry(command.label, beside, command.about, run, at_once=True)


def keys_of(screen: Screen[Any]) -> dict[str, str]:
    """The keys of the actions on the current screen, as they are bound now."""
    return {
        each.binding.action.rpartition(".")[2]: screen.app.get_key_display(each.binding)
        for each in screen.active_bindings.values()
    }


def _steps(app: AppServices) -> Iterator[Entry]:
    for info in STEPS:
        yield Entry(info.title, "step", info.about, partial(app.go_to_step, info.step))


def _groups(app: AppServices) -> Iterator[Entry]:
    """The groups of fields that few people set; choosing one opens it at its first field."""
    for state in group_states(app.draft, applying(QUESTIONS, app.draft.answers)):
        run = partial(app.post_message, FieldRequested(state.fields[0].path))
        yield Entry(state.group, "group", state.words, run)


def _fields(app: AppServices) -> Iterator[Entry]:
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


def _actions(app: AppServices) -> Iterator[Entry]:
    given = app.draft.answers.get("actions")
    for index, action in enumerate(given if isinstance(given, list) else ()):
        run = partial(app.post_message, FieldRequested(("actions", index, "type")))
        yield Entry(f"Action {index + 1}", summary(action), "Open its form", run)


def _exports(app: AppServices) -> Iterator[Entry]:
    for form in ExportFormat:
        about = form.about[0].upper() + form.about[1:]
        yield Entry(f"Export as {form}", "to a file", about, partial(app.export_to_file, form))
        yield Entry(f"Copy as {form}", "to the clipboard", about, partial(app.export_copy, form))


def _templates(app: AppServices, templates: Iterable[Template]) -> Iterator[Entry]:
    for template in templates:
        run = partial(app.start_from, template)
        yield Entry(template.title, "template", template.about, run)


def _drafts(app: AppServices, lines: Iterable[DraftLine]) -> Iterator[Entry]:
    titles = {info.step: info.title for info in STEPS}
    now = app.session.store.clock()
    for line in lines:
        about = f"{titles[line.step]}, changed {ago(line.updated, now)}"
        yield Entry(line.name, f"draft {line.id}", about, partial(app.open_draft, line.id))


def _theme_entries(app: AppServices) -> Iterator[Entry]:
    for name in sorted(app.available_themes):
        here = " · now" if name == app.theme else ""
        run = partial(app.choose_theme, name)
        yield Entry(name, f"theme{here}", "Used in later runs, too", run)
