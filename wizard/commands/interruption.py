"""Ends a command on SIGTERM and SIGHUP as on Ctrl+C: with its sentences, lines and receipts."""

import signal
from types import FrameType

from wizard.errors import INTERRUPTED

_SIGNALS = ("SIGTERM", "SIGHUP")
_stopped_by: list[int] = []


def stop_on_signals() -> None:
    """Interrupt the command on these signals. One that is ignored stays ignored."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def exit_code() -> int:
    """Return the exit code of an interrupted command; after a signal the one a shell reports."""
    return 128 + _stopped_by[0] if _stopped_by else INTERRUPTED


def _stop(number: int, frame: FrameType | None) -> None:
    """Act as on Ctrl+C. Later signals are ignored: a closed window sends several at once."""
    for name in _SIGNALS:
        if found := getattr(signal, name, None):
            signal.signal(found, signal.SIG_IGN)
    _stopped_by.append(number)
    interrupt = signal.getsignal(signal.SIGINT)  # asyncio has its own while it runs
    if callable(interrupt):
        interrupt(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
