"""Reads the payloads of `submit`, sends them one after another, and prints the outcome of each."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import click

from wizard.api.client import CREATE
from wizard.api.outcomes import (
    Created,
    CreatedBefore,
    LostReceipts,
    NoReceipt,
    NotSent,
    Outcome,
    RateLimited,
    Unknown,
    Withheld,
)
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.receipt_store import Receipt, Receipts
from wizard.api.submission import Submission, same_named
from wizard.commands.account import account, ask_once, client_of
from wizard.commands.batch import NEVER_SENT, NOTHING_SENT, Batch, can_ask, worst
from wizard.commands.options import CommonOptions
from wizard.commands.output import print_document, print_line, report, write_stderr
from wizard.commands.sources import PayloadSource, read_source, refuse_masked
from wizard.contract.app_forms import language_words
from wizard.contract.masking import masked
from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.draft.draft import Payload
from wizard.errors import WRONG_USAGE, StoreTrouble, Unreadable, WizardError
from wizard.exchange.envelope import payload_in
from wizard.formats.files import read_lines, shown_name
from wizard.formats.json_text import dump
from wizard.formats.payload_identity import payload_hash
from wizard.formats.text import counted
from wizard.settings import Settings, Target, is_dumb_terminal
from wizard.storage.session import Session

# The seconds that the question waits for the list of assistants.
_LIST_SECONDS = 2.0
# The number of payloads that are named before the question.
_MAX_NAMED = 20
# Seconds before a rate-limited request is sent again if the server names no time; doubled each
# time.
_PAUSE = 5.0
_MAX_WAIT = 300.0
_MAX_TRIES = 5
_CLEAR_LINE = "\r\x1b[K"


@dataclass(frozen=True)
class PayloadItem:
    """A payload, or the error of reading it; `line` is 0 outside of JSON Lines."""

    file: str
    line: int
    result: PayloadSource | WizardError
    errors: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """The name for messages."""
        shown = shown_name(self.file)
        return f"{shown}, line {self.line}" if self.line else shown

    @property
    def source(self) -> PayloadSource:
        """The payload's source; only for an item without a reading error."""
        assert isinstance(self.result, PayloadSource)  # noqa: S101 - for the type checker
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

    def as_json(self, outcome: Outcome, message: str) -> dict[str, Any]:
        """Return the line of `--json` about its outcome."""
        place: dict[str, Any] = {"file": self.file} | ({"line": self.line} if self.line else {})
        return place | {
            "outcome": outcome.kind,
            "id": getattr(outcome, "assistant_id", None),
            "receipt": outcome.receipt or None,
            "status": outcome.status,
            "message": message,
        }


def read_items(file: str, home: Path, *, app_form: bool) -> Iterator[PayloadItem]:
    """Read and validate the payloads of a file, or the payload of a draft."""
    try:
        if not file.lower().endswith(".jsonl"):
            yield _validated(file, 0, read_source(file, home), app_form=app_form)
            return
        for line, value in read_lines(file):
            try:
                if isinstance(value, Unreadable):
                    raise value
                source = PayloadSource(file, payload_in(value, file))
                yield _validated(file, line, source, app_form=app_form)
            except Unreadable as error:
                yield PayloadItem(
                    file, line, Unreadable(file, error.reason, line, error.column or 1)
                )
    except WizardError as error:
        yield PayloadItem(file, 0, error)


def _validated(file: str, line: int, source: PayloadSource, *, app_form: bool) -> PayloadItem:
    if source.assistant:
        reason = f"it changes the assistant {source.assistant}; open it in the wizard to update it"
        raise Unreadable(source.name, reason)
    refuse_masked(source, line)
    return PayloadItem(file, line, source, tuple(find_errors(source.data, app_form=app_form)))


class CreateBatch(Batch[PayloadItem]):
    """Sends payloads one after another; `pace` is the least time between two, in seconds."""

    repeat = "Run the same command again: nothing is created twice."

    def __init__(
        self,
        items: Sequence[PayloadItem],
        options: CommonOptions,
        *,
        as_json: bool,
        again: bool,
        pace: float,
    ) -> None:
        super().__init__(items, as_json=as_json)
        self._options, self._again, self._pace = options, again, pace
        self._outcomes: list[Outcome] = []
        # The answer to the item that waits to be sent again.
        self._last: RateLimited | None = None
        is_watched = bool(sys.stderr and sys.stderr.isatty()) and not is_dumb_terminal()
        self._bar = click.progressbar(
            length=len(items),
            file=sys.stderr,
            show_pos=True,
            hidden=not is_watched or len(items) == 1,
        )

    # --- before sending

    def run(self, *, yes: bool, dry_run: bool) -> int:
        """Run the command, and return its exit code."""
        if any(item.messages() for item in self._items):
            return self._report_invalid("payload")
        settings = self._options.settings()
        if dry_run:
            return self._print_requests(settings.target)
        try:
            with account(settings, needs_store=True) as (session, settings):
                if session.rescue:
                    return self.report_none_sent(LostReceipts())
                return self._ask_and_send(session, settings, yes=yes)
        except StoreTrouble as trouble:
            return self.report_none_sent(NoReceipt(str(trouble)))

    def _print_requests(self, target: Target) -> int:
        """Print the requests that would be sent, without the keys."""
        url = target.base_url + CREATE
        headers = {"content-type": "application/json", "x-api-key": "(left out)"}
        for item in self._items:
            body = dump(dict(masked(item.source.data)))
            if self._as_json:
                request = {"method": "POST", "url": url, "headers": headers, "body": body}
                message = "Nothing was sent: this is the request."
                self._print_json(item, NOTHING_SENT, message, request=request)
            else:
                print_line(f"POST {url}")
                for name, value in headers.items():
                    print_line(f"{name}: {value}")
                print_document(f"\n{body}\n")
        payloads = counted(len(self._items), "payload")
        report(f"Nothing was sent: {payloads} would be created {target.place}.")
        return 0

    def _ask_and_send(self, session: Session, settings: Settings, *, yes: bool) -> int:
        """Show what is sent, ask, and send it."""
        if settings.key is None:
            return self.report_none_sent(NotSent(NotSentReason.NO_KEY))
        self._report_plan(settings.target, session.receipts)
        if not yes and not self._all_skipped(settings.target, session.receipts):
            if not can_ask():
                return WRONG_USAGE
            client = client_of(self._options.log, session, settings)
            payloads = [item.payload for item in self._items]
            sentences = ask_once(client, lambda each: same_named(each, payloads, _LIST_SECONDS))
            for sentence in sentences[:_MAX_NAMED]:
                report(sentence)
            if code := self._ask("Create", len(self._items), settings.target.place):
                return code
        client = client_of(self._options.log, session, settings)
        self._receipts = session.receipts
        submission = Submission.of(client, session, settings)
        send = partial(ask_once, client, lambda _: self._send_all(submission))
        incomplete = self._send_and_report(send)
        return _exit_code(self._outcomes, incomplete=incomplete)

    def _all_skipped(self, target: Target, receipts: Receipts) -> bool:
        """Return whether every payload was created before, so that there is nothing to ask."""
        return not self._again and all(
            receipts.created_before(target.base_url, item.payload) is not None
            for item in self._items
        )

    def _report_plan(self, target: Target, receipts: Receipts) -> None:
        """Report what will be sent, and where."""
        report(f"To {target.name} ({target.base_url}):")
        for item in self._items[:_MAX_NAMED]:
            data = item.source.data
            language = language_words(data["language"])
            about = f"{data['name']} of {data['company_name']}, {data['type']}, {language}"
            if receipts.created_before(target.base_url, item.payload) is not None:
                about += f"; created before, {'sent again' if self._again else 'skipped'}"
            report(f"  {item.name}: {about}")
        if len(self._items) > _MAX_NAMED:
            report(f"  and {len(self._items) - _MAX_NAMED} more")
        counts = Counter(payload_hash(item.source.data) for item in self._items)
        repeated = sum(count - 1 for count in counts.values())
        if repeated and not self._again:
            same = "repeats another and is" if repeated == 1 else "repeat others and are"
            report(f"{counted(repeated, 'payload')} {same} not sent.")

    # --- sending

    async def _send_all(self, submission: Submission) -> None:
        with self._bar:
            for number, item in enumerate(self._items):
                outcome = await self._send(item, submission)
                self._outcomes.append(outcome)
                self._clear_bar()
                self._print(item, outcome)
                self._bar.update(1)
                if self._must_stop(outcome):
                    return
                if number + 1 < len(self._items) and not isinstance(outcome, Withheld):
                    await asyncio.sleep(self._pace)

    async def _send(self, item: PayloadItem, submission: Submission) -> Outcome:
        """Send a payload; if the server limits the rate, wait and try again."""
        submit = partial(submission.submit, item.payload, item.source.draft, again=self._again)
        pause, self._last = _PAUSE, None
        for _ in range(_MAX_TRIES - 1):
            outcome = await submit()
            if not isinstance(outcome, RateLimited):
                return outcome
            # A server that names no time, or one that is over, gets the pause.
            wait = outcome.retry_after or pause
            if wait > _MAX_WAIT:
                return outcome
            self._last = outcome
            self._clear_bar()
            report(f"{item.name}: too many requests; it is sent again in {wait:.0f} s.")
            await asyncio.sleep(wait)
            pause *= 2
        return await submit()

    def _clear_bar(self) -> None:
        """Clear the progress bar, so that a line can be printed."""
        if not self._bar.hidden:
            write_stderr(_CLEAR_LINE)

    def _left(self, number: int) -> str:
        return counted(number, "payload")

    def _print_interrupted(self, item: PayloadItem) -> None:
        receipt = self._receipt_of(item)
        outcome: Outcome = self._last or NOTHING_SENT
        message = f"Interrupted. {self._last.in_command}" if self._last else NEVER_SENT
        if receipt is not None and receipt.is_open:
            outcome = Unknown(UnknownReason.INTERRUPTED)
            message = "It may have been created: the next run asks for your list of assistants."
        outcome = replace(outcome, receipt=receipt.id if receipt else "")
        self._print_message(item, outcome, message)

    def _receipt_of(self, item: PayloadItem) -> Receipt | None:
        """Return the newest receipt of a payload."""
        body = payload_hash(item.source.data)
        try:
            return next((r for r in self._receipts.all() if r.hash == body), None)
        except WizardError:
            return None


def _exit_code(outcomes: Sequence[Outcome], *, incomplete: bool) -> int:
    """Return the exit code of the worst outcome: unknown, then refused, then not sent.

    A payload that was created before counts as not sent, unless others were created now: then a
    run was repeated, and everything exists.
    """
    created = any(isinstance(outcome, Created) for outcome in outcomes)
    codes = {o.exit_code for o in outcomes if not (created and isinstance(o, CreatedBefore))}
    if incomplete:
        codes.add(NotSent.exit_code)
    return worst(codes)
