"""Opens the local store for commands, and finds drafts and receipts by the start of their id."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from wizard.commands.output import report
from wizard.errors import NoSuch, StoreTrouble

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipts
    from wizard.api.update_receipts import UpdateReceipts
    from wizard.storage.store import DraftLine, Store


@contextmanager
def local_store(home: Path, *, to_change: bool = False) -> "Iterator[Store]":
    """Open the store of a folder, or an empty one in memory if the folder has none.

    An unusable file is reported; what can be read of it is in the store. Raises NewerFile; raises
    StoreTrouble if nothing can be read, if `to_change`, or if the folder cannot be used.
    """
    from wizard.storage.database import Database, is_lost
    from wizard.storage.sqlite_file import FILE_NAME, check_folder
    from wizard.storage.store import Store

    if os.path.lexists(home / FILE_NAME) or is_lost(home):
        store = _open(home, to_change=to_change)
    else:
        check_folder(home)
        store = Store(Database.in_memory())
    # A file that cannot be written now can still be read.
    with suppress(StoreTrouble):
        store.purge()
    try:
        yield store
    finally:
        store.close()


def _open(home: Path, *, to_change: bool) -> "Store":
    from wizard.storage.store import open_store

    opened = open_store(home)
    if opened.rescue:
        report(opened.rescue.sentence)
    if opened.trouble:
        store = opened.store
        is_empty = not (all_drafts(store) or receipts_in(store).all())
        if to_change or is_empty:
            store.close()
            raise StoreTrouble(opened.trouble)
        report(opened.trouble)
    return opened.store


def all_drafts(store: "Store") -> "list[DraftLine]":
    """Return the drafts of a store, then the deleted ones."""
    return [*store.drafts(), *store.drafts(deleted=True)]


def receipts_in(store: "Store") -> "Receipts":
    """Return the receipts of a store."""
    from wizard.api.receipt_store import Receipts

    return Receipts(store.database, store.clock)


def updates_in(store: "Store") -> "UpdateReceipts":
    """Return the receipts of updates of a store."""
    from wizard.api.update_receipts import UpdateReceipts

    return UpdateReceipts(store.database, store.clock)


class _Stored(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Stored)


def find_stored(prefix: str, stored: Iterable[T], kind: str) -> T:
    """Return the only one whose id begins with `prefix`. Raises NoSuch.

    `kind` is what it is: a draft, a deleted draft or a receipt.
    """
    by_id = {each.id: each for each in stored}
    if prefix in by_id:
        return by_id[prefix]
    found = sorted(each for each in by_id if prefix and each.startswith(prefix.lower()))
    if len(found) > 1:
        matches = ", ".join(found)
        raise NoSuch(
            f"more than one {kind} begins with {prefix!r}: {matches}. Type more characters."
        )
    if not found:
        command = _LIST_COMMANDS[kind]
        raise NoSuch(f"there is no {kind} {prefix!r}: `qcall-wizard {command}` lists them")
    return by_id[found[0]]


_LIST_COMMANDS = {
    "draft": "drafts",
    "deleted draft": "drafts --deleted",
    "receipt": "receipts",
    "receipt of an update": "receipts",
}


def find_draft(store: "Store", prefix: str) -> "DraftLine":
    """Return a draft that is not deleted. Raises NoSuch."""
    line = find_stored(prefix, all_drafts(store), "draft")
    if line.deleted:
        restore = f"`qcall-wizard drafts restore {line.id}` restores it"
        raise NoSuch(f"the draft {line.id} was deleted: {restore}")
    return line
