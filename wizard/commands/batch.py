"""Sends the payloads of `submit` one after another, and prints the outcome of each."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import click

from wizard.api.client import Client
from wizard.api.outcomes import (
    Created,
    CreatedBefore,
    KeyRefused,
    NoReceipt,
    NotSent,
    Outcome,
    RateLimited,
    Redirected,
    Refused,
    Unknown,
    Unresolved,
    Withheld,
)
from wizard.api.payload_identity import payload_hash
from wizard.api.reasons import NotSentReason
from wizard.api.receipt_store import Receipt
from wizard.api.submission import Submission
from wizard.commands.output import (
    print_outcome,
    print_outcome_json,
    print_result,
    report,
    write_stderr,
)
from wizard.commands.sources import Source
from wizard.contract.problems import Problem
from wizard.draft.draft import Payload
from wizard.errors import INTERRUPTED, WizardError
from wizard.formats.files import STANDARD_INPUT
from wizard.formats.json_text import dump
from wizard.settings import Settings, is_dumb_terminal
from wizard.storage.session import Session

# Seconds before a rate-limited request is sent again if the server names no time; doubled each
# time.
_PAUSE = 5.0
_MAX_WAIT = 300.0
_MAX_TRIES = 5
# After this many unknown outcomes in a row, the server has a problem, and the rest is not sent.
_MAX_UNKNOWN = 3
_CLEAR_LINE = "\r\x1b[K"

NOTHING_SENT = NotSent(NotSentReason.CANCELLED)


@dataclass(frozen=True)
class Item:
    """A payload, or the error of reading it; `line` is 0 outside of JSON Lines."""

    file: str
    line: int
    result: Source | WizardError
    errors: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """The name for messages."""
        shown = STANDARD_INPUT if self.file == "-" else self.file
        return f"{shown}, line {self.line}" if self.line else shown

    @property
    def valid(self) -> bool:
        """Whether it can be sent."""
        return isinstance(self.result, Source) and not self.errors

    @property
    def source(self) -> Source:
        """The payload's source; only for an item without a reading error."""
        assert isinstance(self.result, Source)  # noqa: S101 - for the type checker
        return self.result

    @cached_property
    def payload(self) -> Payload:
        """The payload as it is sent; only for a valid item."""
        return Payload(self.source.data, dump(dict(self.source.data)))

    def messages(self) -> list[str]:
        """Return everything that is wrong with it."""
        if isinstance(self.result, WizardError):
            return [str(self.result)]
        return [f"{self.name}: {error}" for error in self.errors]


def count_payloads(number: int) -> str:
    """Return a number of payloads in words."""
    return "1 payload" if number == 1 else f"{number} payloads"


class Batch:
    """Sends payloads one after another; `pace` is the least time between two, in seconds."""

    def __init__(
        self,
        items: Sequence[Item],
        session: Session,
        settings: Settings,
        client: Client,
        *,
        as_json: bool,
        again: bool,
        pace: float,
    ) -> None:
        self._items, self._session, self._client = items, session, client
        self._as_json, self._again, self._pace = as_json, again, pace
        self._submission = Submission(
            client, session.receipts, settings.target, key=settings.key, home=session.home
        )
        self._outcomes: list[Outcome] = []
        self._unknown_in_a_row = 0
        is_watched = bool(sys.stderr and sys.stderr.isatty()) and not is_dumb_terminal()
        self._bar = click.progressbar(
            length=len(items),
            file=sys.stderr,
            show_pos=True,
            hidden=not is_watched or len(items) == 1,
        )

    def run(self) -> int:
        """Send all payloads, and return the exit code."""
        try:
            with self._bar:
                asyncio.run(self._send_all())
        except KeyboardInterrupt:
            self._report_interrupt()
            return INTERRUPTED
        rest = self._items[len(self._outcomes) :]
        if rest:
            left = count_payloads(len(rest))
            report(f"{left} not sent. Run the same command again: nothing is created twice.")
            self._print_not_sent(rest, "Nothing was sent: the run ended before it.")
        return _exit_code(self._outcomes, incomplete=bool(rest))

    async def _send_all(self) -> None:
        try:
            for number, item in enumerate(self._items):
                outcome = await self._send(item)
                self._outcomes.append(outcome)
                self._clear_bar()
                self._print(item, outcome)
                self._bar.update(1)
                if self._must_stop(outcome):
                    return
                if number + 1 < len(self._items) and not isinstance(outcome, Withheld):
                    await asyncio.sleep(self._pace)
        finally:
            await self._client.aclose()

    async def _send(self, item: Item) -> Outcome:
        """Send a payload; if the server limits the rate, wait and try again."""
        submit = partial(
            self._submission.submit, item.payload, item.source.draft, again=self._again
        )
        pause = _PAUSE
        for _ in range(_MAX_TRIES - 1):
            outcome = await submit()
            if not isinstance(outcome, RateLimited):
                return outcome
            wait = pause if outcome.retry_after is None else outcome.retry_after
            if wait > _MAX_WAIT:
                return outcome
            self._clear_bar()
            report(f"{item.name}: too many requests; it is sent again in {wait:.0f} s.")
            await asyncio.sleep(wait)
            pause *= 2
        return await submit()

    def _must_stop(self, outcome: Outcome) -> bool:
        """Whether the next payload would fail for the same reason."""
        is_new = isinstance(outcome, Unknown) and not isinstance(outcome, Unresolved)
        self._unknown_in_a_row = self._unknown_in_a_row + 1 if is_new else 0
        fatal = (KeyRefused, Redirected, RateLimited, NotSent, NoReceipt)
        return isinstance(outcome, fatal) or self._unknown_in_a_row >= _MAX_UNKNOWN

    def _clear_bar(self) -> None:
        """Clear the progress bar, so that a line can be printed."""
        if not self._bar.hidden:
            write_stderr(_CLEAR_LINE)

    def _print(self, item: Item, outcome: Outcome) -> None:
        if self._as_json:
            print_item_json(item, outcome)
            if outcome.note:
                report(f"{item.name}: {outcome.note}")
            return
        print_result(item.name, outcome)

    def _report_interrupt(self) -> None:
        rest = self._items[len(self._outcomes) :]
        if rest:
            self._print_interrupted(rest[0])
        self._print_not_sent(rest[1:], "Nothing was sent: it was interrupted.")
        report("Interrupted. Run the same command again: nothing is created twice.")

    def _print_interrupted(self, item: Item) -> None:
        """Print what is known about the payload that was being sent."""
        receipt = self._receipt_of(item)
        kind, message = "not_sent", "Nothing was sent: it was interrupted."
        if receipt is not None and receipt.is_open:
            kind = "unknown"
            message = "It may have been created: the next run asks for your list of assistants."
        if self._as_json:
            receipt_id = receipt.id if receipt else None
            _print_json(
                item, outcome=kind, id=None, receipt=receipt_id, status=None, message=message
            )
        else:
            print_outcome(f"{item.name}: {message}")

    def _receipt_of(self, item: Item) -> Receipt | None:
        """Return the newest receipt of a payload."""
        body = payload_hash(item.source.data)
        try:
            return next((r for r in self._session.receipts.all() if r.hash == body), None)
        except WizardError:
            return None

    def _print_not_sent(self, items: Sequence[Item], message: str) -> None:
        if self._as_json:
            for item in items:
                print_item_json(item, NOTHING_SENT, message)


def _exit_code(outcomes: Sequence[Outcome], *, incomplete: bool) -> int:
    """Return the exit code of the worst outcome: unknown, then refused, then not sent.

    A payload that was created before counts as not sent, unless others were created now: then a
    run was repeated, and everything exists.
    """
    created = any(isinstance(outcome, Created) for outcome in outcomes)
    codes = {o.exit_code for o in outcomes if not (created and isinstance(o, CreatedBefore))}
    if incomplete:
        codes.add(NotSent.exit_code)
    worst_first = (Unknown.exit_code, Refused.exit_code, NotSent.exit_code)
    return next((code for code in worst_first if code in codes), 0)


def print_item_json(item: Item, outcome: Outcome, message: str = "", **more: Any) -> None:
    """Print the outcome of a payload as a line of JSON."""
    _print_json(
        item,
        outcome=outcome.kind,
        id=getattr(outcome, "assistant_id", None),
        receipt=outcome.receipt or None,
        status=outcome.status,
        message=message or outcome.message or outcome.sentence,
        **more,
    )


def _print_json(item: Item, **members: Any) -> None:
    place: dict[str, Any] = {"file": item.file} | ({"line": item.line} if item.line else {})
    print_outcome_json(place | members)
