"""A new field is one declaration in a model; questions, payload and schema follow."""

from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from tests.examples import minimal
from wizard.contract.applicability import Applicability, applying
from wizard.contract.assistant import Assistant
from wizard.contract.conditions import is_on
from wizard.contract.fields import FieldMeta, Kind, Sent, find, questions
from wizard.contract.model import ABSENT, ContractModel
from wizard.contract.rules import Url, between, one_of
from wizard.contract.schema import payload_schema
from wizard.contract.steps import Step
from wizard.formats import paths
from wizard.formats.paths import MISSING


class Song(ContractModel):
    """What is played."""

    title: Annotated[str, FieldMeta("Title", "The song's name.", sent=Sent.ASKED, default="")] = (
        ABSENT
    )
    loudness: Annotated[float, between(1, 5), FieldMeta("Loudness", "From 1 to 5.")] = ABSENT


class NextYear(Assistant):
    """The request as it might be published next year: four lines more."""

    music: Annotated[
        str,
        one_of({"none": "No music", "jazz": "Jazz"}),
        FieldMeta(
            "Music", "What is heard while the caller waits.", step=Step.SCRIPT, default="none"
        ),
    ]
    is_played_live: Annotated[bool, FieldMeta("Live", "Has a band play it.")] = ABSENT
    band: Annotated[Url, FieldMeta("Band", "The band's address.", when=is_on("is_played_live"))] = (
        ABSENT
    )
    song: Annotated[Song, FieldMeta("Song", "What is played.", when=is_on("is_played_live"))] = (
        ABSENT
    )


QUESTIONS = questions(NextYear)


def compose(**answers: Any) -> dict[str, Any]:
    return Applicability(QUESTIONS, answers).compose()


def errors(**members: Any) -> dict[str, str]:
    """The errors of an otherwise valid payload, each place with its code."""
    try:
        NextYear.model_validate(minimal() | {"music": "jazz"} | members)
    except ValidationError as error:
        return {paths.write(line["loc"]): line["type"] for line in error.errors()}
    return {}


def test_the_declaration_is_all_there_is_to_write() -> None:
    added = set(NextYear.model_fields) - set(Assistant.model_fields)
    assert added == {"music", "is_played_live", "band", "song"}


def test_the_questions_have_all_its_metadata() -> None:
    question = find(QUESTIONS, ("music",))
    assert question is not None
    assert (question.name, question.label, question.kind) == ("music", "Music", Kind.CHOICE)
    assert (question.step, question.sent, question.default) == (Step.SCRIPT, Sent.ALWAYS, "none")
    assert question.options == {"none": "No music", "jazz": "Jazz"}
    assert question.allowed == "one of none, jazz"
    assert question.meta.help == "What is heard while the caller waits."


def test_it_follows_the_declared_order_and_shares_the_step() -> None:
    names = [question.name for question in QUESTIONS]
    assert names == [*Assistant.model_fields, "music", "is_played_live", "band", "song"]
    loudness = find(QUESTIONS, ("song", "loudness"))
    assert loudness is not None
    assert (loudness.step, loudness.kind) == (Step.SCRIPT, Kind.NUMBER)
    assert loudness.allowed == "a number from 1 to 5"


def test_it_is_asked_under_its_condition() -> None:
    def asked(**answers: Any) -> set[str]:
        found = {paths.write(asked.path) for asked in applying(QUESTIONS, answers)}
        return found & {"music", "is_played_live", "band", "song.title", "song.loudness"}

    assert asked() == {"music", "is_played_live"}
    assert asked(is_played_live=True) == {
        "music",
        "is_played_live",
        "band",
        "song.title",
        "song.loudness",
    }


def test_it_is_in_the_payload_under_its_condition() -> None:
    def added(**answers: Any) -> dict[str, Any]:
        return {name: v for name, v in compose(**answers).items() if name not in compose()}

    assert compose()["music"] == "none"
    assert compose(music="jazz")["music"] == "jazz"
    assert added(band="https://band.example", song={"title": "Blue"}) == {}
    assert added(is_played_live=False, song={"loudness": 3}) == {"is_played_live": False}
    assert added(is_played_live=True, song={"loudness": 3}) == {
        "is_played_live": True,
        "song": {"title": "", "loudness": 3},
    }


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, {}),
        ({"is_played_live": True, "song": {"loudness": 5.0}}, {}),
        ({"music": "rock"}, {"music": "not_allowed"}),
        ({"music": None}, {"music": "string_type"}),
        ({"is_played_live": 1}, {"is_played_live": "bool_type"}),
        ({"band": "band.example"}, {"band": "bad_url"}),
        ({"song": {"loudness": 6}}, {"song.loudness": "out_of_range"}),
        ({"song": {"loudness": "5"}}, {"song.loudness": "float_type"}),
    ],
)
def test_it_is_validated(members: dict[str, Any], expected: dict[str, str]) -> None:
    assert errors(**members) == expected


def test_it_is_reported_if_missing() -> None:
    with pytest.raises(ValidationError) as refused:
        NextYear.model_validate(minimal())
    assert [(line["loc"], line["type"]) for line in refused.value.errors()] == [
        (("music",), "missing")
    ]


def test_the_rules_of_the_other_fields_still_hold() -> None:
    assert errors(is_voice_note=True) == {"voice_note": "blank"}
    assert errors(is_voice_note=True, music="rock") == {
        "voice_note": "blank",
        "music": "not_allowed",
    }


def test_the_schema_has_the_new_field() -> None:
    schema = payload_schema(NextYear)
    assert schema["properties"]["music"]["enum"] == ["none", "jazz"]
    assert schema["properties"]["band"]["format"] == "uri"
    assert "music" in schema["required"]
    assert "band" not in schema["required"]
    loudness = schema["$defs"]["Song"]["properties"]["loudness"]
    assert (loudness["type"], loudness["minimum"], loudness["maximum"]) == ("number", 1, 5)


def test_a_field_without_metadata_is_refused() -> None:
    class Unasked(ContractModel):
        """A model with a field without metadata."""

        mute: str = ABSENT

    with pytest.raises(TypeError, match="the field mute has no FieldMeta"):
        questions(Unasked)


def test_a_field_without_a_default_has_none() -> None:
    question = find(QUESTIONS, ("band",))
    assert question is not None
    assert question.default is MISSING
