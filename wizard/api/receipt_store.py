"""Receipts: the record of every attempt, written before the request is sent."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, ClassVar, Final, Generic, TypeVar

from wizard.api.outcomes import Outcome
from wizard.api.responses import ids_of, normalized_name
from wizard.contract.masking import SECRET, has_secret, is_masked, masked
from wizard.draft.draft import Draft, Payload
from wizard.errors import Damaged, NoSuch, Unreadable
from wizard.formats import paths
from wizard.formats.json_text import dump, parse_json
from wizard.formats.paths import MISSING
from wizard.formats.payload_identity import normalized_url, payload_hash
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage.database import Database
from wizard.storage.migrations import KEY_SALT
from wizard.storage.store import UNANSWERED, parse_time, time_text

# A key shorter than this has no hash: whoever has the salt could guess it.
_KEY_LENGTH: Final = 12
# No request takes this long, so an assistant that appears later belongs to another attempt.
_UNDER_WAY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Known:
    """The listed assistants of one name and company: their ids, and how many had no id."""

    ids: frozenset[str] = frozenset()
    without: int = 0

    @classmethod
    def of(cls, assistants: Iterable[Mapping[str, Any]]) -> "Known":
        """Return the record of these assistants."""
        ids = [ids_of(assistant) for assistant in assistants]
        return cls(frozenset(each for group in ids for each in group), ids.count([]))


class SentTo:
    """What was sent to a target: how its sentences name it."""

    __slots__ = ()
    target: str

    @property
    def host(self) -> str:
        """The name of the target: `sandbox`, or the host with its port."""
        return Target(self.target).name

    @property
    def place(self) -> str:
        """Where it was sent, as the end of a sentence: `in the sandbox`."""
        return Target(self.target).place

    @property
    def label(self) -> str:
        """The name of the target in a sentence: `the sandbox`."""
        return Target(self.target).label


@dataclass(frozen=True, slots=True)
class Receipt(SentTo):
    """One attempt to create an assistant.

    `body` is the request's text without secrets, `hash` the one of `payload_hash`, `key_end` a
    salted hash of the key, see `Receipts.hash_key`. `known` are the assistants of the same name and
    company that the list had before, None if it could not be read. The other fields are the
    outcome; `kind` is None while there is no answer. `settled` is the time when a late answer was
    found, or when the user chose to go on without one.
    """

    id: str
    draft: str
    target: str
    name: str
    company: str
    sent: datetime
    hash: str
    body: str = field(repr=False)
    key_end: str = ""
    known: Known | None = None
    kind: str | None = None
    title: str | None = None
    status: int | None = None
    assistant_id: str | None = None
    message: str = ""
    seconds: float | None = None
    settled: datetime | None = None

    @classmethod
    def of(cls, payload: Payload, draft_id: str, target: str, sent: datetime) -> "Receipt":
        """Return the receipt of an attempt that is about to be made."""
        return cls(
            id=token_hex(4),
            draft=draft_id,
            target=normalized_url(target),
            name=normalized_name(payload.data["name"]),
            company=normalized_name(payload.data["company_name"]),
            sent=sent.astimezone(UTC),
            hash=payload_hash(payload.data),
            # The text as sent, unless it has a secret to mask.
            body=dump(masked(payload.data)) if has_secret(payload.data) else payload.text,
        )

    @property
    def is_open(self) -> bool:
        """Whether the result is still unknown."""
        return self.kind not in CLOSED


def salted_hash(database: Database, key: str) -> str:
    """Return a hash that distinguishes keys on this machine; empty for a short key."""
    if len(key) < _KEY_LENGTH:
        return ""
    rows = database.rows("SELECT value FROM settings WHERE name = ?", KEY_SALT)
    salt = rows[0]["value"] if rows else ""
    return hashlib.sha256(f"{salt} {key}".encode("utf-8", "replace")).hexdigest()[:16]


R = TypeVar("R")


class ReceiptTable(ABC, Generic[R]):
    """The receipts of one table in a database. Every method may raise StoreTrouble."""

    table: ClassVar[str]
    noun: ClassVar[str]

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    @abstractmethod
    def _receipt(self, values: dict[str, Any]) -> R:
        """Return the receipt of a row."""

    def all(self) -> list[R]:
        """Return every receipt, newest first."""
        return self._read("")

    def get(self, receipt_id: str) -> R:
        """Return one receipt. Raises NoSuch if no receipt has that id."""
        found = self._read("WHERE id = ?", receipt_id)
        if not found:
            named = self.noun.format(repr(receipt_id))
            raise NoSuch(f"there is no {named}: see `qcall-wizard receipts`")
        return found[0]

    def unanswered(self) -> list[R]:
        """Return the attempts without an outcome: still being sent, or interrupted."""
        return self._read(f"WHERE {UNANSWERED}")

    def _write(self, sql: str, *values: Any) -> None:
        with self._database.transaction():
            self._database.run(sql, *values)

    def _read(self, where: str, *values: Any) -> list[R]:
        sql = f"SELECT * FROM {self.table} {where} ORDER BY sent DESC, rowid DESC"  # noqa: S608
        return [self._parsed(dict(row)) for row in self._database.rows(sql, *values)]

    def _parsed(self, values: dict[str, Any]) -> R:
        values["sent"] = parse_time(values["sent"])
        values["message"] = values["message"] or ""
        values["settled"] = parse_time(values["settled"]) if values["settled"] else None
        return self._receipt(values)


class Receipts(ReceiptTable[Receipt]):
    """The receipts of attempts to create an assistant."""

    table = "receipts"
    noun = "receipt {}"

    def hash_key(self, key: SecretStr | None) -> str:
        """Return a salted hash that distinguishes keys on this machine; empty for a short key."""
        return salted_hash(self._database, key.get_secret_value()) if key is not None else ""

    def begin(self, receipt: Receipt, seen: Collection[str] | None = None) -> Receipt | None:
        """Write the receipt of an attempt to disk before it is sent.

        `seen` are the ids from `attempts` at the time of the decision to send. If there is another
        attempt by now, nothing is written and None is returned.
        """
        known = receipt.known and json.dumps(
            {"ids": sorted(receipt.known.ids), "without": receipt.known.without}
        )
        row = (
            receipt.id, receipt.draft, receipt.target, receipt.name, receipt.company,
            time_text(receipt.sent), receipt.hash, receipt.body, receipt.key_end, known,
        )  # fmt: skip
        with self._database.transaction():
            if seen is not None and self.attempts(receipt) - set(seen):
                return None
            self._database.run(_BEGIN, *row)
        return receipt

    def attempts(self, receipt: Receipt) -> set[str]:
        """Return the ids of attempts with the same payload or draft that may have succeeded.

        Refused and unsent attempts are left out.
        """
        sql = f"SELECT id FROM receipts {_ATTEMPTS}"  # noqa: S608
        same = (receipt.target, receipt.hash, receipt.draft)
        return {row["id"] for row in self._database.rows(sql, *same)}

    def complete(self, receipt_id: str, outcome: Outcome, seconds: float | None) -> None:
        """Write the outcome of an attempt, unless a definite one is already written."""
        assistant_id = getattr(outcome, "assistant_id", None)
        row = (outcome.kind, outcome.title, outcome.status, assistant_id, outcome.message, seconds)
        self._write(_COMPLETE, *row, receipt_id)

    def settle(self, receipt_id: str, outcome: Outcome) -> None:
        """Write that an attempt created an assistant, or its id, if that was found later."""
        assistant_id = getattr(outcome, "assistant_id", None)
        now = time_text(self._clock())
        self._write(_SETTLE, outcome.kind, outcome.title, assistant_id, now, receipt_id)

    def pass_over(self, receipt_ids: Iterable[str]) -> None:
        """Mark these as left unknown, because the user chose to send once more."""
        now = time_text(self._clock())
        rows = ((now, receipt_id) for receipt_id in receipt_ids)
        with self._database.transaction():
            self._database.run_many("UPDATE receipts SET settled = ? WHERE id = ?", rows)

    def last_of(self, draft_id: str) -> Receipt | None:
        """Return the newest receipt of a draft, or None if nothing was sent."""
        where = "WHERE draft = ? AND (kind IS NULL OR kind <> 'not_sent')"
        return next(iter(self._read(where, draft_id)), None)

    def created_before(self, target: str, payload: Payload) -> Receipt | None:
        """Return the newest receipt of this payload that was created on the target, or None.

        Earlier versions stored the hash of the bytes, which remains for a masked payload.
        """
        where = "WHERE target = ? AND hash IN (?, ?) AND kind = 'created'"
        hashes = payload_hash(payload.data), hashlib.sha256(payload.body).hexdigest()
        return next(iter(self._read(where, normalized_url(target), *hashes)), None)

    def unresolved(self, receipt: Receipt) -> list[Receipt]:
        """Return the attempts at a receipt's name and company whose result is unknown."""
        where = f"{_SAME} AND {OPEN} AND settled IS NULL"
        return self._read(where, receipt.target, receipt.name, receipt.company)

    def rivals(self, receipt: Receipt) -> list[Receipt]:
        """Return other attempts with this name and company that may have created a listed
        assistant.

        Open attempts with the same payload are left out: they would create the same assistant.
        """
        where = f"{_SAME} AND sent >= ? AND id <> ? AND (({OPEN} AND hash <> ?) OR {_NAMELESS})"
        same = (receipt.target, receipt.name, receipt.company)
        since = time_text(receipt.sent - _UNDER_WAY)
        return self._read(where, *same, since, receipt.id, receipt.hash)

    def taken(self, receipt: Receipt) -> frozenset[str]:
        """Return the ids that other attempts on the same target created."""
        sql = "SELECT assistant FROM receipts WHERE target = ? AND kind = 'created' AND id <> ?"
        rows = self._database.rows(sql, receipt.target, receipt.id)
        return frozenset(row["assistant"] for row in rows if row["assistant"])

    def _receipt(self, values: dict[str, Any]) -> Receipt:
        values["assistant_id"] = values.pop("assistant")
        values["known"] = _known(values["known"])
        return Receipt(**values)


_BEGIN: Final = """
    INSERT INTO receipts (id, draft, target, name, company, sent, hash, body, key_end, known)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Any other kind, that of a damaged disk too, is an unknown result.
CLOSED: Final = ("created", "updated", "refused", "not_sent")
OPEN: Final = f"(kind IS NULL OR kind NOT IN {CLOSED})"
_ATTEMPTS: Final = f"""
    WHERE target = ? AND (hash = ? OR (draft = ? AND draft <> '')) AND ({OPEN} OR kind = 'created')
"""
_SAME: Final = "WHERE target = ? AND name = ? AND company = ?"
_NAMELESS: Final = "(kind = 'created' AND assistant IS NULL)"
_COMPLETE: Final = f"""
    UPDATE receipts
    SET kind = ?, title = ?, status = ?, assistant = ?, message = ?, seconds = ?
    WHERE id = ? AND {OPEN}
"""  # noqa: S608
_SETTLE: Final = f"""
    UPDATE receipts SET kind = ?, title = ?, assistant = ?, settled = ?
    WHERE id = ? AND ({OPEN} OR {_NAMELESS})
"""  # noqa: S608


def as_draft(receipt: Receipt) -> Draft:
    """Return a new draft with the answers of a receipt, without a masked secret."""
    try:
        body = parse_json(receipt.body, f"the receipt {receipt.id}")
    except Unreadable as error:
        raise Damaged(f"the receipt {receipt.id} is damaged: its body cannot be read") from error
    if not isinstance(body, dict):
        raise Damaged(f"the receipt {receipt.id} is damaged: its body is not a payload")
    return Draft.imported(paths.put(body, SECRET, MISSING) if is_masked(body) else body)


def _known(text: str | None) -> Known | None:
    """Parse the known assistants. Unreadable text becomes None."""
    try:
        value = json.loads(text or "null")
        return value and Known(frozenset(map(str, value["ids"])), int(value["without"]))
    except (ValueError, TypeError, KeyError):
        return None
