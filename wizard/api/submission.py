"""Sends a payload: writes its receipt, sends it once and confirms whether it was created."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from wizard.api.client import Client, Delivery, ListUnavailable
from wizard.api.outcomes import (
    BeingSent,
    Created,
    CreatedBefore,
    Found,
    FoundEarlier,
    NoReceipt,
    NotListed,
    Outcome,
    Undecided,
    Unknown,
    Unresolved,
)
from wizard.api.payload_identity import hash_of, place
from wizard.api.reasons import UnknownReason
from wizard.api.receipt_store import Known, Receipt, Receipts
from wizard.api.responses import id_of, ids_of, normalized_name
from wizard.contract.masking import SECRET
from wizard.draft.draft import Payload
from wizard.errors import StoreTrouble
from wizard.formats import paths
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage import locks
from wizard.storage.database import Database
from wizard.storage.locks import Lock

# The maximum age of the list of assistants that existed before an attempt.
_FRESH: Final = timedelta(seconds=60)
# No request takes longer. Without locks a younger attempt without an answer may still be running.
_LONGEST: Final = timedelta(minutes=2)
# The tolerance for server clocks, and for times without a time zone.
_CLOCKS: Final = timedelta(minutes=5)
_ZONES: Final = timedelta(hours=15)
# A server's message may repeat a secret. A shorter value is a word like "test", not a secret.
_SECRET_LENGTH: Final = 8

_P = ParamSpec("_P")
_T = TypeVar("_T")


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Submission:
    """Sends payloads to one target, each once.

    `key` is the one that the client sends. `home` is the folder for lock files, None where there is
    none. `baseline_seconds` bounds how long the list of assistants is waited for before sending,
    `look_seconds` how long afterwards.
    """

    def __init__(
        self,
        client: Client,
        receipts: Receipts | None,
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
        self._locks = _Locks(home)
        self._baselines: dict[str, tuple[datetime, Known]] = {}

    async def prepare(self, payload: Payload, seconds: float | None = None) -> str:
        """List the assistants while the user reads the review. The list is kept for a minute.

        Returns a sentence if the list has assistants of the same name and company.
        """
        asked = self._clock()
        listed = await self._list(seconds or self._baseline_seconds)
        if isinstance(listed, str):
            return ""
        self._remember(payload, listed, asked)
        return _same_named(listed, payload)

    async def submit(
        self,
        payload: Payload,
        draft_id: str = "",
        *,
        again: bool = False,
        ask_first: bool = True,
        without_receipt: bool = False,
    ) -> Outcome:
        """Send a payload once, unless that might create a duplicate, and return the outcome.

        `again`: send it even if it was created before, or if that is unknown. `ask_first`: list the
        assistants first, unless `prepare` did. `without_receipt`: send even if no receipt can be
        written. Raises only CancelledError.
        """
        order = _Order(payload, draft_id, hash_of(payload.data), again, ask_first)
        with self._locks.acquire(*self._names(order)) as alone:
            if not alone:
                return BeingSent()
            try:
                if self.receipts is not None:
                    return await self._submit(order, self.receipts)
            except StoreTrouble as trouble:
                if not without_receipt:
                    return NoReceipt(str(trouble))
            with closing(Database.in_memory()) as memory:
                outcome = await self._submit(order, Receipts(memory, self._clock))
            return replace(outcome, receipt="")

    async def unanswered(self) -> list[Receipt]:
        """Return the attempts whose process ended before the answer. Raises StoreTrouble."""
        if self.receipts is None:
            return []
        return [
            receipt
            for receipt in await _in_thread(self.receipts.unanswered)
            if not self._is_under_way(receipt)
        ]

    async def look_up(self, receipt: Receipt) -> Outcome | None:
        """Check the list for an attempt without an answer, and update its receipt.

        None if the receipt has a definite answer by now. Raises StoreTrouble and NoSuch.
        """
        receipts = self.receipts
        if receipts is None:
            return None
        with self._locks.acquire(_body_name(receipt.target, receipt.hash)) as alone:
            if not alone:
                return BeingSent(receipt=receipt.id)
            receipt = await _in_thread(receipts.get, receipt.id)
            if not receipt.is_open:
                return None
            if self._may_be_running(receipt):
                return BeingSent(receipt=receipt.id)
            listed = self._out_of_reach(receipt, receipts) or await self._list(self._look_seconds)
            finding = await _in_thread(self._judge, receipt, listed, receipts)
            outcome = _outcome_of(finding, Unknown(UnknownReason.EARLIER), receipt)
            if finding.is_found:
                await _in_thread(receipts.settle, receipt.id, outcome)
            elif receipt.kind is None and not isinstance(listed, str):
                await _in_thread(receipts.complete, receipt.id, outcome, None)
            return outcome

    # --- before sending

    def _names(self, order: "_Order") -> list[str]:
        body = _body_name(place(self._target.base_url), order.hash)
        return [body, _lock_name("draft", order.draft_id)] if order.draft_id else [body]

    async def _submit(self, order: "_Order", receipts: Receipts) -> Outcome:
        """Look at what was sent before, then send; StoreTrouble only while nothing was sent."""
        drawn = await _in_thread(self._receipt, order, None, receipts)
        seen = await _in_thread(receipts.attempts, drawn)
        if not order.again:
            target = self._target.base_url
            before = await _in_thread(receipts.created_before, target, order.payload)
            if before is not None:
                return CreatedBefore(
                    before.sent, before.host, before.assistant_id, receipt=before.id
                )
        withheld = await self._settle_earlier(order, receipts)
        if withheld is not None:
            return withheld
        known = await self._known_before(order)
        receipt = await _in_thread(self._receipt, order, known, receipts)
        outcome = await self._send(order, receipt, receipts, seen)
        if isinstance(outcome, Created) and not outcome.assistant_id:
            outcome = await self._named(outcome, receipt, receipts)
        if isinstance(outcome, Unknown):
            outcome = await self._resolve(outcome, receipt, receipts)
        if order.passed and outcome.kind in ("created", "unknown"):
            outcome = await _record(outcome, receipts.pass_over, order.passed)
        return outcome

    async def _settle_earlier(self, order: "_Order", receipts: Receipts) -> Outcome | None:
        """Resolve earlier attempts without an answer. Return an outcome if one prevents sending."""
        data, target = order.payload.data, self._target.base_url
        same = (target, data["name"], data["company_name"])
        earlier = [
            receipt
            for receipt in await _in_thread(receipts.unresolved, *same)
            if receipt.hash == order.hash or not self._is_under_way(receipt)
        ]
        if not earlier:
            return None
        if any(map(self._may_be_running, earlier)):
            return BeingSent()
        asked = self._clock()
        listed = await self._list(self._look_seconds)
        if not isinstance(listed, str):
            self._remember(order.payload, listed, asked)
        findings = [await self._settle(receipt, listed, receipts) for receipt in earlier]
        for receipt, finding in zip(earlier, findings, strict=True):
            if finding.is_found:
                same_body = receipt.hash == order.hash
                return FoundEarlier(
                    receipt.sent, finding.assistant_id, same_body, receipt=receipt.id
                )
        if not order.again:
            sent, why = earlier[0].sent, findings[0].why
            return Unresolved(UnknownReason.EARLIER, sent, why, receipt=earlier[0].id)
        order.passed.extend(receipt.id for receipt in earlier)
        return None

    async def _settle(self, receipt: Receipt, listed: "_Listed", receipts: Receipts) -> "_Finding":
        listed = self._out_of_reach(receipt, receipts) or listed
        finding = await _in_thread(self._judge, receipt, listed, receipts)
        if finding.is_found:
            # If this cannot be written, the next look-up finds the assistant again.
            with suppress(StoreTrouble):
                await _in_thread(receipts.settle, receipt.id, Found(finding.assistant_id))
        return finding

    def _is_under_way(self, receipt: Receipt) -> bool:
        """Return whether a process still waits for the answer. Its lock is freed when it dies."""
        if receipt.kind is not None:
            return False
        with self._locks.acquire(_body_name(receipt.target, receipt.hash)) as free:
            return not free or self._may_be_running(receipt)

    def _may_be_running(self, receipt: Receipt) -> bool:
        """Whether another program may still wait for the answer, if no lock can say so."""
        age = abs(self._clock() - receipt.sent)
        return receipt.kind is None and not self._locks.work and age < _LONGEST

    async def _known_before(self, order: "_Order") -> Known | None:
        """Return the assistants of the same name and company, if they could be listed in time."""
        asked, known = self._baselines.pop(order.hash, (None, None))
        if asked is not None and self._clock() - asked <= _FRESH:
            return known
        listed = await self._list(self._baseline_seconds) if order.ask_first else ""
        return None if isinstance(listed, str) else _known_in(listed, order.payload)

    def _remember(self, payload: Payload, listed: "_Assistants", asked: datetime) -> None:
        fresh = {k: v for k, v in self._baselines.items() if asked - v[0] <= _FRESH}
        self._baselines = fresh | {hash_of(payload.data): (asked, _known_in(listed, payload))}

    def _receipt(self, order: "_Order", known: Known | None, receipts: Receipts) -> Receipt:
        return Receipt.of(
            order.payload,
            order.draft_id,
            self._target.base_url,
            self._clock(),
            key_end=receipts.mark_of(self._key),
            known=known,
        )

    # --- sending, and afterwards

    async def _send(
        self, order: "_Order", receipt: Receipt, receipts: Receipts, seen: set[str]
    ) -> Outcome:
        """Write the receipt, send the request once, complete the receipt."""
        delivery, started = Delivery(), time.monotonic()
        try:
            if not await _in_thread(receipts.begin, receipt, seen):
                return BeingSent()
            started = time.monotonic()
            outcome = await self._client.create(order.payload.body, delivery)
        except asyncio.CancelledError:
            seconds = time.monotonic() - started
            with suppress(StoreTrouble):
                await _in_thread(receipts.complete, receipt.id, delivery.stopped(), seconds)
            raise
        seconds = time.monotonic() - started
        message = _without_secret(outcome.message, order.payload)
        outcome = replace(outcome, message=message, receipt=receipt.id)
        return await _record(outcome, receipts.complete, receipt.id, outcome, seconds)

    async def _resolve(self, outcome: Unknown, receipt: Receipt, receipts: Receipts) -> Outcome:
        """Check the list for a request that was just sent without an answer."""
        listed = await self._list(self._look_seconds)
        try:
            finding = await _in_thread(self._judge, receipt, listed, receipts)
        except StoreTrouble as trouble:
            finding = _Finding(_Resolution.CANNOT_TELL, str(trouble))
        resolved = _outcome_of(finding, outcome, receipt)
        if finding.is_found:
            return await _record(resolved, receipts.settle, receipt.id, resolved)
        return resolved

    async def _named(self, outcome: Created, receipt: Receipt, receipts: Receipts) -> Outcome:
        """Return the outcome with the assistant's id from the list, if the answer had none."""
        listed = await self._list(self._baseline_seconds)
        with suppress(StoreTrouble):
            finding = await _in_thread(self._judge, receipt, listed, receipts)
            if finding.assistant_id:
                outcome = replace(outcome, assistant_id=finding.assistant_id)
                await _in_thread(receipts.settle, receipt.id, outcome)
        return outcome

    async def _list(self, seconds: float) -> "_Listed":
        return await _listed_by(self._client, seconds)

    def _out_of_reach(self, receipt: Receipt, receipts: Receipts) -> str:
        """Why the list of the target would not tell of an attempt; empty if it does.

        Receipts of an earlier version do not say with which key it was sent.
        """
        if receipt.target != place(self._target.base_url):
            return f"It was sent to {receipt.host}. Start the wizard with that target to check it."
        if receipt.key_end and receipt.key_end != receipts.mark_of(self._key):
            return "It was sent with another key. Start the wizard with that key to check it."
        return ""

    def _judge(self, receipt: Receipt, listed: "_Listed", receipts: Receipts) -> "_Finding":
        """Return the finding for an attempt. `listed` may be the reason why there is no list."""
        if isinstance(listed, str):
            return _Finding(_Resolution.CANNOT_TELL, listed)
        taken, rivals = receipts.taken(receipt), receipts.rivals(receipt)
        return _find(listed, receipt, rivals, taken, self._clock())


async def same_named(client: Client, payloads: Sequence[Payload], seconds: float) -> list[str]:
    """A sentence for each payload whose name and company the list of assistants has already."""
    try:
        listed = await _listed_by(client, seconds)
    finally:
        await client.aclose()
    if isinstance(listed, str):
        return []
    found = (_same_named(listed, payload) for payload in payloads)
    return list(dict.fromkeys(filter(None, found)))


async def _listed_by(client: Client, seconds: float) -> "_Listed":
    """The assistants of the account, or a sentence why they cannot be had."""
    try:
        async with asyncio.timeout(seconds):
            return await client.assistants()
    except ListUnavailable as trouble:
        return str(trouble)
    except TimeoutError:
        return "Your assistants could not be loaded in time."


def _same_named(listed: "_Assistants", payload: Payload) -> str:
    name, company = payload.data["name"], payload.data["company_name"]
    same = (normalized_name(name), normalized_name(company))
    count = sum(_by_name(item, *same) is _Chance.YES for item in listed)
    if not count:
        return ""
    several = "an assistant" if count == 1 else f"{count} assistants"
    return f"Your account already has {several} named {name} of {company}."


@dataclass(frozen=True, slots=True)
class _Order:
    """A payload to send, with the user's choices.

    `passed` are attempts without an answer that the user chose to ignore.
    """

    payload: Payload
    draft_id: str
    hash: str
    again: bool
    ask_first: bool
    passed: list[str] = field(default_factory=list)


def _outcome_of(finding: "_Finding", unknown: Unknown, receipt: Receipt) -> Outcome:
    """Return the outcome of an attempt without an answer, based on the finding."""
    status, message = unknown.status or receipt.status, unknown.message or receipt.message
    if finding.is_found:
        return Found(finding.assistant_id, status=status, message=message, receipt=receipt.id)
    more: dict[str, Any] = {
        "status": status, "message": message, "receipt": receipt.id, "note": unknown.note,
    }  # fmt: skip
    if finding.resolution is _Resolution.NOT_FOUND:
        return NotListed(unknown.reason, **more)
    return Undecided(unknown.reason, finding.why, **more)


async def _record(
    outcome: Outcome, write: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs
) -> Outcome:
    """Write the outcome to the receipt. If that fails, the outcome's note says so."""
    try:
        await _in_thread(write, *args, **kwargs)
    except StoreTrouble as trouble:
        return replace(outcome, note=f"Its receipt could not be completed. {trouble}")
    return outcome


def _without_secret(message: str, payload: Payload) -> str:
    """Remove the widget's key from a server's message."""
    secret = paths.get(payload.data, SECRET)
    is_secret = isinstance(secret, str) and len(secret) >= _SECRET_LENGTH
    return message.replace(secret, "[api_key]") if is_secret else message


async def _in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
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


# --- one at a time


class _Locks:
    """Ensures that a payload is sent by one task at a time, across all processes.

    The system frees a lock when its process dies. If lock files cannot be created (no folder, a
    read-only one), the lock holds in this process only, and `work` is false.
    """

    def __init__(self, home: Path | None) -> None:
        self._folder = home.absolute() / "locks" if home else None
        self.work = True

    @contextmanager
    def acquire(self, *names: str) -> Iterator[bool]:
        """Hold all locks of these names, or none. Yields whether all were free."""
        with ExitStack() as stack:
            if all(self._take(name, stack) for name in names):
                yield True
                return
        yield False

    def _take(self, name: str, stack: ExitStack) -> bool:
        lock = (self._folder, name)
        if lock in _HELD:
            return False
        if self._folder is not None:
            try:
                if not _lock_file(self._folder, name, stack):
                    return False
            except OSError:
                self.work = False
        _HELD.add(lock)
        stack.callback(_HELD.discard, lock)
        return True


_HELD: Final[set[tuple[Path | None, str]]] = set()


def _lock_file(folder: Path, name: str, stack: ExitStack) -> bool:
    """Lock a file until the stack closes. Return False if another process holds it.

    Raises OSError if the file cannot be locked.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = locks.acquire(folder / f"{name}.lock")
    if lock is None:
        return False
    stack.callback(_release, lock)
    return True


def _release(lock: Lock) -> None:
    with suppress(OSError):
        lock.release()


def _body_name(target: str, body_hash: str) -> str:
    return _lock_name("body", f"{target} {body_hash}")


def _lock_name(kind: str, text: str) -> str:
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


# --- finding an attempt in the list of assistants

_Assistants = Sequence[Mapping[str, Any]]
_Listed = _Assistants | str


class _Resolution(Enum):
    """The result of looking for an attempt in a list."""

    FOUND = "found"
    NOT_FOUND = "not found"
    CANNOT_TELL = "cannot tell"


class _Finding(NamedTuple):
    """The result of looking for an attempt: its id if found, the reason if uncertain."""

    resolution: _Resolution
    why: str = ""
    assistant_id: str | None = None

    @property
    def is_found(self) -> bool:
        return self.resolution is _Resolution.FOUND


class _Chance(IntEnum):
    """Whether a listed assistant is the one that an attempt created."""

    NO = 0
    PERHAPS = 1
    YES = 2


class _Age(Enum):
    """When an assistant was created, relative to an attempt."""

    BEFORE = "before"
    SINCE = "since"
    UNSURE = "unsure"


_NOT_LISTED: Final = "It is not in the list of your assistants."
_MAYBE_OLDER: Final = (
    "An assistant in your list may be the one, but it may also have existed before."
)
_SEVERAL: Final = "Several assistants in your list have this name and may be the one."
_AMBIGUOUS: Final = (
    "An assistant in your list has this name, but another attempt may have created it."
)


def _find(
    listed: _Assistants,
    receipt: Receipt,
    rivals: Sequence[Receipt],
    taken: frozenset[str],
    moment: datetime,
) -> _Finding:
    """Find the assistant that an attempt created. `taken` are the ids of other attempts."""
    chances = [(_chance(item, receipt, taken, moment), item) for item in listed]
    possible = [(chance, item) for chance, item in chances if chance]
    possible = _without_old_nameless(possible, listed, receipt)
    certain = [item for chance, item in possible if chance is _Chance.YES]
    if not possible:
        return _Finding(_Resolution.NOT_FOUND, _NOT_LISTED)
    if len(certain) != 1:
        return _Finding(_Resolution.CANNOT_TELL, _SEVERAL if certain else _MAYBE_OLDER)
    if any(_chance(certain[0], rival, taken, moment) for rival in rivals):
        return _Finding(_Resolution.CANNOT_TELL, _AMBIGUOUS)
    return _Finding(_Resolution.FOUND, "", id_of(certain[0]))


def _without_old_nameless(
    possible: list[tuple[_Chance, Mapping[str, Any]]], listed: _Assistants, receipt: Receipt
) -> list[tuple[_Chance, Mapping[str, Any]]]:
    """Drop as many assistants without an id as existed before, since they are indistinguishable."""
    if receipt.known is None:
        return possible
    name, company = receipt.name, receipt.company
    same = [item for item in listed if _by_name(item, name, company) and not ids_of(item)]
    more = max(0, len(same) - receipt.known.without)
    nameless = [(chance, item) for chance, item in possible if not ids_of(item)]
    return [(c, item) for c, item in possible if ids_of(item)] + nameless[:more]


def _chance(
    item: Mapping[str, Any], receipt: Receipt, taken: frozenset[str], moment: datetime
) -> _Chance:
    """Return whether an assistant can be the one that an attempt created."""
    named, ids = _by_name(item, receipt.name, receipt.company), set(ids_of(item))
    age = _age(item, receipt.sent, moment)
    if age is _Age.BEFORE or ids & taken:
        return _Chance.NO
    if receipt.known is None:
        return named if age is _Age.SINCE else min(named, _Chance.PERHAPS)
    return _Chance.NO if ids & receipt.known.ids else named


def _by_name(item: Mapping[str, Any], name: str, company: str) -> _Chance:
    """Match name and company, both normalized_name. Without a company the match is uncertain."""
    item_name, item_company = item.get("name"), item.get("company_name")
    if not isinstance(item_name, str) or normalized_name(item_name) != name:
        return _Chance.NO
    if not isinstance(item_company, str) or not item_company.strip():
        return _Chance.PERHAPS
    return _Chance.YES if normalized_name(item_company) == company else _Chance.NO


def _known_in(listed: _Assistants, payload: Payload) -> Known:
    """Return the assistants of a payload's name and company in a list."""
    name, company = (
        normalized_name(payload.data["name"]),
        normalized_name(payload.data["company_name"]),
    )
    return Known.of(item for item in listed if _by_name(item, name, company))


def _age(item: Mapping[str, Any], sent: datetime, moment: datetime) -> _Age:
    """Compare the server's creation time with the attempt, allowing for clock differences."""
    created = _created(item)
    if created is None:
        return _Age.UNSURE
    has_zone = created.tzinfo is not None
    created = created if has_zone else created.replace(tzinfo=UTC)
    if sent - created > (_CLOCKS if has_zone else _ZONES):
        return _Age.BEFORE
    since = sent.replace(microsecond=0) <= created and created - moment <= _CLOCKS
    return _Age.SINCE if has_zone and since else _Age.UNSURE


def _created(item: Mapping[str, Any]) -> datetime | None:
    """Return the creation time: an ISO time, or seconds or milliseconds since the epoch."""
    value = item.get("createdAt") or item.get("created_at")
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    return None
