"""The contract: the published document's fields, word for word, and the rules that go with them."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests import published
from tests.examples import at, full, meeting, minimal, sms, with_, without, zeplo
from tests.published import places_forbidden, published_errors
from wizard.advice import advise, shape
from wizard.advice.registry import ADVICE as CODES
from wizard.contract.assistant import QUESTIONS, Assistant
from wizard.contract.fields import Kind, Sent, walk
from wizard.contract.masking import SECRET
from wizard.contract.schema import payload_schema
from wizard.contract.steps import Step
from wizard.contract.validation import find_errors
from wizard.draft.draft import Draft
from wizard.formats import paths
from wizard.formats.paths import MISSING

REQUIRED = tuple(published.schema()["required"])


def errors(payload: Any) -> list[tuple[str, str]]:
    """Each error as its path and its code."""
    return [(paths.write(problem.path), problem.code) for problem in find_errors(payload)]


def warnings(payload: Any) -> list[tuple[str, str]]:
    """Each piece of advice as its path and its code."""
    return [(paths.write(problem.path), problem.code) for problem in advise(payload)]


def places(payload: Any, path: str = "") -> Iterator[str]:
    """The path of everything inside a payload, containers too."""
    members = payload.items() if isinstance(payload, dict) else enumerate(payload)
    for name, value in members:
        place = f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".removeprefix(".")
        yield place
        if isinstance(value, dict | list):
            yield from places(value, place)


def generic(path: str) -> str:
    """A path without its indexes: `actions[].say` for `actions[0].say`."""
    parts = paths.parse(path)
    return "".join("[]" if isinstance(p, int) else f".{p}" for p in parts).removeprefix(".")


# Declared once, as published


class Published(NamedTuple):
    """What a schema says of one field."""

    type: str | None
    enum: list[Any] | None
    required: list[str] | None


def declared(schema: dict[str, Any], path: str = "") -> dict[str, Published]:
    """All fields of a schema, nested ones and the items of lists too, by their path."""
    said = {path: Published(schema.get("type"), schema.get("enum"), schema.get("required"))}
    for name, part in schema.get("properties", {}).items():
        said |= declared(part, f"{path}.{name}".removeprefix("."))
    if "items" in schema:
        said |= declared(schema["items"], f"{path}[]")
    return said


def inlined(part: Any, definitions: dict[str, Any]) -> Any:
    """A schema of pydantic with its `$defs` inlined."""
    if isinstance(part, list):
        return [inlined(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {name: inlined(value, definitions) for name, value in part.items()}


def modelled() -> dict[str, Published]:
    schema = payload_schema()
    return declared(inlined(schema, schema["$defs"]))


DOCUMENTED = declared(published.schema())

# Where the models differ from the published document, and why.
REPAIRS = {
    "fillers": "the enum stands on the list, which no list can meet; it is meant for the items",
    "fillers[]": "and here it is",
    "assistant_image": "the enum names picture 1 twice",
    "is_back_sound": "an enum of both booleans says no more than the type",
    "is_filler": "an enum of both booleans says no more than the type",
    "is_sensitivity": "an enum of both booleans says no more than the type",
    "is_opt_out": "an enum of both booleans says no more than the type",
    "is_wait_start_speech": "an enum of both booleans says no more than the type",
}


def test_there_are_54_fields_of_which_27_are_required() -> None:
    assert len(Assistant.model_fields) == 54
    assert sum(field.is_required() for field in Assistant.model_fields.values()) == 27


def test_the_models_match_the_published_document_and_its_repairs() -> None:
    ours, theirs = modelled(), declared(published.as_published())
    required = {path: sorted(said.required or []) for path, said in ours.items()}
    assert required == {path: sorted(theirs[path].required or []) for path in theirs} | {
        "fillers[]": []
    }
    differing = {path for path in ours | theirs if _said(ours, path) != _said(theirs, path)}
    assert differing == set(REPAIRS)


def _said(schema: dict[str, Published], path: str) -> object:
    return schema[path][:2] if path in schema else None


def test_the_repairs_leave_the_meaning() -> None:
    ours, theirs = modelled(), declared(published.as_published())
    assert ours["fillers[]"].enum == theirs["fillers"].enum
    assert ours["assistant_image"].enum == list(dict.fromkeys(theirs["assistant_image"].enum or []))
    switches = {path for path in REPAIRS if path.startswith("is_")}
    assert all(sorted(theirs[path].enum or []) == [False, True] for path in switches)


def test_the_published_document_is_repaired_in_one_place_only() -> None:
    document, repaired = published.as_published(), published.schema()
    assert document | {"properties": 0} == repaired | {"properties": 0}
    was, now = document["properties"], repaired["properties"]
    assert {name for name in was if was[name] != now[name]} == {"fillers"}
    assert "enum" not in now["fillers"]
    assert now["fillers"]["items"]["enum"] == was["fillers"]["enum"]


def test_the_questions_ask_for_every_field_and_know_its_type() -> None:
    kinds = {
        "string": {Kind.TEXT, Kind.LONG_TEXT, Kind.SECRET, Kind.CHOICE, Kind.SEVERAL},
        "number": {Kind.NUMBER, Kind.CHOICE},
        "integer": {Kind.NUMBER},
        "boolean": {Kind.FLAG},
        "array": {Kind.LIST, Kind.LINES, Kind.SEVERAL, Kind.OBJECT},
        "object": {Kind.GROUP, Kind.OBJECT},
    }
    asked = dict(walk(QUESTIONS))
    for path, said in DOCUMENTED.items():
        names = tuple(path.replace("[]", "").split("."))
        if names in asked and not path.endswith("[]"):
            assert asked[names].kind in kinds[said.type or ""], path
    named = {names for names in asked if names[-1] not in ("template_text", "known_hints")}
    fields = {path for path in DOCUMENTED if path and not path.endswith("[]")}
    assert {paths.write(names) for names in named} == {path.replace("[]", "") for path in fields}


def test_every_question_can_be_read() -> None:
    for path, question in walk(QUESTIONS):
        assert question.label.strip(), path
        assert question.meta.help.strip().endswith((".", "?", ":")), path
        assert question.allowed.strip(), path
        assert question.step is not None, path


STEPS = {
    Step.TYPE: "type name company_name company_website goal assistant_image",
    Step.LANGUAGE: "language end_call_message",
    Step.VOICE: (
        "accent voice_id voice_name ai_modal gender voice_data eleven_lab_modal stability "
        "similarity style_exaggeration speaker_boost voice_speed is_filler fillers is_back_sound "
        "background_type background_volume"
    ),
    Step.SCRIPT: (
        "start_speech is_wait_start_speech script generate_call_flow is_call_flow call_flow "
        "is_start_speech_update knowledge_base_Id is_voice_note voice_note is_opt_out "
        "opt_out_script"
    ),
    Step.ACTIONS: "actions zapier_hook",
    Step.ADVANCED: (
        "maximum_time_per_call is_recording temperature is_sensitivity sensitivity "
        "utterance_length enable_delay safety_fallback_delay wait_max_interval "
        "set_transcription_start_time sentiment meeting_note_prompt call_outcome_prompt "
        "ai_model_id widget_config"
    ),
}


@pytest.mark.parametrize("step", list(Step))
def test_each_step_asks_for_its_fields(step: Step) -> None:
    asked = {question.name for question in QUESTIONS if question.step is step}
    assert asked == set(STEPS[step].split())


def test_required_fields_are_always_sent_and_others_if_set() -> None:
    sent = {question.name: question.sent for question in QUESTIONS}
    assert {name for name in sent if sent[name] is Sent.ALWAYS} == set(REQUIRED)
    assert {name for name in sent if sent[name] is Sent.IF_SET} == set(sent) - set(REQUIRED)


def test_a_draft_without_answers_sends_the_default_values_and_nothing_else() -> None:
    default = dict(Draft().compose())
    sentences = ["meeting_note_prompt", "call_outcome_prompt"]
    assert all(default.pop(name).strip() for name in sentences)
    sentiment = default.pop("sentiment")
    assert list(sentiment) == list(minimal()["sentiment"])
    assert all(text.strip() for text in sentiment.values())
    assert default == {
        "assistant_image": at(minimal(), "assistant_image"),
        "voice_speed": 1,
        "is_filler": False,
        "fillers": [],
        "is_wait_start_speech": False,
        "is_voice_note": False,
        "voice_note": "",
        "opt_out_script": at(minimal(), "opt_out_script"),
        "maximum_time_per_call": 10,
        "temperature": 0.7,
        "sensitivity": 600,
        "utterance_length": 3,
        "ai_model_id": "1",
    }


# What the published document forbids


@pytest.mark.parametrize("payload", [minimal(), full()], ids=["minimal", "full"])
def test_the_examples_are_valid_and_get_no_advice(payload: dict[str, Any]) -> None:
    assert published_errors(payload) == []
    assert errors(payload) == []
    assert warnings(payload) == []


def test_the_full_example_has_every_field_there_is() -> None:
    has = {generic(place) for place in places(full())}
    inside = ("call_flow.", "actions[].whatsapp.content.")
    has = {path for path in has if not path.startswith(inside)}
    # `components` has to be empty.
    assert has == set(DOCUMENTED) - {"", "actions[].zeplo.content.components[]"}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_field_is_reported_at_its_path(name: str) -> None:
    assert errors(without(minimal(), name)) == [(name, "missing")]
    assert places_forbidden(without(minimal(), name)) == {name}


def test_a_missing_action_type_is_reported_at_its_path() -> None:
    assert errors(without(full(), "actions[0].type")) == [("actions[0].type", "missing")]


def test_all_missing_fields_are_reported_together() -> None:
    assert {path for path, code in errors({}) if code == "missing"} == set(REQUIRED)


@pytest.mark.parametrize("payload", [None, [], "text", 1, True, [minimal()]])
def test_a_payload_that_is_no_object_is_refused(payload: Any) -> None:
    assert errors(payload) == [("", "not_object")]


def closed_lists() -> list[str]:
    """Every place of the full example whose field is published with an enum, but the switches."""
    enums = {path for path, said in DOCUMENTED.items() if said.enum and said.type != "boolean"}
    return [place for place in places(full()) if generic(place) in enums]


@pytest.mark.parametrize("place", closed_lists())
def test_a_value_outside_a_closed_list_is_refused_there(place: str) -> None:
    was = at(full(), place)
    others = ["", was.upper() + "x", f" {was}"] if isinstance(was, str) else [0, 2.05, -was, 10_000]
    for other in others:
        assert (place, "not_allowed") in errors(with_(full(), place, other)), other
        assert place in places_forbidden(with_(full(), place, other)), other


@pytest.mark.parametrize("place", closed_lists())
def test_every_value_of_a_closed_list_is_allowed(place: str) -> None:
    for value in DOCUMENTED[generic(place)].enum or []:
        assert place not in dict(errors(with_(full(), place, value))), value


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("type", "Choose one of inbound, outbound."),
        ("language", "Choose one of English (en), German (de), Hindi (hi), "),
        ("actions[0].type", "Schedule a meeting (scheduleMeeting)"),
        ("actions[0].meetingType", "Enter the only allowed value: Open booking (openBooking)."),
    ],
)
def test_the_error_of_a_closed_list_has_labels_and_values(place: str, message: str) -> None:
    (error,) = [e for e in find_errors(with_(full(), place, "x")) if paths.write(e.path) == place]
    assert message in error.message


SORTS: dict[str, tuple[Any, ...]] = {
    "string": ("1", "", "true"),
    "number": (1, 1.5),
    "boolean": (True, False),
    "array": ([], ["1"], [1]),
    "object": ({}, {"type": "1"}),
    "null": (None,),
}
CODE_OF_TYPE = {
    "string": "not_text",
    "number": "not_number",
    "integer": "not_number",
    "boolean": "not_boolean",
    "array": "not_list",
    "object": "not_object",
}


def typed_places() -> list[str]:
    """Every place of the full example for which a type is published."""
    typed = {path for path, said in DOCUMENTED.items() if said.type}
    return [place for place in places(full()) if generic(place) in typed]


@pytest.mark.parametrize("place", typed_places())
def test_a_value_of_another_type_is_refused_there(place: str) -> None:
    wanted = str(DOCUMENTED[generic(place)].type)
    sort = "number" if wanted == "integer" else wanted
    for value in (value for other in SORTS if other != sort for value in SORTS[other]):
        found = errors(with_(full(), place, value))
        assert (place, CODE_OF_TYPE[wanted]) in found, value
        assert places_forbidden(with_(full(), place, value)) == {place}
        # One value is wrong, so nothing outside of its parents has an error.
        top = paths.parse(place)[0]
        assert all(paths.parse(path)[0] == top for path, _ in found), value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", 'Enter a number of minutes over 0; "1" is text.'),
        (True, "Enter a number of minutes over 0; true is a boolean."),
        (None, "Enter a number of minutes over 0, not null."),
        ([], "Enter a number of minutes over 0; this is a list."),
        (10**400, f"Enter a number of minutes over 0; {10**38}… is too large."),
    ],
    ids=["text", "boolean", "null", "list", "huge"],
)
def test_a_wrong_type_has_a_message(value: Any, expected: str) -> None:
    (problem,) = find_errors(with_(full(), "maximum_time_per_call", value))
    assert problem.message == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("widget_config.api_key", ["canary"]),
        ("company_website", "canary"),
        ("actions[0].timezone", "canary"),
        ("voice_note", {"canary": 1}),
    ],
)
@pytest.mark.parametrize("payload", [full(), full() | {"fillers": []}], ids=["full", "two errors"])
def test_an_error_shows_no_value(payload: dict[str, Any], path: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Assistant.model_validate(with_(payload, path, value))
    assert "canary" not in str(refused.value) + repr(refused.value)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    numbers = [p for p in typed_places() if DOCUMENTED[generic(p)].type in ("number", "integer")]
    assert len(numbers) > 15
    for place in numbers:
        value = at(full(), place)
        if value == int(value):
            assert errors(with_(full(), place, float(value))) == [], place
            assert published_errors(with_(full(), place, float(value))) == [], place


@pytest.mark.parametrize(
    "place",
    [
        "actions[0].length",
        *[f"actions[2].zeplo.content.parameter_slots[2].{name}" for name in ("index", "sub_index")],
    ],
)
def test_an_integer_has_nothing_behind_the_point(place: str) -> None:
    assert errors(with_(full(), place, 1.5)) == [(place, "not_whole")]
    assert places_forbidden(with_(full(), place, 1.5)) == {place}


# Anything at all in place of anything

TEXTS = st.sampled_from(["", " ", "1", "true", "umm", "en", "sendMessage", "2026-02-30"]) | st.text(
    max_size=5
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, 1.5, 600, 650, 1e300, 10**400])
    | TEXTS
)
NAMES = st.sampled_from(["type", "section", "index", "content", "is_sms", "x"]) | st.text(
    max_size=3
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """An example with anything at all put in, taken out or exchanged, in up to four places."""
    payload = draw(st.sampled_from([minimal, full]))()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from([*places(payload), "unknown"]))
        path = paths.parse(place)
        change = draw(st.sampled_from(["exchange", "take out", "move"]))
        value = at(payload, draw(st.sampled_from(list(places(payload))))) if change == "move" else 0
        value = MISSING if change == "take out" else value
        value = draw(ANYTHING) if change == "exchange" else value
        payload = paths.put(payload, path, deepcopy(value))
        if not payload:
            break
    return dict(payload)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed())
def test_every_published_rule_is_enforced_at_its_path(payload: Any) -> None:
    before = deepcopy(payload)
    found = {path for path, _ in errors(payload)}
    assert places_forbidden(payload) <= found
    assert payload == before
    # Advice bears everything as well.
    assert all(problem.code in CODES for problem in advise(payload))


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_any_json_can_be_validated(payload: Any) -> None:
    assert find_errors(payload)
    assert published_errors(payload)


# Errors beyond the published document


class Rule(NamedTuple):
    """A value at a place of the full example that is refused, and one that is not."""

    place: str
    wrong: Any
    right: Any
    code: str
    reported_at: str = ""


NOT_BLANK = [
    "name",
    "company_name",
    "goal",
    "accent",
    "voice_id",
    "voice_name",
    "ai_modal",
    "start_speech",
    "script",
    "meeting_note_prompt",
    "call_outcome_prompt",
]
SLOTS = "actions[2].zeplo.content.parameter_slots"
HINTS = "actions[2].zeplo.content.parameter_hints"

RULES = [
    *[Rule(name, blank, " x ", "blank") for name in NOT_BLANK for blank in ("", " \t\n", "\u3000")],
    # A zero-width joiner is no white space.
    Rule("name", "\xa0", "\u200d", "blank"),
    *[
        Rule(name, wrong, right, "bad_url")
        for name in ("company_website", "zapier_hook")
        for wrong, right in [
            ("acme.example", "http://acme.example"),
            ("ftp://acme.example", "https://acme.example:8443/a?b=c#d"),
            ("https://", "HTTPS://ACME.EXAMPLE"),
            ("https://acme.example:0", "https://acme.example:1"),
            ("https://acme example", "https://zahnärzte.example/ä"),
            ("https://acme.example/\n", "http://localhost"),
            ("https://acme.example:99999", "http://[::1]:8080/"),
            ("https://[::1", "https://user@acme.example"),
            ("javascript:alert(1)", "https://acme.example/%20"),
        ]
    ],
    *[
        Rule(name, wrong, right, "out_of_range")
        for name in ("stability", "similarity", "style_exaggeration")
        for wrong, right in [(-0.01, 0), (1.01, 1), (75, 0.75)]
    ],
    *[
        Rule(f"voice_data.{name}", wrong, right, "out_of_range")
        for name in ("stability", "similarity")
        for wrong, right in [(-1, 0), (100.5, 100)]
    ],
    Rule("background_volume", 0, 1, "out_of_range"),
    Rule("background_volume", 10.5, 10, "out_of_range"),
    Rule("maximum_time_per_call", 0, 0.5, "out_of_range"),
    Rule("maximum_time_per_call", -1, 1000, "out_of_range"),
    *[
        Rule(name, -1, 0, "out_of_range")
        for name in ("safety_fallback_delay", "wait_max_interval", "set_transcription_start_time")
    ],
    # Over several fields
    Rule("voice_note", " ", "Call us.", "blank"),
    Rule("fillers", [], ["uhh"], "blank"),
    Rule("ai_modal", " ", "another", "blank"),
    # Actions
    Rule("actions[0].timezone", "Mars/Olympus", "America/Argentina/Buenos_Aires", "bad_zone"),
    Rule("actions[0].timezone", "asia/kolkata", "Europe/Berlin", "bad_zone"),
    Rule("actions[0].startDate", "2026-02-30", "2028-02-29", "bad_date"),
    Rule("actions[0].startDate", "2026-1-1", "1999-01-01", "bad_date"),
    Rule("actions[0].startDate", "31.12.2026", "2026-12-31", "bad_date"),
    Rule("actions[0].startDate", "20261231", "9999-12-31", "bad_date"),
    Rule("actions[0].startDate", "2026-12-31T00:00", "2026-01-01", "bad_date"),
    *[
        Rule("actions[0].startTime", wrong, right, "bad_time")
        for wrong, right in [
            ("9:30 AM", "09:30 AM"),
            ("09:30", "12:00 AM"),
            ("13:00 PM", "01:00 PM"),
            ("00:30 AM", "12:30 AM"),
            ("09:60 AM", "09:59 AM"),
            ("09:30 am", "04:59 PM"),
            ("09:30AM", "12:00 PM"),
            ("09:30 AM\n", "11:30 AM"),
        ]
    ],
    Rule("actions[0].endTime", "17:00", "05:00 PM", "bad_time"),
    Rule("actions[0].endTime", "09:30 AM", "09:31 AM", "not_after"),
    Rule("actions[0].endTime", "12:00 AM", "12:00 PM", "not_after"),
    Rule("actions[0].startTime", "06:00 PM", "04:00 PM", "not_after", "actions[0].endTime"),
    Rule("actions[0].bookingDays", "Monday,Funday", "monday, SUNDAY", "bad_day"),
    Rule("actions[0].bookingDays", "Monday;Friday", "Monday,Friday", "bad_day"),
    Rule("actions[0].bookingDays", "Mon", "Sunday", "bad_day"),
    Rule("actions[0].bookingDays", "Monday,", "Monday", "bad_day"),
    Rule("actions[0].length", 0, 1, "not_whole"),
    Rule("actions[0].length", -30, 30.0, "not_whole"),
    Rule("actions[1].sms.is_sms", False, True, "no_channel", "actions[1]"),
    Rule("actions[1].sms", {}, sms()["sms"], "no_channel", "actions[1]"),
    Rule("actions[1]", {"type": "sendMessage"}, {"type": "scheduleMeeting"}, "no_channel"),
    Rule("actions[1].sms.description", "", "When asked.", "blank"),
    Rule("actions[1].sms.content", " \n", "The way.", "blank"),
    Rule("actions[2].zeplo.description", "", "When asked.", "blank"),
    Rule("actions[2].zeplo.content.templateName", "", "booked_2", "blank"),
    Rule("actions[3].whatsapp.description", "\t", "When asked.", "blank"),
    Rule(HINTS, ["a", "b"], ["a", "b", "c"], "not_aligned"),
    Rule(HINTS, ["a", "b", "c", "d"], ["a", "b", "c"], "not_aligned"),
    Rule(SLOTS, [], [{"section": "body", "index": n} for n in (1, 2, 3)], "not_aligned", HINTS),
    Rule(f"{HINTS}[1]", " ", "the caller", "blank"),
    Rule(f"{SLOTS}[0].index", 0, 1, "out_of_range"),
    Rule(f"{SLOTS}[1].index", 0, 10, "out_of_range"),
    Rule(f"{SLOTS}[2].index", -1, 0, "out_of_range"),
    Rule(f"{SLOTS}[2].sub_index", 0, 1, "out_of_range"),
    Rule(f"{SLOTS}[0].sub_index", 1, MISSING, "not_in_button"),
    Rule(f"{SLOTS}[1].sub_index", 1, MISSING, "not_in_button"),
    Rule("actions[2].zeplo.content.components", [{}], [], "not_empty"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.place} {rule.wrong!r:.20}")
def test_a_rule_reports_exactly_its_own_violation(rule: Rule) -> None:
    reported_at = rule.reported_at or rule.place
    assert errors(with_(full(), rule.place, rule.wrong)) == [(reported_at, rule.code)]
    assert errors(with_(full(), rule.place, rule.right)) == []


def test_every_error_is_a_sentence() -> None:
    for rule in RULES:
        (problem,) = find_errors(with_(full(), rule.place, rule.wrong))
        assert re.fullmatch(r"[A-Z].*\.", problem.message), problem


def test_a_voice_note_may_be_blank_while_its_switch_is_off() -> None:
    assert errors(minimal()) == []
    assert errors(with_(minimal(), "is_voice_note", True)) == [("voice_note", "blank")]


def test_fillers_may_be_empty_while_their_switch_is_off() -> None:
    assert errors(with_(minimal(), "is_filler", True)) == [("fillers", "blank")]


def test_qmodel_needs_the_voice_object() -> None:
    bare = without(minimal(), "voice_data")
    (problem,) = find_errors(bare)
    assert (paths.write(problem.path), problem.code) == ("voice_data", "missing")
    assert "qmodel" in problem.message
    assert errors(with_(bare, "ai_modal", "another")) == []
    # The document lets any object be one.
    assert errors(with_(bare, "voice_data", {})) == []


def test_an_unused_channel_may_be_blank() -> None:
    both = zeplo() | {"sms": {"is_sms": False, "description": "", "content": ""}}
    assert errors(with_(full(), "actions", [both])) == []


OFF = zeplo()["zeplo"] | {"is_zeplo": False}
NOT_IN_USE = [
    ("background_volume", 0.5, "loud"),
    ("actions", [sms() | {"timezone": "Mars", "startTime": "9", "length": 0}], [{"length": 1}]),
    ("actions", [sms() | {"endTime": "08:00 AM", "startTime": "09:00 AM"}], [sms() | {"say": 1}]),
    ("actions", [meeting() | {"sms": {"is_sms": True, "content": ""}}], [meeting() | {"sms": 1}]),
    (
        "actions",
        [sms() | {"zeplo": OFF | {"description": ""}}],
        [sms() | {"zeplo": {"is_zeplo": 1}}],
    ),
    (
        "actions",
        [sms() | {"zeplo": with_(OFF, "content.parameter_hints", [""])}],
        [sms() | {"zeplo": with_(OFF, "content.category", "NONE")}],
    ),
    (
        "actions",
        [sms() | {"zeplo": with_(OFF, "content.parameter_slots[0].index", -1)}],
        [sms() | {"zeplo": with_(OFF, "content.parameter_slots[0].index", 0.5)}],
    ),
    ("actions", [sms() | {"length": 0}], [sms() | {"length": 1.5}]),
]


@pytest.mark.parametrize(("name", "unused", "forbidden"), NOT_IN_USE)
def test_an_unused_field_breaks_only_published_rules(
    name: str, unused: Any, forbidden: Any
) -> None:
    payload = with_(minimal(), name, unused)
    assert errors(payload) == []
    assert "QW002" in {code for _, code in warnings(payload)}
    payload = with_(minimal(), name, forbidden)
    assert {path for path, _ in errors(payload)} == places_forbidden(payload) != set()


IDLE = st.fixed_dictionaries(
    {"type": st.just("sendMessage"), "sms": st.just(sms()["sms"])},
    optional={
        name: st.sampled_from([meeting()[name], "", " ", "x", 0, -1, 1.5, None])
        for name in meeting()
        if name != "type"
    }
    | {
        "whatsapp": st.sampled_from([{"is_whatsapp": False, "description": ""}, {"content": 1}]),
        "zeplo": st.sampled_from([OFF, {}, {"is_zeplo": False, "content": {"components": [1]}}]),
    },
)


@given(IDLE, st.sampled_from([0.5, 11, -1, 0, "x", None]))
@settings(max_examples=100, deadline=None)
def test_an_unused_action_breaks_only_published_rules(action: dict[str, Any], volume: Any) -> None:
    payload = minimal() | {"actions": [action], "background_volume": volume}
    assert {path for path, _ in errors(payload)} == places_forbidden(payload)


@pytest.mark.parametrize("name", ["company_website", "zapier_hook"])
def test_an_optional_text_that_is_empty_counts_as_left_out(name: str) -> None:
    assert errors(full() | {name: ""}) == []
    assert errors(full() | {name: " "}) == [(name, "bad_url")]
    for part in ("timezone", "startDate", "startTime", "endTime"):
        assert errors(with_(full(), f"actions[0].{part}", "")) == []


def test_an_authentication_template_takes_one_hint_for_all_its_slots() -> None:
    authentication = with_(full(), "actions[2].zeplo.content.category", "AUTHENTICATION")
    assert errors(authentication) == [(HINTS, "not_aligned")]
    assert errors(with_(authentication, HINTS, ["the code"])) == []
    assert errors(with_(authentication, HINTS, [])) == [(HINTS, "not_aligned")]
    assert errors(with_(with_(authentication, HINTS, []), SLOTS, [])) == []


def test_all_errors_are_reported_in_the_order_of_the_fields() -> None:
    payload = full()
    for place, wrong in [("temperature", 3), ("actions[0].length", 0), ("name", ""), ("goal", 1)]:
        payload = with_(payload, place, wrong)
    payload = without(payload, "script") | {"unknown": "\ud800", "company_name": "\ud800"}
    assert errors(payload) == [
        ("name", "blank"),
        ("company_name", "not_unicode"),
        ("goal", "not_text"),
        ("script", "missing"),
        ("actions[0].length", "not_whole"),
        ("temperature", "not_allowed"),
        ("unknown", "not_unicode"),
    ]


# Text


def text_places() -> list[str]:
    return [place for place in places(full()) if isinstance(at(full(), place), str)]


@pytest.mark.parametrize("place", [*text_places(), "unknown"])
def test_half_a_character_is_refused_in_every_text(place: str) -> None:
    found = errors(with_(full(), place, "a \ud800 b"))
    assert (place, "not_unicode") in found
    assert (place, "not_text") not in found


@pytest.mark.parametrize("place", ["", "voice_data", "actions[1].sms", "call_flow.nodes[0]"])
def test_half_a_character_is_refused_in_names_too(place: str) -> None:
    payload = full()
    (at(payload, place) if place else payload)["\udfff"] = 1
    assert errors(payload) == [(place, "not_unicode")]


FREE_TEXTS = [
    "name",
    "goal",
    "script",
    "start_speech",
    "end_call_message",
    "voice_note",
    "background_type",
    "sentiment.general_prompt",
    "actions[0].say",
    "actions[1].sms.content",
    "unknown",
]


@pytest.mark.parametrize("place", FREE_TEXTS)
@pytest.mark.parametrize(
    "text",
    [
        "क्‍ष र्‌क [b]not markup[/b] {{first_name}}",
        "👩‍👩‍👧 \u202eright to left\u202c e\u0301",
        "\x00\x07\x1b[31m\x7f and \r\n \u2028 \u0085",
        "x" * 100_000,
        "\ufeff\uffff\U0010ffff",
    ],
    ids=["joiners", "emoji", "controls", "long", "non-characters"],
)
def test_any_other_text_is_allowed(place: str, text: str) -> None:
    assert errors(with_(full(), place, text)) == []


# Advice


class Advice(NamedTuple):
    """A value at a place of an example that is advised on; the example itself is beyond advice."""

    code: str
    payload: dict[str, Any]
    place: str
    value: Any
    reported_at: str = ""


SENDS_NOTHING = {"is_sms": False, "description": "", "content": ""}

# An inbound assistant, whose callers have no names that QCall fills.
ANSWERING = {"type": "inbound", "start_speech": "Hello, this is Asha from Acme Dental."}

ADVICE = [
    Advice("QW001", minimal(), "unknown", 1),
    Advice("QW001", minimal(), "model_config", None),
    Advice("QW001", minimal(), "Name", ""),
    # Values that do not apply
    Advice("QW002", minimal(), "sensitivity", 700),
    Advice("QW002", minimal(), "fillers", ["umm"]),
    Advice("QW002", minimal(), "voice_note", "Call us."),
    Advice("QW002", minimal(), "eleven_lab_modal", "turbo"),
    Advice("QW002", minimal(), "background_type", "office"),
    Advice("QW002", minimal(), "background_volume", 3),
    Advice("QW002", minimal(), "call_flow", {"nodes": []}),
    Advice("QW002", minimal() | ANSWERING, "is_wait_start_speech", True),
    Advice("QW002", full(), "actions[0].sms", sms()["sms"]),
    Advice("QW002", full(), "actions[1].say", "One moment."),
    Advice("QW002", full(), "actions[2].sms", SENDS_NOTHING | {"content": "x"}, "*.content"),
    Advice("QW002", minimal(), "widget_config", {"enabled": False, "mode": "floating"}, "*.mode"),
    Advice("QW002", full(), "widget_config.mode", "floating", "widget_config.containerId"),
    # Parts that the wizard would have filled
    *[Advice("QW003", minimal(), f"sentiment.{mood}", MISSING) for mood in minimal()["sentiment"]],
    *[Advice("QW003", full(), f"actions[0].{n}", MISSING) for n in meeting() if n != "type"],
    Advice("QW003", full(), "actions[1].sms.description", MISSING),
    Advice("QW003", full(), "actions[1].sms.content", MISSING),
    Advice("QW003", full(), "actions[2].zeplo.description", MISSING),
    Advice("QW003", full(), "actions[2].zeplo.content.templateName", MISSING),
    Advice("QW003", full(), "actions[2].zeplo.content.language", MISSING),
    # The rest
    Advice("QW004", full(), "fillers", ["umm", "uhh", "umm"], "fillers[2]"),
    Advice("QW005", full(), "voice_data.voice_id", "v-2"),
    Advice("QW005", full(), "voice_data.id", "v-2"),
]


@pytest.mark.parametrize("advice", ADVICE, ids=lambda advice: f"{advice.code} {advice.place}")
def test_advice_is_given_and_makes_nothing_invalid(advice: Advice) -> None:
    reported_at = advice.reported_at.replace("*", advice.place) or advice.place
    assert warnings(advice.payload) == []
    payload = with_(advice.payload, advice.place, advice.value)
    assert warnings(payload) == [(reported_at, advice.code)]
    assert not find_errors(payload)
    assert published_errors(payload) == []


def test_every_code_of_advice_on_the_shape_has_its_case() -> None:
    assert {advice.code for advice in ADVICE} == {info.code for info in shape.ADVICE}


def test_a_voice_note_on_an_inbound_assistant_is_advised_on() -> None:
    inbound = minimal() | ANSWERING | {"is_voice_note": True, "voice_note": "Call us."}
    assert warnings(inbound) == [("is_voice_note", "QW002"), ("voice_note", "QW002")]
    assert not find_errors(inbound)


@pytest.mark.parametrize(
    "payload",
    [
        minimal() | {"start_speech": "Hello. " * 100},
        minimal() | {"fillers": [], "is_sensitivity": False, "is_back_sound": False},
        with_(full(), "actions[1].sms.is_sms", True),
        minimal() | {"actions": [{"type": "scheduleMeeting"}]},
        with_(full(), "actions", []),
        with_(minimal(), "sentiment", {}),
    ],
    ids=["a long opening line", "switches off", "sms", "a bare action", "no actions", "no moods"],
)
def test_unusual_values_are_valid(payload: dict[str, Any]) -> None:
    assert errors(payload) == []
    assert published_errors(payload) == []


def test_unknown_fields_are_kept_by_the_models() -> None:
    payload = minimal() | {"unknown": {"a": [1, None]}}
    assert Assistant.model_validate(payload).model_extra == {"unknown": {"a": [1, None]}}


def test_no_value_is_in_an_error_of_the_models() -> None:
    with pytest.raises(ValidationError) as refused:
        Assistant.model_validate(with_(full(), "widget_config.api_key", ["the-secret"]))
    assert "the-secret" not in str(refused.value)


def test_the_only_secret_is_the_one_that_is_masked() -> None:
    assert [path for path, question in walk(QUESTIONS) if question.meta.secret] == [SECRET]


def test_a_problem_can_be_written_as_json() -> None:
    (problem,) = find_errors(with_(full(), "actions[0].length", 0))
    expected = {"path": "actions[0].length", "code": "not_whole", "message": problem.message}
    assert problem.as_json() == expected
    assert json.loads(json.dumps(expected)) == expected
    assert str(problem) == f"actions[0].length: {problem.message}"


def test_a_member_without_a_name_can_be_seen() -> None:
    (warning,) = advise(minimal() | {"": 1})
    assert str(warning).startswith('"": ')
    assert paths.write(("voice_data", "", 0)) == 'voice_data.""[0]'


def test_paths_are_read_as_they_are_written() -> None:
    for place in places(full()):
        assert paths.write(paths.parse(place)) == place
        assert paths.get(full(), paths.parse(place)) is not MISSING
