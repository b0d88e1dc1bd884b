"""The receipts of updates: each has the record before, which can be put back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Final

from wizard.api.outcomes import Outcome
from wizard.api.receipt_store import CLOSED, OPEN, ReceiptTable, SentTo, salted_hash
from wizard.api.records import Record, masked_text
from wizard.contract.masking import SECRET, has_secret
from wizard.formats import paths
from wizard.formats.payload_identity import normalized_url
from wizard.storage.store import time_text

# A widget's key that was changed, and has no hash.
CHANGED: Final = "changed"


@dataclass(frozen=True, slots=True)
class UpdateReceipt(SentTo):
    """One attempt to update an assistant.

    `before` is the record as it was read, `body` the one that was sent, `after` the one that was
    read afterwards; in all of them the widget's key is masked. `kind` is None while there is no
    answer. `not_kept` are the paths that were read back differently. `new_key` is empty if the
    widget's key stayed, see `UpdateReceipts.hash_new_key`.
    """

    id: str
    draft: str
    target: str
    assistant: str
    name: str
    sent: datetime
    before: str = field(repr=False)
    body: str = field(repr=False)
    kind: str | None = None
    title: str | None = None
    status: int | None = None
    message: str = ""
    seconds: float | None = None
    after: str = field(default="", repr=False)
    not_kept: tuple[str, ...] = ()
    settled: datetime | None = None
    new_key: str = ""

    @classmethod
    def of(
        cls, record: Record, body: str, draft_id: str, target: str, sent: datetime
    ) -> "UpdateReceipt":
        """Return the receipt of an attempt that is about to be made."""
        return cls(
            id=token_hex(4),
            draft=draft_id,
            target=normalized_url(target),
            assistant=record.id,
            name=record.name.encode("utf-8", "replace").decode(),
            sent=sent.astimezone(UTC),
            before=record.masked_text,
            body=masked_text(body),
        )

    @property
    def has_lost_key(self) -> bool:
        """Whether the update replaced a widget's key, which no receipt can put back."""
        return bool(self.new_key) and has_secret(Record.of(self.before).data)

    @property
    def is_open(self) -> bool:
        """Whether the result is still unknown."""
        return self.kind not in CLOSED and self.settled is None


class UpdateReceipts(ReceiptTable[UpdateReceipt]):
    """The receipts of updates."""

    table = "updates"
    noun = "receipt {} of an update"

    def hash_new_key(self, before: Mapping[str, Any], body: Mapping[str, Any]) -> str:
        """Return a salted hash of the widget's key if an update changes it, otherwise nothing.

        `CHANGED` stands for a key that is too short for a hash, or was removed.
        """
        if paths.get(before, SECRET) == paths.get(body, SECRET):
            return ""
        return self._hash(body) or CHANGED

    def has_new_key(self, receipt: UpdateReceipt, current: Record) -> bool:
        """Whether the record has the widget's key that an update put into it."""
        return bool(receipt.new_key) and receipt.new_key == self._hash(current.data)

    def _hash(self, data: Mapping[str, Any]) -> str:
        key = paths.get(data, SECRET)
        return salted_hash(self._database, key) if isinstance(key, str) else ""

    def begin(self, receipt: UpdateReceipt) -> None:
        """Write the receipt of an attempt to disk before it is sent."""
        row = (
            receipt.id, receipt.draft, receipt.target, receipt.assistant, receipt.name,
            time_text(receipt.sent), receipt.before, receipt.body, receipt.new_key,
        )  # fmt: skip
        self._write(_BEGIN, *row)

    def complete(
        self, receipt_id: str, outcome: Outcome, seconds: float | None, after: str = ""
    ) -> None:
        """Write the outcome of an attempt, unless a definite one is already written."""
        differing = json.dumps(getattr(outcome, "differences", ()))
        message = outcome.message.encode("utf-8", "replace").decode()
        row = (outcome.kind, outcome.title, outcome.status, message, seconds, after or None)
        self._write(_COMPLETE, *row, differing, receipt_id)

    def settle(self, receipt_ids: list[str], outcome: Outcome | None) -> None:
        """Write that attempts without an answer changed the assistant, or else never will."""
        kind, title = (outcome.kind, outcome.title) if outcome else ("not_sent", "Not kept")
        now = time_text(self._clock())
        with self._database.transaction():
            rows = ((kind, title, now, each) for each in receipt_ids)
            self._database.run_many(_SETTLE, rows)

    def open(self, target: str, assistant: str) -> list[UpdateReceipt]:
        """Return the attempts at an assistant whose result is unknown, newest first."""
        where = f"WHERE target = ? AND assistant = ? AND {OPEN} AND settled IS NULL"
        return self._read(where, normalized_url(target), assistant)

    def _receipt(self, values: dict[str, Any]) -> UpdateReceipt:
        values["after"] = values["after"] or ""
        values["not_kept"] = _paths(values["not_kept"])
        return UpdateReceipt(**values)


_BEGIN: Final = """
    INSERT INTO updates (id, draft, target, assistant, name, sent, before, body, new_key)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_COMPLETE: Final = f"""
    UPDATE updates
    SET kind = ?, title = ?, status = ?, message = ?, seconds = ?, after = ?, not_kept = ?
    WHERE id = ? AND {OPEN}
"""  # noqa: S608
_SETTLE: Final = f"""
    UPDATE updates SET kind = ?, title = ?, settled = ? WHERE id = ? AND {OPEN}
"""  # noqa: S608


def _paths(text: str | None) -> tuple[str, ...]:
    """Parse the paths. Unreadable text becomes none."""
    try:
        return tuple(map(str, json.loads(text or "[]")))
    except (ValueError, TypeError):
        return ()
