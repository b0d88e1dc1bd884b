"""The SQLite file: private, durable, migrated, copied, and rescued if it is damaged."""

import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.disks import (
    ROOT,
    Child,
    changes,
    is_sound,
    load,
    noise,
    overwrite,
    pulled,
    quick_folder,
    same,
    typed,
    whole,
    working,
)
from wizard.draft.draft import Draft
from wizard.errors import Damaged, NewerFile, StoreTrouble
from wizard.storage import database, migrations, sqlite_file
from wizard.storage.database import COPY_NAME, Database, rescue
from wizard.storage.migrations import MIGRATIONS
from wizard.storage.sqlite_file import FILE_NAME, store_trouble
from wizard.storage.store import Opened, Store, open_store, snapshot

SEEDS = range(40)
PAGE = 4096
NEXT = "ALTER TABLE drafts ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def content(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir() if "-shm" not in path.name}


def fill(store: Store, count: int, words: int = 12) -> dict[str, Draft]:
    """Save drafts of different lengths, the longest of 60 KB."""
    drafts = [
        typed(f"Asha {n}", *("नमस्ते " * (1 + n % 7 * 20) + str(word) for word in range(words)))
        for n in range(count)
    ]
    for draft in drafts:
        draft.undo()
        store.save(snapshot(draft, 0))
    return {draft.id: draft for draft in drafts}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Draft]]:
    """A folder with thirty drafts and a copy of them, closed in order."""
    home = tmp_path_factory.mktemp("kept") / "home"
    opened = open_store(home)
    drafts = fill(opened.store, 30)
    opened.store.put_sandbox_assistant({"_id": "1"}, b"{}")
    opened.store.remember("theme", "dark")
    opened.store.database.refresh_copy()
    opened.store.close()
    return home, drafts


@pytest.fixture(scope="module")
def in_the_log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Draft]]]:
    """A folder of which the last states are in the log alone; each draft at each of its states."""
    folder = tmp_path_factory.mktemp("log")
    opened = open_store(folder / "home")
    states: dict[str, list[Draft]] = {}
    drafts = fill(opened.store, 12, words=4)
    for draft_id in drafts:
        states[draft_id] = [opened.store.load(draft_id)]
    for count in range(2):
        for draft in drafts.values():
            draft.answer(("goal",), f"goal {count}")
            opened.store.save(snapshot(draft, 0))
            states[draft.id].append(opened.store.load(draft.id))
    home = pulled(folder / "home", folder / "pulled")
    opened.store.close()
    return home, states


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder for tests that do not check the durability of the disk."""
    with quick_folder() as made:
        yield made


def copied(home: Path, to: Path) -> Path:
    shutil.copytree(home, to)
    return to


def is_part(part: Draft, draft: Draft) -> bool:
    """Whether a draft is as it was saved, except for edits at either end with a wrong checksum."""
    first = draft.history.done - part.history.done
    edits = changes(part.history.edits)
    saved = changes(draft.history.edits)[max(0, first) : first + len(edits)]
    return first >= 0 and edits == saved and whole(part)[:-2] == whole(draft)[:-2]


def good_drafts(opened: Opened, states: dict[str, list[Draft]]) -> int:
    """Count the drafts, each of which must equal one of its saved states or be reported."""
    good = 0
    for line in opened.store.drafts():
        try:
            draft = opened.store.load(line.id)
        except Damaged:
            continue
        assert any(is_part(draft, state) for state in states[line.id])
        good += 1
    return good


# --- private and durable


def test_folder_and_files_are_private(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    before = os.umask(0)
    try:
        with working(home) as session:
            session.begin(typed("Asha"))
            session.changed()
            assert session.flush()
            modes = {path.name: mode(path) for path in home.iterdir() if path.is_file()}
            assert mode(home) == 0o700
            assert mode(home / "locks") == 0o700
    finally:
        os.umask(before)

    assert set(modes) >= {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"}
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    (tmp_path / FILE_NAME).chmod(0o644)
    with closing(Database.open(tmp_path)):
        assert mode(tmp_path / FILE_NAME) == 0o600


def test_every_transaction_is_flushed(tmp_path: Path) -> None:
    with closing(Database.open(tmp_path)) as opened:
        assert opened.rows("PRAGMA journal_mode")[0][0] == "wal"
        assert opened.rows("PRAGMA synchronous")[0][0] == 2


@pytest.mark.skipif(not shutil.which("strace"), reason="watches the system calls")
def test_a_save_is_flushed_before_it_returns(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tests.disks import typed\n"
        "from wizard.storage.store import open_store, snapshot\n"
        "store = open_store(Path(sys.argv[1])).store\n"
        "os.write(1, b'SAVE'); store.save(snapshot(typed('Asha'), 0)); os.write(1, b'SAVED')"
    )
    trace = tmp_path / "trace"
    watched = ("strace", "-f", "-y", "-e", "trace=write,fsync,fdatasync", "-o", trace)
    command = [*watched, sys.executable, "-c", script, tmp_path / "home"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    _, saving = trace.read_text().split('"SAVE"')
    during = saving.split('"SAVED"')[0]
    assert re.search(r"f(data)?sync\(\d+<[^>]*-wal>\)", during), during


@pytest.mark.skipif(not shutil.which("strace"), reason="watches the system calls")
def test_a_file_that_takes_the_place_of_another_is_flushed_before(tmp_path: Path) -> None:
    damaged_file = tmp_path / "home" / FILE_NAME
    damaged_file.parent.mkdir()
    damaged_file.write_bytes(b"no database at all" * 300)
    trace, output = tmp_path / "trace", tmp_path / "backup"
    for arguments in (["drafts"], ["drafts", "backup", str(output)]):
        command = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename", "-o", str(trace)]
        program = [sys.executable, "-m", "wizard", "--home", str(damaged_file.parent), *arguments]
        subprocess.run([*command, *program], cwd=ROOT, check=True, capture_output=True, timeout=60)
        before, after = trace.read_text().rsplit("rename(", 1)
        new = re.match(r'"([^"]+)"', after)
        assert new, after
        assert re.search(rf"f(data)?sync\(\d+<{re.escape(new[1])}(-wal)?>\)", before), before
        assert f"<{Path(new[1]).parent}>)" in after


def test_a_copy_of_the_file_alone_lacks_nothing(tmp_path: Path) -> None:
    draft, copy = typed("Asha", "Hello", "there"), tmp_path / "copy"
    copy.mkdir()
    with working(tmp_path / "home") as session:
        session.begin(draft)
        session.changed()
        assert session.flush()
        shutil.copy(tmp_path / "home" / FILE_NAME, copy)
        assert same(load(copy, draft.id), draft)


def test_deleted_data_is_erased_from_the_file(tmp_path: Path) -> None:
    with closing(Database.open(tmp_path)) as opened:
        with opened.transaction():
            opened.run("INSERT INTO settings VALUES ('a', ?)", "hush " * 5000)
        with opened.transaction():
            opened.run("DELETE FROM settings")
    assert b"hush" not in (tmp_path / FILE_NAME).read_bytes()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    def remember_and_stop(opened: Database) -> None:
        with opened.transaction():
            opened.run("INSERT INTO settings VALUES ('a', 'b')")
            raise KeyboardInterrupt

    with closing(Database.open(tmp_path)) as opened:
        with pytest.raises(KeyboardInterrupt):
            remember_and_stop(opened)
        assert Store(opened).setting("a") is None
        with opened.transaction():
            opened.run("INSERT INTO settings VALUES ('a', 'c')")


@pytest.mark.parametrize("value", ["\ud800", 1 << 70])
def test_a_value_that_sqlite_cannot_store_is_an_error(tmp_path: Path, value: object) -> None:
    with closing(Database.open(tmp_path)) as opened, pytest.raises(StoreTrouble):
        opened.run("INSERT INTO settings VALUES ('a', ?)", value)


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreTrouble, match="home"):
        Database.open(tmp_path / "home")


OPEN = """
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from wizard.storage.store import open_store
import wizard.storage.session
print("ready", flush=True)
sys.stdin.readline()
opened = open_store(Path(sys.argv[1]))
lines = opened.store.drafts()
print(opened.trouble or bool(opened.rescue), len(lines), flush=True)
sys.stdin.readline()
"""


def opened_at_once(home: Path) -> list[str]:
    """What three processes say that open a folder at the same moment."""
    with Child(OPEN, home) as a, Child(OPEN, home) as b, Child(OPEN, home) as c:
        children = [a, b, c]
        assert [child.hear() for child in children] == ["ready"] * 3
        for child in children:
            child.say()
        return [child.hear() for child in children]


def test_processes_that_start_at_once_make_one_file(tmp_path: Path) -> None:
    for count in range(3):
        assert opened_at_once(tmp_path / str(count)) == ["False 0"] * 3
        assert is_sound(tmp_path / str(count))


def test_a_file_that_another_process_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, busy = Database.rows, [1, 2, 3]

    def rows(self: Database, sql: str, *values: object) -> list[sqlite3.Row]:
        if "journal_mode" in sql and busy:
            busy.pop()
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise StoreTrouble("busy") from error
        return read(self, sql, *values)

    monkeypatch.setattr(Database, "rows", rows)
    Database.open(tmp_path).close()
    assert not busy

    busy.append(1)
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", -1)
    with pytest.raises(StoreTrouble, match="busy"):
        Database.open(tmp_path)


# --- versions


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))


def test_an_older_file_is_migrated_and_a_copy_kept(
    kept: tuple[Path, dict[str, Draft]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, drafts = copied(kept[0], tmp_path / "home"), kept[1]
    (home / COPY_NAME).unlink()
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
        with closing(Database.open(home)) as opened:
            assert opened.version() == len(MIGRATIONS) + 1
            assert {row["colour"] for row in opened.rows("SELECT * FROM drafts")} == {"blue"}
            assert all(same(Store(opened).load(d.id), d) for d in drafts.values())
        # Once is enough: the second time nothing is copied.
        (home / COPY_NAME).rename(tmp_path / FILE_NAME)
        Database.open(home).close()
        assert not (home / COPY_NAME).exists()
    assert {path.name for path in home.iterdir()} <= {FILE_NAME, "rescue.lock"}
    assert mode(tmp_path / FILE_NAME) == 0o600
    assert all(same(load(tmp_path, draft.id), draft) for draft in drafts.values())


def test_a_failed_migration_leaves_the_file_unchanged(
    kept: tuple[Path, dict[str, Draft]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(kept[0], tmp_path / "home")
    broken = "ALTER TABLE drafts ADD COLUMN colour TEXT; UPDATE nothing SET a = 1"
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, broken))
        newer.setattr(sqlite_file, "_schema", lambda _: frozenset())
        with pytest.raises(StoreTrouble, match="nothing"):
            Database.open(home)
    assert all(same(load(home, draft.id), draft) for draft in kept[1].values())


def test_the_copy_is_of_the_version_before_though_another_process_was_faster(
    kept: tuple[Path, dict[str, Draft]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(kept[0], tmp_path / "home")
    (home / COPY_NAME).unlink()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
    Database.open(home).close()
    with closing(Database.open(home)) as opened:
        database._migrate(opened)  # as one that read the version before the other was done
    with closing(sqlite3.connect(home / COPY_NAME)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def newer_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_log: bool) -> Path:
    """What a newer program left behind, all of its work still in the log or none."""
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
        opened = open_store(tmp_path / "newer")
        opened.store.save(snapshot(typed("Asha"), 0))
        if in_log:
            home = pulled(tmp_path / "newer", tmp_path / "home")
            opened.store.close()
        else:
            opened.store.close()
            home = copied(tmp_path / "newer", tmp_path / "home")
    return home


@pytest.mark.parametrize("in_log", [False, True])
def test_a_newer_file_is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_log: bool
) -> None:
    home = newer_folder(tmp_path, monkeypatch, in_log=in_log)
    before = content(home)
    assert (f"{FILE_NAME}-wal" in before) == in_log
    for _ in range(2):
        with pytest.raises(NewerFile) as refused:
            open_store(home)
        after = content(home)
        assert after.pop(f"{FILE_NAME}-wal", b"") == before.get(f"{FILE_NAME}-wal", b"")
        assert after == {FILE_NAME: before[FILE_NAME]}
    assert str(refused.value) == (
        f"{home / FILE_NAME} was written by a newer qcall-wizard (file version "
        f"{len(MIGRATIONS) + 1}, this program reads {len(MIGRATIONS)}). It was not changed: use "
        "the newer program, or another folder with --home."
    )


def test_a_newer_file_that_is_damaged_is_left_alone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = newer_folder(tmp_path, monkeypatch, in_log=False)
    overwrite(home / FILE_NAME, 100, bytes(60))
    before = content(home)
    with pytest.raises(NewerFile):
        open_store(home)
    after = content(home)
    assert after[FILE_NAME] == before[FILE_NAME]
    assert not [name for name in after if "damaged" in name]


def test_a_file_that_a_newer_program_takes_over_is_written_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Database.open(tmp_path)) as opened:
        with monkeypatch.context() as newer:
            newer.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
            Database.open(tmp_path).close()
        with pytest.raises(NewerFile):
            Store(opened).remember("theme", "dark")
        assert Store(opened).setting("theme") is None


def test_the_copy_of_an_older_version_is_migrated(
    kept: tuple[Path, dict[str, Draft]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(kept[0], tmp_path / "home")
    overwrite(home / FILE_NAME, 5 * PAGE, bytes(PAGE))
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, NEXT))
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert opened.store.database.version() == len(MIGRATIONS) + 1
        assert good_drafts(opened, {k: [d] for k, d in kept[1].items()}) == 30


# --- the copy


def make_older(copy: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(copy, (then, then))


def test_the_copy_is_private_whole_and_a_day_old_at_most(folder: Path) -> None:
    with closing(Database.open(folder)) as opened:
        store, copy = Store(opened), folder / COPY_NAME
        store.remember("theme", "dark")
        opened.refresh_copy()
        assert mode(copy) == 0o600
        assert {path.name for path in folder.iterdir()} == {
            *(f"{FILE_NAME}{end}" for end in ("", "-wal", "-shm")),
            COPY_NAME,
        }

        for hours, expected in ((23, "dark"), (25, "25"), (-25, "-25")):
            store.remember("theme", str(hours))
            make_older(copy, hours)
            opened.refresh_copy()
            with closing(sqlite3.connect(copy)) as file:
                sql = "SELECT value FROM settings WHERE name = 'theme'"
                assert file.execute(sql).fetchone() == (expected,)


def test_a_database_in_memory_has_no_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with closing(Database.in_memory()) as opened:
        opened.refresh_copy()
    assert list(folder.iterdir()) == []


def test_a_damaged_file_does_not_replace_the_copy(
    kept: tuple[Path, dict[str, Draft]], folder: Path
) -> None:
    home = copied(kept[0], folder / "home")
    before = (home / COPY_NAME).read_bytes()
    make_older(home / COPY_NAME, 25)
    with closing(Database.open(home)) as opened:
        overwrite(home / FILE_NAME, 5 * PAGE, bytes(PAGE))
        with pytest.raises(Damaged):
            opened.refresh_copy()
    assert (home / COPY_NAME).read_bytes() == before
    assert not list(home.glob(".wizard*"))


def test_a_copy_that_cannot_be_written_is_trouble_and_leaves_the_old_one(
    kept: tuple[Path, dict[str, Draft]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(kept[0], folder / "home")
    before = (home / COPY_NAME).read_bytes()
    make_older(home / COPY_NAME, 25)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with closing(Database.open(home)) as opened:
        monkeypatch.setattr(database, "_back_up", refuse)
        with pytest.raises(StoreTrouble, match="No space left on device"):
            opened.refresh_copy()
    assert (home / COPY_NAME).read_bytes() == before
    assert not list(home.glob(".wizard*"))


def test_a_file_that_cannot_be_used_is_read_into_memory_and_not_the_older_copy(
    kept: tuple[Path, dict[str, Draft]], in_the_log: tuple[Path, dict[str, list[Draft]]]
) -> None:
    """An older state of a draft would later replace the newer one in the file."""
    with closing(Database.read_into_memory(in_the_log[0])) as opened:
        for draft_id, states in in_the_log[1].items():
            assert same(Store(opened).load(draft_id), states[-1])
    with closing(Database.read_into_memory(kept[0])) as opened:
        Store(opened).remember("theme", "light")


# --- damage


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_file_is_set_aside_and_the_copy_opened(
    kept: tuple[Path, dict[str, Draft]], folder: Path, seed: int
) -> None:
    home = copied(kept[0], folder / "home")
    noise(random.Random(seed), home / FILE_NAME)
    damaged = (home / FILE_NAME).read_bytes()
    with working(home) as session:
        assert not session.trouble
        good = good_drafts(Opened(session.store), {k: [d] for k, d in kept[1].items()})
        if session.rescue and session.rescue.aside:
            assert session.rescue.aside.read_bytes() == damaged
            assert mode(session.rescue.aside) == 0o600
            assert session.rescue.aside.name in session.rescue.sentence
            assert good == 30
        new = session.begin(typed("After it"))
        session.changed()
        assert session.flush()
    assert is_sound(home)
    assert mode(home / FILE_NAME) == 0o600
    assert same(load(home, new.id), new)
    left = {path.name for path in home.iterdir() if path.is_file()}
    rescued = session.rescue and session.rescue.aside
    aside = {rescued.name, "rescue.lock"} if rescued else set()
    assert left == {FILE_NAME, COPY_NAME} | aside


def test_the_sentence_names_both_files_and_counts_the_rows_of_the_copy(
    kept: tuple[Path, dict[str, Draft]], folder: Path
) -> None:
    home = copied(kept[0], folder / "home")
    moment = datetime(2026, 11, 28, 14, 5).astimezone()
    os.utime(home / COPY_NAME, (moment.timestamp(), moment.timestamp()))
    with closing(sqlite3.connect(home / COPY_NAME)) as file:
        file.execute("UPDATE drafts SET deleted = updated WHERE name = 'Asha 7'")
        file.commit()
    os.utime(home / COPY_NAME, (moment.timestamp(), moment.timestamp()))
    overwrite(home / FILE_NAME, 0, bytes(PAGE))
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert opened.rescue.sentence == (
            f"The file of drafts was damaged. It was set aside as {opened.rescue.aside.name}; the "
            "copy of 28 Nov 14:05 is open: 29 drafts, 0 receipts."
        )
        assert opened.store.sandbox_assistants() == [{"_id": "1"}]
        assert opened.store.setting("theme") == "dark"
        assert [line.name for line in opened.store.drafts()][:2] == ["Asha 29", "Asha 28"]


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def blank(path: Path) -> None:
    overwrite(path, 0, bytes(PAGE))


@pytest.mark.parametrize("damage", [half, blank, Path.unlink])
def test_without_a_usable_copy_the_new_file_is_empty(
    kept: tuple[Path, dict[str, Draft]], folder: Path, damage: Callable[[Path], None]
) -> None:
    home = copied(kept[0], folder / "home")
    half(home / FILE_NAME)
    damage(home / COPY_NAME)
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert opened.rescue.sentence.endswith("no usable copy, so the new file is empty.")
        assert opened.store.drafts() == []
    assert is_sound(home)


@pytest.mark.parametrize(
    "text", [b"xy", b"Dear diary,\n" * 1000, bytes(10_000), b"SQLite format 3"]
)
def test_a_file_that_is_no_database_is_set_aside(folder: Path, text: bytes) -> None:
    (folder / FILE_NAME).write_bytes(text)
    with working(folder) as session:
        assert session.drafts() == []
        assert session.rescue
        assert session.rescue.aside.read_bytes() == text
    assert is_sound(folder)


def test_another_programs_database_is_set_aside(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as file:
        file.execute("CREATE TABLE songs (title TEXT, singer TEXT)")
        file.execute("INSERT INTO songs VALUES ('a', 'b')")
        file.commit()
    opened = open_store(folder)
    with closing(opened.store):
        assert opened.rescue
        assert opened.store.drafts() == []


def test_an_empty_file_is_a_new_one(folder: Path) -> None:
    (folder / FILE_NAME).touch(0o600)
    opened = open_store(folder)
    with closing(opened.store):
        assert (opened.trouble, opened.rescue) == ("", None)


def test_an_emptied_file_is_set_aside_with_its_log(
    in_the_log: tuple[Path, dict[str, list[Draft]]], folder: Path
) -> None:
    home = copied(in_the_log[0], folder / "home")
    os.truncate(home / FILE_NAME, 0)
    log = Path(f"{home / FILE_NAME}-wal").read_bytes()
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert Path(f"{opened.rescue.aside}-wal").read_bytes() == log


def test_a_whole_log_is_read(in_the_log: tuple[Path, dict[str, list[Draft]]], folder: Path) -> None:
    home = copied(in_the_log[0], folder / "home")
    for draft_id, states in in_the_log[1].items():
        assert same(load(home, draft_id), states[-1])


def test_a_log_that_was_cut_off_by_a_crash_is_in_order(
    in_the_log: tuple[Path, dict[str, list[Draft]]], folder: Path
) -> None:
    """The power failed in the middle of a write that was not yet reported as saved."""
    size = Path(f"{in_the_log[0] / FILE_NAME}-wal").stat().st_size
    for seed in range(10):
        home = copied(in_the_log[0], folder / str(seed))
        os.truncate(f"{home / FILE_NAME}-wal", random.Random(seed).randrange(size))
        opened = open_store(home)
        with closing(opened.store):
            assert not opened.rescue
            good_drafts(opened, in_the_log[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_log_leaves_a_saved_version_of_each_draft(
    in_the_log: tuple[Path, dict[str, list[Draft]]], folder: Path, seed: int
) -> None:
    home = copied(in_the_log[0], folder / "home")
    noise(random.Random(seed), Path(f"{home / FILE_NAME}-wal"))
    with working(home) as session:
        assert not session.trouble
        good_drafts(Opened(session.store), in_the_log[1])
        new = session.begin(typed("After it"))
        session.changed()
        assert session.flush()
    assert is_sound(home)
    assert same(load(home, new.id), new)


def test_a_schema_that_is_no_text_is_damage(
    kept: tuple[Path, dict[str, Draft]], folder: Path
) -> None:
    home = copied(kept[0], folder / "home")
    found = (home / FILE_NAME).read_bytes().find(b"CREATE TABLE edits")
    overwrite(home / FILE_NAME, found + 8, b"\xff")
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert len(opened.store.drafts()) == 30


@pytest.mark.parametrize("keeps_log", [False, True])
def test_the_copy_of_a_missing_file_is_opened(
    kept: tuple[Path, dict[str, Draft]], folder: Path, keeps_log: bool
) -> None:
    home = copied(kept[0], folder / "home")
    if keeps_log:
        (home / f"{FILE_NAME}-wal").write_bytes(b"x" * PAGE)
    (home / FILE_NAME).unlink()
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert opened.rescue.sentence.startswith("The file of drafts was missing; the copy of ")
        assert len(opened.store.drafts()) == 30
    assert len(list(home.glob("wizard.damaged-*-wal"))) == keeps_log
    with closing(open_store(home).store) as store:
        assert len(store.drafts()) == 30


def test_the_copy_of_an_emptied_file_is_opened(
    kept: tuple[Path, dict[str, Draft]], folder: Path
) -> None:
    home = copied(kept[0], folder / "home")
    (home / FILE_NAME).write_bytes(b"")
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert opened.rescue.sentence.startswith("The file of drafts was damaged.")
        assert len(opened.store.drafts()) == 30


def test_a_sound_file_is_not_rescued(kept: tuple[Path, dict[str, Draft]], folder: Path) -> None:
    home = copied(kept[0], folder / "home")
    assert rescue(home) is None
    assert rescue(home) is None
    assert all(same(load(home, draft.id), draft) for draft in kept[1].values())


def test_processes_that_find_the_damage_at_once_rescue_once(
    kept: tuple[Path, dict[str, Draft]], folder: Path
) -> None:
    home = copied(kept[0], folder / "home")
    overwrite(home / FILE_NAME, 0, bytes(PAGE))
    assert sorted(opened_at_once(home)) == ["False 30", "False 30", "True 30"]
    assert len(list(home.glob("wizard.damaged-*.sqlite3"))) == 1


def test_a_file_that_cannot_be_rescued_now_is_left_and_read_into_memory(
    kept: tuple[Path, dict[str, Draft]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(kept[0], folder / "home")
    overwrite(home / FILE_NAME, 0, bytes(PAGE))
    damaged = (home / FILE_NAME).read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(database, "_move_damaged", refuse)
        opened = open_store(home)
        with closing(opened.store):
            assert "No space left on device" in opened.trouble
            assert len(opened.store.drafts()) == 30
    assert {path.name for path in home.iterdir()} == {FILE_NAME, COPY_NAME, "rescue.lock"}
    assert (home / FILE_NAME).read_bytes() == damaged


def test_without_hard_links_the_damaged_file_is_renamed(
    kept: tuple[Path, dict[str, Draft]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(kept[0], folder / "home")
    overwrite(home / FILE_NAME, 0, bytes(PAGE))
    damaged = (home / FILE_NAME).read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    opened = open_store(home)
    with closing(opened.store):
        assert opened.rescue
        assert opened.rescue.aside.read_bytes() == damaged
        assert len(opened.store.drafts()) == 30


def test_writing_to_a_moved_file_is_an_error(folder: Path) -> None:
    with closing(Database.open(folder)) as opened:
        (folder / FILE_NAME).rename(folder / "elsewhere")
        with pytest.raises(Damaged, match="moved"):
            Store(opened).remember("theme", "dark")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_nothing_is_left_open(folder: Path, kept: tuple[Path, dict[str, Draft]]) -> None:
    home = copied(kept[0], folder / "home")
    handles = Path("/proc/self/fd")
    if not handles.exists():
        pytest.skip("no /proc")
    before = len(list(handles.iterdir()))
    overwrite(home / FILE_NAME, 0, bytes(PAGE))
    open_store(home).store.close()
    with pytest.raises(StoreTrouble):
        Database.open(home / FILE_NAME)
    assert len(list(handles.iterdir())) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no full file system")
def test_an_error_of_a_full_disk_says_so(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    assert "the disk is full" in str(store_trouble(error, Path("/proc/wizard.sqlite3")))
    assert "the disk reports an error" in str(store_trouble(error, tmp_path / FILE_NAME))
