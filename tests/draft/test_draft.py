"""A draft: answers in any order, right and wrong, and the payload that they give."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests import published
from tests.examples import (
    at,
    full,
    meeting,
    minimal,
    sms,
    voice_object,
    voices_of,
    whatsapp,
    with_,
    without,
    zeplo,
)
from tests.published import published_errors
from wizard.advice import advise
from wizard.api.voice_catalogue import Voice, fills
from wizard.contract.assistant import QUESTIONS
from wizard.contract.choices import ANNOUNCEMENTS, FAREWELLS, LANGUAGES, OPT_OUT_SCRIPT
from wizard.contract.conditions import is_empty
from wizard.contract.problems import Problem
from wizard.contract.rules import zones
from wizard.contract.steps import Step
from wizard.contract.template_slots import count_words, placeholders, read_slots
from wizard.contract.validation import find_errors
from wizard.draft.action_list import add_action, rearrange
from wizard.draft.draft import Draft, Source, StepState, starting_action, step_of
from wizard.draft.placeholder_hints import labelled
from wizard.errors import NotReady
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path
from wizard.sandbox.sandbox_voices import sandbox_voices
from wizard.templates.library import find_template

VOICES = voices_of(sandbox_voices())
CONTENT = "actions[0].zeplo.content"


def answer(draft: Draft, **answers: Any) -> Draft:
    """Answer questions by name."""
    for name, value in answers.items():
        draft.answer((name,), value)
    return draft


def answer_at(draft: Draft, path: str, value: Any) -> None:
    draft.answer(paths.parse(path), value)


def voice(family: str, language: str = "en") -> Voice:
    return next(v for v in VOICES if v.family == family and v.language == language)


def working() -> Draft:
    """A draft of no more than ten answers that is ready."""
    draft = answer(
        Draft(),
        type="outbound",
        name="Asha",
        company_name="Acme Dental",
        goal="Appointments and reminders",
        language="en",
        start_speech="Hello {{first_name}}.",
        script="You are Asha.",
    )
    draft.choose_voice(fills(voice("native")))
    return draft


def sent(draft: Draft) -> dict[str, Any]:
    """What the draft would send now."""
    return dict(draft.compose())


def source(draft: Draft, path: str) -> Source:
    return draft.source(paths.parse(path))


def left_out(draft: Draft) -> dict[str, str]:
    """The answers that are not sent, each with the reason."""
    return {paths.write(left.path): left.why for left in draft.left_out()}


def problems(draft: Draft, step: Step | None = None) -> dict[str, str]:
    """The errors, each path with its code."""
    return {paths.write(problem.path): problem.code for problem in draft.problems(step)}


def odd(payload: Mapping[str, Any]) -> list[Problem]:
    """What is odd about a payload's shape; that its words could be better is another matter."""
    return [warning for warning in advise(payload) if warning.code.startswith("QW0")]


# From nothing to a payload


def test_a_new_draft_lists_the_required_answers() -> None:
    assert problems(Draft()) == {
        **dict.fromkeys(["type", "name", "company_name", "goal", "language"], "missing"),
        "voice_id": "no_voice",
        **dict.fromkeys(["start_speech", "script"], "missing"),
    }


def test_a_missing_voice_is_one_problem_and_a_half_entered_one_is_not() -> None:
    (problem,) = Draft().problems(Step.VOICE)
    assert labelled(Draft(), problem) == "Choose a voice."
    draft = answer(Draft(), voice_id="v-9", voice_name="Asha")
    assert problems(draft, Step.VOICE) == {"accent": "missing", "ai_modal": "missing"}
    # The contract reports every field.
    four = {p.path[0] for p in find_errors(Draft().compose()) if step_of(p.path) is Step.VOICE}
    assert four == {"accent", "voice_id", "voice_name", "ai_modal"}


def test_an_incomplete_draft_has_no_payload() -> None:
    with pytest.raises(NotReady, match="Type: Required, and 7 more"):
        Draft().payload()
    almost = answer(working(), name=" ")
    with pytest.raises(NotReady, match=r"Name: Required$"):
        almost.payload()


def test_no_more_than_ten_answers_make_a_working_assistant() -> None:
    payload = working().payload()
    assert published_errors(payload.data) == []
    assert odd(payload.data) == []
    assert json.loads(payload.body) == payload.data
    assert payload.body == payload.text.encode()


@given(st.permutations([(name, value) for name, value in full().items()]))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_answers_does_not_matter(answers: list[tuple[str, Any]]) -> None:
    assert answer(Draft(), **dict(answers)).payload() == answer(Draft(), **full()).payload()


def test_the_payload_has_the_order_of_the_contract_with_unknown_fields_last() -> None:
    draft = Draft.imported({"unknown": 1} | full() | {"another": 2})
    names = [question.name for question in QUESTIONS if question.name in sent(draft)]
    assert list(sent(draft)) == [*names, "unknown", "another"]


@pytest.mark.parametrize(
    ("number", "written"),
    [(1.0, "1"), (10, "10"), (0.5, "0.5"), (1000.0, "1000"), (2.50, "2.5"), (1e2, "100")],
)
def test_numbers_go_out_as_a_person_would_write_them(number: float, written: str) -> None:
    text = answer(working(), maximum_time_per_call=number).payload().text
    assert f'"maximum_time_per_call": {written},' in text


def test_numbers_inside_go_out_so_too() -> None:
    draft = answer(working(), is_call_flow=True, call_flow={"x": [1.0, -0.0]}, more={"y": 2.0})
    answer(draft, actions=[meeting() | {"length": 30.0}])
    text = " ".join(draft.payload().text.split())
    assert '"length": 30,' in text
    assert '"call_flow": { "x": [ 1, 0 ] }' in text
    assert '"more": { "y": 2 }' in text


@given(st.text(min_size=1).filter(lambda text: not text.isspace()))
@settings(max_examples=200, deadline=None)
def test_text_is_sent_exactly(text: str) -> None:
    draft = answer(working(), script=text, unknown={text: text}, actions=[sms()])
    answer_at(draft, "actions[0].sms.content", text)
    payload = json.loads(draft.payload().body.decode())
    assert payload["script"] == text
    assert payload["unknown"] == {text: text}
    assert payload["actions"][0]["sms"]["content"] == text


def test_the_text_that_is_previewed_is_the_text_that_is_sent() -> None:
    draft = working()
    assert draft.preview() == draft.payload().text
    answer(draft, name=" ")
    assert json.loads(draft.preview()) == sent(draft)


def test_a_wrong_answer_is_kept_and_reported() -> None:
    draft = answer(working(), temperature="hot", language=["en"], goal=" ")
    assert problems(draft) == {"goal": "blank", "language": "not_text", "temperature": "not_number"}
    assert draft.get(("temperature",)) == "hot"
    assert (sent(draft)["language"], sent(draft)["goal"]) == (["en"], " ")
    answer(draft, temperature=1, language="en", goal="Market research")
    assert problems(draft) == {}


def test_problems_are_listed_by_step() -> None:
    draft = answer(working(), name="", temperature=3, company_website="acme")
    assert problems(draft, Step.TYPE) == {"name": "missing", "company_website": "bad_url"}
    assert problems(draft, Step.ADVANCED) == {"temperature": "not_allowed"}
    assert problems(draft, Step.VOICE) == {}
    assert problems(draft) == problems(draft, Step.TYPE) | problems(draft, Step.ADVANCED)


def test_an_answer_can_be_removed() -> None:
    draft = answer(working(), temperature=1.5, name=MISSING)
    assert problems(draft) == {"name": "missing"}
    answer(draft, temperature=MISSING)
    assert sent(draft)["temperature"] == 0.7
    assert source(draft, "temperature") is Source.DEFAULT


def test_a_payload_in_hand_does_not_change_with_the_draft() -> None:
    draft = working()
    payload = draft.payload()
    before = deepcopy(payload.data)
    answer(draft, name="Another")
    answer_at(draft, "sentiment.general_prompt", "Another")
    assert payload.data == before
    assert json.loads(payload.text) == before


# What applies

Switch = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]

# Answers with which a field applies, answers with which it does not, its answer, and its default.
SWITCHED: list[Switch] = [
    ({"type": "outbound"}, {"type": "inbound"}, {"is_wait_start_speech": True}, {"": False}),
    ({"type": "outbound"}, {"type": "inbound"}, {"is_voice_note": True}, {"": False}),
    ({"is_voice_note": True}, {"is_voice_note": False}, {"voice_note": "Call us."}, {"": ""}),
    (
        {"type": "outbound", "is_voice_note": True},
        {"type": "inbound"},
        {"voice_note": "Hi"},
        {"": ""},
    ),
    ({"is_filler": True}, {"is_filler": MISSING}, {"fillers": ["uhh"]}, {"": []}),
    ({"is_back_sound": True}, {"is_back_sound": False}, {"background_type": "cafe"}, {}),
    ({"is_back_sound": True}, {"is_back_sound": MISSING}, {"background_volume": 3}, {}),
    ({"is_call_flow": True}, {"is_call_flow": False}, {"call_flow": {"a": 1}}, {}),
    ({"is_sensitivity": True}, {"is_sensitivity": False}, {"sensitivity": 900}, {"": 600}),
    ({"is_sensitivity": True}, {"is_sensitivity": MISSING}, {"sensitivity": 900}, {"": 600}),
    ({"ai_modal": "elevenlabs"}, {"ai_modal": "qmodel"}, {"eleven_lab_modal": "turbo"}, {}),
]


@pytest.mark.parametrize(("on", "off", "answers", "default"), SWITCHED, ids=str)
def test_an_answer_that_does_not_apply_is_kept_and_not_sent(
    on: dict[str, Any], off: dict[str, Any], answers: dict[str, Any], default: dict[str, Any]
) -> None:
    ((name, value),) = answers.items()
    draft = answer(working(), **on, **answers)
    assert sent(draft)[name] == value
    assert name not in left_out(draft)
    answer(draft, **off)
    assert sent(draft).get(name, MISSING) == default.get("", MISSING)
    assert "it is sent when " in left_out(draft)[name]
    assert draft.get((name,)) == value
    answer(draft, **on)
    assert sent(draft)[name] == value
    assert name not in left_out(draft)


def test_fields_of_a_hidden_switch_are_hidden() -> None:
    draft = answer(working(), is_voice_note=True, voice_note="Call us.", type="inbound")
    assert (sent(draft)["is_voice_note"], sent(draft)["voice_note"]) == (False, "")
    assert set(left_out(draft)) == {"is_voice_note", "voice_note"}
    widget = {"enabled": False, "mode": "embedded", "containerId": "talk", "api_key": "k"}
    answer(draft, widget_config=widget)
    assert sent(draft)["widget_config"] == {"enabled": False}
    answer_at(draft, "widget_config.enabled", True)
    assert sent(draft)["widget_config"] == widget | {"enabled": True}
    answer_at(draft, "widget_config.mode", "floating")
    assert "containerId" not in sent(draft)["widget_config"]
    assert left_out(draft)["widget_config.containerId"].startswith("it is sent when ")


def test_only_the_fields_of_an_actions_type_are_sent() -> None:
    both = meeting() | sms() | {"type": "scheduleMeeting"}
    draft = answer(working(), actions=[both])
    assert sent(draft)["actions"] == [meeting()]
    assert set(left_out(draft)) == {"actions[0].sms"}
    answer_at(draft, "actions[0].type", "sendMessage")
    assert sent(draft)["actions"] == [sms()]
    assert set(left_out(draft)) == {f"actions[0].{name}" for name in meeting() if name != "type"}


def test_a_channel_that_is_off_sends_nothing_but_its_switch() -> None:
    draft = answer(working(), actions=[sms() | zeplo()])
    answer_at(draft, "actions[0].sms.is_sms", False)
    assert sent(draft)["actions"] == [zeplo() | {"sms": {"is_sms": False}}]
    assert "actions[0].sms.content" in left_out(draft)


def test_the_old_form_of_whatsapp_is_kept_only_if_imported() -> None:
    draft = answer(working(), actions=[{"type": "sendMessage"}])
    assert sent(draft)["actions"] == [{"type": "sendMessage"}]
    imported = Draft.imported(minimal() | {"actions": [whatsapp()]})
    assert sent(imported)["actions"] == [whatsapp()]


def test_the_opt_out_sentence_cannot_be_answered_away() -> None:
    draft = answer(working(), opt_out_script="Never mind.", ai_model_id="2")
    assert (sent(draft)["opt_out_script"], sent(draft)["ai_model_id"]) == (OPT_OUT_SCRIPT, "1")
    assert set(left_out(draft)) == {"opt_out_script", "ai_model_id"}


def test_a_courteous_farewell_follows_the_language_until_another_is_given() -> None:
    draft = working()
    assert sent(draft)["end_call_message"] == FAREWELLS["en"]
    assert source(draft, "end_call_message") is Source.DERIVED
    answer(draft, language="hi")
    assert sent(draft)["end_call_message"] == FAREWELLS["hi"]
    answer(draft, end_call_message="Bye.", language="de")
    assert sent(draft)["end_call_message"] == "Bye."
    assert source(draft, "end_call_message") is Source.TYPED
    answer(draft, end_call_message="")
    assert "end_call_message" not in sent(draft)


# Where each value comes from


def test_each_value_has_a_source() -> None:
    draft = working()
    draft.answer(("script",), "From a template.", Source.TEMPLATE)
    assert {name: source(draft, name) for name in sent(draft) if name in draft.answers} == {
        "type": Source.TYPED,
        "name": Source.TYPED,
        "company_name": Source.TYPED,
        "goal": Source.TYPED,
        "language": Source.TYPED,
        "accent": Source.VOICE,
        "voice_id": Source.VOICE,
        "voice_name": Source.VOICE,
        "ai_modal": Source.VOICE,
        "gender": Source.VOICE,
        "voice_data": Source.VOICE,
        "start_speech": Source.TYPED,
        "script": Source.TEMPLATE,
    }
    unanswered = set(sent(draft)) - set(draft.answers) - {"end_call_message"}
    assert {source(draft, name) for name in unanswered} == {Source.DEFAULT}
    assert source(draft, "sentiment.general_prompt") is Source.DEFAULT


def test_the_sources_of_an_action_move_with_it() -> None:
    draft = Draft()
    draft.start_from(find_template("order-delivery", None))
    add_action(draft, "scheduleMeeting")
    answer_at(draft, "actions[1].say", "Just a moment.")
    before = draft.answers["actions"]

    assert rearrange(draft, "up", 1) == 0
    assert source(draft, "actions[0].length") is Source.DEFAULT
    assert source(draft, "actions[0].type") is Source.TYPED
    assert source(draft, "actions[0].say") is Source.TYPED
    assert source(draft, "actions[1].sms.content") is Source.TEMPLATE
    rearrange(draft, "copy", 0)
    assert source(draft, "actions[1].say") is Source.TYPED
    assert source(draft, "actions[1].length") is Source.DEFAULT
    rearrange(draft, "remove", 2)
    answer(draft, language="hi")
    assert len(draft.answers["actions"]) == 2  # the template does not give its action again
    for _ in range(4):
        draft.undo()
    assert draft.answers["actions"] == before
    assert source(draft, "actions[1].say") is Source.TYPED
    draft.redo()
    assert source(draft, "actions[1].sms.content") is Source.TEMPLATE


def test_a_typed_value_replaces_the_source() -> None:
    draft = Draft.imported(full())
    answer_at(draft, "actions[0].say", "Just a moment.")
    answer_at(draft, "sentiment.general_prompt", "Mine.")
    answer(draft, accent="Scottish")
    assert source(draft, "actions[0].say") is Source.TYPED
    assert source(draft, "actions[0].prompt") is Source.IMPORTED
    assert source(draft, "sentiment.general_prompt") is Source.TYPED
    assert source(draft, "sentiment.neutral_prompt") is Source.IMPORTED
    assert source(draft, "accent") is Source.TYPED
    draft.choose_voice(fills(voice("native")))
    assert source(draft, "accent") is Source.VOICE
    answer(draft, actions=[sms()])
    assert source(draft, "actions[0].sms.content") is Source.TYPED


def test_the_value_sent_for_a_hidden_answer_is_a_default() -> None:
    draft = answer(working(), is_voice_note=False, voice_note="Call us.", sensitivity=900)
    assert source(draft, "voice_note") is Source.DEFAULT
    assert source(draft, "sensitivity") is Source.DEFAULT
    answer(draft, is_voice_note=True)
    assert source(draft, "voice_note") is Source.TYPED


# The voice


def test_a_chosen_voice_fills_its_fields_and_nothing_of_the_one_before_stays() -> None:
    draft = working()
    draft.choose_voice({"accent": "a", "voice_id": "b", "voice_name": "c", "ai_modal": "d"})
    chosen = {name: sent(draft).get(name) for name in ("accent", "voice_id", "voice_name")}
    assert chosen == {"accent": "a", "voice_id": "b", "voice_name": "c"}
    assert "gender" not in sent(draft)
    assert "voice_data" not in sent(draft)
    assert draft.problems() == ()


def test_the_tuning_is_sent_for_any_model_but_qmodel() -> None:
    draft = answer(working(), stability=0.5, eleven_lab_modal="turbo")
    assert {"stability"} == {"stability", "eleven_lab_modal"} & set(sent(draft))
    for spelling in ("11labs", "eleven_labs", "another"):
        draft.answer(("ai_modal",), spelling)
        assert {"stability", "eleven_lab_modal"} <= set(sent(draft))
    draft.answer(("ai_modal",), "qmodel")
    assert "eleven_lab_modal" not in sent(draft)
    assert draft.get(("eleven_lab_modal",)) == "turbo"


@pytest.mark.parametrize("chosen", VOICES[::7], ids=lambda chosen: chosen.voice_id)
def test_any_voice_of_the_sandbox_makes_a_valid_payload(chosen: Voice) -> None:
    draft = working()
    draft.choose_voice(fills(chosen))
    payload = draft.payload()
    assert published_errors(payload.data) == []
    assert odd(payload.data) == []


# An existing payload


def test_an_imported_payload_is_sent_unchanged() -> None:
    for payload in (minimal(), without(full(), "is_start_speech_update")):
        draft = Draft.imported(payload)
        assert draft.payload().data == payload
        assert list(draft.left_out()) == []
        assert {source(draft, name) for name in payload if name in draft.answers} <= {
            Source.IMPORTED,
            # A field that is never asked for has its one value.
            Source.DEFAULT,
        }


def test_nothing_is_added_to_an_imported_payload() -> None:
    assert "end_call_message" not in Draft.imported(minimal()).payload().data


def test_an_imported_payload_is_not_changed_through_the_draft() -> None:
    payload = full()
    draft = Draft.imported(payload)
    answer_at(draft, "actions[0].say", "Another.")
    answer_at(draft, "voice_data.labels.accent", "Another.")
    draft.answers["call_flow"]["nodes"].append(2)
    assert payload == full()


def test_imported_fields_that_do_not_apply_are_left_out() -> None:
    draft = Draft.imported(full() | {"type": "inbound", "is_back_sound": False})
    assert set(left_out(draft)) >= {
        "is_wait_start_speech",
        "is_voice_note",
        "voice_note",
        "background_type",
        "background_volume",
    }
    assert odd(draft.payload().data) == []


def test_unknown_fields_are_kept_sent_and_listed() -> None:
    draft = Draft.imported(minimal() | {"unknown": None, "more": {"deep": [1.0]}})
    assert draft.extras() == ("unknown", "more")
    assert draft.payload().data == minimal() | {"unknown": None, "more": {"deep": [1.0]}}


def test_unknown_members_inside_are_kept_too() -> None:
    payload = full()
    for place in ("voice_data", "sentiment", "widget_config", "actions[2].zeplo.content"):
        payload = with_(payload, f"{place}.unknown", [1])
    draft = Draft.imported(payload)
    assert draft.payload().data == without(payload, "is_start_speech_update")


@given(st.dictionaries(st.sampled_from([*full(), "x"]), st.none() | st.integers() | st.text()))
@settings(max_examples=50, deadline=None)
def test_anything_can_be_imported(payload: dict[str, Any]) -> None:
    draft = Draft.imported(payload)
    assert payload.items() <= draft.answers.items()
    assert draft.problems()


# Actions


def test_a_new_meeting_has_starting_values() -> None:
    before = date.today()  # noqa: DTZ011 - the person's own day
    action = starting_action("scheduleMeeting")
    days = {(day + timedelta(days=1)).isoformat() for day in (before, date.today())}  # noqa: DTZ011
    assert action.pop("startDate") in days
    assert action.pop("timezone") in zones()
    assert all(action.pop(name).strip() for name in ("description", "say", "prompt"))
    assert action == {
        "type": "scheduleMeeting",
        "meetingType": "openBooking",
        "length": 30,
        "startTime": "09:00 AM",
        "endTime": "05:00 PM",
        "bookingDays": "Monday,Tuesday,Wednesday,Thursday,Friday",
    }


def test_a_new_meeting_is_announced_in_the_language() -> None:
    for language in LANGUAGES:
        draft = answer(working(), language=language)
        add_action(draft, "scheduleMeeting")
        assert draft.answers["actions"][-1]["say"] == ANNOUNCEMENTS[language]


def test_another_type_of_action_has_the_starting_values_where_it_has_no_answers() -> None:
    draft = answer(working(), actions=[{"type": "sendMessage", "say": "Wait."}])
    answer_at(draft, "actions[0].type", "scheduleMeeting")
    expected = starting_action("scheduleMeeting") | {"say": "Wait."}
    assert draft.answers["actions"] == [expected]
    assert source(draft, "actions[0].length") is Source.DEFAULT
    draft.undo()
    assert draft.answers["actions"] == [{"type": "sendMessage", "say": "Wait."}]
    draft.redo()
    assert draft.answers["actions"] == [expected]
    answer_at(draft, "actions[0].length", MISSING)
    answer_at(draft, "actions[0].type", "scheduleMeeting")
    assert draft.get(("actions", 0, "length")) is MISSING, "the same type is no other type"
    answer_at(draft, "actions[0].type", "sendMessage")
    assert set(left_out(draft)) == {"actions[0].say"}


def test_a_new_meeting_is_valid() -> None:
    draft = answer(working(), actions=[starting_action("scheduleMeeting")])
    assert odd(draft.payload().data) == []
    assert set(draft.payload().data["actions"][0]) == set(meeting())


def test_a_new_message_needs_a_channel_and_its_texts() -> None:
    draft = answer(working(), actions=[starting_action("sendMessage")])
    assert problems(draft) == {"actions[0]": "no_channel"}
    answer_at(draft, "actions[0].sms.is_sms", True)
    expected = {"actions[0].sms.description": "blank", "actions[0].sms.content": "blank"}
    assert problems(draft) == expected
    answer_at(draft, "actions[0].sms.description", "When asked.")
    answer_at(draft, "actions[0].sms.content", "The way.")
    answer_at(draft, "actions[0].zeplo.is_zeplo", True)
    expected = dict.fromkeys(("description", "content.templateName"), "blank")
    assert problems(draft) == {f"actions[0].zeplo.{name}": code for name, code in expected.items()}
    answer_at(draft, "actions[0].zeplo.description", "When booked.")
    answer_at(draft, "actions[0].zeplo.content.templateName", "booked")
    assert at(draft.payload().data, CONTENT) == {
        "templateName": "booked",
        "language": "en_US",
        "parameter_slots": [],
        "parameter_hints": [],
        "components": [],
    }


TEMPLATE = "header: For {{1}}\nHello {{1}}, see you on {{2}}.\nbutton: Book\nbutton: {{1}}"


def body(*numbers: int) -> list[dict[str, Any]]:
    return [{"section": "body", "index": n, "label": f"body {{{{{n}}}}}"} for n in numbers]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("", []),
        ("Hello.", []),
        ("Hello {{name}} {1} {{}} {{-1}}.", []),
        ("Hello {{1}}.", body(1)),
        ("{{2}} before {{1}} and {{ 2 }} again", body(1, 2)),
        ("{{10}} {{9}}", body(9, 10)),
        ("one\n{{1}}\nheadline: {{2}}", body(1, 2)),
        (
            TEMPLATE,
            [
                {"section": "header", "index": 1, "label": "header {{1}}"},
                *body(1, 2),
                {"section": "button", "index": 1, "sub_index": 1, "label": "button 1 {{1}}"},
            ],
        ),
        (
            "button: {{1}}\nbutton: {{1}}",
            [
                {"section": "button", "index": n, "sub_index": 1, "label": f"button {n} {{{{1}}}}"}
                for n in (0, 1)
            ],
        ),
        (
            "BUTTON : {{2}} {{1}}",
            [
                {"section": "button", "index": 0, "sub_index": n, "label": f"button 0 {{{{{n}}}}}"}
                for n in (1, 2)
            ],
        ),
    ],
)
def test_slots_are_read_off_a_templates_text(text: str, slots: list[dict[str, Any]]) -> None:
    assert read_slots(text) == slots


def message(**content: Any) -> Draft:
    """A working draft that sends a template which is not described yet."""
    channel = {"is_zeplo": True, "description": "When booked.", "content": content}
    return answer(working(), actions=[{"type": "sendMessage", "zeplo": channel}])


def test_a_pasted_template_makes_its_slots_and_asks_a_hint_for_each() -> None:
    draft = message(templateName="booked", category="UTILITY")
    answer_at(draft, f"{CONTENT}.template_text", TEMPLATE)
    content = at(sent(draft), CONTENT)
    assert content["parameter_slots"] == read_slots(TEMPLATE)
    assert content["parameter_hints"] == [""] * 4
    assert source(draft, f"{CONTENT}.parameter_slots") is Source.DERIVED
    hints = f"{CONTENT}.parameter_hints"
    assert problems(draft) == {f"{hints}[{number}]": "blank" for number in range(4)}
    said = [labelled(draft, problem) for problem in draft.problems()]
    assert said == [
        "Action 1, WhatsApp template, Header {{1}}: Required.",
        "Action 1, WhatsApp template, Body {{1}}: Required.",
        "Action 1, WhatsApp template, Body {{2}}: Required.",
        "Action 1, WhatsApp template, Button 1 {{1}}: Required.",
    ]
    for number in range(4):
        answer_at(draft, f"{hints}[{number}]", "what goes there")
    assert published_errors(draft.payload().data) == []


def test_the_templates_own_text_is_kept_and_never_sent() -> None:
    draft = message(templateName="booked")
    answer_at(draft, f"{CONTENT}.template_text", "Hello.")
    assert draft.get(paths.parse(f"{CONTENT}.template_text")) == "Hello."
    assert "template_text" not in draft.payload().text
    assert left_out(draft) == {}


def test_a_hint_that_was_written_is_never_cut_off() -> None:
    draft = message(templateName="booked")
    answer_at(draft, f"{CONTENT}.template_text", "{{1}} {{2}} {{3}}")
    answer_at(draft, f"{CONTENT}.parameter_hints", ["the name", "the day"])
    answer_at(draft, f"{CONTENT}.template_text", "{{1}}")
    assert at(sent(draft), f"{CONTENT}.parameter_hints") == ["the name"]
    assert problems(draft) == {}
    answer_at(draft, f"{CONTENT}.template_text", "{{1}} {{2}}")
    assert at(sent(draft), f"{CONTENT}.parameter_hints") == ["the name", "the day"]
    assert "known_hints" not in draft.payload().text
    assert left_out(draft) == {}


def test_a_hint_stays_with_its_placeholder_when_the_text_changes_elsewhere() -> None:
    draft = message(templateName="booked", category="UTILITY")
    hints = f"{CONTENT}.parameter_hints"
    answer_at(draft, f"{CONTENT}.template_text", "Hello {{1}}, on {{2}}.\nbutton: {{1}}")
    for number, hint in enumerate(("the name", "the day", "the order")):
        answer_at(draft, f"{hints}[{number}]", hint)
    answer_at(draft, f"{CONTENT}.template_text", "header: {{1}}\n{{2}}\nbutton: {{1}}")
    assert at(sent(draft), hints) == ["", "the day", "the order"]
    answer_at(draft, f"{CONTENT}.template_text", "")
    assert at(sent(draft), hints) == []
    answer_at(draft, f"{CONTENT}.template_text", "{{1}} {{2}}\nbutton: a\nbutton: {{1}}")
    assert at(sent(draft), hints) == ["the name", "the day", ""]
    # One that was emptied stays empty.
    answer_at(draft, f"{hints}[0]", MISSING)
    answer_at(draft, f"{CONTENT}.template_text", "{{1}} {{2}} {{3}}")
    assert at(sent(draft), hints) == ["", "the day", ""]


def test_hints_that_are_written_before_the_text_are_meant_in_their_order() -> None:
    draft = message(templateName="booked", parameter_hints=["the name", "the day", "the hour"])
    for text in ("{{1}}", "{{1}} {{2}}", "{{1}} {{2}} {{3}}"):
        answer_at(draft, f"{CONTENT}.template_text", text)
        assert at(sent(draft), f"{CONTENT}.parameter_hints") == ["the name", "the day", "the hour"]


def test_a_hint_beyond_the_last_one_is_put_at_its_index() -> None:
    draft = Draft.imported(minimal() | {"actions": [zeplo()]})
    hints = "actions[0].zeplo.content.parameter_hints"
    draft.answer(paths.parse(hints), ["the company"])
    draft.answer(paths.parse(f"{hints}[2]"), "the number")
    assert draft.get(paths.parse(hints)) == ["the company", "", "the number"]


def test_an_authentication_template_needs_one_hint() -> None:
    draft = message(templateName="code", category="AUTHENTICATION")
    answer_at(draft, f"{CONTENT}.template_text", "{{1}}\nbutton: {{1}}")
    (problem,) = draft.problems()
    assert labelled(draft, problem) == "Action 1, WhatsApp template, All placeholders: Required."
    answer_at(draft, f"{CONTENT}.parameter_hints", ["the code"])
    assert len(at(draft.payload().data, f"{CONTENT}.parameter_slots")) == 2
    answer_at(draft, f"{CONTENT}.category", "UTILITY")
    assert at(sent(draft), f"{CONTENT}.parameter_hints") == ["the code", ""]
    answer_at(draft, f"{CONTENT}.parameter_hints[1]", "the link")
    answer_at(draft, f"{CONTENT}.category", "AUTHENTICATION")
    assert at(sent(draft), f"{CONTENT}.parameter_hints") == ["the code"]
    answer_at(draft, f"{CONTENT}.category", "MARKETING")
    assert at(sent(draft), f"{CONTENT}.parameter_hints") == ["the code", "the link"]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("button: {{1}}", "Button 0 {{1}}"),
        ("button: Track Order https://x.example/{{1}}", "Button 0 (Track Order) {{1}}"),
        ("Button: Track Order | {{1}}", "Button 0 (Track Order) {{1}}"),
        ("header: {{1}}", "Header {{1}}"),
        ("Hello {{ 2 }}", "Body {{2}}"),
    ],
)
def test_a_placeholder_is_named_by_its_part_and_number(line: str, label: str) -> None:
    content = {"template_text": line, "parameter_slots": read_slots(line)}
    (found,) = placeholders(content)
    assert (found.label, found.line) == (label, line)
    assert [line[start:end] for start, end in found.spans] == [line[line.index("{") :]]


def test_the_placeholders_are_counted() -> None:
    assert count_words("{{1}} {{1}} {{2}}") == "2 placeholders found."
    assert count_words("header: {{1}}") == "1 placeholder found."
    assert count_words("Hello.") == "No placeholders found. Write them as {{1}}."
    assert count_words(MISSING) == ""
    named = "{{name}} takes no hint: QCall fills numbered ones alone. Write {{1}}."
    assert count_words("{{ name }}, {{name}}") == named
    several = "1 placeholder found. {{a}} and 1 more take no hint: QCall fills numbered ones alone."
    assert count_words("{{1}} {{a}} {{b}}") == f"{several} Write {{{{1}}}}."


# Steps


def test_a_step_is_untouched_then_to_do_then_done() -> None:
    draft = Draft()
    assert {draft.state(step) for step in Step} == {StepState.UNTOUCHED}
    answer(draft, type="inbound")
    assert draft.state(Step.TYPE) is StepState.OPEN
    answer(draft, name="Asha", company_name="Acme", goal="Sales and upselling")
    assert draft.state(Step.TYPE) is StepState.DONE
    draft.seen.add(Step.SCRIPT)
    assert draft.state(Step.SCRIPT) is StepState.OPEN
    draft.seen.add(Step.ACTIONS)
    assert draft.state(Step.ACTIONS) is StepState.DONE


def test_a_step_is_wrong_with_a_wrong_answer_or_a_reported_gap() -> None:
    draft = answer(Draft(), type="sideways")
    assert draft.state(Step.TYPE) is StepState.WRONG
    answer(draft, type="inbound")
    assert draft.state(Step.TYPE) is StepState.OPEN
    draft.checked.add(Step.TYPE)
    assert draft.state(Step.TYPE) is StepState.WRONG


def test_every_field_belongs_to_a_step_and_nothing_else_does() -> None:
    assert {step_of((name,)) for name in full()} == set(Step)
    assert step_of(("actions", 0, "say")) is Step.ACTIONS
    assert step_of(("unknown",)) is None
    assert step_of(()) is None


# Any answers at all, in any order

EMPTY: tuple[Any, ...] = (None, "", [], {})
FIELDS = frozenset(published.schema()["properties"])
NOTHING_SAID = dict(Draft().compose())


def expected_payload(answers: dict[str, Any]) -> dict[str, Any]:
    """What the contract's tables make of answers; written down a second time to be held against."""
    said = {name: answers[name] for name in FIELDS & set(answers) if answers[name] not in EMPTY}
    outbound, modal = said.get("type") == "outbound", said.get("ai_modal")
    asked = {
        "is_wait_start_speech": outbound,
        "is_voice_note": outbound,
        "voice_note": outbound and said.get("is_voice_note") is True,
        "fillers": said.get("is_filler") is True,
        "background_type": said.get("is_back_sound") is True,
        "background_volume": said.get("is_back_sound") is True,
        "call_flow": said.get("is_call_flow") is True,
        "sensitivity": said.get("is_sensitivity") is True,
        "eleven_lab_modal": modal != "qmodel",
        "is_start_speech_update": False,
        "opt_out_script": False,
        "ai_model_id": False,
    }
    payload = NOTHING_SAID | {name: v for name, v in said.items() if asked.get(name, True)}
    payload["sentiment"] = members(payload["sentiment"], NOTHING_SAID["sentiment"])
    payload["widget_config"] = widget(payload.get("widget_config"))
    payload["actions"] = actions(payload.get("actions"))
    language = said.get("language")
    if "end_call_message" not in answers and isinstance(language, str):
        payload["end_call_message"] = FAREWELLS.get(language)
    payload = {
        name: value for name, value in payload.items() if name in NOTHING_SAID or value not in EMPTY
    }
    return payload | {name: answers[name] for name in answers if name not in FIELDS}


def members(
    said: Any, default: dict[str, Any], known: tuple[str, ...] = (), hidden: tuple[str, ...] = ()
) -> Any:
    """The members of a group: answers over defaults, unknown ones unchanged."""
    if not isinstance(said, dict):
        return said
    known = (*known, *default, *hidden)
    return default | {
        name: value
        for name, value in said.items()
        if name not in hidden and not (name in known and value in EMPTY)
    }


def widget(said: Any) -> Any:
    known = ("enabled", "mode", "uiStyle", "position", "containerId", "api_key")
    if not isinstance(said, dict):
        return said
    hidden = known[1:] if said.get("enabled") is not True else ()
    if said.get("mode") != "embedded":
        hidden = (*hidden, "containerId")
    return members(said, {}, known, hidden)


def actions(said: Any) -> Any:
    if not isinstance(said, list):
        return said
    return [action(item) if isinstance(item, dict) else item for item in said]


def action(said: dict[str, Any]) -> dict[str, Any]:
    fields, channels = tuple(meeting()), ("sms", "whatsapp", "zeplo")
    hidden = () if said.get("type") == "scheduleMeeting" else fields[1:]
    hidden = hidden if said.get("type") == "sendMessage" else (*hidden, *channels)
    payload = dict(members(said, {}, (*fields, *channels), hidden))
    for name in set(channels) & set(payload):
        payload[name] = channel(name, payload[name])
    return {name: v for name, v in payload.items() if name not in channels or v not in EMPTY}


def channel(name: str, said: Any) -> Any:
    if not isinstance(said, dict):
        return said
    known = ("description", "content", "end_call_sms", "end_call_sms_not_answered")
    if said.get(f"is_{name}") is not True:
        return members(said, {}, (f"is_{name}",), known)
    default = {"description": ""} | ({"content": ""} if name == "sms" else {})
    payload = dict(members(said, default, (f"is_{name}", *known)))
    if name == "zeplo":
        payload["content"] = template(payload.get("content", {}))
    return payload


def template(said: Any) -> Any:
    default = {
        "templateName": "",
        "language": "en_US",
        "parameter_slots": [],
        "parameter_hints": [],
    }
    payload = members(said, default, ("category",), ("template_text", "known_hints", "components"))
    return payload | {"components": []} if isinstance(payload, dict) else payload


WORDS = st.sampled_from(["Asha", "क्‍ष [b]{{first_name}}", " a\nb ", "umm"]) | st.text(
    min_size=1, max_size=8
).filter(lambda text: not text.isspace())
URLS = st.sampled_from(["https://acme.example", "http://localhost:1/?a#b"])
TUNING = st.sampled_from([0, 0.0, 0.25, 1, 1.0])
MILLISECONDS = st.integers(0, 5000) | st.sampled_from([0.0, 1500.0, 0.5])
ACTIONS: list[Callable[[], dict[str, Any]]] = [
    meeting,
    sms,
    zeplo,
    whatsapp,
    lambda: starting_action("scheduleMeeting"),
    lambda: meeting() | sms() | zeplo(),
    lambda: sms() | zeplo() | {"unknown": 1},
    lambda: {"type": "scheduleMeeting"},
]
ACTION = st.sampled_from(ACTIONS).map(lambda make: make())
OBJECTS = st.sampled_from([{"a": 1.0}, {"nodes": [{"id": None}]}, {"type": []}])
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "company_website": URLS,
    "zapier_hook": URLS,
    "ai_modal": st.sampled_from(["qmodel", "elevenlabs", "another"]),
    "voice_data": st.sampled_from([voice_object(), *(v.data for v in VOICES[:8])]),
    **dict.fromkeys(("stability", "similarity", "style_exaggeration"), TUNING),
    "fillers": st.lists(st.sampled_from(["umm", "uhh"]), min_size=1, max_size=2),
    "background_volume": st.integers(1, 10) | st.just(2.5),
    "call_flow": OBJECTS,
    "actions": st.lists(ACTION, max_size=3),
    "maximum_time_per_call": st.sampled_from([1, 10.0, 0.5]),
    **dict.fromkeys(
        ("safety_fallback_delay", "wait_max_interval", "set_transcription_start_time"),
        MILLISECONDS,
    ),
    "sentiment": st.dictionaries(st.sampled_from([*minimal()["sentiment"], "x"]), WORDS),
    "widget_config": st.fixed_dictionaries(
        {},
        optional={
            "enabled": st.booleans(),
            "mode": st.sampled_from(["floating", "embedded"]),
            "containerId": WORDS,
            "api_key": WORDS,
        },
    ),
}
BY_TYPE = {"string": WORDS, "boolean": st.booleans()}


def right(name: str) -> st.SearchStrategy[Any]:
    """Answers that a field may have."""
    field = published.schema()["properties"][name]
    if name in RIGHT:
        return RIGHT[name]
    return st.sampled_from(field["enum"]) if "enum" in field else BY_TYPE[field["type"]]


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([0.5, 1.0, 650, 10**20, "", " ", "1", "true", "\ud800", "umm", "outbound"])
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "mode", "source", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = st.sampled_from(sorted(FIELDS))
SWITCHES = [
    ("is_filler",),
    ("is_back_sound",),
    ("is_call_flow",),
    ("is_voice_note",),
    ("is_wait_start_speech",),
    ("is_sensitivity",),
    ("is_opt_out",),
    ("widget_config", "enabled"),
]
INSIDE: list[tuple[Path, st.SearchStrategy[Any]]] = [
    *[(("sentiment", name), WORDS) for name in minimal()["sentiment"]],
    (("widget_config", "mode"), st.sampled_from(["floating", "embedded"])),
    (("widget_config", "containerId"), WORDS),
    (("voice_data", "source"), st.sampled_from(["elevenlabs", "qcall"])),
]
IN_ACTIONS: list[tuple[Path, st.SearchStrategy[Any]]] = [
    (("type",), st.sampled_from(["scheduleMeeting", "sendMessage"])),
    (("say",), WORDS),
    (("length",), st.sampled_from([1, 30.0])),
    (("endTime",), st.sampled_from(["05:30 PM", "11:59 PM"])),
    *[((name, f"is_{name}"), st.booleans()) for name in ("sms", "zeplo", "whatsapp")],
    *[((name, "description"), WORDS) for name in ("sms", "zeplo")],
    (("sms", "content"), WORDS),
    (("zeplo", "content", "templateName"), WORDS),
    (("zeplo", "content", "category"), st.sampled_from(["UTILITY", "AUTHENTICATION"])),
    (("zeplo", "content", "parameter_hints"), st.lists(WORDS, max_size=3)),
]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: `1` is neither `true` nor `1.0`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class Person(RuleBasedStateMachine):
    """Someone who answers, errs, goes back and corrects answers, in any order.

    `answered` are their answers, separate from the draft.
    """

    def __init__(self) -> None:
        super().__init__()
        self.draft = Draft()
        self.answered: dict[str, Any] = {}

    def give(self, path: Path, value: Any) -> None:
        self.draft.answer(path, deepcopy(value))
        self.answered = paths.put(self.answered, path, deepcopy(value))
        if path[-1] == "category":
            self.follow_hints(path[:-1])
        if path[:1] == ("actions",) and path[2:] == ("type",):
            self.follow_start(path[:-1])

    def follow_start(self, action: Path) -> None:
        """Copy the starting values of another type of action, which have their own tests."""
        for name in starting_action("scheduleMeeting"):
            mine, value = paths.get(self.answered, (*action, name)), self.draft.get((*action, name))
            if is_empty(mine) and value is not MISSING:
                self.answered = paths.put(self.answered, (*action, name), value)

    def follow_hints(self, content: Path) -> None:
        """Copy the hints that follow from a template, which has its own tests."""
        for name in ("parameter_hints", "known_hints"):
            if (value := self.draft.get((*content, name))) is not MISSING:
                self.answered = paths.put(self.answered, (*content, name), value)

    @property
    def actions(self) -> list[Any]:
        given = self.answered.get("actions")
        return list(given) if isinstance(given, list) else []

    @initialize(payload=st.sampled_from([None, None, minimal, full]))
    def begins(self, payload: Callable[[], dict[str, Any]] | None) -> None:
        if payload:
            self.imports(payload, {})

    @rule(
        payload=st.sampled_from([minimal, full, dict]),
        changes=st.dictionaries(NAMES | st.just("unknown"), ANYTHING, max_size=3),
    )
    def imports(self, payload: Callable[[], dict[str, Any]], changes: dict[str, Any]) -> None:
        self.draft = Draft.imported(payload() | changes)
        self.answered = {"end_call_message": ""} | payload() | deepcopy(changes)

    @rule(name=NAMES, data=st.data())
    def answers(self, name: str, data: st.DataObject) -> None:
        self.give((name,), data.draw(right(name)))

    @rule(inside=st.sampled_from(INSIDE), data=st.data())
    def answers_inside(
        self, inside: tuple[Path, st.SearchStrategy[Any]], data: st.DataObject
    ) -> None:
        self.give(inside[0], data.draw(inside[1]))

    @rule(name=NAMES | st.just("unknown"), value=ANYTHING)
    def errs(self, name: str, value: Any) -> None:
        self.give((name,), value)

    @rule(inside=st.sampled_from(INSIDE), value=ANYTHING)
    def errs_inside(self, inside: tuple[Path, st.SearchStrategy[Any]], value: Any) -> None:
        self.give(inside[0], value)

    @rule(name=NAMES)
    def takes_back(self, name: str) -> None:
        self.give((name,), MISSING)

    @rule(path=st.sampled_from(SWITCHES), there_and_back=st.booleans())
    def toggles(self, path: Path, there_and_back: bool) -> None:
        before = self.draft.preview()
        was = self.draft.get(path)
        self.give(path, was is not True)
        if there_and_back and isinstance(was, bool):
            self.give(path, was)
            assert self.draft.preview() == before

    @rule(kind=st.sampled_from(["inbound", "outbound"]))
    def changes_type(self, kind: str) -> None:
        self.give(("type",), kind)

    @rule(chosen=st.sampled_from(VOICES))
    def chooses_a_voice(self, chosen: Voice) -> None:
        self.draft.choose_voice(fills(chosen))
        names = ("accent", "voice_id", "voice_name", "gender", "ai_modal", "voice_data")
        kept = {name: value for name, value in self.answered.items() if name not in names}
        self.answered = kept | deepcopy(fills(chosen))

    @rule(step=st.sampled_from(list(Step)), checked=st.booleans())
    def goes_to_a_step(self, step: Step, checked: bool) -> None:
        before = self.draft.preview()
        self.draft.seen.add(step)
        if checked:
            self.draft.checked.add(step)
        assert (self.draft.state(step) is StepState.DONE) == (not self.draft.problems(step))
        assert self.draft.preview() == before

    @rule(new=ACTION, place=st.integers(0, 3))
    def adds_an_action(self, new: dict[str, Any], place: int) -> None:
        actions = self.actions
        self.give(("actions",), [*actions[:place], new, *actions[place:]])

    @precondition(lambda self: self.actions)
    @rule(data=st.data(), wrong=st.booleans())
    def edits_an_action(self, data: st.DataObject, wrong: bool) -> None:
        path, values = data.draw(st.sampled_from(IN_ACTIONS))
        place = self._action(data, *path)
        self.give(place, data.draw(ANYTHING if wrong else values))

    @precondition(lambda self: self.actions)
    @rule(data=st.data())
    def removes_an_action(self, data: st.DataObject) -> None:
        self.give(self._action(data), MISSING)

    @precondition(lambda self: self.actions)
    @rule(data=st.data())
    def reorders_the_actions(self, data: st.DataObject) -> None:
        self.give(("actions",), data.draw(st.permutations(self.actions)))

    @precondition(lambda self: self.actions)
    @rule(data=st.data(), text=st.sampled_from(["", "Hello.", "{{1}} {{2}}", TEMPLATE]))
    def pastes_a_template(self, data: st.DataObject, text: str) -> None:
        content = self._action(data, "zeplo", "content")
        self.draft.answer((*content, "template_text"), text)
        for name, value in [("template_text", text), ("parameter_slots", read_slots(text))]:
            self.answered = paths.put(self.answered, (*content, name), value)
        self.follow_hints(content)

    @rule(data=st.data())
    def corrects_every_error(self, data: st.DataObject) -> None:
        for _ in range(3):
            for name in {str(problem.path[0]) for problem in self.draft.problems()}:
                self.give((name,), data.draw(right(name)) if name in FIELDS else MISSING)
        assert self.draft.problems() == ()

    def _action(self, data: st.DataObject, *inside: str | int) -> Path:
        return ("actions", data.draw(st.integers(0, len(self.actions) - 1)), *inside)

    @invariant()
    def nothing_answered_is_lost(self) -> None:
        assert same(self.draft.answers, self.answered)

    @invariant()
    def only_fields_that_apply_are_sent(self) -> None:
        assert same(self.draft.compose(), expected_payload(self.answered))

    @invariant()
    def an_answer_that_is_not_sent_is_listed(self) -> None:
        reported = left_out(self.draft)
        sent = expected_payload(self.answered)
        for name in FIELDS & set(self.answered):
            given, goes_out = self.answered[name], sent.get(name, MISSING)
            if given not in EMPTY and name not in ("sentiment", "widget_config", "actions"):
                assert (name in reported) == (given != goes_out), name

    @invariant()
    def a_payload_exists_only_when_it_is_valid(self) -> None:
        problems = self.draft.problems()
        by_step = [p for step in (*Step, None) for p in problems if step_of(p.path) is step]
        assert sorted(map(str, by_step)) == sorted(map(str, problems))
        event(f"ready: {not problems}")
        if problems:
            with pytest.raises(NotReady):
                self.draft.payload()
            return
        payload = self.draft.payload()
        assert published_errors(payload.data) == []
        assert find_errors(payload.data) == []
        assert json.loads(payload.body) == payload.data
        assert payload.text == self.draft.preview()


TestAnyAnswersInAnyOrder = Person.TestCase
TestAnyAnswersInAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


# Paths

PLACES = st.lists(st.integers(0, 3) | st.sampled_from(["a", "b"]), max_size=4).map(tuple)
TREES = st.recursive(
    st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
)


@given(TREES, PLACES, st.text(max_size=2))
@settings(max_examples=200, deadline=None)
def test_a_value_put_at_a_path_is_found_there(tree: Any, path: Path, value: str) -> None:
    before = deepcopy(tree)
    assert paths.get(paths.put(tree, path, value), _filled(tree, path)) == value
    assert tree == before


@given(TREES, TREES, PLACES, st.just(MISSING) | TREES)
@settings(max_examples=200, deadline=None)
def test_putting_a_value_keeps_its_neighbours(
    tree: Any, beside: Any, path: Path, value: Any
) -> None:
    in_object = paths.put({"x": tree, "y": beside}, ("x", *path), value)
    in_list = paths.put([beside, tree, beside], (1, *path), value)
    assert in_object["y"] == beside
    assert (in_list[0], in_list[-1]) == (beside, beside)


def _filled(tree: Any, path: Path) -> Path:
    """The path with each index at most the end of its list, the place of a new item."""
    placed: Path = ()
    for part in path:
        items = paths.get(tree, placed)
        end = len(items) if isinstance(items, list) else 0
        placed = (*placed, min(part, end) if isinstance(part, int) else part)
    return placed


# --- answers typed in short


def test_a_typed_answer_in_short_is_sent_in_full() -> None:
    draft = answer(Draft(answers=minimal()), company_website="acme.com")
    assert draft.compose()["company_website"] == "https://acme.com"
    assert not draft.problems()
    # The answer is as it was typed until its field is left.
    assert draft.get(("company_website",)) == "acme.com"
    assert draft.complete(("company_website",))
    assert not draft.complete(("company_website",))
    assert draft.get(("company_website",)) == "https://acme.com"
    draft.undo()
    assert draft.get(("company_website",)) is MISSING


def test_imported_short_forms_are_kept() -> None:
    draft = Draft.imported(minimal() | {"company_website": "acme.com", "actions": [meeting()]})
    assert draft.compose()["company_website"] == "acme.com"
    draft.answer(("actions", 0, "startTime"), "8")
    draft.answer(("actions", 0, "timezone"), "kolk")
    (action,) = draft.compose()["actions"]
    assert (action["startTime"], action["timezone"]) == ("08:00 AM", "Asia/Kolkata")
    draft.settle()
    assert draft.get(("company_website",)) == "acme.com"
    assert draft.get(("actions", 0, "startTime")) == "08:00 AM"
