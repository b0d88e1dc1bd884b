"""Sends a payload: writes its receipt, sends it once and confirms whether it was created."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar

from wizard.api.client import Client, Delivery, ListUnavailable
from wizard.api.outcomes import (
    BeingSent,
    Created,
    CreatedBefore,
    Found,
    FoundEarlier,
    NoReceipt,
    NotListed,
    NotSent,
    Outcome,
    Undecided,
    Unknown,
    Unresolved,
)
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.receipt_store import Known, Receipt, Receipts
from wizard.api.reconciliation import Assistants, describe_same_named, find, known_in
from wizard.api.responses import redact
from wizard.contract.masking import SECRET
from wizard.draft.draft import Payload
from wizard.errors import StoreTrouble
from wizard.formats import paths
from wizard.formats.payload_identity import normalized_url, payload_hash
from wizard.secret import SecretStr
from wizard.settings import Settings, Target
from wizard.storage.database import Database
from wizard.storage.locks import NamedLocks
from wizard.storage.session import Session
from wizard.storage.store import now

# The maximum age of the list of assistants that existed before an attempt.
_FRESH: Final = timedelta(seconds=60)
# No request takes longer. Without locks a younger attempt without an answer may still be running.
_LONGEST: Final = timedelta(minutes=2)

_EARLIER: Final = Unknown(UnknownReason.EARLIER)

_P = ParamSpec("_P")
_T = TypeVar("_T")
# The assistants of the account, or a sentence why they could not be loaded.
_Listed: TypeAlias = Assistants | str


class Submission:
    """Sends payloads to one target, each once.

    `key` is the one that the client sends. `home` is the folder for lock files, or None.
    `baseline_seconds` limits the wait for the list of assistants before sending, `look_seconds`
    the wait for it afterwards.
    """

    def __init__(
        self,
        client: Client,
        receipts: Receipts,
        target: Target,
        *,
        key: SecretStr | None = None,
        home: Path | None = None,
        clock: Callable[[], datetime] = now,
        baseline_seconds: float = 5.0,
        look_seconds: float = 20.0,
    ) -> None:
        self.receipts = receipts
        self._client = client
        self._target = target
        self._key = key
        self._clock = clock
        self._baseline_seconds = baseline_seconds
        self._look_seconds = look_seconds
        self._locks = NamedLocks(home)
        self._baselines: dict[str, tuple[datetime, Known]] = {}

    @classmethod
    def of(cls, client: Client, session: Session, settings: Settings) -> "Submission":
        """Return a submission to the target of the settings, with the receipts of a session."""
        return cls(client, session.receipts, settings.target, key=settings.key, home=session.home)

    async def prepare(self, payload: Payload, seconds: float | None = None) -> str:
        """List the assistants while the user reads the review. The list is reused for a minute.

        Returns a sentence if the list has assistants of the same name and company.
        """
        started = self._clock()
        listed = await _list(self._client, seconds or self._baseline_seconds)
        if isinstance(listed, str):
            return ""
        self._baselines[payload_hash(payload.data)] = started, known_in(listed, payload)
        return describe_same_named(listed, payload)

    async def created_before(self, payload: Payload) -> CreatedBefore | None:
        """Return when a payload was created, if it was, to tell the user before the confirmation.

        It is to be sent with `again` then.
        """
        with suppress(StoreTrouble):
            return await self._created_before(payload, self.receipts)
        return None

    async def _created_before(self, payload: Payload, receipts: Receipts) -> CreatedBefore | None:
        before = await in_thread(receipts.created_before, self._target.base_url, payload)
        if before is None:
            return None
        return CreatedBefore(before.sent, before.place, before.assistant_id, receipt=before.id)

    async def submit(
        self,
        payload: Payload,
        draft_id: str = "",
        *,
        again: bool = False,
        without_receipt: bool = False,
    ) -> Outcome:
        """Send a payload once, unless that might create a duplicate, and return the outcome.

        `again`: send it even if it was created before, or if that is unknown. `without_receipt`:
        send even if no receipt can be written. Raises only CancelledError.
        """
        receipt = Receipt.of(payload, draft_id, self._target.base_url, self._clock())
        names = [_payload_lock(receipt)]
        if draft_id:
            names.append(lock_name("draft", draft_id))
        with self._locks.acquire(*names) as is_alone:
            if not is_alone:
                return BeingSent()
            try:
                return await self._submit(payload, receipt, again, self.receipts)
            except StoreTrouble as trouble:
                if not without_receipt:
                    return NoReceipt(str(trouble))
            with closing(Database.in_memory()) as memory:
                receipts = Receipts(memory, self._clock)
                outcome = await self._submit(payload, receipt, again, receipts)
            return replace(outcome, receipt="")

    async def unanswered(self) -> list[Receipt]:
        """Return the attempts whose process ended before the answer. Raises StoreTrouble."""
        found = await in_thread(self.receipts.unanswered)
        return [receipt for receipt in found if not self._is_running(receipt)]

    async def look_up(self, receipt: Receipt) -> Outcome | None:
        """Check the list for an attempt without an answer, and update its receipt.

        None if the receipt has a definite answer by now. Raises StoreTrouble and NoSuch.
        """
        receipts = self.receipts
        with self._locks.acquire(_payload_lock(receipt)) as is_alone:
            if not is_alone:
                return BeingSent(receipt=receipt.id)
            receipt = await in_thread(receipts.get, receipt.id)
            if not receipt.is_open:
                return None
            if self._may_be_running(receipt):
                return BeingSent(receipt=receipt.id)
            listed = self._not_listable(receipt, receipts) or await _list(
                self._client, self._look_seconds
            )
            outcome = await in_thread(self._reconcile, receipt, listed, receipts)
            if isinstance(outcome, Found):
                await in_thread(receipts.settle, receipt.id, outcome)
            elif receipt.kind is None and not isinstance(listed, str):
                await in_thread(receipts.complete, receipt.id, outcome, None)
            return outcome

    # --- before sending

    async def _submit(
        self, payload: Payload, receipt: Receipt, again: bool, receipts: Receipts
    ) -> Outcome:
        """Check earlier attempts, then send. Raises StoreTrouble only while nothing was sent."""
        if self._client.repeats_key(payload.data):
            return NotSent(NotSentReason.KEY_IN_BODY)
        receipt = replace(receipt, key_end=await in_thread(receipts.hash_key, self._key))
        seen = await in_thread(receipts.attempts, receipt)
        if not again:
            before = await self._created_before(payload, receipts)
            if before is not None:
                return before
        earlier = [
            other
            for other in await in_thread(receipts.unresolved, receipt)
            if other.hash == receipt.hash or not self._is_running(other)
        ]
        if earlier:
            withheld = await self._settle_earlier(earlier, payload, receipt, again, receipts)
            if withheld is not None:
                return withheld
        known = await self._known_before(payload, receipt)
        receipt = replace(receipt, known=known, sent=self._clock())
        outcome = await self._send(payload, receipt, receipts, seen)
        if isinstance(outcome, Created) and not outcome.assistant_id:
            outcome = await self._add_id(outcome, receipt, receipts)
        if isinstance(outcome, Unknown):
            outcome = await self._resolve(outcome, receipt, receipts)
        if earlier and outcome.kind in ("created", "unknown"):
            ids = [other.id for other in earlier]
            outcome = await record_outcome(outcome, receipts.pass_over, ids)
        return outcome

    async def _settle_earlier(
        self,
        earlier: list[Receipt],
        payload: Payload,
        receipt: Receipt,
        again: bool,
        receipts: Receipts,
    ) -> Outcome | None:
        """Resolve earlier attempts without an answer. Return an outcome if one prevents sending."""
        if any(map(self._may_be_running, earlier)):
            return BeingSent()
        started = self._clock()
        listed = await _list(self._client, self._look_seconds)
        if not isinstance(listed, str):
            self._baselines[receipt.hash] = started, known_in(listed, payload)
        results = [(other, await self._settle(other, listed, receipts)) for other in earlier]
        unresolved: Unresolved | None = None
        for other, result in results:
            if isinstance(result, Found):
                is_same = other.hash == receipt.hash
                return FoundEarlier(other.sent, result.assistant_id, is_same, receipt=other.id)
            unresolved = unresolved or Unresolved(
                UnknownReason.EARLIER, other.sent, result.why, receipt=other.id
            )
        return None if again else unresolved

    async def _settle(
        self, receipt: Receipt, listed: _Listed, receipts: Receipts
    ) -> Found | NotListed | Undecided:
        listed = self._not_listable(receipt, receipts) or listed
        outcome = await in_thread(self._reconcile, receipt, listed, receipts)
        if isinstance(outcome, Found):
            # If this cannot be written, the next look-up finds the assistant again.
            with suppress(StoreTrouble):
                await in_thread(receipts.settle, receipt.id, outcome)
        return outcome

    def _is_running(self, receipt: Receipt) -> bool:
        """Return whether a process still waits for the answer. Its lock is freed when it dies."""
        if receipt.kind is not None:
            return False
        with self._locks.acquire(_payload_lock(receipt)) as is_free:
            return not is_free or self._may_be_running(receipt)

    def _may_be_running(self, receipt: Receipt) -> bool:
        """Return whether another program may wait for the answer, if locks do not work."""
        age = abs(self._clock() - receipt.sent)
        return receipt.kind is None and not self._locks.work and age < _LONGEST

    async def _known_before(self, payload: Payload, receipt: Receipt) -> Known | None:
        """Return the assistants of the same name and company, if they could be listed in time."""
        listed_at, known = self._baselines.pop(receipt.hash, (None, None))
        if listed_at is not None and self._clock() - listed_at <= _FRESH:
            return known
        listed = await _list(self._client, self._baseline_seconds)
        return None if isinstance(listed, str) else known_in(listed, payload)

    # --- sending, and afterwards

    async def _send(
        self, payload: Payload, receipt: Receipt, receipts: Receipts, seen: set[str]
    ) -> Outcome:
        """Write the receipt, send the request once, complete the receipt."""
        delivery, started = Delivery(), time.monotonic()
        try:
            if not await in_thread(receipts.begin, receipt, seen):
                return BeingSent()
            started = time.monotonic()
            outcome = await self._client.create(payload.body, delivery)
        except asyncio.CancelledError:
            seconds = time.monotonic() - started
            with suppress(StoreTrouble):
                await in_thread(receipts.complete, receipt.id, delivery.stopped(), seconds)
            raise
        seconds = time.monotonic() - started
        message = without_secret(outcome.message, payload.data)
        outcome = replace(outcome, message=message, receipt=receipt.id)
        return await record_outcome(outcome, receipts.complete, receipt.id, outcome, seconds)

    async def _resolve(self, unknown: Unknown, receipt: Receipt, receipts: Receipts) -> Outcome:
        """Check the list for a request that was just sent without an answer."""
        listed = await _list(self._client, self._look_seconds)
        try:
            outcome = await in_thread(self._reconcile, receipt, listed, receipts, unknown)
        except StoreTrouble as trouble:
            outcome = self._reconcile(receipt, str(trouble), receipts, unknown)
        if isinstance(outcome, Found):
            return await record_outcome(outcome, receipts.settle, receipt.id, outcome)
        return outcome

    async def _add_id(self, outcome: Created, receipt: Receipt, receipts: Receipts) -> Outcome:
        """Return the outcome with the assistant's id from the list, if the answer had none."""
        listed = await _list(self._client, self._baseline_seconds)
        with suppress(StoreTrouble):
            found = await in_thread(self._reconcile, receipt, listed, receipts)
            if isinstance(found, Found) and found.assistant_id:
                outcome = replace(outcome, assistant_id=found.assistant_id)
                await in_thread(receipts.settle, receipt.id, outcome)
        return outcome

    def _not_listable(self, receipt: Receipt, receipts: Receipts) -> str:
        """Return why the list of the target cannot contain an attempt, or nothing if it can.

        Receipts of an earlier version do not record the key.
        """
        if receipt.target != normalized_url(self._target.base_url):
            return f"It was sent to {receipt.label}. Start the wizard with that target to check it."
        if receipt.key_end and receipt.key_end != receipts.hash_key(self._key):
            return "It was sent with another key. Start the wizard with that key to check it."
        return ""

    def _reconcile(
        self,
        receipt: Receipt,
        listed: _Listed,
        receipts: Receipts,
        unknown: Unknown = _EARLIER,
    ) -> Found | NotListed | Undecided:
        """Return the outcome of an attempt without an answer."""
        status, message = unknown.status or receipt.status, unknown.message or receipt.message
        outcome: Found | NotListed | Undecided
        if isinstance(listed, str):
            outcome = Undecided(unknown.reason, listed)
        else:
            taken, rivals = receipts.taken(receipt), receipts.rivals(receipt)
            outcome = find(listed, receipt, rivals, taken, self._clock())
        outcome = replace(outcome, status=status, message=message, receipt=receipt.id)
        if isinstance(outcome, Found):
            return outcome
        return replace(outcome, reason=unknown.reason, note=unknown.note)


async def same_named(client: Client, payloads: Sequence[Payload], seconds: float) -> list[str]:
    """Return a sentence for each payload whose name and company are already in the list."""
    listed = await _list(client, seconds)
    if isinstance(listed, str):
        return []
    found = (describe_same_named(listed, payload) for payload in payloads)
    return list(dict.fromkeys(filter(None, found)))


async def _list(client: Client, seconds: float) -> _Listed:
    try:
        async with asyncio.timeout(seconds):
            return await client.assistants()
    except ListUnavailable as trouble:
        return str(trouble)
    except TimeoutError:
        return "Your assistants could not be loaded in time."


async def record_outcome(
    outcome: Outcome, write: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs
) -> Outcome:
    """Write the outcome to the receipt. If that fails, the outcome's note says so."""
    try:
        await in_thread(write, *args, **kwargs)
    except StoreTrouble as trouble:
        return replace(outcome, note=f"Its receipt could not be completed. {trouble}")
    return outcome


def without_secret(message: str, data: Mapping[str, Any]) -> str:
    """Return a server's message without the widget's key."""
    secret = paths.get(data, SECRET)
    return redact(message, secret, "[api_key]") if isinstance(secret, str) else message


async def in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a function in a thread and wait until it ends, even if this task is cancelled.

    A write that is in progress during a cancellation is then either complete or absent.
    """
    # Not a task: closing the loop cancels every task and would not wait for this one.
    call = partial(function, *args, **kwargs)
    running = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()  # otherwise asyncio warns that it was never retrieved
        raise


def _payload_lock(receipt: Receipt) -> str:
    return lock_name("body", f"{receipt.target} {receipt.hash}")


def lock_name(kind: str, text: str) -> str:
    """Return a short name for the lock of what a text identifies."""
    return f"{kind}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
