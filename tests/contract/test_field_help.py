"""The help on fields: there for each of them, whole, right, and in plain English."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.examples import full, meeting, minimal, sms, whatsapp, zeplo
from wizard.contract.assistant import QUESTIONS
from wizard.contract.field_help import _entries, field_help
from wizard.contract.fields import Kind, Question, Sent, find
from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.draft.draft import Draft
from wizard.draft.explain import does, guide
from wizard.formats import paths
from wizard.formats.paths import Path

# A word that a person would not understand, or that is no plain English.
_FORBIDDEN = re.compile(r"\b(tells?|told|stands?|hands? out|let go|payload's|boolean|null|enum)\b")


def asked(questions: tuple[Question, ...], at: Path = ()) -> list[tuple[Path, Question]]:
    """All fields but those inside an object that is entered as JSON."""
    found = []
    for question in questions:
        path = (*at, question.name)
        if question.never_asked and question.sent is Sent.NEVER:
            continue  # it is part of the draft alone
        if not at or question.kind is not Kind.GROUP:
            found.append((path, question))
        if question.kind in (Kind.GROUP, Kind.LIST):
            found += asked(question.children, path)
    return found


FIELDS = asked(QUESTIONS)
NAMES = [".".join(map(str, path)) for path, _ in FIELDS]


def test_there_is_help_on_every_field_and_on_nothing_else() -> None:
    of_item = "actions.zeplo.content.parameter_hints.*"
    assert set(_entries()) == {*NAMES, of_item}
    assert len([path for path, _ in FIELDS if len(path) == 1]) == 54


@pytest.mark.parametrize("path", [path for path, _ in FIELDS], ids=NAMES)
def test_help_has_all_parts_in_short_sentences(path: Path) -> None:
    known = field_help(path)
    assert known
    for text in (known.does, known.typical, known.omitted):
        assert text.endswith("."), text
        assert "  " not in text
        assert not _FORBIDDEN.search(text), text
        for sentence in re.split(r"(?<=[.!?]) ", text):
            assert len(sentence.split()) <= 26, sentence
    assert known.does[0].isupper()
    assert len(known.does) <= 180, len(known.does)


@pytest.mark.parametrize("path", [path for path, _ in FIELDS], ids=NAMES)
def test_help_does_not_name_a_field_as_the_api_does(path: Path) -> None:
    known = field_help(path)
    assert known
    names = {question.name for _, question in FIELDS if "_" in question.name}
    for text in (known.does, known.typical, known.omitted):
        assert not names & set(re.findall(r"\w+", text))


def whole() -> dict[str, Any]:
    """A payload in which every field applies, or its action."""
    switches = {"is_filler": True, "is_back_sound": True, "is_call_flow": True}
    widget = {"enabled": True, "mode": "embedded", "containerId": "x"}
    payload = full() | minimal() | switches | {"is_sensitivity": True, "widget_config": widget}
    return payload | {"fillers": ["umm"], "call_flow": {"a": 1}, "ai_modal": "elevenlabs"}


def action_with(path: Path) -> dict[str, Any]:
    if path[1] in ("sms", "whatsapp", "zeplo"):
        return {"sms": sms, "zeplo": zeplo, "whatsapp": whatsapp}[str(path[1])]()
    return meeting()


def errors_at(place: Path, payload: Any) -> list[Problem]:
    return [problem for problem in find_errors(payload) if problem.path[: len(place)] == place]


@pytest.mark.parametrize("path", [path for path, _ in FIELDS], ids=NAMES)
def test_every_example_is_valid(path: Path) -> None:
    known = field_help(path)
    assert known
    payload, place = whole(), path
    if path[0] == "actions" and len(path) > 1:
        payload |= {"actions": [action_with(path)]}
        place = ("actions", 0, *path[1:])
    assert not errors_at(place, paths.put(payload, place, known.example))
    # The validator looks at this place: null is valid nowhere but in a text that is never sent.
    if path[-1] != "template_text":
        assert errors_at(place, paths.put(payload, place, None))


def headings(path: Path, draft: Draft) -> Mapping[str, str]:
    question = find(QUESTIONS, path)
    assert question
    return dict(guide(question, path, draft))


def test_the_parts_are_in_order_and_examples_are_words() -> None:
    assert list(headings(("name",), Draft())) == ["Typical", "Example", "Left out"]
    assert headings(("is_filler",), Draft())["Example"] == "Yes"
    assert headings(("fillers",), Draft())["Example"] == "umm, uhh"
    assert headings(("type",), Draft())["Example"] == "Outbound: makes calls"
    assert "Example" not in headings(("widget_config", "api_key"), Draft())
    inside = find(QUESTIONS, ("voice_data", "labels"))
    assert inside
    assert does(inside, ("voice_data", "labels")) == "Language, gender and accent."
