"""Judging in bulk: the quick ways say what the plain ones say, and no more is asked than wanted."""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import SchemaValidator, ValidationError, core_schema

from tests.examples import full, minimal, with_, without
from tests.test_cli import run
from wizard import paths
from wizard.acceptance import Acceptance
from wizard.actions import Action
from wizard.advice import advise
from wizard.ask import walk
from wizard.assistant import QUESTIONS, Assistant
from wizard.contract import Contract
from wizard.judge import Judge, find_errors, judge
from wizard.payloads import parse_json
from wizard.values import NOT_BLANK, Rule


def rules(model: type[Contract]) -> Iterator[tuple[str, Rule]]:
    for name, info in model.model_fields.items():
        yield from ((name, hint) for hint in info.metadata if isinstance(hint, Rule))


NATIVE = {name: rule for model in (Assistant, Action) for name, rule in rules(model) if rule.native}
NUMBERS = [*range(-3, 30), 0.1, 0.7, 0.8, 1.05, 1.1, 1.2, 600, 650, 700, 2000, 2100, 1e308, -0.0]
TEXTS = [
    "",
    " ",
    "a",
    "09:30 AM",
    "9:30 AM",
    "12:59 PM",
    "13:00 PM",
    "09:30 AM\n",
    "09:30 am",
    "en",
]
TEXTS += ["male", "inbound", "\u0660\u0669:30 AM", *map(str, NUMBERS)]


@pytest.mark.parametrize("name", NATIVE)
def test_the_core_tests_a_value_as_the_rule_does(name: str) -> None:
    rule = NATIVE[name]
    number = any(isinstance(value, int | float) for value in _examples(rule))
    typed = core_schema.float_schema() if number else core_schema.str_schema()
    of_core = SchemaValidator(rule.over(typed))
    for value in (float(one) for one in NUMBERS) if number else TEXTS:
        try:
            of_core.validate_python(value)
        except ValidationError as refused:
            assert not rule.test(value), value
            (error,) = refused.errors()
            assert (error["type"], error["msg"]) == (rule.code, f"must be {rule.allowed}")
        else:
            assert rule.test(value), value


def _examples(rule: Rule) -> list[Any]:
    enum = rule.schema.get("enum", [])
    return [*enum, *(v for k, v in rule.schema.items() if k.endswith(("imum", "Minimum")))]


def test_there_are_rules_that_the_core_tests() -> None:
    assert {"name", "type", "voice_speed", "maximum_time_per_call", "startTime"} <= set(NATIVE)


def test_blank_is_what_python_takes_for_white_space() -> None:
    blank = SchemaValidator(NOT_BLANK.over(core_schema.str_schema()))
    for code in (*range(0x3100), *range(0xFE00, 0x10000), 0x1F600, 0xE0020, sys.maxunicode):
        text = chr(code)
        try:
            blank.validate_python(text)
        except ValidationError:
            assert text.isspace(), hex(code)
        else:
            assert not text.isspace(), hex(code)


def test_half_a_character_is_told_once() -> None:
    for path in ("name", "script", "language", "actions[0].startTime", "sentiment.general_prompt"):
        problems = find_errors(with_(full(), path, "\ud800"))
        assert [problem.code for problem in problems if str(problem).startswith(path)] == [
            "not_unicode"
        ]


def test_rules_of_several_members_are_told_beside_those_of_one() -> None:
    class Inner(Contract):
        """One without rules."""

        size: float

    assert Inner.model_validate({"size": 1}) == {"size": 1}
    wrong = full() | {"is_filler": True, "fillers": [], "voice_speed": 9}
    assert [problem.path for problem in find_errors(wrong)] == [("voice_speed",), ("fillers",)]


# Judged as it changes


ACTIONS = [
    *full()["actions"],
    {"type": "scheduleMeeting", "startTime": "09:30 AM", "endTime": "08:00 AM"},
    {"type": "sendMessage"},
    {"type": "sendMessage", "sms": {"is_sms": True, "content": "\ud800"}},
    {"type": "nothing"},
    None,
    "text",
    7,
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("insert", "remove", "move", "other", "gone", "back")),
            st.integers(0, 30),
            st.integers(0, len(ACTIONS) - 1),
        ),
        max_size=30,
    )
)
@settings(deadline=None, max_examples=200)
def test_what_changes_is_judged_as_if_it_were_seen_for_the_first_time(
    changes: list[tuple[str, int, int]],
) -> None:
    judging, payload = Judge(), full()
    for what, wished, which in changes:
        actions = list(payload.get("actions") or []) if what != "back" else full()["actions"]
        at = min(wished, len(actions))
        if what == "insert":
            # The same object may stand there twice, as a duplicate does.
            actions.insert(at, ACTIONS[which])
        elif what == "remove":
            del actions[at : at + 1]
        elif what == "move" and actions:
            actions.append(actions.pop(at - 1))
        payload = {**payload, "actions": actions, "name": ("A", "", 7)[which % 3]}
        if what == "gone":
            del payload["actions"]
        elif what == "other":
            payload["actions"] = (None, {}, "x")[which % 3]
        assert judging.find_errors(payload) == find_errors(payload)
        payload = payload if isinstance(payload.get("actions"), list) else full()


# Accepted at first sight


ACCEPTANCE = Acceptance(Assistant)
LABELS = {"a": 1, "b": [{"c": "d: e"}], "ä": "\u2028", "big": 10**40, "small": -0.5}


def accepted(text: str | bytes) -> Any:
    """What is read at first sight; `None` where that is in doubt."""
    try:
        return ACCEPTANCE.read(text.encode() if isinstance(text, str) else text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "payload",
    [minimal(), full(), full() | {"mood": LABELS, "call_flow": {"deep": LABELS}}],
    ids=["minimal", "full", "extras"],
)
def test_a_valid_payload_is_accepted_however_it_is_written(payload: dict[str, Any]) -> None:
    for text in (
        json.dumps(payload),
        json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        json.dumps(payload, indent="\t", separators=(" ,", "\r\n : ")),
    ):
        assert accepted(text) == payload


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "ending",
    [
        ', "name": "B"',
        ', "name" : "B"',
        ', "n\\u0061me": "B"',
        ', "mood": {"a": 1, "a": 1}',
        ', "call_flow": {"a": [{"b": 1, "b": 2}]}',
        ', "mood": 1e999',
        ', "mood": [{"a": -1e999}]',
        f', "mood": {"1" * 400}.5',
        f', "mood": {"1" * 5000}',
        ', "mood": NaN',
        ', "mood": [-Infinity]',
        ', "stability": NaN',
        ', "mood": "\\ud800"',
        ', "\\ud800": 1',
        f', "mood": {nested(101)}',
        f', "call_flow": {{"a": {nested(101)}}}',
        ', "voice_note": " ", "is_voice_note": true',
        ",",
        ', "mood": "\x01"',
    ],
)
def test_what_may_be_wrong_is_not_accepted(ending: str) -> None:
    assert accepted(json.dumps(minimal())) is not None
    assert accepted(json.dumps(minimal())[:-1] + ending + "}") is None


@pytest.mark.parametrize("text", [b"", b"[]", b"7", b"\xff", b"\xef\xbb\xbf{}", b"{} {}", b"null"])
def test_what_is_no_payload_is_not_accepted(text: bytes) -> None:
    assert accepted(text) is None


def test_a_name_twice_is_seen_whatever_else_is_there() -> None:
    # The text counts as a name too; were one of the two overlooked, they would even out.
    written = json.dumps(minimal() | {"goal": 'say "yes": then go'})
    assert accepted(written[:-1] + ', "goal": "A"}') is None
    assert parse_json(written, "x") == minimal() | {"goal": 'say "yes": then go'}


VALUES = st.sampled_from(
    [
        *(None, True, 0, 1, 1.5, -1, 7.0, 2**70, 1e300, "", " ", "1", "en", "umm", "09:30 AM"),
        *("2026-02-30", "https://a.example", "http://[", [], {}, [None], [""], {"a": 1}, "\ud800"),
    ]
)
PLACES = [paths.write(path) for path, _ in walk(QUESTIONS)]
INDEXED = [place.replace("actions.", f"actions[{n}].") for place in PLACES for n in range(4)]


@given(st.lists(st.tuples(st.sampled_from(INDEXED), VALUES), max_size=3), st.booleans())
@settings(deadline=None, max_examples=400)
def test_what_is_accepted_has_no_errors(changes: list[tuple[str, Any]], taken_away: bool) -> None:
    payload = full()
    for place, value in changes:
        payload = without(payload, place) if taken_away else with_(payload, place, value)
    read = accepted(json.dumps(payload))
    # What is wrong and not in use is left to the judge.
    if read is not None:
        assert find_errors(payload) == []
        assert read == payload
        assert list(advise(read)) == list(advise(payload))


@given(
    st.integers(0, 5000), st.sampled_from(['"', ":", ",", "{", "}", "[", "1e999", "\\", " ", ""])
)
@settings(deadline=None, max_examples=400)
def test_a_text_with_a_slip_is_read_as_the_strict_reader_does(place: int, slip: str) -> None:
    written = json.dumps(full())
    place %= len(written)
    text = written[:place] + slip + written[place + 1 :]
    read = accepted(text)
    if read is not None:
        assert read == parse_json(text, "x")
        assert find_errors(read) == []


# The command


def lines(tmp_path: Path, name: str) -> str:
    dice = random.Random(5)
    payloads = []
    for number in range(60):
        payload = dice.choice((minimal, full))() | {"name": f"A{number}"}
        if dice.random() < 0.5:
            field = dice.choice(list(payload))
            payload = dice.choice(
                (without(payload, field), payload | {field: dice.choice((None, 7, "", [], {}))})
            )
        payloads.append(json.dumps(payload))
    path = tmp_path / name
    path.write_text("\n".join(payloads))
    return str(path)


def test_without_advice_the_errors_are_the_same(tmp_path: Path) -> None:
    file = lines(tmp_path, "payloads.jsonl")
    with_advice = run("validate", "--json", file)
    alone = run("validate", "--json", "--no-advice", file)
    assert (alone.code, alone.err) == (with_advice.code, with_advice.err) == (1, alone.err)
    assert alone.objects == [told | {"warnings": []} for told in with_advice.objects]
    assert any(told["warnings"] for told in with_advice.objects)
    assert {told["valid"] for told in alone.objects} == {True, False}


def test_lines_are_read_of_any_file_and_of_standard_input(tmp_path: Path) -> None:
    file = lines(tmp_path, "payloads.txt")
    by_name = run("validate", "--json", "--lines", file)
    by_input = run("validate", "--json", "--lines", "-", stdin=Path(file).read_text())
    assert [told["line"] for told in by_name.objects] == list(range(1, 61))
    assert by_input.objects == [told | {"file": "-"} for told in by_name.objects]
    assert by_name.err.startswith("60 payloads: ")


def test_lines_are_judged_as_files_are(tmp_path: Path) -> None:
    texts = Path(lines(tmp_path, "payloads.jsonl")).read_text().split("\n")
    texts += ['{"success": true, "data": []}', "[]", "nonsense", json.dumps({"data": 1})]
    (tmp_path / "payloads.jsonl").write_text("\n".join(texts))
    names = [str(tmp_path / f"{number}.json") for number in range(1, len(texts) + 1)]
    for name, text in zip(names, texts, strict=True):
        Path(name).write_text(text)
    in_lines = run("validate", "--json", str(tmp_path / "payloads.jsonl")).objects
    as_files = run("validate", "--json", *names).objects
    assert [told["line"] for told in in_lines] == list(range(1, len(texts) + 1))
    for line, file in zip(in_lines, as_files, strict=True):
        assert line["valid"] == file["valid"]
        assert line["warnings"] == file["warnings"]
        assert [error["code"] for error in line["errors"]] == [
            error["code"] for error in file["errors"]
        ]


def test_the_count_stands_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text(f"{json.dumps(minimal())}\n{{}}\nnonsense\n")
    ran = run("validate", str(path))
    assert ran.code == 1
    assert ran.told[-1] == "3 payloads: 1 valid, 1 invalid, 1 unreadable"
    assert ran.told[0].startswith(f"{path}, line 3, column 1: ")
    assert f"{path}, line 1: valid" in ran.lines
    assert judge(minimal()).valid
