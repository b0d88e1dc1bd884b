"""The voice catalogue on the screen: search, filter by language, choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.widgets import Button, Input, Static

from screens.widgets.inputs import CalmInput, pictured
from screens.widgets.virtual_list import VirtualList, list_bindings
from wizard.contract.choices import LANGUAGES
from wizard.formats.paths import Path

if TYPE_CHECKING:
    from wizard.api.voice_catalogue import Catalogue, Voice


class VoiceList(VirtualList):
    """The voices found, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = list_bindings("Choose voice", "voice")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"voice--cursor", "voice--chosen", "voice--dim"}

    class Chosen(VirtualList.Chosen):
        """A voice was chosen."""

        def __init__(self, index: int, voice: Voice) -> None:
            super().__init__(index)
            self.voice = voice

    def __init__(self) -> None:
        super().__init__()
        self._voices: Sequence[Voice] = ()
        self._chosen_id: object = None

    @property
    def count(self) -> int:
        """How many voices there are."""
        return len(self._voices)

    @property
    def voices(self) -> Sequence[Voice]:
        """The voices that are listed now."""
        return self._voices

    def show(self, voices: Sequence[Voice]) -> None:
        """List other voices, from the first."""
        self._voices = voices
        self.lay_out(cursor=0)

    def mark(self, voice_id: object) -> None:
        """Mark the voice that the draft has."""
        if voice_id != self._chosen_id:
            self._chosen_id = voice_id
            self.refresh()

    def action_move(self, by: int) -> None:
        """Up and down, and no further than to the ends."""
        self.cursor = max(0, min(self.count - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        """Move by one page, with one line of overlap."""
        self.action_move(by * max(1, self.size.height - 1))

    def choose(self, index: int) -> None:
        """Post the chosen voice."""
        self.post_message(self.Chosen(index, self._voices[index]))

    def look_of(self, index: int) -> Style:
        """The style of the chosen voice, and of the cursor if the list has the focus."""
        return self.get_visual_style(*self._kinds(index))

    def _kinds(self, index: int) -> tuple[str, ...]:
        chosen = ("voice--chosen",) if self._is_chosen(index) else ()
        return (*chosen, "voice--cursor") if index == self.cursor and self.has_focus else chosen

    def _is_chosen(self, index: int) -> bool:
        return self._voices[index].voice_id == self._chosen_id

    def draw(self, index: int, style: Style) -> list[Strip]:
        """Draw one voice: sign, name, accent, gender, family, language."""
        voice = self._voices[index]
        base = style.rich_style
        dim = self.get_visual_style(*self._kinds(index), "voice--dim").rich_style
        name, accent, family, language = map(
            pictured,
            (voice.name, voice.accent, voice.family, voice.language_name or voice.language),
        )
        parts = [
            Segment("● " if self._is_chosen(index) else "○ ", base),
            *Strip([Segment(name, base)]).adjust_cell_length(24, base),
            Segment(f" {accent:<14.14} {voice.gender:<7} ", base),
            Segment(f"{family:<11.11} {language}", dim),
        ]
        return [Strip(parts).adjust_cell_length(self.scrollable_content_region.width, base)]


_ALL = "All languages"


class VoicePicker(Vertical):
    """Search field, language filter and list; shows an error if the catalogue is unavailable.

    `path` is the field whose help is shown.
    """

    path: Path = ("accent",)

    def __init__(self) -> None:
        super().__init__(id="voice-picker")
        self._catalogue: Catalogue | None = None
        self._language: str | None = None
        self._all = False
        # Made at once: the catalogue may arrive before they are on the screen.
        message = "search by name, accent, gender"
        self._text = CalmInput(placeholder=message, compact=True, id="voice-text")
        self._filter = Button(_ALL, id="voice-all", compact=True)
        self._count = Static("Loading the voices…", id="voice-count")
        self._listed = VoiceList()

    def compose(self) -> ComposeResult:
        """The search field with the filter, the number of voices, the list."""
        with Horizontal(id="voice-search"):
            yield self._text
            yield self._filter
        yield self._count
        yield self._listed

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Show the catalogue when it arrives."""
        self._catalogue = catalogue
        self._find()

    def show_trouble(self, why: str) -> None:
        """Show why there is no catalogue, and the alternative."""
        message = f"{why} Fill in the fields below by hand, or paste a voice object."
        self._show_message(message)
        self.add_class("-none")

    def update_from(self, language: str | None, voice_id: object) -> None:
        """Show the draft's language and voice."""
        self._listed.mark(voice_id)
        if language != self._language:
            self._language = language
            self._find()

    def _find(self) -> None:
        if self._catalogue is None:
            return
        one_language = None if self._all else self._language
        text = self._text.value
        found = self._catalogue.search(text, one_language)
        self._listed.show(found)
        language = LANGUAGES.get(one_language or "", "all languages").split(" · ")[0]
        message = f"{len(found):,} of {self._catalogue.count_words} · {language}"
        if not found:
            message += " · none found: try fewer words or all languages"
        self._show_message(message)
        named = LANGUAGES.get(self._language or "", "").split(" · ")[0]
        label = f"Only {named}" if self._all and named else _ALL
        if str(self._filter.label) != label:
            self._filter.label = label
            self._filter.refresh(layout=True)  # it keeps its width otherwise

    def _show_message(self, message: str) -> None:
        """Show a line above the list; replacing one line by another causes no layout."""
        one_line = self._count.size.height == 1 and len(message) <= self._count.size.width
        self._count.update(Content(message), layout=not one_line)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list at every key."""
        event.stop()
        self._find()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Move from the search field to the list."""
        event.stop()
        self._listed.focus()

    def on_key(self, event: events.Key) -> None:
        """Move to the list with the down arrow, too."""
        if event.key == "down" and self._text.has_focus:
            self._listed.focus()
            event.stop()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Turn the language filter off or on."""
        event.stop()
        self._all = not self._all
        self._find()
