"""A session: one draft at a time, locked and saved, with full disks, crashes and other wizards."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.disks import (
    Child,
    Heard,
    damaged,
    is_root,
    is_sound,
    load,
    overwrite,
    same,
    typed,
    wait_for,
    whole,
    working,
)
from wizard.api.receipt_store import Receipt
from wizard.contract.steps import Step
from wizard.draft.draft import Draft
from wizard.errors import Damaged, InUse, NoSuch, StoreTrouble
from wizard.secret import SecretStr
from wizard.storage import autosave, database, sqlite_file
from wizard.storage.database import COPY_NAME
from wizard.storage.locks import acquire_named
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import Store, open_store

# How often the process that saves is killed: KILLS=200 for the long form.
KILLS = int(os.environ.get("KILLS", "20"))
PAGE = 4096


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed writes are retried soon, and a locked file is not waited for."""
    monkeypatch.setattr(autosave, "_RETRY_SECONDS", 0.02)
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.02)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with working(tmp_path / "home") as opened:
        yield opened


def keep(session: Session, draft: Draft) -> Draft:
    """Work on a draft until it is saved."""
    session.begin(draft)
    session.changed()
    assert session.flush()
    return draft


def copy_now(session: Session, home: Path) -> None:
    """Replace the copy that the autosave has made after the first save."""
    wait_for((home / COPY_NAME).exists)
    (home / COPY_NAME).unlink()
    session.store.database.refresh_copy()


def listening(session: Session) -> Heard:
    session.on_trouble = heard = Heard()
    return heard


# --- one draft at a time


def test_a_draft_is_reopened_in_the_same_state(session: Session, tmp_path: Path) -> None:
    draft = typed("Asha", "a", "b", "c")
    draft.undo()
    draft.step, draft.focus, draft.seen = Step.SCRIPT, ("actions", 0, "say"), {Step.TYPE}
    keep(session, draft)
    session.close()

    with working(tmp_path / "home") as later:
        (line,) = later.drafts()
        assert (line.name, line.step) == ("Asha", Step.SCRIPT)
        again = later.open(line.id)
        assert again is later.draft
        assert same(again, draft)
        assert again.redo() == ("script",)
        assert again.answers["script"] == "a b c"


def test_drafts_lie_side_by_side(session: Session) -> None:
    drafts = [keep(session, typed(name, name)) for name in ("Asha", "Bela", "Carla")]
    assert [line.name for line in session.drafts()] == ["Carla", "Bela", "Asha"]
    for draft in drafts:
        assert same(session.open(draft.id), draft)
        assert session.open(draft.id) is session.draft
    assert session.trouble == ""


def test_an_untouched_draft_is_not_kept(session: Session) -> None:
    session.changed()
    session.begin()
    session.changed()
    assert session.flush()
    assert session.drafts() == []


def test_an_emptied_draft_is_kept(session: Session) -> None:
    draft = typed("Asha")
    draft.undo()
    keep(session, draft)
    assert [line.id for line in session.drafts()] == [draft.id]


def test_unsaved_edits_are_listed_and_opened(session: Session) -> None:
    first = keep(session, typed("Asha"))
    session.draft.answer(("name",), "Asha Rao")
    session.changed()
    assert session.drafts()[0].name == "Asha Rao"
    session.begin(typed("Bela"))
    assert session.open(first.id).answers == {"name": "Asha Rao"}


def test_opening_a_missing_draft_keeps_the_current_one(session: Session) -> None:
    draft = keep(session, typed("Asha"))
    with pytest.raises(NoSuch):
        session.open("nobody")
    assert session.draft is draft
    session.changed()
    assert session.flush()


def test_a_session_in_memory_keeps_nothing_and_has_no_trouble() -> None:
    session = Session.in_memory()
    keep(session, typed("Asha"))
    draft_id = session.draft.id
    session.begin()
    assert session.open(draft_id).answers == {"name": "Asha"}
    assert session.close()


def test_closing_saves_the_last_key(tmp_path: Path) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    draft = session.begin(typed("Asha"))
    session.changed()
    assert session.close()
    assert session.close()
    assert same(load(tmp_path, draft.id), draft)


def test_settings_and_receipts_are_of_the_same_file(session: Session) -> None:
    session.store.remember("theme", "dark")
    assert session.setting("theme") == "dark"
    assert session.setting("nothing") is None
    assert session.receipts.all() == []
    assert session.store.database.path is not None


# --- two wizards


def test_the_second_wizard_may_open_a_copy(session: Session, tmp_path: Path) -> None:
    draft = keep(session, typed("Asha", "a", "b"))
    with working(tmp_path / "home") as second:
        with pytest.raises(InUse, match=rf"{draft.id} \(Asha\) is open in another wizard"):
            second.open(draft.id)
        copy = second.open_copy(draft.id)
        assert copy.id != draft.id
        assert whole(copy)[1:] == whole(draft)[1:]
        second.changed()
        draft.answer(("goal",), "mine")
        session.changed()
        copy.undo()
        second.changed()
        assert session.flush()
        assert second.flush()
        assert {line.id for line in session.drafts()} == {draft.id, copy.id}
        session.begin()
        assert same(second.open(draft.id), draft)
    assert same(load(tmp_path / "home", copy.id), copy)


@pytest.mark.parametrize("opens", [True, False], ids=["for another", "for a new one"])
def test_a_draft_that_is_left_is_free_for_the_second_wizard(
    session: Session, tmp_path: Path, *, opens: bool
) -> None:
    other, draft = keep(session, typed("Bela")), keep(session, typed("Asha"))
    for text in ("a", "b"):  # the second one is saved a moment later
        draft.answer(("goal",), text)
        session.changed()
    session.open(other.id) if opens else session.begin()
    with working(tmp_path / "home") as second:
        assert second.open(draft.id).answers["goal"] == "b"


def test_a_draft_stays_locked_if_the_folder_is_deleted(session: Session, tmp_path: Path) -> None:
    draft = keep(session, typed("Asha"))
    wait_for((tmp_path / "home" / COPY_NAME).exists)  # written in the background
    shutil.rmtree(tmp_path / "home")
    draft.answer(("goal",), "mine")
    session.changed()
    assert session.flush()
    with working(tmp_path / "home") as second:
        assert second.is_open_elsewhere(draft.id)
        with pytest.raises(InUse):
            second.open(draft.id)


def test_a_draft_is_read_after_it_is_locked(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two another wizard could save it, and be overwritten."""
    draft_id = keep(session, typed("Asha")).id
    session.close()
    with working(tmp_path / "home") as first, working(tmp_path / "home") as second:
        read = first.store.load

        def load_late(wanted: str) -> Draft:
            with pytest.raises(InUse):
                second.open(draft_id)
            return read(wanted)

        monkeypatch.setattr(first.store, "load", load_late)
        first.open(draft_id)


def test_a_draft_that_could_not_be_opened_is_not_locked(session: Session, tmp_path: Path) -> None:
    with pytest.raises(NoSuch):
        session.open("nobody")
    with working(tmp_path / "home") as second, pytest.raises(NoSuch):
        second.open("nobody")


HOLD = """
import sys
from pathlib import Path
from wizard.storage.session import Session
from wizard.storage.store import open_store
home = Path(sys.argv[1])
session = Session(home, open_store(home))
session.open(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_killed_wizard_releases_its_draft(session: Session, tmp_path: Path) -> None:
    draft = keep(session, typed("Asha"))
    session.begin()
    with Child(HOLD, tmp_path / "home", draft.id) as other:
        assert other.hear() == "held"
        with pytest.raises(InUse):
            session.open(draft.id)
        with pytest.raises(InUse, match=r"^The draft .* close it there first$"):
            session.delete(draft.id)
        other.kill()
        assert same(session.open(draft.id), draft)


SAVE = """
import sys
from pathlib import Path
from wizard.storage.session import Session
from wizard.storage.store import open_store
home = Path(sys.argv[1])
session = Session(home, open_store(home))
session.draft.answer(("name",), sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for count in range(30):
    session.draft.answer(("goal",), f"goal {count} " * 200)
    session.changed()
    if not session.flush():
        print(session.trouble)
print(session.draft.id, session.close(), flush=True)
"""


def test_two_processes_save_at_once(tmp_path: Path) -> None:
    with Child(SAVE, tmp_path, "Asha") as one, Child(SAVE, tmp_path, "Bela") as other:
        children = [one, other]
        assert [child.hear() for child in children] == ["ready", "ready"]
        for child in children:
            child.say()
        for child, name in zip(children, ("Asha", "Bela"), strict=True):
            draft_id, saved = child.hear().split()
            assert saved == "True"
            draft = load(tmp_path, draft_id)
            assert draft.answers == {"name": name, "goal": "goal 29 " * 200}
    assert is_sound(tmp_path)


@pytest.mark.usefixtures("quick_retries")
def test_a_draft_taken_by_another_wizard_continues_as_a_copy(
    tmp_path: Path,
) -> None:
    """It could not be held while there was no folder for it, and another found it first."""
    home = tmp_path / "home"
    home.write_text("in the way")
    with working(home) as first:
        heard, draft = listening(first), first.begin(typed("Asha", "a"))
        draft_id = draft.id
        first.changed()
        home.unlink()
        assert heard.wait(1) == [""]
        with working(home) as second:
            second.open(draft_id)
            draft.answer(("goal",), "mine")
            first.changed()
            assert first.draft.id != draft_id
            assert first.flush()
            assert same(load(home, draft.id), draft)
            assert second.draft.answers == {"name": "Asha", "script": "a"}


# --- a full disk


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = Path(tempfile.mkdtemp(prefix="wizard-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    try:
        if done.returncode:
            pytest.skip("nothing can be mounted here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
    finally:
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Leave no room on a disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError:
            return filler


@pytest.mark.usefixtures("quick_retries")
def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    with working(small_disk / "home") as session:
        heard = listening(session)
        old, new = keep(session, typed("Asha", "a", "b")), typed("Bela")
        filler = fill(small_disk)
        old.answer(("script",), "what was typed " * 8000)
        session.changed()
        assert not session.flush()
        session.begin(new)
        session.changed()
        session.open(old.id).answer(("goal",), "the last word")
        session.changed()
        assert not session.flush()
        assert heard.wait(1) == [session.trouble]
        assert str(small_disk / "home") in session.trouble
        assert [line.name for line in session.drafts()] == ["Asha", "Bela"]
        newest = session.draft

        filler.unlink()
        assert heard.wait(2)[1:] == [""]
        assert session.flush()
        assert same(load(small_disk / "home", old.id), newest)
        assert same(load(small_disk / "home", new.id), new)
    assert newest.answers["goal"] == "the last word"
    assert newest.answers["script"] == "what was typed " * 8000
    assert is_sound(small_disk / "home")


@pytest.mark.usefixtures("quick_retries")
def test_a_session_on_a_full_disk_works_in_memory(small_disk: Path) -> None:
    filler = fill(small_disk)
    with working(small_disk / "home") as session:
        heard, draft = listening(session), session.begin(typed("Asha"))
        assert session.trouble
        session.changed()
        assert not session.flush()
        filler.unlink()
        assert heard.wait(1) == [""]
        assert session.flush()
    assert same(load(small_disk / "home", draft.id), draft)


@pytest.mark.usefixtures("quick_retries")
def test_a_damaged_file_on_a_full_disk_waits_for_room(small_disk: Path) -> None:
    home = small_disk / "home"
    with working(home) as session:
        drafts = [keep(session, typed(f"Asha {n}", "word " * 2000)) for n in range(9)]
        copy_now(session, home)
    overwrite(home / FILE_NAME, 0, bytes(PAGE))
    filler = fill(small_disk)
    with working(home) as session:
        heard, rescued = listening(session), Heard()
        session.on_rescue = rescued
        assert session.trouble
        assert len(session.drafts()) == 9
        session.open(drafts[0].id).answer(("goal",), "x")
        session.changed()
        assert not session.flush()
        filler.unlink()
        assert heard.wait(1) == [""]
        assert "9 drafts" in rescued.wait(1)[0]
        assert session.flush()
    assert load(home, drafts[0].id).answers["goal"] == "x"
    assert same(load(home, drafts[8].id), drafts[8])


LIMITED = """
import resource, sys
from pathlib import Path
from tests.disks import Heard, load, same, typed
from wizard.storage import autosave
from wizard.storage.session import Session
from wizard.storage.store import open_store
autosave._RETRY_SECONDS = 0.02
home = Path(sys.argv[1])
session = Session(home, open_store(home))
session.on_trouble = heard = Heard()
draft = session.begin(typed("Asha"))
session.changed()
assert session.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
draft.answer(("script",), "word " * 50_000)
session.changed()
assert not session.flush()
print(heard.wait(1)[0], flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert heard.wait(2)[1] == ""
assert session.close()
assert same(load(home, draft.id), draft)
print("saved", flush=True)
"""


def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    with Child(LIMITED, tmp_path) as child:
        assert FILE_NAME in child.hear()
        assert child.hear() == "saved"


# --- a folder that cannot be written

READ_ONLY = """
import os, sys
import tempfile  # another user may not be able to read the standard library
from pathlib import Path
from tests.disks import Heard, load, same, typed
from wizard.storage import autosave
from wizard.storage.session import Session
from wizard.storage.store import open_store
autosave._RETRY_SECONDS = 0.02
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
home = Path(sys.argv[1])
before = typed("Before", "a", "b")
session = Session(home, open_store(home))
session.begin(before)
session.changed()
assert session.close()
home.chmod(0o500)
for path in home.rglob("*"):
    path.chmod(0o400 if path.is_file() else 0o500)
opened = open_store(home)
print(opened.trouble, flush=True)
session = Session(home, opened)
session.on_trouble = heard = Heard()
assert session.trouble == opened.trouble
assert [line.name for line in session.drafts()] == ["Before"]
assert same(session.open(before.id), before)
session.draft.answer(("goal",), "goal")
session.changed()
draft = session.begin(typed("Asha", "a"))
session.changed()
assert not session.flush()
session.store.put_sandbox_assistant({"_id": "1"}, b"")
session.store.remember("theme", "dark")
assert session.trouble
assert heard.messages == []
home.chmod(0o700)
for path in home.rglob("*"):
    path.chmod(0o600 if path.is_file() else 0o700)
assert heard.wait(1) == [""]
assert session.flush()
assert session.store.sandbox_assistants() == [{"_id": "1"}]
assert session.setting("theme") == "dark"
draft.answer(("goal",), "more")
session.changed()
assert session.close()
assert same(load(home, draft.id), draft)
assert load(home, before.id).answers["goal"] == "goal"
print("saved", flush=True)
"""


@pytest.fixture
def unprivileged_home() -> Iterator[Path]:
    """A folder of a user without privileges, who cannot write to a read-only folder."""
    folder = Path(tempfile.mkdtemp(prefix="wizard-home-"))
    if is_root():
        os.chown(folder, 65534, 65534)
    yield folder
    shutil.rmtree(folder)


def test_a_session_in_a_read_only_folder_works_in_memory(unprivileged_home: Path) -> None:
    with Child(READ_ONLY, unprivileged_home) as child:
        assert child.hear() == (
            f"{unprivileged_home / FILE_NAME} cannot be used: the file or its folder is read-only."
        )
        assert child.hear() == "saved"


@pytest.mark.usefixtures("quick_retries")
def test_data_in_memory_is_moved_to_a_new_file(tmp_path: Path) -> None:
    """Receipts too, by whomever they are still held."""
    home = tmp_path / "home"
    home.write_text("in the way")
    with working(home) as session:
        heard, receipts = listening(session), session.receipts
        assert session.store.database.path is None, "nothing is saved yet"
        moment, key_end = datetime(2026, 3, 1, tzinfo=UTC), receipts.hash_key(SecretStr("k" * 20))
        begun = [
            receipts.begin(Receipt(f"r{n}", "d", "t", "Asha", "Co", moment, "hash", "{}", key_end))
            for n in range(2)
        ]
        session.begin(typed("Asha"))
        session.changed()
        home.unlink()
        assert heard.wait(1) == [""]
        assert session.store.database.path is not None
        receipts.pass_over([begun[1].id])
    opened = open_store(home)
    with closing(opened.store), working(home) as session:
        assert [receipt.id for receipt in session.receipts.all()] == ["r1", "r0"]
        assert not session.receipts.get("r0").key_end, "made with the salt of another file"
        assert session.receipts.get("r1").settled


# --- a locked file

LOCK = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
file.execute("ROLLBACK")
file.close()
print("free", flush=True)
"""


@pytest.mark.usefixtures("quick_retries")
def test_a_locked_file_is_reported_and_retried(tmp_path: Path) -> None:
    with working(tmp_path) as session:
        heard, draft = listening(session), keep(session, typed("Asha", "a"))
        with Child(LOCK, tmp_path / FILE_NAME) as other:
            assert other.hear() == "locked"
            for count in range(5):
                draft.answer(("goal",), str(count))
                session.changed()
                assert not session.flush()
            assert heard.wait(1) == [
                f"{tmp_path / FILE_NAME} cannot be used: another program is writing to it."
            ]
            assert [line.id for line in session.drafts()] == [draft.id]
            other.say()
            assert other.hear() == "free"
        assert heard.wait(2)[1:] == [""]
        assert session.flush()
        assert same(load(tmp_path, draft.id), draft)


@pytest.mark.usefixtures("quick_retries")
def test_a_file_locked_at_the_start_can_be_read(tmp_path: Path) -> None:
    with working(tmp_path) as session:
        draft = keep(session, typed("Asha", "a"))
    with Child(LOCK, tmp_path / FILE_NAME) as other:
        assert other.hear() == "locked"
        with working(tmp_path) as session:
            assert same(session.open(draft.id), draft)
            session.draft.answer(("goal",), "x")
            session.changed()
            assert not session.flush()
            other.say()
            assert other.hear() == "free"
            assert session.flush() or session.flush()
    assert load(tmp_path, draft.id).answers["goal"] == "x"


def test_a_draft_that_could_not_be_saved_stays_locked_and_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.02)
    with working(tmp_path) as session:
        draft = keep(session, typed("Asha"))
        with Child(LOCK, tmp_path / FILE_NAME) as other:
            assert other.hear() == "locked"
            draft.answer(("goal",), "x")
            session.changed()
            session.begin()
            assert acquire_named(tmp_path, f"draft-{draft.id}") is None
            other.say()
            assert other.hear() == "free"
        session.delete(draft.id)
        assert session.flush()
        assert session.drafts() == []


# --- damage that is found later


@pytest.mark.parametrize("how", ["drafts", "open", "open_copy", "setting", "changed"])
def test_later_damage_is_rescued_once_and_reported(tmp_path: Path, how: str) -> None:
    with working(tmp_path) as session:
        heard, rescued = listening(session), Heard()
        session.on_rescue = rescued
        session.store.remember("theme", "dark")
        drafts = [keep(session, typed(f"Asha {n}", *map(str, range(20)))) for n in range(9)]
        copy_now(session, tmp_path)
        damaged(session, tmp_path)
        if how == "drafts":
            assert len(session.drafts()) == 9
        elif how == "open":
            assert same(session.open(drafts[0].id), drafts[0])
        elif how == "open_copy":
            assert session.open_copy(drafts[0].id).answers == drafts[0].answers
        elif how == "setting":
            assert session.setting("theme") == "dark"
        session.draft.answer(("goal",), "after it")
        session.changed()
        assert session.flush()
        assert len(session.drafts()) >= 9
        assert session.rescue
        assert rescued.wait(1) == [session.rescue.sentence]
        assert "9 drafts" in session.rescue.sentence
        assert (heard.messages, session.trouble) == ([], "")
        last = session.draft
    assert same(load(tmp_path, last.id), last)
    assert same(load(tmp_path, drafts[3].id), drafts[3])
    assert len(list(tmp_path.glob("wizard.damaged-*.sqlite3"))) == 1


@pytest.mark.usefixtures("quick_retries")
def test_damage_is_trouble_until_it_can_be_rescued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working(tmp_path) as session:
        heard, drafts = listening(session), [keep(session, typed(f"A{n}", "a")) for n in range(5)]
        copy_now(session, tmp_path)

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr(database, "_move_damaged", refuse)
            damaged(session, tmp_path)
            assert {line.id for line in session.drafts()} == {draft.id for draft in drafts}
            assert "No space left on device" in heard.wait(1)[0]
            session.draft.answer(("goal",), "in memory")
            session.changed()
            assert not session.flush()
        assert heard.wait(2)[1:] == [""]
        assert session.flush()
        assert session.rescue
    assert load(tmp_path, drafts[4].id).answers["goal"] == "in memory"
    assert same(load(tmp_path, drafts[0].id), drafts[0])


@pytest.mark.parametrize("how", ["drafts", "changed"])
def test_the_current_draft_is_saved_whole_if_the_copy_has_an_older_state(
    tmp_path: Path, how: str
) -> None:
    """Edits of the copy that were undone since must not be mixed with the newer ones."""
    with working(tmp_path) as session:
        draft = keep(session, typed("Asha", *map(str, range(6))))
        copy_now(session, tmp_path)
        for word in "xyz":
            draft.undo()
            draft.undo()
            draft.answer(("goal",), word)
            draft.answer(("end_call_prompt",), word)
        session.changed()
        assert session.flush()
        damaged(session, tmp_path)
        if how == "drafts":
            session.drafts()
        else:
            draft.answer(("goal",), "after it")
            session.changed()
        assert session.flush()
        assert session.rescue
    assert same(load(tmp_path, draft.id), draft)


@pytest.mark.parametrize("change", [False, True])
def test_an_opened_draft_is_saved_whole_too(tmp_path: Path, *, change: bool) -> None:
    with working(tmp_path) as session:
        draft = keep(session, typed("Asha", *"abc"))
        wait_for((tmp_path / COPY_NAME).exists)
        draft.undo()
        draft.answer(("goal",), "newer than the copy")
        session.changed()
    with working(tmp_path) as session:
        draft = session.open(draft.id)
        damaged(session, tmp_path)
        session.drafts()
        if change:
            draft.undo()
            session.changed()
        assert session.flush()
        assert session.rescue
    assert same(load(tmp_path, draft.id), draft)


def test_the_file_is_copied_after_the_first_save(session: Session, tmp_path: Path) -> None:
    copy = tmp_path / "home" / COPY_NAME
    assert session.drafts() == []
    assert not copy.exists()
    keep(session, typed("Asha"))
    wait_for(copy.exists)
    before = copy.stat().st_mtime_ns
    keep(session, typed("Bela"))
    session.close()
    assert copy.stat().st_mtime_ns == before


def test_damage_that_the_copy_finds_is_rescued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working(tmp_path) as session:
        heard, rescued = listening(session), Heard()
        session.on_rescue = rescued
        draft = keep(session, typed("Asha"))
        wait_for((tmp_path / COPY_NAME).exists)

        def find_damage(_: object) -> None:
            damaged(session, tmp_path)
            raise Damaged("found")

        monkeypatch.setattr(database.Database, "refresh_copy", find_damage)
        session._autosave._next_copy = 0.0
        draft.answer(("goal",), "x")
        session.changed()
        assert rescued.wait(1)
        wait_for(session.flush)
        assert heard.messages == []
    assert same(load(tmp_path, draft.id), draft)


def test_one_damaged_draft_is_an_error_and_the_file_stays(session: Session, tmp_path: Path) -> None:
    """The file is sound and one row is damaged, so another file would not help."""
    draft = keep(session, typed("Asha"))
    session.begin()
    with session.store.database.transaction():
        session.store.database.run("UPDATE drafts SET answers = x'7b7d'")
    for go_on in (session.open, session.open_copy):
        with pytest.raises(Damaged, match=draft.id):
            go_on(draft.id)
    assert session.rescue is None
    assert keep(session, typed("Bela"))


@pytest.mark.usefixtures("quick_retries")
def test_a_failed_list_of_drafts_is_reported_from_the_thread(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[tuple[str, str]] = []
    session.on_trouble = lambda message: names.append((message, threading.current_thread().name))
    keep(session, typed("Asha"))

    def refuse(*_: object) -> None:
        raise StoreTrouble("it cannot be read.")

    with monkeypatch.context() as refusing:
        refusing.setattr(Store, "drafts", refuse)
        assert session.drafts() == []
        wait_for(lambda: names)
    wait_for(lambda: len(names) == 2)
    assert names == [("it cannot be read.", "saver"), ("", "saver")]


@pytest.mark.usefixtures("quick_retries")
def test_a_folder_that_is_deleted_is_made_again(session: Session, tmp_path: Path) -> None:
    draft = keep(session, typed("Asha", "a"))
    wait_for((tmp_path / "home" / COPY_NAME).exists)  # written in the background
    shutil.rmtree(tmp_path / "home")
    draft.answer(("goal",), "x")
    session.changed()
    wait_for(session.flush)
    assert same(load(tmp_path / "home", draft.id), draft)


# --- the plug

LOOP = """
import random, sys
from pathlib import Path
from wizard.storage.session import Session
from wizard.storage.store import open_store
home, seed = Path(sys.argv[1]), int(sys.argv[2])
opened = open_store(home)
assert not opened.trouble and not opened.rescue
session, rng = Session(home, opened), random.Random(seed)
lines = session.drafts()
if lines and seed % 2:
    session.open(lines[-1].id)
count = session.draft.answers.get("count", 0)
for count in range(count + 1, 100_000):
    for _ in range(rng.randrange(4)):
        session.draft.undo()
    session.draft.answer(("count",), count)
    session.draft.answer(("script",), f"{count} " * rng.choice([1, 30, 3000]))
    session.changed()
    if not rng.randrange(3):
        assert session.flush()
        print(session.draft.id, count, flush=True)
    if not rng.randrange(20):
        session.begin()
"""


def test_saved_edits_survive_every_kill(tmp_path: Path) -> None:
    rng = random.Random(11)
    reported: dict[str, int] = {}
    for seed in range(KILLS):
        with Child(LOOP, tmp_path, seed) as child:
            lines = [child.hear()]
            timer = threading.Timer(
                rng.uniform(0, 0.2), child.process.send_signal, [signal.SIGKILL]
            )
            timer.start()
            assert child.process.stdout
            lines += child.process.stdout.read().splitlines(keepends=True)
            timer.join()
        for line in lines:
            if line.strip() and (line is lines[0] or line.endswith("\n")):
                draft_id, said = line.split()
                reported[draft_id] = int(said)
        assert lines[0]
        assert is_sound(tmp_path)
        opened = open_store(tmp_path)
        with closing(opened.store):
            assert (opened.trouble, opened.rescue) == ("", None)
            for draft_id, count in reported.items():
                draft = opened.store.load(draft_id)
                saved = draft.answers["count"]
                assert saved >= count
                assert draft.answers["script"].startswith(f"{saved} ")
                reported[draft_id] = saved
                while draft.undo():
                    pass
                assert draft.answers == {}
    assert len(reported) > KILLS / 2


def test_lists_use_the_clock_of_the_store(session: Session) -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    session.store.clock = lambda: moment
    keep(session, typed("Asha"))
    moment += timedelta(days=1)
    session.draft.answer(("goal",), "x")
    session.changed()
    (line,) = session.drafts()
    assert (line.created, line.updated) == (moment - timedelta(days=1), moment)
