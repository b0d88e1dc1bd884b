"""Opens the local store for commands, and finds drafts and receipts by the start of their id."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.commands.output import report
from wizard.errors import NoSuch, StoreTrouble

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipt, Receipts
    from wizard.api.update_receipts import UpdateReceipt, UpdateReceipts
    from wizard.storage.store import DraftLine, Store


@contextmanager
def local_store(home: Path, *, to_change: bool = False) -> "Iterator[Store]":
    """Open the store of a folder, or an empty one in memory if the folder has none.

    An unusable file is reported; what can be read of it is in the store. Raises NewerFile; raises
    StoreTrouble if nothing can be read, if `to_change`, or if the folder cannot be used.
    """
    from wizard.storage.database import Database
    from wizard.storage.sqlite_file import FILE_NAME, check_folder
    from wizard.storage.store import Store

    if os.path.lexists(home / FILE_NAME):
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


def find_update(store: "Store", prefix: str) -> "UpdateReceipt":
    """Return the receipt of an update. Raises NoSuch."""
    receipts = {receipt.id: receipt for receipt in updates_in(store).all()}
    return receipts[find_id(prefix, receipts, "receipt of an update")]


def find_id(prefix: str, ids: Collection[str], kind: str) -> str:
    """Return the only id that begins with `prefix`. Raises NoSuch.

    `kind` is what the ids belong to: a draft, a deleted draft or a receipt.
    """
    if prefix in ids:
        return prefix
    found = sorted(each for each in ids if prefix and each.startswith(prefix.lower()))
    if len(found) > 1:
        matches = ", ".join(found)
        raise NoSuch(f"more than one {kind} begins with {prefix!r}: {matches}. Type more of it.")
    if not found:
        command = _LIST_COMMANDS[kind]
        raise NoSuch(f"there is no {kind} {prefix!r}: `qcall-wizard {command}` lists them")
    return found[0]


_LIST_COMMANDS = {
    "draft": "drafts",
    "deleted draft": "drafts --deleted",
    "receipt": "receipts",
    "receipt of an update": "receipts",
}


def find_draft(store: "Store", prefix: str) -> "DraftLine":
    """Return a draft that is not deleted. Raises NoSuch."""
    drafts = {line.id: line for line in all_drafts(store)}
    line = drafts[find_id(prefix, drafts, "draft")]
    if line.deleted:
        restore = f"`qcall-wizard drafts restore {line.id}` restores it"
        raise NoSuch(f"the draft {line.id} was deleted: {restore}")
    return line


def find_any_receipt(store: "Store", prefix: str) -> "Receipt | UpdateReceipt":
    """Return a receipt of a creation or an update. Raises NoSuch."""
    receipts: dict[str, Receipt | UpdateReceipt] = {}
    receipts |= {receipt.id: receipt for receipt in receipts_in(store).all()}
    receipts |= {receipt.id: receipt for receipt in updates_in(store).all()}
    return receipts[find_id(prefix, receipts, "receipt")]


def find_receipt(store: "Store", prefix: str) -> "Receipt":
    """Return a receipt. Raises NoSuch."""
    receipts = {receipt.id: receipt for receipt in receipts_in(store).all()}
    return receipts[find_id(prefix, receipts, "receipt")]
