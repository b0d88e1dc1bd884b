"""Receipts in a real SQLite file: their values, their masked keys, and lookups."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.examples import minimal
from wizard.api.outcomes import Created, Found, NotSent, Outcome, Refused, Unknown
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.receipt_store import Known, Receipt, Receipts, as_draft
from wizard.api.responses import normalized_name
from wizard.contract.masking import MASK
from wizard.draft.draft import Payload, Source
from wizard.errors import Damaged, NoSuch, StoreTrouble
from wizard.formats.json_text import dump
from wizard.formats.payload_identity import normalized_url, payload_hash
from wizard.secret import SecretStr
from wizard.storage.database import Database
from wizard.storage.store import Store

CANARY = "widget-canary-77aa"
URL = "https://api.qcall.ai/api/v1"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUT = Unknown(UnknownReason.CUT_AFTER)


class Clock:
    """A clock that moves by a second at each call."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def payload(**members: Any) -> Payload:
    data = minimal() | members
    return Payload(data, dump(data))


def attempt(sent: datetime = NOON, target: str = URL, **members: Any) -> Receipt:
    return Receipt.of(payload(**members), "d1", target, sent)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def receipts(database: Database) -> Receipts:
    return Receipts(database, Clock())


def done(receipts: Receipts, receipt: Receipt, outcome: Outcome) -> Receipt:
    """Store an attempt with its outcome."""
    receipts.begin(receipt)
    receipts.complete(receipt.id, outcome, 0.5)
    return receipts.get(receipt.id)


def test_an_attempt_is_stored_unchanged(receipts: Receipts) -> None:
    asked = payload(name="Asha नमस्ते")
    known = Known(frozenset({"a", "b"}), 2)
    drawn = replace(Receipt.of(asked, "d1", URL, NOON), key_end="wxyz", known=known)
    assert receipts.begin(drawn) == drawn == receipts.get(drawn.id)
    assert receipts.all() == receipts.unanswered() == [drawn]
    assert drawn.hash == payload_hash(asked.data)
    assert drawn.body == asked.text
    assert (drawn.host, drawn.name, drawn.company) == ("api.qcall.ai", "Asha नमस्ते", "Acme Dental")
    assert (drawn.kind, drawn.is_open) == (None, True)
    int(drawn.id, 16)


def test_a_receipt_is_on_the_disk_when_begin_returns(
    tmp_path: Path, database: Database, receipts: Receipts
) -> None:
    drawn = receipts.begin(attempt())
    assert database.rows("PRAGMA synchronous")[0][0] == 2
    other = Database.open(tmp_path)
    assert Receipts(other, Clock()).get(drawn.id) == drawn
    other.close()


@pytest.mark.parametrize(
    ("outcome", "kind", "is_open"),
    [
        (Created("h1", status=200, message="ok"), "created", False),
        (Refused(status=400, message="no"), "refused", False),
        (NotSent(NotSentReason.CANCELLED), "not_sent", False),
        (Unknown(UnknownReason.SERVER_ERROR, status=500), "unknown", True),
    ],
)
def test_an_outcome_completes_the_receipt(
    receipts: Receipts, outcome: Outcome, kind: str, is_open: bool
) -> None:
    receipt = done(receipts, attempt(), outcome)
    assert (receipt.kind, receipt.title, receipt.status) == (kind, outcome.title, outcome.status)
    assert (receipt.message, receipt.seconds, receipt.is_open) == (outcome.message, 0.5, is_open)
    assert receipt.assistant_id == getattr(outcome, "assistant_id", None)
    assert receipts.unanswered() == []


def test_the_store_knows_of_attempts_without_an_answer(
    database: Database, receipts: Receipts
) -> None:
    store = Store(database)
    done(receipts, attempt(), CUT)
    assert not store.has_unanswered()
    crashed = receipts.begin(attempt())
    assert store.has_unanswered()
    receipts.pass_over([crashed.id])
    assert not store.has_unanswered()


def test_a_certain_outcome_is_not_overwritten(receipts: Receipts) -> None:
    receipt = done(receipts, attempt(), Created("h1"))
    receipts.complete(receipt.id, CUT, 9)
    receipts.settle(receipt.id, Found("h2"))
    assert receipts.get(receipt.id) == receipt


def test_an_unknown_attempt_is_settled_later(receipts: Receipts) -> None:
    receipt = done(receipts, attempt(), replace(CUT, message="oops", status=200))
    receipts.settle(receipt.id, Found("h1"))
    settled = receipts.get(receipt.id)
    assert (settled.kind, settled.assistant_id, settled.is_open) == ("created", "h1", False)
    assert (settled.message, settled.status, settled.seconds) == ("oops", 200, 0.5)
    assert settled.title == Found().title
    assert settled.settled is not None
    assert receipts.unresolved(attempt()) == []


def test_the_newest_is_first_and_an_unknown_id_is_an_error(receipts: Receipts) -> None:
    late, soon, same = (receipts.begin(attempt(NOON + timedelta(seconds=s))) for s in (2, 1, 1))
    assert [r.id for r in receipts.all()] == [late.id, same.id, soon.id]
    with pytest.raises(NoSuch, match="no receipt 'nope'"):
        receipts.get("nope")


def test_created_before_is_by_target_and_meaning(receipts: Receipts) -> None:
    first = done(receipts, attempt(), Created("h1"))
    second = done(receipts, attempt(NOON + timedelta(days=1)), Created("h2"))
    done(receipts, attempt(NOON + timedelta(days=2)), Refused())
    done(receipts, attempt(name="Other"), Created("h3"))
    assert first.hash == second.hash
    assert receipts.created_before(URL, payload()) == second
    assert receipts.created_before("HTTPS://API.qcall.ai:443/api/v1/", payload()) == second
    third = done(receipts, attempt(NOON + timedelta(days=3), "https://API.QCALL.ai/api/v1/"), CUT)
    receipts.settle(third.id, Found("h3"))
    assert receipts.created_before(URL, payload()) == receipts.get(third.id)
    assert receipts.created_before("https://api.qcall.ai/api/v2", payload()) is None
    assert receipts.created_before(URL, payload(goal="Else")) is None


def test_open_receipts_of_the_same_name_and_company_are_unresolved(receipts: Receipts) -> None:
    crashed = receipts.begin(attempt())
    cut = done(receipts, attempt(NOON + timedelta(days=1), name=" Asha ", goal="Else"), CUT)
    done(receipts, attempt(), Created("h1"))
    done(receipts, attempt(), NotSent(NotSentReason.NO_KEY))
    done(receipts, attempt(name="Other"), CUT)
    done(receipts, attempt(company_name="Other"), CUT)
    done(receipts, attempt(target="https://other.example/api/v1"), CUT)
    assert receipts.unresolved(attempt()) == [cut, crashed]
    receipts.pass_over([crashed.id])
    assert receipts.unresolved(attempt()) == [cut]
    assert receipts.unanswered() == []
    assert receipts.get(crashed.id).is_open


def test_rivals_are_other_attempts_with_the_same_name(receipts: Receipts) -> None:
    mine = done(receipts, attempt(), CUT)
    done(receipts, attempt(NOON - timedelta(minutes=9)), CUT)  # the very same body
    changed = done(receipts, attempt(NOON - timedelta(minutes=9), goal="Else"), CUT)
    done(receipts, attempt(NOON - timedelta(minutes=11), goal="Else"), CUT)
    later = receipts.begin(attempt(NOON + timedelta(days=1), goal="Else"))
    nameless = done(receipts, attempt(NOON + timedelta(days=2)), Created(None))
    done(receipts, attempt(goal="Else"), Created("h1"))
    done(receipts, attempt(goal="Else"), Refused())
    assert receipts.rivals(mine) == [nameless, later, changed]
    assert receipts.taken(mine) == {"h1"}


def test_ids_of_other_receipts_are_taken(receipts: Receipts) -> None:
    mine = done(receipts, attempt(), Created("h1"))
    done(receipts, attempt(name="Other"), Created("h2"))
    done(receipts, attempt(target="https://other.example"), Created("h3"))
    assert receipts.taken(mine) == {"h2"}


@pytest.mark.parametrize("secret", [CANARY, "x", 'a"b\\c', "कुंजी"])
def test_only_the_widget_key_is_masked_in_a_receipt(
    tmp_path: Path, receipts: Receipts, secret: str
) -> None:
    members = {"enabled": True, "api_key": secret, "containerId": "api_key"}
    receipt = receipts.begin(attempt(widget_config=members, goal="my api_key is x"))
    shown = json.loads(receipt.body)
    assert shown == minimal() | {
        "goal": "my api_key is x",
        "widget_config": members | {"api_key": MASK},
    }
    assert receipt.hash == payload_hash(payload(widget_config=members, goal="my api_key is x").data)
    if secret == CANARY:
        files = [file.read_bytes() for file in tmp_path.iterdir()]
        assert len(files) > 1
        assert all(CANARY.encode() not in content for content in files)


def test_a_body_without_a_secret_is_kept_exactly(receipts: Receipts) -> None:
    data = minimal() | {"widget_config": {"enabled": False, "api_key": ""}}
    text = json.dumps(data, indent=7)
    receipt = receipts.begin(Receipt.of(Payload(data, text), "", URL, NOON))
    assert receipts.get(receipt.id).body == text


def test_a_receipt_opens_as_a_new_draft_without_the_secret(receipts: Receipts) -> None:
    members = {"enabled": True, "api_key": CANARY}
    receipt = receipts.begin(attempt(widget_config=members, fancy={"is": ["kept"]}))
    draft = as_draft(receipts.get(receipt.id))
    assert draft.id != "d1"
    assert draft.answers["widget_config"] == {"enabled": True}
    assert draft.answers["fancy"] == {"is": ["kept"]}
    assert draft.source(("name",)) is Source.IMPORTED
    assert draft.compose()["script"] == minimal()["script"]
    assert MASK not in draft.preview()
    assert as_draft(receipts.begin(attempt())).payload().data == minimal()


@pytest.mark.parametrize("body", ["", "{", "[1]", '{"a": 1, "a": 2}'])
def test_a_damaged_body_is_an_error(receipts: Receipts, body: str) -> None:
    receipt = receipts.begin(replace(attempt(), body=body))
    with pytest.raises(Damaged, match=f"the receipt {receipt.id} is damaged"):
        as_draft(receipt)


@pytest.mark.parametrize(
    ("column", "value"),
    [("sent", "20x6"), ("known", "{"), ("known", "[1]"), ("known", '{"ids": 3}'), ("settled", "?")],
)
def test_a_damaged_row_is_read_as_far_as_possible(
    database: Database, receipts: Receipts, column: str, value: str
) -> None:
    receipt = receipts.begin(attempt())
    database.run(f"UPDATE receipts SET {column} = ?", value)
    assert receipts.all()[0].id == receipt.id
    assert receipts.all()[0].known is None


def test_a_read_only_file_is_an_error(database: Database, receipts: Receipts) -> None:
    database.run("PRAGMA query_only = ON")
    with pytest.raises(StoreTrouble, match="read-only"):
        receipts.begin(attempt())


def test_a_key_hash_only_distinguishes_keys(receipts: Receipts) -> None:
    keys = [None, "", "sandbox", "x" * 11, "x" * 12, "x" * 8 + "wxyz", CANARY]
    marks = [receipts.hash_key(None if key is None else SecretStr(key)) for key in keys]
    assert marks[:4] == [""] * 4
    assert len(set(marks[4:])) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", mark) for mark in marks[4:])
    with closing(Database.in_memory()) as other:
        assert Receipts(other, Clock()).hash_key(SecretStr(CANARY)) != marks[-1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://A.example:443/x/", "https://a.example/x", True),
        ("http://a.example:80", "http://a.example/", True),
        ("http://a.example:443", "http://a.example", False),
        ("https://a.example./x//y/./z/../", "https://a.example/x/y", True),
        ("http://localhost:8700/x", "http://127.0.0.1:8700//x", True),
        ("http://localhost:8700", "http://127.0.0.1:8701", False),
        ("http://127.0.0.1:8700", "http://127.0.0.2:8700", False),
        ("https://a.example/X", "https://a.example/x", False),
    ],
)
def test_which_addresses_are_the_same(one: str, other: str, same: bool) -> None:
    assert (normalized_url(one) == normalized_url(other)) is same


def test_which_names_are_the_same() -> None:
    assert normalized_name("  Asha\u00a0 E\u0301lodie\n") == "Asha \u00c9lodie"
    assert normalized_name("Asha") != normalized_name("asha")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a": {"b": 1, "c": [2]}, "d": ""}', '{"d": "", "a": {"c": [2], "b": 1}}', True),
        ('{"a": [1, 10, -0.0, 1e20]}', '{"a": [1.0, 1e1, 0, 100000000000000000000]}', True),
        ('{"a": [1e23, 9007199254740993]}', '{"a": [1%s, 9007199254740992]}' % ("0" * 23), True),
        ('{"a": "\\u00e9\\/"}', '{"a": "é/"}', True),
        ('{"a": [1, 2]}', '{"a": [2, 1]}', False),
        ('{"a": 1}', '{"a": "1"}', False),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": 1.5}', '{"a": 1}', False),
        ('{"a": null}', "{}", False),
        ('{"a": "\\ud800"}', '{"a": "\\udfff"}', False),
    ],
)
def test_the_hash_is_of_the_meaning(one: str, other: str, same: bool) -> None:
    assert (payload_hash(json.loads(one)) == payload_hash(json.loads(other))) is same


def test_a_receipt_with_the_hash_of_the_bytes_is_still_recognised(receipts: Receipts) -> None:
    old = replace(attempt(), hash=hashlib.sha256(payload().body).hexdigest())
    kept = done(receipts, old, Created("h1"))
    assert receipts.created_before(URL, payload()) == kept


def test_an_attempt_without_a_draft_blocks_only_its_payload(receipts: Receipts) -> None:
    asha, ben = (replace(attempt(goal=goal), draft="") for goal in ("Asha", "Ben"))
    receipts.begin(asha)
    assert receipts.attempts(asha) == {asha.id}
    assert receipts.attempts(ben) == set()


def test_a_concurrent_attempt_blocks_the_next(receipts: Receipts) -> None:
    first, second = attempt(), attempt()
    seen = receipts.attempts(second)
    receipts.begin(first, seen)
    assert receipts.begin(second, seen) is None
    assert receipts.all() == [first]
    receipts.complete(first.id, Refused(), 1.0)
    assert receipts.begin(second, seen) == second


def test_the_ids_of_a_list_are_noted() -> None:
    assistants: list[dict[str, object]] = [
        {"id": 7, "hash_id": "h7"},
        {"_id": "m"},
        {"name": "Asha"},
        {"id": ""},
    ]
    assert Known.of(assistants) == Known(frozenset({"7", "h7", "m"}), 2)
    assert Known.of([]) == Known()
