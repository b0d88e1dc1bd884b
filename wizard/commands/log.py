"""The debug log: a line for each request and event, with nothing in it that could be secret."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.commands.output import visible
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.api.client import Exchange


class LogTrouble(WizardError):
    """The file of the debug log cannot be written."""


class DebugLog:
    """Appends lines to a file. What cannot be written is left out: a log must stop nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def event(self, told: str) -> None:
        """Write what happened, with its time."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with suppress(OSError):
            # One write: the lines of two programs on one file do not run into each other.
            os.write(self._descriptor, f"{now} {visible(told)}\n".encode(errors="replace"))

    def exchange(self, exchange: "Exchange") -> None:
        """Write a request: method, path, status and time."""
        status = exchange.status or "no answer"
        self.event(f"{exchange.method} {exchange.path} {status} {exchange.seconds:.3f} s")


@contextmanager
def opened(file: str, command: str) -> Iterator[DebugLog]:
    """A log of a command from its start to its stop, or to what stopped it; LogTrouble."""
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
        os.close(descriptor)


def _open(file: str) -> int:
    # A pipe that nobody reads would be waited for without an end; Windows has none such.
    at_once: int = getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | at_once, 0o600)
        if at_once:
            os.set_blocking(descriptor, True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise LogTrouble(
            f"The log {file} cannot be written: {reason}. Name another file with --log."
        ) from None
    return descriptor
