"""What `submit` and `update` share: they ask, send one after another, and print each outcome."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, Protocol, TypeVar

from wizard.api.outcomes import (
    KeyRefused,
    NoReceipt,
    NotSent,
    Outcome,
    RateLimited,
    Redirected,
    Unknown,
    Unresolved,
)
from wizard.api.reasons import NotSentReason
from wizard.api.update_outcomes import ReadRefused, UpdateNoReceipt
from wizard.commands import interruption
from wizard.commands.output import (
    print_outcome,
    print_outcome_json,
    print_result,
    report,
    write_stderr,
)
from wizard.errors import WRONG_USAGE
from wizard.formats.text import counted

NOTHING_SENT = NotSent(NotSentReason.CANCELLED)
NEVER_SENT = "Interrupted: nothing was sent."

# After this many unknown outcomes in a row, the server has a problem, and the rest is not sent.
_MAX_UNKNOWN = 3
# After these, the next request would fail for the same reason.
_FATAL = (KeyRefused, ReadRefused, Redirected, RateLimited, NotSent, NoReceipt, UpdateNoReceipt)


class BatchItem(Protocol):
    """A payload to send, or an assistant to update."""

    @property
    def name(self) -> str:
        """The name for messages."""

    def messages(self) -> list[str]:
        """Return everything that is wrong with it."""

    def as_json(self, outcome: Outcome, message: str) -> dict[str, Any]:
        """Return the line of `--json` about its outcome."""


T = TypeVar("T", bound=BatchItem)


class Batch(ABC, Generic[T]):
    """The items of one run of a command."""

    repeat = "Run the same command again: nothing is sent twice."

    def __init__(self, items: Sequence[T], *, as_json: bool) -> None:
        self._items, self._as_json = items, as_json
        self._printed = 0
        self._unknown_in_a_row = 0

    @abstractmethod
    def _left(self, number: int) -> str:
        """Return a number of items in words, with the verb before "not sent"."""

    @abstractmethod
    def _print_interrupted(self, item: T) -> None:
        """Print what is known about the item that was being sent."""

    def report_none_sent(self, outcome: Outcome, message: str = "") -> int:
        """Report one reason for all items, and return its exit code."""
        if self._as_json:
            for item in self._items:
                self._print_json(item, outcome, message)
        report(message or outcome.in_command)
        return outcome.exit_code

    def _report_invalid(self, noun: str) -> int:
        """Report what is wrong; nothing is sent, not even what is valid."""
        invalid = 0
        for item in self._items:
            messages = item.messages()
            invalid += bool(messages)
            for message in messages:
                report(message)
            if self._as_json:
                others = f"Nothing was sent, because another {noun} is invalid."
                self._print_json(item, NOTHING_SENT, "; ".join(messages) or others)
        total = counted(len(self._items), noun)
        are, them = ("is", "it") if invalid == 1 else ("are", "them")
        report(f"Nothing was sent: {invalid} of {total} {are} invalid. Fix {them} first.")
        return 1

    def _ask(self, verb: str, number: int, place: str) -> int:
        """Ask on the terminal; an empty line means no. Returns an exit code, 0 for yes."""
        if not can_ask():
            return WRONG_USAGE
        what = "this assistant" if number == 1 else f"these {number} assistants"
        try:
            print(f"{verb} {what} {place}? [y/N] ", end="", file=sys.stderr, flush=True)
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            write_stderr("\n")
            raise
        if answer.strip().casefold() in ("y", "yes"):
            return 0
        return self.report_none_sent(NOTHING_SENT, "Nothing was sent: you said no.")

    def _send_and_report(self, send: Callable[[], None]) -> bool:
        """Send the items, and report those that were left out. Returns whether there are any."""
        try:
            send()
        except KeyboardInterrupt:
            rest = self._items[self._printed :]
            self._printed = len(self._items)
            if rest:
                self._print_interrupted(rest[0])
            self._print_left_out(rest[1:], NEVER_SENT)
            raise
        rest = self._items[self._printed :]
        if rest:
            report(f"{self._left(len(rest))} not sent. {self.repeat}")
        self._print_left_out(rest, "Nothing was sent: the run stopped before it.")
        return bool(rest)

    def report_interrupted(self) -> int:
        """Report what was not printed before an interruption, and return the exit code."""
        rest, self._printed = self._items[self._printed :], len(self._items)
        self._print_left_out(rest, NEVER_SENT)
        report(f"Interrupted. {self.repeat}")
        return interruption.exit_code()

    def _must_stop(self, outcome: Outcome) -> bool:
        """Whether the next item would fail for the same reason."""
        is_new = isinstance(outcome, Unknown) and not isinstance(outcome, Unresolved)
        self._unknown_in_a_row = self._unknown_in_a_row + 1 if is_new else 0
        return isinstance(outcome, _FATAL) or self._unknown_in_a_row >= _MAX_UNKNOWN

    def _print(self, item: T, outcome: Outcome) -> None:
        self._printed += 1
        if self._as_json:
            self._print_json(item, outcome)
            if outcome.note:
                report(f"{item.name}: {outcome.note}")
            return
        print_result(item.name, outcome)

    def _print_message(self, item: T, outcome: Outcome, message: str) -> None:
        """Print a message in place of the outcome's sentence."""
        if self._as_json:
            self._print_json(item, outcome, message)
        else:
            print_outcome(f"{item.name}: {message}")

    def _print_left_out(self, items: Sequence[T], message: str) -> None:
        if self._as_json:
            for item in items:
                self._print_json(item, NOTHING_SENT, message)

    def _print_json(self, item: T, outcome: Outcome, message: str = "", **more: Any) -> None:
        message = message or _message(outcome)
        print_outcome_json(item.as_json(outcome, message) | more)


def worst(codes: Collection[int]) -> int:
    """Return the exit code of the worst outcome: unknown, refused, not sent, then missing."""
    return next((code for code in (4, 3, 5, 1) if code in codes), 0)


def _message(outcome: Outcome) -> str:
    """Return the server's words; if they do not settle it, behind what is known."""
    if not outcome.message:
        return outcome.in_command
    if isinstance(outcome, Unknown):
        return f'{outcome.in_command} The server answered: "{outcome.message}"'
    return outcome.message


def can_ask() -> bool:
    """Whether there is a terminal to ask on; reports it if there is none."""
    if all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return True
    report("Nothing was sent: there is no terminal to confirm on. --yes sends without asking.")
    return False
