"""What a wizard works on: one draft at a time, held by a lock, saved as it changes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wizard.errors import Damaged, InUse, StoreTrouble
from wizard.storage import locks
from wizard.storage.autosave import Autosave
from wizard.storage.database import Database
from wizard.storage.locks import Lock
from wizard.storage.store import DraftLine, Opened, Store, draft_of

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipts
    from wizard.draft.draft import Draft

T = TypeVar("T")


class Session:
    """The draft at hand and everything that keeps it.

    `home` is the folder, `None` where nothing is kept. `trouble` is why nothing is kept on disk
    now, empty while it is; `on_trouble` is called when it changes, and `on_rescue` with a sentence
    when a file that was damaged meanwhile was set aside. Both come from another thread.
    """

    def __init__(self, home: Path | None, opened: Opened) -> None:
        self.home = home
        self._draft: Draft | None = None
        self.rescue = opened.rescue
        self.on_trouble: Callable[[str], None] = lambda _: None
        self.on_rescue: Callable[[str], None] = lambda _: None
        self._locks: dict[str, Lock] = {}
        self._saver = Autosave(
            opened.store,
            self._tell_trouble,
            self._reopen if home else None,
            trouble=opened.trouble,
        )

    @classmethod
    def in_memory(cls) -> Session:
        """A session of which nothing is kept."""
        return cls(None, Opened(Store(Database.in_memory())))

    @property
    def draft(self) -> Draft:
        """The draft at hand: an empty one until another is begun or opened.

        What a draft is made of is imported with the first of them: the list of drafts is shown
        before.
        """
        if self._draft is None:
            self._draft = _empty()
        return self._draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self._draft = draft

    @property
    def has_draft(self) -> bool:
        """Whether something was answered, or could be undone, in the draft at hand."""
        draft = self._draft
        return draft is not None and bool(draft.answers or draft.history.edits)

    @property
    def receipts(self) -> Receipts:
        """The receipts in the store as it is now."""
        from wizard.api.receipt_store import Receipts  # noqa: PLC0415 - see `draft`

        return Receipts(self.store.database, self.store.clock)

    @property
    def store(self) -> Store:
        """The store; its file is another one after a damaged one was set aside."""
        return self._saver.store

    @property
    def trouble(self) -> str:
        """Why nothing is kept on disk now; empty while it is."""
        return self._saver.trouble

    def is_open_elsewhere(self, draft_id: str) -> bool:
        """Whether another wizard has a draft open now."""
        if self.home is None or draft_id in self._locks:
            return False
        try:
            lock = locks.take(self.home / "locks" / f"draft-{draft_id}.lock")
        except OSError:
            return False
        if lock:
            lock.release()
        return lock is None

    def begin(self, draft: Draft | None = None) -> Draft:
        """Work on a new draft from now on."""
        self._saver.flush()
        self.draft = draft or _empty()
        self._release()
        return self.draft

    def open(self, draft_id: str) -> Draft:
        """Go on with a draft; InUse where another wizard has it open, NoSuch where it is gone."""
        if self._is_at_hand(draft_id):
            return self.draft
        self._saver.flush()
        # Held before it is read: another wizard may be about to save it.
        self._hold(draft_id)
        try:
            self.draft = self._load(draft_id)
        finally:
            self._release()
        return self.draft

    def open_copy(self, draft_id: str) -> Draft:
        """Work on a copy of a draft, which keeps its history under an id of its own."""
        self._saver.flush()
        return self.begin(copy_of(self._load(draft_id)))

    def peek(self, draft_id: str) -> Draft:
        """A draft as it is now, to be looked at and not worked on."""
        return self.draft if self._is_at_hand(draft_id) else self._load(draft_id)

    def duplicate(self) -> Draft:
        """Work on a copy of the draft at hand, named as the next of its kind: Asha, then Asha 2."""
        self.changed()
        copied = copy_of(self.draft)
        name = self.draft.answers.get("name")
        if isinstance(name, str) and name.strip():
            copied.answer(("name",), next_name(name, {line.name for line in self.drafts()}))
        self.begin(copied)
        self.changed()
        return copied

    def drafts(self, most: int | None = None) -> list[DraftLine]:
        """The drafts to go on with, the newest first; those not saved where none can be read.

        Of those that are saved the first `most` are read.
        """
        try:
            lines = self._reading(lambda: self.store.drafts(most))
        except StoreTrouble as trouble:
            self._saver.report(str(trouble))
            lines = []
        known = {line.id: line for line in lines}
        moment = self.store.clock()
        for taken in self._saver.unsaved().values():
            older = known.pop(taken.id, None)
            created = older.created if older else moment
            line = DraftLine(taken.id, taken.name, taken.step, created, moment, None)
            known = {line.id: line} | known
        return list(known.values())

    def setting(self, name: str) -> str | None:
        """What was remembered under a name; StoreTrouble where it cannot be read."""
        return self._reading(lambda: self.store.setting(name))

    def remember(self, name: str, value: str) -> None:
        """Remember a setting; StoreTrouble where it cannot be written."""
        self._reading(lambda: self.store.remember(name, value))

    def changed(self) -> None:
        """Have the draft saved; one in which nothing was ever done is not kept."""
        if not self.has_draft:
            return
        if not self.trouble:
            self._hold_or_part()
        self._saver.save(self.draft)

    def flush(self) -> bool:
        """Wait until all is on the disk; whether it is."""
        return self._saver.flush() and not self.trouble

    def close(self) -> bool:
        """Save what is left and let go of the draft; whether all is on the disk."""
        saved = self._saver.close()
        for lock in self._locks.values():
            lock.release()
        self._locks.clear()
        with suppress(StoreTrouble):
            self.store.close()
        return saved and not self.trouble

    def _is_at_hand(self, draft_id: str) -> bool:
        return self._draft is not None and self._draft.id == draft_id

    def _tell_trouble(self, told: str) -> None:
        self.on_trouble(told)

    def _load(self, draft_id: str) -> Draft:
        """A draft as it is now, saved or not."""
        unsaved = self._saver.unsaved().get(draft_id)
        if unsaved:
            return draft_of(unsaved)
        return self._reading(lambda: self.store.load(draft_id))

    def _reading(self, read: Callable[[], T]) -> T:
        """Use the store; once more where the file was damaged and could be rescued."""
        try:
            return read()
        except Damaged:
            if self.home is None:
                raise
        try:
            self._reopen()
        except StoreTrouble as trouble:
            self._saver.report(str(trouble))
        return read()

    def _hold(self, draft_id: str) -> None:
        """Hold a draft; the system lets go of it when the process ends, however it ends."""
        if self.home is None or draft_id in self._locks:
            return
        folder = self.home / "locks"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            lock = locks.take(folder / f"draft-{draft_id}.lock")
        except OSError:
            return  # nothing can be written here; that is told as the session's trouble
        if lock is None:
            raise InUse(f"the draft {draft_id} is open in another wizard: open a copy")
        self._locks[draft_id] = lock

    def _hold_or_part(self) -> None:
        """Hold the draft; where another wizard took it meanwhile, go on with it as a copy."""
        try:
            self._hold(self.draft.id)
        except InUse:
            self.draft.id, self.draft.history.kept = _empty().id, 0
            self._hold(self.draft.id)

    def _release(self) -> None:
        """Let go of all drafts but the one at hand and those that are still to be saved."""
        kept = {self._draft.id if self._draft else "", *self._saver.unsaved()}
        for draft_id in set(self._locks) - kept:
            self._locks.pop(draft_id).release()

    def _reopen(self) -> None:
        """Open the file again, a damaged one by setting it aside; StoreTrouble where it fails."""
        if self.home is None:
            return
        saved = self.store.reopen(self.home)
        if saved:
            self.rescue = saved
            self._saver.call(lambda: self.on_rescue(saved.sentence))


def _empty() -> Draft:
    from wizard.draft.draft import Draft  # noqa: PLC0415 - see `Session.draft`

    return Draft()


def copy_of(draft: Draft) -> Draft:
    """A draft of the same answers and history, with an id of its own."""
    copied = _empty()
    copied.answers = deepcopy(draft.answers)
    copied.sources = dict(draft.sources)
    copied.seen, copied.checked = set(draft.seen), set(draft.checked)
    copied.step, copied.focus = draft.step, draft.focus
    copied.history = type(draft.history)(list(draft.history.edits), draft.history.done)
    return copied


def next_name(name: str, taken: Collection[str]) -> str:
    """The name with the lowest number behind it, from 2, that is not taken."""
    plain = name.strip() or name
    stem = plain.rstrip("0123456789")
    if stem[-1:].isspace():
        plain = stem.rstrip()
    return next(told for n in count(2) if (told := f"{plain} {n}") not in taken)


def age(line: DraftLine, now: datetime) -> str:
    """How long ago a draft was changed, in words."""
    seconds = max(0, int((now - line.updated).total_seconds()))
    for unit, size in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
