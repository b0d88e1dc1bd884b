"""The command `update`."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import (
    FILE,
    CommonOptions,
    common_options,
    json_option,
    pace_option,
)
from wizard.commands.output import (
    print_line,
    print_outcome,
    print_outcome_json,
    print_result,
    report,
)
from wizard.commands.value_completion import complete_receipt
from wizard.errors import INTERRUPTED, WRONG_USAGE, AssistantsUnavailable, StoreTrouble, WizardError

if TYPE_CHECKING:
    from wizard.api.outcomes import Outcome
    from wizard.api.records import Record
    from wizard.api.updates import Plan, Updates, Wanted
    from wizard.commands.saved_records import SavedRecord
    from wizard.contract.problems import Problem
    from wizard.settings import Settings, Target
    from wizard.storage.session import Session

# The number of assistants that are named before the question.
_MAX_NAMED = 50
# After this many unknown outcomes in a row, the server has a problem, and the rest is not sent.
_MAX_UNKNOWN = 3


@click.command(cls=Command)
@click.argument("first", metavar="[ID|DIR]", required=False)
@click.argument("file", metavar="[FILE]", type=FILE, required=False)
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--dry-run", is_flag=True, help="Print what would change; send nothing.")
@json_option("assistant")
@click.option(
    "--force",
    is_flag=True,
    help="Also update what was changed at QCall since it was read: your changes win.",
)
@click.option(
    "--restore",
    metavar="RECEIPT",
    shell_complete=complete_receipt,
    help="Put back the assistant as it was before the update of a receipt.",
)
@pace_option("updates")
@common_options
def update(
    options: CommonOptions,
    *,
    first: str | None,
    file: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    force: bool,
    restore: str | None,
    pace: float,
) -> int:
    """\b
    Examples:
      qcall-wizard update 9f2c41 asha.json
      qcall-wizard update 9f2c41 asha.yaml --dry-run
      qcall-wizard update backup --dry-run
      qcall-wizard update --restore 4f1c77aa

    Changes an existing assistant to the payload in FILE: shows what changes, asks, sends it, and
    reads it back. Members that FILE lacks stay as they are, at the top and in objects such as
    widget_config; a list, such as actions, is replaced by that of FILE as a whole. What is the same
    stays byte for byte. With a folder of `assistants save`, all its files are updated, one after
    another; run it again after any stop. If an assistant was changed at QCall since it was read,
    nothing is sent without --force. Each update has a receipt with the assistant before.

    \b
    The exit code is that of the worst outcome:
      0  updated, or there is nothing to change
      1  a file is invalid, or no assistant with the id can be read
      3  refused, also if the server has no such assistant when it is sent
      4  unknown: it may have been changed
      5  not sent: no key, unreachable, cancelled, changed at QCall
    """
    if restore is not None:
        if file is not None:
            raise click.UsageError("--restore takes no FILE: its receipt has the assistant.")
        runner: _Updating = _Restoring(options, restore, first or "")
    elif first is None:
        raise click.UsageError("Name an ID and a FILE, or a folder of `assistants save`.")
    elif file is not None:
        runner = _Updating(options, [_read(file, first)])
    elif os.path.isdir(first):
        runner = _Updating(options, list(_read_folder(first)))
    else:
        raise click.UsageError(f"Name the FILE with the new content of {first}.")
    try:
        return runner.run(yes=yes, dry_run=dry_run, as_json=as_json, force=force, pace=pace)
    except KeyboardInterrupt:
        report("Interrupted. Run the same command again: nothing is sent twice.")
        return INTERRUPTED


@dataclass
class _Item:
    """One assistant to update: a file, or the error of reading it; then its plan.

    `trouble` is why nothing can be planned, `outcome` the same as an outcome.
    """

    file: str
    assistant_id: str
    text: str = ""
    base: "Record | None" = None
    saved: "SavedRecord | None" = None
    trouble: str = ""
    partial: bool = True
    plan: "Plan | None" = None
    outcome: "Outcome | None" = None
    errors: "tuple[Problem, ...]" = ()
    is_reported: bool = False
    has_lost_key: bool = False

    @property
    def is_invalid(self) -> bool:
        """Whether it prevents the whole run."""
        return bool(self.trouble or self.errors)

    @property
    def name(self) -> str:
        """The name for messages."""
        named = [self.file, f"({self.assistant_id})" if self.file else self.assistant_id]
        return " ".join(each for each in named if each not in ("", "()"))

    def wanted(self) -> "Wanted":
        """Return what the assistant should become; only for an item with a plan."""
        assert self.plan  # noqa: S101 - for the type checker
        return self.wanted_of(self.plan.current)

    def wanted_of(self, current: "Record") -> "Wanted":
        """Return what an assistant should become that is `current` now."""
        from wizard.api.updates import Wanted

        base = self.base or current
        return Wanted(base, self.text, partial=self.partial, has_lost_key=self.has_lost_key)


def _read(file: str, assistant_id: str) -> _Item:
    """Read the file with the new content of an assistant."""
    from wizard.api.records import Record
    from wizard.commands.saved_records import AS_READ, load
    from wizard.commands.sources import raw_text
    from wizard.formats.files import STANDARD_INPUT

    shown = STANDARD_INPUT if file == "-" else file
    try:
        folder, name = os.path.split(file)
        if file != "-" and os.path.isfile(os.path.join(folder, AS_READ, name)):
            saved = load(file)
            item = _Item(shown, assistant_id, saved.record.text, saved.base, saved)
        else:
            item = _Item(shown, assistant_id, raw_text(file))
        named = Record.of(item.text).ids
    except WizardError as error:
        return _Item(shown, assistant_id, trouble=str(error))
    if named and assistant_id not in named:
        item.trouble = f"{shown}: it is the assistant {named[0]}, not {assistant_id}"
    return item


def _read_folder(folder: str) -> Iterator[_Item]:
    from wizard.api.update_outcomes import NotUpdatable, Unchanged
    from wizard.commands.saved_records import files_of, load

    seen: dict[str, str] = {}
    for file in files_of(folder):
        try:
            saved = load(file)
        except WizardError as error:
            yield _Item(file, "", trouble=str(error))
            continue
        item = _Item(file, saved.record.id, saved.record.text, saved.base, saved)
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
        yield item


class _Updating:
    """Plans the updates, asks once, and sends them one after another."""

    def __init__(self, options: CommonOptions, items: Sequence[_Item]) -> None:
        self._options, self._items = options, items
        self._as_json = False

    def run(self, *, yes: bool, dry_run: bool, as_json: bool, force: bool, pace: float) -> int:
        """Run the command, and return its exit code."""
        from wizard.api.updates import why_none_sent
        from wizard.commands.account import account

        self._as_json = as_json
        if any(item.trouble for item in self._items):
            return self._report_invalid()
        with account(self._options.settings()) as (session, settings):
            if outcome := why_none_sent(session.trouble, settings.key):
                return self._report_none_sent(outcome)
            updates_of = self._updates_of(session, settings)
            asyncio.run(self._plan_all(updates_of))
            if any(item.is_invalid for item in self._items):
                return self._report_invalid()
            self._report_plan(settings.target, force=force, dry_run=dry_run)
            if dry_run:
                return self._print_plans(settings.target, force=force)
            to_send = [item for item in self._items if self._is_sent(item, force=force)]
            code = self._ask(to_send, settings.target) if to_send and not yes else 0
            if not code:
                self._send_and_report(session, updates_of, force=force, pace=pace)
        return code or _exit_code([item.outcome for item in self._items if item.outcome])

    def _updates_of(self, session: "Session", settings: "Settings") -> Any:
        """Return a function that connects, because each event loop needs its own client."""
        from wizard.api.updates import Updates
        from wizard.commands.account import client_of

        def connected() -> "tuple[Any, Updates]":
            client = client_of(self._options.log, session, settings)
            receipts = session.update_receipts
            made = Updates(client, receipts, settings.target, key=settings.key, home=session.home)
            return client, made

        return connected

    # --- the plan

    async def _plan_all(self, updates_of: Any) -> None:
        from wizard.api.update_outcomes import ReadRefused

        client, updates = updates_of()
        refused: Outcome | None = None
        try:
            for item in self._items:
                # A key that was refused once is refused for the rest too.
                item.outcome = item.outcome or refused
                if item.outcome is None:
                    await self._plan(item, updates)
                    refused = item.outcome if isinstance(item.outcome, ReadRefused) else None
        finally:
            await client.aclose()

    async def _plan(self, item: _Item, updates: "Updates") -> None:
        """Read the assistant and work out the update; what prevents it becomes an outcome."""
        from wizard.api.update_outcomes import NotUpdatable, OnlyKeyLost, Unchanged, not_read
        from wizard.api.updates import plan
        from wizard.exchange.change_errors import errors_of_change

        try:
            current = await updates.read(item.assistant_id)
        except AssistantsUnavailable as trouble:
            item.outcome = not_read(trouble)
            return
        if current.flaw:
            item.outcome = NotUpdatable(current.flaw)
            return
        item.plan = plan(current, item.wanted_of(current))
        item.errors = tuple(errors_of_change(current.data, item.plan.data))
        if item.plan.is_empty:
            item.outcome = OnlyKeyLost() if item.has_lost_key else Unchanged(current.id)
            item.errors = ()
            await updates.settle_earlier(current)
            self._refresh(item, current)

    def _is_sent(self, item: _Item, *, force: bool) -> bool:
        return item.outcome is None and bool(item.plan) and (force or not self._theirs(item))

    @staticmethod
    def _theirs(item: _Item) -> tuple[str, ...]:
        return tuple(side.name for side in item.plan.theirs) if item.plan else ()

    def _report_plan(self, target: "Target", *, force: bool, dry_run: bool) -> None:
        from wizard.api.records import IS_LISTED

        report(f"On {target.name} ({target.base_url}):")
        for item in self._items[:_MAX_NAMED]:
            report(f"  {item.name}: {self._state(item, force=force)}")
            if item.plan and item.plan.current.is_listed:
                report(f"    {IS_LISTED}")
            if item.has_lost_key:
                report("    The key of the widget is not put back: a receipt does not keep it.")
        if len(self._items) > _MAX_NAMED:
            report(f"  and {len(self._items) - _MAX_NAMED} more")
        if not dry_run and len(self._items) == 1 and not self._as_json:
            for line in _diff_lines(self._items[0]):
                report(f"    {line}")

    def _state(self, item: _Item, *, force: bool) -> str:
        if item.outcome is not None:
            return "unchanged" if item.outcome.title == "Unchanged" else item.outcome.title
        assert item.plan  # noqa: S101 - for the type checker
        count = len(item.plan.paths)
        changes = "1 change" if count == 1 else f"{count} changes"
        names = ", ".join(self._theirs(item))
        if names:
            state = "yours are made in it" if force else "skipped"
            return f"conflict: changed at QCall since it was read ({names}); {state}; {changes}"
        return changes

    def _print_plans(self, target: "Target", *, force: bool) -> int:
        """Print what would change."""
        from urllib.parse import quote

        from wizard.api.client import UPDATE
        from wizard.api.outcomes import NotSent
        from wizard.api.reasons import NotSentReason
        from wizard.api.records import masked_text

        for item in self._items:
            if self._as_json:
                changes = [change.as_json() for change in item.plan.changes] if item.plan else []
                request = None
                if item.plan and not item.plan.is_empty:
                    url = target.base_url + UPDATE + quote(item.plan.current.id, safe="")
                    body = masked_text(item.plan.text)
                    request = {"method": "PUT", "url": url, "body": body}
                message = f"Nothing was sent: {self._state(item, force=force)}."
                outcome = item.outcome or NotSent(NotSentReason.CANCELLED)
                self._print_json(item, outcome, message, changes=changes, request=request)
            else:
                if len(self._items) > 1:
                    print_line(f"{item.name}:")
                for line in _diff_lines(item):
                    print_line(line)
        report("Nothing was sent.")
        failed = [o for item in self._items if (o := item.outcome) and o.exit_code]
        blocked = any(
            item.outcome is None and self._theirs(item) and not force for item in self._items
        )
        return _exit_code(failed) or (NotSent.exit_code if blocked else 0)

    def _report_invalid(self) -> int:
        """Report what is wrong; nothing is sent."""
        from wizard.api.outcomes import NotSent
        from wizard.api.reasons import NotSentReason

        for item in self._items:
            messages = [item.trouble] if item.trouble else []
            messages += [f"{item.name}: {error}" for error in item.errors]
            for message in messages:
                report(message)
            if self._as_json:
                others = "Nothing was sent, because another file is invalid."
                message = "; ".join(messages) or others
                self._print_json(item, NotSent(NotSentReason.CANCELLED), message)
        invalid = sum(item.is_invalid for item in self._items)
        total = len(self._items)
        files = "1 file is" if total == 1 else f"{invalid} of {total} files are"
        report(f"Nothing was sent: {files} invalid. Fix {'it' if invalid == 1 else 'them'} first.")
        return 1

    def _ask(self, items: Sequence[_Item], target: "Target") -> int:
        """Ask on the terminal. Returns an exit code, 0 for yes."""
        from wizard.api.outcomes import NotSent
        from wizard.api.reasons import NotSentReason

        if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr)):
            report("Nothing was sent: there is no terminal to ask on. --yes sends without asking.")
            return WRONG_USAGE
        what = "this assistant" if len(items) == 1 else f"these {len(items)} assistants"
        print(f"Update {what} on {target.name}? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().casefold() in ("y", "yes"):
            return 0
        message = "Nothing was sent: you said no."
        return self._report_none_sent(NotSent(NotSentReason.CANCELLED), message)

    def _report_none_sent(self, outcome: "Outcome", message: str = "") -> int:
        """Report one reason for all assistants."""
        if self._as_json:
            for item in self._items:
                self._print_json(item, outcome, message)
        report(message or outcome.sentence)
        return outcome.exit_code

    # --- sending

    def _send_and_report(self, session: "Session", updates_of: Any, **given: Any) -> None:
        """Send all; after a stop, report what was not sent."""
        try:
            asyncio.run(self._send_all(updates_of, **given))
        except KeyboardInterrupt:
            rest = [item for item in self._items if not item.is_reported]
            if rest:
                self._print_interrupted(session, rest[0])
            self._print_not_sent(rest[1:], "Nothing was sent: it was interrupted.")
            raise
        rest = [item for item in self._items if not item.is_reported]
        if rest:
            report(
                f"{_count(len(rest))} not sent. Run the same command again: nothing is sent twice."
            )
        self._print_not_sent(rest, "Nothing was sent: the run ended before it.")

    async def _send_all(self, updates_of: Any, *, force: bool, pace: float) -> None:
        client, updates = updates_of()
        has_sent, unknown = False, 0
        try:
            for item in self._items:
                if item.outcome is None:
                    if has_sent:
                        await asyncio.sleep(pace)
                    item.outcome = await updates.update(item.wanted(), force=force)
                    has_sent = bool(item.outcome.receipt)
                    unknown = unknown + 1 if item.outcome.kind == "unknown" else 0
                    self._refresh(item, await self._now(item, updates))
                    self._print(item, item.outcome)
                    if _is_of_all(item.outcome) or unknown >= _MAX_UNKNOWN:
                        return
                else:
                    self._print(item, item.outcome)
        finally:
            await client.aclose()

    def _print_interrupted(self, session: "Session", item: _Item) -> None:
        """Print what is known about the update that was being sent."""
        from wizard.api.outcomes import Unknown
        from wizard.api.reasons import UnknownReason

        target = self._options.settings().target.base_url
        receipt = None
        with suppress(StoreTrouble):
            found = session.update_receipts.open(target, item.assistant_id)
            receipt = next(iter(found), None)
        if receipt is None:
            self._print_not_sent([item], "Nothing was sent: it was interrupted.")
            return
        item.outcome = Unknown(UnknownReason.INTERRUPTED, receipt=receipt.id)
        message = "It may have been changed: the next run reads it."
        if self._as_json:
            self._print_json(item, item.outcome, message)
        else:
            print_outcome(f"{item.name}: {message}")

    def _print_not_sent(self, items: Sequence[_Item], message: str) -> None:
        """Report assistants that were left out; one with an outcome keeps it."""
        from wizard.api.outcomes import NotSent
        from wizard.api.reasons import NotSentReason

        for item in items:
            planned = item.outcome
            item.outcome = planned or NotSent(NotSentReason.CANCELLED)
            if planned:
                self._print(item, planned)
            elif self._as_json:
                self._print_json(item, item.outcome, message)

    async def _now(self, item: _Item, updates: "Updates") -> "Record | None":
        """Return the assistant after its update, as the base of the next changes to its file."""
        if item.saved is None or item.outcome is None or item.outcome.kind != "updated":
            return None
        try:
            return await updates.read(item.assistant_id)
        except AssistantsUnavailable:
            return None

    def _refresh(self, item: _Item, record: "Record | None") -> None:
        """Make the assistant the base of the next changes to its file, if the two are the same."""
        from wizard.api.updates import Wanted, plan
        from wizard.commands.saved_records import refresh

        if item.saved is None or record is None:
            return
        if plan(record, Wanted(record, item.text, partial=item.partial)).is_empty:
            refresh(item.saved, record)

    def _print(self, item: _Item, outcome: "Outcome") -> None:
        item.is_reported = True
        if self._as_json:
            self._print_json(item, outcome)
            if outcome.note:
                report(f"{item.name}: {outcome.note}")
            return
        print_result(item.name, outcome)

    def _print_json(self, item: _Item, outcome: "Outcome", message: str = "", **more: Any) -> None:
        print_outcome_json(
            {
                "file": item.file,
                "outcome": outcome.kind,
                "id": item.assistant_id or None,
                "receipt": outcome.receipt or None,
                "status": outcome.status,
                "message": message or outcome.message or outcome.sentence,
                "not_kept": list(getattr(outcome, "differences", ())),
                **more,
            }
        )


class _Restoring(_Updating):
    """Puts back the assistant of a receipt."""

    def __init__(self, options: CommonOptions, prefix: str, assistant_id: str) -> None:
        from wizard.api.updates import old_one
        from wizard.commands.local_store import find_update, local_store

        with local_store(options.home_folder()) as store:
            receipt = find_update(store, prefix)
        if assistant_id and assistant_id != receipt.assistant:
            message = f"The receipt {receipt.id} is of {receipt.assistant}, not of {assistant_id}."
            raise click.UsageError(message)
        wanted = old_one(receipt)
        item = _Item("", receipt.assistant, wanted.text, wanted.base, partial=False)
        item.has_lost_key = wanted.has_lost_key
        super().__init__(options, [item])
        self._receipt = receipt

    def run(self, **given: Any) -> int:
        """Refuse a receipt of another target, then run as an update."""
        from wizard.api.payload_identity import normalized_url

        target = self._options.settings().target
        if normalized_url(target.base_url) != self._receipt.target:
            report(
                f"The receipt {self._receipt.id} is of {self._receipt.host}, and the target is "
                f"{target.name}: nothing was sent."
            )
            return 5
        return super().run(**given)


def _diff_lines(item: _Item) -> Iterator[str]:
    from wizard.advice.shape import undocumented
    from wizard.commands.diff import difference_lines
    from wizard.exchange.differences import Sort

    for change in item.plan.changes if item.plan else ():
        yield from difference_lines(change)
        if change.kind is Sort.ADDED and (said := undocumented(str(change.path[0]))):
            yield f"  advice: {said} QW001"


def _is_of_all(outcome: "Outcome") -> bool:
    """Whether the next update would fail for the same reason."""
    from wizard.api.outcomes import KeyRefused, NotSent, RateLimited, Redirected
    from wizard.api.update_outcomes import ReadRefused, UpdateNoReceipt

    fatal = (KeyRefused, ReadRefused, Redirected, RateLimited, NotSent, UpdateNoReceipt)
    return isinstance(outcome, fatal)


def _count(number: int) -> str:
    return "1 assistant was" if number == 1 else f"{number} assistants were"


def _exit_code(outcomes: "Sequence[Outcome]") -> int:
    """Return the exit code of the worst outcome: unknown, refused, not sent, then missing."""
    codes = {outcome.exit_code for outcome in outcomes}
    return next((code for code in (4, 3, 5, 1) if code in codes), 0)
