"""Locks on files, which the system frees when the process that holds one ends, however it ends.

The files stay: were one deleted while it is locked, two processes could hold a lock of one name.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# How often it is tried to lock what another process holds, in seconds.
_TRY_SECONDS = 0.05

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: int) -> None:
        # A child that was just forked has the file open too: to close it is not enough.
        fcntl.flock(file, fcntl.LOCK_UN)


class Lock:
    """A lock that is held; see `take`."""

    def __init__(self, file: int) -> None:
        self._file = file

    def release(self) -> None:
        """Let go of it; once."""
        try:
            _unlock(self._file)
        finally:
            os.close(self._file)


def take(path: Path) -> Lock | None:
    """Lock a file, which is made where there is none; None where it is locked already.

    Who holds the lock makes no difference: another process, or this one. OSError where the file
    cannot be opened, or where its disk knows no locks.
    """
    follow = getattr(os, "O_NOFOLLOW", 0)  # Windows has none
    file = os.open(path, os.O_RDWR | os.O_CREAT | follow, 0o600)
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    return Lock(file)


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock on a file; TimeoutError where it does not become free in time."""
    end = time.monotonic() + seconds
    while (lock := take(path)) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"{path} stays locked by another program")
        time.sleep(_TRY_SECONDS)
    try:
        yield
    finally:
        lock.release()
