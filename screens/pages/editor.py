"""The editor over the whole screen: one text, with line numbers, search, variables and counts."""

import re
from asyncio import sleep, to_thread
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import ask_and_do, ask_and_write
from screens.form.answers import AnswerChanged
from screens.form.text_controls import TextControl, answer_for
from screens.messages import DraftChanged
from screens.pages.search_bar import SearchBar
from screens.pages.text_page import TextPage
from screens.pages.variable_offer import VariableOffer
from screens.widgets.component_styles import FIELD_COMPONENTS
from screens.widgets.inputs import pictured
from screens.widgets.text_area import Mark, PlainTextArea
from wizard.advice.speech import counts
from wizard.advice.variables import csv_header, description, known_names, render, sample, used_in
from wizard.contract.assistant import labels_of
from wizard.contract.fields import Question
from wizard.draft.draft import Draft
from wizard.exchange.external_editor import from_file
from wizard.formats.paths import Path

# The pause after which counts are shown, in seconds.
_PAUSE_SECONDS = 0.3


class EditorArea(TextControl):
    """The text; keys that choose among offered names are taken from it while there are some."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.show_line_numbers = True
        self.sought: re.Pattern[str] | None = None

    def marks_of(self, line: str) -> Iterator[Mark]:
        """Marks variables and search results."""
        yield from super().marks_of(line)
        for found in self.sought.finditer(line) if self.sought else ():
            yield Mark(found.start(), found.end(), "text--found")

    def on_key(self, event: events.Key) -> None:
        """Handle the keys of the offered names."""
        editor = self.screen
        if isinstance(editor, EditorScreen) and editor.offer.takes(event.key):
            event.stop()
            event.prevent_default()
        else:
            super().on_key(event)


class SampleView(PlainTextArea):
    """A text as it will sound, with a sample value in place of each variable."""


class EditorScreen(TextPage[tuple[int, int]]):
    """Edits the answer at a path, from a place in it; returns the cursor's place.

    `default` is the value that is sent without an answer.
    Every key changes the answer, as in the form.
    """

    COMPONENT_CLASSES = FIELD_COMPONENTS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close_part", "Close", id="editor.close-part"),
        Binding("escape", "close", "Done", id="editor.close"),
        Binding(
            "f4", "app.external_editor", "External editor", id="editor.external", priority=True
        ),
        Binding("f5", "sample", "Examples", id="editor.sample", priority=True),
        Binding("ctrl+f", "search", "Find", id="editor.find", priority=True),
        Binding("f3", "find(1)", "Next", show=False, id="editor.next", priority=True),
        Binding(
            "shift+f3", "find(-1)", "Previous", show=False, id="editor.previous", priority=True
        ),
        Binding("ctrl+l", "variables", "Variables", id="editor.variables", priority=True),
        Binding("ctrl+o", "file", "File", id="editor.file", priority=True),
        Binding("alt+z", "wrap", "Wrap", id="editor.wrap", priority=True),
        Binding("f6", "close", "Close", show=False, id="editor.toggle", priority=True),
        Binding("f2", "app.steps", "Steps", show=False, id="editor.steps", priority=True),
        Binding("f9", "app.preview", "Preview", show=False, id="editor.preview", priority=True),
        Binding("ctrl+z", "undo", "Undo", show=False, id="editor.undo", priority=True),
        Binding("ctrl+y", "redo", "Redo", show=False, id="editor.redo", priority=True),
    ]

    def __init__(
        self, draft: Draft, path: Path, question: Question, default: Any, begin_at: tuple[int, int]
    ) -> None:
        super().__init__()
        self.path = path
        self._draft = draft
        self._question = question
        self._default = default
        self._begin_at = begin_at
        self.area = EditorArea(question)
        self._search = SearchBar(self.area)
        self.offer = VariableOffer(self.area, self._variable_names)

    def contents(self) -> ComposeResult:
        """Heading, text, search, counts, keys."""
        with Horizontal(id="editor-head"):
            yield Static(Content(self._question.label), classes="title")
            yield Static(Content(self._question.meta.help), classes="about")
        yield self.area
        yield SampleView()
        yield self._search
        with Horizontal(id="editor-foot"):
            yield Static(id="editor-place")
            yield Static(id="editor-counts")
        yield self.offer

    def on_mount(self) -> None:
        """Show the text at the cursor's place in the form."""
        self.query_one(SampleView).read_only = True
        self.update_from(self._draft)
        self.area.move_cursor(self._begin_at)
        self.area.focus()
        self._count()

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor."""
        return self.area.cursor_location

    def update_from(self, draft: Draft) -> None:
        """Show the draft."""
        self._draft = draft
        self.area.show(draft.get(self.path), self._default)
        self._show_place()
        self._count(_PAUSE_SECONDS)

    def on_answer_changed(self, event: AnswerChanged) -> None:
        """Take an answer."""
        self._draft.answer(self.path, event.answer)
        self.post_message(DraftChanged())
        self._count(_PAUSE_SECONDS)
        self.offer.offer()

    def on_text_area_selection_changed(self) -> None:
        """Show the cursor's place."""
        self._show_place()
        self.offer.close_unless_typing()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Close the search or the examples only if they are open."""
        return action != "close_part" or self.has_class("-searching") or self.has_class("-sample")

    def action_close_part(self) -> None:
        """Close the search or the examples."""
        self.action_close()

    def action_close(self) -> None:
        """Close the list or search that is open, else the editor."""
        if self.has_class("-searching"):
            self._close_search()
        elif self.has_class("-sample"):
            self.action_sample()
        else:
            self.dismiss(self.cursor)

    # --- the line below the text

    def _show_place(self) -> None:
        row, column = self.cursor
        lines = self.area.document.line_count
        message = f"Line {row + 1:,} of {lines:,}, column {column + 1:,}"
        self.query_one("#editor-place", Static).update(Content(message), layout=False)

    @work(exclusive=True, group="count")
    async def _count(self, pause: float = 0.0) -> None:
        """Count after a pause: counting a long text takes longer than a key may."""
        await sleep(pause)
        value, text = self._draft.applicability().value, self.area.text
        found = await to_thread(counts, text, value("language"), value("voice_speed"))
        size = f"{_many(found.characters, 'character')}, {_many(found.words, 'word')}"
        message = Content(f"{size}, {_spoken(found.seconds)}")
        for shown in self.query("#editor-counts").results(Static):  # the screen may be gone
            shown.update(message, layout=False)

    # --- undo

    def show_undone(self, path: Path) -> None:
        """Show the text; name what was changed elsewhere."""
        self.update_from(self._draft)
        if path != self.path:
            super().show_undone(path)

    # --- search

    def action_search(self) -> None:
        """Open the search with the selected text."""
        self.offer.close()
        self.add_class("-searching")
        self._search.open()

    def action_find(self, way: int) -> None:
        """Go to the next match, or to the one before."""
        self._search.find(way)

    def _close_search(self) -> None:
        self.remove_class("-searching")
        self._search.seek("")
        self.area.focus()

    def on_search_bar_found(self, event: SearchBar.Found) -> None:
        """Mark the matches."""
        self.area.sought = event.sought
        self.area.redraw()

    def on_search_bar_all_replaced(self, event: SearchBar.AllReplaced) -> None:
        """Take the new text, in one edit."""
        with self._draft.history.alone():
            self._draft.answer(self.path, answer_for(self._question, event.text))
        self.post_message(DraftChanged())
        self.update_from(self._draft)
        self.notify(f"{event.count:,} replaced.")

    # --- variables

    def action_sample(self) -> None:
        """Show the text as it will sound, with a value for each variable, or the text again."""
        self.offer.close()
        self.toggle_class("-sample")
        view = self.query_one(SampleView)
        if not self.has_class("-sample"):
            self.area.focus()
            return
        text, samples = self.area.text, self._samples()
        view.load_text(render(text, samples))
        view.focus()

    def _samples(self) -> dict[str, str]:
        template = self._draft.based_on
        return dict(template.sample) if template else {}

    def _used(self) -> Mapping[str, tuple[Path, ...]]:
        return used_in(self._draft.compose())

    def _variable_names(self) -> list[str]:
        return [*self._used(), *self._samples(), *known_names(self._draft.compose())]

    @work(exclusive=True, group="variables")
    async def action_variables(self) -> None:
        """List the variables, to go to one, to insert one, to copy or to write the list."""
        self.offer.close()
        payload, used, samples = self._draft.compose(), self._used(), self._samples()
        options = {
            f"{{{{{name}}}}}": f"{name} · {samples.get(name) or sample(name)} · {_places(where)}"
            for name, where in used.items()
        }
        if used:
            options |= {
                "csv": "Copy them as the header of a CSV of contacts",
                "json": "Copy them as QCall's JSON description",
                "csv-file": "Save the CSV header to a file",
                "json-file": "Save the JSON description to a file",
            }
        known = {name: about for name, about in known_names(payload).items() if name not in used}
        options |= {f"{{{{{n}}}}}": f"Insert {n} · {about}" for n, about in known.items()}
        if not options:
            self.notify("There are no variables yet: QCall fills none in inbound calls.")
            return
        chosen = await self.app.push_screen_wait(Menu("Variables", options))
        if chosen is None:
            return
        if chosen.strip("{}") in known:
            self.area.take(chosen)
            return
        if chosen.startswith("{{"):
            self._go_to_text(chosen)
            return
        kind, _, file = chosen.partition("-")
        text = csv_header(payload) if kind == "csv" else description(payload, self._samples())
        if file:
            name = f"variables.{kind}"
            await ask_and_write(self.app, "Save the variables to", "A new file.", name, text)
        else:
            self.app.copy_to_clipboard(text)

    def _go_to_text(self, text: str) -> None:
        at = self.area.text.find(text)
        if at < 0:
            self.notify(f"{text} is used elsewhere, not in this text.")
            return
        self.area.move_cursor(self.area.document.location_of(at), center=True)
        end = self.area.document.location_of(at + len(text))
        self.area.move_cursor(end, select=True)

    # --- files and lines

    @work(exclusive=True, group="file")
    async def action_file(self) -> None:
        """Ask for a file, and insert its text at the cursor."""
        about = "Its text replaces the selection."
        text = await ask_and_do(self.app, "Insert a file", about, from_file)
        if text is not None:
            self.area.take(text)
            self.area.focus()

    def action_wrap(self) -> None:
        """Wrap long lines, or not."""
        self.area.soft_wrap = not self.area.soft_wrap


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _spoken(seconds: float) -> str:
    """Return a duration: `12 s`, `3 min 05 s`."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{seconds:.0f} s"


def _places(where: tuple[Path, ...]) -> str:
    """The fields that use a variable."""
    names = [pictured(labels_of(path)) for path in where]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
