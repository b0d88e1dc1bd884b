"""What the commands on drafts and receipts share: the store as it is, and ids cut short."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from wizard.commands.output import tell
from wizard.contract.steps import Step
from wizard.errors import NoSuch, StoreTrouble
from wizard.storage.database import Database
from wizard.storage.session import age
from wizard.storage.sqlite_file import FILE_NAME, check_folder
from wizard.storage.store import DraftLine, Store, open_store

# The command that lists the drafts.
SEE_DRAFTS: Final = "qcall-wizard drafts"


@contextmanager
def kept(home: Path, *, to_change: bool = False) -> Iterator[Store]:
    """The store of a folder; nothing is made where there is none.

    If the file cannot be used, that is reported, and what can be read of it is there to be
    printed. Raises NewerFile, and StoreTrouble if nothing can be read of it, if something is to be
    changed, or if nothing can be kept in the folder.
    """
    if os.path.lexists(home / FILE_NAME):
        store = _opened(home, to_change=to_change)
    else:
        check_folder(home)
        store = Store(Database.in_memory())
    # Who only reads is not stopped by a file that cannot be written now.
    with suppress(StoreTrouble):
        store.purge()
    try:
        yield store
    finally:
        store.close()


def find(wanted: str, ids: Collection[str], what: str, see: str) -> str:
    """The id that begins with what was wanted; NoSuch, which names the command that lists them."""
    if wanted in ids:
        return wanted
    found = sorted(one for one in ids if wanted and one.startswith(wanted.lower()))
    if len(found) > 1:
        told = ", ".join(found)
        raise NoSuch(f"{wanted!r} is the beginning of more than one {what}: {told}. Write more.")
    if not found:
        raise NoSuch(f"there is no {what} {wanted!r}: see `{see}`")
    return found[0]


def ago(when: datetime, now: datetime) -> str:
    """How long ago something was, in words."""
    return age(DraftLine("", "", Step.TYPE, created=when, updated=when, deleted=None), now)


def find_draft(store: Store, wanted: str) -> DraftLine:
    """The line of a draft to go on with; NoSuch, also for one that was deleted."""
    lines = {line.id: line for line in [*store.drafts(), *store.drafts(deleted=True)]}
    line = lines[find(wanted, lines, "draft", SEE_DRAFTS)]
    if line.deleted:
        told = f"`qcall-wizard drafts restore {line.id}` brings it back"
        raise NoSuch(f"the draft {line.id} was deleted: {told}")
    return line


def _opened(home: Path, *, to_change: bool) -> Store:
    opened = open_store(home)
    if opened.rescue:
        tell(opened.rescue.sentence)
    if opened.trouble:
        if to_change or not _holds_something(opened.store):
            opened.store.close()
            raise StoreTrouble(opened.trouble)
        tell(opened.trouble)
    return opened.store


def _holds_something(store: Store) -> bool:
    from wizard.api.receipt_store import Receipts

    receipts = Receipts(store.database, store.clock)
    return bool(store.drafts() or store.drafts(deleted=True) or receipts.all())
