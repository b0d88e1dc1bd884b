"""Writes files whole or not at all, and says what is in the place of a regular file.

A pipe, a socket or a device may keep a program waiting without end when it is opened.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from wizard.errors import NotWritten

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def not_a_file(path: str | Path) -> str:
    """What is at a path in the place of a regular file; empty if nothing is there, or a file."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return "a link that leads nowhere" if os.path.islink(path) else ""
    return _KINDS.get(stat.S_IFMT(mode), "")


def write_new(name: str, text: str, *, over: bool | None = None) -> None:
    """Write a text as UTF-8 to a file, for its owner alone; see `new_file`. Raises NotWritten."""
    with new_file(name, over=over) as part:
        part.write_bytes(text.encode())


@contextmanager
def new_file(name: str, *, over: bool | None = None) -> Iterator[Path]:
    """An empty private file, which takes its name when the block has written it.

    `over` is whether it replaces a file that exists, which keeps its mode; None if the person has
    no option for that. Raises NotWritten.
    """
    path = Path(name)
    try:
        if over and not_a_file(path) in ("a pipe", "a device"):
            yield path
            return
        _check_free(path, over=over)
        place = path.resolve()
        part = place.with_name(f".{place.name}.{token_hex(4)}")
        try:
            _create(part)
            yield part
            flush(part)
            if place.exists():
                part.chmod(place.stat().st_mode & 0o777)
            if not over:
                _create(place)  # so that no other program makes one of this name
            part.replace(place)
        finally:
            with suppress(OSError):
                part.unlink()
        flush(place.parent)
    except FileExistsError:
        force = "" if over is None else ", or add --force to write over it"
        told = f"{name} is there already: name another file{force}"
        raise NotWritten(told, exists=True) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotWritten(f"{name} cannot be written: {reason}") from None


def _check_free(path: Path, *, over: bool | None) -> None:
    if not over and os.path.lexists(path):
        raise FileExistsError
    if path.is_dir():
        raise NotWritten(f"{path} is a folder: name a file in it")


def flush(path: Path) -> None:
    """Have what was written to a file, or the names in a folder, survive a loss of power."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
