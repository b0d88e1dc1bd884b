"""The command `submit`, through real processes against a server on 127.0.0.1: every exit code."""

import asyncio
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.commands.test_cli import (
    PROGRAM,
    ROOT,
    Ran,
    broken_output,
    ended,
    environment,
    run,
    started,
)
from tests.examples import full, meeting, minimal, with_, without
from tests.exchange.test_differences import kept_draft
from tests.listener import KEY, Answer, Heard, listening
from tests.terminal import Terminal
from wizard.__main__ import main
from wizard.contract.masking import MASK, masked
from wizard.draft.draft import Draft
from wizard.exchange.exporting import as_yaml
from wizard.formats.json_text import dump
from wizard.storage.database import COPY_NAME
from wizard.storage.migrations import MIGRATIONS
from wizard.storage.sqlite_file import FILE_NAME


def named(name: str, **members: Any) -> dict[str, Any]:
    return minimal() | {"name": name} | members


class Workspace:
    """A folder with files and a home in it, and a server to send to."""

    def __init__(self, folder: Path, heard: Heard) -> None:
        self.folder, self.heard = folder, heard
        self.common = ("--home", str(folder / "home"), "--base-url", heard.url)

    def file(self, name: str, *payloads: dict[str, Any]) -> str:
        path = self.folder / name
        path.write_text("\n".join(json.dumps(payload) for payload in payloads), encoding="utf-8")
        return str(path)

    def submit(self, *arguments: str, key: str = KEY, **more: Any) -> Ran:
        paced = ("submit", "--pace", "0", *arguments)
        return run(*self.common, *paced, **more, QCALL_API_KEY=key)

    def receipts(self) -> list[dict[str, Any]]:
        return run(*self.common, "receipts", "--json").objects


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with listening() as heard:
        yield Workspace(tmp_path, heard)


def answering(tmp_path: Path, answer: Callable[[int], Answer | None]) -> Any:
    return _Answering(tmp_path, answer)


class _Answering:
    def __init__(self, folder: Path, answer: Callable[[int], Answer | None]) -> None:
        self._folder, self._served = folder, listening(answer)

    def __enter__(self) -> Workspace:
        return Workspace(self._folder, self._served.__enter__())

    def __exit__(self, *error: Any) -> None:
        self._served.__exit__(*error)


# Created


def test_a_payload_is_created_and_leaves_a_receipt(workspace: Workspace) -> None:
    file = workspace.file("payload.json", full())
    ran = workspace.submit("--yes", file)
    assert ran.code == 0
    assert ran.lines[0].startswith(f"{file}: The assistant was created. Its id is a0. Receipt ")
    assert workspace.heard.bodies == [dump(full()).encode()]
    assert workspace.heard.keys == [KEY]
    assert [receipt["outcome"] for receipt in workspace.receipts()] == ["created"]
    assert f"To {workspace.heard.url.split('/')[2]} ({workspace.heard.url}):" in ran.err_lines
    assert f"  {file}: Asha of Acme Dental, outbound, English" in ran.err_lines
    for said in (ran.out, ran.err):
        assert KEY not in said
        assert "widget-key" not in said


def test_many_forms_of_files_go_out_one_after_another(workspace: Workspace) -> None:
    files = [
        workspace.file("one.json", named("One")),
        workspace.file("two.jsonl", named("Two"), named("Three")),
        workspace.file("envelope.json", {"success": True, "data": [named("Four")]}),
        str(workspace.folder / "five.yaml"),
    ]
    Path(files[-1]).write_text(as_yaml(named("Five")) + "\n")
    ran = workspace.submit("--yes", "--json", *files)
    assert ran.code == 0
    assert workspace.heard.names == ["One", "Two", "Three", "Four", "Five"]
    assert [result["file"] for result in ran.objects] == [files[0], files[1], *files[1:]]
    assert [result.get("line") for result in ran.objects] == [None, 1, 2, None, None]
    assert set(ran.objects[0]) == {"file", "outcome", "id", "receipt", "status", "message"}
    assert [result["id"] for result in ran.objects] == ["a0", "a1", "a2", "a3", "a4"]
    assert [result["status"] for result in ran.objects] == [200] * 5
    assert {result["receipt"] for result in ran.objects} == {
        r["receipt"] for r in workspace.receipts()
    }


def test_standard_input_and_a_draft(workspace: Workspace) -> None:
    assert workspace.submit("--yes", "-", stdin=json.dumps(named("In"))).code == 0
    draft = kept_draft(workspace.folder / "home", named("Drafted"))
    assert workspace.submit("--yes", draft[:5]).code == 0
    assert workspace.heard.names == ["In", "Drafted"]
    assert workspace.heard.bodies[1] == Draft.imported(named("Drafted")).payload().body
    assert workspace.receipts()[0]["draft"] == draft


def test_texts_of_an_unopened_file_go_out_unchanged(workspace: Workspace) -> None:
    script = "A\r\nB\u2028C\x85 क्षमा\u200d \x00\t\x1b[31m "
    file = workspace.file("payload.json", named("Asha", script=script))
    ran = workspace.submit("--yes", file)
    assert ran.code == 0
    assert json.loads(workspace.heard.bodies[0])["script"] == script
    assert "\x1b" not in ran.out + ran.err


def test_the_sandbox_needs_no_key(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(minimal()))
    home = ("--home", str(tmp_path))
    assert run(*home, "submit", "--yes", str(file)).code == 0
    assert run(*home, "submit", "--yes", str(file)).code == 5


@pytest.mark.parametrize(
    "members", [{"success": False}, {"error": 400}, {"message": "no", "status": 400, "data": {}}]
)
def test_undocumented_members_are_no_refusal(tmp_path: Path, members: dict[str, Any]) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(minimal() | members))
    home = ("--home", str(tmp_path / "home"), "--sandbox")
    ran = run(*home, "submit", "--yes", "--json", str(file))
    [created] = ran.objects
    assert (ran.code, created["outcome"]) == (0, "created")
    shown = run(*home, "assistants", "show", created["id"])
    assert json.loads(shown.out).items() >= members.items()
    file.write_text('{"goal": "Sell"}')
    updated = run(*home, "update", created["id"], str(file), "--yes", "--json")
    assert (updated.code, updated.objects[0]["not_kept"]) == (0, [])
    assert [each["id"] for each in run(*home, "assistants", "--json").objects] == [created["id"]]


# Where the result cannot be written


@pytest.mark.parametrize("kind", ["closed", "full", "pipe"])
@pytest.mark.parametrize("as_json", [False, True])
def test_an_outcome_goes_to_standard_error_if_the_output_is_broken(
    workspace: Workspace, kind: str, as_json: bool
) -> None:
    names = ["One", "Two", "Three"]
    files = [workspace.file(f"{name}.json", named(name)) for name in names]
    more = ["--json"] if as_json else []
    with broken_output(kind) as broken:
        done = subprocess.run(
            [*PROGRAM, *workspace.common, "submit", "--yes", "--pace", "0", *more, *files],
            cwd=ROOT, env=environment(QCALL_API_KEY=KEY), stderr=subprocess.PIPE, text=True,
            check=False, **broken,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert workspace.heard.names == names
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    lines = done.stderr.splitlines()
    if as_json:
        found = [json.loads(line) for line in lines if line.startswith("{")]
        assert [(each["file"], each["id"]) for each in found] == [
            (file, f"a{number}") for number, file in enumerate(files)
        ]
    else:
        found = [line for line in lines if "The assistant was created. Its id is a" in line]
        assert len(found) == 3


def test_a_closed_output_does_not_stop_the_batch(workspace: Workspace) -> None:
    files = [workspace.file(f"{name}.json", named(name)) for name in ("One", "Two", "Three")]
    with started(
        *workspace.common, "submit", "--yes", "--json", "--pace", "0.3", *files, QCALL_API_KEY=KEY
    ) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["id"] == "a0"
        process.stdout.close()
        assert process.stderr
        err = process.stderr.read()
        assert process.wait(20) == 0
    assert workspace.heard.names == ["One", "Two", "Three"]
    assert '"id": "a2"' in err


def test_the_exit_code_is_the_outcomes_if_nothing_can_be_written(tmp_path: Path) -> None:
    with answering(tmp_path, lambda _: Answer(400, {"error": 400, "message": "no"})) as workspace:
        file = workspace.file("payload.json", minimal())
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [*PROGRAM, *workspace.common, "submit", "--yes", file],
                cwd=ROOT, env=environment(QCALL_API_KEY=KEY), stdout=full, stderr=full, check=False,
            )  # fmt: skip
        assert (done.returncode, workspace.heard.names) == (3, ["Asha"])


# Once


def test_the_same_is_not_sent_twice_but_on_purpose(workspace: Workspace) -> None:
    file = workspace.file("payload.json", minimal())
    assert workspace.submit("--yes", file).code == 0
    ran = workspace.submit("--yes", "--json", file)
    assert ran.code == 5
    assert (ran.objects[0]["outcome"], ran.objects[0]["id"]) == ("not_sent", "a0")
    assert "created before, skipped" in ran.err
    assert len(workspace.heard.bodies) == 1
    assert workspace.submit("--yes", "--again", file).code == 0
    assert len(workspace.heard.bodies) == 2


def turned(value: Any) -> Any:
    """A value with its members in another order at every depth, and its numbers in another form."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [turned(item) for item in value]
    return float(value) if type(value) is int else value


def test_another_order_and_other_numbers_are_the_same_payload(workspace: Workspace) -> None:
    payload = minimal() | {"actions": [meeting()]}
    one, other = workspace.file("one.json", payload), workspace.file("other.json", turned(payload))
    assert workspace.submit("--yes", one, other).code == 0
    assert len(workspace.heard.bodies) == 1
    ran = workspace.submit("--yes", "--json", other)
    assert (ran.code, ran.objects[0]["id"]) == (5, "a0")
    written = str(workspace.folder / "written.json")
    assert run("new", "--from", other, "-o", written).code == 0
    workspace.common = (
        *workspace.common[:-1],
        workspace.heard.url.replace("127.0.0.1", "LocalHost") + "/.//",
    )
    assert workspace.submit("--yes", written).code == 5
    assert len(workspace.heard.bodies) == 1


def without_locks(home: Path, kind: str) -> None:
    """Make a home in which nothing can be locked: the folder is a file, or cannot be made."""
    home.mkdir()
    if kind == "a file":
        (home / "locks").write_text("")
    else:
        (home / "locks").symlink_to(home / "nowhere" / "at all")


def test_five_at_once_send_once_without_locks(workspace: Workspace) -> None:
    without_locks(workspace.folder / "home", "a file")
    command = (*workspace.common, "submit", "--yes", workspace.file("payload.json", minimal()))
    with ExitStack() as stack:
        running = [
            stack.enter_context(started(*command, QCALL_API_KEY=KEY))
            for _ in range(5)
        ]  # fmt: skip
        codes = sorted(process.wait(100) for process in running)
    assert len(workspace.heard.bodies) == 1
    assert codes == [0, 5, 5, 5, 5]


@pytest.mark.parametrize("kind", ["a file", "cannot be made"])
def test_again_does_not_send_concurrently_without_locks(tmp_path: Path, kind: str) -> None:
    without_locks(tmp_path / "home", kind)
    go_on = Event()
    answer = Answer(said=minimal() | {"id": "a0"}, hold=go_on)
    with answering(tmp_path, lambda _: answer) as workspace:
        file = workspace.file("payload.json", minimal())
        with started(*workspace.common, "submit", "--yes", file, QCALL_API_KEY=KEY) as first:
            assert workspace.heard.arrived.wait(30)
            second = workspace.submit("--yes", "--again", "--json", file)
            go_on.set()
            assert ended(first).code == 0
        assert (second.code, second.objects[0]["outcome"]) == (5, "not_sent")
        assert len(workspace.heard.bodies) == 1
        # It was created by now: on purpose it is sent once more.
        assert workspace.submit("--yes", "--again", file).code == 0
        assert len(workspace.heard.bodies) == 2


def version_1(home: Path, url: str, *payloads: dict[str, Any]) -> None:
    """What an earlier version left: hashes of bytes, ends of keys, keys of widgets in clear."""
    home.mkdir()
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        file.executescript(MIGRATIONS[0])
        file.execute("PRAGMA user_version = 1")
        for number, payload in enumerate(payloads):
            body = dump(payload)
            file.execute(
                "INSERT INTO receipts VALUES"
                " (?, '', ?, 'Asha', 'Acme Dental', ?, ?, ?, 'wxyz', NULL,"
                " 'created', 'Created', 200, ?, '', 0.1, NULL)",
                (f"0000000{number}", url, f"2026-01-0{number + 1}T00:00:00.000000+00:00",
                 hashlib.sha256(body.encode()).hexdigest(), dump(masked(payload)), f"old{number}"),
            )  # fmt: skip
        for payload in payloads:
            row = (json.dumps(payload), dump(payload).encode())
            file.execute("INSERT INTO shelf (assistant, body) VALUES (?, ?)", row)
        file.commit()


def test_payloads_created_by_an_earlier_version_are_not_sent(workspace: Workspace) -> None:
    home, widget = workspace.folder / "home", {"api_key": "canary-of-the-widget", "enabled": True}
    old = named("Asha", temperature=1), named("Asha", goal="Other", widget_config=widget)
    version_1(home, workspace.heard.url.replace("127.0.0.1", "localhost"), *old)
    files = [workspace.file("turned.json", turned(old[0])), workspace.file("widget.json", old[1])]
    ran = workspace.submit("--yes", "--json", *files)
    assert ran.code == 5, ran.err
    assert [receipt["receipt"] for receipt in ran.objects] == ["00000000", "00000001"]
    assert workspace.heard.bodies == []
    # Nothing of a key is left, nor in the copy of the file that was made before.
    assert {path.name for path in home.iterdir()} >= {FILE_NAME, COPY_NAME}
    for path in home.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert b"canary-of-the-widget" not in data, path
        assert b"wxyz" not in data, path
    assert [receipt["key_end"] for receipt in workspace.receipts()] == ["", ""]


def test_the_sandbox_keeps_no_key_of_a_widget(tmp_path: Path) -> None:
    file, home = tmp_path / "payload.json", tmp_path / "home"
    widget = {"enabled": True, "mode": "floating", "api_key": "canary-of-the-widget"}
    file.write_text(json.dumps(with_(full(), "widget_config", widget)))
    assert run("--home", str(home), "--sandbox", "submit", "--yes", str(file)).code == 0
    with closing(sqlite3.connect(home / FILE_NAME)) as database:
        [(assistant, body)] = database.execute("SELECT assistant, body FROM shelf").fetchall()
    assert json.loads(assistant)["widget_config"] == widget | {"api_key": MASK}
    assert json.loads(body)["widget_config"] == widget | {"api_key": MASK}
    assert not any(b"canary" in path.read_bytes() for path in home.iterdir() if path.is_file())


def test_receipts_distinguish_keys_by_a_hash(workspace: Workspace) -> None:
    keys = ["first-key-of-tests-wxyz", "other-key-of-tests-wxyz", "first-key-of-tests-wxyz"]
    for number, key in enumerate(keys):
        file = workspace.file(f"{number}.json", named(f"Asha {number}"))
        assert workspace.submit("--yes", file, key=key).code == 0
    marks = [receipt["key_end"] for receipt in reversed(workspace.receipts())]
    assert marks[0] == marks[2] != marks[1]
    for path in (workspace.folder / "home").rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert b"wxyz" not in data


def test_a_repeated_payload_is_sent_once(workspace: Workspace) -> None:
    ran = workspace.submit("--yes", workspace.file("two.jsonl", minimal(), minimal()))
    assert ran.code == 0
    assert len(workspace.heard.bodies) == 1
    assert "1 payload repeats another and is not sent." in ran.err_lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_is_continued(tmp_path: Path, number: signal.Signals) -> None:
    hold = Event()

    def answer(number: int) -> Answer | None:
        return Answer(hold=hold) if number == 1 else None

    with answering(tmp_path, answer) as workspace:
        file = workspace.file("many.jsonl", *(named(f"A{number}") for number in range(4)))
        command = (*workspace.common, "submit", "--yes", "--json", "--pace", "0", file)
        with started(*command, QCALL_API_KEY=KEY) as process:
            while len(workspace.heard.bodies) < 2:
                time.sleep(0.01)
            process.send_signal(number)
            ran = ended(process)
        hold.set()
        assert ran.code == 128 + number
        outcomes = [(one["outcome"], one["line"]) for one in ran.objects]
        assert outcomes == [("created", 1), ("unknown", 2), ("not_sent", 3), ("not_sent", 4)]
        assert "Run the same command again" in ran.err
        # The server did create it, as the list will show.
        workspace.heard.created.append(json.loads(workspace.heard.bodies[1]) | {"id": "late"})
        again = workspace.submit("--yes", "--json", file)
        assert [one["outcome"] for one in again.objects] == [
            "not_sent",
            "not_sent",
            "created",
            "created",
        ]
        assert again.objects[1]["id"] == "late"
        assert workspace.heard.names == ["A0", "A1", "A2", "A3"]


# Not sent


def test_nothing_is_sent_if_one_payload_is_invalid(workspace: Workspace) -> None:
    good, bad = (
        workspace.file("good.json", minimal()),
        workspace.file("bad.json", without(minimal(), "name")),
    )
    ran = workspace.submit("--yes", good, bad, "none.json")
    assert (ran.code, ran.out) == (1, "")
    assert f"{bad}: name: Required." in ran.err_lines
    assert "none.json: there is no such file; check its name and its folder" in ran.err_lines
    assert ran.err_lines[-1] == "Nothing was sent: 2 of 3 payloads are invalid. Fix them first."
    as_json = workspace.submit("--yes", "--json", good, bad)
    assert [result["outcome"] for result in as_json.objects] == ["not_sent", "not_sent"]
    assert "name: Required." in as_json.objects[1]["message"]
    assert workspace.heard.bodies == []
    assert workspace.receipts() == []


def test_a_masked_key_is_refused(workspace: Workspace) -> None:
    masked = with_(full(), "widget_config.api_key", MASK)
    ran = workspace.submit("--yes", workspace.file("payload.json", masked))
    assert ran.code == 1
    assert "widget_config.api_key is masked" in ran.err
    assert "Enter the key again, or remove the field" in ran.err
    assert workspace.heard.bodies == []


def test_without_a_terminal_nothing_is_asked_or_sent(workspace: Workspace) -> None:
    ran = workspace.submit(workspace.file("payload.json", minimal()))
    assert (ran.code, ran.out) == (2, "")
    assert "--yes sends without asking" in ran.err
    assert workspace.heard.bodies == []


def test_without_a_key_nothing_is_sent(workspace: Workspace) -> None:
    file = workspace.file("payload.json", minimal())
    ran = workspace.submit("--yes", "--json", file, key="")
    assert (ran.code, ran.objects[0]["outcome"]) == (5, "not_sent")
    assert "There is no API key" in ran.err
    assert workspace.heard.bodies == []


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(minimal()))
    common = ("--home", str(tmp_path), "--base-url", "http://127.0.0.1:1/api")
    ran = run(*common, "submit", "--yes", str(file), QCALL_API_KEY=KEY)
    assert ran.code == 5
    assert "refused the connection, so nothing was sent" in ran.out


def test_a_proxy_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(minimal()))
    home = ("--home", str(tmp_path), "--base-url", "https://nowhere.invalid/api/v1")
    env = {"QCALL_API_KEY": KEY, "Https_Proxy": "http://[::1"}
    ran = run(*home, "submit", "--yes", "--json", str(file), **env)
    assert ran.code == 5
    [result] = ran.objects
    assert result["outcome"] == "not_sent"
    assert "Https_Proxy" in result["message"]
    assert ran.err.count("mistake") == 0


def test_a_home_that_cannot_be_used(workspace: Workspace) -> None:
    file = workspace.file("payload.json", minimal())
    workspace.common = ("--home", f"{file}/home", *workspace.common[2:])
    ran = workspace.submit("--yes", "--json", file)
    assert (ran.code, ran.objects[0]["outcome"]) == (5, "not_sent")
    assert workspace.heard.bodies == []


def test_a_dry_run_prints_the_request_and_keeps_the_keys_out(workspace: Workspace) -> None:
    file = workspace.file("payload.json", full())
    ran = workspace.submit("--dry-run", file)
    assert ran.code == 0
    assert ran.lines[:4] == [
        f"POST {workspace.heard.url}/user/createAssistant",
        "content-type: application/json",
        "x-api-key: (left out)",
        "",
    ]
    assert json.loads("\n".join(ran.lines[4:])) == with_(full(), "widget_config.api_key", MASK)
    as_json = workspace.submit("--dry-run", "--json", file)
    assert as_json.objects[0]["outcome"] == "not_sent"
    assert json.loads(as_json.objects[0]["request"]["body"])["name"] == "Asha"
    for said in (ran, as_json):
        assert KEY not in said.out + said.err
        assert "widget-key" not in said.out + said.err
    assert workspace.heard.bodies == []


# Refused, limited, unknown


@pytest.mark.parametrize(
    ("answer", "code", "outcome", "sent"),
    [
        (Answer(400, {"error": 400, "message": "goal is odd"}), 3, "refused", 2),
        (Answer(200, {"success": False, "message": "no", "status": 422}), 3, "refused", 2),
        (Answer(401, {"message": "no such key"}), 3, "refused", 1),
        (Answer(403, {"message": "revoked"}), 3, "refused", 1),
        (Answer(302, {}, {"location": "http://127.0.0.1:1/"}), 3, "refused", 1),
        (Answer(429, {"message": "slow"}, {"retry-after": "86400"}), 5, "not_sent", 1),
        (Answer(500, {"message": "oops"}), 4, "unknown", 2),
        (Answer(cut=True), 4, "unknown", 2),
    ],
)
def test_each_answer_has_its_exit_code(
    tmp_path: Path, answer: Answer, code: int, outcome: str, sent: int
) -> None:
    with answering(tmp_path, lambda number: None if number else answer) as workspace:
        ran = workspace.submit(
            "--yes", "--json", workspace.file("two.jsonl", named("A"), named("B"))
        )
    assert ran.code == code
    assert ran.objects[0]["outcome"] == outcome
    assert ran.objects[1]["outcome"] == ("created" if sent == 2 else "not_sent")
    assert len(workspace.heard.bodies) == sent


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    slow = Answer(429, {"message": "slow down"}, {"retry-after": "1"})
    came: list[float] = []

    def answer(number: int) -> Answer | None:
        came.append(time.monotonic())
        return slow if number == 0 else None

    with answering(tmp_path, answer) as workspace:
        ran = workspace.submit("--yes", workspace.file("payload.json", minimal()))
    assert ran.code == 0
    assert came[1] - came[0] >= 1
    assert "too many requests; it is sent again in 1 s." in ran.err
    assert len(workspace.heard.bodies) == 2


def test_three_unknown_outcomes_stop_the_batch(tmp_path: Path) -> None:
    with answering(tmp_path, lambda _: Answer(500, {"message": "oops"})) as workspace:
        file = workspace.file("many.jsonl", *(named(f"A{number}") for number in range(5)))
        ran = workspace.submit("--yes", "--json", file)
        assert ran.code == 4
        assert [one["outcome"] for one in ran.objects] == ["unknown"] * 3 + ["not_sent"] * 2
        assert "Sending it again may create a second one." in ran.objects[0]["message"]
        assert ran.objects[0]["message"].endswith('The server answered: "oops"')
        # Again: unknown ones are looked up first, and not sent while still unknown.
        again = workspace.submit("--yes", "--json", file)
        assert again.code == 4
        assert "--again sends it all the same." in again.objects[0]["message"]
        assert workspace.heard.names == ["A0", "A1", "A2", "A3", "A4"]


def test_unknown_outcomes_that_are_not_in_a_row_do_not_stop_the_batch(tmp_path: Path) -> None:
    with answering(tmp_path, lambda number: Answer(500) if number % 2 else None) as workspace:
        file = workspace.file("many.jsonl", *(named(f"A{number}") for number in range(7)))
        ran = workspace.submit("--yes", "--json", file)
    assert [one["outcome"] for one in ran.objects] == ["created", "unknown"] * 3 + ["created"]


def test_the_pace_is_kept(workspace: Workspace) -> None:
    file = workspace.file("two.jsonl", named("A"), named("B"))
    start = time.monotonic()
    ran = run(*workspace.common, "submit", "--yes", "--pace", "1.5", file, QCALL_API_KEY=KEY)
    assert ran.code == 0
    assert time.monotonic() - start > 1.5


def waits(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, *arguments: str
) -> tuple[int, list[float]]:
    """Run `submit` in this process without waiting; the exit code, and the waits in seconds."""
    found: list[float] = []
    pause = asyncio.sleep

    async def wait(seconds: float) -> None:
        found.append(seconds)
        await pause(0)

    monkeypatch.setattr(asyncio, "sleep", wait)
    monkeypatch.setattr(
        sys, "argv", ["qcall-wizard", *workspace.common, "submit", "--yes", *arguments]
    )
    monkeypatch.setenv("QCALL_API_KEY", KEY)
    with pytest.raises(SystemExit) as end:
        main()
    monkeypatch.undo()
    return int(str(end.value.code)), found


def test_a_server_that_names_no_time_is_asked_again_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(tmp_path, lambda _: Answer(429, {"message": "slow"})) as workspace:
        code, found = waits(monkeypatch, workspace, workspace.file("payload.json", minimal()))
        assert (code, found) == (5, [5, 10, 20, 40])
        assert len(workspace.heard.bodies) == 5


@pytest.mark.parametrize(("after", "sent"), [("300", 2), ("301", 1)])
def test_a_server_is_waited_for_up_to_five_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str, sent: int
) -> None:
    slow = Answer(429, {"message": "slow"}, {"retry-after": after})
    with answering(tmp_path, lambda number: None if number else slow) as workspace:
        code, found = waits(monkeypatch, workspace, workspace.file("payload.json", minimal()))
        assert (code, found) == ((0, [300]) if sent == 2 else (5, []))
        assert len(workspace.heard.bodies) == sent


def test_requests_are_a_second_apart(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workspace.submit("--yes", workspace.file("first.json", named("A"))).code == 0
    file = workspace.file("three.jsonl", named("A"), named("B"), named("C"))
    # The first was created before, and nothing follows the last.
    assert waits(monkeypatch, workspace, file) == (0, [1])
    assert workspace.heard.names == ["A", "B", "C"]


def test_the_connection_is_closed_at_the_end(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert waits(monkeypatch, workspace, workspace.file("payload.json", minimal()))[0] == 0
    # The server ends each connection's thread when the client has closed it.
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(20)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (Answer(400, {"message": "no"}), Answer(500, {"message": "oops"}), 4),
        (Answer(500, {"message": "oops"}), Answer(400, {"message": "no"}), 4),
        (Answer(400, {"message": "no"}), Answer(429, {}, {"retry-after": "86400"}), 3),
        (Answer(500, {"message": "oops"}), Answer(429, {}, {"retry-after": "86400"}), 4),
        (Answer(400, {"message": "no"}), None, 3),
    ],
)
def test_the_exit_code_is_that_of_the_gravest_outcome(
    tmp_path: Path, first: Answer, second: Answer | None, code: int
) -> None:
    with answering(tmp_path, lambda number: second if number else first) as workspace:
        ran = workspace.submit(
            "--yes", "--json", workspace.file("two.jsonl", named("A"), named("B"))
        )
        assert ran.code == code
        assert len(workspace.heard.bodies) == 2


def test_the_option_names_the_server_before_the_environment_does(workspace: Workspace) -> None:
    file = workspace.file("payload.json", minimal())
    with listening() as other:
        assert workspace.submit("--yes", file, QCALL_API_BASE_URL=other.url).code == 0
        assert (len(workspace.heard.bodies), other.bodies, other.keys) == (1, [], [])
        named_there = {"QCALL_API_BASE_URL": other.url, "QCALL_API_KEY": KEY}
        home = ("--home", str(workspace.folder / "home"))
        assert run(*home, "submit", "--yes", file, **named_there).code == 0
        assert (len(workspace.heard.bodies), other.keys) == (1, [KEY])


@pytest.mark.parametrize("arguments", [(), ("--pace", "-1", "x"), ("--no-such", "x")])
def test_a_wrong_command_line(arguments: tuple[str, ...]) -> None:
    assert run("submit", *arguments).code == 2


# In a terminal


def test_a_batch_is_confirmed_once_and_shows_progress(workspace: Workspace) -> None:
    files = [workspace.file("a.json", named("Ann")), workspace.file("b.json", named("Bob"))]
    command = ("--base-url", workspace.heard.url, "submit", "--pace", "0.3", *files)
    home, key = workspace.folder / "home", {"QCALL_API_KEY": KEY}
    for answer, code in (("n", 5), ("", 5), ("y", 0)):
        with Terminal(*command, home=home, environment=key, size=(200, 24)) as terminal:
            terminal.wait_for("Create these 2 assistants at 127.0.0.1", "[y/N]")
            assert workspace.heard.bodies == []
            terminal.type(answer).press("enter")
            if code == 0:
                terminal.wait_for("1/2")
            assert terminal.wait_exit() == code
            assert KEY not in terminal.text
    assert workspace.heard.names == ["Ann", "Bob"]
    assert terminal.text.count("The assistant was created.") == 2
    assert "2/2" in terminal.text


def test_the_question_warns_of_an_existing_name(workspace: Workspace) -> None:
    workspace.heard.created.extend([named("Ann") | {"id": "x"}, named("Ann ") | {"id": "y"}])
    files = [workspace.file("a.json", named("Ann")), workspace.file("b.json", named("Bob"))]
    command = ("--base-url", workspace.heard.url, "submit", *files)
    key = {"QCALL_API_KEY": KEY}
    with Terminal(
        *command, home=workspace.folder / "home", environment=key, size=(200, 24)
    ) as terminal:
        terminal.wait_for("Create these 2 assistants at 127.0.0.1", "[y/N]")
        assert "Your account already has 2 assistants named Ann of Acme Dental." in terminal.text
        assert "named Bob" not in terminal.text
        terminal.type("n").press("enter")
        assert terminal.wait_exit() == 5
    assert workspace.heard.bodies == []


def test_ctrl_c_at_the_question_sends_nothing(workspace: Workspace) -> None:
    command = ("--base-url", workspace.heard.url, "submit", workspace.file("a.json", named("Ann")))
    with Terminal(
        *command,
        home=workspace.folder / "home",
        environment={"QCALL_API_KEY": KEY},
        size=(200, 24),
    ) as terminal:
        terminal.wait_for("Create this assistant")
        terminal.press("ctrl+c")
        terminal.wait_for("Interrupted. Run the same command again")
        assert terminal.wait_exit() == 130
    assert workspace.heard.bodies == []


def test_nothing_is_asked_if_all_is_skipped(workspace: Workspace) -> None:
    file = workspace.file("a.json", named("Ann"))
    assert workspace.submit("--yes", file).code == 0
    ran = workspace.submit("--json", file, stdin="")
    assert (ran.code, [each["outcome"] for each in ran.objects]) == (5, ["not_sent"])
    assert "Nothing was sent: there is no terminal" not in ran.err
    assert ran.objects[0]["message"].endswith("Nothing was sent. --again creates another.")
    command = ("--base-url", workspace.heard.url, "submit", file)
    with Terminal(
        *command,
        home=workspace.folder / "home",
        environment={"QCALL_API_KEY": KEY},
        size=(200, 24),
    ) as terminal:
        terminal.wait_for("already created")
        assert terminal.wait_exit() == 5
        assert "[y/N]" not in terminal.text
    assert len(workspace.heard.bodies) == 1


# Receipts that may be lost


def overwrite(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


@pytest.mark.parametrize(
    ("lose", "sentence"),
    [
        (overwrite, "The file of drafts was damaged."),
        (Path.unlink, "The file of drafts was missing"),
    ],
)
def test_nothing_is_sent_while_receipts_may_be_lost(
    workspace: Workspace, lose: Callable[[Path], None], sentence: str
) -> None:
    first, second = (workspace.file(f"{n}.json", named(n)) for n in ("Ann", "Bob"))
    assert workspace.submit("--yes", first).code == 0
    lose(workspace.folder / "home" / FILE_NAME)
    ran = workspace.submit("--yes", "--json", second)
    assert (ran.code, workspace.heard.names) == (5, ["Ann"])
    assert [each["outcome"] for each in ran.objects] == ["not_sent"]
    assert sentence in ran.err
    assert "Receipts of assistants that were created may be lost" in ran.err_lines[-1]
    # The copy that a submission leaves has its receipt.
    assert workspace.submit("--yes", first).code == 5
    assert workspace.submit("--yes", second).code == 0
    assert workspace.heard.names == ["Ann", "Bob"]


# What is in the payload


def test_a_payload_with_the_api_key_is_not_sent_or_stored(workspace: Workspace) -> None:
    file = workspace.file("a.json", named("Ann", script=f"The key is {KEY}."))
    ran = workspace.submit("--yes", file)
    assert ran.code == 5
    assert "The payload contains your API key" in ran.out
    assert KEY not in ran.out + ran.err
    assert workspace.heard.bodies == []
    assert workspace.receipts() == []


def test_the_key_of_the_widget_may_be_the_api_key(workspace: Workspace) -> None:
    widget = full()["widget_config"] | {"api_key": KEY}
    assert workspace.submit("--yes", workspace.file("a.json", full() | {"widget_config": widget}))
    assert len(workspace.heard.bodies) == 1


def test_a_text_with_other_accents_is_the_same_payload(workspace: Workspace) -> None:
    texts = [named("Zoé", script=f"Caf{accent} Zoé") for accent in ("\u00e9", "e\u0301")]
    files = [workspace.file(f"{n}.json", each) for n, each in enumerate(texts)]
    assert [workspace.submit("--yes", file).code for file in files] == [0, 5]
    assert len(workspace.heard.bodies) == 1


def test_an_interruption_after_too_many_requests_says_so(tmp_path: Path) -> None:
    limited = Answer(429, {"message": "slow down"}, {"retry-after": "30"})
    with answering(tmp_path, lambda _: limited) as workspace:
        command = ("submit", "--json", "--yes", workspace.file("a.json", named("Ann")))
        with Terminal(
            *("--base-url", workspace.heard.url, *command),
            home=tmp_path / "home",
            environment={"QCALL_API_KEY": KEY},
            size=(200, 24),
        ) as terminal:
            terminal.wait_for("sent again in 30 s").press("ctrl+c")
            assert terminal.wait_exit() == 130
        # A space at the end of a row is not read back.
        text = "".join(terminal.text.split())
        assert '"status":429' in text
        assert "Interrupted.Toomanyrequests;nothingwascreated." in text
