"""The folder of `assistants save`: one file an assistant, and the files as they were read."""

import hashlib
import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.api.records import Record
from wizard.errors import NotWritten, Unreadable
from wizard.exchange.envelope import payload_in
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


class SavedFolder:
    """A folder that assistants are written to, each to the file that has its id already."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._used: set[Path] = set()
        self._files: dict[str, list[Path]] = {}
        for path in sorted(self._folder.glob("*.json"), key=lambda p: (len(p.name), p.name)):
            if known := _id_in(path):
                self._files.setdefault(known, []).append(path)

    def save(self, record: Record) -> tuple[str, bool]:
        """Write an assistant. Returns the file, and whether it was written.

        A file that differs from what was read is kept, because it has changes of the person. Raises
        NotWritten and Unreadable.
        """
        path = self._place(record)
        self._used.add(path)
        is_there = path.exists()
        if is_there and _is_changed(load(str(path)), record):
            return str(path), False
        # After a stop between the two, the older base shows the newer file as changed. The other
        # way round, the older file would look like changes to a newer base.
        order = (path, _as_read(path)) if is_there else (_as_read(path), path)
        for each in order:
            _write(each, record)
        return str(path), True

    def _place(self, record: Record) -> Path:
        """Return the file of an assistant; assistants that look the same have one each."""
        known = self._files.get(record.id, []) if record.id else []
        places = itertools.chain(known, self._free_places(record))
        return next(path for path in places if path not in self._used)

    def _free_places(self, record: Record) -> Iterator[Path]:
        stem = _file_stem(record)
        for number in itertools.count(1):
            path = self._folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
            # The name of an assistant without an id has all its text, so its file is its own.
            if not record.id or not path.exists():
                yield path


def _id_in(path: Path) -> str:
    """Return the id of the assistant in a file, or of the one that was read; empty without one."""
    for each in (path, _as_read(path)):
        with suppress(Unreadable):
            return _record(str(each)).id
    return ""


def _is_changed(saved: SavedRecord, record: Record) -> bool:
    """Whether a file has changes of the person."""
    if saved.record.text == record.masked_text:
        return False
    return saved.base is None or saved.record.text != saved.base.text


def load(file: str) -> SavedRecord:
    """Read a file that may be one of such a folder. Raises Unreadable."""
    path = Path(file)
    as_read = _as_read(path)
    base = _record(str(as_read)) if as_read.is_file() else None
    return SavedRecord(file, _record(file), base)


def refresh(saved: SavedRecord, record: Record) -> None:
    """Write what an assistant is after an update, as the base of the next changes."""
    if saved.base is not None:
        _write(_as_read(Path(saved.file)), record)


def _as_read(path: Path) -> Path:
    """Return the file with what was read, for a file of a folder."""
    return path.parent / AS_READ / path.name


def files_of(folder: str) -> Iterator[str]:
    """Yield the files of a folder in the order of their names. Raises Unreadable."""
    found = sorted(path for path in Path(folder).glob("*.json") if path.is_file())
    if not found:
        reason = "there is no .json file in this folder; `assistants save DIR` writes them"
        raise Unreadable(folder, reason)
    yield from map(str, found)


def _record(file: str) -> Record:
    text = read_text(file)
    value = parse_json(text, file)
    try:
        record = Record.of(text)
    except ValueError as error:
        raise Unreadable(file, str(error)) from None
    if not record.ids and payload_in(value, file) is not value:
        raise Unreadable(file, "this is a response of the API: keep its assistant alone")
    return record


def _file_stem(record: Record) -> str:
    """Return a name from the assistant's name and id; equal names of two ids differ."""
    name = _UNSAFE.sub("-", record.name).strip("-")[:40]
    marked = _UNSAFE.sub("-", record.id).strip("-")[:40]
    if marked != record.id or not marked:
        # Two ids may differ only in what a file name cannot hold, and some have none.
        key = record.id or record.text
        marked += hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{name}-{marked}" if name else marked


def _write(path: Path, record: Record) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(f"{path.parent} cannot be created: {error.strerror or error}") from None
    write_new(str(path), record.masked_text, over=True)
