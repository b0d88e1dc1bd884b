"""The folder of `assistants save`: one file an assistant, and the files as they were read."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.api.records import Record
from wizard.errors import NotWritten, Unreadable
from wizard.formats.files import read_text, write_new
from wizard.formats.json_text import parse_json

AS_READ: Final = ".as-read"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class SavedRecord:
    """A file with an assistant, and the record as it was read; None if that file is missing."""

    file: str
    record: Record
    base: Record | None


def save(folder: str, record: Record) -> tuple[str, bool]:
    """Write an assistant to a folder. Returns the file, and whether it was written.

    A file that differs from what was read is kept, because it has changes of the person. Raises
    NotWritten.
    """
    path = Path(folder) / _file_name(record)
    if path.exists():
        saved = load(str(path))
        if saved.base is None or saved.record.text != saved.base.text:
            return str(path), False
    _write(path.parent / AS_READ / path.name, record)
    _write(path, record)
    return str(path), True


def load(file: str) -> SavedRecord:
    """Read a file that may be one of such a folder. Raises Unreadable."""
    path = Path(file)
    as_read = path.parent / AS_READ / path.name
    base = _record(str(as_read)) if as_read.is_file() else None
    return SavedRecord(file, _record(file), base)


def refresh(saved: SavedRecord, record: Record) -> None:
    """Write what an assistant is after an update, as the base of the next changes."""
    if saved.base is not None:
        path = Path(saved.file)
        _write(path.parent / AS_READ / path.name, record)


def files_of(folder: str) -> Iterator[str]:
    """Yield the files of a folder in the order of their names. Raises Unreadable."""
    found = sorted(path for path in Path(folder).glob("*.json") if path.is_file())
    if not found:
        reason = "there is no .json file in this folder; `assistants save DIR` writes them"
        raise Unreadable(folder, reason)
    yield from map(str, found)


def _record(file: str) -> Record:
    text = read_text(file)
    parse_json(text, file)
    try:
        return Record.of(text)
    except ValueError as error:
        raise Unreadable(file, str(error)) from None


def _file_name(record: Record) -> str:
    """Return a name from the assistant's name and id; equal names of two ids differ."""
    name = _UNSAFE.sub("-", record.name).strip("-")[:40]
    marked = _UNSAFE.sub("-", record.id).strip("-")[:40]
    if marked != record.id or not marked:
        # Two ids may differ only in what a file name cannot hold, and some have none.
        key = record.id or record.text
        marked += hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{name}-{marked}.json" if name else f"{marked}.json"


def _write(path: Path, record: Record) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(f"{path.parent} cannot be created: {error.strerror or error}") from None
    write_new(str(path), record.masked_text, over=True)
