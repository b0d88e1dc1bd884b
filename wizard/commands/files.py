"""Writes the files that commands are asked for: whole or not at all, and none over another."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from wizard.errors import NotWritten


def write_new(name: str, text: str, *, over: bool = False, secret: bool = False) -> None:
    """Write a text as UTF-8 to a file; with `over` in place of one that is there.

    A new file with a secret in it is for its owner's eyes alone. Raises NotWritten.
    """
    path = Path(name)
    try:
        if not over and os.path.lexists(path):
            told = f"{name} is there already: name another file, or add --force to write over it"
            raise NotWritten(told, exists=True)
        if path.is_dir():
            raise NotWritten(f"{name} is a folder: name a file in it")
        _replace(path, text.encode(), secret=secret)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotWritten(f"{name} cannot be written: {reason}") from None


def _replace(path: Path, data: bytes, *, secret: bool) -> None:
    """Write beside the file and put that in its place, so that a full disk loses nothing."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a device
        return
    place = path.resolve()
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o600 if secret else 0o666
    beside = place.with_name(f".{place.name}.{token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            beside.chmod(mode)
        beside.replace(place)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
