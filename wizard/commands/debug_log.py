"""The debug log: a line for each request and event, without anything that could be secret."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.commands.output import report, visible
from wizard.errors import WRONG_USAGE, WizardError

if TYPE_CHECKING:
    from wizard.api.http_client import Exchange


class LogTrouble(WizardError):
    """The file of the debug log cannot be written."""

    exit_code = WRONG_USAGE


class DebugLog:
    """Appends lines to a file. `trouble` is the first error, which must not stop a command."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.trouble: OSError | None = None

    def event(self, message: str) -> None:
        """Write an event with its time."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            # One write, so that the lines of two programs on one file do not mix.
            os.write(self._descriptor, f"{now} {visible(message)}\n".encode(errors="replace"))
        except OSError as error:
            self.trouble = self.trouble or error

    def exchange(self, exchange: "Exchange") -> None:
        """Write a request: method, path, status and time."""
        status = exchange.status or "no answer"
        self.event(f"{exchange.method} {exchange.path} {status} {exchange.seconds:.3f} s")


@contextmanager
def open_log(file: str, command: str) -> Iterator[DebugLog]:
    """Open the log of a command, and write its start and its end. Raises LogTrouble."""
    descriptor = _open(file)
    log = DebugLog(descriptor)
    log.event(f"start: {command} {__version__}, process {os.getpid()}")
    stopped_by = ""
    try:
        yield log
    except BaseException as error:
        stopped_by = f" by {type(error).__name__}"
        raise
    finally:
        log.event(f"stop{stopped_by}")
        if log.trouble:
            report(f"The log {file} is incomplete: {log.trouble.strerror}.")
        os.close(descriptor)


def _open(file: str) -> int:
    # Without O_NONBLOCK, opening a pipe waits for a reader. Windows has no such flag.
    nonblocking: int = getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | nonblocking, 0o600)
        if nonblocking:
            os.set_blocking(descriptor, True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is invalid"
        raise LogTrouble(
            f"The log {file} cannot be written: {reason}. Name another file with --log."
        ) from None
    return descriptor
