"""An existing assistant is copied to a new draft in the form of the published document."""

import json
from datetime import date
from typing import Any

from hypothesis import given, settings

from tests.examples import full, minimal
from tests.exchange.test_merging import records
from wizard.api.records import Record
from wizard.contract.choices import IMAGES, OPT_OUT_SCRIPT
from wizard.contract.validation import find_errors
from wizard.exchange.copying import copied
from wizard.exchange.importing import Imported
from wizard.sandbox.app_form_examples import app_form_examples

TODAY = date(2026, 11, 29)


def copy(data: dict[str, Any]) -> Imported:
    return copied(Record.of(json.dumps(data)), TODAY)


def test_the_published_form_is_copied_without_its_id() -> None:
    imported = copy(minimal() | {"hash_id": "h-1", "id": 7, "updatedAt": "2026-01-01"})
    assert imported.draft.compose() == minimal()
    assert [left.what for left in imported.report.left] == ["hash_id", "id", "updatedAt"]
    assert imported.report.changed == ()


def test_the_forms_of_the_app_are_converted_and_listed() -> None:
    first, *others = app_form_examples()
    imported = copy(first)
    payload = imported.draft.compose()

    assert find_errors(payload) == []
    assert payload["language"] == "en"
    assert payload["assistant_image"] == next(iter(IMAGES))
    assert payload["opt_out_script"] == OPT_OUT_SCRIPT
    assert payload["knowledge_base_Id"] == "kb-1"
    assert payload["background_volume"] == 5
    (action,) = payload["actions"]
    assert (action["meetingType"], action["startDate"]) == ("openBooking", "2026-11-30")
    left = [item.what for item in imported.report.left]
    assert {"actions[1]", "turn_detector", "latency_fill_mode", "call_flow"} <= set(left)
    changed = {str(each).partition(":")[0] for each in imported.report.changed}
    assert changed == {
        "language", "fillers", "ai_model_id", "knowledge_base_Id", "opt_out_script",
        "assistant_image", "background_volume", "actions[0].startDate", "actions[0].meetingType",
    }  # fmt: skip
    for other in others:
        copy(other)


def test_members_without_a_field_are_listed_with_the_reason() -> None:
    imported = copy(minimal() | {"language": "ml", "knowledge_base_Id": ["a", "b"], "mood": 1})
    reasons = {left.what: left.why for left in imported.report.left}
    assert reasons["language"] == "QCall's app: Malayalam"
    assert reasons["knowledge_base_Id"] == "QCall's app: several knowledge bases"
    assert reasons["mood"] == "the document has no place"
    assert "language" not in imported.draft.compose()


def test_the_key_of_a_widget_is_not_copied() -> None:
    imported = copy(full())
    assert "api_key" not in imported.draft.compose()["widget_config"]
    assert any("enter the key" in left.why for left in imported.report.left)


@settings(max_examples=60, deadline=None)
@given(record=records)
def test_any_record_can_be_copied(record: str) -> None:
    data = json.loads(record)
    imported = copied(Record.of(record), TODAY)
    reported = {left.what for left in imported.report.left} | {
        str(each).partition(":")[0] for each in imported.report.changed
    }
    for name in data:
        assert name in imported.draft.answers or name in reported
    imported.draft.problems()
