"""The commands `assistants` and `update`, through real processes against a server on 127.0.0.1."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_cli import PROGRAM, ROOT, Ran, environment, run
from tests.examples import minimal
from tests.listener import KEY
from tests.records_server import Records, records_at
from tests.terminal import Terminal
from wizard.contract.masking import MASK
from wizard.storage.sqlite_file import FILE_NAME

WIDGET_KEY = "widget-canary-77aa"
# The long form kills the program fifty times: UPDATE_KILLS=50.
KILLS = int(os.environ.get("UPDATE_KILLS", "5"))


def written(assistant_id: str, **members: Any) -> str:
    """A record in the form of QCall's app, written as no program of ours writes it."""
    text = json.dumps(minimal() | {"language": "en,hi", "fillers": "", "mood": 1} | members)
    head = f'{{"hash_id":"{assistant_id}" , "voice_pitch" : 1.50,"n":1E2,'
    return f'{head} {text[1:-1]},\n"slash":"\\/\\u00e9"}}'


class Workspace:
    """A folder with files and a home in it, and a server with assistants."""

    def __init__(self, folder: Path, records: Records) -> None:
        self.folder, self.records = folder, records
        self.common = ("--home", str(folder / "home"), "--base-url", records.url)

    def run(self, *arguments: str, key: str = KEY, **more: Any) -> Ran:
        return run(*arguments, *self.common, QCALL_API_KEY=key, **more)

    def file(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def saved(self) -> tuple[str, list[Path]]:
        """All assistants in a folder."""
        folder = self.folder / "backup"
        assert self.run("assistants", "save", str(folder)).code == 0
        return str(folder), sorted(folder.glob("*.json"))

    def kinds(self) -> list[str | None]:
        with closing(sqlite3.connect(self.folder / "home" / FILE_NAME)) as file:
            return [kind for (kind,) in file.execute("SELECT kind FROM updates ORDER BY rowid")]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    texts = {name: written(name, name=name.title()) for name in ("asha", "ravi", "mira")}
    with records_at(Records(**texts)) as records:
        yield Workspace(tmp_path, records)


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


# The list


def test_the_list_as_a_table_and_as_json(workspace: Workspace) -> None:
    table = workspace.run("assistants")
    assert table.code == 0
    assert table.out.split()[:3] == ["ID", "NAME", "COMPANY"]
    assert "asha" in table.out

    ran = workspace.run("assistants", "--json")
    first = json.loads(ran.out.splitlines()[0])
    assert first == {
        "id": "asha", "name": "Asha", "company_name": "Acme Dental", "type": "outbound",
        "language": "en,hi", "changed": None, "flaw": None,
    }  # fmt: skip
    assert KEY not in ran.out + ran.err


def test_unreadable_items_are_counted_and_the_rest_listed(workspace: Workspace) -> None:
    two = [{"id": "a/1", "name": 3}, {"id": "a/1", "name": "\x1b[31mred"}]
    workspace.records.listing = json.dumps(
        [5, None, "a", True, *two, {"name": "x" * 5000}]
    ).encode()
    ran = workspace.run("assistants")
    assert ran.code == 0
    assert "4 items of the list could not be read" in ran.err
    assert "number 3 is text; and 1 more." in ran.err
    assert "More than one assistant has the id a/1" in ran.err
    assert "\x1b" not in ran.out
    assert len(ran.out.splitlines()) == 4


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((401, {"message": "no"}), 3),
        ((200, {"success": False, "status": 401}), 3),
        ((500, {}), 5),
        ((200, {"success": False}), 5),
        ((200, 7), 5),
    ],
)
def test_a_list_that_cannot_be_read(workspace: Workspace, said: tuple[int, Any], code: int) -> None:
    workspace.records.on_read = lambda _: said
    ran = workspace.run("assistants")
    assert (ran.code, ran.out) == (code, "")
    assert "could not be loaded" in ran.err


def test_without_a_key(workspace: Workspace) -> None:
    assert workspace.run("assistants", key="").code == 5
    ran = workspace.run(
        "update", "asha", workspace.file("a.json", {"goal": "x"}), "--yes", "--json", key=""
    )
    assert ran.code == 5
    assert json.loads(ran.out)["outcome"] == "not_sent"


def test_10_000_assistants(workspace: Workspace) -> None:
    workspace.records.listing = f"[{','.join([written('x')] * 10_000)}]".encode()
    ran = workspace.run("assistants", "--json")
    assert len(ran.out.splitlines()) == 10_000


def test_show_prints_an_assistant_with_the_key_masked(workspace: Workspace) -> None:
    assert workspace.run("assistants", "show", "asha").out == workspace.records.texts["asha"] + "\n"
    widget = {"api_key": WIDGET_KEY}
    workspace.records.texts["asha"] = text = written("asha", widget_config=widget)
    ran = workspace.run("assistants", "show", "asha")
    assert ran.out == text.replace(WIDGET_KEY, MASK) + "\n"
    none = workspace.run("assistants", "show", "none")
    assert (none.code, none.out) == (1, "")


# One file


def test_a_file_with_one_member_changes_that_alone(workspace: Workspace) -> None:
    before = workspace.records.texts["asha"]
    file = workspace.file("new.yaml", "goal: Sell more\n")
    dry = workspace.run("update", "asha", file, "--dry-run")
    assert dry.code == 0
    assert dry.out == 'goal: changed from "Appointments and reminders" to "Sell more"\n'
    assert workspace.records.puts == []

    ran = workspace.run("update", "asha", file, "--yes", "--json")

    assert ran.code == 0
    one = json.loads(ran.out)
    assert one == {
        "file": file, "outcome": "updated", "id": "asha", "receipt": one["receipt"], "status": 200,
        "message": "The change was kept.", "not_kept": [],
    }  # fmt: skip
    assert workspace.records.texts["asha"] == before.replace(
        "Appointments and reminders", "Sell more"
    )
    again = workspace.run("update", "asha", file, "--yes")
    assert again.code == 0
    assert "nothing to change" in again.out
    assert len(workspace.records.puts) == 1


def test_a_misspelt_member_is_reported_before_sending(workspace: Workspace) -> None:
    ran = workspace.run("update", "asha", workspace.file("a.json", {"scritp": "x"}), "--dry-run")
    assert ran.out.splitlines()[0] == 'scritp: added "x"'
    assert "does not document this field" in ran.out
    assert "Did you mean script? QW001" in ran.out


def test_the_dry_run_as_json_has_changes_and_the_request(workspace: Workspace) -> None:
    file = workspace.file("a.json", {"goal": "x", "mood": 1})
    one = json.loads(workspace.run("update", "asha", file, "--dry-run", "--json").out)
    assert [change["path"] for change in one["changes"]] == ["goal"]
    assert one["request"]["method"] == "PUT"
    assert one["outcome"] == "not_sent"


def test_update_asks_on_a_terminal(workspace: Workspace) -> None:
    file = workspace.file("a.json", {"goal": "Sell"})
    for answer, puts in (("n", 0), ("y", 1)):
        with Terminal(
            "update",
            "asha",
            file,
            "--base-url",
            workspace.records.url,
            home=workspace.folder / "home",
            environment={"QCALL_API_KEY": KEY},
        ) as terminal:
            terminal.wait_for("Update this assistant on").type(answer).press("enter")
            assert terminal.wait_exit() == (0 if puts else 5)
        assert len(workspace.records.puts) == puts


def test_without_a_terminal_and_without_yes_nothing_is_sent(workspace: Workspace) -> None:
    ran = workspace.run("update", "asha", workspace.file("a.json", {"goal": "x"}))
    assert ran.code == 2
    assert workspace.records.puts == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"goal": ', "cut off"),
        ("[1]", "must be a JSON object"),
        ('{"a":1,"a":2}', "duplicate"),
        ('{"a":NaN}', "NaN"),
        ('{"goal": " "}', "goal: Required."),
        ('{"language": "hi,en"}', "language: Choose one of"),
        ('{"hash_id": "ravi"}', "it is the assistant ravi, not asha"),
        ("", "empty"),
    ],
)
def test_a_bad_file_sends_nothing(workspace: Workspace, content: str, said: str) -> None:
    ran = workspace.run("update", "asha", workspace.file("a.json", content), "--yes", "--json")
    assert ran.code == 1
    assert said in ran.err
    assert json.loads(ran.out)["outcome"] == "not_sent"
    assert workspace.records.puts == []


@pytest.mark.parametrize(
    ("said", "code", "outcome"),
    [
        ((400, {"error": 400, "message": "no"}), 3, "refused"),
        ((401, {}), 3, "refused"),
        ((404, {}), 3, "refused"),
        ((429, {}), 5, "not_sent"),
        ((500, {}), 4, "unknown"),
    ],
)
def test_exit_codes(workspace: Workspace, said: tuple[int, Any], code: int, outcome: str) -> None:
    workspace.records.on_put = lambda _, __: said
    file = workspace.file("a.json", {"goal": "x"})
    ran = workspace.run("update", "asha", file, "--yes", "--json")
    assert (ran.code, json.loads(ran.out)["outcome"]) == (code, outcome)
    assert workspace.run("update", "none", file, "--yes").code == 1


def test_members_that_were_not_kept_are_in_the_json(workspace: Workspace) -> None:
    workspace.records.keeps = lambda text: text.replace('"Sell"', '"Call"')
    ran = workspace.run(
        "update", "asha", workspace.file("a.json", {"goal": "Sell"}), "--yes", "--json"
    )
    assert (ran.code, json.loads(ran.out)["not_kept"]) == (0, ["goal"])


@pytest.mark.parametrize("members", [{"success": False}, {"error": 400}, {"data": {"id": "x"}}])
def test_an_assistant_is_never_an_error(workspace: Workspace, members: dict[str, Any]) -> None:
    workspace.records.texts["asha"] = written("asha", message="no", status=400, **members)
    assert members.items() <= json.loads(workspace.run("assistants", "show", "asha").out).items()
    assert workspace.run("assistants").code == 0
    file = workspace.file("a.json", {"goal": "Sell"})
    ran = workspace.run("update", "asha", file, "--yes", "--json")
    assert (ran.code, json.loads(ran.out)["outcome"]) == (0, "updated")
    assert workspace.records.data("asha")["goal"] == "Sell"


# Put the old one back, and compare


def test_the_earlier_version_is_restored_from_its_receipt(workspace: Workspace) -> None:
    before = workspace.records.texts["asha"]
    sent = workspace.run(
        "update", "asha", workspace.file("a.json", {"goal": "x", "n": 3}), "--yes", "--json"
    )
    receipt = json.loads(sent.out)["receipt"]
    assert workspace.run("receipts", "show", receipt, "--before").out.strip() == before
    assert "update" in workspace.run("receipts", "show", receipt).out
    assert json.loads(workspace.run("receipts", "--json").out)["request"] == "update"

    assert workspace.run("update", "ravi", "--restore", receipt, "--yes").code == 2
    assert workspace.run("update", "--restore", receipt[:6], "--yes").code == 0

    assert workspace.records.texts["asha"] == before
    other = run("update", "--restore", receipt, "--yes", "--sandbox", *workspace.common[:2])
    assert other.code == 5


def test_a_key_that_cannot_be_restored_is_reported(workspace: Workspace) -> None:
    widget = {"api_key": WIDGET_KEY}
    workspace.records.texts["asha"] = written("asha", widget_config=widget)
    file = workspace.file("a.json", {"widget_config": {"api_key": "another-canary-88bb"}})
    sent = json.loads(workspace.run("update", "asha", file, "--yes", "--json").out)
    ran = workspace.run("update", "--restore", sent["receipt"], "--yes")
    assert ran.code == 5
    assert "key of the widget" in ran.out
    assert "nothing to change" not in ran.out


def test_objects_are_merged_and_lists_replaced(workspace: Workspace) -> None:
    action = {"type": "webhook", "url": "https://a.example", "when": "x"}
    widget = {"enabled": True, "mode": "floating"}
    workspace.records.texts["asha"] = written("asha", actions=[action], widget_config=widget)
    change = {"widget_config": {"enabled": False}, "actions": [{"type": "scheduleMeeting"}]}
    assert workspace.run("update", "asha", workspace.file("a.json", change), "--yes").code == 0
    now = workspace.records.data("asha")
    assert now["widget_config"] == {"enabled": False, "mode": "floating"}
    assert now["actions"] == [{"type": "scheduleMeeting"}]
    words = " ".join(run("update", "--help").out.split())
    assert "a list, such as actions, is replaced by that of FILE as a whole" in words
    assert "3 refused, also if the server has no such assistant" in words


@pytest.mark.parametrize(
    "response",
    [
        {"success": False, "message": "no"},
        {"success": True, "data": {"assistants": []}},
        {"success": True, "data": {"assistants": [{"colour": "red"}]}},
    ],
)
def test_a_response_without_an_assistant_is_no_payload(workspace: Workspace, response: Any) -> None:
    ran = workspace.run("new", "--from", workspace.file("a.json", response))
    assert (ran.code, ran.out) == (1, "")
    assert "assistant" in ran.err


@pytest.mark.parametrize(
    "response",
    [
        {"success": False, "message": "no", "status": 400},
        {"error": 400, "message": "no"},
        {"message": "Unauthorized"},
        {"success": False, "name": "ValidationError", "message": "no"},
        {"success": True, "message": "Assistant updated"},
        {"success": True, "data": {"voices": []}},
        {"success": False, "data": {"goal": "x"}},
    ],
)
def test_a_response_changes_and_creates_nothing(workspace: Workspace, response: Any) -> None:
    before = workspace.records.data("asha")
    file = workspace.file("a.json", response)
    for command in (
        ("validate", file),
        ("export", file, "--as", "json"),
        ("submit", file, "--yes"),
        ("submit", workspace.file("a.jsonl", response), "--yes"),
        ("update", "asha", file, "--yes"),
        ("new", "--from", file),
    ):
        ran = workspace.run(*command)
        assert (ran.code, ran.out) == (1, ""), command
        assert "a.json" in ran.err
        assert "response" in ran.err
    folder, (saved, *_) = workspace.saved()
    saved.write_text(json.dumps(response))
    assert workspace.run("update", "asha", str(saved), "--yes").code == 1
    assert workspace.run("update", folder, "--yes").code == 1
    assert workspace.records.puts == []
    assert workspace.records.data("asha") == before


def test_the_only_assistant_of_a_response_is_taken(workspace: Workspace) -> None:
    response = {"success": True, "data": {"assistants": [{"name": "only"}]}}
    ran = workspace.run("new", "--from", workspace.file("a.json", response))
    payload = json.loads(ran.out)
    assert payload["name"] == "only"
    assert "assistants" not in payload


def test_every_digit_of_a_number_counts(workspace: Workspace) -> None:
    file = workspace.file("a.json", '{"voice_pitch": 1.5000000000000000000001}')
    assert workspace.run("update", "asha", file, "--yes").code == 0
    assert '"voice_pitch" : 1.5000000000000000000001,' in workspace.records.texts["asha"]
    assert "nothing to change" in workspace.run("update", "asha", file, "--yes").out
    assert len(workspace.records.puts) == 1


def test_diff_takes_an_assistant(workspace: Workspace) -> None:
    file = workspace.file("a.json", workspace.records.data("asha") | {"goal": "x"})
    ran = workspace.run("diff", "qcall:asha", file, "--json")
    assert [json.loads(line)["path"] for line in ran.out.splitlines()] == ["goal"]
    assert workspace.run("diff", "qcall:none", file).code == 1


@pytest.mark.parametrize(("assistant", "why"), [("", "is missing"), ("x\udcff", "Unicode")])
def test_an_invalid_id_is_an_error(workspace: Workspace, assistant: str, why: str) -> None:
    file = workspace.file("a.json", {"goal": "x"})
    commands = [
        ("update", assistant, file, "--yes", "--json"),
        ("assistants", "show", assistant),
        ("new", "--from", f"qcall:{assistant}"),
        ("diff", f"qcall:{assistant}", file),
    ]
    for command in commands:
        ran = workspace.run(*command)
        assert ran.code == 1, ran.err
        assert why in ran.err + ran.out
    assert workspace.records.reads == []


def test_an_id_that_cannot_be_sent_does_not_stop_the_others(workspace: Workspace) -> None:
    folder, (asha, mira, _) = workspace.saved()
    for each in (asha, asha.parent / ".as-read" / asha.name):
        replace(each, '"asha"', '"as\\ud800ha"')
    replace(mira, "Appointments and reminders", "Sell")
    ran = workspace.run("update", folder, "--yes", "--pace", "0")
    assert ran.code == 1
    assert [name for name, _ in workspace.records.puts] == ["mira"]


def test_a_duplicate_id_is_reported_in_the_plan(workspace: Workspace) -> None:
    twins = [written("x", name="One"), written("x", name="Two")]
    workspace.records.listing = f"[{', '.join(twins)}]".encode()
    ran = workspace.run("update", "x", workspace.file("a.json", {"goal": "x"}), "--yes")
    assert ran.code == 1
    assert "(x): Not sent: more than one assistant has the id" in ran.err
    assert "2 assistants have the id" in ran.out


def test_a_copy_of_an_assistant(workspace: Workspace) -> None:
    ran = workspace.run("new", "--from", "qcall:asha", "--set", "name=Mira")
    assert ran.code == 0
    assert json.loads(ran.out) == minimal() | {"name": "Mira"}
    assert 'language: "en,hi" was read as "en"' in ran.err
    assert "Left out: mood" in ran.err


# Several at once


def test_a_folder_is_planned_and_updated_and_can_be_run_again(workspace: Workspace) -> None:
    folder, (asha, mira, ravi) = workspace.saved()
    before = dict(workspace.records.texts)
    assert asha.read_text() == before["asha"]
    replace(asha, "Appointments and reminders", "Sell")
    replace(ravi, "Appointments and reminders", "Sell")
    workspace.records.texts["ravi"] = before["ravi"].replace('"Ravi"', '"Ravi 2"')

    dry = workspace.run("update", folder, "--dry-run")
    assert dry.code == 5
    assert f"{asha} (asha): 1 change" in dry.err
    assert f"{mira} (mira): unchanged" in dry.err
    assert f"{ravi} (ravi): conflict: changed at QCall since it was read (name)" in dry.err

    ran = workspace.run("update", folder, "--yes", "--json", "--pace", "0")
    assert ran.code == 5
    assert [json.loads(line)["outcome"] for line in ran.out.splitlines()] == [
        "updated", "not_sent", "not_sent",
    ]  # fmt: skip
    assert [name for name, _ in workspace.records.puts] == ["asha"]

    forced = workspace.run("update", folder, "--yes", "--force", "--pace", "0")
    assert forced.code == 0
    assert [name for name, _ in workspace.records.puts] == ["asha", "ravi"]
    assert (workspace.records.data("ravi")["name"], workspace.records.data("ravi")["goal"]) == (
        "Ravi 2", "Sell",
    )  # fmt: skip
    assert workspace.run("update", folder, "--yes").code == 0
    assert len(workspace.records.puts) == 2


def test_a_saved_file_remembers_its_base(workspace: Workspace) -> None:
    _, (asha, *_) = workspace.saved()
    replace(asha, "Appointments and reminders", "Sell")
    workspace.records.texts["asha"] = workspace.records.texts["asha"].replace(
        '"mood": 1', '"mood": 2'
    )
    ran = workspace.run("update", "asha", str(asha), "--yes")
    assert (ran.code, workspace.records.puts) == (5, [])
    assert "mood" in ran.err


def test_the_file_of_another_assistant_changes_the_named_one_alone(workspace: Workspace) -> None:
    """Whoever removes the id from a saved file may use it for another assistant."""
    _, (asha, *_) = workspace.saved()
    replace(asha, '"hash_id":"asha" ,', "")
    replace(asha, "Appointments and reminders", "Sell")
    ran = workspace.run("update", "ravi", str(asha))
    assert (ran.code, workspace.records.puts) == (2, [])
    assert "name" in workspace.run("update", "ravi", str(asha), "--dry-run").out
    assert workspace.run("update", "ravi", str(asha), "--yes").code == 0
    assert [name for name, _ in workspace.records.puts] == ["ravi"]
    assert workspace.records.data("ravi")["goal"] == "Sell"


def test_a_saved_file_with_the_id_of_another_sends_nothing(workspace: Workspace) -> None:
    folder, (asha, mira, _) = workspace.saved()
    asha.write_text(mira.read_text())
    replace(asha, "Appointments and reminders", "Sell")
    ran = workspace.run("update", folder, "--yes")
    assert (ran.code, workspace.records.puts) == (1, [])
    assert f"{asha}: it has the id mira, but was saved for asha" in ran.err


def test_a_conflict_in_the_plan_is_not_sent_when_it_is_gone(workspace: Workspace) -> None:
    """Servers with copies return old and new in turns; nobody was asked about this update."""
    folder, (asha, *_) = workspace.saved()
    replace(asha, "Appointments and reminders", "Sell")
    text = json.loads(workspace.records.texts["asha"]) | {"name": "Asha 2"}
    answers = iter([(200, text)])
    workspace.records.on_read = lambda name: next(answers, None) if name == "asha" else None
    ran = workspace.run("update", folder)
    assert (ran.code, workspace.records.puts) == (5, [])


def test_saving_again_keeps_files_with_changes(workspace: Workspace) -> None:
    folder, (asha, *_) = workspace.saved()
    replace(asha, "Appointments and reminders", "Sell")
    workspace.records.texts["mira"] = written("mira", name="Mira", goal="Else")
    ran = workspace.run("assistants", "save", folder)
    assert ran.code == 1
    assert "has changes of yours" in ran.err
    assert "Sell" in asha.read_text()
    assert "Else" in next(Path(folder).glob("Mira*")).read_text()


STOPPED = """
import os, pathlib, runpy, sys
move = pathlib.Path.replace
def once(self, target):
    move(self, target)
    if "backup" in str(target):
        os._exit(9)
pathlib.Path.replace = once
sys.argv[0] = "qcall-wizard"
runpy.run_module("wizard", run_name="__main__")
"""


def test_an_interrupted_save_reverts_no_change(workspace: Workspace) -> None:
    folder, (asha, *_) = workspace.saved()
    theirs = written("asha", name="Asha", goal="Theirs")
    workspace.records.texts["asha"] = theirs
    command = [PROGRAM[0], "-c", STOPPED, "assistants", "save", folder, "asha", *workspace.common]
    stopped = subprocess.run(command, cwd=ROOT, env=environment(QCALL_API_KEY=KEY), check=False)
    assert stopped.returncode == 9
    assert workspace.run("update", folder, "--yes").code == 0
    assert workspace.records.texts["asha"] == theirs
    assert workspace.run("assistants", "save", folder).code == 0
    assert asha.read_text() == theirs


def test_assistants_that_look_the_same_have_a_file_each(workspace: Workspace) -> None:
    twins = [written("x", name="Twin"), written("x", name="Twin", goal="Other")]
    workspace.records.listing = f"[{', '.join(twins)}]".encode()
    for _ in range(2):
        _, files = workspace.saved()
        assert sorted(file.read_text() for file in files) == sorted(twins)
    again = workspace.run("assistants", "save", str(workspace.folder / "two"), "asha", "asha")
    assert again.err.startswith("1 written")


def test_an_assistant_keeps_its_file_when_it_is_renamed(workspace: Workspace) -> None:
    _, files = workspace.saved()
    workspace.records.texts["asha"] = written("asha", name="Renamed")
    assert workspace.saved()[1] == files
    assert json.loads(files[0].read_text())["name"] == "Renamed"


def test_a_folder_is_saved_with_the_whole_assistants(workspace: Workspace) -> None:
    workspace.records.listing = json.dumps(
        [{"hash_id": name} for name in workspace.records.texts]
    ).encode()
    folder, (asha, *_) = workspace.saved()
    assert asha.read_text() == workspace.records.texts["asha"]
    replace(asha, "Appointments and reminders", "Sell")
    assert workspace.run("update", folder, "--yes").code == 0


def test_ids_that_no_file_name_can_hold(workspace: Workspace) -> None:
    ids = ["a/b", "a_b", "../up", "a b"]
    workspace.records.texts = {each: written(each, name="Odd") for each in ids}
    folder, files = workspace.saved()
    assert len(files) == 4
    for file in files:
        replace(file, "Appointments and reminders", "Sell")
    ran = workspace.run("update", folder, "--yes", "--pace", "0")
    assert ran.code == 0
    assert sorted(name for name, _ in workspace.records.puts) == sorted(ids)


def test_an_assistant_without_an_id_does_not_stop_the_others(workspace: Workspace) -> None:
    del workspace.records.texts["ravi"]
    nameless = written("x").replace('"hash_id":"x" , ', "")
    workspace.records.listing = f"[{workspace.records.texts['asha']}, {nameless}]".encode()
    folder, files = workspace.saved()
    assert len(files) == 2
    asha = next(file for file in files if file.name.endswith("asha.json"))
    other = next(file for file in files if file != asha)
    replace(asha, "Appointments and reminders", "Sell")

    assert workspace.run("update", folder, "--yes").code == 0
    replace(other, "Appointments and reminders", "Sell")
    ran = workspace.run("update", folder, "--yes")

    assert ran.code == 5
    assert "cannot be updated: it has no id" in ran.out
    assert [name for name, _ in workspace.records.puts] == ["asha"]


def test_a_record_that_breaks_everything_is_shown_and_updated(workspace: Workspace) -> None:
    broken = {name: [{"x": [value]}] for name, value in minimal().items()} | {"id": "odd/1"}
    workspace.records.texts["odd/1"] = text = json.dumps(broken)
    assert workspace.run("assistants", "show", "odd/1").out == f"{text}\n"
    ran = workspace.run("update", "odd/1", workspace.file("a.json", {"goal": "Sell"}), "--yes")
    assert ran.code == 0
    sold = json.dumps(broken["goal"])
    assert workspace.records.texts["odd/1"] == text.replace(f'"goal": {sold}', '"goal": "Sell"')


def test_a_bad_file_in_a_folder_stops_the_whole(workspace: Workspace) -> None:
    folder, (asha, mira, _) = workspace.saved()
    replace(asha, "Appointments and reminders", "Sell")
    mira.write_text("{")
    ran = workspace.run("update", folder, "--yes", "--json")
    assert ran.code == 1
    assert len(ran.out.splitlines()) == 3
    mira.write_text(written("asha"))
    ran = workspace.run("update", folder, "--yes")
    assert "it has the id of" in ran.err
    assert workspace.records.puts == []


def test_no_key_of_a_widget_is_in_a_file(workspace: Workspace) -> None:
    widget = {"api_key": WIDGET_KEY, "mode": "floating"}
    workspace.records.texts["asha"] = before = written("asha", widget_config=widget)
    folder, (asha, *_) = workspace.saved()
    replace(asha, "floating", "embedded")
    ran = workspace.run("update", folder, "--yes", "--json", "--log", str(workspace.folder / "log"))
    assert ran.code == 0
    assert workspace.records.texts["asha"] == before.replace("floating", "embedded")
    dry = workspace.run(
        "update", "asha", workspace.file("x.json", {"goal": "x"}), "--dry-run", "--json"
    )
    assert WIDGET_KEY not in ran.out + ran.err + dry.out
    for file in workspace.folder.rglob("*"):
        if file.is_file():
            assert WIDGET_KEY.encode() not in file.read_bytes(), file
            assert KEY.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(("status", "code"), [(401, 3), (429, 5), (307, 3)])
def test_a_folder_stops_if_the_rest_would_fail_too(
    workspace: Workspace, status: int, code: int
) -> None:
    folder, files = workspace.saved()
    for file in files:
        replace(file, "Appointments and reminders", "Sell")
    workspace.records.on_put = lambda _, __: (status, {})
    ran = workspace.run("update", folder, "--yes", "--json", "--pace", "0")
    assert (ran.code, len(workspace.records.puts)) == (code, 1)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert [line["outcome"] for line in lines][1:] == ["not_sent", "not_sent"]
    assert "2 assistants were not sent" in ran.err


def test_a_copy_that_cannot_be_written_hides_no_outcome(workspace: Workspace) -> None:
    folder, files = workspace.saved()
    for file in files:
        replace(file, "Appointments and reminders", "Sell")
    copies = files[0].parent / ".as-read"

    def fail(*_: Any) -> None:
        if copies.is_dir():
            shutil.rmtree(copies)
            copies.touch()

    workspace.records.on_put = fail
    ran = workspace.run("update", folder, "--yes", "--json", "--pace", "0")
    assert (ran.code, len(workspace.records.puts)) == (0, 3)
    assert [json.loads(line)["outcome"] for line in ran.out.splitlines()] == ["updated"] * 3
    assert f"compares {files[0]} with an older copy" in ran.err


def test_a_refused_key_reads_no_further_assistant(workspace: Workspace) -> None:
    folder, files = workspace.saved()
    workspace.records.on_read, workspace.records.reads = lambda _: (401, {}), []
    ran = workspace.run("update", folder, "--yes", "--json")
    assert (ran.code, len(workspace.records.reads)) == (3, 1)
    assert len(ran.out.splitlines()) == len(files)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_folder_has_a_line_for_each(
    workspace: Workspace, number: signal.Signals
) -> None:
    folder, files = workspace.saved()
    for file in files:
        replace(file, "Appointments and reminders", "Sell")
    workspace.records.on_put = lambda name, _: time.sleep(1) if name == "mira" else None
    command = [*PROGRAM, "update", folder, "--yes", "--json", "--pace", "0", *workspace.common]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(QCALL_API_KEY=KEY), stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout
    first = process.stdout.readline()
    while len(workspace.records.puts) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    lines = [json.loads(line) for line in (first, *process.communicate()[0].splitlines())]
    assert process.returncode == 128 + number
    assert [line["outcome"] for line in lines] == ["updated", "unknown", "not_sent"]
    assert lines[1]["receipt"]


# The plug is pulled


def test_kills_lose_no_change_and_send_none_twice(workspace: Workspace) -> None:
    """Kill `update DIR` at any moment, run it again until it is through, and count."""
    random.seed(11)
    texts = {f"a{n}": written(f"a{n}", name=f"A {n}") for n in range(3)}
    for round_ in range(KILLS):
        workspace.records.texts, workspace.records.puts = dict(texts), []
        shutil.rmtree(workspace.folder / "backup", ignore_errors=True)
        folder, files = workspace.saved()
        for file in files:
            replace(file, "Appointments and reminders", f"Goal {round_}")

        def pause(*_: object) -> None:
            time.sleep(random.choice([0.0, 0.02, 0.1]))

        workspace.records.on_put, workspace.records.on_read = pause, pause
        workspace.records.after_put = pause
        command = [*PROGRAM, "update", folder, "--yes", "--pace", "0", *workspace.common]
        kept = environment(QCALL_API_KEY=KEY)
        process = subprocess.Popen(command, cwd=ROOT, env=kept, stderr=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)  # fmt: skip
        try:
            process.wait(random.uniform(0.5, 1.6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        # A request on its way arrives; afterwards two minutes pass in the receipts.
        time.sleep(0.15)
        # It sends nothing (5) if such a request arrives late, after it has read.
        first = workspace.run("update", folder, "--yes", "--pace", "0")
        assert first.code in (0, 4, 5)
        age_receipts(workspace.folder / "home")
        second = workspace.run("update", folder, "--yes", "--pace", "0")
        assert second.code == 0, f"{first.out}\n{second.out}{second.err}"

        for name, text in texts.items():
            wanted = text.replace("Appointments and reminders", f"Goal {round_}")
            assert workspace.records.texts[name] == wanted
        assert sorted(name for name, _ in workspace.records.puts) == sorted(texts)
        assert None not in workspace.kinds()


def age_receipts(home: Path) -> None:
    """Two minutes pass: no request of before can arrive any more."""
    past = (datetime.now(UTC) - timedelta(minutes=3)).isoformat(timespec="microseconds")
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        file.execute("UPDATE updates SET sent = ? WHERE kind IS NULL", (past,))
        file.commit()


# Answers that lie


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000])
def test_a_number_that_cannot_be_read_is_shown_as_it_is_written(
    workspace: Workspace, number: str
) -> None:
    workspace.records.texts["asha"] = written("asha", temperature=0).replace(
        '"temperature": 0', f'"temperature": {number}'
    )
    shown = workspace.run("assistants", "show", "asha")
    assert f'"temperature": {number}' in shown.out
    assert "cannot be updated" in shown.err

    differences = workspace.run("diff", "qcall:asha", "win-back", "--json")
    assert differences.code == 0
    lines = [json.loads(line, parse_constant=pytest.fail) for line in differences.out.splitlines()]
    assert number in [line.get("before") for line in lines]
    assert workspace.run("diff", "qcall:asha", "win-back").code == 0
    copied = workspace.run("new", "--from", "qcall:asha")
    assert copied.code == 1
    assert "temperature: " in copied.err
    plain = workspace.run("--plain", "--assistant", "asha", stdin=":json\n:leave\n")
    assert "internal error" not in plain.err


def test_an_assistant_that_repeats_the_key_is_left_out(workspace: Workspace) -> None:
    workspace.records.texts[KEY] = written(KEY)
    workspace.records.texts["ravi"] = written("ravi", name=f"Is {KEY}")
    workspace.records.texts["zoe"] = written("zoe", script=f"Is {KEY}")
    folder = workspace.folder / "saved"
    for arguments in (
        ("assistants",), ("assistants", "--json"), ("assistants", "save", str(folder)),
        ("assistants", "show", KEY), ("assistants", "show", "ravi"), ("assistants", "show", "zoe"),
    ):  # fmt: skip
        ran = workspace.run(*arguments)
        shown = ran.out + ran.err.replace(f"id '{KEY}'", "")
        assert KEY not in shown, arguments
    assert sorted(path.name for path in folder.glob("*.json")) == [
        "Asha-asha.json",
        "Mira-mira.json",
    ]
