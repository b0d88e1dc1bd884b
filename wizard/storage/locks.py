"""Locks on files, which the system releases when the process of their owner ends.

Lock files are never deleted: two processes could then lock two files of one name.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Seconds from one try to the next.
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
        # A forked child has the file open too, so closing it does not unlock it.
        fcntl.flock(file, fcntl.LOCK_UN)


class Lock:
    """A lock that this process has; see `acquire`."""

    def __init__(self, file: int) -> None:
        self._file = file

    def release(self) -> None:
        """Release the lock; call it once."""
        try:
            _unlock(self._file)
        finally:
            os.close(self._file)


def acquire(path: Path) -> Lock | None:
    """Lock a file, and create it if it is missing.

    Returns None if the file is already locked, by another process or by this one. Raises OSError
    if the file cannot be opened, or if its disk has no locks.
    """
    no_follow = getattr(os, "O_NOFOLLOW", 0)  # Windows does not have it
    file = os.open(path, os.O_RDWR | os.O_CREAT | no_follow, 0o600)
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
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Lock a file for a block; raises TimeoutError after some seconds of waiting."""
    end = time.monotonic() + seconds
    while (lock := acquire(path)) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"{path} is locked by another program")
        time.sleep(_TRY_SECONDS)
    try:
        yield
    finally:
        lock.release()
