"""Judging in bulk: the quick ways say what the plain ones say, and no more is asked than wanted."""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.examples import full, minimal, with_, without
from tests.test_cli import run
from wizard.actions import Action
from wizard.assistant import Assistant
from wizard.contract import Contract
from wizard.judge import find_errors, judge
from wizard.values import NOT_BLANK, Rule


def rules(model: type[BaseModel]) -> Iterator[tuple[str, Rule]]:
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
    of_core = TypeAdapter[Any](_annotated(float if number else str, rule))
    for value in (float(one) for one in NUMBERS) if number else TEXTS:
        try:
            of_core.validate_python(value)
        except ValidationError as refused:
            assert not rule.test(value), value
            (error,) = refused.errors()
            assert (error["type"], error["msg"]) == (rule.code, f"must be {rule.allowed}")
        else:
            assert rule.test(value), value


def _annotated(of: Any, rule: Rule) -> Any:
    from typing import Annotated  # noqa: PLC0415 - made of values, which a type checker dislikes

    return Annotated[of, rule]


def _examples(rule: Rule) -> list[Any]:
    enum = rule.schema.get("enum", [])
    return [*enum, *(v for k, v in rule.schema.items() if k.endswith(("imum", "Minimum")))]


def test_there_are_rules_that_the_core_tests() -> None:
    assert {"name", "type", "voice_speed", "maximum_time_per_call", "startTime"} <= set(NATIVE)


def test_blank_is_what_python_takes_for_white_space() -> None:
    blank = TypeAdapter[str](_annotated(str, NOT_BLANK))
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

    assert isinstance(Inner.model_validate({"size": 1}), Inner)
    wrong = full() | {"is_filler": True, "fillers": [], "voice_speed": 9}
    assert [problem.path for problem in find_errors(wrong)] == [("voice_speed",), ("fillers",)]


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


def test_the_count_stands_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text(f"{json.dumps(minimal())}\n{{}}\nnonsense\n")
    ran = run("validate", str(path))
    assert ran.code == 1
    assert ran.told[-1] == "3 payloads: 1 valid, 1 invalid, 1 unreadable"
    assert ran.told[0].startswith(f"{path}, line 3, column 1: ")
    assert f"{path}, line 1: valid" in ran.lines
    assert judge(minimal()).valid
