"""Locks on files, which the system releases when the process of their owner ends.

Lock files are never deleted: two processes could then lock two files of one name.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

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
        with suppress(OSError):
            _unlock(self._file)
        with suppress(OSError):
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


def acquire_named(home: Path, name: str) -> Lock | None:
    """Lock the file of a name in the folder `locks`; see `acquire`."""
    folder = home / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return acquire(folder / f"{name}.lock")


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


_HELD: Final[set[tuple[Path | None, str]]] = set()


class NamedLocks:
    """Locks names for one task at a time, across all processes.

    If lock files cannot be created (no folder, a read-only one), the lock holds in this process
    only, and `work` is false.
    """

    def __init__(self, home: Path | None) -> None:
        self._home = home.absolute() if home else None
        self.work = True

    @contextmanager
    def acquire(self, *names: str) -> Iterator[bool]:
        """Lock these names for a block. Yields whether all were free."""
        with ExitStack() as stack:
            yield all(self._acquire(name, stack) for name in names)

    def _acquire(self, name: str, stack: ExitStack) -> bool:
        held = (self._home, name)
        if held in _HELD:
            return False
        if self._home is not None:
            try:
                lock = acquire_named(self._home, name)
            except OSError:
                self.work = False
            else:
                if lock is None:
                    return False
                stack.callback(lock.release)
        _HELD.add(held)
        stack.callback(_HELD.discard, held)
        return True
