"""Text editing that keeps every character: joiners, rare line separators, control characters."""

import unicodedata
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import Document, EditResult, Location
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.widgets import Input, TextArea

from wizard.payloads import normal_newlines

# What a terminal would act on, or cannot be written, has a picture.
_PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if code != 0x09},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
    0x2028: 0x2424,
    0x2029: 0x2424,
}


def pictured(text: str) -> str:
    """A text as it is shown, with pictures for what a terminal would obey; of the same length."""
    return text if text.isprintable() else text.translate(_PICTURES)


class _Lines(str):
    """Text whose only line ends are `\\n`, where `str` knows ten."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        """Split at `\\n`; like `str.splitlines`, without an empty line behind the last `\\n`."""
        lines = self.split("\n")
        if not lines[-1]:
            lines.pop()
        return [line + "\n" for line in lines] if keepends else lines


class PlainDocument(Document):
    """A document that splits at `\\n` alone, so that what was loaded comes out as it went in."""

    def __init__(self, text: str) -> None:
        super().__init__(_Lines(text))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace a range; see `Document.replace_range`."""
        return super().replace_range(start, end, _Lines(text))


class PlainTextArea(TextArea):
    """A text area that keeps every character that is typed, pasted or loaded."""

    def __init__(self, text: str = "", *, soft_wrap: bool = True) -> None:
        super().__init__(
            _Lines(text), soft_wrap=soft_wrap, compact=True, highlight_cursor_line=False
        )
        # A cursor that blinks draws for ever; a terminal that wants one blinks its own.
        self.cursor_blink = False
        self._adopt(text)

    def _adopt(self, text: str) -> None:
        self.document = PlainDocument(text)
        self.wrapped_document = WrappedDocument(self.document, tab_width=self.indent_width)
        self.wrapped_document.wrap(self.wrap_width, self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)

    def load_text(self, text: str) -> None:
        """Replace the whole text and forget the editing history."""
        super().load_text(_Lines(text))
        self._adopt(text)

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn."""
        line = self.document.get_line(line_index)
        return Text(pictured(line), end="", no_wrap=True)

    def on_key(self, event: events.Key) -> None:
        """Take the characters that Textual does not count as printable and drops."""
        if event.character and _is_invisible_text(event.character) and not self.read_only:
            event.stop()
            event.prevent_default()
            self.replace(event.character, *self.selection, maintain_selection_offset=False)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = self.pasted(normal_newlines(event.text))
        if text and not self.read_only:
            result = self.replace(text, *self.selection, maintain_selection_offset=False)
            self.move_cursor(result.end_location)

    def pasted(self, text: str) -> str:
        """What of a pasted text is taken; line ends are `\\n` already."""
        return text


def _is_invisible_text(character: str) -> bool:
    """Format characters (joiners, bidi marks), marks, private use: text, though not printable."""
    return not character.isprintable() and unicodedata.category(character) in ("Cf", "Mn", "Co")


class LineEdit(PlainTextArea):
    """One line of text; a text of many lines that was loaded into it stays as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Next field", show=False, id="field.next"),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__(text, soft_wrap=False)

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Let Enter reach the binding."""
        return key != "enter" and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Enter goes on to the next field; TextArea would take it for a line end."""
        if event.key == "enter":
            event.prevent_default()
        else:
            super().on_key(event)

    def pasted(self, text: str) -> str:
        """Join pasted lines with spaces and say so."""
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1:
            told = f"{len(lines)} lines were joined: this field holds one line."
            self.notify(told, title="Pasted", markup=False)
            return " ".join(line.strip() for line in lines)
        return lines[0] if lines else text.replace("\n", " ")

    async def action_submit(self) -> None:
        """Go on to the next field."""
        self.screen.focus_next()


class CalmInput(Input):
    """An input whose cursor does not blink; what it holds is never an answer, but for secrets."""

    def on_mount(self) -> None:
        """See `PlainTextArea`."""
        self.cursor_blink = False


class SecretInput(CalmInput):
    """One line that is shown as dots, and that does not go to the clipboard while it is."""

    def action_copy(self) -> None:
        """Copy the selected text, unless it is hidden."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selected text, unless it is hidden."""
        if not self.password:
            super().action_cut()
