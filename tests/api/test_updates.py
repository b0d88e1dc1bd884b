"""Updates of assistants over real HTTP: conflicts, restores, lookups, and no lost change."""

import asyncio
import json
import os
import sqlite3
import threading
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from tests.examples import full, minimal
from tests.exchange.test_merging import records as any_record
from tests.records_server import Records, records_at
from tests.serving import serving
from wizard.api.client import Client
from wizard.api.http_client import Limits
from wizard.api.outcomes import (
    KeyRefused,
    NotSent,
    Outcome,
    RateLimited,
    Redirected,
    Refused,
)
from wizard.api.records import Record
from wizard.api.update_outcomes import (
    BeingUpdated,
    ChangedAtQCall,
    NotApplied,
    NotRead,
    NotThere,
    NotUpdatable,
    OnlyKeyLost,
    ReadRefused,
    Unchanged,
    Updated,
    UpdateNoReceipt,
    UpdatePending,
    UpdateUnknown,
    of_update,
)
from wizard.api.update_receipts import UpdateReceipts
from wizard.api.updates import Updates, Wanted
from wizard.contract.validation import find_errors
from wizard.errors import AssistantsUnavailable, NoAssistant
from wizard.exchange.differences import same
from wizard.formats.json_members import Node
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage.database import Database
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import now

T = TypeVar("T")
# The long form has two wizards change one assistant two hundred times: TURNS=200.
TURNS = int(os.environ.get("TURNS", "3"))
LIMITS = Limits(connect=2, read=2, total=5)

KEY = SecretStr("key-of-the-updates-1234")
WIDGET_KEY = "widget-canary-77aa"
ASHA = (
    '{"hash_id": "h-1", "id": 7, "name":"Asha","goal" : "Call \\u0026 ask","voice_speed":1.0,\n'
    ' "language":"en,hi","temperature":7E-1, "unknown":{"deep":[1.50, {"x":"\\/"}]},'
    '"updatedAt":"2026-01-01"}'
)


@dataclass
class Updater:
    """Sends updates from a home folder."""

    home: Path
    url: str
    limits: Limits = LIMITS
    longest: timedelta = timedelta(minutes=2)

    @contextmanager
    def updates(self) -> Iterator[Updates]:
        with closing(Database.open(self.home)) as database:
            yield Updates(
                Client(self.url, KEY, limits=self.limits, sleep=no_pause),
                UpdateReceipts(database, now),
                Target(self.url),
                home=self.home,
                sleep=no_pause,
                longest=self.longest,
            )

    def update(self, base: Record, *, force: bool = False, **members: Any) -> Outcome:
        text = json.dumps(dict(base.data) | members)
        return self.send(Wanted(base, text), force=force)

    def send(self, wanted: Wanted, *, force: bool = False) -> Outcome:
        with self.updates() as updates:
            return ran(updates, updates.update(wanted, force=force))

    def restore(self, receipt: str, *, force: bool = False) -> Outcome:
        with self.updates() as updates:
            return ran(updates, updates.restore(receipt, force=force))

    def read(self, assistant: str = "h-1") -> Record:
        with self.updates() as updates:
            return ran(updates, updates.read(assistant))

    def rows(self, columns: str = "kind") -> list[Any]:
        with closing(sqlite3.connect(self.home / FILE_NAME)) as file:
            return file.execute(f"SELECT {columns} FROM updates ORDER BY rowid").fetchall()


def ran(updates: Updates, asked: Coroutine[Any, Any, T]) -> T:
    """Run in a new event loop, and close the connections at its end."""

    async def run() -> T:
        try:
            return await asked
        finally:
            await updates._client.aclose()

    return asyncio.run(run())


async def no_pause(_: float) -> None:
    """Wait for nothing."""


@pytest.fixture
def records() -> Iterator[Records]:
    with records_at(Records(**{"h-1": ASHA})) as served:
        yield served


@pytest.fixture
def updater(tmp_path: Path, records: Records) -> Updater:
    return Updater(tmp_path / "home", records.url)


# --- one change


def test_one_change_leaves_every_other_byte(updater: Updater, records: Records) -> None:
    outcome = updater.update(updater.read(), goal="Sell")

    assert isinstance(outcome, Updated)
    assert outcome.sentence == "The change was kept."
    assert records.bodies == [ASHA.replace("Call \\u0026 ask", "Sell").encode()]
    assert records.keys == {KEY.get_secret_value()}
    assert updater.rows("kind, before, body, not_kept") == [
        ("updated", ASHA, records.bodies[0].decode(), "[]")
    ]


def test_nothing_is_sent_if_nothing_changed(updater: Updater, records: Records) -> None:
    assert isinstance(updater.update(updater.read(), voice_speed=1), Unchanged)
    assert records.puts == []
    assert updater.rows() == []


def test_the_count_of_the_kept_changes_is_named(updater: Updater) -> None:
    outcome = updater.update(updater.read(), goal="Sell", name="Ravi", mood="calm")
    assert outcome.sentence == "All 3 changes kept."


def test_fields_of_the_server_are_no_conflict(updater: Updater, records: Records) -> None:
    base = updater.read()
    records.texts["h-1"] = ASHA.replace("2026-01-01", "2026-02-02")
    assert isinstance(updater.update(base, goal="Sell"), Updated)
    assert "2026-02-02" in records.bodies[0].decode()


def test_the_receipt_is_on_the_disk_before_the_request(updater: Updater, records: Records) -> None:
    found: list[Any] = []
    records.on_put = lambda _, body: found.extend(updater.rows("kind, before, body"))
    updater.update(updater.read(), goal="Sell")
    assert found == [(None, ASHA, records.bodies[0].decode())]


def test_nothing_is_sent_without_a_receipt(updater: Updater, records: Records) -> None:
    base = updater.read()
    with updater.updates() as updates:
        updates.receipts._database.run("DROP TABLE updates")
        outcome = ran(updates, updates.update(Wanted(base, '{"goal": "Sell"}', partial=True)))
    assert isinstance(outcome, UpdateNoReceipt)
    assert records.puts == []


def test_a_member_that_is_not_kept_is_named(updater: Updater, records: Records) -> None:
    records.keeps = lambda text: text.replace("Sell", "Call").replace('"en,hi"', '"en"')
    outcome = updater.update(updater.read(), goal="Sell", mood="calm")
    assert isinstance(outcome, Updated)
    assert (outcome.not_kept, outcome.besides) == (("goal",), ("language",))
    assert outcome.sentence == "QCall did not keep Goal. QCall also changed Language."
    assert updater.rows("not_kept") == [('["goal", "language"]',)]


def test_a_member_without_a_label_is_named_in_one_word(updater: Updater, records: Records) -> None:
    records.keeps = lambda text: text.replace("Sell", "Call")
    outcome = updater.update(updater.read(), plan={"first": {"step": "Sell"}})
    assert outcome.sentence == "QCall did not keep plan.first.step."


def test_an_update_that_cannot_be_read_back_is_reported(updater: Updater, records: Records) -> None:
    base = updater.read()
    records.after_put = lambda: setattr(records, "on_read", lambda _: (500, {}))
    outcome = updater.update(base, goal="Sell")
    assert isinstance(outcome, Updated)
    assert not outcome.is_read
    assert "could not be read back" in outcome.sentence


# --- conflicts


@pytest.mark.parametrize("turn", range(TURNS))
def test_the_second_of_two_wizards_gets_a_conflict(
    updater: Updater, records: Records, tmp_path: Path, turn: int
) -> None:
    other = Updater(tmp_path / "other", records.url)
    mine, theirs = updater.read(), other.read()
    assert isinstance(other.update(theirs, goal="Theirs", name="Ravi"), Updated)

    outcome = updater.update(mine, goal="Mine", mood=f"calm {turn}")

    assert isinstance(outcome, ChangedAtQCall)
    assert outcome.theirs == ("name", "goal")
    assert outcome.conflicts == ("goal",)
    assert len(records.puts) == 1
    forced = updater.update(mine, goal="Mine", mood=f"calm {turn}", force=True)
    assert isinstance(forced, Updated)
    found = records.data("h-1")
    assert (found["name"], found["goal"], found["mood"]) == ("Ravi", "Mine", f"calm {turn}")


def test_two_at_once_never_overwrite_each_other(updater: Updater, records: Records) -> None:
    """The same program twice: one sends, the other gets a conflict or an update in progress."""
    base, found = updater.read(), []

    def on_put(_: str, __: bytes) -> None:
        threading.Event().wait(0.05)

    records.on_put = on_put

    def send(name: str) -> None:
        found.append(updater.update(base, name=name))

    threads = [threading.Thread(target=send, args=(name,)) for name in ("Ravi", "Mira")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records.puts) == 1
    kinds = {type(outcome) for outcome in found}
    assert Updated in kinds
    assert kinds - {Updated} <= {BeingUpdated, ChangedAtQCall}
    assert len(found) == 2


def test_the_same_change_on_both_sides_is_no_conflict(updater: Updater, records: Records) -> None:
    base = updater.read()
    records.texts["h-1"] = ASHA.replace("Call \\u0026 ask", "Sell")
    assert isinstance(updater.update(base, goal="Sell"), Unchanged)
    assert isinstance(updater.update(base, goal="Sell", mood="calm"), Updated)


# --- unknown


def test_an_answer_that_is_lost_is_resolved_by_reading(updater: Updater, records: Records) -> None:
    records.cut = True
    outcome = updater.update(updater.read(), goal="Sell")
    assert isinstance(outcome, Updated)
    assert outcome.is_found
    assert len(records.puts) == 1
    assert updater.rows() == [("updated",)]


@pytest.mark.parametrize("force", [False, True])
def test_an_update_that_did_not_arrive_is_unknown_and_not_sent_again(
    updater: Updater, records: Records, *, force: bool
) -> None:
    records.on_put = lambda _, __: (500, {"message": "no"})
    base = updater.read()
    outcome = updater.update(base, goal="Sell")
    assert isinstance(outcome, UpdateUnknown)
    assert outcome.exit_code == 4

    records.on_put = lambda _, __: None
    second = updater.update(base, goal="Sell")
    assert isinstance(second, UpdatePending)
    assert len(records.puts) == 1

    # After a while it cannot arrive any more; with force that is not waited for.
    updater.longest = updater.longest if force else timedelta(0)
    assert isinstance(updater.update(base, goal="Sell", force=force), Updated)
    assert updater.rows() == [("unknown" if force else "not_sent",), ("updated",)]


def test_a_later_lookup_finds_an_update_that_arrived(updater: Updater, records: Records) -> None:
    records.on_put = lambda _, __: (500, {})
    updater.update(updater.read(), goal="Sell")
    with updater.updates() as updates:
        (receipt,) = updates.receipts.open(records.url, "h-1")
        assert isinstance(ran(updates, updates.look_up(receipt)), UpdatePending)
    records.texts["h-1"] = records.bodies[0].decode()
    with updater.updates() as updates:
        assert isinstance(ran(updates, updates.look_up(receipt)), Updated)
        assert ran(updates, updates.look_up(receipt)) is None
    assert updater.rows() == [("updated",)]


def test_a_later_lookup_finds_an_update_that_never_arrived(
    updater: Updater, records: Records
) -> None:
    records.on_put = lambda _, __: (500, {})
    updater.update(updater.read(), goal="Sell")
    updater.longest = timedelta(0)
    with updater.updates() as updates:
        (receipt,) = updates.receipts.open(records.url, "h-1")
        assert isinstance(ran(updates, updates.look_up(receipt)), NotApplied)
    assert updater.rows() == [("not_sent",)]


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (400, {"error": 400, "message": "goal is wrong"}, Refused),
        (200, {"success": False, "message": "no", "status": 400}, Refused),
        (401, {"message": "no"}, KeyRefused),
        (403, {"message": "no"}, KeyRefused),
        (404, {"error": 404, "message": "none"}, Refused),
        (429, {"message": "slowly"}, RateLimited),
        (307, {}, Redirected),
        (500, {}, UpdateUnknown),
        (200, [1], UpdateUnknown),
    ],
)
def test_refusals_change_nothing(
    updater: Updater, records: Records, status: int, said: Any, expected: type[Outcome]
) -> None:
    records.on_put = lambda _, __: (status, said)
    outcome = updater.update(updater.read(), goal="Sell")
    assert type(outcome) is expected
    assert "created" not in outcome.sentence
    assert len(records.puts) == 1
    assert records.texts["h-1"] == ASHA
    assert updater.rows() == [(outcome.kind,)]


def test_a_server_that_is_gone_gets_nothing(updater: Updater, records: Records) -> None:
    base, url = updater.read(), updater.url
    updater.url = "http://127.0.0.1:1/api/v1"
    assert isinstance(updater.update(base, goal="Sell"), NotRead)
    updater.url = url
    records.on_read = lambda _: (401, {"message": "no"})
    outcome = updater.update(base, goal="Sell")
    assert isinstance(outcome, ReadRefused)
    assert outcome.exit_code == 3
    assert records.puts == []


# --- put the old one back


def test_the_earlier_version_is_restored_byte_for_byte(updater: Updater, records: Records) -> None:
    updated = updater.update(updater.read(), goal="Sell", unknown={"deep": []}, more=1)
    assert records.texts["h-1"] != ASHA
    restored = updater.restore(updated.receipt)
    assert isinstance(restored, Updated)
    assert records.texts["h-1"] == ASHA


def test_a_later_change_stops_a_restore(updater: Updater, records: Records) -> None:
    updated = updater.update(updater.read(), goal="Sell")
    records.texts["h-1"] = records.texts["h-1"].replace('"Asha"', '"Ravi"')
    assert isinstance(updater.restore(updated.receipt), ChangedAtQCall)
    assert isinstance(updater.restore(updated.receipt, force=True), Updated)
    assert records.texts["h-1"] == ASHA.replace('"Asha"', '"Ravi"')


def test_the_key_of_a_widget_stays_and_is_written_nowhere(
    updater: Updater, records: Records
) -> None:
    record = ASHA[:-1] + f', "widget_config":{{"api_key":"{WIDGET_KEY}","mode":"floating"}}}}'
    records.texts["h-1"] = record
    base = updater.read()
    masked = Record.of(base.masked_text)
    assert WIDGET_KEY not in masked.text
    text = masked.text.replace("floating", "embedded")

    updated = updater.send(Wanted(masked, text))

    assert isinstance(updated, Updated)
    assert records.texts["h-1"] == record.replace("floating", "embedded")
    assert isinstance(updater.restore(updated.receipt), Updated)
    assert records.texts["h-1"] == record
    for file in updater.home.iterdir():
        if file.is_file():
            assert WIDGET_KEY.encode() not in file.read_bytes()


def with_key(key: str) -> str:
    return ASHA[:-1] + f', "widget_config":{{"api_key":"{key}","mode":"floating"}}}}'


def test_a_changed_widget_key_cannot_be_restored(updater: Updater, records: Records) -> None:
    records.texts["h-1"] = with_key(WIDGET_KEY)
    widget = {"api_key": "another-canary-88bb", "mode": "floating"}
    both = updater.update(updater.read(), goal="Sell", widget_config=widget)
    restored = updater.restore(both.receipt)
    assert isinstance(restored, Updated)
    assert "key of the widget was not put back" in restored.note
    widget["api_key"] = WIDGET_KEY
    alone = updater.restore(updater.update(updater.read(), widget_config=widget).receipt)
    assert isinstance(alone, OnlyKeyLost)
    assert "Nothing was sent" in alone.sentence


@pytest.mark.parametrize(
    ("key", "expected"), [("another-canary-88bb", Updated), ("short", NotApplied)]
)
def test_a_key_without_an_answer_is_found_by_its_hash(
    updater: Updater, records: Records, key: str, expected: type[Outcome]
) -> None:
    records.texts["h-1"] = with_key(WIDGET_KEY)
    base = updater.read()
    records.on_put = lambda _, __: (500, {})
    widget = {"api_key": key, "mode": "floating"}
    assert isinstance(updater.update(base, widget_config=widget), UpdateUnknown)
    records.texts["h-1"] = with_key(key)
    updater.longest = timedelta()
    with updater.updates() as updates:
        found = ran(updates, updates.look_up(updates.receipts.all()[0]))
    assert type(found) is expected
    if isinstance(found, Updated):
        assert found.changes == ("widget_config.api_key",)
        assert found.differences == ()
    else:
        assert found is not None
        assert "cannot be known" in found.sentence


# --- records that cannot be updated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"hash_id":"h-1","a":1,"a":2}', NotUpdatable),
        ('{"hash_id":"h-1","a":NaN}', NotUpdatable),
        ('{"hash_id":"h-1","a":1e999}', NotUpdatable),
        ('{"hash_id":"h-1","a":' + "[" * 200 + "]" * 200 + "}", NotUpdatable),
        ('{"name":"no id"}', NotThere),
        ('{"hash_id":"other","id":"h-1"}', NotThere),
    ],
)
def test_a_record_that_cannot_be_written_back_is_left_alone(
    updater: Updater, records: Records, text: str, expected: type[Outcome]
) -> None:
    base = updater.read()
    records.texts["h-1"] = text
    outcome = updater.update(base, goal="Sell")
    assert type(outcome) is expected
    assert records.puts == []


@pytest.mark.parametrize("odd", ["1e-99999999999999999999", "1e-999", "0.1000000000000000055"])
def test_a_number_beyond_a_float_is_restored_unchanged(
    updater: Updater, records: Records, odd: str
) -> None:
    records.texts["h-1"] = before = f'{ASHA[:-1]}, "odd":{odd}}}'
    assert isinstance(updater.update(updater.read(), goal="Sell", odd=7), Updated)
    receipt = updater.rows("id")[0][0]
    assert isinstance(updater.restore(receipt), Updated)
    assert records.texts["h-1"] == before


def test_an_id_may_be_anything(tmp_path: Path) -> None:
    odd = "a/b?c=d&e #%2F é"
    text = json.dumps({"id": odd, "name": "Asha"})
    with records_at(Records(**{odd: text})) as records:
        updater = Updater(tmp_path, records.url)
        assert isinstance(updater.update(updater.read(odd), name="Ravi"), Updated)
        assert records.puts[0][0] == odd


def test_the_list_is_used_if_one_assistant_cannot_be_read(
    updater: Updater, records: Records
) -> None:
    records.on_read = lambda wanted: (404, {"message": "no such request"}) if wanted else None
    records.texts["h-1"] = json.dumps(minimal() | {"hash_id": "h-1", "id": 7})
    updated = updater.update(updater.read("7"), goal="Sell")
    assert isinstance(updated, Updated)
    assert "read from the list" in updated.note
    records.texts["second"] = json.dumps({"id": 7})
    with pytest.raises(NoAssistant, match="2 assistants have the id"):
        updater.read("7")
    with pytest.raises(NoAssistant, match="no assistant"):
        updater.read("none")


@pytest.mark.parametrize("status", [404, 405])
def test_a_list_with_less_of_each_is_no_base_of_an_update(
    updater: Updater, records: Records, status: int
) -> None:
    base = updater.read()
    records.on_read = lambda wanted: (status, {}) if wanted else None
    outcome = updater.update(base, goal="Sell")
    assert isinstance(outcome, NotUpdatable)
    assert "only in its list, there without type, company_name, accent and more" in outcome.sentence
    assert records.puts == []


BROKEN: list[tuple[int, Any, int]] = [
    (200, "<html>", 5),
    (200, "", 5),
    (200, {"success": False, "status": 429}, 5),
    (200, {"success": False, "status": 500}, 5),
    (200, {"success": False, "status": 401}, 3),
    (400, "no", 5),
    (200, {"goal": "no id"}, 5),
    (200, {"id": "other"}, 1),
]


@pytest.mark.parametrize(("status", "said", "code"), BROKEN)
def test_the_list_does_not_replace_a_broken_answer(
    updater: Updater, records: Records, status: int, said: Any, code: int
) -> None:
    base = updater.read()
    records.on_read = lambda wanted: (status, said) if wanted else None
    records.listing = b'[{"hash_id": "h-1", "name": "Asha"}]'
    outcome = updater.update(base, goal="Sell")
    assert (outcome.exit_code, records.puts) == (code, [])
    assert "Nothing was sent" in outcome.sentence


def test_an_update_confirmed_with_another_assistant_is_unknown(
    updater: Updater, records: Records
) -> None:
    records.on_put = lambda _, __: (200, {"hash_id": "other", "name": "Asha", "goal": "Sell"})
    outcome = updater.update(updater.read(), goal="Sell")
    assert isinstance(outcome, UpdateUnknown)
    assert outcome.exit_code == 4


@pytest.mark.parametrize("wrap", ['{"success":true,"data":%s}', '{"data":{"assistants":%s}}', "%s"])
def test_items_that_are_not_records_are_counted(
    updater: Updater, records: Records, wrap: str
) -> None:
    items = f'[{ASHA}, 5, "x", {{"name": 3, "company_name": []}}, null, {{}}]'
    records.listing = (wrap % items).encode()
    with updater.updates() as updates:
        listing = ran(updates, updates._client.records())
    assert [record.name for record in listing.records] == ["Asha", "3", "unnamed"]
    assert listing.records[0].text == ASHA
    assert [bool(record.flaw) for record in listing.records] == [False, True, True]
    assert listing.unread_words.startswith("3 items of the list could not be read")


@pytest.mark.parametrize("said", [b"", b"<html>", b'{"a":1}', b"7", b'{"data":{"x":1}}', b"\xff"])
def test_a_list_of_another_shape_is_an_error(
    updater: Updater, records: Records, said: bytes
) -> None:
    records.listing = said
    with updater.updates() as updates, pytest.raises(AssistantsUnavailable, match="could not be"):
        ran(updates, updates._client.records())


def test_a_record_of_10_mb_is_updated(updater: Updater, records: Records) -> None:
    record = ASHA[:-1] + f', "script": "{"x" * 10_000_000}"}}'
    records.texts["h-1"] = record
    updater.limits = Limits()
    assert isinstance(updater.update(updater.read(), goal="Sell"), Updated | UpdateUnknown)
    assert records.texts["h-1"] == record.replace("Call \\u0026 ask", "Sell")


# --- any record


def test_any_change_of_any_record_over_http(tmp_path: Path) -> None:
    with records_at(Records()) as records:
        updater = Updater(tmp_path, records.url)

        @settings(
            max_examples=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        @given(record=any_record, mine=any_record)
        def check(record: str, mine: str) -> None:
            inner = record.strip()[1:-1].strip()
            text = '{"hash_id":"h-1"' + (f",{inner}" if inner else "") + "}"
            records.texts["h-1"], records.puts[:] = text, []
            base = updater.read()
            outcome = updater.send(Wanted(base, mine, partial=True))
            assert isinstance(outcome, Updated | Unchanged), outcome
            sent = records.texts["h-1"]
            assert (sent == text) == isinstance(outcome, Unchanged)
            members = {m.name: m.node.raw for m in Node.of(sent).members}
            wanted = json.loads(mine)
            for member in Node.of(text).members:
                if member.name not in wanted or same(wanted[member.name], member.node.value):
                    assert members[member.name] == member.node.raw
            assert all(name in members for name in wanted)

        check()


# --- the sandbox


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, Updated),
        (Fault.REFUSED_200, Refused),
        (Fault.BAD_REQUEST, Refused),
        (Fault.UNAUTHORIZED, KeyRefused),
        (Fault.RATE_LIMITED, RateLimited),
        (Fault.SERVER_ERROR, UpdateUnknown),
        (Fault.CUT, Updated),
        (Fault.NOT_JSON, Updated),
        (Fault.EMPTY, Updated),
        (Fault.REDIRECT, Redirected),
        (Fault.NO_ID, Updated),
        (Fault.HUGE, Updated),
        (Fault.WRONG_SHAPE, Updated),
        (Fault.CONFLICT, ChangedAtQCall),
        (Fault.NOT_KEPT, Updated),
    ],
)
def test_the_sandbox_acts_out_every_outcome(
    tmp_path: Path, fault: Fault | None, expected: type[Outcome]
) -> None:
    store = MemoryStore()
    store.put(full() | {"id": "a1", "hash_id": "a1"}, b"{}")
    with serving(sandbox_app.build(find_errors, store=store, fault=fault)) as url:
        updater = Updater(tmp_path, url)
        outcome = updater.update(updater.read("a1"), script="Another script.")
    assert type(outcome) is expected, outcome
    if isinstance(outcome, Updated):
        assert bool(outcome.not_kept) == (fault is Fault.NOT_KEPT)
        assert outcome.is_read


def test_the_sandbox_replaces_and_validates_an_assistant() -> None:
    store = MemoryStore()
    store.put(full() | {"id": "a1", "language": "en,hi"}, b"{}")
    app = sandbox_app.build(find_errors, store=store)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=app)
        headers = {"x-api-key": "any"}
        async with httpx.AsyncClient(transport=transport, base_url="http://s/api/v1") as http:
            path = "/user/updateAssistant?id="
            bodies = [
                ("a1", minimal() | {"language": "en,hi"}),
                ("a1", minimal() | {"language": "xx"}),
                ("none", minimal()),
            ]
            answers = [
                await http.put(f"{path}{each}", json=body, headers=headers) for each, body in bodies
            ]
            answers.append(await http.put(f"{path}a1", content=b"{", headers=headers))
            answers.append(await http.put(f"{path}a1", json=minimal()))
            answers.append(await http.get("/user/getAssistant?assistant_id=none", headers=headers))
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask()) == [200, 400, 404, 400, 401, 404]
    assert store.find("a1") == minimal() | {"language": "en,hi", "id": "a1"}


def test_404_is_no_assistant(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put(full() | {"id": "a1"}, b"{}")
    with serving(sandbox_app.build(find_errors, store=store, fault=Fault.NOT_FOUND)) as url:
        updater = Updater(tmp_path, url)
        assert isinstance(updater.update(updater.read("a1"), script="Else."), Refused)


def test_without_a_key_nothing_is_sent() -> None:
    client = Client("http://127.0.0.1:1/api/v1", None)
    outcome = of_update(asyncio.run(client.update("a1", b"{}")))
    assert isinstance(outcome, NotSent)
