"""The voice catalogue as lines of text: searched, heard, and chosen from by number."""

from functools import partial
from typing import Any

from wizard.api.voice_catalogue import Catalogue, Voice, draft_voice, fills, read_catalogue
from wizard.contract.choices import LANGUAGES, language_name
from wizard.errors import CatalogueUnavailable, SampleUnavailable
from wizard.plain.console import Console
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Entry, Listing, NotListed
from wizard.plain.navigation import NEXT, Navigation

_HAND = "hand"
_AGAIN = "again"
_PLAY = "play "


class Voices:
    """The catalogue of a target, read when it is first needed.

    `by_hand` is whether the fields of a voice are asked one by one.
    """

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console
        self._of: object = None
        self._catalogue: Catalogue | str = ""
        self._listing = Listing([])
        self.by_hand = False

    def ask(self) -> Navigation:
        """Let the user choose a voice; return the next place."""
        self.by_hand = False
        self._begin()
        while True:
            line = self._context.read_line("Voice:")
            if isinstance(line, Navigation):
                return line
            if line.is_empty and self._current:
                return NEXT
            if line.text == _HAND:
                self.by_hand = True
                return NEXT
            if not self._obey(line.text) and self._take(line.text):
                return NEXT

    @property
    def _current(self) -> Voice | None:
        return draft_voice(self._context.draft.answers)

    def _begin(self) -> None:
        """Read the catalogue, and list its voices or say why there are none."""
        self._console.say()
        catalogue = self._read()
        if isinstance(catalogue, str):
            self._listing = Listing([])
            self._console.say(
                catalogue,
                f"Type {_AGAIN} to try again, {_HAND} to enter a voice by hand, or :key to enter "
                "an API key.",
            )
            self._report_voice(None)
        else:
            language = self._language()
            self._listing = self._listing_of(catalogue, language)
            self._introduce(catalogue, language)
            self._listing.show(self._console)

    def _read(self) -> Catalogue | str:
        """Return the catalogue of the current target, or why there is none."""
        if self._of is not self._context.client:
            self._of = self._context.client
            self._console.say("Loading voices.")
            try:
                reading = read_catalogue(self._context.client.voices())
                self._catalogue = self._context.runner.run(reading)
            except CatalogueUnavailable as error:
                self._catalogue = str(error)
        return self._catalogue

    def _language(self) -> str | None:
        language = self._context.draft.applicability().value("language")
        return language if isinstance(language, str) and language in LANGUAGES else None

    def _listing_of(self, catalogue: Catalogue, language: str | None) -> Listing:
        entries = [Entry(voice, _words(voice)) for voice in catalogue.voices]

        def find(search: str) -> list[Entry]:
            everywhere = search.startswith("/")
            voices = catalogue.search(search.lstrip("/"), None if everywhere else language)
            found = set(map(id, voices))
            return [entry for entry in entries if id(entry.value) in found]

        return VoiceListing(entries, find, find(""))

    def _introduce(self, catalogue: Catalogue, language: str | None) -> None:
        name = language_name(language) if language else "all languages"
        self._console.say(f"Voices: {catalogue.count_words}, listed in {name}.")
        self._console.say(
            "Type a number, or words to search, as in female indian. Two slashes search all "
            f"languages, as in //hindi. Type {_PLAY}and a number to hear a sample, as in "
            f"{_PLAY}2, or {_HAND} to enter a voice by hand."
        )
        self._report_voice(catalogue)

    def _report_voice(self, catalogue: Catalogue | None) -> None:
        """Say which voice the draft has."""
        held = self._current
        if held is None:
            self._console.say("Required: a voice.")
            return
        self._console.say(f"An empty line keeps {held.title}.")
        if catalogue and held.voice_id and not catalogue.has(held.voice_id):
            self._console.say(
                f"The catalogue has no voice with the ID {held.voice_id}. Check it, or choose "
                "another voice."
            )

    # --- what is typed

    def _obey(self, text: str) -> bool:
        """Run a command about the voices; return whether it was one."""
        if text == "?":
            self._console.say(
                "A voice from the catalogue fills in accent, voice ID, voice name, gender, AI "
                f"model and voice object at once. Type {_HAND} to enter each of them."
            )
        elif text == _AGAIN and isinstance(self._catalogue, str):
            self._of = None
            self._begin()
        elif text.startswith(_PLAY):
            self._play_sample(text.removeprefix(_PLAY).strip())
        else:
            return self._listing.take(text, self._console)
        return True

    def _take(self, text: str) -> bool:
        """Choose the voice that a line names; return whether it names one."""
        if not text:
            self._console.refuse(f"Choose a voice, type {_HAND}, or type > to skip it.")
            return False
        try:
            voice: Voice = self._listing.pick(text)
        except NotListed as error:
            self._console.refuse(str(error))
            return False
        answers: dict[str, Any] = fills(voice)
        self._context.draft.choose_voice(answers)
        self._context.keep()
        self._console.say(f"The voice is {_words(voice)}.")
        return True

    # --- samples

    def _play_sample(self, text: str) -> None:
        """Play the sample of the voice that a line names."""
        # Imported late: few people play one.
        from wizard.audio_player import find_player, play_sample, store  # noqa: PLC0415

        client = self._context.client
        try:
            voice: Voice = self._listing.pick(text)
            address = client.sample_address(voice)
            if find_player():
                self._console.say(f"The sample of {voice.title}. Ctrl+C ends it.")
            read = partial(client.sample, voice)
            if not self._context.runner.run(play_sample(read)):
                address = address or self._context.runner.run(store(read, voice.voice_id))
                self._console.say("No audio player was found. The sample is at this address:")
                self._console.copy(address)
        except NotListed as error:
            self._console.refuse(str(error))
        except SampleUnavailable as error:
            self._console.say(str(error))
        except KeyboardInterrupt:
            self._console.say("Ended.")


class VoiceListing(Listing):
    """A listing whose voices can also be chosen by their id, and searched without a slash."""

    def pick(self, text: str) -> Any:
        """The voice of a number, an id or a name; NotListed."""
        named = [voice for voice, _ in self.entries if voice.voice_id == text]
        return named[0] if named else super().pick(text)

    def take(self, line: str, console: Console) -> bool:
        """Run a search or list more entries; return whether the line asked for it."""
        if super().take(line, console):
            return True
        if not line or line.isdecimal() or self._names_one(line) or not self._find(line):
            return False
        return super().take(f"/{line}", console)

    def _names_one(self, line: str) -> bool:
        try:
            self.pick(line)
        except NotListed:
            return False
        return True


def _words(voice: Voice) -> str:
    spoken = voice.language_name or voice.language
    parts = (voice.name or voice.voice_id, voice.accent, voice.gender, voice.family, spoken)
    return ", ".join(filter(None, parts))
