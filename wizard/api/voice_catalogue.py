"""The voice catalogue: reads voices, searches them and fills in the voice fields."""

from asyncio import to_thread
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from string import capwords
from typing import Any, Final

from wizard.contract.choices import GENDERS, LANGUAGES, NATIVE
from wizard.errors import CatalogueUnavailable
from wizard.formats.text import without_accents

# The end of the names of the sandbox's voices.
SANDBOX_SUFFIX: Final = " (sandbox)"
# The maximum number of voices to list and search. No known catalogue has as many.
MOST_VOICES: Final = 20_000


@dataclass(frozen=True)
class Voice:
    """One voice of the catalogue. Missing values are empty strings.

    `language` is a code of the contract, or empty if the catalogue's is not one of them. `data` is
    the catalogue's whole object.
    """

    voice_id: str
    name: str = ""
    accent: str = ""
    gender: str = ""
    language: str = ""
    language_name: str = ""
    ai_modal: str = NATIVE
    data: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def preview_url(self) -> str:
        """The address of a sample, or an empty string."""
        return _text(self.data, "preview_url")

    @property
    def is_sandbox(self) -> bool:
        """Whether it is a fictional voice of the sandbox."""
        return self.name.endswith(SANDBOX_SUFFIX)

    @property
    def title(self) -> str:
        """The name to show, the id of a voice without one."""
        return self.name.removesuffix(SANDBOX_SUFFIX) or self.voice_id

    @property
    def summary(self) -> str:
        """The voice in one line."""
        family = "sandbox" if self.is_sandbox else self.family
        return " · ".join(filter(None, (self.title, capwords(self.accent), self.gender, family)))

    @property
    def family(self) -> str:
        """The maker, by the name that people search for."""
        if "eleven" in f"{self.ai_modal} {_text(self.data, 'source')}".casefold():
            return "ElevenLabs"
        return "native" if self.ai_modal == NATIVE else self.ai_modal


def read_voice(item: object) -> Voice | None:
    """Return the voice of a catalogue object, or None without a voice_id.

    An object has the form of the contract's `voice_data`. Language, gender and accent are in
    `labels`, in some catalogues at the top level.
    """
    if not isinstance(item, dict) or not _text(item, "voice_id"):
        return None
    labels = item.get("labels")
    if not isinstance(labels, dict):
        labels = {}
    gender = _label(item, labels, "gender").lower()
    named = _label(item, labels, "language_name")
    return Voice(
        voice_id=_text(item, "voice_id"),
        name=_text(item, "name") or _text(item, "displayname"),
        accent=_label(item, labels, "accent"),
        gender=gender if gender in GENDERS else "",
        language=_code(_label(item, labels, "language")) or _code(named),
        language_name=named,
        # Only the native catalogue omits the model.
        ai_modal=_text(item, "ai_modal") or NATIVE,
        data=item,
    )


def _label(item: dict[str, Any], labels: dict[str, Any], key: str) -> str:
    """Return a value from the labels or, if they lack it, from the top level."""
    return _text(labels if labels.get(key) else item, key)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""


@lru_cache(maxsize=4096)  # a catalogue repeats the same few accents and languages
def _fold(text: str) -> str:
    """Return text without case and accents, so that "elodie" matches "Élodie"."""
    return text.lower() if text.isascii() else without_accents(text).casefold()


def _words_for(code: str) -> Iterable[str]:
    """Yield the folded names of a language: its code, English name and own name."""
    yield code
    for name in LANGUAGES[code].split(" · "):
        yield from (_fold(name), _fold(name).partition(" (")[0])


_CODES: Final = {word: code for code in LANGUAGES for word in _words_for(code)}
# The contract lists Arabic with a region, which not every catalogue includes.
_BY_FIRST_PART: Final = {code.partition("-")[0]: code for code in LANGUAGES}


def _code(language: str) -> str:
    """Return the contract's code for a code or name: `en-IN` is `en`, `Arabic` is `ar-kw`."""
    word = _fold(language).replace("_", "-")
    name, first_part = word.partition(" (")[0], word.partition("-")[0]
    return _CODES.get(word) or _CODES.get(name) or _BY_FIRST_PART.get(first_part, "")


def draft_voice(answers: Mapping[str, Any]) -> Voice | None:
    """Return the voice of a draft's answers, from a catalogue or not; None if it has none yet."""
    data = answers.get("voice_data")
    named = {name: _text(answers, name) for name in ("voice_id", "voice_name")}
    if not any(named.values()):
        return None
    return Voice(
        voice_id=named["voice_id"],
        name=named["voice_name"],
        accent=_text(answers, "accent"),
        gender=_text(answers, "gender"),
        ai_modal=_text(answers, "ai_modal"),
        data=data if isinstance(data, dict) else {},
    )


def fills(voice: Voice) -> dict[str, Any]:
    """Return the answers for a voice by field, without its missing values.

    `voice_data` is the catalogue's object. For a native voice the contract requires `ai_modal` and
    `id` in it. An `id` must equal `voice_id`.
    """
    data = dict(voice.data)
    if voice.ai_modal == NATIVE:
        data["ai_modal"] = NATIVE
    if voice.ai_modal == NATIVE or "id" in data:
        data["id"] = voice.voice_id
    answers = {
        "accent": voice.accent,
        "voice_id": voice.voice_id,
        "voice_name": voice.name,
        "gender": voice.gender,
        "ai_modal": voice.ai_modal,
        "voice_data": data,
    }
    return {name: answer for name, answer in answers.items() if answer}


class Catalogue:
    """The voices of a target, at most `MOST_VOICES`, indexed for search.

    `total` is the number of voices on the target.
    """

    def __init__(self, voices: Sequence[Voice]) -> None:
        self.total = len(voices)
        self.voices = voices[:MOST_VOICES]
        self._texts = [(_search_text(voice), voice) for voice in self.voices]
        self._ids = {voice.voice_id for voice in self.voices}
        self.families = tuple(dict.fromkeys(voice.family for voice in self.voices))
        found = {voice.language for voice in self.voices}
        self.languages = tuple(code for code in LANGUAGES if code in found)

    @property
    def count_words(self) -> str:
        """The number of voices, for display."""
        if self.total > len(self.voices):
            return f"the first {len(self.voices):,} of {self.total:,} voices"
        return "1 voice" if self.total == 1 else f"{self.total:,} voices"

    def has(self, voice_id: str) -> bool:
        """Return whether a voice is in the catalogue; one that is too long may have any."""
        return voice_id in self._ids or self.total > len(self.voices)

    def search(
        self,
        text: str,
        language: str | None = None,
        gender: str | None = None,
        family: str | None = None,
    ) -> list[Voice]:
        """Return the voices that match every word; None finds any language, gender or family.

        A language is a code. Case and accents are ignored. The order is the catalogue's.
        """
        words = [_needle(word) for word in _fold(text).split()]
        return [
            voice
            for searched, voice in self._texts
            if language in (None, voice.language)
            and gender in (None, voice.gender)
            and family in (None, voice.family)
            and all(word in searched for word in words)
        ]


def _search_text(voice: Voice) -> str:
    language = LANGUAGES.get(voice.language, "").replace("(", " ")
    shared = (voice.accent, voice.gender, voice.language, language, voice.language_name)
    return " " + " ".join(map(_fold, (voice.name, *shared, voice.family, voice.ai_modal)))


def _needle(word: str) -> str:
    # "male" must not match "female".
    return f" {word}" if word in GENDERS else word


async def read_catalogue(reading: Awaitable[Sequence[Voice]]) -> Catalogue:
    """Return the catalogue of the voices that are being read. Raises CatalogueUnavailable."""
    voices = await reading
    if not voices:
        raise CatalogueUnavailable("The catalogue has no voices.")
    # Preparing thousands of voices for the search takes long enough to delay a key.
    return await to_thread(Catalogue, voices)
