"""The voice catalogue: reading odd objects, filling the fields, finding one among thousands."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import catalogue_of, voices_of
from wizard.api.voice_catalogue import Voice, fills
from wizard.contract.choices import LANGUAGES
from wizard.sandbox.sandbox_voices import sandbox_voices

NATIVE = {
    "voice_id": "v1",
    "name": "Asha",
    "labels": {
        "language": "en-IN",
        "language_name": "English (India)",
        "gender": "Female",
        "accent": "indian",
    },
    "preview_url": "https://example.org/asha.mp3",
    "some_new_key": [1, {"deep": None}],
}
ELEVEN = {
    "voice_id": "e1",
    "name": "Rachel",
    "ai_modal": "elevenlabs",
    "source": "elevenlabs",
    "accent": "american",
    "gender": "female",
    "language": "en",
}


def read(**item: object) -> Voice:
    (voice,) = voices_of([{"voice_id": "v"} | item])
    return voice


def test_a_native_voice_is_read_off_its_labels() -> None:
    assert list(voices_of([NATIVE])) == [
        Voice("v1", "Asha", "indian", "female", "en", "English (India)", "qmodel")
    ]


def test_a_voice_is_read_from_its_top_level_members() -> None:
    voice = read(**ELEVEN)
    assert voice == Voice("e1", "Rachel", "american", "female", "en", "", "elevenlabs")
    assert voice.data == ELEVEN


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_of_the_contract_is_known_by_its_code_and_its_names(code: str) -> None:
    english, _, own = LANGUAGES[code].partition(" · ")
    for language in (code, code.upper(), code.replace("-", "_")):
        assert read(labels={"language": language}).language == code
    for name in filter(None, (english, own, english.upper())):
        assert read(language_name=name).language == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"language": "en-IN"}, "en"),
        ({"language": "ar"}, "ar-kw"),
        ({"language": "ar-kw"}, "ar-kw"),
        ({"language": "AR-SA"}, "ar-kw"),
        ({"language_name": "Arabic"}, "ar-kw"),
        ({"language_name": "English (Australia)"}, "en"),
        ({"language": "xx", "language_name": "hindi"}, "hi"),
        ({"language": "Hindi"}, "hi"),
        ({"language": "pt-BR", "language_name": "Portuguese"}, ""),
        ({"language": "enx"}, ""),
        ({"language": ["en"]}, ""),
        ({}, ""),
    ],
)
def test_languages_as_catalogues_write_them(said: dict[str, object], code: str) -> None:
    assert read(labels=said).language == code
    assert read(**said).language == code


def test_odd_entries_are_skipped_and_odd_members_ignored() -> None:
    odd: list[object] = [None, 3, "v", [], {}, {"voice_id": ""}, {"voice_id": " "}, {"voice_id": 7}]
    assert list(voices_of(odd)) == []
    voice = read(name=3, labels=["x"], gender="diverse", accent=None, ai_modal=7)
    assert voice == Voice("v")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["voice_id", "name", "labels", "gender", "accent", "language", "ai_modal"]
            ),
            inner,
        )
    ),
)


@given(st.lists(JSON))
def test_no_catalogue_is_a_crash(objects: list[Any]) -> None:
    catalogue = catalogue_of(objects)
    voices = catalogue.voices
    assert all(voice.voice_id for voice in voices)
    assert list(catalogue.search("")) == list(voices)
    assert all(fills(voice)["voice_id"] == voice.voice_id for voice in voices)


def test_a_native_voice_fills_its_fields() -> None:
    (voice,) = voices_of([NATIVE])
    before = repr(NATIVE)
    assert fills(voice) == {
        "accent": "indian",
        "voice_id": "v1",
        "voice_name": "Asha",
        "gender": "female",
        "ai_modal": "qmodel",
        "voice_data": NATIVE | {"ai_modal": "qmodel", "id": "v1"},
    }
    assert repr(NATIVE) == before


def test_a_voice_of_another_provider_fills_its_fields_and_object() -> None:
    assert fills(read(**ELEVEN)) == {
        "accent": "american",
        "voice_id": "e1",
        "voice_name": "Rachel",
        "gender": "female",
        "ai_modal": "elevenlabs",
        "voice_data": ELEVEN,
    }


def test_the_id_in_the_object_equals_the_voice_id() -> None:
    assert fills(read(ai_modal="elevenlabs", id="other"))["voice_data"]["id"] == "v"
    assert fills(read(id="other"))["voice_data"]["id"] == "v"


def test_nothing_is_invented() -> None:
    assert fills(read(labels={"gender": "neutral", "accent": " "})) == {
        "voice_id": "v",
        "ai_modal": "qmodel",
        "voice_data": {
            "voice_id": "v",
            "labels": {"gender": "neutral", "accent": " "},
            "ai_modal": "qmodel",
            "id": "v",
        },
    }


CATALOGUE = catalogue_of(
    [
        {"voice_id": "1", "name": "Élodie", "accent": "parisian", "language": "fr"},
        {"voice_id": "2", "name": "Jörg", "gender": "male", "language": "de"},
        {"voice_id": "3", "name": "Jane", "gender": "female", "language": "en"},
        {"voice_id": "4", "name": "Jane", "source": "elevenlabs", "language": "hi"},
        {"voice_id": "5", "name": "मीरा", "gender": "female", "language": "hi"},
        {"voice_id": "6", "name": "Somebody", "language": "pt"},
    ]
)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("", None, "123456"),
        ("", "hi", "45"),
        ("", "pt", ""),
        ("ELODIE", None, "1"),
        ("élodie", None, "1"),
        ("jorg", None, "2"),
        ("lodi", None, "1"),
        ("jane", None, "34"),
        ("jane hindi", None, "4"),
        ("jane", "en", "3"),
        ("  jane   female ", None, "3"),
        ("male", None, "2"),
        ("fem", None, "35"),
        ("eleven", None, "4"),
        ("native jane", None, "3"),
        ("मीरा", None, "5"),
        ("हिन्दी", None, "45"),
        ("parisian", "fr", "1"),
        ("parisian", "de", ""),
        ("nobody", None, ""),
    ],
)
def test_search(text: str, language: str | None, found: str) -> None:
    assert "".join(voice.voice_id for voice in CATALOGUE.search(text, language)) == found


def test_at_most_20_000_voices_are_listed() -> None:
    many = catalogue_of({"voice_id": str(n)} for n in range(20_001))
    assert len(many.search("")) == 20_000
    assert many.count_words == "the first 20,000 of 20,001 voices"
    assert catalogue_of([NATIVE]).count_words == "1 voice"


def test_the_sandbox_has_every_language_gender_and_family_and_several_accents() -> None:
    voices = voices_of(sandbox_voices())
    for code in LANGUAGES:
        spoken = [voice for voice in voices if voice.language == code]
        families = {voice.ai_modal: voice.family for voice in spoken}
        assert families == {"qmodel": "native", "elevenlabs": "ElevenLabs"}
        for family in families:
            sounds = {(v.gender, v.accent) for v in spoken if v.ai_modal == family}
            assert {gender for gender, _ in sounds} == {"male", "female"}
            assert len({accent for _, accent in sounds}) >= 2


def test_sandbox_voices_are_plainly_named_and_always_the_same() -> None:
    voices = sandbox_voices()
    assert voices == sandbox_voices()
    assert len({voice["voice_id"] for voice in voices}) == len(voices)
    assert len({voice["name"] for voice in voices}) == len(voices)
    assert all(voice["name"].endswith(" (sandbox)") for voice in voices)
    assert all(voice["id"] == voice["voice_id"] for voice in voices)
    assert {voice["is_native"] for voice in voices if voice["ai_modal"] == "qmodel"} == {True}
    assert {voice["source"] for voice in voices if not voice["is_native"]} == {"elevenlabs"}


def test_a_sandbox_voice_fills_every_field() -> None:
    for item in sandbox_voices():
        (voice,) = voices_of([item])
        filled = fills(voice)
        assert list(filled) == [
            "accent",
            "voice_id",
            "voice_name",
            "gender",
            "ai_modal",
            "voice_data",
        ]
        assert filled["voice_data"] == item


def test_a_voice_without_a_name_uses_its_display_name() -> None:
    (found,) = voices_of([{"voice_id": "v-9", "displayname": "Asha, calm"}])
    assert found.name == "Asha, calm"
