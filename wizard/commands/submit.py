"""The command `submit`: judges payloads, shows where they go, asks, and sends one after another."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.api.client import CREATE, Client
from wizard.api.connection import connect
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
from wizard.api.submission import Submission, same_named
from wizard.commands.output import say, say_document, say_outcome, say_outcome_json, tell
from wizard.commands.progress import Progress
from wizard.commands.sources import Source, from_named, refuse_masked, text_of
from wizard.contract.masking import masked
from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.draft.draft import Payload
from wizard.errors import StoreTrouble, Unreadable, WizardError
from wizard.formats.files import STANDARD_INPUT, read_lines
from wizard.formats.json_text import Json, unwrap
from wizard.sandbox.sandbox_store import SandboxStore
from wizard.settings import Settings, Target

if TYPE_CHECKING:
    from wizard.commands.log import DebugLog
    from wizard.storage.session import Session

_WRONG_USAGE: Final = 2
_INVALID: Final = 1
_INTERRUPTED: Final = 130
# How long the question waits for the list of assistants.
_LIST_SECONDS: Final = 2.0
# So many payloads are named before it is asked whether to send them.
_NAMED: Final = 20
# Seconds before the same is sent again where the server does not say how long, doubled each time.
_PAUSE: Final = 5.0
# A server that wants more patience than this, in seconds, is left alone, or after so many tries.
_PATIENCE: Final = 300.0
_TRIES: Final = 5
# After so many unknown outcomes in a row the rest is not sent: something is wrong over there.
_UNKNOWN_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said; `pace` is the least time between two requests, in seconds."""

    yes: bool = False
    as_json: bool = False
    dry_run: bool = False
    again: bool = False
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class _Item:
    """One payload, or why there is none; `line` is 0 outside of JSON Lines."""

    file: str
    line: int
    found: Source | WizardError
    errors: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        shown = STANDARD_INPUT if self.file == "-" else self.file
        return f"{shown}, line {self.line}" if self.line else shown

    @property
    def valid(self) -> bool:
        return isinstance(self.found, Source) and not self.errors

    @property
    def source(self) -> Source:
        """What was read; only for a valid one."""
        assert isinstance(self.found, Source)  # noqa: S101 - for the type checker
        return self.found

    @property
    def payload(self) -> Payload:
        return Payload(self.source.data, text_of(self.source.data))


def run(settings: Settings, files: Sequence[str], options: Options, log: "DebugLog | None") -> int:
    """Send the payloads in files, or those of drafts; the exit code is the gravest outcome's.

    Nothing is sent where one of them is invalid.
    """
    items = [item for file in files for item in _read(file, settings.home)]
    if not all(item.valid for item in items):
        return _refuse(items, options)
    if options.dry_run:
        return _show_requests(items, settings.target, options)
    try:
        with _session(settings) as (session, known):
            return _send(items, session, known, options, log)
    except StoreTrouble as trouble:
        return _none_sent(items, NoReceipt(str(trouble)), options)


def _send(
    items: Sequence[_Item],
    session: "Session",
    settings: Settings,
    options: Options,
    log: "DebugLog | None",
) -> int:
    """Show, ask, send."""
    if settings.key is None:
        return _none_sent(items, NotSent(NotSentReason.NO_KEY), options)
    _show_plan(items, settings.target, session, options)
    if not options.yes:
        if not _has_terminal():
            tell("There is no terminal to ask on, so nothing was sent: --yes sends without asking.")
            return _WRONG_USAGE
        asked = connect(settings, log.exchange if log else None, SandboxStore(session))
        same = asyncio.run(same_named(asked, [item.payload for item in items], _LIST_SECONDS))
        for sentence in same[:_NAMED]:
            tell(sentence)
        if not _agreed(len(items), settings.target):
            return _none_sent(items, _NOTHING, options, "Nothing was sent: you said no.")
    client = connect(settings, log.exchange if log else None, SandboxStore(session))
    return _Batch(items, session, settings, client, options).run()


# Reading and judging


def _read(file: str, home: Path) -> Iterator[_Item]:
    """The payloads that a name stands for, each judged."""
    try:
        if not file.lower().endswith(".jsonl"):
            yield _judged(file, 0, from_named(file, home))
            return
        for line, value in read_lines(file):
            yield _from_line(file, line, value)
    except WizardError as error:
        yield _Item(file, 0, error)


def _from_line(file: str, line: int, value: Json | Unreadable) -> _Item:
    if isinstance(value, Unreadable):
        return _Item(file, line, value)
    try:
        return _judged(file, line, Source(file, unwrap(value, file)))
    except Unreadable as error:
        return _Item(file, line, Unreadable(file, error.reason, line, 1))


def _judged(file: str, line: int, source: Source) -> _Item:
    refuse_masked(source, line)
    return _Item(file, line, source, tuple(find_errors(source.data)))


def _refuse(items: Sequence[_Item], options: Options) -> int:
    """Say what is wrong with which; nothing is sent, the valid ones neither."""
    for item in items:
        for told in _wrongs(item):
            tell(told)
        if options.as_json:
            _say_outcome(item, _NOTHING, "; ".join(_wrongs(item)) or _OTHERS_INVALID)
    invalid = sum(not item.valid for item in items)
    tell(f"Nothing was sent: {invalid} of {_count(len(items))} cannot be. Mend that first.")
    return _INVALID


_OTHERS_INVALID: Final = "Nothing was sent, because another payload is invalid."


def _wrongs(item: _Item) -> list[str]:
    if isinstance(item.found, WizardError):
        return [str(item.found)]
    return [f"{item.name}: {error}" for error in item.errors]


def _count(number: int) -> str:
    return "1 payload" if number == 1 else f"{number} payloads"


# Before sending


@contextmanager
def _session(settings: Settings) -> "Iterator[tuple[Session, Settings]]":
    """The store of receipts, and the settings with the key that may be kept in a keyring."""
    from wizard.commands.start import with_stored_key
    from wizard.storage.session import Session
    from wizard.storage.store import open_store

    opened = open_store(settings.home)
    session = Session(settings.home, opened)
    try:
        if opened.trouble:
            raise StoreTrouble(opened.trouble)
        known, told = with_stored_key(settings, session)
        if told:
            tell(told)
        yield session, known
    finally:
        session.close()


def _show_requests(items: Sequence[_Item], target: Target, options: Options) -> int:
    """Print the requests as they would leave, the keys out."""
    url = target.base_url + CREATE
    headers = {"content-type": "application/json", "x-api-key": "(left out)"}
    for item in items:
        body = text_of(masked(item.source.data))
        if options.as_json:
            request = {"method": "POST", "url": url, "headers": headers, "body": body}
            _say_outcome(
                item, _NOTHING, "Nothing was sent: this is what would be.", request=request
            )
        else:
            say(f"POST {url}")
            for name, value in headers.items():
                say(f"{name}: {value}")
            say_document(f"\n{body}\n")
    tell(f"Nothing was sent: {_count(len(items))} would be, to {target.name}.")
    return 0


def _show_plan(
    items: Sequence[_Item], target: Target, session: "Session", options: Options
) -> None:
    """Say what goes where, before anything does."""
    tell(f"To {target.name} ({target.base_url}):")
    for item in items[:_NAMED]:
        tell(f"  {item.name}: {_about(item, target, session, options)}")
    if len(items) > _NAMED:
        tell(f"  and {len(items) - _NAMED} more")
    same = Counter(payload_hash(item.source.data) for item in items)
    twice = sum(count - 1 for count in same.values())
    if twice and not options.again:
        tell(f"{_count(twice)} of these stand here more than once: each is sent once.")


def _about(item: _Item, target: Target, session: "Session", options: Options) -> str:
    data = item.source.data
    before = session.receipts.created_before(target.base_url, item.payload)
    told = f"{data['name']} of {data['company_name']}, {data['type']}, {data['language']}"
    if before is None:
        return told
    skipped = "it is sent again" if options.again else "it is passed over"
    return f"{told}; created before, {skipped}"


def _has_terminal() -> bool:
    return all(end is not None and end.isatty() for end in (sys.stdin, sys.stderr))


def _agreed(count: int, target: Target) -> bool:
    """Ask on the terminal whether to send; an empty line is no."""
    what = "this assistant" if count == 1 else f"these {count} assistants"
    print(f"Create {what} on {target.name}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _none_sent(items: Sequence[_Item], outcome: Outcome, options: Options, told: str = "") -> int:
    """The same reason for all of them."""
    for item in items if options.as_json else ():
        _say_outcome(item, outcome, told)
    tell(told or outcome.sentence)
    return outcome.exit_code


# Sending


class _Batch:
    """Sends payloads one after another, and says what came of each as soon as it is known."""

    def __init__(
        self,
        items: Sequence[_Item],
        session: "Session",
        settings: Settings,
        client: Client,
        options: Options,
    ) -> None:
        self._items, self._session, self._options = items, session, options
        self._client = client
        self._submission = Submission(
            client,
            session.receipts,
            settings.target,
            key=settings.key,
            home=session.home,
        )
        self._outcomes: list[Outcome] = []
        self._unknown_in_a_row = 0
        self._progress = Progress(len(items))

    def run(self) -> int:
        """Send them all; the exit code."""
        try:
            asyncio.run(self._send_all())
        except KeyboardInterrupt:
            self._say_interrupted()
            return _INTERRUPTED
        finally:
            self._progress.clear()
        rest = self._items[len(self._outcomes) :]
        if rest:
            tell(f"{_count(len(rest))} not sent. Run the same again: nothing is created twice.")
            self._say_rest(rest, "Nothing was sent: the run ended before it.")
        return _exit_code(self._outcomes, rest=bool(rest))

    async def _send_all(self) -> None:
        try:
            for number, item in enumerate(self._items):
                self._progress.show(number, str(item.source.data["name"]))
                outcome = await self._send(item)
                self._outcomes.append(outcome)
                self._progress.clear()
                self._say(item, outcome)
                if self._has_to_stop(outcome):
                    return
                if number + 1 < len(self._items) and not isinstance(outcome, Withheld):
                    self._progress.show(number + 1, str(item.source.data["name"]))
                    await asyncio.sleep(self._options.pace)
        finally:
            await self._client.aclose()

    async def _send(self, item: _Item) -> Outcome:
        """Send one; where the server wants it later, wait as long as it says."""
        pause = _PAUSE
        for _ in range(_TRIES - 1):
            outcome = await self._submit(item)
            if not isinstance(outcome, RateLimited):
                return outcome
            wait = pause if outcome.retry_after is None else outcome.retry_after
            if wait > _PATIENCE:
                return outcome
            self._progress.clear()
            tell(f"{item.name}: too many requests; it is sent again in {wait:.0f} s.")
            await asyncio.sleep(wait)
            pause *= 2
        return await self._submit(item)

    async def _submit(self, item: _Item) -> Outcome:
        send = partial(self._submission.submit, item.payload, item.source.draft)
        return await send(again=self._options.again)

    def _has_to_stop(self, outcome: Outcome) -> bool:
        """Whether the next one would fare no better."""
        fresh = isinstance(outcome, Unknown) and not isinstance(outcome, Unresolved)
        self._unknown_in_a_row = self._unknown_in_a_row + 1 if fresh else 0
        hopeless = (KeyRefused, Redirected, RateLimited, NotSent, NoReceipt)
        return isinstance(outcome, hopeless) or self._unknown_in_a_row >= _UNKNOWN_IN_A_ROW

    # --- what came of it

    def _say(self, item: _Item, outcome: Outcome) -> None:
        if self._options.as_json:
            _say_outcome(item, outcome)
            if outcome.note:
                tell(f"{item.name}: {outcome.note}")
            return
        words = f'The server said: "{outcome.message}"' if outcome.message else ""
        receipt = f"Receipt {outcome.receipt}." if outcome.receipt else ""
        told = (outcome.sentence, words, outcome.note, receipt)
        say_outcome(f"{item.name}: {' '.join(filter(None, told))}")

    def _say_interrupted(self) -> None:
        """Say what is known of the payload that was under way, and that the rest was not sent."""
        self._progress.clear()
        rest = self._items[len(self._outcomes) :]
        for item in rest[:1]:
            self._say_stopped(item)
        self._say_rest(rest[1:], "Nothing was sent: it was interrupted.")
        tell("Interrupted. Run the same again: what was created is not created twice.")

    def _say_stopped(self, item: _Item) -> None:
        receipt = self._receipt_of(item)
        unknown = receipt is not None and receipt.is_open
        outcome = "unknown" if unknown else "not_sent"
        told = _MAYBE if unknown else "Nothing was sent: it was interrupted."
        if self._options.as_json:
            _say_stopped(item, outcome, receipt.id if receipt else None, told)
        else:
            say_outcome(f"{item.name}: {told}")

    def _receipt_of(self, item: _Item) -> Receipt | None:
        """The newest receipt of what was under way."""
        body = payload_hash(item.source.data)
        try:
            return next((r for r in self._session.receipts.all() if r.hash == body), None)
        except WizardError:
            return None

    def _say_rest(self, rest: Sequence[_Item], told: str) -> None:
        for item in rest if self._options.as_json else ():
            _say_outcome(item, _NOTHING, told)


_MAYBE: Final = "It may have been created: the next run asks the list of your assistants first."
_NOTHING: Final = NotSent(NotSentReason.CANCELLED)


def _exit_code(outcomes: Sequence[Outcome], *, rest: bool) -> int:
    """The gravest outcome's: unknown, then refused, then not sent.

    What was created before counts as not sent, unless others were created now: then it is a run
    that was taken up again, and all is there.
    """
    created = any(isinstance(outcome, Created) for outcome in outcomes)
    counted = [o for o in outcomes if not (created and isinstance(o, CreatedBefore))]
    codes = {outcome.exit_code for outcome in counted} | ({NotSent.exit_code} if rest else set())
    return next((code for code in _GRAVEST if code in codes), 0)


_GRAVEST: Final = (Unknown.exit_code, Refused.exit_code, NotSent.exit_code)


def _say_outcome(item: _Item, outcome: Outcome, message: str = "", **more: Any) -> None:
    """Write what came of a payload as a line of JSON."""
    _say_line(
        item,
        outcome=outcome.kind,
        id=getattr(outcome, "assistant_id", None),
        receipt=outcome.receipt or None,
        status=outcome.status,
        message=message or outcome.message or outcome.sentence,
        **more,
    )


def _say_stopped(item: _Item, outcome: str, receipt: str | None, message: str) -> None:
    _say_line(item, outcome=outcome, id=None, receipt=receipt, status=None, message=message)


def _say_line(item: _Item, **told: Any) -> None:
    place: dict[str, Any] = {"file": item.file} | ({"line": item.line} if item.line else {})
    say_outcome_json(place | told)
