"""Ends the wizard after a signal, a lost terminal or an internal error."""

import os
import select
import signal
import sys
import time
import traceback
from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

# The exit code that a shell reports after a signal.
_SIGNALLED: Final = 128


def on_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with the exit code when the system asks the program to end."""
    loop = get_running_loop()
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        # Windows lacks some. A signal that is ignored from the start stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, leave, _SIGNALLED + number)


def terminal_is_gone() -> bool:
    """Whether the terminal hung up; needed if SIGHUP is ignored."""
    if not hasattr(select, "poll") or not sys.__stdin__:
        return False
    with suppress(OSError, ValueError):
        poll = select.poll()
        poll.register(sys.__stdin__.fileno(), select.POLLHUP)
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))
    return True


def write_report(home: Path, error: BaseException) -> Path | None:
    """Write the traceback of an internal error, without values and messages: they may be secret."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    path = home / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f"{type(error).__module__}.{type(error).__qualname__}\n{frames}")
    except OSError:
        return None
    return path
