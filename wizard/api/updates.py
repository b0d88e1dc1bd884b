"""Updates an existing assistant: reads it again, writes a receipt, replaces it, reads it back."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from wizard.api.client import Client, Delivery
from wizard.api.outcomes import Created, NotSent, Outcome, Unknown
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.records import IS_LISTED, Record, is_counted, unmasked_text, without_counted
from wizard.api.submission import in_thread, lock_name, record_outcome, without_secret
from wizard.api.update_outcomes import (
    KEY_NOT_RESTORED,
    BeingUpdated,
    ChangedAtQCall,
    NotApplied,
    NotThere,
    NotUpdatable,
    OnlyKeyLost,
    Unchanged,
    Updated,
    UpdateNoReceipt,
    UpdatePending,
    UpdateUnknown,
    not_read,
    of_update,
)
from wizard.api.update_receipts import CHANGED, UpdateReceipt, UpdateReceipts
from wizard.contract.masking import MASK, SECRET
from wizard.errors import AssistantsUnavailable, StoreTrouble
from wizard.exchange.differences import Difference, differences, same
from wizard.exchange.merging import MemberChange, member_changes, merged
from wizard.formats import paths
from wizard.formats.json_members import Node
from wizard.formats.paths import MISSING
from wizard.formats.payload_identity import normalized_url
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage.locks import NamedLocks
from wizard.storage.store import now

# No request takes longer: an update without an answer that is not there by then was lost.
LONGEST: Final = timedelta(minutes=2)
# The longest that one assistant is read.
_READ_SECONDS: Final = 60.0
# Seconds before an assistant is read once more after an update without an answer.
_PAUSES: Final = (1.0, 3.0)
_IDS: Final = ("hash_id", "id", "_id")


@dataclass(frozen=True)
class Wanted:
    """What an assistant should become: `text` is the whole record, with the person's changes.

    `base` is the record in which they were made. With `partial`, members that `text` lacks stay as
    they are. The widget's key may be masked in both, which means that it stays. `has_lost_key`: it
    should change, to one that is kept nowhere.
    """

    base: Record
    text: str = field(repr=False)
    partial: bool = False
    has_lost_key: bool = False


@dataclass(frozen=True)
class Plan:
    """An update that is worked out for the record as it is now; `text` is the body to send.

    `changes` are what the update changes, `sides` the members that changed on either side since the
    base was read.
    """

    current: Record
    text: str = field(repr=False)
    changes: tuple[Difference, ...]
    sides: tuple[MemberChange, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The record as it will be sent."""
        found: dict[str, Any] = Node.of(self.text).value
        return found

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return not self.changes

    @property
    def theirs(self) -> tuple[MemberChange, ...]:
        """The members that were changed at QCall since the base was read."""
        return tuple(side for side in self.sides if side.is_theirs)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the changes."""
        return tuple(dict.fromkeys(paths.write(change.path) for change in self.changes))


def plan(current: Record, wanted: Wanted) -> Plan:
    """Work out an update of a record; every member without a change keeps its text."""
    mine_text = unmasked_text(wanted.text, current.data)
    mine: dict[str, Any] = Node.of(mine_text).value
    base = _comparable(wanted.base.data, mine, current.data)
    text = merged(current.text, base, mine_text, partial=wanted.partial)
    if wanted.partial:
        mine = Node.of(merged(json.dumps(base), base, mine_text, partial=True)).value
    sides = member_changes(*map(_content, (base, mine, current.data)))
    return Plan(current, text, tuple(differences(current.data, Node.of(text).value)), tuple(sides))


def _comparable(
    base: Mapping[str, Any], mine: Mapping[str, Any], current: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the base with ids, counters and masks that do not count as changes."""
    kept = {name: value for name, value in base.items() if not _is_servers(name)}
    kept |= {name: value for name, value in mine.items() if _is_servers(name)}
    if paths.get(kept, SECRET) == MASK:
        kept = dict(paths.put(kept, SECRET, paths.get(current, SECRET)))
    return kept


def _content(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if not _is_servers(name)}


def _is_servers(name: str) -> bool:
    return name in _IDS or is_counted(name)


class Updates:
    """Updates the assistants of one target, each change once.

    `home` is the folder for lock files, or None. `longest` is the age at which an update without an
    answer cannot arrive any more.
    """

    def __init__(
        self,
        client: Client,
        receipts: UpdateReceipts,
        target: Target,
        *,
        home: Path | None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        longest: timedelta = LONGEST,
    ) -> None:
        self.receipts = receipts
        self._client = client
        self._target = target
        self._sleep = sleep
        self._longest = longest
        self._locks = NamedLocks(home)

    async def read(self, assistant_id: str) -> Record:
        """Return an assistant as it is now. Raises AssistantsUnavailable."""
        try:
            async with asyncio.timeout(_READ_SECONDS):
                return await self._client.record(assistant_id)
        except TimeoutError:
            raise AssistantsUnavailable("The assistant could not be read in time.") from None

    async def update(self, wanted: Wanted, *, draft_id: str = "", force: bool = False) -> Outcome:
        """Make the changes of `wanted` in the assistant as it is now, and return the outcome.

        Nothing is sent if it was changed at QCall since the base was read; with `force`, the
        changes are made in what it is now. Raises only CancelledError.
        """
        assistant_id = wanted.base.id
        if not assistant_id:
            return NotUpdatable("it has no id")
        with self._locks.acquire(self._lock(assistant_id)) as is_alone:
            if not is_alone:
                return BeingUpdated()
            try:
                return await self._update(assistant_id, wanted, draft_id, force)
            except AssistantsUnavailable as trouble:
                return not_read(trouble)
            except StoreTrouble as trouble:
                return UpdateNoReceipt(str(trouble))

    async def restore(self, receipt_id: str, *, force: bool = False) -> Outcome:
        """Put back the record that an update replaced.

        What was changed at QCall since that update stays; without `force` nothing is sent then.
        Raises NoSuch, StoreTrouble and CancelledError.
        """
        receipt = await in_thread(self.receipts.get, receipt_id)
        if why := self._not_here(receipt):
            return NotUpdatable(why)
        return await self.update(previous_version(receipt), draft_id=receipt.draft, force=force)

    def is_here(self, receipt: UpdateReceipt) -> bool:
        """Whether a receipt is of the target."""
        return receipt.target == normalized_url(self._target.base_url)

    def _not_here(self, receipt: UpdateReceipt) -> str:
        if self.is_here(receipt):
            return ""
        return f"the receipt is of {receipt.label}, so start the wizard with that target"

    async def look_up(self, receipt: UpdateReceipt) -> Outcome | None:
        """Read the assistant of an update without an answer, and complete its receipt.

        None if the receipt has an answer by now. Raises StoreTrouble and NoSuch.
        """
        with self._locks.acquire(self._lock(receipt.assistant)) as is_alone:
            if not is_alone:
                return BeingUpdated(receipt=receipt.id)
            receipt = await in_thread(self.receipts.get, receipt.id)
            if not receipt.is_open:
                return None
            if why := self._not_here(receipt):
                return NotUpdatable(why, receipt=receipt.id)
            try:
                current = await self.read(receipt.assistant)
            except AssistantsUnavailable as trouble:
                return replace(not_read(trouble), receipt=receipt.id)
            return await self._settle(receipt, current)

    async def settle_earlier(self, current: Record) -> None:
        """Complete the receipts of updates without an answer that are in the record by now.

        Raises StoreTrouble.
        """
        with self._locks.acquire(self._lock(current.id)) as is_alone:
            if is_alone:
                await self._settle_earlier(current)

    # --- before sending

    async def _update(
        self, assistant_id: str, wanted: Wanted, draft_id: str, force: bool
    ) -> Outcome:
        """Read, compare and send. Raises StoreTrouble only while nothing was sent."""
        current = await self.read(assistant_id)
        pending = await self._settle_earlier(current)
        if flaw := current.flaw:
            return NotUpdatable(flaw)
        if current.id != assistant_id:
            return NotThere(f"The assistant {assistant_id!r} has the id {current.id!r} now.")
        made = await in_thread(plan, current, wanted)
        withheld = None if force else pending
        if made.theirs and not force:
            withheld = ChangedAtQCall(current, made.sides)
        if made.is_empty:
            withheld = OnlyKeyLost() if wanted.has_lost_key else Unchanged(assistant_id, current)
        elif flaw := (await in_thread(Record.of, made.text)).flaw:
            withheld = NotUpdatable(flaw)
        if withheld:
            return withheld
        if self._client.repeats_key(made.data):
            return of_update(NotSent(NotSentReason.KEY_IN_BODY))
        outcome = await self._send(made, draft_id)
        if wanted.has_lost_key and isinstance(outcome, Updated):
            note = " ".join(filter(None, (outcome.note, KEY_NOT_RESTORED)))
            return replace(outcome, note=note)
        return outcome

    async def _settle_earlier(self, current: Record) -> Outcome | None:
        """Settle earlier updates without an answer. Return an outcome if one may still arrive."""
        earlier = await in_thread(self.receipts.open, self._target.base_url, current.id)
        outcomes = [await self._settle(receipt, current) for receipt in earlier]
        return next((each for each in outcomes if isinstance(each, UpdatePending)), None)

    async def _settle(self, receipt: UpdateReceipt, current: Record) -> Outcome:
        """Complete the receipt of an update without an answer from the record as it is now."""
        before, body = Record.of(receipt.before), Record.of(receipt.body)
        has_new_key = await in_thread(self.receipts.has_new_key, receipt, current)
        if has_new_key or _is_applied(before, body, current):
            outcome = replace(
                _kept(before.data, body.data, current), is_found=True, receipt=receipt.id
            )
            if has_new_key:
                key = paths.write(SECRET)
                outcome = replace(outcome, changes=tuple(dict.fromkeys((*outcome.changes, key))))
            await in_thread(self.receipts.settle, [receipt.id], outcome)
            return outcome
        age = abs(now() - receipt.sent)
        wait = (self._longest - age).total_seconds()
        if wait <= 0:
            await in_thread(self.receipts.settle, [receipt.id], None)
            is_sure = receipt.new_key != CHANGED or receipt.before != receipt.body
            return NotApplied(receipt.sent, is_sure, receipt=receipt.id)
        words: dict[str, Any] = {"when": receipt.sent, "wait": wait, "receipt": receipt.id}
        return UpdatePending(UnknownReason.EARLIER, **words)

    # --- sending, and afterwards

    async def _send(self, made: Plan, draft_id: str) -> Outcome:
        """Write the receipt, send the request once, read the record back, complete the receipt."""
        base_url, receipts = self._target.base_url, self.receipts
        new_key = await in_thread(receipts.hash_new_key, made.current.data, made.data)
        receipt = await in_thread(
            UpdateReceipt.of, made.current, made.text, draft_id, base_url, now()
        )
        receipt = replace(receipt, new_key=new_key)
        await in_thread(receipts.begin, receipt)
        delivery, started = Delivery(), time.monotonic()
        try:
            outcome = await self._client.update(made.current.id, made.text.encode(), delivery)
        except asyncio.CancelledError:
            seconds = time.monotonic() - started
            stopped = of_update(delivery.stopped())
            with suppress(StoreTrouble):
                await in_thread(receipts.complete, receipt.id, stopped, seconds)
            raise
        seconds = time.monotonic() - started
        message = without_secret(outcome.message, made.data)
        outcome, after = await self._check(of_update(replace(outcome, message=message)), made)
        note = outcome.note or (IS_LISTED if made.current.is_listed else "")
        outcome = replace(outcome, receipt=receipt.id, note=note)
        return await record_outcome(outcome, receipts.complete, receipt.id, outcome, seconds, after)

    async def _check(self, outcome: Outcome, made: Plan) -> tuple[Outcome, str]:
        """Read the record back. Returns the outcome that it shows, and its masked text."""
        if not isinstance(outcome, Created | UpdateUnknown):
            return outcome, ""
        words: dict[str, Any] = {"status": outcome.status, "message": outcome.message}
        after: Record | None = None
        for pause in (0.0, *_PAUSES):
            if pause:
                await self._sleep(pause)
            try:
                after = await self.read(made.current.id)
            except AssistantsUnavailable as trouble:
                if isinstance(outcome, Created):
                    updated = Updated(made.current.id, made.paths, is_read=False, **words)
                    return replace(updated, note=str(trouble)), ""
                outcome = replace(outcome, why=str(trouble))
                continue
            if isinstance(outcome, Created) or _is_applied(
                made.current, Record.of(made.text), after
            ):
                updated = await in_thread(_kept, made.current.data, made.data, after)
                is_found = isinstance(outcome, Unknown)
                return replace(updated, is_found=is_found, **words), after.masked_text
            outcome = replace(
                outcome, why="The assistant was read afterwards, and had not changed."
            )
        return outcome, after.masked_text if after else ""

    def _lock(self, assistant_id: str) -> str:
        return lock_name("assistant", f"{normalized_url(self._target.base_url)} {assistant_id}")


def why_none_sent(trouble: str, key: SecretStr | None) -> Outcome | None:
    """Return why no update can be sent, or None. `trouble` is why no receipt can be written."""
    if trouble:
        return UpdateNoReceipt(trouble)
    return None if key else of_update(NotSent(NotSentReason.NO_KEY))


def previous_version(receipt: UpdateReceipt) -> Wanted:
    """Return the record before an update, as changes to what the update left."""
    left = Record.of(receipt.after or receipt.body)
    return Wanted(left, receipt.before, has_lost_key=receipt.has_lost_key)


def _is_applied(before: Record, body: Record, current: Record) -> bool:
    """Whether an update is in the record, though perhaps not all of it was kept."""
    was, sent, is_now = map(_content, _masked_if_any(before.data, body.data, current.data))
    changed = [side.name for side in member_changes(was, sent, was)]
    return any(same(sent.get(n, MISSING), is_now.get(n, MISSING)) for n in changed)


def _masked_if_any(*records: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the records with every key of a widget masked, if one is masked."""
    keys = [paths.get(record, SECRET) for record in records]
    if MASK not in keys:
        return [dict(record) for record in records]
    pairs = zip(records, keys, strict=True)
    return [dict(paths.put(r, SECRET, MASK) if isinstance(k, str) else r) for r, k in pairs]


def _kept(before: Mapping[str, Any], body: Mapping[str, Any], after: Record) -> Updated:
    """Compare what was sent with what was read back."""
    changed = [change.path for change in differences(before, body)]
    back = differences(*map(without_counted, (body, after.data)))
    not_kept: list[str] = []
    besides: list[str] = []
    for difference in back:
        place = not_kept if any(_overlap(difference.path, path) for path in changed) else besides
        place.append(paths.write(difference.path))
    names = tuple(dict.fromkeys(map(paths.write, changed)))
    apart = tuple(dict.fromkeys(not_kept)), tuple(dict.fromkeys(besides))
    return Updated(after.id, names, *apart, record=after)


def _overlap(one: paths.Path, other: paths.Path) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]
