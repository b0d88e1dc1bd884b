"""Reads what `update` changes, sends it one after another, and prints the outcome of each."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import click

from wizard.advice.shape import undocumented
from wizard.api.client import UPDATE
from wizard.api.outcomes import Outcome, Unknown
from wizard.api.reasons import UnknownReason
from wizard.api.records import IS_LISTED, Record, masked_text
from wizard.api.update_outcomes import (
    ChangedAtQCall,
    NotUpdatable,
    OnlyKeyLost,
    ReadRefused,
    Unchanged,
    not_read,
)
from wizard.api.updates import Plan, Updates, Wanted, plan, previous_version, why_none_sent
from wizard.commands.account import account, ask_once, client_of
from wizard.commands.batch import NEVER_SENT, NOTHING_SENT, Batch, worst
from wizard.commands.diff import difference_lines
from wizard.commands.local_store import find_stored, local_store, updates_in
from wizard.commands.options import CommonOptions
from wizard.commands.output import print_line, report
from wizard.commands.saved_records import AS_READ, SavedRecord, files_of, load, refresh
from wizard.commands.sources import raw_text
from wizard.contract.problems import Problem
from wizard.errors import AssistantsUnavailable, NotWritten, StoreTrouble, WizardError
from wizard.exchange.change_errors import errors_of_change
from wizard.exchange.differences import DifferenceKind
from wizard.formats.files import shown_name
from wizard.formats.payload_identity import normalized_url
from wizard.formats.text import counted
from wizard.settings import Settings
from wizard.storage.session import Session

# The number of assistants that are named before the question.
_MAX_NAMED = 50


@dataclass
class UpdateItem:
    """One assistant to update: a file, or the error of reading it; then its plan.

    `trouble` is why nothing can be planned, `outcome` the same as an outcome.
    """

    file: str
    assistant_id: str
    text: str = ""
    base: Record | None = None
    saved: SavedRecord | None = None
    trouble: str = ""
    partial: bool = True
    plan: Plan | None = None
    outcome: Outcome | None = None
    errors: tuple[Problem, ...] = ()
    has_lost_key: bool = False

    @property
    def name(self) -> str:
        """The name for messages."""
        named = [self.file, f"({self.assistant_id})" if self.file else self.assistant_id]
        return " ".join(each for each in named if each not in ("", "()"))

    def wanted(self, current: Record) -> Wanted:
        """Return what an assistant should become that is `current` now."""
        base = self.base or current
        return Wanted(base, self.text, partial=self.partial, has_lost_key=self.has_lost_key)

    def messages(self) -> list[str]:
        """Return everything that is wrong with it, which prevents the whole run."""
        troubles = [self.trouble] if self.trouble else []
        return troubles + [f"{self.name}: {error}" for error in self.errors]

    def as_json(self, outcome: Outcome, message: str) -> dict[str, Any]:
        """Return the line of `--json` about its outcome."""
        return {
            "file": self.file,
            "outcome": outcome.kind,
            "id": self.assistant_id or None,
            "receipt": outcome.receipt or None,
            "status": outcome.status,
            "message": message,
            "not_kept": list(getattr(outcome, "differences", ())),
        }


def read_file(file: str, assistant_id: str) -> UpdateItem:
    """Read the file with the new content of an assistant."""
    shown = shown_name(file)
    try:
        folder, name = os.path.split(file)
        if file != "-" and os.path.isfile(os.path.join(folder, AS_READ, name)):
            saved = load(file)
            item = UpdateItem(shown, assistant_id, saved.record.text, saved.base, saved)
            if saved.base and assistant_id not in saved.base.ids:
                # What was read of another assistant says nothing about changes to this one.
                item.base = item.saved = None
        else:
            item = UpdateItem(shown, assistant_id, raw_text(file))
        named = Record.of(item.text).ids
    except WizardError as error:
        return UpdateItem(shown, assistant_id, trouble=str(error))
    if named and assistant_id not in named:
        item.trouble = f"{shown}: it is the assistant {named[0]}, not {assistant_id}"
    return item


def read_folder(folder: str) -> Iterator[UpdateItem]:
    """Read the files of a folder of `assistants save`. Raises Unreadable without any."""
    seen: dict[str, str] = {}
    for file in files_of(folder):
        try:
            saved = load(file)
        except WizardError as error:
            yield UpdateItem(file, "", trouble=str(error))
            continue
        item = UpdateItem(file, saved.record.id, saved.record.text, saved.base, saved)
        is_changed = saved.base is None or saved.base.text != saved.record.text
        other = seen.setdefault(item.assistant_id, file) if item.assistant_id else ""
        # A folder of `save` may have files without an id or with the id of another one: while they
        # are unchanged, they must not stop the others.
        if other != file and not is_changed:
            item.outcome = Unchanged(item.assistant_id)
        elif not other:
            item.outcome = NotUpdatable("it has no id")
        elif other != file:
            item.trouble = f"{file}: it has the id of {other}; keep one of the two"
        elif saved.base and item.assistant_id not in saved.base.ids:
            own = saved.base.id or "an assistant without an id"
            wrong = f"it has the id {item.assistant_id}, but was saved for {own}"
            item.trouble = f"{file}: {wrong}; correct the id"
        yield item


def read_receipt(options: CommonOptions, prefix: str, assistant_id: str) -> UpdateItem:
    """Return the assistant before the update of a receipt. Raises UsageError for another."""
    with local_store(options.home_folder()) as store:
        receipt = find_stored(prefix, updates_in(store).all(), "receipt of an update")
    if assistant_id and assistant_id != receipt.assistant:
        message = f"The receipt {receipt.id} is of {receipt.assistant}, not of {assistant_id}."
        raise click.UsageError(message)
    target = options.settings().target
    if normalized_url(target.base_url) != receipt.target:
        raise AssistantsUnavailable(
            f"The receipt {receipt.id} is of {receipt.host}, and the target is {target.name}: "
            "nothing was sent."
        )
    wanted = previous_version(receipt)
    item = UpdateItem("", receipt.assistant, wanted.text, wanted.base, partial=False)
    item.has_lost_key = wanted.has_lost_key
    return item


class UpdateBatch(Batch[UpdateItem]):
    """Plans the updates, asks once, and sends them one after another."""

    def __init__(
        self,
        items: Sequence[UpdateItem],
        options: CommonOptions,
        *,
        as_json: bool,
        force: bool,
        pace: float,
    ) -> None:
        super().__init__(items, as_json=as_json)
        self._options, self._force, self._pace = options, force, pace

    def run(self, *, yes: bool, dry_run: bool) -> int:
        """Run the command, and return its exit code."""
        if any(item.trouble for item in self._items):
            return self._report_invalid("file")
        with account(self._options.settings()) as (session, settings):
            if outcome := why_none_sent(session.trouble, settings.key):
                return self.report_none_sent(outcome)
            self._receipts, self._target = session.update_receipts, settings.target
            ask = partial(self._ask_account, session, settings)
            ask(self._plan_all)
            if any(item.messages() for item in self._items):
                return self._report_invalid("file")
            self._report_plan(dry_run=dry_run)
            if dry_run:
                return self._print_plans()
            to_send = [item for item in self._items if item.outcome is None]
            code = 0
            if to_send and not yes:
                code = self._ask("Update", len(to_send), f"on {self._target.name}")
            if code:
                return code
            self._send_and_report(partial(ask, self._send_all))
        return worst({item.outcome.exit_code for item in self._items if item.outcome})

    def _ask_account(
        self, session: Session, settings: Settings, ask: Callable[[Updates], Awaitable[None]]
    ) -> None:
        """Ask the account something, with a new client, because each event loop needs its own."""
        client = client_of(self._options.log, session, settings)
        updates = Updates(client, session.update_receipts, settings.target, home=session.home)
        ask_once(client, lambda _: ask(updates))

    # --- the plan

    async def _plan_all(self, updates: Updates) -> None:
        refused: Outcome | None = None
        for item in self._items:
            # A key that was refused once is refused for the rest too.
            item.outcome = item.outcome or refused
            if item.outcome is None:
                await self._plan(item, updates)
                refused = item.outcome if isinstance(item.outcome, ReadRefused) else None

    async def _plan(self, item: UpdateItem, updates: Updates) -> None:
        """Read the assistant and work out the update; what prevents it becomes an outcome."""
        try:
            current = await updates.read(item.assistant_id)
        except AssistantsUnavailable as trouble:
            item.outcome = not_read(trouble)
            return
        if current.flaw:
            item.outcome = NotUpdatable(current.flaw)
            return
        item.plan = plan(current, item.wanted(current))
        item.errors = tuple(errors_of_change(current.data, item.plan.data))
        if item.plan.is_empty:
            item.outcome = OnlyKeyLost() if item.has_lost_key else Unchanged(current.id)
            item.errors = ()
            self._refresh(item, current)
        elif item.plan.theirs and not self._force:
            # Nobody is asked about it, so it is not sent either if the next reading shows none.
            item.outcome = ChangedAtQCall(current, item.plan.sides)
        if item.outcome:
            await updates.settle_earlier(current)

    def _report_plan(self, *, dry_run: bool) -> None:
        report(f"On {self._target.name} ({self._target.base_url}):")
        for item in self._items[:_MAX_NAMED]:
            report(f"  {item.name}: {self._state(item)}")
            if item.plan and item.plan.current.is_listed:
                report(f"    {IS_LISTED}")
            if item.has_lost_key:
                report("    The key of the widget is not put back: a receipt does not keep it.")
        if len(self._items) > _MAX_NAMED:
            report(f"  and {len(self._items) - _MAX_NAMED} more")
        if not dry_run and len(self._items) == 1 and not self._as_json:
            for line in _diff_lines(self._items[0]):
                report(f"    {line}")

    def _state(self, item: UpdateItem) -> str:
        if item.outcome and not isinstance(item.outcome, ChangedAtQCall):
            return "unchanged" if item.outcome.title == "Unchanged" else item.outcome.title
        assert item.plan  # noqa: S101 - for the type checker
        changes = counted(len(item.plan.paths), "change")
        names = ", ".join(side.name for side in item.plan.theirs)
        if names:
            state = "yours are made in it" if self._force else "skipped"
            return f"conflict: changed at QCall since it was read ({names}); {state}; {changes}"
        return changes

    def _print_plans(self) -> int:
        """Print what would change."""
        for item in self._items:
            if self._as_json:
                changes = [change.as_json() for change in item.plan.changes] if item.plan else []
                request = None
                if item.plan and not item.plan.is_empty:
                    url = self._target.base_url + UPDATE + quote(item.plan.current.id, safe="")
                    body = masked_text(item.plan.text)
                    request = {"method": "PUT", "url": url, "body": body}
                message = f"Nothing was sent: {self._state(item)}."
                outcome = item.outcome or NOTHING_SENT
                self._print_json(item, outcome, message, changes=changes, request=request)
            else:
                if len(self._items) > 1:
                    print_line(f"{item.name}:")
                for line in _diff_lines(item):
                    print_line(line)
        report("Nothing was sent.")
        return worst({item.outcome.exit_code for item in self._items if item.outcome})

    # --- sending

    async def _send_all(self, updates: Updates) -> None:
        has_sent = False
        for item in self._items:
            if item.outcome is None:
                if has_sent:
                    await asyncio.sleep(self._pace)
                assert item.plan  # noqa: S101 - for the type checker
                wanted = item.wanted(item.plan.current)
                item.outcome = await updates.update(wanted, force=self._force)
                has_sent = bool(item.outcome.receipt)
                self._print(item, item.outcome)
                self._refresh(item, await self._now(item, updates))
                if self._must_stop(item.outcome):
                    return
            else:
                self._print(item, item.outcome)

    def _left(self, number: int) -> str:
        return "1 assistant was" if number == 1 else f"{number} assistants were"

    def _print_interrupted(self, item: UpdateItem) -> None:
        receipt = None
        with suppress(StoreTrouble):
            found = self._receipts.open(self._target.base_url, item.assistant_id)
            receipt = next(iter(found), None)
        if receipt is None:
            self._print_left_out([item], NEVER_SENT)
            return
        item.outcome = Unknown(UnknownReason.INTERRUPTED, receipt=receipt.id)
        message = "It may have been changed: the next run reads it."
        self._print_message(item, item.outcome, message)

    def _print_left_out(self, items: Sequence[UpdateItem], message: str) -> None:
        """Report assistants that were left out; one with an outcome keeps it."""
        for item in items:
            if item.outcome:
                self._print(item, item.outcome)
            else:
                item.outcome = NOTHING_SENT
                super()._print_left_out([item], message)

    async def _now(self, item: UpdateItem, updates: Updates) -> Record | None:
        """Return the assistant after its update, as the base of the next changes to its file."""
        if item.saved is None or item.outcome is None or item.outcome.kind != "updated":
            return None
        try:
            return await updates.read(item.assistant_id)
        except AssistantsUnavailable:
            return None

    def _refresh(self, item: UpdateItem, record: Record | None) -> None:
        """Make the assistant the base of the next changes to its file, if the two are the same."""
        if item.saved is None or record is None:
            return
        if plan(record, Wanted(record, item.text, partial=item.partial)).is_empty:
            try:
                refresh(item.saved, record)
            except NotWritten as error:
                report(f"{error}. The next update compares {item.file} with an older copy.")


def _diff_lines(item: UpdateItem) -> Iterator[str]:
    for change in item.plan.changes if item.plan else ():
        yield from difference_lines(change)
        if change.kind is DifferenceKind.ADDED and (said := undocumented(str(change.path[0]))):
            yield f"  advice: {said} QW001"
