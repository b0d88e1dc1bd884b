"""The voices of a catalogue as a list, and the chosen voice as one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widgets import Static

from screens.dialogs.page_help import PageHelp
from screens.widgets.inputs import pictured
from screens.widgets.virtual_list import VirtualList, list_bindings

if TYPE_CHECKING:
    from wizard.api.voice_catalogue import Voice


# The least columns for all of a voice, and for a short form of it.
_FULL_WIDTH, _SHORT_WIDTH = 68, 36


def _column(text: str, width: int, style: RichStyle) -> list[Segment]:
    """A text in a column with a space behind it; what has no room ends with an ellipsis."""
    shown = Content(pictured(text)).truncate(width - 1, ellipsis=True).plain
    return list(Strip([Segment(shown, style)]).adjust_cell_length(width, style))


class VoiceList(VirtualList):
    """The voices found, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = list_bindings("Choose voice", "voice")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "voice--cursor",
        "voice--here",
        "voice--chosen",
        "voice--dim",
    }

    class Left(Message):
        """The cursor was moved up from the first voice."""

    @dataclass
    class Chosen(VirtualList.Chosen):
        """A voice was chosen."""

        voice: Voice

    def __init__(self) -> None:
        super().__init__()
        self.voices: Sequence[Voice] = ()
        self._chosen_id = ""
        self._playing_id = ""

    @property
    def count(self) -> int:
        """How many voices there are."""
        return len(self.voices)

    @property
    def here(self) -> Voice | None:
        """The voice at the cursor."""
        return self.voices[self.cursor] if self.voices else None

    def show(self, voices: Sequence[Voice]) -> None:
        """List other voices; the cursor is at the chosen one, or at the first."""
        self.voices = voices
        places = (n for n, voice in enumerate(voices) if voice.voice_id == self._chosen_id)
        self.lay_out(cursor=next(places, 0))

    def mark(self, voice_id: str) -> None:
        """Mark the voice that the draft has."""
        if voice_id != self._chosen_id:
            self._chosen_id = voice_id
            self.refresh()

    def mark_playing(self, voice_id: str) -> None:
        """Mark the voice that is heard."""
        self._playing_id = voice_id
        self.refresh()

    def row_help(self) -> PageHelp | None:
        """What is known of the voice at the cursor."""
        voice = self.here
        if voice is None:
            return None
        spoken = voice.language_name or voice.language
        known = {"Accent": voice.accent, "Gender": voice.gender, "Family": voice.family}
        known |= {"Language": spoken, "ID": voice.voice_id}
        lines = (f"{label}: {value}" for label, value in known.items() if value)
        return PageHelp(voice.title, "\n".join([*lines, "Enter chooses it, P plays its sample."]))

    def action_move(self, by: int) -> None:
        """Up and down, and no further than to the ends."""
        if by < 0 and not self.cursor:
            self.post_message(self.Left())
        self.cursor = max(0, min(self.count - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        """Move by one page, with one line of overlap."""
        self.action_move(by * max(1, self.size.height - 1))

    def choose(self, index: int) -> None:
        """Post the chosen voice."""
        self.post_message(self.Chosen(index, self.voices[index]))

    def look_of(self, index: int) -> Style:
        """The style of the chosen voice and of the cursor, which Enter in the search chooses."""
        return self.get_visual_style(*self._kinds(index))

    def _kinds(self, index: int) -> tuple[str, ...]:
        chosen = ("voice--chosen",) if self.voices[index].voice_id == self._chosen_id else ()
        if index != self.cursor:
            return chosen
        return (*chosen, "voice--cursor" if self.has_focus else "voice--here")

    def draw(self, index: int, style: Style) -> list[Strip]:
        """Draw one voice: sign, name, accent, gender, family, language."""
        voice, width = self.voices[index], self.scrollable_content_region.width
        base = style.rich_style
        dim = self.get_visual_style(*self._kinds(index), "voice--dim").rich_style
        language = voice.language_name or voice.language
        if width >= _FULL_WIDTH:
            columns = [(voice.name, 25), (voice.accent, 15), (voice.gender, 8)]
            quiet = [(voice.family, 12), (language, width)]
        else:
            # There is no room for the language, by which the list is filtered. The family has
            # its room before the name takes more.
            spare = width - _SHORT_WIDTH
            name = 10 + (spare if spare < 0 else max(0, spare - 4))
            columns = [(voice.title, name), (voice.accent, 10), (voice.gender, 7)]
            quiet = [(voice.family, width - 18 - name)]
        parts = [Segment(self._sign(voice), base)]
        parts += [cell for text, room in columns for cell in _column(text, room, base)]
        parts += [cell for text, room in quiet for cell in _column(text, room, dim)]
        return [Strip(parts).adjust_cell_length(width, base)]

    def _sign(self, voice: Voice) -> str:
        if voice.voice_id == self._playing_id:
            return "♪ "
        return "● " if voice.voice_id == self._chosen_id else "○ "


class VoiceLine(Horizontal, can_focus=True):
    """The chosen voice in one line; Enter or a click opens the list again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Change voice", id="voice.change")
    ]

    class Opened(Message):
        """A person wants to choose another voice."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Static(id="voice-words")

    def compose(self) -> ComposeResult:
        """A label as the rows below have one, and the voice."""
        yield Static("Voice", id="voice-label")
        yield self._words

    def show(self, words: str) -> None:
        """Show a voice."""
        change = Content("change").stylize("underline")
        self._words.update(Content(f"{pictured(words)} · ") + change)

    def action_open(self) -> None:
        """Open the list."""
        self.post_message(self.Opened())

    def on_click(self) -> None:
        """Open the list."""
        self.action_open()
