"""A text area that keeps every character, and draws only the rows that changed.

Textual's own draws all its rows at every key, and for each of them does work of the document's
length.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.reactive import Reactive, reactive
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import DocumentNavigator, Location, Selection

from screens.textual_internals.own_document import OwnDocumentTextArea
from screens.widgets import graphemes
from screens.widgets.component_styles import component_style
from screens.widgets.inputs import focus_next_field, one_line
from screens.widgets.text_layout import PlainDocument, WrappedLines, drawn, visible_columns
from wizard.formats.text import normal_newlines, too_long

# Characters around a row that are searched for marks: a line may be a whole script.
_AROUND = 200


class Mark(NamedTuple):
    """A part of a line or a row; `style` is one of `screens.widgets.component_styles`."""

    start: int
    end: int
    style: str


class _Row(NamedTuple):
    """Everything that is visible on a row, which is drawn again if this changes."""

    label: str
    is_here: bool
    text: str
    marks: tuple[Mark, ...]
    lead: int = 0


class PlainTextArea(OwnDocumentTextArea):
    """A text area that keeps every character that is typed, pasted or loaded.

    `marks_of` returns the parts of a line with a style. `takes_text` says that a printable key only
    inserts text.
    """

    takes_text: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+a", "select_all", "Select all", show=False, id="text.select_all"),
        Binding("ctrl+home", "edge(0)", "Beginning", show=False, id="text.begin"),
        Binding("ctrl+end", "edge(-1)", "End", show=False, id="text.end"),
        Binding("ctrl+shift+home", "edge(0, True)", show=False, id="text.select_begin"),
        Binding("ctrl+shift+end", "edge(-1, True)", show=False, id="text.select_end"),
    ]

    # The watcher draws the rows that changed.
    selection: Reactive[Selection] = reactive(
        Selection(), init=False, always_update=True, repaint=False
    )
    document: PlainDocument
    wrapped_document: WrappedLines

    def __init__(self, text: str = "", *, soft_wrap: bool = True) -> None:
        self._on_screen: dict[int, _Row | None] = {}
        self._drawn_for: tuple[Offset, Size] | None = None
        super().__init__(text, soft_wrap=soft_wrap, compact=True, highlight_cursor_line=False)
        # A blinking cursor would draw all the time.
        self.cursor_blink = False

    def set_text(self, text: str) -> None:
        """Hold another text. Textual calls this whenever it loads one."""
        self.document = PlainDocument(text)
        self.wrapped_document = WrappedLines(self.document)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self.move_cursor((0, 0))
        self.fold()
        self.refresh()

    def fold(self) -> None:
        """Fold the text for the width of the widget."""
        with self._in_place():
            self.wrapped_document.wrap(self.wrap_width)

    def action_edge(self, index: int, select: bool = False) -> None:
        """Move to the beginning or the end of the text, optionally selecting."""
        self.move_cursor((self.document.start, self.document.end)[index], select=select)

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """Keep the cursor, or else the first row, at its place while rows are folded again."""
        rows, top = self.wrapped_document, self.scroll_offset.y
        height = self._drawn_for[1].height if self._drawn_for else self.size.height
        place, below = self.cursor_location, rows.location_to_offset(self.cursor_location).y - top
        if not (self.has_focus and 0 <= below < height):
            line, section = rows.place_of_row(top)
            place, below = (line, rows.columns(line, section)[0]), 0
        yield
        self.measure()
        y = rows.location_to_offset(place).y - min(below, max(0, self.size.height - 1))
        if y != self.scroll_offset.y:
            self.scroll_to(y=y, animate=False, force=True, immediate=True)

    # --- the cursor moves by grapheme clusters

    def get_cursor_left_location(self) -> Location:
        """The place before the cluster to the left."""
        row, column = self.cursor_location
        if not column:
            return super().get_cursor_left_location()
        return row, graphemes.before(self.document.get_line(row), column)

    def get_cursor_right_location(self) -> Location:
        """The place behind the cluster to the right."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if column == len(line):
            return super().get_cursor_right_location()
        return row, graphemes.after(line, column)

    def get_cursor_up_location(self) -> Location:
        """The place in the row above, before a cluster."""
        return self._before_cluster(super().get_cursor_up_location())

    def get_cursor_down_location(self) -> Location:
        """The place in the row below, before a cluster."""
        return self._before_cluster(super().get_cursor_down_location())

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        """The place under the mouse, before a cluster."""
        return self._before_cluster(super().get_target_document_location(event))

    def get_cursor_word_left_location(self) -> Location:
        """The beginning of the word to the left."""
        return self._before_cluster(super().get_cursor_word_left_location())

    def get_cursor_word_right_location(self) -> Location:
        """The end of the word to the right; a mark is part of the cluster before it."""
        row, column = super().get_cursor_word_right_location()
        line = self.document.get_line(row)
        start = graphemes.start_of(line, column)
        return row, column if start == column else graphemes.after(line, start)

    def _before_cluster(self, place: Location) -> Location:
        row, column = place
        return row, graphemes.start_of(self.document.get_line(row), column)

    def action_delete_left(self) -> None:
        """Delete the selection, or the cluster to the left."""
        row, column = self.cursor_location
        if self.read_only or not self.selection.is_empty or not column:
            super().action_delete_left()
            return
        start = graphemes.erased(self.document.get_line(row), column)
        self.delete((row, start), (row, column), maintain_selection_offset=False)

    def find_matching_bracket(self, bracket: str, search_from: Location) -> None:
        """Match no brackets: that searches the whole text at every key."""

    # --- drawing

    def marks_of(self, line: str) -> Iterable[Mark]:
        """The styled parts of a piece of a line."""
        return ()

    def watch_selection(self) -> None:
        """Draw the rows that the new selection changes."""
        self.redraw()

    def redraw(self) -> None:
        """Draw the rows that look different from before."""
        if self._drawn_for != (self.scroll_offset, self.size):
            self.refresh()
            return
        for y, before in self._on_screen.items():
            if self._row(y) != before:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw rows, without the work that Textual's text area does first."""
        now = (self.scroll_offset, self.size)
        if self._drawn_for != now:
            self._drawn_for = now
            self._on_screen.clear()
        return super(TextArea, self).render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        row = self._on_screen[y] = self._row(y)
        if row is None:
            return Strip.blank(self.size.width, self.rich_style)
        width = self.scrollable_content_region.width
        return Strip(self._segments(row)).adjust_cell_length(width, self.rich_style)

    def _row(self, y: int) -> _Row | None:
        """The content of a row of the widget; None below the text."""
        rows = self._rows()
        y += self.scroll_offset.y
        if y >= rows.height:
            return None
        index, section = rows.place_of_row(y)
        start, end = rows.columns(index, section)
        line = rows.document.get_line(index)
        lead = 0
        if not self.soft_wrap:
            width = self.scrollable_content_region.width
            start, end, lead = visible_columns(line, self.scroll_offset.x, width)
        is_last = end == len(line)
        marks = [*self._marks_in(line, start, end)] if rows is self.wrapped_document else []
        if rows is not self.wrapped_document:
            marks.append(Mark(start, end, "text--behind"))
        marks += self._selected(index, start, end, is_last=is_last)
        label = str(index + self.line_number_start) if section == 0 else ""
        is_here = self.show_line_numbers and index == self.selection.end[0]
        clipped = (
            Mark(max(a, start) - start, min(b, end + is_last) - start, style)
            for a, b, style in marks
            if a < end + is_last and b > start
        )
        return _Row(label, is_here, line[start:end], tuple(clipped), lead)

    def _rows(self) -> WrappedLines:
        """The rows to draw: of the text, or of the placeholder if there is no text."""
        if not self.placeholder or self.document.end != (0, 0):
            return self.wrapped_document
        return WrappedLines(PlainDocument(str(self.placeholder)), self.wrap_width)

    def _marks_in(self, line: str, start: int, end: int) -> Iterator[Mark]:
        at = max(0, start - _AROUND)
        for mark in self.marks_of(line[at : end + _AROUND]):
            yield Mark(mark.start + at, mark.end + at, mark.style)

    def _selected(self, index: int, start: int, end: int, *, is_last: bool) -> Iterator[Mark]:
        """The parts of the selection and the cursor that are on a row."""
        (top, left), (bottom, right) = sorted(self.selection)
        if top <= index <= bottom and (top, left) != (bottom, right):
            # A line end that is selected shows as one cell.
            yield Mark(
                left if index == top else 0,
                right if index == bottom else end + 1,
                "text--selection",
            )
        row, column = self.selection.end
        is_shown = self.has_focus and (self.show_cursor or not self.read_only)
        is_on_row = start <= column < end or (is_last and column == end)
        if is_shown and row == index and is_on_row:
            yield Mark(column, graphemes.after(self.document.get_line(row), column), "text--cursor")

    def _segments(self, row: _Row) -> Iterator[Segment]:
        base = self.rich_style
        if self.show_line_numbers:
            look = "text--gutter-here" if row.is_here else "text--gutter"
            yield Segment(f"{row.label:>{self.gutter_width - 2}}  ", base + self._look(look))
        yield Segment(" " * row.lead, base)
        text = row.text + " "
        cuts = {0, len(text), *(m.start for m in row.marks), *(m.end for m in row.marks)}
        for start, end in pairwise(sorted(cuts)):
            style = base
            for mark in row.marks:
                if mark.start <= start < mark.end:
                    style += self._look(mark.style)
            yield Segment(drawn(text[start:end]), style)

    def _look(self, name: str) -> Style:
        return (self.visual_style + component_style(self, name)).rich_style

    # --- keys and pastes

    def action_undo(self) -> None:
        """Undo the last change of the draft, which has the only history."""
        self.call_next(self.app.run_action, "undo")

    def action_redo(self) -> None:
        """Redo the last undone change of the draft."""
        self.call_next(self.app.run_action, "redo")

    def on_key(self, event: events.Key) -> None:
        """Take the characters that Textual drops because they are not printable."""
        if event.character and _is_invisible_text(event.character) and not self.read_only:
            event.stop()
            event.prevent_default()
            self.replace(event.character, *self.selection, maintain_selection_offset=False)

    def take_paste(self, text: str) -> None:
        """Take a paste, with line feeds as its line ends."""
        self.take(self.pasted(normal_newlines(text)))

    def action_paste(self) -> None:
        """Paste the text that was copied inside the wizard."""
        self.take(self.pasted(self.app.clipboard))

    def take(self, text: str) -> None:
        """Replace the selection by a text, or report that it is too long."""
        if not text or self.read_only:
            return
        if reason := too_long(len(self.document.text) + len(text)):
            message = f"{reason.capitalize()}. Nothing was inserted."
            self.notify(message, severity="error", markup=False)
            return
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def pasted(self, text: str) -> str:
        """The part of a pasted text to insert; line ends are `\n` already."""
        return text

    def splice(self, at: int, out: int, into: str) -> None:
        """Put a text in the place of `out` characters behind the first `at`."""
        self.replace(
            into,
            self.document.location_of(at),
            self.document.location_of(at + out),
            maintain_selection_offset=False,
        )


def _is_invisible_text(character: str) -> bool:
    """Format characters (joiners, bidi marks), marks, private use: text, though not printable."""
    return not character.isprintable() and unicodedata.category(character) in ("Cf", "Mn", "Co")


class FieldTextArea(PlainTextArea):
    """A text area in which Enter goes on to the next field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Next field", show=False, id="field.next"),
    ]

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Let Enter reach the binding."""
        return key != "enter" and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Go on to the next field at Enter, at which `TextArea` would insert a line end."""
        if event.key == "enter":
            event.prevent_default()
        else:
            super().on_key(event)

    def action_submit(self) -> None:
        """Go on to the next field."""
        focus_next_field(self)


class LineEdit(FieldTextArea):
    """A text area of one line; a loaded text of many lines stays as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__(text, soft_wrap=False)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Show the cursor in a focused field, the beginning in others."""
        if self.has_focus and self.size:
            return super().scroll_cursor_visible(center, animate)
        before = self.scroll_offset
        self.scroll_to(0, 0, animate=False, force=True)
        return self.scroll_offset - before

    def on_resize(self) -> None:
        """Show the cursor: a field may have the focus before it has a size."""
        self.scroll_cursor_visible()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Scroll to the cursor when focused, to the beginning when left."""
        super().watch_has_focus(has_focus)
        self.scroll_cursor_visible()

    def pasted(self, text: str) -> str:
        """Join pasted lines with spaces and report it."""
        return one_line(self, text)
