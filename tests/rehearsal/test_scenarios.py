"""The scenarios of the templates: each can be met by an assistant of that template."""

from datetime import UTC, datetime

import pytest

from tests.golden.cases import TEMPLATES
from wizard.advice.variables import used_in
from wizard.draft.draft import Draft
from wizard.formats.yaml_text import parse_yaml
from wizard.rehearsal.marked_lines import MarkedLines
from wizard.rehearsal.plan import CallPlan
from wizard.rehearsal.prompt import (
    assistant_prompt,
    caller_prompt,
    callers,
    find_caller,
    wording,
)
from wizard.rehearsal.scenario import Scenario, parse_scenario, scenarios_of
from wizard.rehearsal.tools import tools_of
from wizard.templates.library import find_template

NOW = datetime(2026, 12, 3, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_three_possible_scenarios(name: str) -> None:
    template, draft = find_template(name, None), Draft()
    draft.start_from(template)
    plan = CallPlan(draft.compose(), template.sample, NOW)
    kinds = {tool.kind for tool in tools_of(plan, wording)}
    found = scenarios_of(name)

    assert len({scenario.name for scenario in found}) == len(found) == 3
    for scenario in found:
        assert scenario.expect, scenario.name
        for each in scenario.expect:
            if each.kind == "action" and each.value != "none":
                assert each.value in kinds
            if each.kind == "opt_out" and each.value:
                assert "opt_out" in kinds
    assert used_in({"text": assistant_prompt(plan, (), takes_tools=True)}) == {}


def test_a_scenario_is_written_as_it_is_read() -> None:
    for name in TEMPLATES:
        for scenario in scenarios_of(name):
            text = scenario.as_yaml()
            assert parse_scenario(text, "x.yaml") == scenario
            assert parse_yaml(text, "x.yaml") == scenario.as_data()


def test_a_prompt_has_the_date_and_the_length_of_turns() -> None:
    plan = CallPlan({"script": "Ask.", "utterance_length": 10, "language": "hi"}, {}, NOW)
    prompt = assistant_prompt(plan, (), takes_tools=True)

    assert "Thursday, 3 December 2026, 10:15 (2026-12-03)" in prompt
    assert "tomorrow is Friday, 4 December 2026" in prompt
    assert "five sentences or more" in prompt
    assert "Speak Hindi" in prompt


def test_the_caller_knows_only_its_own_values() -> None:
    values = {"first_name": "Priya", "order_item": "a lamp", "company_name": "Acme"}
    for kind, knows in (("outbound", True), ("inbound", False)):
        prompt = caller_prompt(CallPlan({"type": kind}, values, NOW), find_caller("hurry"))
        assert "first name: Priya" in prompt
        assert ("order item: a lamp" in prompt) is knows
        assert "company name" not in prompt


@pytest.mark.parametrize(("language", "other"), [("en", "German"), ("hi", "English")])
def test_a_caller_may_speak_another_language(language: str, other: str) -> None:
    plan = CallPlan({"language": language}, {}, NOW)
    assert f"You speak only {other} " in caller_prompt(plan, find_caller("other-language"))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"script": 1, "actions": 1, "language": 1, "maximum_time_per_call": "x", "sentiment": 1},
        {"script": "x", "actions": [1, {}, {"type": "sendMessage", "sms": 1}], "temperature": "x"},
        {"script": "x", "actions": [{"type": "scheduleMeeting", "startDate": "3", "length": "x"}]},
        {
            "script": "x",
            "actions": [
                {"type": "sendMessage", "zeplo": {"is_zeplo": True, "content": 1}},
                {"type": "sendMessage", "sms": {"is_sms": True, "content": None}},
                {
                    "type": "sendMessage",
                    "zeplo": {
                        "is_zeplo": True,
                        "content": {"parameter_slots": [1, {}], "parameter_hints": [1, 2]},
                    },
                },
            ],
        },
    ],
)
def test_an_unfinished_payload_has_a_prompt(payload: dict[str, object]) -> None:
    plan = CallPlan(payload, {}, NOW)
    tools = tools_of(plan, wording)

    assert assistant_prompt(plan, tools, takes_tools=False)
    assert tools[-1].kind == "end_call"
    assert len({tool.name for tool in tools}) == len(tools)


def test_every_caller_of_a_scenario_can_be_named() -> None:
    for caller in callers():
        scenario = parse_scenario(f"name: x\ncaller: {caller.name}", "x.yaml")
        assert scenario == Scenario("x", caller=caller.name)


@pytest.mark.parametrize("size", range(1, 12))
def test_marked_lines_are_found_in_pieces_of_any_size(size: int) -> None:
    text = 'Yes [sure].\n[[send_sms {"a": "b"}]]\nDone. [[end_call]] [[half of'
    marks = MarkedLines()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    spoken = "".join(map(marks.feed, pieces)) + marks.rest()

    assert spoken == "Yes [sure].\n\nDone.  [[half of"
    assert [(call.name, call.arguments) for call in marks.calls] == [
        ("send_sms", '{"a": "b"}'),
        ("end_call", "{}"),
    ]


def test_a_second_action_of_a_kind_has_a_name_of_its_own() -> None:
    sms = {"type": "sendMessage", "sms": {"is_sms": True, "content": "Hi", "description": "x"}}
    tools = tools_of(CallPlan({"script": "x", "actions": [sms, sms]}, {}, NOW), wording)

    assert [(tool.name, tool.kind) for tool in tools[:2]] == [
        ("send_sms", "send_sms"),
        ("send_sms_2", "send_sms"),
    ]


def test_an_authentication_template_takes_one_code_for_all_its_slots() -> None:
    slots = [{"section": "body", "index": 1}, {"section": "button", "index": 0, "sub_index": 1}]
    content = {
        "templateName": "otp",
        "category": "AUTHENTICATION",
        "parameter_slots": slots,
        "parameter_hints": ["the code"],
    }
    zeplo = {"is_zeplo": True, "description": "x", "content": content}
    actions = [{"type": "sendMessage", "zeplo": zeplo}]
    tool = tools_of(CallPlan({"script": "x", "actions": actions}, {}, NOW), wording)[0]

    assert tool.parameters == {"code": "the code"}
    assert tool.use({"code": "1"}).sentence == "Would send WhatsApp otp: code: 1"


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("2026-12-03", "10:00", "Would book: Thursday, 3 December 2026, 10:00"),
        ("2026-12-03", "04:30 pm", "Would book: Thursday, 3 December 2026, 16:30"),
        ("2026-12-03", "16:45", "meetings are between 09:00 and 17:00"),
        ("2026-12-03", "08:59", "meetings are between 09:00 and 17:00"),
        ("2026-12-04", "10:00", "Friday cannot be booked, only Monday, Thursday"),
        ("2026-11-30", "10:00", "the first day is 2026-12-03"),
        ("tomorrow", "10:00", "enter the day as YYYY-MM-DD"),
        ("2026-12-03", "noon", "and the time as HH:MM"),
    ],
)
def test_a_time_is_booked_only_if_it_is_offered(day: str, time: str, expected: str) -> None:
    action = {
        "type": "scheduleMeeting",
        "startDate": "2026-12-01",
        "startTime": "09:00 AM",
        "endTime": "05:00 PM",
        "length": 30,
        "bookingDays": "Monday,Thursday",
    }
    tool = tools_of(CallPlan({"script": "x", "actions": [action]}, {}, NOW), wording)[0]
    acted = tool.use({"day": day, "time": time})

    assert acted.done is expected.startswith("Would book")
    assert expected in acted.sentence
