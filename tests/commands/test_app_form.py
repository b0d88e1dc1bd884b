"""`--app-form`, and the inputs of `new --from`: forms of QCall's clients, curl, scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_cli import ROOT, run
from tests.examples import minimal, with_
from tests.listener import KEY, listening

INPUTS = ROOT / "tests" / "golden" / "inputs"
APP = str(INPUTS / "app.json")


def codes(out: str, kind: str) -> list[str]:
    return [problem["code"] for problem in json.loads(out)[kind]]


def test_the_app_form_is_valid_only_if_it_is_allowed() -> None:
    strict, allowed = run("validate", "--json", APP), run("validate", "--json", "--app-form", APP)
    assert (strict.code, allowed.code) == (1, 0)
    assert codes(allowed.out, "errors") == []
    for ran in (strict, allowed):
        assert [code for code in codes(ran.out, "warnings") if code >= "QW201"] == [
            "QW201", "QW202", "QW203", "QW204", "QW205", "QW206", "QW207", "QW208", "QW209",
            "QW210", "QW212", "QW213",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("language", "en,xx"),
        ("language", ""),
        ("fillers", "umm"),
        ("fillers", ""),
        ("ai_model_id", 7),
        ("knowledge_base_Id", [1]),
        ("opt_out_script", None),
        ("assistant_image", "picture"),
        ("background_volume", 0.25),
        ("actions", [{"type": "scheduleMeeting", "startDate": "6"}]),
        ("actions", [{"type": "scheduleMeeting", "meetingType": "zoom"}]),
        ("actions", [{"type": ""}]),
        ("call_flow", []),
        ("name", " "),
    ],
)
def test_nothing_else_is_allowed(tmp_path: Path, path: str, value: Any) -> None:
    file = tmp_path / "a.json"
    switches = {"is_back_sound": True, "is_call_flow": True, "is_filler": True}
    file.write_text(json.dumps(with_(minimal() | switches, path, value)))
    assert run("validate", "--app-form", str(file)).code == 1


def test_the_app_form_is_sent_unchanged(tmp_path: Path) -> None:
    with listening() as heard:
        send = ("submit", "--yes", "--home", str(tmp_path), "--base-url", heard.url, APP)
        assert run(*send, QCALL_API_KEY=KEY).code == 1
        assert heard.bodies == []
        assert run(*send, "--app-form", QCALL_API_KEY=KEY).code == 0
    assert json.loads(heard.bodies[0]) == json.loads(Path(APP).read_text())


def test_new_keeps_the_app_form_if_it_is_allowed() -> None:
    ran = run("new", "--from", APP, "--app-form")
    assert ran.code == 0
    assert json.loads(ran.out) == json.loads(Path(APP).read_text())
    assert run("new", "--from", APP).code == 1


@pytest.mark.parametrize("file", ["create.sh", "script.txt", "envelope.json"])
def test_new_reads_the_same_files_as_the_screens(file: str) -> None:
    ran = run("new", "--from", str(INPUTS / file))
    made = json.loads(ran.out)
    assert made["script"]
    assert "used" in ran.err
    assert ran.code == (1 if file == "script.txt" else 0)
    assert "hash_id" not in made


def test_new_does_not_choose_among_several(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text(json.dumps({"success": True, "data": [minimal(), minimal()]}))
    ran = run("new", "--from", str(file))
    assert (ran.code, ran.out) == (1, "")
    assert "holds 2 assistants" in ran.err


def test_new_of_a_draft_of_nothing_readable(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": ')
    ran = run("new", "--from", str(file))
    assert (ran.code, ran.out) == (1, "")
    assert "line 1" in ran.err
