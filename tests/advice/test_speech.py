"""How long a text takes to be said, in every language, and how long it is."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.advice.speech import Counts, about, counts, seconds
from wizard.contract.choices import FAREWELLS, LANGUAGES, VOICE_SPEEDS

HELLO = "Hello {{first_name}}, this is Asha from Acme Dental. Is this a good moment?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_last_words_take_a_few_seconds_in_every_language(language: str) -> None:
    # Two to three short sentences: none can be said in two seconds, and none takes eight.
    assert 2 < seconds(FAREWELLS[language], language) < 8


def test_english_is_spoken_at_160_words_a_minute() -> None:
    # Ninety words of one and a half syllables each.
    assert seconds("window cat " * 45, "en") == pytest.approx(90 / 160 * 60, rel=0.01)


@pytest.mark.parametrize(
    ("text", "language", "syllables"),
    [
        ("time and place", "en", 3),
        ("little apple", "en", 4),
        ("guten Morgen", "de", 4),
        ("muchas gracias", "es", 4),
        ("bonne route", "fr", 2),
        ("buongiorno", "it", 3),
        ("नमस्कार", "hi", 3),
        ("आपका नाम", "hi", 3),
        ("धन्यवाद", "mr", 3),
        ("નમસ્તે", "gu", 3),
        ("நன்றி", "ta", 2),
        ("వందనం", "te", 3),
        ("ನಮಸ್ಕಾರ", "kn", 4),
        ("ধন্যবাদ", "bn", 3),
    ],
)
def test_syllables_are_counted_in_every_script(text: str, language: str, syllables: int) -> None:
    one = seconds("1" if language == "en" else "a", language)
    per_syllable = one / 2 if language == "en" else one
    assert seconds(text, language) / per_syllable == pytest.approx(syllables, abs=0.01)


def test_arabic_is_counted_by_words_with_or_without_vowel_marks() -> None:
    assert seconds("شكرا جزيلا", "ar-kw") == pytest.approx(2 / 141 * 60, rel=0.01)
    assert seconds("شُكْراً جَزِيلاً", "ar-kw") == seconds("شكرا جزيلا", "ar-kw")


@pytest.mark.parametrize("speed", VOICE_SPEEDS)
def test_a_faster_voice_takes_less_time(speed: float) -> None:
    assert seconds(HELLO, "en", speed) == pytest.approx(seconds(HELLO, "en") / speed)


@pytest.mark.parametrize("speed", [None, "fast", True, 0, -1, float("nan"), float("inf"), 10**400])
def test_an_invalid_speed_counts_as_the_default_speed(speed: object) -> None:
    assert seconds(HELLO, "en", speed) == seconds(HELLO, "en")


@pytest.mark.parametrize("language", [None, 5, "", "xx", ["en"]])
def test_an_unknown_language_counts_as_english(language: object) -> None:
    text = "Guten Tag und vielen Dank"
    assert seconds(text, language) == seconds(text, "en")


def test_a_variable_takes_the_time_of_its_sample_and_a_digit_that_of_a_word() -> None:
    assert seconds("{{first_name}}", "en") == seconds("Asha", "en") > 0
    assert seconds("42", "en") == pytest.approx(2 * seconds("4", "en"))
    assert seconds("४२", "hi") == seconds("42", "hi")
    assert seconds("50%", "en") > seconds("50", "en")


def test_nothing_takes_no_time() -> None:
    assert seconds("", "en") == seconds(" ...\n", "hi") == 0


@given(st.text(max_size=80), st.sampled_from(list(LANGUAGES)))
def test_no_text_takes_less_than_nothing(text: str, language: str) -> None:
    assert seconds(text, language) >= 0


def test_characters_and_words_are_counted_as_they_are_written() -> None:
    assert counts("नमस्ते  दुनिया\n{{first_name}}", "hi") == Counts(
        29, 3, seconds("नमस्ते  दुनिया\n{{first_name}}", "hi")
    )
    assert counts("", "en", 1.5) == Counts(0, 0, 0)


def test_a_long_text_is_estimated_from_its_beginning() -> None:
    assert seconds(HELLO * 10_000, "en") == pytest.approx(10_000 * seconds(HELLO, "en"), rel=0.01)


@pytest.mark.parametrize("unit", [HELLO, "a", "e", "1", "क", "क्", "ش", "bee", "{{a}}", " "])
def test_counting_takes_linear_time(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    began = process_time()

    counts(text, "hi")
    counts(text, "fr")

    # About half a second each; quadratic time would be hours.
    assert process_time() - began < 10


def test_the_duration_is_written_in_words() -> None:
    assert about(0.2) == about(1.4) == "About 1 second to say."
    assert about(2.4) == "About 2 seconds to say."
