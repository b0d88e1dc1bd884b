"""What a wizard works on: one draft at a time, held by a lock, saved as it changes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.database import Database
from wizard.draft import Draft
from wizard.errors import InUse, StoreTrouble
from wizard.history import History
from wizard.receipts import Receipts
from wizard.saver import Saver
from wizard.store import DraftLine, Opened, Store, open_store

if TYPE_CHECKING:
    from filelock import BaseFileLock


class Session:
    """The draft at hand and everything that keeps it.

    `home` is the folder, `None` where nothing is kept. `trouble` is why nothing is kept on disk
    now, empty while it is; `on_trouble` is called when it changes, from another thread.
    """

    def __init__(self, home: Path | None, opened: Opened) -> None:
        self.home = home
        self.draft = Draft()
        self.trouble = opened.trouble
        self.rescue = opened.rescue
        self.on_trouble: Callable[[str], None] = lambda _: None
        self._lock: BaseFileLock | None = None
        self._saver = Saver(
            opened.store, self._troubled, self._reopen, troubled=bool(opened.trouble)
        )

    @classmethod
    def in_memory(cls) -> Session:
        """A session of which nothing is kept."""
        return cls(None, Opened(Store(Database.in_memory())))

    @property
    def receipts(self) -> Receipts:
        """The receipts in the store as it is now."""
        return Receipts(self.store.database, self.store.clock)

    @property
    def store(self) -> Store:
        """The store as it is now; another one after a damaged file was set aside."""
        return self._saver.store

    def begin(self, draft: Draft | None = None) -> Draft:
        """Work on a new draft from now on."""
        return self._take(draft or Draft(), lambda _: None)

    def open(self, draft_id: str) -> Draft:
        """Go on with a draft; InUse where another wizard has it open, NoSuch where it is gone."""
        if draft_id == self.draft.id:
            return self.draft
        self._saver.flush()
        return self._take(self.store.load(draft_id), self._locked)

    def open_copy(self, draft_id: str) -> Draft:
        """Work on a copy of a draft, which keeps its history under an id of its own."""
        self._saver.flush()
        original = self.store.load(draft_id)
        return self.begin(copy_of(original))

    def drafts(self) -> list[DraftLine]:
        """The drafts to go on with, the newest first; none where they cannot be read."""
        try:
            return self.store.drafts()
        except StoreTrouble as trouble:
            self._troubled(str(trouble))
            return []

    def changed(self) -> None:
        """Have the draft saved; one in which nothing was ever done is not kept."""
        if not (self.draft.answers or self.draft.history.edits):
            return
        if self._lock is None:
            self._lock = self._locked_or_none(self.draft.id)
        self._saver.save(self.draft)

    def flush(self) -> bool:
        """Wait until all is on the disk; whether it is."""
        return self._saver.flush() and not self.trouble

    def close(self) -> bool:
        """Save what is left and let go of the draft; whether all is on the disk."""
        saved = self._saver.close()
        self._release()
        with suppress(StoreTrouble):
            self.store.close()
        return saved and not self.trouble

    def _take(self, draft: Draft, locked: Callable[[str], BaseFileLock | None]) -> Draft:
        lock = locked(draft.id)
        self._saver.flush()
        self._release()
        self._lock, self.draft = lock, draft
        return draft

    def _locked(self, draft_id: str) -> BaseFileLock | None:
        """Hold a draft; the system lets go of it when the process ends, however it ends."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - not needed for the first paint

        if self.home is None:
            return None
        folder = self.home / "locks"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            lock = FileLock(folder / f"draft-{draft_id}.lock", timeout=0, mode=0o600)
            lock.acquire()
        except Timeout:
            raise InUse(f"the draft {draft_id} is open in another wizard: open a copy") from None
        except OSError:
            return None  # nothing can be written here; that is told as the session's trouble
        return lock

    def _locked_or_none(self, draft_id: str) -> BaseFileLock | None:
        return None if self.trouble else self._locked(draft_id)

    def _release(self) -> None:
        if self._lock:
            self._lock.release()
            self._lock = None

    def _troubled(self, told: str) -> None:
        self.trouble = told
        self.on_trouble(told)

    def _reopen(self) -> Store | None:
        """Open the file again, a damaged one by setting it aside; `None` where it is no better."""
        if self.home is None:
            return None
        try:
            opened = open_store(self.home)
        except StoreTrouble:
            return None
        self.rescue = opened.rescue or self.rescue
        return None if opened.trouble else opened.store


def copy_of(draft: Draft) -> Draft:
    """A draft of the same answers and history, with an id of its own."""
    copied = Draft(
        answers=deepcopy(draft.answers),
        sources=dict(draft.sources),
        seen=set(draft.seen),
        checked=set(draft.checked),
        step=draft.step,
        focus=draft.focus,
    )
    copied.history = History(list(draft.history.edits), draft.history.done)
    return copied


def age(line: DraftLine, now: datetime) -> str:
    """How long ago a draft was changed, in words."""
    seconds = max(0, int((now - line.updated).total_seconds()))
    for unit, size in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
