"""A draft of an existing assistant: the record with the changes of the person."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import full, minimal
from tests.exchange.test_merging import records, values
from wizard.api.records import Record
from wizard.draft.draft import Draft, Source
from wizard.draft.origin import Origin
from wizard.errors import NotReady
from wizard.exchange.differences import differences, same
from wizard.formats.json_members import Node
from wizard.formats.paths import MISSING, write
from wizard.sandbox.app_form_examples import app_form_examples
from wizard.storage.database import Database
from wizard.storage.session import Session, copy_of
from wizard.storage.store import Opened, Store

URL = "https://api.qcall.ai/api/v1"


def opened(data: dict[str, Any] | str) -> Draft:
    text = data if isinstance(data, str) else json.dumps(data)
    return Draft.opened(Origin.of(Record.of(text), URL))


def changes(draft: Draft) -> list[str]:
    assert draft.origin
    found = differences(draft.origin.record.data, json.loads(draft.preview()))
    return [write(difference.path) for difference in found]


@pytest.mark.parametrize("data", [*app_form_examples(), full(), minimal(), {}, {"name": 3}])
def test_an_unchanged_assistant_has_its_text_and_no_errors(data: dict[str, Any]) -> None:
    draft = opened(data)
    assert draft.preview() == draft.origin.record.text  # type: ignore[union-attr]
    assert draft.problems() == ()
    assert all(draft.source((name,)) is Source.QCALL for name in data)
    assert list(draft.left_out()) == []


def test_only_changed_members_differ() -> None:
    draft = opened(app_form_examples()[0])
    draft.answer(("script",), "Another script that is long enough.")
    draft.answer(("sentiment", "general_prompt"), "Judge it.")
    draft.answer(("actions", 0, "length"), 45)
    assert changes(draft) == ["script", "actions[0].length", "sentiment.general_prompt"]
    assert draft.source(("script",)) is Source.TYPED
    assert draft.problems() == ()
    draft.undo()
    assert changes(draft) == ["script", "sentiment.general_prompt"]


def test_typed_answers_follow_the_document() -> None:
    draft = opened(app_form_examples()[0])
    draft.answer(("language",), "en,de")
    draft.answer(("actions", 0, "startDate"), "2")
    found = {write(problem.path): problem.code for problem in draft.problems()}
    assert found == {"language": "not_allowed", "actions[0].startDate": "bad_date"}
    draft.answer(("language",), "en,hi")
    assert [write(problem.path) for problem in draft.problems()] == ["actions[0].startDate"]


def test_an_unchanged_app_form_has_one_line() -> None:
    draft = opened(app_form_examples()[0])
    assert draft.origin
    words = draft.origin.words
    assert words(("language",), draft.compose()) == "QCall's app: English and Hindi"
    assert words(("actions", 0, "startDate"), draft.compose()) == "QCall's app: 1 day later"
    assert words(("name",), draft.compose()) == ""
    draft.answer(("language",), "de,hi")
    assert words(("language",), draft.compose()) == ""


def test_unknown_members_are_kept_and_listed() -> None:
    draft = opened(app_form_examples()[0])
    assert {"turn_detector", "latency_fill_mode"} <= set(draft.extras())


def test_a_new_action_is_sent_without_its_draft_members() -> None:
    draft = opened(minimal())
    draft.answer(("actions",), [{"type": "sendMessage"}])
    draft.answer(("actions", 0, "zeplo", "content", "template_text"), "Hello {{1}}")
    content = json.loads(draft.preview())["actions"][0]["zeplo"]["content"]
    assert "template_text" not in content
    assert len(content["parameter_slots"]) == 1


def test_a_draft_of_an_assistant_is_never_created() -> None:
    with pytest.raises(NotReady, match="changes the assistant app1: update it"):
        opened(app_form_examples()[0]).payload()


def test_a_record_that_breaks_everything_is_shown() -> None:
    broken = {name: [{"x": 1}] if not isinstance(v, list) else "x" for name, v in full().items()}
    draft = opened(broken)
    draft.validate()
    assert draft.problems() == ()
    draft.answer(("name",), " ")
    assert [write(problem.path) for problem in draft.problems()] == ["name"]


@pytest.mark.parametrize("odd", ["NaN", "1e999", '"x","a":2', "[" * 150 + "]" * 150])
def test_a_record_that_cannot_go_back_is_shown(odd: str) -> None:
    draft = opened(f'{{"id":"1","a":{odd}}}')
    draft.answer(("name",), "Asha")
    assert draft.origin
    assert draft.origin.record.flaw
    assert "Asha" in draft.preview()


def test_a_rebased_draft_keeps_only_its_own_changes() -> None:
    draft = opened({"id": "1", "name": "Asha", "goal": "A", "accent": "x"})
    draft.answer(("name",), "Mine")
    draft.answer(("goal",), "Mine")
    now = {"id": "1", "name": "Theirs", "goal": "B", "accent": "y", "new": 1}

    draft.rebase(Origin.of(Record.of(json.dumps(now)), URL), theirs=["goal"])

    assert json.loads(draft.preview()) == now | {"name": "Mine"}
    assert changes(draft) == ["name"]


# Kept on the disk


def test_a_draft_is_saved_and_opened_with_its_origin(tmp_path: Path) -> None:
    record = '{"hash_id":"h-1","n":1.50,"widget_config":{"api_key":"widget-canary-77aa"}}'
    session = Session(tmp_path, Opened(Store(Database.open(tmp_path))))
    draft = session.begin(opened(record))
    draft.answer(("name",), "Mira")
    session.changed()
    assert session.close()

    session = Session(tmp_path, Opened(Store(Database.open(tmp_path))))
    found = session.open(draft.id)
    assert found.origin == draft.origin
    assert found.preview() == draft.preview()
    assert '"n":1.50' in found.preview()
    assert copy_of(found).origin == draft.origin
    session.close()
    for file in tmp_path.iterdir():
        if file.is_file():
            assert b"widget-canary" not in file.read_bytes()


# Any record, any answer


@settings(max_examples=100, deadline=None)
@given(record=records, data=st.data())
def test_any_answer_of_any_record_changes_that_member_alone(
    record: str, data: st.DataObject
) -> None:
    draft = opened(record)
    assert draft.origin
    was = json.loads(draft.origin.record.text)
    name = data.draw(st.sampled_from(["name", "script", "a", "b", "ü", "x y"]))
    value = json.loads(data.draw(values)) if data.draw(st.booleans()) else MISSING
    draft.answer((name,), value)

    sent = draft.preview()

    wanted = {n: v for n, v in was.items() if n != name}
    if value is not MISSING and (name in was or value != ""):
        wanted[name] = value
    assert same(json.loads(sent), wanted)
    now = {member.name: member.node.raw for member in Node.of(sent).members}
    for member in Node.of(draft.origin.record.text).members:
        if member.name != name:
            assert now[member.name] == member.node.raw
