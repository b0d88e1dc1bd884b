"""The commands on drafts and receipts, and opening them, through real processes."""

import json
import os
import re
import socket
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests import examples
from tests.commands.test_cli import PROGRAM, ROOT, SECONDS, Ran, environment, on_terminal, run
from tests.terminal import Terminal
from wizard.api.outcomes import Created, Outcome, Unknown
from wizard.api.reasons import UnknownReason
from wizard.api.receipt_store import Known, Receipt, Receipts
from wizard.cli import qcall_wizard
from wizard.commands.sources import read_source
from wizard.contract.masking import MASK
from wizard.draft.draft import Draft
from wizard.errors import StoreTrouble
from wizard.storage.database import Database
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import Opened, Store, now, open_store, snapshot

WIDGET_KEY = "wk_CANARY_51c0"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "home"


@contextmanager
def store_of(home: Path, when: datetime | None = None) -> Iterator[Store]:
    """The store in a folder, at a time."""
    with closing(Database.open(home)) as database:
        yield Store(database, (lambda: when) if when else now)


def save(
    home: Path, draft_id: str, answers: dict[str, Any], ago: timedelta = timedelta()
) -> datetime:
    """Save a draft as if that had been a while ago; when that was."""
    moment = now() - ago
    draft = Draft(id=draft_id)
    for name, value in answers.items():
        draft.answer((name,), value)
    with store_of(home, moment) as store:
        store.save(snapshot(draft, 0))
    return moment


def sent(home: Path, payload: dict[str, Any], **more: Any) -> Receipt:
    """The receipt of an attempt that has just started."""
    request = Draft.imported(payload).payload()
    receipt = replace(Receipt.of(request, "d0", "https://api.example/v1", now()), **more)
    with store_of(home) as store:
        return Receipts(store.database, store.clock).begin(receipt)


def complete(home: Path, receipt: Receipt, outcome: Outcome, seconds: float) -> None:
    with store_of(home) as store:
        Receipts(store.database, store.clock).complete(receipt.id, outcome, seconds)


def at(home: Path, *arguments: str, **extra: str) -> Ran:
    return run(*arguments, "--home", str(home), **extra)


def with_widget(payload: dict[str, Any]) -> dict[str, Any]:
    widget = {"enabled": True, "mode": "floating", "api_key": WIDGET_KEY}
    return payload | {"widget_config": widget}


# Lists


@pytest.mark.parametrize("command", ["drafts", "receipts"])
def test_an_empty_list_creates_no_folder(command: str, home: Path) -> None:
    ran = at(home, command)

    assert (ran.code, ran.err, len(ran.lines)) == (0, "", 1)
    assert ran.out.startswith("There are no ")
    assert at(home, command, "--json") == (0, "", "")
    assert at(home, command, "show", "4f1c").code == 1
    assert not home.exists()


def test_drafts_are_listed_by_age(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"}, timedelta(hours=2, minutes=5))
    save(home, "bb22bb22", {"company_name": "Acme"}, timedelta(days=3, minutes=5))
    save(home, "cc33cc33", {"name": "日本 Dental"}, timedelta(seconds=2))
    ran = at(home, "drafts")

    assert (ran.code, ran.err) == (0, "")
    assert [re.split("  +", line) for line in ran.lines] == [
        ["ID", "NAME", "STEP", "CHANGED"],
        ["cc33cc33", "日本 Dental", "Type", "just now"],
        ["aa11aa11", "Asha", "Type", "2 hours ago"],
        ["bb22bb22", "unnamed", "Type", "3 days ago"],
    ]
    # A wide character takes two cells.
    assert {line.index("Type") for line in ran.lines[2:]} == {ran.lines[0].index("STEP")}
    assert ran.lines[1].index("Type") == ran.lines[0].index("STEP") - 2


def test_drafts_as_json(home: Path) -> None:
    moment = save(home, "aa11aa11", {"name": "Asha"})
    [draft] = at(home, "drafts", "--json").objects

    assert datetime.fromisoformat(draft.pop("updated")) == moment
    assert datetime.fromisoformat(draft.pop("created")) == moment
    assert draft == {"id": "aa11aa11", "name": "Asha", "step": "type", "deleted": None}


def test_control_characters_of_a_name_are_escaped(home: Path) -> None:
    name = "\x1b[2J\x9bAsha\u202e" + "x" * 5000
    save(home, "aa11aa11", {"name": name})
    sent(home, examples.minimal() | {"name": name})

    for command in ("drafts", "receipts"):
        ran = at(home, command)
        assert ran.lines[1].count("\\x1b[2J\\x9bAsha\\u202e") == 1
        assert len(ran.lines[1]) < 160
        assert not {"\x1b", "\x9b", "\u202e"} & set(ran.out)
    shown = at(home, "drafts", "show", "aa")
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown.out + shown.err)
    assert json.loads(shown.out)["name"] == name


def test_a_list_fits_on_its_terminal(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha " * 20})
    complete(home, sent(home, examples.minimal()), Created("as-11"), 0.1)
    for command in ("drafts", "receipts"):
        for columns in ("80", "56", "20"):
            shown = on_terminal(command, "--home", str(home), COLUMNS=columns)
            assert shown.code == 0
            assert shown.lines[-1].startswith(("aa11aa11", sent_id(home)))
            assert columns == "20" or all(len(line) <= int(columns) for line in shown.lines)


def test_names_and_ids_are_never_cut(home: Path) -> None:
    name = "a-template-with-a-name-that-is-as-long-as-any"
    (home / "templates").mkdir(parents=True)
    (home / "templates" / f"{name}.yaml").write_text("title: Mine\nanswers:\n  type: inbound\n")
    assistant = "as-" + "1" * 40
    complete(home, sent(home, examples.minimal()), Created(assistant), 0.1)
    save(home, "aa11aa11", {"name": "Asha " * 20})
    voices = [line["voice_id"] for line in at(home, "voices", "--json", "--sandbox").objects]
    for command, names in {
        "templates": [name, "lead-qualification"],
        "drafts": ["aa11aa11"],
        "receipts": [sent_id(home), assistant],
        "voices": voices,
        "fields": ["set_transcription_start_time"],
    }.items():
        shown = on_terminal(command, "--home", str(home), "--sandbox", COLUMNS="40")
        assert [each for each in names if each not in shown.out] == [], command


def sent_id(home: Path) -> str:
    [receipt] = at(home, "receipts", "--json").objects
    return str(receipt["receipt"])


# One draft


def test_an_incomplete_draft_is_printed_unchanged(home: Path) -> None:
    save(home, "aa11aa11", examples.full() | {"script": "हिन्दी 🙂 \ud800"})
    for encoding in ("utf-8", "ascii"):
        ran = at(home, "drafts", "show", "aa11aa11", PYTHONIOENCODING=encoding)
        payload = json.loads(ran.out)
        assert payload["script"] == "हिन्दी 🙂 \ud800"
        assert ran.code == 0
        assert ran.err_lines[0] == "The draft aa11aa11 cannot be sent yet."
        assert ran.err_lines[1] == "1 answer is missing or wrong:"
        assert ran.err_lines[2].startswith("  script: Contains half a character")


def test_a_ready_draft_goes_through_a_pipe(home: Path) -> None:
    save(home, "aa11aa11", examples.full())
    shown = at(home, "drafts", "show", "aa11aa11")

    assert (shown.code, shown.err) == (0, "")
    assert run("validate", "-", stdin=shown.out).code == 0


def test_missing_answers_are_listed_beside_the_payload(home: Path) -> None:
    save(home, "aa11aa11", {"type": "outbound", "voice_speed": 9})
    ran = at(home, "drafts", "show", "aa11aa11")

    assert ran.code == 0
    assert json.loads(ran.out)["voice_speed"] == 9
    assert ran.err_lines[0] == "The draft aa11aa11 cannot be sent yet."
    assert ran.err_lines[1].endswith("answers are missing or wrong:")
    assert any(line.startswith("  name: ") for line in ran.err_lines)
    assert any(line.startswith("  voice_speed: ") for line in ran.err_lines)


@pytest.mark.parametrize("key", [WIDGET_KEY, {"inner": WIDGET_KEY}, [WIDGET_KEY]])
def test_the_widget_key_of_a_draft_is_masked(home: Path, key: Any) -> None:
    payload = with_widget(examples.minimal())
    payload["widget_config"]["api_key"] = key
    save(home, "aa11aa11", payload)
    shown = at(home, "drafts", "show", "aa11aa11")

    assert WIDGET_KEY not in shown.out + shown.err
    assert json.loads(shown.out)["widget_config"]["api_key"] == MASK


def test_ids_may_be_cut_short(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    save(home, "aa11bb22", {"name": "Ravi"})
    save(home, "cc33cc33", {"name": "Mira"})

    assert json.loads(at(home, "drafts", "show", "aa11B").out)["name"] == "Ravi"
    assert json.loads(at(home, "drafts", "show", "aa11aa11").out)["name"] == "Asha"
    ran = at(home, "drafts", "show", "aa")
    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert "aa11aa11, aa11bb22" in ran.err


@pytest.mark.parametrize(
    ("arguments", "see"),
    [
        (("drafts", "show"), "qcall-wizard drafts"),
        (("drafts", "delete"), "qcall-wizard drafts"),
        (("drafts", "restore"), "qcall-wizard drafts --deleted"),
        (("receipts", "show"), "qcall-wizard receipts"),
    ],
    ids=str,
)
@pytest.mark.parametrize("wanted", ["4f1c", "", "%", "\x1b[2J"])
def test_an_unknown_id_is_an_error(
    arguments: tuple[str, ...], see: str, wanted: str, home: Path
) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    ran = at(home, *arguments, wanted)

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert f"`{see}` lists them" in ran.err
    assert "\x1b" not in ran.err


# Deleting


def test_a_draft_is_deleted_and_restored(home: Path) -> None:
    moment = save(home, "aa11aa11", {"name": "Asha"})
    deleted = at(home, "drafts", "delete", "aa11")
    assert (deleted.code, deleted.out) == (0, "")
    assert "`qcall-wizard drafts restore aa11aa11`" in deleted.err

    assert at(home, "drafts", "--json") == (0, "", "")
    assert re.split("  +", at(home, "drafts", "--deleted").lines[1]) == [
        "aa11aa11", "Asha", "Type", "just now", "29 more days",
    ]  # fmt: skip
    [listed] = at(home, "drafts", "--deleted", "--json").objects
    assert datetime.fromisoformat(listed["deleted"]) > moment

    again = at(home, "drafts", "delete", "aa11")
    assert again.code == 1
    assert "drafts restore aa11aa11" in again.err
    assert at(home, "drafts", "show", "aa11").code == 0

    assert at(home, "drafts", "restore", "aa11").code == 0
    assert [draft["id"] for draft in at(home, "drafts", "--json").objects] == ["aa11aa11"]
    assert at(home, "drafts", "restore", "aa11").code == 1


def test_after_thirty_days_a_deleted_draft_is_gone(home: Path) -> None:
    for draft_id, days in (("aa11aa11", 29), ("bb22bb22", 31)):
        save(home, draft_id, {"name": "Asha"})
        with store_of(home, now() - timedelta(days=days)) as store:
            store.delete(draft_id)

    assert "aa11aa11" in (listed := at(home, "drafts", "--deleted").out)
    assert "less than a day" in listed
    assert "bb22bb22" not in listed
    assert at(home, "drafts", "restore", "bb22").code == 1
    with store_of(home) as store:
        assert not store.database.rows("SELECT * FROM edits WHERE draft = 'bb22bb22'")


def test_a_draft_that_cannot_be_read_can_be_deleted(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    with store_of(home) as store, store.database.transaction():
        store.database.run("UPDATE drafts SET answers = '{}'")

    assert "damaged" in at(home, "drafts", "show", "aa11").err
    assert at(home, "drafts", "delete", "aa11").code == 0


def test_a_draft_that_is_open_stays(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    session = Session(home, open_store(home))
    try:
        session.open("aa11aa11")
        deleting = at(home, "drafts", "delete", "aa11")
        opening = on_terminal("--draft", "aa11", "--home", str(home))
    finally:
        session.close()

    for ran, text in ((deleting, deleting.err), (opening, opening.out)):
        assert ran.code == 1
        assert "is open in " in text
        assert len(text.splitlines()) == 1
    assert "copy" in opening.out
    assert len(at(home, "drafts", "--json").objects) == 1
    assert at(home, "drafts", "delete", "aa11").code == 0


# Files that are not as they should be


@pytest.mark.parametrize(
    "arguments",
    [
        ("drafts",),
        ("drafts", "show", "aa11"),
        ("drafts", "delete", "aa11"),
        ("receipts",),
        ("receipts", "show", "aa11"),
    ],
    ids=" ".join,
)
def test_a_newer_file_is_refused_and_left_alone(arguments: tuple[str, ...], home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    with closing(sqlite3.connect(home / FILE_NAME)) as newer:
        newer.execute("PRAGMA user_version = 99")
    before = (home / FILE_NAME).read_bytes()
    ran = at(home, *arguments)

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert "newer qcall-wizard" in ran.err
    assert (home / FILE_NAME).read_bytes() == before


def test_a_newer_file_is_refused_by_the_wizard(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    with closing(sqlite3.connect(home / FILE_NAME)) as newer:
        newer.execute("PRAGMA user_version = 99")
    shown = on_terminal("--home", str(home))

    assert (shown.code, len(shown.lines)) == (1, 1)
    assert "newer qcall-wizard" in shown.out


def test_a_damaged_file_is_set_aside(home: Path) -> None:
    home.mkdir()
    (home / FILE_NAME).write_bytes(b"no database at all" * 100)
    ran = at(home, "drafts")

    assert ran.code == 0
    assert "was set aside as wizard.damaged-" in ran.err
    assert len(list(home.glob("wizard.damaged-*"))) == 1


def test_a_locked_file_is_an_error(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    with closing(sqlite3.connect(home / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert at(home, "drafts").code == 0
        assert at(home, "drafts", "show", "aa").code == 0
        ran = at(home, "drafts", "delete", "aa11")

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert "another program is writing" in ran.err


@pytest.mark.parametrize("command", ["drafts", "receipts"])
def test_a_file_of_which_nothing_can_be_read(command: str, home: Path) -> None:
    (home / FILE_NAME).mkdir(parents=True)
    ran = at(home, command)

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert "cannot be used" in ran.err


def test_a_draft_is_printed_when_the_disk_is_full(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save(home, "aa11aa11", {"name": "Asha"})

    def in_memory(home: Path) -> Opened:
        return Opened(Store(Database.read_into_memory(home)), trouble="The disk is full.")

    monkeypatch.setattr("wizard.storage.store.open_store", in_memory)
    command = ("--home", str(home), "drafts")
    assert qcall_wizard.main([*command, "show", "aa"], standalone_mode=False) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["name"] == "Asha"
    assert captured.err.startswith("The disk is full.\n")
    with pytest.raises(StoreTrouble, match="The disk is full"):
        qcall_wizard.main([*command, "delete", "aa"], standalone_mode=False)


@pytest.mark.parametrize("command", ["drafts", "receipts"])
def test_a_home_that_is_a_file(command: str, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")

    assert at(tmp_path / "home", command).code == 2
    ran = run(command, QCALL_WIZARD_HOME=str(tmp_path / "home"))
    assert (ran.code, ran.out) == (1, "")
    assert "is not a folder" in ran.err


def test_a_backup_is_one_whole_file(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "backup.sqlite3"
    nothing = at(home, "drafts", "backup", str(output))
    assert (nothing.code, output.exists(), home.exists()) == (1, False, False)
    save(home, "aa11aa11", {"name": "Asha"})
    receipt = sent(home, examples.minimal())
    with closing(Database.open(home)):  # a wizard is open
        save(home, "bb22bb22", {"name": "Ravi"})
        assert at(home, "drafts", "backup", str(output)).code == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path != home] == ["backup.sqlite3"]
    other = tmp_path / "other"
    other.mkdir()
    (other / FILE_NAME).write_bytes(output.read_bytes())
    assert {line.split()[1] for line in at(other, "drafts").lines[1:]} == {"Asha", "Ravi"}
    assert receipt.id in at(other, "receipts").out

    before = output.read_bytes()
    save(home, "cc33cc33", {"name": "Mia"})
    refused = at(home, "drafts", "backup", str(output))
    assert (refused.code, output.read_bytes() == before) == (1, True)
    assert "--force" in refused.err
    assert at(home, "drafts", "backup", "--force", str(output)).code == 0
    assert output.read_bytes() != before
    for mine in (FILE_NAME, f"{FILE_NAME}-wal"):
        assert at(home, "drafts", "backup", "--force", str(home / mine)).code == 1
    assert len(at(home, "drafts").lines) == 4


def broken(kind: str, home: Path) -> None:
    """Put something that is no regular file in the place of the database."""
    path = home / FILE_NAME
    home.mkdir()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(home / "nowhere")
        case "device":
            path.symlink_to("/dev/zero")
        case "socket":
            with closing(socket.socket(socket.AF_UNIX)) as made:
                made.bind(str(path))
        case _:
            Database.open(home).close()
            os.mkfifo(f"{path}{kind}")


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "device", "socket", "-wal", "-shm"])
def test_a_database_path_that_is_no_file_is_never_opened(kind: str, home: Path) -> None:
    broken(kind, home)
    for command in ("drafts", "receipts"):
        ran = at(home, command)
        assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
        assert "cannot be used: it is a" in ran.err
    ran = at(home, "doctor", "--sandbox", "--no-keys")
    assert ran.code == 1
    assert "bad       database: " in ran.out


@pytest.mark.parametrize("kind", ["pipe", "-wal", "link"])
def test_a_session_works_without_a_database_file(kind: str, home: Path) -> None:
    broken(kind, home)
    ran = run("--plain", "--sandbox", "--home", str(home), stdin=":leave\n")
    assert ran.code == 0
    assert "Your answers are not saved." in ran.out


# Receipts


def test_receipts_are_listed(home: Path) -> None:
    receipt = sent(home, examples.minimal())
    complete(home, receipt, Created("as-1", status=200), 0.42)
    lost = sent(home, examples.minimal())
    listed = [re.split("  +", line) for line in at(home, "receipts").lines]

    assert listed == [
        ["ID", "SENT", "TARGET", "NAME", "OUTCOME", "ASSISTANT"],
        [lost.id, "just now", "api.example", "Asha", "Unknown: no answer was received"],
        [receipt.id, "just now", "api.example", "Asha", "Created", "as-1"],
    ]
    assert [each["outcome"] for each in at(home, "receipts", "--json").objects] == [
        "unknown",
        "created",
    ]


def test_a_receipt_shows_all_its_values(home: Path) -> None:
    known = Known(frozenset({"as-0"}), 1)
    receipt = sent(home, examples.minimal(), key_end="3a9c", known=known)
    outcome = Created("as-1", status=200, message="Well\x1b[2J done\nand good")
    complete(home, receipt, outcome, 0.42)
    ran = at(home, "receipts", "show", receipt.id[:5])
    shown = dict(line.split(": ", 1) for line in ran.lines)

    assert (ran.code, ran.err) == (0, "")
    assert shown.pop("sent").endswith("(just now)")
    assert shown == {
        "receipt": receipt.id,
        "outcome": "Created",
        "assistant": "as-1",
        "status": "200",
        "message": "Well done and good",
        "name": "Asha",
        "company": "Acme Dental",
        "target": "api.example (https://api.example/v1)",
        "draft": "d0",
        "took": "0.4 s",
        "hash": f"sha256 {receipt.hash}",
        "key": "salted hash 3a9c",
        "known before": "as-0, 1 without an id",
    }


def test_a_receipt_as_json(home: Path) -> None:
    receipt = sent(home, examples.minimal())
    complete(home, receipt, Unknown(UnknownReason.CUT_AFTER), 1.5)
    [shown] = at(home, "receipts", "show", receipt.id, "--json").objects

    assert json.loads(shown.pop("body"))["name"] == "Asha"
    assert datetime.fromisoformat(shown.pop("sent")) == receipt.sent
    assert shown == {
        "receipt": receipt.id,
        "outcome": "unknown",
        "id": None,
        "status": None,
        "message": "",
        "title": "Unknown: connection lost before the answer",
        "name": "Asha",
        "company_name": "Acme Dental",
        "target": "https://api.example/v1",
        "host": "api.example",
        "draft": "d0",
        "seconds": 1.5,
        "settled": None,
        "hash": receipt.hash,
        "key_end": "",
        "known": None,
    }


def test_an_unknown_outcome_has_advice(home: Path) -> None:
    ran = at(home, "receipts", "show", sent(home, examples.minimal()).id)

    assert "outcome: Unknown: no answer was received" in ran.lines
    assert len(ran.err_lines) == 1
    assert "check the list of your assistants" in ran.err


def test_the_body_alone(home: Path) -> None:
    receipt = sent(home, with_widget(examples.full()))
    shown = at(home, "receipts", "show", receipt.id, "--body")

    assert shown.err == ""
    assert shown.out == receipt.body + "\n"
    assert WIDGET_KEY not in shown.out
    assert json.loads(shown.out)["widget_config"]["api_key"] == MASK


# Opening drafts and receipts


def left(terminal: Terminal) -> int:
    return terminal.press("ctrl+q").wait_exit()


def test_a_draft_opens_by_its_id(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha of Acme"})
    save(home, "bb22bb22", {"name": "Somebody else"})
    with Terminal("--draft", "aa11", home=home) as terminal:
        assert left(terminal.wait_for("Asha of Acme")) == 0

    assert len(at(home, "drafts", "--json").objects) == 2


def assert_new_draft(home: Path) -> None:
    """Check that the only draft has the sent payload without the widget key."""
    [draft] = at(home, "drafts", "--json").objects
    shown = json.loads(at(home, "drafts", "show", draft["id"]).out)
    assert shown["name"] == "Asha"
    assert not shown["widget_config"].get("api_key")


def test_a_receipt_opens_as_a_new_draft(home: Path) -> None:
    receipt = sent(home, with_widget(examples.minimal()))
    complete(home, receipt, Created("as-1"), 0.1)
    with Terminal("--receipt", receipt.id[:6], home=home) as terminal:
        assert left(terminal.wait_for("Acme Dental")) == 0

    assert_new_draft(home)


def test_a_printed_body_opens_as_a_new_draft(home: Path) -> None:
    receipt = sent(home, with_widget(examples.minimal()))
    complete(home, receipt, Created("as-1"), 0.1)
    program = " ".join(PROGRAM)
    line = f"{program} receipts show {receipt.id} --body | {program} --from - --sandbox"
    wizard = pexpect.spawn(
        "/bin/sh",
        ["-c", line],
        cwd=str(ROOT),
        env=environment(QCALL_WIZARD_HOME=str(home)),
        timeout=SECONDS,
        encoding="utf-8",
    )
    try:
        wizard.expect_exact("Acme Dental")
        wizard.sendcontrol("q")
        wizard.expect(pexpect.EOF)
    finally:
        wizard.close(force=True)

    assert wizard.exitstatus == 0
    assert_new_draft(home)


@pytest.mark.parametrize("option", ["--draft", "--receipt"])
def test_opening_an_unknown_id_is_an_error(option: str, home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    for wanted in ("4f1c", ""):
        shown = on_terminal(option, wanted, "--home", str(home))
        assert (shown.code, len(shown.lines)) == (1, 1)
        assert f"`qcall-wizard {option[2:]}s` lists them" in shown.out


def test_opening_a_deleted_draft_names_the_restore_command(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    at(home, "drafts", "delete", "aa11")
    shown = on_terminal("--draft", "aa11", "--home", str(home))

    assert (shown.code, len(shown.lines)) == (1, 1)
    assert "qcall-wizard drafts restore aa11aa11" in shown.out


def test_stored_files_are_private(home: Path) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    at(home, "drafts", "delete", "aa11")
    modes = {path: stat.S_IMODE(os.stat(path).st_mode) for path in (home, *home.rglob("*"))}

    assert not {path: oct(mode) for path, mode in modes.items() if mode & 0o077}


def test_a_file_wins_over_a_draft_of_the_same_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(home, "aa11aa11", {"name": "Asha"})
    monkeypatch.chdir(tmp_path)
    assert read_source("aa11aa11", home).data["name"] == "Asha"
    (tmp_path / "aa11aa11").write_text(json.dumps(examples.minimal() | {"name": "Mia"}))
    assert read_source("aa11aa11", home).data["name"] == "Mia"


def test_a_receipt_that_was_passed_over_needs_no_look_at_the_list(home: Path) -> None:
    receipt = sent(home, examples.minimal())
    with store_of(home) as store:
        receipts = Receipts(store.database, store.clock)
        receipts.pass_over([receipt.id])
    shown = at(home, "receipts", "show", receipt.id)
    assert shown.code == 0
    assert shown.err == ""
