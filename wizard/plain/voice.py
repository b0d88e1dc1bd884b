"""The voice catalogue as lines of text: searched, and chosen from by number."""

from __future__ import annotations

from typing import Any

from wizard.api.voice_catalogue import Catalogue, Voice, fills
from wizard.contract.choices import LANGUAGES
from wizard.contract.conditions import is_empty
from wizard.errors import CatalogueUnavailable
from wizard.plain.asking import choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Entry, Listing
from wizard.plain.navigation import NEXT, Navigation, Way


class Voices:
    """The catalogue of a target, read when it is first needed."""

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console
        self._of: object = None
        self._catalogue: Catalogue | str = ""

    def ask(self) -> Navigation:
        """Let the user choose a voice; return PAST to skip the fields that it fills."""
        self._console.say()
        catalogue = self._read()
        if isinstance(catalogue, str):
            self._console.say(
                catalogue, "Answer the next questions, or type :key to enter an API key."
            )
            return NEXT
        language = self._language()
        listing = self._listing(catalogue, language)
        self._introduce(catalogue, language)
        chosen = choose(self._context, listing, "Voice:", empty=NEXT, command=self._explain)
        if isinstance(chosen, Navigation):
            return chosen
        return self._take(chosen)

    def _read(self) -> Catalogue | str:
        """Return the catalogue of the current target, or why there is none."""
        if self._of is not self._context.client:
            self._of = self._context.client
            self._console.say("Loading voices.")
            try:
                listed = self._context.runner.run(self._context.client.voices())
                self._catalogue = Catalogue(listed) if listed else "The catalogue has no voices."
            except CatalogueUnavailable as error:
                self._catalogue = str(error)
        return self._catalogue

    def _language(self) -> str | None:
        language = self._context.draft.applicability().value("language")
        return language if isinstance(language, str) and language in LANGUAGES else None

    def _listing(self, catalogue: Catalogue, language: str | None) -> Listing:
        entries = [Entry(voice, _words(voice)) for voice in catalogue.voices]

        def find(search: str) -> list[Entry]:
            everywhere = search.startswith("/")
            voices = catalogue.search(search.lstrip("/"), None if everywhere else language)
            found = set(map(id, voices))
            return [entry for entry in entries if id(entry.value) in found]

        return VoiceListing(entries, find, find(""))

    def _introduce(self, catalogue: Catalogue, language: str | None) -> None:
        name = LANGUAGES[language].partition(" · ")[0] if language else "all languages"
        self._console.say(f"Voices: {catalogue.count_words}, listed in {name}.")
        self._console.say(
            "Type a number, or search by name, accent or gender, as in /female indian. Two slashes "
            "search all languages, as in //hindi."
        )
        held = self._context.draft.get(("voice_name",))
        if is_empty(held):
            self._console.say(
                "An empty line continues with the fields of a voice, to type them yourself."
            )
        else:
            self._console.say(f"An empty line keeps {held}.")

    def _explain(self, text: str) -> bool:
        if text != "?":
            return False
        self._console.say(
            "A voice from the catalogue fills in accent, voice ID, voice name, gender, AI model "
            "and voice object at once. Without it you type each of them."
        )
        return True

    def _take(self, voice: Voice) -> Navigation:
        answers: dict[str, Any] = fills(voice)
        self._context.draft.choose_voice(answers)
        self._context.keep()
        self._console.say(f"The voice is {_words(voice)}.")
        return Navigation(Way.PAST)


class VoiceListing(Listing):
    """A listing whose voices can also be chosen by their id."""

    def pick(self, text: str) -> Any:
        """The voice of a number, an id or a name; NotListed."""
        named = [voice for voice, _ in self.entries if voice.voice_id == text]
        return named[0] if named else super().pick(text)


def _words(voice: Voice) -> str:
    spoken = voice.language_name or voice.language
    parts = (voice.name or voice.voice_id, voice.accent, voice.gender, voice.family, spoken)
    return ", ".join(filter(None, parts))
