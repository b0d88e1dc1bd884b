"""The store: drafts with their whole history, side by side."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.disks import quick_folder, same, typed
from wizard.contract.steps import Step
from wizard.draft.draft import Draft, Source
from wizard.errors import Damaged, NoSuch, StoreTrouble
from wizard.formats.paths import MISSING
from wizard.storage.database import Database
from wizard.storage.session import ago
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import Store, draft_of, snapshot

# Whatever JSON can hold, halves of surrogate pairs too.
TEXTS = st.text(st.characters(codec=None), max_size=8) | st.text("a\ud83d\ude00\0 é", max_size=6)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PLACES = st.sampled_from(
    [
        ("name",),
        ("script",),
        ("sentiment", "general_prompt"),
        ("actions", 0, "say"),
        ("actions", 1, "zeplo", "content", "template_text"),
        ("\ud800",),
    ]
)
ANSWERED = st.tuples(
    st.just("answer"), PLACES, JSON | st.just(MISSING) | TEXTS, st.sampled_from(list(Source))
)
MADE = st.one_of(
    ANSWERED,
    st.tuples(st.just("voice"), st.dictionaries(st.just("voice_id"), TEXTS)),
    st.tuples(st.sampled_from(["undo", "redo"])),
    st.tuples(st.just("wait")),
)
DRAFTS = st.tuples(
    st.dictionaries(TEXTS, JSON, max_size=3),
    st.lists(MADE, max_size=12),
    st.sets(st.sampled_from(list(Step))),
    st.sampled_from(list(Step)),
    st.lists(TEXTS | st.integers(0, 9), max_size=3),
)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def wait(self, **time: float) -> None:
        self.moment += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made


@pytest.fixture
def store(folder: Path, clock: Clock) -> Iterator[Store]:
    opened = Store(Database.open(folder), clock)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def any_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(Database.open(tmp_path_factory.mktemp("store")))
    opened.database.rows("PRAGMA synchronous=OFF")
    yield opened
    opened.close()


def make(made: tuple[Any, ...]) -> Draft:
    """A draft with a life behind it."""
    answers, doings, seen, step, focus = made
    draft, now = Draft(answers, seen=set(seen), checked=set(seen), step=step), [0.0]
    draft.history.clock = lambda: now[0]
    draft.focus = tuple(focus)
    for doing in doings:
        match doing:
            case ("answer", path, value, source):
                draft.answer(path, value, source)
            case ("voice", fills):
                draft.choose_voice(fills)
            case ("wait",):
                now[0] += 5
            case (step,):
                getattr(draft, step)()
    return draft


def written(store: Store) -> list[str]:
    """Note every statement that is run from now on."""
    statements: list[str] = []
    store.database._connection.set_trace_callback(statements.append)
    return statements


def count(statements: list[str], beginning: str) -> int:
    return sum(statement.startswith(beginning) for statement in statements)


# --- a draft comes back as it was


@given(made=DRAFTS)
def test_a_loaded_draft_equals_the_saved_one(any_store: Store, made: tuple[Any, ...]) -> None:
    draft = make(made)
    any_store.save(snapshot(draft, draft.history.kept))
    loaded = any_store.load(draft.id)
    assert same(loaded, draft)
    # Undo and redo go on as if it had never been away.
    while draft.undo() is not None:
        assert loaded.undo() is not None
        assert (loaded.answers, loaded.sources) == (draft.answers, draft.sources)
    assert loaded.undo() is None
    while draft.redo() is not None:
        assert loaded.redo() is not None
        assert (loaded.answers, loaded.sources) == (draft.answers, draft.sources)
    assert loaded.redo() is None


@given(made=DRAFTS, more=st.lists(st.lists(MADE, max_size=4), max_size=4))
def test_incremental_saves_equal_a_full_save(
    any_store: Store, made: tuple[Any, ...], more: list[list[tuple[Any, ...]]]
) -> None:
    """Typed, saved, undone, typed otherwise, saved ...: the disk equals the memory."""
    draft = make(made)
    for doings in [[], *more]:
        for doing in doings:
            match doing:
                case ("answer", path, value, source):
                    draft.answer(path, value, source)
                case ("undo",):
                    draft.undo()
                case ("redo",):
                    draft.redo()
        any_store.save(snapshot(draft, draft.history.kept))
        draft.history.kept = len(draft.history.edits)
        assert same(any_store.load(draft.id), draft)


def test_saving_a_loaded_draft_writes_only_new_edits(store: Store) -> None:
    store.save(snapshot(typed("Asha", "a", "b"), 0))
    (line,) = store.drafts()
    draft = store.load(line.id)
    draft.answer(("goal",), "c")
    statements = written(store)
    store.save(snapshot(draft, draft.history.kept))
    assert count(statements, "INSERT INTO edits") == 1
    assert same(store.load(line.id), draft)


def test_a_float_is_the_same_float(store: Store) -> None:
    draft = Draft({"a": [0.1, -0.0, 1e308, 5e-324, 2**80]})
    store.save(snapshot(draft, 0))
    loaded = store.load(draft.id).answers["a"]
    assert loaded == draft.answers["a"]
    assert math.copysign(1, loaded[1]) == -1


def test_text_is_stored_as_utf_8(store: Store) -> None:
    """Thirteen languages: a letter is three bytes and not six."""
    draft = Draft({"script": "क्षमा कीजिए " * 1000})
    store.save(snapshot(draft, 0))
    size = store.database.rows("SELECT length(answers) AS size FROM drafts")[0]["size"]
    assert size < len(draft.answers["script"].encode()) + 50


def test_a_snapshot_does_not_change_with_its_draft() -> None:
    draft = typed("Asha", "a")
    taken = snapshot(draft, 0)
    before = draft_of(taken)
    draft.answer(("name",), "Other")
    draft.undo()
    draft.undo()
    draft.seen.add(Step.SCRIPT)
    assert same(draft_of(taken), before)
    assert before.answers == {"name": "Asha", "script": "a"}


# --- only changes are written


def test_a_key_writes_one_edit(store: Store) -> None:
    draft = typed("Asha", *map(str, range(50)))
    store.save(snapshot(draft, 0))
    draft.history.kept = 51
    draft.answer(("goal",), "x")
    statements = written(store)
    store.save(snapshot(draft, draft.history.kept))
    assert count(statements, "INSERT INTO edits") == 1
    assert same(store.load(draft.id), draft)


def test_edits_missing_from_the_file_are_written(store: Store) -> None:
    """The file is another one than that which has them: it was set aside meanwhile."""
    draft = typed("Asha", *map(str, range(5)))
    store.save(snapshot(draft, 4))
    assert same(store.load(draft.id), draft)


def test_a_save_that_fails_changes_nothing(store: Store) -> None:
    draft = typed("Asha", "a", "b")
    store.save(snapshot(draft, 0))
    taken = snapshot(draft, 0)
    draft.answer(("name",), {1, 2})  # no JSON
    with pytest.raises(TypeError):
        store.save(snapshot(draft, 0))
    assert same(store.load(draft.id), draft_of(taken))


# --- side by side


def test_drafts_are_listed_the_newest_first_with_name_step_and_age(
    store: Store, clock: Clock
) -> None:
    first, second, third = typed("Asha"), typed("  Bela\n Rao "), Draft({"goal": "x"})
    second.step = Step.SCRIPT
    for draft in (first, second, third):
        store.save(snapshot(draft, 0))
        clock.wait(hours=1)
    store.save(snapshot(first, 0))
    clock.wait(minutes=2)

    lines = store.drafts()
    assert [(line.name, line.step) for line in lines] == [
        ("Asha", Step.TYPE),
        ("unnamed", Step.TYPE),
        ("Bela Rao", Step.SCRIPT),
    ]
    changed = [ago(line.updated, clock()) for line in lines]
    assert changed == ["2 minutes ago", "1 hour ago", "2 hours ago"]
    assert lines[0].created == clock() - timedelta(hours=3, minutes=2)


def test_drafts_of_one_moment_are_listed_the_last_first(store: Store) -> None:
    for name in "abc":
        store.save(snapshot(typed(name), 0))
    assert [line.name for line in store.drafts()] == ["c", "b", "a"]


def test_moments_are_compared_across_time_zones(store: Store, clock: Clock) -> None:
    store.save(snapshot(typed("earlier"), 0))
    clock.wait(minutes=1)
    clock.moment = clock.moment.astimezone(timezone(timedelta(hours=-9)))
    store.save(snapshot(typed("later"), 0))
    assert [line.name for line in store.drafts()] == ["later", "earlier"]


@pytest.mark.parametrize("name", [None, 5, "", " \n", ["x"]])
def test_a_draft_without_a_name_is_called_unnamed(store: Store, name: object) -> None:
    store.save(snapshot(Draft({"name": name}), 0))
    assert store.drafts()[0].name == "unnamed"


def test_a_name_with_control_characters_is_kept_and_escaped(store: Store) -> None:
    draft = Draft({"name": "A\ud800\0b"})
    store.save(snapshot(draft, 0))
    assert store.drafts()[0].name == "A?\0b"
    assert store.load(draft.id).answers == draft.answers


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"),
     (86_400 * 3, "3 days ago")],
)  # fmt: skip
def test_ages_are_written_in_words(store: Store, clock: Clock, seconds: int, expected: str) -> None:
    store.save(snapshot(typed("Asha"), 0))
    (line,) = store.drafts()
    assert ago(line.updated, clock() + timedelta(seconds=seconds)) == expected


# --- deleting


def test_a_deleted_draft_is_out_of_sight_and_can_be_restored(store: Store, clock: Clock) -> None:
    draft, other = typed("Asha", "a"), typed("Bela")
    store.save(snapshot(draft, 0))
    store.save(snapshot(other, 0))
    store.delete(draft.id)
    assert [line.name for line in store.drafts()] == ["Bela"]
    (line,) = store.drafts(deleted=True)
    assert (line.name, line.deleted) == ("Asha", clock())

    store.restore(draft.id)
    assert store.drafts(deleted=True) == []
    assert same(store.load(draft.id), draft)
    assert {line.name for line in store.drafts()} == {"Asha", "Bela"}


@pytest.mark.parametrize("wanted", ["", "nobody", "\udcff"])
def test_an_unknown_draft_is_an_error(store: Store, wanted: str) -> None:
    for do in (store.load, store.delete, store.restore):
        with pytest.raises((NoSuch, StoreTrouble)):
            do(wanted)


def test_a_deleted_draft_is_forgotten_after_thirty_days(store: Store, clock: Clock) -> None:
    draft, other = typed("Asha", "a"), typed("Bela", "b")
    for one in (draft, other):
        store.save(snapshot(one, 0))
        store.keep_call(one.id, f"a call of {one.id}")
    store.delete(draft.id)
    clock.wait(days=30, seconds=-1)
    store.purge()
    assert len(store.drafts(deleted=True)) == 1
    clock.wait(seconds=2)
    store.purge()
    assert store.drafts(deleted=True) == []
    with pytest.raises(NoSuch):
        store.restore(draft.id)
    assert {row["draft"] for row in store.database.rows("SELECT * FROM edits")} == {other.id}
    assert (store.kept_call(draft.id), store.kept_call(other.id)) == (None, f"a call of {other.id}")
    assert same(store.load(other.id), other)


def test_purging_nothing_writes_nothing(store: Store) -> None:
    store.save(snapshot(typed("Asha"), 0))
    statements = written(store)
    store.purge()
    assert count(statements, "BEGIN") == 0


def test_saving_a_deleted_draft_restores_it(store: Store) -> None:
    draft = typed("Asha")
    store.save(snapshot(draft, 0))
    store.delete(draft.id)
    draft.answer(("goal",), "x")
    store.save(snapshot(draft, draft.history.kept))
    assert [line.id for line in store.drafts()] == [draft.id]


# --- a disk that returns wrong data


def spoiled(folder: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as file:
        file.execute(sql, values)
        file.commit()


@pytest.mark.parametrize(
    ("column", "value"),
    [("answers", b'{"name": "Aska"}'), ("answers", None), ("answers", "text"), ("answers", 7),
     ("sources", b"[]"), ("seen", b'["type"]'), ("checked", b"{"), ("step", "skript"),
     ("focus", b"7"), ("done", 0), ("name", b"\xff\xfe"), ("updated", "yesterday"),
     ("checksum", 1), ("id", None)],
)  # fmt: skip
def test_a_damaged_draft_is_an_error_and_hides_no_other(
    store: Store, folder: Path, column: str, value: object
) -> None:
    draft, other = typed("Asha", "a"), typed("Bela")
    for one in (draft, other):
        store.save(snapshot(one, 0))
    if value is None:
        spoiled(folder, f"UPDATE drafts SET {column} = CAST('x' AS TEXT) WHERE id = ?", draft.id)
    else:
        spoiled(folder, f"UPDATE drafts SET {column} = ? WHERE id = ?", value, draft.id)
    lines = {line.id for line in store.drafts()}
    assert len(lines) == 2
    for draft_id in lines - {other.id}:
        with pytest.raises(Damaged, match=f"the draft {draft_id} is damaged"):
            store.load(draft_id)
    assert same(store.load(other.id), other)


@pytest.mark.parametrize("lost", range(6))
@pytest.mark.parametrize("done", [0, 3, 6])
def test_a_lost_edit_ends_undo_there(store: Store, folder: Path, lost: int, done: int) -> None:
    draft = typed("Asha", *"abcde")
    states = [{}, *({"name": "Asha"} | ({"script": " ".join("abcde"[:n])} if n else {})
              for n in range(6))]  # fmt: skip
    while draft.history.done > done:
        draft.undo()
    store.save(snapshot(draft, 0))
    spoiled(folder, "UPDATE edits SET edit = CAST('[]' AS BLOB) WHERE n = ?", lost)

    loaded = store.load(draft.id)
    assert loaded.answers == states[done]
    reached = done
    while loaded.undo():
        reached -= 1
        assert loaded.answers == states[reached]
    assert reached == (lost + 1 if lost < done else 0)
    while loaded.redo():
        reached += 1
        assert loaded.answers == states[reached]
    assert reached == (lost if lost >= done else 6)

    # What is saved from now on is whole again.
    loaded.answer(("goal",), "x")
    store.save(snapshot(loaded, loaded.history.kept))
    assert same(store.load(draft.id), loaded)


# --- the rest


def test_assistants_of_the_sandbox_are_stored(store: Store) -> None:
    store.put_sandbox_assistant({"_id": "1", "name": "é"}, b"\xff")
    store.put_sandbox_assistant({"_id": "2"}, b"")
    assert store.sandbox_assistants() == [{"_id": "2"}, {"_id": "1", "name": "é"}]
    store.clear_sandbox_assistants()
    assert store.sandbox_assistants() == []


def test_settings_are_remembered(store: Store) -> None:
    assert store.setting("theme") is None
    store.remember("theme", "dark")
    store.remember("theme", "light")
    assert store.setting("theme") == "light"
