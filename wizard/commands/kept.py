"""What the commands on drafts and receipts share: the store as it is, and ids cut short."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from wizard import paths
from wizard.commands.output import tell
from wizard.database import FILE_NAME, Database
from wizard.errors import NoSuch, StoreTrouble
from wizard.paths import MISSING
from wizard.receipts import MASK, SECRET, Receipts
from wizard.session import age
from wizard.steps import Step
from wizard.store import DraftLine, Store, open_store


@contextmanager
def kept(home: Path, *, to_change: bool = False) -> Iterator[Store]:
    """The store of a folder; nothing is made where there is none.

    Where the file cannot be used that is told, and what can be read of it is there to be printed;
    StoreTrouble where that is nothing, or where something is to be changed. Raises NewerFile too.
    """
    empty = not _exists(home / FILE_NAME)
    store = Store(Database.in_memory()) if empty else _opened(home, to_change=to_change)
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


def masked(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payload with its secret out of sight."""
    empty = paths.get(payload, SECRET) in (MISSING, None, "")
    return payload if empty else paths.put(payload, SECRET, MASK)


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
    receipts = Receipts(store.database, store.clock)
    return bool(store.drafts() or store.drafts(deleted=True) or receipts.all())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise StoreTrouble(f"{path} cannot be used: {error.strerror}.") from None
