"""The editor over the whole screen: one text, with line numbers, search, variables and counts."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from screens import flows
from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.form.controls import AnswerChanged, TextAreaControl, TextControl
from screens.messages import DraftChanged
from screens.widgets.component_styles import LOOKS
from screens.widgets.inputs import CalmInput, pictured
from screens.widgets.page_frame import Keys, Page, TooSmall, TopLine
from screens.widgets.search import Places
from screens.widgets.text_area import Mark, PlainTextArea
from wizard.advice.speech import Counts, counts
from wizard.advice.variables import KNOWN, csv_header, description, render, sample, used_in
from wizard.contract.fields import Question
from wizard.draft.draft import Draft
from wizard.errors import Unreadable
from wizard.exchange.external_editor import from_file
from wizard.formats import paths
from wizard.formats.paths import Path

if TYPE_CHECKING:
    from screens.services import FlowApp

# The pause after which counts are shown, in seconds.
_CALM_SECONDS = 0.3
# Names that are offered at once; more letters narrow them down.
_OFFERED = 6
# The text before the cursor while a variable is being typed.
_BEGUN = re.compile(r"\{\{\s*([A-Za-z0-9_]{0,60})$")


class EditorArea(TextControl):
    """The text; keys that choose among offered names are taken from it while there are some."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.show_line_numbers = True
        self.sought: re.Pattern[str] | None = None

    @property
    def goes_on(self) -> bool:
        """Never: every key is the text's."""
        return False

    def marks_of(self, line: str) -> Iterator[Mark]:
        """Marks variables and search results."""
        yield from super().marks_of(line)
        for found in self.sought.finditer(line) if self.sought else ():
            yield Mark(found.start(), found.end(), "text--found")

    def on_key(self, event: events.Key) -> None:
        """Let the offered names have their keys."""
        editor = self.screen
        if isinstance(editor, EditorScreen) and editor.offer_takes(event.key):
            event.stop()
            event.prevent_default()
        else:
            super().on_key(event)

    def on_blur(self) -> None:
        """An emptied text stays empty here until the editor is left."""


class SampleView(PlainTextArea):
    """A text as it will sound, with a sample value in place of each variable."""


class EditorScreen(Page[tuple[int, int]]):
    """Edits the answer at a path, as a control of the form does; returns the cursor's place.

    Every key is an answer, as in the form, so nothing has to be saved.
    """

    COMPONENT_CLASSES = LOOKS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Done", id="editor.close"),
        Binding("f4", "app.external_editor", "Own editor", id="editor.external", priority=True),
        Binding("f5", "sample", "Sample", id="editor.sample", priority=True),
        Binding("ctrl+f", "search", "Find", id="editor.find", priority=True),
        Binding("f3", "find(1)", "Next", show=False, id="editor.next", priority=True),
        Binding("shift+f3", "find(-1)", show=False, id="editor.previous", priority=True),
        Binding("ctrl+l", "variables", "Variables", id="editor.variables", priority=True),
        Binding("ctrl+o", "file", "File", id="editor.file", priority=True),
        Binding("alt+z", "wrap", "Wrap", id="editor.wrap", priority=True),
        Binding("f6", "close", "Close", show=False, id="editor.toggle", priority=True),
        Binding("f2", "app.steps", "Steps", show=False, id="editor.steps", priority=True),
        Binding("f9", "app.preview", "Preview", show=False, id="editor.preview", priority=True),
        Binding("ctrl+z", "undo", "Undo", show=False, id="editor.undo", priority=True),
        Binding("ctrl+y", "redo", "Redo", show=False, id="editor.redo", priority=True),
    ]

    def __init__(self, draft: Draft, path: Path, control: TextAreaControl) -> None:
        super().__init__()
        self.path = path
        self._draft = draft
        self._question = control.question
        self._default = control.default
        self._begin_at = control.cursor_location
        self._area = EditorArea(control.question)
        self._calm: Timer | None = None
        self._names: tuple[str, ...] | None = None
        self._places: Places | None = None

    def compose(self) -> ComposeResult:
        """Heading, text, search, counts, keys."""
        yield TopLine()
        with Horizontal(id="editor-head"):
            yield Static(Content(self._question.label), classes="title")
            yield Static(Content(self._question.ask.help), classes="about")
        yield self._area
        yield SampleView()
        with Vertical(id="editor-search"):
            with Horizontal():
                yield Static("Find", classes="search-label")
                yield CalmInput(id="search-text", compact=True)
                yield Static(id="search-count")
            with Horizontal():
                yield Static("Replace", classes="search-label")
                yield CalmInput(id="search-into", compact=True)
                yield Button("All", id="search-all", compact=True)
        with Horizontal(id="editor-foot"):
            yield Static(id="editor-place")
            yield Static(id="editor-counts")
        yield OptionList(id="editor-offer", markup=False)
        yield Keys()
        yield TooSmall()

    def on_mount(self) -> None:
        """Show the text at the cursor's place in the form."""
        self.query_one(SampleView).read_only = True
        self.query_one("#editor-offer").can_focus = False
        self.update_from(self._draft)
        self._area.move_cursor(self._begin_at)
        self._area.focus()
        self._show_place()
        self._count()

    @property
    def area(self) -> EditorArea:
        """The text."""
        return self._area

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor."""
        return self._area.cursor_location

    def update_from(self, draft: Draft) -> None:
        """Follow the draft."""
        self._draft = draft
        if not self._area.is_awaited:
            self._area.show(draft.get(self.path), self._default)
        self._show_place()
        self._later()

    async def on_answer_changed(self, event: AnswerChanged) -> None:
        """Take an answer."""
        self._draft.answer(self.path, event.take())
        self.post_message(DraftChanged())
        self._later()
        await self._offer_names()

    def on_text_area_selection_changed(self) -> None:
        """Show the cursor's place."""
        self._show_place()
        if self._is_offering and not self._begun():
            self._close_offer()

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
        lines = self._area.document.line_count
        message = f"Line {row + 1:,} of {lines:,}, column {column + 1:,}"
        self.query_one("#editor-place", Static).update(Content(message), layout=False)

    def _later(self) -> None:
        """Count when it is calm: counting a long text takes longer than a key may."""
        if self._calm:
            self._calm.stop()
        self._calm = self.set_timer(_CALM_SECONDS, self._count)

    def _count(self) -> None:
        situation = self._draft.applicability()
        self._count_in_thread(
            self._area.text, situation.value("language"), situation.value("voice_speed")
        )

    # Without a description Textual writes down the whole text.
    @work(exclusive=True, group="count", exit_on_error=False, description="count")
    async def _count_in_thread(self, text: str, language: Any, speed: Any) -> None:
        self._show_counts(await to_thread(counts, text, language, speed))

    def _show_counts(self, found: Counts) -> None:
        size = f"{_many(found.characters, 'character')}, {_many(found.words, 'word')}"
        message = f"{size}, {_spoken(found.seconds)}"
        for shown in self.query("#editor-counts").results(Static):
            shown.update(Content(message), layout=False)

    # --- undo

    def action_undo(self) -> None:
        """Take the draft's last change back."""
        self._step_through(self._draft.undo(), "There is nothing left to undo.")

    def action_redo(self) -> None:
        """Make the last undone change again."""
        self._step_through(self._draft.redo(), "There is nothing left to redo.")

    def _step_through(self, path: Path | None, nothing: str) -> None:
        if path is None:
            self.notify(nothing, markup=False)
            return
        self.post_message(DraftChanged())
        self.update_from(self._draft)
        if path != self.path:
            self.notify(f"That was a change of {paths.write(path)}.", markup=False)

    # --- search

    def action_search(self) -> None:
        """Open the search with the selected text."""
        self._close_offer()
        self.add_class("-searching")
        field = self.query_one("#search-text", CalmInput)
        selected = self._area.selected_text
        if selected and "\n" not in selected:
            field.value = selected
        field.focus()
        field.select_all()
        self._seek(field.value)

    def _seek(self, text: str) -> None:
        """Have the places of a text shown, and found from now on; capitals count if it has any."""
        flags = re.IGNORECASE if text == text.lower() else 0
        self._area.sought = re.compile(re.escape(text), flags) if text else None
        self._area.redraw()

    def _close_search(self) -> None:
        self.remove_class("-searching")
        self._area.sought = self._places = None
        self._area.redraw()
        self._area.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed, from the cursor on."""
        event.stop()
        if event.input.id == "search-text":
            self._area.move_cursor(min(self._area.selection))
            self._seek(event.value)
            self.action_find(1, stay=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter finds the next, and in the lower field replaces the one that was found."""
        event.stop()
        if event.input.id == "search-into":
            self._replace_one()
        else:
            self.action_find(1)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Replace all."""
        event.stop()
        self._replace_all()

    def action_find(self, way: int, stay: bool = False) -> None:
        """Go to the next place, or the one before, around the ends of the text."""
        sought, text = self._area.sought, self._area.text
        if sought is None:
            self._show_match("")
        elif self._places and self._places.are_of(text, sought):
            self._go_to_place(self._places, way, stay=stay)
        else:
            self._places = Places.find(text, sought)
            self._go_to_place(self._places, way, stay=stay)

    def _go_to_place(self, places: Places, way: int, *, stay: bool) -> None:
        area = self._area
        if not places.count:
            self._show_match("none")
            return
        here = area.document.index_of(min(area.selection))
        number = places.nearest(here, way, stay=stay or area.selection.is_empty)
        start, end = map(area.document.location_of, places.span(number))
        area.move_cursor(start, center=True)
        area.move_cursor(end, select=True)
        self._show_match(f"{number + 1:,} of {places.count:,}")

    def _show_match(self, message: str) -> None:
        self.query_one("#search-count", Static).update(Content(message))

    def _replace_one(self) -> None:
        sought, area = self._area.sought, self._area
        if sought and sought.fullmatch(area.selected_text):
            into = self.query_one("#search-into", Input).value
            area.replace(into, *area.selection, maintain_selection_offset=False)
        self.action_find(1)

    def _replace_all(self) -> None:
        sought, into = self._area.sought, self.query_one("#search-into", Input).value
        if sought:
            self._replace_in_thread(self._area.text, sought, into)

    @work(exclusive=True, group="replace", exit_on_error=False, description="replace")
    async def _replace_in_thread(self, text: str, sought: re.Pattern[str], into: str) -> None:
        """Take the text with all replacements; start again if it changed during the search."""
        made, number = await to_thread(sought.subn, into.replace("\\", r"\\"), text)
        if self._area.text is not text:
            self._replace_all()
            return
        self._replace_text(made)
        self.notify(f"{number:,} replaced.", markup=False)

    def _replace_text(self, text: str) -> None:
        """Take another text, in one edit."""
        with self._draft.history.alone():
            self._draft.answer(self.path, self._area.answer_for(text))
        self.post_message(DraftChanged())
        self.update_from(self._draft)

    # --- variables

    def action_sample(self) -> None:
        """Show the text as it will sound, with a value for each variable, or the text again."""
        self._close_offer()
        self.toggle_class("-sample")
        view = self.query_one(SampleView)
        if not self.has_class("-sample"):
            self._area.focus()
            return
        text, samples = self._area.text, self._samples()
        view.load_text(render(text, samples))
        view.focus()

    def _samples(self) -> dict[str, str]:
        template = self._draft.based_on
        return dict(template.sample) if template else {}

    async def _used(self) -> Mapping[str, tuple[Path, ...]]:
        """The variables of the draft; 10 MB of text are looked through for 30 ms."""
        return await to_thread(used_in, self._draft.compose())

    @work(exclusive=True, group="variables")
    async def action_variables(self) -> None:
        """List the variables of the draft, to go to one, to copy or to write the list."""
        self._close_offer()
        used, samples = await self._used(), self._samples()
        options = {
            f"{{{{{name}}}}}": f"{name} · {samples.get(name) or sample(name)} · {_places(where)}"
            for name, where in used.items()
        }
        if not options:
            self.notify("There are no variables yet: write one as {{first_name}}.", markup=False)
            return
        options |= {
            "csv": "Copy them as the header of a CSV of contacts",
            "json": "Copy them as QCall's JSON description",
            "csv-file": "Write the CSV header to a file",
            "json-file": "Write the JSON description to a file",
        }
        chosen = await self.app.push_screen_wait(Menu("Variables", options))
        if chosen is None:
            return
        if chosen.startswith("{{"):
            self._go_to_text(chosen)
            return
        kind, _, file = chosen.partition("-")
        payload = self._draft.compose()
        text = csv_header(payload) if kind == "csv" else description(payload, self._samples())
        if file:
            app = cast("FlowApp", self.app)
            name = f"variables.{kind}"
            await flows.export.ask_and_write(
                app, "Write the variables to", "A new file.", name, text
            )
        else:
            self.app.copy_to_clipboard(text)

    def _go_to_text(self, text: str) -> None:
        at = self._area.text.find(text)
        if at < 0:
            self.notify(f"{text} is used elsewhere, not in this text.", markup=False)
            return
        self._area.move_cursor(self._area.document.location_of(at), center=True)
        end = self._area.document.location_of(at + len(text))
        self._area.move_cursor(end, select=True)

    @property
    def _is_offering(self) -> bool:
        return self.has_class("-offering")

    def _begun(self) -> re.Match[str] | None:
        """The variable that is being written at the cursor."""
        row, column = self.cursor
        return _BEGUN.search(self._area.document.get_line(row)[max(0, column - 64) : column])

    async def _offer_names(self) -> None:
        """Offer the names that complete the typed one."""
        if self._names is None and self._begun():
            self._names = tuple(dict.fromkeys([*await self._used(), *self._samples(), *KNOWN]))
        begun = self._begun()
        if not begun or self._names is None:
            self._close_offer()
            return
        letters = begun[1].lower()
        fitting = [name for name in self._names if name.startswith(letters)]
        fitting += [name for name in self._names if letters in name and name not in fitting]
        self._show_offer(fitting[:_OFFERED])

    def _show_offer(self, names: Iterable[str]) -> None:
        offer = self.query_one("#editor-offer", OptionList)
        offer.clear_options()
        offer.add_options(Option(name, id=name) for name in names)
        self.set_class(offer.option_count > 0, "-offering")
        if offer.option_count:
            offer.highlighted = 0
            x, y = self._area.cursor_screen_offset
            height = offer.option_count
            below = y + 1 + height < self.size.height - 2
            offer.styles.offset = (min(x, self.size.width - 34), y + 1 if below else y - height)

    def _close_offer(self) -> None:
        self._names = None
        self.remove_class("-offering")

    def offer_takes(self, key: str) -> bool:
        """Handle a key for the offered names; return whether it was one."""
        if not self._is_offering:
            return False
        offer = self.query_one("#editor-offer", OptionList)
        match key:
            case "up":
                offer.action_cursor_up()
            case "down":
                offer.action_cursor_down()
            case "enter" | "tab":
                offer.action_select()
            case "escape":
                self._close_offer()
            case _:
                return False
        return True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Write the rest of the variable."""
        event.stop()
        self._close_offer()
        begun = self._begun()
        row, column = self.cursor
        if begun:
            behind = self._area.document.get_line(row)[column:]
            braces = "" if behind.startswith("}}") else "}}"
            start = (row, column - len(begun[0]))
            name = f"{{{{{event.option_id}{braces}"
            self._area.replace(name, start, (row, column), maintain_selection_offset=False)
            if not braces:
                self._area.move_cursor((row, self.cursor[1] + 2))
        self._area.focus()

    # --- files and looks

    @work(exclusive=True, group="file")
    async def action_file(self) -> None:
        """Ask for a file, and insert its text at the cursor."""
        about = "Its text replaces the selection."
        name = await self.app.push_screen_wait(PromptScreen("Insert a file", about))
        if not name or not name.strip():
            return
        try:
            text = from_file(name.strip())
        except Unreadable as error:
            self.notify(f"{error}.", severity="error", markup=False)
            return
        self._area.take(text)
        self._area.focus()

    def action_wrap(self) -> None:
        """Let long lines go on on the next row, or off the screen."""
        self._area.soft_wrap = not self._area.soft_wrap


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _spoken(seconds: float) -> str:
    """A time as it is said of a call: `12 s`, `3 min 05 s`."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{seconds:.0f} s"


def _places(where: tuple[Path, ...]) -> str:
    """The fields that use a variable."""
    names = [pictured(paths.write(path)) for path in where]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
