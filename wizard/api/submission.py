"""The one way to send: receipt, request, outcome, and the question whether it exists already."""

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
    UnknownReason,
    Unresolved,
    folded,
    id_of,
    ids_of,
)
from wizard.api.receipt_store import Known, Receipt, Receipts, hash_of, place
from wizard.contract.masking import SECRET
from wizard.draft.draft import Payload
from wizard.errors import StoreTrouble
from wizard.formats import paths
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage import locks
from wizard.storage.database import Database
from wizard.storage.locks import Lock

# How old a list may be that tells what was there before an attempt.
_FRESH: Final = timedelta(seconds=60)
# No request takes longer. Without locks a younger attempt without an answer may still be running.
_LONGEST: Final = timedelta(minutes=2)
# Servers' clocks differ from ours by so much; by more where their time does not name its zone.
_CLOCKS: Final = timedelta(minutes=5)
_ZONES: Final = timedelta(hours=15)
# A server's words may repeat a secret. A shorter one is a word like "test" and no secret.
_SECRET_LENGTH: Final = 8

_P = ParamSpec("_P")
_T = TypeVar("_T")


def now() -> datetime:
    """The time of now, with its zone."""
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
        """Ask what is there already, while the person still reads; remembered for a minute.

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
        """Send a payload once, unless that might create a second one, and say what came of it.

        `again`: the person wants it sent although it was created before, or although nobody knows.
        `ask_first`: ask what is there already, where `prepare` did not. `without_receipt`: send
        even where no receipt can be written. Nothing is raised but CancelledError.
        """
        order = _Order(payload, draft_id, hash_of(payload.data), again, ask_first)
        with self._locks.held(*self._names(order)) as alone:
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
        """The attempts whose program ended before the answer; those under way are not among them.

        Raises StoreTrouble.
        """
        if self.receipts is None:
            return []
        return [
            receipt
            for receipt in await _in_thread(self.receipts.unanswered)
            if not self._is_under_way(receipt)
        ]

    async def look_up(self, receipt: Receipt) -> Outcome | None:
        """Ask the list what became of an attempt without an answer, and keep it in its receipt.

        None where the receipt has a certain answer by now. Raises StoreTrouble and NoSuch.
        """
        receipts = self.receipts
        if receipts is None:
            return None
        with self._locks.held(_body_name(receipt.target, receipt.hash)) as alone:
            if not alone:
                return BeingSent(receipt=receipt.id)
            receipt = await _in_thread(receipts.get, receipt.id)
            if not receipt.is_open:
                return None
            if self._may_be_running(receipt):
                return BeingSent(receipt=receipt.id)
            listed = self._out_of_reach(receipt, receipts) or await self._list(self._look_seconds)
            finding = await _in_thread(self._judge, receipt, listed, receipts)
            outcome = _told(finding, Unknown(UnknownReason.EARLIER), receipt)
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
            outcome = await _noted(outcome, receipts.pass_over, order.passed)
        return outcome

    async def _settle_earlier(self, order: "_Order", receipts: Receipts) -> Outcome | None:
        """Find out about earlier attempts without an answer; what stands in the way of sending."""
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
            # Where it cannot be written it is found again the next time; it exists all the same.
            with suppress(StoreTrouble):
                await _in_thread(receipts.settle, receipt.id, Found(finding.assistant_id))
        return finding

    def _is_under_way(self, receipt: Receipt) -> bool:
        """Whether somebody is waiting for the answer; who died has let go of the lock."""
        if receipt.kind is not None:
            return False
        with self._locks.held(_body_name(receipt.target, receipt.hash)) as free:
            return not free or self._may_be_running(receipt)

    def _may_be_running(self, receipt: Receipt) -> bool:
        """Whether another program may still wait for the answer, if no lock can say so."""
        age = abs(self._clock() - receipt.sent)
        return receipt.kind is None and not self._locks.work and age < _LONGEST

    async def _known_before(self, order: "_Order") -> Known | None:
        """What the list has of the same name and company, as far as it is known in time."""
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
        return await _noted(outcome, receipts.complete, receipt.id, outcome, seconds)

    async def _resolve(self, outcome: Unknown, receipt: Receipt, receipts: Receipts) -> Outcome:
        """Ask the list what became of a request that has just been sent."""
        listed = await self._list(self._look_seconds)
        try:
            finding = await _in_thread(self._judge, receipt, listed, receipts)
        except StoreTrouble as trouble:
            finding = _Finding(_Resolution.CANNOT_TELL, str(trouble))
        told = _told(finding, outcome, receipt)
        if finding.is_found:
            return await _noted(told, receipts.settle, receipt.id, told)
        return told

    async def _named(self, outcome: Created, receipt: Receipt, receipts: Receipts) -> Outcome:
        """Look in the list for the id of an assistant that was created without one."""
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
            return f"It was sent to {receipt.host}: the wizard asks there when that is its target."
        if receipt.key_end and receipt.key_end != receipts.mark_of(self._key):
            return "It was sent with another key: the wizard asks when it works with that one."
        return ""

    def _judge(self, receipt: Receipt, listed: "_Listed", receipts: Receipts) -> "_Finding":
        """What a list tells of an attempt; one that cannot be had is why it tells nothing."""
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
        return "The list of assistants did not come in time."


def _same_named(listed: "_Assistants", payload: Payload) -> str:
    name, company = payload.data["name"], payload.data["company_name"]
    same = (folded(name), folded(company))
    count = sum(_by_name(item, *same) is _Chance.YES for item in listed)
    if not count:
        return ""
    several = "an assistant" if count == 1 else f"{count} assistants"
    return f"Your account already has {several} named {name} of {company}."


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be sent, and how much the person insists.

    `passed` are attempts without an answer that the person sends another one after.
    """

    payload: Payload
    draft_id: str
    hash: str
    again: bool
    ask_first: bool
    passed: list[str] = field(default_factory=list)


def _told(finding: "_Finding", unknown: Unknown, receipt: Receipt) -> Outcome:
    """Return the outcome of an attempt without an answer, after the list was looked at."""
    status, message = unknown.status or receipt.status, unknown.message or receipt.message
    if finding.is_found:
        return Found(finding.assistant_id, status=status, message=message, receipt=receipt.id)
    more: dict[str, Any] = {
        "status": status, "message": message, "receipt": receipt.id, "note": unknown.note,
    }  # fmt: skip
    if finding.resolution is _Resolution.NOT_FOUND:
        return NotListed(unknown.reason, **more)
    return Undecided(unknown.reason, finding.why, **more)


async def _noted(
    outcome: Outcome, write: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs
) -> Outcome:
    """Write to a receipt what came of it; where that fails the outcome says so."""
    try:
        await _in_thread(write, *args, **kwargs)
    except StoreTrouble as trouble:
        return replace(outcome, note=f"Its receipt could not be completed. {trouble}")
    return outcome


def _without_secret(message: str, payload: Payload) -> str:
    """Take the widget's key out of a server's words."""
    secret = paths.get(payload.data, SECRET)
    is_secret = isinstance(secret, str) and len(secret) >= _SECRET_LENGTH
    return message.replace(secret, "[api_key]") if is_secret else message


async def _in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a function in a thread and wait until it has ended, also when this task is cancelled.

    What is being written while somebody cancels is then either there or not.
    """
    # No task: the loop's end cancels every task, and would not wait for this one.
    call = partial(function, *args, **kwargs)
    running = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()  # else asyncio complains that nobody looked at it
        raise


# --- one at a time


class _Locks:
    """Sees to it that a thing is sent by one at a time, in this program and in all others.

    The system frees a lock when its process dies. If no lock files can be made (no folder, a
    read-only one) it holds in this program alone, and `work` is false.
    """

    def __init__(self, home: Path | None) -> None:
        self._folder = home.absolute() / "locks" if home else None
        self.work = True

    @contextmanager
    def held(self, *names: str) -> Iterator[bool]:
        """Hold the locks of these names, all or none; gives whether they were all free."""
        with ExitStack() as stack:
            if all(self._take(name, stack) for name in names):
                yield True
                return
        yield False

    def _take(self, name: str, stack: ExitStack) -> bool:
        held = (self._folder, name)
        if held in _HELD:
            return False
        if self._folder is not None:
            try:
                if not _lock_file(self._folder, name, stack):
                    return False
            except OSError:
                self.work = False
        _HELD.add(held)
        stack.callback(_HELD.discard, held)
        return True


_HELD: Final[set[tuple[Path | None, str]]] = set()


def _lock_file(folder: Path, name: str, stack: ExitStack) -> bool:
    """Lock a file until the stack is left; whether it was free. OSError if it cannot be locked."""
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = locks.acquire(folder / f"{name}.lock")
    if lock is None:
        return False
    stack.callback(_let_go, lock)
    return True


def _let_go(lock: Lock) -> None:
    with suppress(OSError):
        lock.release()


def _body_name(target: str, body_hash: str) -> str:
    return _lock_name("body", f"{target} {body_hash}")


def _lock_name(kind: str, text: str) -> str:
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


# --- what a list of assistants tells

_Assistants = Sequence[Mapping[str, Any]]
_Listed = _Assistants | str


class _Resolution(Enum):
    """What a list tells of an attempt."""

    FOUND = "found"
    NOT_FOUND = "not found"
    CANNOT_TELL = "cannot tell"


class _Finding(NamedTuple):
    """What a list tells of an attempt, why where it cannot tell, and the id where it was found."""

    resolution: _Resolution
    why: str = ""
    assistant_id: str | None = None

    @property
    def is_found(self) -> bool:
        return self.resolution is _Resolution.FOUND


class _Chance(IntEnum):
    """Whether an assistant of a list can be the one that an attempt created."""

    NO = 0
    PERHAPS = 1
    YES = 2


class _Age(Enum):
    """When an assistant was made, seen from an attempt."""

    BEFORE = "before"
    SINCE = "since"
    UNSURE = "unsure"


_NOT_THERE: Final = "The list of your assistants was asked and does not have it."
_THERE_BEFORE: Final = (
    "The list of your assistants has one that may be it, or may have been there before."
)
_SEVERAL: Final = "The list of your assistants has several of this name that may be it."
_ANOTHERS: Final = (
    "The list of your assistants has one of this name, but another attempt may have created it."
)


def _find(
    listed: _Assistants,
    receipt: Receipt,
    rivals: Sequence[Receipt],
    taken: frozenset[str],
    moment: datetime,
) -> _Finding:
    """Look for the assistant that an attempt created; `taken` ids are those of other attempts."""
    chances = [(_chance(item, receipt, taken, moment), item) for item in listed]
    possible = [(chance, item) for chance, item in chances if chance]
    possible = _without_old_nameless(possible, listed, receipt)
    certain = [item for chance, item in possible if chance is _Chance.YES]
    if not possible:
        return _Finding(_Resolution.NOT_FOUND, _NOT_THERE)
    if len(certain) != 1:
        return _Finding(_Resolution.CANNOT_TELL, _SEVERAL if certain else _THERE_BEFORE)
    if any(_chance(certain[0], rival, taken, moment) for rival in rivals):
        return _Finding(_Resolution.CANNOT_TELL, _ANOTHERS)
    return _Finding(_Resolution.FOUND, "", id_of(certain[0]))


def _without_old_nameless(
    possible: list[tuple[_Chance, Mapping[str, Any]]], listed: _Assistants, receipt: Receipt
) -> list[tuple[_Chance, Mapping[str, Any]]]:
    """Of those without an id keep no more than were not there before; they are all alike."""
    if receipt.known is None:
        return possible
    name, company = receipt.name, receipt.company
    alike = [item for item in listed if _by_name(item, name, company) and not ids_of(item)]
    more = max(0, len(alike) - receipt.known.without)
    nameless = [(chance, item) for chance, item in possible if not ids_of(item)]
    return [(c, item) for c, item in possible if ids_of(item)] + nameless[:more]


def _chance(
    item: Mapping[str, Any], receipt: Receipt, taken: frozenset[str], moment: datetime
) -> _Chance:
    """Whether an assistant can be the one that an attempt created."""
    named, ids = _by_name(item, receipt.name, receipt.company), set(ids_of(item))
    age = _age(item, receipt.sent, moment)
    if age is _Age.BEFORE or ids & taken:
        return _Chance.NO
    if receipt.known is None:
        return named if age is _Age.SINCE else min(named, _Chance.PERHAPS)
    return _Chance.NO if ids & receipt.known.ids else named


def _by_name(item: Mapping[str, Any], name: str, company: str) -> _Chance:
    """Go by name and company, both folded; a list that does not tell the company leaves it open."""
    told, told_company = item.get("name"), item.get("company_name")
    if not isinstance(told, str) or folded(told) != name:
        return _Chance.NO
    if not isinstance(told_company, str) or not told_company.strip():
        return _Chance.PERHAPS
    return _Chance.YES if folded(told_company) == company else _Chance.NO


def _known_in(listed: _Assistants, payload: Payload) -> Known:
    """What a list has of a payload's name and company."""
    name, company = folded(payload.data["name"]), folded(payload.data["company_name"])
    return Known.of(item for item in listed if _by_name(item, name, company))


def _age(item: Mapping[str, Any], sent: datetime, moment: datetime) -> _Age:
    """Go by the time that the server says it was created, as far as clocks can be trusted."""
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
    """Read when an assistant was created: an ISO time, or seconds or milliseconds of the epoch."""
    told = item.get("createdAt") or item.get("created_at")
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(told, str):
            return datetime.fromisoformat(told.strip())
        if isinstance(told, int | float) and not isinstance(told, bool):
            return datetime.fromtimestamp(told / 1000 if told > 1e11 else told, UTC)
    return None
