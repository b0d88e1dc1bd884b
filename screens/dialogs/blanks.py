"""The form of the blanks: a row for each, with the sentence around it, and one input."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from screens.dialogs.page_help import PageHelp
from screens.messages import DraftChanged
from screens.widgets.component_styles import FIELD_COMPONENTS, component_style
from screens.widgets.inputs import LineInput, pictured
from screens.widgets.page_frame import Dialog
from wizard.draft.blanks import Blank, fill, fill_words, filled, takes_columns
from wizard.draft.draft import Draft

_KEPT = "a column of the contacts"


class BlankRow(Vertical):
    """One blank: its name, its sentence with the blank marked, its input."""

    def __init__(self, blank: Blank, *, takes_columns: bool) -> None:
        super().__init__(classes="blank")
        self.blank = blank
        self.is_column = False
        self._typed = ""
        self._sentence = Static()
        self.input = LineInput(compact=True)
        self._column = Button("", classes="blank-column", compact=True)
        self._column.display = takes_columns

    def compose(self) -> ComposeResult:
        """Name and place, sentence, input, and the choice of a column."""
        label = Content(self.blank.label).stylize("bold")
        place = Content(f"  {self.blank.where}").stylize("$text-muted")
        yield Static(label + place)
        yield self._sentence
        with Horizontal(classes="blank-answer"):
            yield self.input
            yield self._column

    def on_mount(self) -> None:
        """Show the blank as it is."""
        self.show({})

    def on_descendant_focus(self) -> None:
        """Keep the sentence in sight: Textual scrolls to the input."""
        self.call_after_refresh(self.scroll_visible, animate=False)

    @property
    def value(self) -> str:
        """The words for the blank; empty if it is left or kept."""
        return "" if self.is_column else self.input.value

    def row_help(self) -> PageHelp:
        """What the blank is, and where."""
        name = f"{{{{{self.blank.name}}}}}"
        text = f"{name} is in: {self.blank.where}.\n{self.blank.places[0].sentence.strip()}"
        return PageHelp(self.blank.label, text)

    def show(self, values: Mapping[str, str]) -> None:
        """Show the sentence with the words for all blanks in it, and whether this is a column."""
        place = self.blank.places[0]
        cuts = (slice(place.start), slice(place.start, place.end), slice(place.end, None))
        parts = (pictured(filled(place.sentence[cut], values)) for cut in cuts)
        before, words, after = map(Content, parts)
        marked = words.stylize(component_style(self, "text--found"))
        self._sentence.update(before + marked + after)
        sign = "☑" if self.is_column else "☐"
        self._column.label = f"{sign} Keep as a column"
        self.input.placeholder = _KEPT if self.is_column else ""

    def keep(self, *, as_column: bool) -> None:
        """Keep the blank as a column, or not; what was typed comes back with the blank."""
        if as_column == self.is_column:
            return
        self.is_column = as_column
        with self.prevent(Input.Changed):
            self._typed, self.input.value = self.input.value, "" if as_column else self._typed


class BlanksScreen(Dialog[None]):
    """Fills in blanks. Answers go to the draft as they are given, all of them as one edit."""

    COMPONENT_CLASSES = FIELD_COMPONENTS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Done", id="blanks.done"),
        Binding("ctrl+t", "column", "Keep as a column", id="blanks.column"),
        Binding("up", "app.focus_previous", show=False, id="blanks.up", priority=True),
        Binding("down", "app.focus_next", show=False, id="blanks.down", priority=True),
    ]

    def __init__(self, draft: Draft, found: Collection[Blank]) -> None:
        super().__init__()
        self._draft = draft
        self._takes_columns = takes_columns(draft)
        self._rows = [BlankRow(blank, takes_columns=self._takes_columns) for blank in found]
        self._found = found
        self._is_filled = False

    def contents(self) -> ComposeResult:
        """Title, rows, buttons."""
        about = "Your words replace the blank in every text."
        if self._takes_columns:
            about = f"Fill the blank in every text, or keep it as {_KEPT}."
        with Vertical(id="blanks"):
            yield Static(fill_words(self._found), classes="title")
            yield Static(about, classes="about")
            with VerticalScroll(id="blank-rows", can_focus=False):
                yield from self._rows
            with Horizontal(classes="buttons"):
                yield Button("Done", id="done", variant="primary", compact=True)
                if self._takes_columns:
                    yield Button("Keep rest", id="rest", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the contacts of an outbound assistant have columns, and a blank is one."""
        in_row = any(row.has_focus_within for row in self._rows)
        return action != "column" or (self._takes_columns and in_row)

    # --- answers

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take the words for a blank; they replace the column."""
        event.stop()
        row = next(row for row in self._rows if row.input is event.input)
        if event.value:
            row.is_column = False
        self._fill()

    def _fill(self) -> None:
        """Fill in the draft; the edit before is replaced, so that there is only one."""
        self._take_back()
        values = {row.blank.name: words for row in self._rows if (words := row.value.strip())}
        for row in self._rows:
            row.show(values)
        columns = [row.blank.name for row in self._rows if row.is_column]
        if values or columns:
            fill(self._draft, values, columns)
            self._is_filled = True
        self.post_message(DraftChanged())

    def _take_back(self) -> None:
        if self._is_filled:
            self._draft.undo()
            self._is_filled = False

    def _keep(self, row: BlankRow, *, as_column: bool) -> None:
        row.keep(as_column=as_column)
        self._fill()

    def action_column(self) -> None:
        """Keep the blank in focus as a column, or not."""
        for row in self._rows:
            if row.has_focus_within:
                self._keep(row, as_column=not row.is_column)

    # --- the way on

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next blank, or close behind the last."""
        event.stop()
        at = next(n for n, row in enumerate(self._rows) if row.input is event.input)
        if at + 1 < len(self._rows):
            self._rows[at + 1].input.focus()
        else:
            self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close, keep blanks as columns, or take all back."""
        event.stop()
        match event.button.id:
            case "done":
                self.dismiss(None)
            case "cancel":
                self._take_back()
                self.post_message(DraftChanged())
                self.dismiss(None)
            case "rest":
                for row in self._rows:
                    if not row.value.strip():
                        row.keep(as_column=True)
                self._fill()
                self.dismiss(None)
            case _:
                row = next(row for row in self._rows if event.button in row.query(Button))
                self._keep(row, as_column=not row.is_column)
