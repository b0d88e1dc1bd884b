"""Advice that is remembered is the advice that would be given, and little is remembered."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import full, meeting, minimal, sms, with_, without
from tests.test_advice import PIECES, TODAY
from wizard.advice import ADVICE, advise, again
from wizard.advice.again import Adviser
from wizard.advice.view import View
from wizard.judge import find_errors
from wizard.problems import Problem

NAMES = ["Asha", "IMPORTANT", "NEWS LOUDLY", "[company]", "A" * 120, "Rent {{Name}}"]
PLACES = [
    *("goal", "script", "start_speech", "end_call_message", "voice_note", "call_outcome_prompt"),
    *("sentiment.neutral_prompt", "actions[0].say", "actions[1].sms.content"),
    *("knowledge_base_Id", "widget_config.uiStyle"),
]
SWITCHES = ["is_filler", "is_voice_note", "is_opt_out", "is_back_sound", "enable_delay"]
TEXTS = st.lists(st.sampled_from([*PIECES.split("|"), "Hello. ", "{{visit}}"]), max_size=6)
CHANGES = (
    st.tuples(st.sampled_from(PLACES), TEXTS.map("".join))
    | st.tuples(st.just("name"), st.sampled_from(NAMES))
    | st.tuples(st.just("company_name"), st.sampled_from([*NAMES, "B" * 220]))
    | st.tuples(st.sampled_from(SWITCHES), st.booleans())
    | st.tuples(st.just("type"), st.sampled_from(["inbound", "outbound"]))
    | st.tuples(st.just("language"), st.sampled_from(["en", "hi"]))
    | st.tuples(st.just("actions[0].startDate"), st.sampled_from(["2020-01-01", "2099-01-01"]))
)


def examples() -> Iterator[dict[str, Any]]:
    for info in ADVICE.values():
        for base in (minimal(), full()):
            yield base | dict(info.example)


def said(adviser: Adviser, payload: dict[str, Any], today: date = TODAY) -> list[Problem]:
    return list(adviser.advise(payload, len(json.dumps(payload)), today))


@given(st.lists(CHANGES, max_size=12), st.booleans())
@example([("start_speech", "Hello, IMPORTANT NEWS."), ("name", "IMPORTANT NEWS")], False)
@example([("start_speech", "Hello, [company]."), ("company_name", "Bo")], False)
@example([("name", "A" * 101), ("name", "A"), ("name", "A" * 102)], True)
@example([("start_speech", "Hello, IMPORTANT NEWS."), ("company_name", "Bo")], False)
@settings(deadline=None, max_examples=100)
def test_what_is_said_again_is_what_would_be_said(
    changes: list[tuple[str, Any]], starts_full: bool
) -> None:
    payload = full() if starts_full else minimal() | {"actions": [meeting(), sms()]}
    adviser = Adviser()
    for place, value in changes:
        changed = with_(payload, place, value)
        if find_errors(changed) == []:
            payload = changed
        # Three times, so that the last can be remembered, and as it is with other names.
        for one in (*[payload] * 3, payload | {"name": "Bo", "company_name": "NEWS"}):
            assert said(adviser, one) == list(advise(one, TODAY))


def test_each_example_is_advised_on_as_if_it_stood_alone() -> None:
    adviser = Adviser()
    valid = [one for one in examples() if find_errors(one) == []]
    assert len(valid) > len(ADVICE)
    for one in valid * 3:
        for payload in (one, one | {"name": "Bo"}, without(one, "knowledge_base_Id")):
            assert said(adviser, payload) == list(advise(payload, TODAY))


def test_another_day_is_advised_on_anew() -> None:
    adviser, payload = Adviser(), full()
    for _ in range(3):
        assert said(adviser, payload, date(2099, 12, 31)) == []
    assert [problem.code for problem in said(adviser, payload, date(2100, 1, 1))] == ["QW141"]
    assert said(adviser, payload, date(2099, 12, 31)) == []


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names in the payloads that were looked at, instead of being remembered."""
    looked: list[str] = []

    def counted(look: Callable[[View], Iterator[Problem]]) -> Callable[[View], Iterator[Problem]]:
        def look_and_count(view: View) -> Iterator[Problem]:
            looked.append(view.text("name"))
            return look(view)

        return look_and_count

    monkeypatch.setattr(again, "look", counted(again.look))
    return looked


def test_a_batch_with_other_names_is_looked_at_twice(looks: list[str]) -> None:
    adviser = Adviser()
    script = "You are Asha. Speak of the GST and the SMS. If they want no more calls, promise that."
    for number in range(50):
        told = {"name": f"Asha {number}", "company_name": f"Acme {number}", "script": script}
        assert said(adviser, full() | told | {"knowledge_base_Id": f"kb-{number}"}) == []
    assert looks == ["Asha 0", "Asha 1"]


def test_what_is_very_long_is_not_remembered(looks: list[str]) -> None:
    adviser = Adviser()
    long = full() | {"name": "Long", "call_flow": {"text": "x" * 300_000}}
    for _ in range(3):
        said(adviser, long)
    assert looks == ["Long"] * 3


def test_a_stream_of_ever_new_payloads_takes_no_more_memory_than_a_part_of_it() -> None:
    adviser = Adviser()
    peaks = []
    tracemalloc.start()
    for count in (1_000, 2_000):
        tracemalloc.reset_peak()
        for number in range(count):
            script = f"{number} of {count}: " + "promise that they get no more calls. " * 150
            for _ in range(2):
                said(adviser, minimal() | {"script": script})
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    # Ten megabytes went by and then twenty; two are held, and as much again as they are let go.
    assert peaks[1] < 1.3 * peaks[0] < 8_000_000
