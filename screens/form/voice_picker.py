"""The choice of a voice: search, filters and list, or the chosen voice in one line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from screens.dialogs.menu import Menu
from screens.form.form import Form
from screens.form.voice_list import VoiceLine, VoiceList
from screens.widgets.inputs import LineInput, pictured, relabel
from wizard.contract.assistant import QUESTIONS, VOICE
from wizard.contract.choices import GENDERS, LANGUAGES, language_name
from wizard.contract.conditions import is_empty
from wizard.draft.draft import Draft
from wizard.draft.review import format_value
from wizard.formats.paths import Path
from wizard.formats.text import capitalized

if TYPE_CHECKING:
    from wizard.api.voice_catalogue import Catalogue, Voice

_FILLED = tuple(question for question in QUESTIONS if question.meta.from_voice)
_NAMES = frozenset(question.name for question in _FILLED)
# The option of a filter that finds everything; no code, gender or family is spelled like this.
_ANY = "*"
_LOADING = "Loading the voices…"
_UNKNOWN = "not in this catalogue"
_UNKNOWN_ADVICE = "Check the voice ID, or choose another voice."


def is_of_voice(path: Path) -> bool:
    """Whether a path is in a field that the choice of a voice fills."""
    return bool(path) and path[0] in _NAMES


class _Shown(Enum):
    """What the picker shows."""

    LIST = "the list"
    LINE = "the chosen voice"
    DETAILS = "the chosen voice and its fields"
    BY_HAND = "the fields to fill in"


class VoicePicker(Vertical):
    """Shows the list until a voice is chosen, and then the voice in one line.

    The fields that come with a voice are listed on request, and can be filled in by hand. `path` is
    the field whose help is shown.
    """

    path: Path = VOICE

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "fold", "Close", id="voice.fold"),
        Binding("p", "play", "Play", id="voice.play"),
    ]

    @dataclass
    class PlayRequested(Message):
        """A person wants to hear a voice, or no longer."""

        voice: Voice

    class CatalogueRequested(Message):
        """A person wants the catalogue to be read again."""

    def __init__(self) -> None:
        super().__init__(id="voice-picker")
        self._catalogue: Catalogue | None = None
        self._trouble = ""
        self._draft = Draft()
        self._voice: Voice | None = None
        self._language: str | None = None
        # What a person has asked for.
        self._is_opened = self._shows_details = self._is_by_hand = False
        # Enter was pressed before the voices arrived.
        self._chooses_on_arrival = False
        self._advice = ""
        # Each filter's value, None for any. Without one for the language it is the draft's.
        self._filters: dict[str, str | None] = {"gender": None, "family": None}
        # Made at once: the catalogue may arrive before they are on the screen.
        self._line = VoiceLine()
        self._warning = Static(id="voice-advice")
        self._text = LineInput(
            placeholder="name or accent; Enter chooses", compact=True, id="voice-text"
        )
        self._buttons = {
            name: Button(f"{capitalized(name)} ▼", id=f"voice-{name}", compact=True)
            for name in ("language", "gender", "family")
        }
        self._search = Horizontal(
            self._text, Horizontal(*self._buttons.values(), id="voice-filters"), id="voice-search"
        )
        self._count = Static(_LOADING, id="voice-count")
        self._listed = VoiceList()
        self._details = Static(id="voice-details")
        self.form = Form(_FILLED, QUESTIONS)
        self._play = Button("Play", id="voice-play", compact=True)
        self._retry = Button("Try again", id="voice-retry", compact=True)
        self._more = Button("Details", id="voice-more", compact=True)
        self._hand = Button("Enter it by hand", id="voice-by-hand", compact=True)
        self._choose = Button("Choose from the list", id="voice-choose", compact=True)

    def compose(self) -> ComposeResult:
        """All parts, of which some are shown."""
        yield self._line
        yield self._warning
        yield self._search
        yield self._count
        yield self._listed
        yield self._details
        yield self.form
        with Horizontal(classes="buttons"):
            yield from (self._play, self._retry, self._more, self._hand, self._choose)

    def on_mount(self) -> None:
        """Show what belongs to the state."""
        self._lay_out()

    # --- what is shown

    @property
    def _shown(self) -> _Shown:
        if self._is_by_hand:
            return _Shown.BY_HAND
        if self._voice is None or self._is_opened:
            return _Shown.LIST
        return _Shown.DETAILS if self._shows_details else _Shown.LINE

    def _lay_out(self) -> None:
        """Show the parts that belong to the state, and no others."""
        shown, voice = self._shown, self._voice
        is_list, by_hand = shown is _Shown.LIST, shown is _Shown.BY_HAND
        has_list = is_list and not self._trouble
        self._line.display = not is_list and voice is not None
        self._warning.display = not is_list and bool(self._warning_text)
        self._search.display = self._listed.display = has_list
        self._count.display = is_list
        self._details.display = shown is _Shown.DETAILS
        self.form.display = by_hand
        self._fill()
        self._play.display = voice is not None or has_list
        self._retry.display = is_list and bool(self._trouble)
        self._more.display = shown in (_Shown.LINE, _Shown.DETAILS)
        self._hand.display = shown in (_Shown.LIST, _Shown.DETAILS)
        self._choose.display = by_hand
        relabel(self._more, "Hide" if shown is _Shown.DETAILS else "Details")
        self._show_voice()
        if self.is_attached:
            self.refresh_bindings()

    def _fill(self) -> None:
        """Show the fields of the voice, if they are in sight."""
        if self.form.display:
            self.form.update_from(self._draft)
        elif self._details.display:
            self._details.update(_facts(self._draft))

    def _show_voice(self) -> None:
        if voice := self._voice:
            is_known = self._catalogue is None or self._catalogue.has(voice.voice_id)
            self._line.show(voice.summary if is_known else f"{voice.summary} · {_UNKNOWN}")
            self._warning.update(Content(pictured(f"△ {self._warning_text}")))

    @property
    def _warning_text(self) -> str:
        """The advice on the voice."""
        catalogue, voice = self._catalogue, self._voice
        if catalogue and voice and voice.voice_id and not catalogue.has(voice.voice_id):
            return _UNKNOWN_ADVICE
        return self._advice

    def update_from(self, draft: Draft) -> None:
        """Show the draft's language and voice."""
        # Imported late: the first steps have no voices.
        from wizard.api.voice_catalogue import draft_voice  # noqa: PLC0415

        self._draft = draft
        language = draft.applicability().value("language")
        known = language if isinstance(language, str) and language in LANGUAGES else None
        before, self._voice = self._voice, draft_voice(draft.answers)
        self._listed.mark(self._voice.voice_id if self._voice else "")
        self._fill()
        if known != self._language:
            self._language = known
            self._filters.pop("language", None)
            self._find()
        if self._voice != before:
            self._lay_out()

    def advise(self, draft: Draft) -> None:
        """Show advice on the voice beside it."""
        self.form.advise(draft)
        found = (f"{p.message} {p.code}" for p in draft.advice() if is_of_voice(p.path))
        advice = next(found, "")
        if advice != self._advice:
            self._advice = advice
            self._lay_out()

    def _show(self) -> None:
        """Show another state, and put the focus on its first part."""
        self._lay_out()
        self.focus_first()

    # --- the focus

    def focus_first(self) -> None:
        """Focus the part to begin with."""
        if self._shown is _Shown.BY_HAND:
            self.form.first_row().control.focus()
        elif self._shown is not _Shown.LIST:
            self._line.focus()
        else:
            (self._retry if self._trouble else self._text).focus()

    def focus_path(self, path: Path) -> None:
        """Focus the choice, or the field of a path if that is wrong or is shown."""
        is_wrong = any(p.path[:1] == path[:1] for p in self._draft.problems())
        self._is_by_hand |= self._voice is not None and is_wrong
        self._show()
        if self._is_by_hand and (row := self.form.row_of(path)) and row.display:
            row.revealed = True
            row.control.focus()

    # --- the catalogue

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Show the catalogue when it arrives."""
        self._catalogue, self._trouble = catalogue, ""
        self._find()
        self._lay_out()
        if self._chooses_on_arrival and self._text.has_focus:
            self._choose_here()
        self._chooses_on_arrival = False

    def show_trouble(self, why: str) -> None:
        """Show why there is no catalogue; buttons offer the alternatives."""
        had_focus = self._search.has_focus_within
        self._trouble = why
        self._say(f"{why} Try again, or enter the voice by hand.")
        self._count.add_class("-wrong")
        self._lay_out()
        # Textual moves the focus from a hidden part, and the search field may just be getting it.
        self.call_after_refresh(self._leave_search, had_focus)

    def _leave_search(self, had_focus: bool) -> None:
        if self._retry.display and (had_focus or self._text.has_focus):
            self._retry.focus()

    def _reload(self) -> None:
        self._trouble = ""
        self._count.remove_class("-wrong")
        self._say(_LOADING)
        self._show()
        self.post_message(self.CatalogueRequested())

    @property
    def _wanted_language(self) -> str | None:
        return self._filters.get("language", self._language)

    def _find(self) -> None:
        self._label_filters()
        if self._catalogue is None:
            return
        language = self._wanted_language
        rest = {name: self._filters[name] for name in ("gender", "family")}
        found = self._catalogue.search(self._text.value, language, **rest)
        self._listed.show(found)
        place = language_name(language) if language else "all languages"
        message = f"{len(found):,} of {self._catalogue.count_words} · {place}"
        none = " · none found: try fewer words or other filters"
        self._say(message if found else message + none)

    def _label_filters(self) -> None:
        language = self._wanted_language
        chosen = {**self._filters, "language": language and language_name(language)}
        for name, button in self._buttons.items():
            relabel(button, f"{capitalized(chosen[name] or name)} ▼")

    def _say(self, message: str) -> None:
        """Show a line above the list; replacing one line by another causes no layout."""
        one_line = self._count.size.height == 1 and len(message) <= self._count.size.width
        self._count.update(Content(message), layout=not one_line)

    # --- filters

    def _ask_filter(self, name: str) -> None:
        catalogue = self._catalogue
        if catalogue is None:
            return
        if name == "language":
            options = {code: LANGUAGES[code] for code in catalogue.languages}
        else:
            values = GENDERS if name == "gender" else catalogue.families
            options = {value: capitalized(value) for value in values}
        every = "All languages" if name == "language" else f"Any {name}"
        at = self._wanted_language if name == "language" else self._filters[name]
        menu = Menu(name.capitalize(), {_ANY: every, **options}, at=at or _ANY)
        self.app.push_screen(menu, partial(self._filter, name))

    def _filter(self, name: str, chosen: str | None) -> None:
        if chosen is not None:
            self._filters[name] = None if chosen == _ANY else chosen
            self._find()
            self._text.focus()

    # --- keys and buttons

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list at every key."""
        if event.input is self._text:
            event.stop()
            self._find()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose the highlighted voice, when the voices are there."""
        if event.input is not self._text:
            return
        event.stop()
        if self._catalogue is None:
            self._chooses_on_arrival = True
            self._say(f"{_LOADING} Enter will choose the first one.")
        else:
            self._choose_here()

    def _choose_here(self) -> None:
        """Choose the voice at the cursor of the list."""
        if voice := self._listed.here:
            # A message of the list would end here, because it would be sent from here.
            self.post_message(VoiceList.Chosen(self._listed.cursor, voice))

    def on_key(self, event: events.Key) -> None:
        """Move from the search field to the list with the down arrow."""
        if event.key == "down" and self._text.has_focus and self._listed.count:
            self._listed.focus()
            event.stop()

    def on_voice_list_left(self, event: VoiceList.Left) -> None:
        """Move from the first voice to the search field."""
        event.stop()
        self._text.focus()

    def on_voice_list_chosen(self) -> None:
        """Fold; the screen takes the voice into the draft."""
        self._is_opened = self._is_by_hand = False
        self._lay_out()

    def on_voice_line_opened(self, event: VoiceLine.Opened) -> None:
        """Open the list again, at the chosen voice."""
        event.stop()
        self._open_list()

    def _open_list(self) -> None:
        self._is_by_hand, self._is_opened = False, True
        self._text.value = ""
        self._find()
        self._show()

    def action_fold(self) -> None:
        """Close the reopened list or the fields; the voice stays."""
        self._is_opened = self._is_by_hand = self._shows_details = False
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Fold what was opened, and play outside of texts."""
        if action == "fold":
            return self._is_by_hand or (self._voice is not None and self._shown is not _Shown.LINE)
        if action == "play":
            return self._play.display and not self._text.has_focus
        return True

    def action_play(self) -> None:
        """Play the voice at the cursor or the chosen one, or end that."""
        voice = self._listed.here if self._shown is _Shown.LIST else self._voice
        if voice:
            self.post_message(self.PlayRequested(voice))
        else:
            self.notify("There is no voice to play yet.")

    def show_playing(self, voice: Voice | None) -> None:
        """Mark the voice that is heard."""
        self._listed.mark_playing(voice.voice_id if voice else "")
        relabel(self._play, "Stop" if voice else "Play")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what a button says."""
        event.stop()
        match event.button.id:
            case "voice-play":
                self.action_play()
            case "voice-retry":
                self._reload()
            case "voice-more":
                self._shows_details = not self._shows_details
                self._lay_out()
            case "voice-by-hand":
                self.enter_by_hand()
            case "voice-choose":
                self._open_list()
            case name:
                self._ask_filter(str(name).removeprefix("voice-"))

    def enter_by_hand(self) -> None:
        """Show the fields of a voice to be filled in."""
        self._is_by_hand = True
        self._show()


def _facts(draft: Draft) -> Content:
    """The fields of the voice, one a line."""
    given = ((question, draft.get((question.name,))) for question in _FILLED)
    lines = [
        Content(f"{question.label:<19} ").stylize("$text-muted")
        + pictured(format_value(question, value))
        for question, value in given
        if not is_empty(value)
    ]
    return Content("\n").join(lines)
