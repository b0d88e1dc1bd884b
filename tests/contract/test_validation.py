"""Validation, of single payloads and of many with the command `validate`."""

import json
import random
from pathlib import Path

from tests.commands.test_cli import run
from tests.examples import full, minimal, with_, without
from wizard.contract.model import ContractModel
from wizard.contract.validation import find_errors


def test_half_a_character_is_reported_once() -> None:
    for path in ("name", "script", "language", "actions[0].startTime", "sentiment.general_prompt"):
        problems = find_errors(with_(full(), path, "\ud800"))
        assert [problem.code for problem in problems if str(problem).startswith(path)] == [
            "not_unicode"
        ]


def test_errors_of_several_fields_are_reported_beside_those_of_one() -> None:
    class Inner(ContractModel):
        """One without rules."""

        size: float

    assert Inner.model_validate({"size": 1}).size == 1
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
    assert alone.objects == [result | {"warnings": []} for result in with_advice.objects]
    assert any(result["warnings"] for result in with_advice.objects)
    assert {result["valid"] for result in alone.objects} == {True, False}


def test_lines_are_read_of_any_file_and_of_standard_input(tmp_path: Path) -> None:
    file = lines(tmp_path, "payloads.txt")
    by_name = run("validate", "--json", "--lines", file)
    by_input = run("validate", "--json", "--lines", "-", stdin=Path(file).read_text())
    assert [result["line"] for result in by_name.objects] == list(range(1, 61))
    assert by_input.objects == [result | {"file": "-"} for result in by_name.objects]
    assert by_name.err.startswith("60 payloads: ")


def test_lines_are_validated_like_files(tmp_path: Path) -> None:
    texts = Path(lines(tmp_path, "payloads.jsonl")).read_text().split("\n")
    texts += ['{"success": true, "data": []}', "[]", "nonsense", json.dumps({"data": 1})]
    (tmp_path / "payloads.jsonl").write_text("\n".join(texts))
    names = [str(tmp_path / f"{number}.json") for number in range(1, len(texts) + 1)]
    for name, text in zip(names, texts, strict=True):
        Path(name).write_text(text)
    in_lines = run("validate", "--json", str(tmp_path / "payloads.jsonl")).objects
    as_files = run("validate", "--json", *names).objects
    assert [result["line"] for result in in_lines] == list(range(1, len(texts) + 1))
    for line, file in zip(in_lines, as_files, strict=True):
        assert line["valid"] == file["valid"]
        assert line["warnings"] == file["warnings"]
        assert [error["code"] for error in line["errors"]] == [
            error["code"] for error in file["errors"]
        ]


def test_the_count_is_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text(f"{json.dumps(minimal())}\n{{}}\nnonsense\n")
    ran = run("validate", str(path))
    assert ran.code == 1
    assert ran.err_lines[-1] == "3 payloads: 1 valid, 1 invalid, 1 unreadable"
    assert ran.err_lines[0].startswith(f"{path}, line 3, column 1: ")
    assert f"{path}, line 1: valid" in ran.lines
