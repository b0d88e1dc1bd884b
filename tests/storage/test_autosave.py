"""Autosave: in its own thread, only changed edits, and repeated until it works."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.disks import Heard, load, overwrite, same, typed, wait_for
from wizard.draft.draft import Draft
from wizard.errors import Damaged, StoreTrouble
from wizard.storage import autosave as autosave_module
from wizard.storage.autosave import Autosave
from wizard.storage.database import Database
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import Snapshot, Store

FULL = "the disk is full."


class Unsteady(Store):
    """A store that fails a given number of times, and notes each snapshot."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.failures = 0
        self.tried: list[Snapshot] = []
        self.hold = threading.Event()
        self.hold.set()

    def save(self, taken: Snapshot) -> None:
        assert self.hold.wait(30)
        self.tried.append(taken)
        if self.failures:
            self.failures -= 1
            raise StoreTrouble(FULL)
        super().save(taken)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Unsteady]:
    opened = Unsteady(Database.open(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def autosave(store: Unsteady, heard: Heard) -> Iterator[Autosave]:
    made = Autosave(store, heard)
    yield made
    made.close()


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed writes are retried soon."""
    monkeypatch.setattr(autosave_module, "_RETRY_SECONDS", 0.02)


def kept(store: Store, draft: Draft) -> bool:
    """Whether a draft is on the disk as it is in memory."""
    return same(Store(store.database).load(draft.id), draft)


# --- off the calling thread


def test_nothing_is_written_by_the_thread_that_types(autosave: Autosave, store: Unsteady) -> None:
    ran: list[tuple[str, str]] = []
    store.database._connection.set_trace_callback(
        lambda sql: ran.append((sql[:12], threading.current_thread().name))
    )
    draft = typed("Asha", "x" * 1_000_000)
    for count in range(20):
        draft.answer(("goal",), f"goal {count}")
        autosave.save(draft)
    assert autosave.flush()
    store.database._connection.set_trace_callback(None)
    assert {name for _, name in ran} == {"saver"}
    assert ("COMMIT", "saver") in ran
    assert kept(store, draft)


def test_typing_does_not_wait_while_the_disk_does(autosave: Autosave, store: Unsteady) -> None:
    draft = typed("Asha")
    store.hold.clear()
    autosave.save(draft)
    wait_for(lambda: autosave._writing)
    for count in range(50):
        draft.answer(("goal",), str(count))
        autosave.save(draft)  # would never return
    assert not autosave.flush(seconds=0.01)
    assert autosave.unsaved()[draft.id].answers == {"name": "Asha", "goal": "49"}
    store.hold.set()
    assert autosave.flush()
    assert autosave.unsaved() == {}
    assert kept(store, draft)


def test_a_draft_is_saved_without_a_flush(autosave: Autosave, store: Unsteady) -> None:
    draft = typed("Asha")
    autosave.save(draft)
    wait_for(lambda: not autosave.unsaved())
    assert kept(store, draft)


def test_a_series_of_edits_is_written_once(autosave: Autosave, store: Unsteady) -> None:
    draft = typed("Asha")
    store.hold.clear()
    autosave.save(draft)
    wait_for(lambda: autosave._writing)
    for count in range(50):
        draft.answer(("goal",), str(count))
        autosave.save(draft)
    store.hold.set()
    assert autosave.flush()
    assert len(store.tried) == 2


def test_the_first_change_after_a_pause_is_written_at_once(
    autosave: Autosave, store: Unsteady, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosave_module, "_GATHER_SECONDS", 3600.0)
    draft = typed("Asha")
    autosave.save(draft)
    wait_for(lambda: not autosave.unsaved())
    for word in ("a", "b"):
        draft.answer(("goal",), word)
        autosave.save(draft)
    assert autosave.unsaved()
    assert autosave.flush()
    assert len(store.tried) == 2
    assert kept(store, draft)


# --- only changed edits


def starts(store: Unsteady) -> list[int]:
    return [taken.start for taken in store.tried]


def test_only_edits_that_changed_are_written(autosave: Autosave, store: Unsteady) -> None:
    draft = typed("Asha", "a", "b")
    for word in "xyz":
        autosave.save(draft)
        assert autosave.flush()
        draft.answer(("goal",), {"word": word})
    autosave.save(draft)
    assert autosave.flush()
    assert starts(store) == [0, 3, 4, 5]
    assert kept(store, draft)


def test_an_undo_that_cuts_the_history_writes_from_the_cut(
    autosave: Autosave, store: Unsteady
) -> None:
    draft = typed("Asha", *"abcde")
    autosave.save(draft)
    assert autosave.flush()
    for _ in range(3):
        draft.undo()
    autosave.save(draft)
    draft.answer(("goal",), "x")
    autosave.save(draft)
    draft.answer(("end_call_prompt",), "y")
    autosave.save(draft)  # all three in one write
    assert autosave.flush()
    assert starts(store)[-1] == 3
    assert kept(store, draft)


def test_a_failed_write_is_included_in_the_next(
    autosave: Autosave, store: Unsteady, heard: Heard
) -> None:
    draft, other = typed("Asha", *"ab"), typed("Bela", *"cd")
    for one in (draft, other):
        autosave.save(one)
    assert autosave.flush()
    store.failures = 2
    draft.undo()
    draft.answer(("goal",), "x")
    autosave.save(draft)
    assert not autosave.flush()
    other.answer(("goal",), "y")
    autosave.save(other)
    draft.answer(("end_call_prompt",), "z")
    autosave.save(draft)
    assert not autosave.flush()
    assert set(autosave.unsaved()) == {draft.id, other.id}
    assert autosave.flush()
    assert kept(store, draft)
    assert kept(store, other)


def test_changes_during_a_failed_write_are_written_next(
    autosave: Autosave, store: Unsteady
) -> None:
    """The file still has the edit that was undone, at the place of the one that failed."""
    draft = typed("Asha", *"ab")
    autosave.save(draft)
    assert autosave.flush()
    store.hold.clear()
    store.failures = 1
    draft.undo()
    draft.answer(("goal",), "x")
    autosave.save(draft)
    wait_for(lambda: autosave._writing)
    draft.answer(("end_call_prompt",), "y")
    autosave.save(draft)
    store.hold.set()
    assert autosave.flush()
    assert starts(store) == [0, 2, 2]
    assert kept(store, draft)


DOINGS = st.sampled_from(["type", "undo", "redo", "save", "fail", "flush", "other"])


@given(doings=st.lists(DOINGS, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_newest_state_is_always_written(doings: list[str]) -> None:
    store = Unsteady(Database.in_memory())
    autosave = Autosave(store, lambda _: None)
    here, there = typed("Asha"), typed("Bela")
    for count, doing in enumerate(doings):
        if doing == "type":
            here.answer(("goal",), [count])
        elif doing in ("undo", "redo"):
            getattr(here, doing)()
        elif doing == "save":
            autosave.save(here)
        elif doing == "fail":
            store.failures = 1
        elif doing == "flush":
            autosave.flush()
        else:
            autosave.save(here)
            here, there = there, here
    store.failures = 0
    for draft in (here, there):
        autosave.save(draft)
    assert autosave.flush()
    assert kept(store, here)
    assert kept(store, there)
    assert autosave.close()
    store.close()


# --- trouble


@pytest.mark.usefixtures("quick_retries")
def test_trouble_and_its_end_are_reported_once(
    autosave: Autosave, store: Unsteady, heard: Heard
) -> None:
    draft = typed("Asha")
    store.failures = 4
    autosave.save(draft)
    assert heard.wait(2) == [FULL, ""]
    assert autosave.flush()
    assert len(store.tried) == 5
    assert autosave.trouble == ""
    assert kept(store, draft)


def test_a_failed_write_is_tried_again_after_a_pause(
    autosave: Autosave, store: Unsteady, heard: Heard
) -> None:
    store.failures = 1
    autosave.save(typed("Asha"))
    heard.wait(1)
    failed = time.monotonic()
    heard.wait(2)
    assert 1 < time.monotonic() - failed < 6
    assert len(store.tried) == 2


def test_flush_returns_false_as_soon_as_a_write_fails(
    autosave: Autosave, store: Unsteady, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosave_module, "_RETRY_SECONDS", 1000)
    store.failures = 3  # the first one may be under way before `flush`
    autosave.save(typed("Asha"))
    assert not autosave.flush(seconds=1000)
    assert autosave.trouble == FULL
    while not autosave.flush(seconds=1000):
        assert autosave.trouble == FULL
    assert autosave.trouble == ""


def test_the_end_of_trouble_is_known_when_flush_returns(
    autosave: Autosave, store: Unsteady
) -> None:
    for _ in range(20):
        store.failures = 1
        autosave.save(typed("Asha"))
        while not autosave.flush():
            assert autosave.trouble
        assert not autosave.trouble


@pytest.mark.usefixtures("quick_retries")
def test_a_draft_that_cannot_be_saved_does_not_delay_others(
    autosave: Autosave, store: Unsteady, heard: Heard
) -> None:
    """A bug of the program: a value in the draft is no JSON."""
    bad, good = typed("Asha"), typed("Bela")
    bad.answer(("goal",), {1, 2})
    autosave.save(bad)
    autosave.save(good)
    assert not autosave.flush()
    assert kept(store, good)
    assert heard.wait(1) == ["The draft Asha cannot be saved (TypeError)."]
    bad.undo()
    bad.answer(("goal",), [1, 2])
    autosave.save(bad)
    assert heard.wait(2)[-1] == ""
    assert kept(store, bad)


@pytest.mark.usefixtures("quick_retries")
def test_a_failing_listener_does_not_stop_saving(store: Unsteady) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("the app is gone")

    autosave, draft = Autosave(store, fail), typed("Asha")
    store.failures = 2
    autosave.save(draft)
    wait_for(lambda: not autosave.unsaved())
    assert kept(store, draft)
    assert autosave.close()


def test_a_listener_that_waits_does_not_keep_flush_from_returning(store: Unsteady) -> None:
    """The app's listener waits for the app, and the app may be waiting for flush."""
    go_on = threading.Event()

    def wait(_: str) -> None:
        go_on.wait(30)

    autosave = Autosave(store, wait)
    store.failures = 2  # the first does not count if it was already running
    autosave.save(typed("Asha"))
    assert not autosave.flush(seconds=1000)
    store.failures = 0
    go_on.set()
    assert autosave.close()


def test_calls_run_in_the_thread(autosave: Autosave) -> None:
    names: list[str] = []
    autosave.call(lambda: names.append(threading.current_thread().name))
    wait_for(lambda: names)
    assert names == ["saver"]


@pytest.mark.usefixtures("quick_retries")
def test_reported_trouble_ends_when_reading_works(autosave: Autosave, heard: Heard) -> None:
    autosave.report("it cannot be read.")
    assert heard.wait(2) == ["it cannot be read.", ""]


@pytest.mark.usefixtures("quick_retries")
def test_trouble_lasts_until_there_is_a_file(tmp_path: Path, heard: Heard) -> None:
    """A database in memory takes everything, and keeps nothing."""
    store, attempts = Store(Database.in_memory()), []

    def reopen() -> None:
        attempts.append(1)
        if len(attempts) < 4:
            raise StoreTrouble("it is read-only.")
        store.database.reopen(tmp_path)

    autosave, draft, other = (
        Autosave(store, heard, reopen, trouble="before"),
        typed("Asha"),
        typed("B"),
    )
    assert autosave.flush()
    autosave.save(draft)
    autosave.save(other)
    assert not autosave.flush()
    assert autosave.trouble == "it is read-only."
    assert heard.wait(1) == [""]
    assert autosave.close()
    store.close()
    assert same(load(tmp_path, draft.id), draft)
    assert same(load(tmp_path, other.id), other)


@pytest.mark.usefixtures("quick_retries")
def test_a_damaged_file_is_replaced_and_saving_continues(tmp_path: Path, heard: Heard) -> None:
    store = Store(Database.open(tmp_path))
    rescued: list[object] = []
    autosave = Autosave(store, heard, lambda: rescued.append(store.database.reopen(tmp_path)))
    drafts = [typed(f"Asha {n}", *map(str, range(9))) for n in range(20)]
    for draft in drafts:
        autosave.save(draft)
    assert autosave.flush()
    store.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (tmp_path / FILE_NAME).stat().st_size
    overwrite(tmp_path / FILE_NAME, 0, b"\0" * 4096)
    overwrite(tmp_path / FILE_NAME, size // 2, b"\xff" * 4096)
    store.database.rows("PRAGMA shrink_memory")  # SQLite's cache is not damaged
    for draft in drafts:
        draft.answer(("goal",), "after it")
        autosave.save(draft)
    assert autosave.flush()
    assert heard.messages == []
    assert len(rescued) == 1
    autosave.close()
    store.close()
    assert all(same(load(tmp_path, draft.id), draft) for draft in drafts)


def test_damage_that_cannot_be_repaired_is_reported(store: Unsteady, heard: Heard) -> None:
    class Broken(Store):
        def save(self, taken: Snapshot) -> None:
            raise Damaged(taken.name)

    autosave = Autosave(Broken(store.database), heard)
    autosave.save(typed("Asha"))
    assert not autosave.flush()
    assert heard.wait(1) == ["Asha"]
    autosave.close()


def test_a_file_that_was_moved_is_reopened_before_saving(tmp_path: Path) -> None:
    """Another wizard set the file aside, so a write to it would be lost."""
    store = Store(Database.open(tmp_path))

    def reopen() -> None:
        store.database.reopen(tmp_path)

    autosave, draft = Autosave(store, lambda _: None, reopen), typed("A")
    autosave.save(draft)
    assert autosave.flush()
    (tmp_path / FILE_NAME).rename(tmp_path / "aside")
    draft.answer(("goal",), "after it")
    autosave.save(draft)
    assert autosave.flush()
    assert same(load(tmp_path, draft.id), draft)
    autosave.close()
    store.close()
    assert same(load(tmp_path, draft.id), draft)


# --- the end


def test_closing_writes_the_pending_changes(store: Unsteady) -> None:
    autosave, draft = Autosave(store, lambda _: None), typed("Asha")
    autosave.save(draft)
    assert autosave.close()
    assert autosave._thread
    assert not autosave._thread.is_alive()
    assert kept(store, draft)
    assert autosave.close()


def test_edits_during_closing_are_written(
    autosave: Autosave, store: Unsteady, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is slow, and close does not wait for ever."""
    drafts = [typed("Asha"), typed("Bela")]
    store.hold.clear()
    autosave.save(drafts[0])
    wait_for(lambda: autosave._writing)
    autosave.save(drafts[1])
    with monkeypatch.context() as patient:
        patient.setattr(autosave, "flush", store.hold.set)
        autosave.close()
    assert all(kept(store, draft) for draft in drafts)


def test_closing_reports_unsaved_drafts(store: Unsteady, heard: Heard) -> None:
    autosave, draft = Autosave(store, heard), typed("Asha")
    store.failures = 100
    autosave.save(draft)
    assert not autosave.close()
    assert autosave._thread
    assert not autosave._thread.is_alive()
    assert draft.id in autosave.unsaved()
    assert not autosave.close()


def test_a_draft_saved_after_closing_stays_unsaved(store: Unsteady) -> None:
    autosave, draft = Autosave(store, lambda _: None), typed("Asha")
    assert autosave.flush()
    assert autosave.close()
    autosave.save(draft)
    assert not autosave.flush()
    assert not autosave.close()
    assert draft.id in autosave.unsaved()


def test_pending_drafts_are_written_to_the_new_file(autosave: Autosave, store: Unsteady) -> None:
    first, second = typed("Asha"), typed("Mia")
    store.hold.clear()
    autosave.save(first)
    wait_for(lambda: autosave._writing)
    autosave.save(second)
    autosave.rewrite()
    store.hold.set()
    assert autosave.flush()
    assert kept(store, first)
    assert kept(store, second)
