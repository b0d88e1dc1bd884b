"""The draft that is edited: one at a time, locked against other wizards, saved as it changes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wizard.errors import Damaged, InUse, NoSuch, StoreTrouble, WizardError
from wizard.settings import find_home
from wizard.storage import locks
from wizard.storage.autosave import Autosave
from wizard.storage.database import Database
from wizard.storage.locks import Lock
from wizard.storage.store import (
    CreatedLine,
    DraftLine,
    Opened,
    Store,
    draft_of,
    name_of,
    one_line,
    snapshot,
)

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipts
    from wizard.api.update_receipts import UpdateReceipts
    from wizard.draft.draft import Draft

T = TypeVar("T")

# The setting that stores whether all fields are shown.
_ALL_FIELDS = "all_fields"
_YES = "yes"


class Session:
    """The current draft, its lock and its autosave.

    `home` is the folder, None if nothing is stored. `trouble` is the reason why nothing can be
    saved, empty while it can. Another thread calls `on_trouble` when it changes, and `on_rescue`
    with a sentence when a damaged file is set aside.
    """

    def __init__(self, home: Path | None, opened: Opened) -> None:
        self.home = home
        self._draft: Draft | None = None
        self.rescue = opened.rescue
        self.on_trouble: Callable[[str], None] = lambda _: None
        self.on_rescue: Callable[[str], None] = lambda _: None
        self._locks: dict[str, Lock] = {}
        self._shows_all: bool | None = None
        self.is_sending = False
        # Whether a request was cancelled before the answer: it may have taken effect.
        self.has_stopped_request = False
        # The id of the draft that was created last in this run, and the sentence about it.
        self._created: tuple[str, str] = ("", "")
        # The ids of the drafts that were deleted in this run, the last one last.
        self._deleted: list[str] = []
        self._autosave = Autosave(
            opened.store,
            lambda trouble: self.on_trouble(trouble),  # noqa: PLW0108 - it is replaced later
            self._reopen if home else None,
            trouble=opened.trouble,
        )

    @classmethod
    def in_memory(cls) -> Session:
        """Return a session that stores nothing."""
        return cls(None, Opened(Store(Database.in_memory())))

    @property
    def draft(self) -> Draft:
        """The current draft, an empty one at first.

        The first use imports the contract, which the list of drafts does not need.
        """
        if self._draft is None:
            self._draft = _empty()
        return self._draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self._draft = draft

    @property
    def has_draft(self) -> bool:
        """Whether the current draft has an answer or an edit.

        An existing assistant that is only looked at is none: QCall has it.
        """
        draft = self._draft
        answers = draft.answers if draft and not draft.origin else {}
        return draft is not None and bool(answers or draft.history.edits)

    @property
    def receipts(self) -> Receipts:
        """The receipts in the store."""
        from wizard.api.receipt_store import Receipts  # noqa: PLC0415 - see `draft`

        return Receipts(self.store.database, self.store.clock)

    @property
    def update_receipts(self) -> UpdateReceipts:
        """The receipts of updates in the store."""
        from wizard.api.update_receipts import UpdateReceipts  # noqa: PLC0415 - see `draft`

        return UpdateReceipts(self.store.database, self.store.clock)

    @property
    def store(self) -> Store:
        """The store, which survives the replacement of its file."""
        return self._autosave.store

    @property
    def trouble(self) -> str:
        """The reason why nothing can be saved; empty while it can."""
        return self._autosave.trouble

    def is_open_elsewhere(self, draft_id: str) -> bool:
        """Whether another wizard has a draft open."""
        if self.home is None or draft_id in self._locks:
            return False
        try:
            lock = self._lock_of(draft_id)
        except OSError:
            return False
        if lock:
            lock.release()
        return lock is None

    def begin(self, draft: Draft | None = None) -> Draft:
        """Begin a new draft as the current one."""
        self._autosave.flush()
        self.draft = draft or _empty()
        self._autosave.opened(None)
        self._release_others()
        return self.draft

    def open(self, draft_id: str) -> Draft:
        """Open a saved draft as the current one; raises InUse, NoSuch and Damaged."""
        if self.is_current(draft_id):
            return self.draft
        self._autosave.flush()
        # Locked before it is read: another wizard could save it in between.
        self._lock(draft_id)
        try:
            self.draft = self._load(draft_id)
            self._autosave.opened(self.draft)
        finally:
            self._release_others()
        return self.draft

    def open_copy(self, draft_id: str) -> Draft:
        """Open a copy of a draft; it has the same history and another id."""
        return self.begin(copy_of(self._load(draft_id)))

    def peek(self, draft_id: str) -> Draft:
        """Read a draft without locking it."""
        return self.draft if self.is_current(draft_id) else self._load(draft_id)

    def duplicate(self) -> Draft:
        """Copy the current draft, of a new assistant, and open the copy."""
        self.changed()
        return self.begin_copy(copy_of(self.draft), self.draft.id)

    def begin_copy(self, copied: Draft, original: str = "") -> Draft:
        """Begin a copy as the current draft, with the next name; `original` is the draft's id."""
        title = self._name_next(copied, original)
        self.begin(copied)
        self.changed()
        if title:
            with suppress(WizardError):  # a copy that cannot be saved is reported already
                self.rename(copied.id, title)
        return copied

    def _name_next(self, copied: Draft, original: str) -> str:
        """Give a copy the next name that no draft has: Asha, then Asha 2; return its title.

        An assistant that says its name keeps it, and the title tells the drafts apart.
        """
        lines = self.drafts()
        taken = {line.name for line in lines}
        title = next((line.title for line in lines if line.id == original), "")
        name = copied.answers.get("name")
        if isinstance(name, str) and name.strip() and copied.origin is None:
            if copied.says_name:
                title = title or name
            else:
                copied.answer(("name",), next_name(name, taken))
        return next_name(title, taken) if title else ""

    def list_name(self, draft_id: str) -> str:
        """Return the name of a draft in lists, empty if it is in none."""
        return next((line.name for line in self.drafts() if line.id == draft_id), "")

    def rename(self, draft_id: str, title: str) -> None:
        """Give a draft a title; without one it is called as its assistant."""
        self._autosave.flush()
        self._read(lambda: self.store.rename(draft_id, one_line(title)))

    def copy(self, draft_id: str) -> str:
        """Store a copy of a draft with the next name, and return its id; raises as `open` does."""
        copied = copy_of(self.peek(draft_id))
        title = self._name_next(copied, draft_id)
        self._read(lambda: self.store.save(snapshot(copied, 0)))
        if title:
            self.rename(copied.id, title)
        return copied.id

    def delete(self, draft_id: str) -> None:
        """Delete a draft, which can be restored; an empty one replaces the current draft.

        Raises InUse and NoSuch.
        """
        self._autosave.flush()
        if self.is_current(draft_id):
            self.begin()
        try:
            self._lock(draft_id)
        except InUse:
            message = f"{self._called(draft_id)} is open in another wizard: close it there first"
            raise InUse(message) from None
        try:
            self._read(lambda: self.store.delete(draft_id))
            self._deleted.append(draft_id)
        finally:
            self._release_others()

    def _called(self, draft_id: str) -> str:
        names = (f" ({line.name})" for line in self.store.drafts() if line.id == draft_id)
        return f"The draft {draft_id}{next(names, '')}"

    @property
    def can_restore(self) -> bool:
        """Whether a draft was deleted in this run and not restored."""
        return bool(self._deleted)

    def restore_last(self) -> str:
        """Restore the draft that was deleted last in this run, and return its id."""
        self._read(lambda: self.store.restore(self._deleted[-1]))
        return self._deleted.pop()

    def created(self) -> list[CreatedLine]:
        """Return the assistants that were created, the newest first."""
        try:
            return self._read(self.store.created)
        except StoreTrouble as trouble:
            self._autosave.report(str(trouble))
            return []

    def drafts(self, most: int | None = None) -> list[DraftLine]:
        """Return the drafts, the newest first; only the unsaved ones if the store cannot be read.

        `most` limits the saved ones.
        """
        try:
            lines = self._read(lambda: self.store.drafts(most))
        except StoreTrouble as trouble:
            self._autosave.report(str(trouble))
            lines = []
        known = {line.id: line for line in lines}
        moment = self.store.clock()
        for state in self._autosave.unsaved().values():
            older = known.pop(state.id, None)
            created = older.created if older else moment
            title = older.title if older else ""
            name = title or state.name
            is_update = state.origin is not None
            line = DraftLine(state.id, name, state.step, created, moment, None, title, is_update)
            known = {line.id: line} | known
        return list(known.values())

    def drafts_of(self, base_url: str, assistant: str) -> list[str]:
        """Return the ids of the drafts that change an assistant, the last changed one first."""
        from wizard.formats.payload_identity import normalized_url  # noqa: PLC0415 - see `draft`

        self._autosave.flush()
        target = normalized_url(base_url)
        return self._read(lambda: self.store.drafts_of(target, assistant)) if assistant else []

    def setting(self, name: str) -> str | None:
        """Return a setting, None if it was never set; raises StoreTrouble."""
        return self._read(lambda: self.store.setting(name))

    def remember(self, name: str, value: str) -> None:
        """Store a setting; raises StoreTrouble."""
        self._read(lambda: self.store.remember(name, value))

    def keep_call(self, draft_id: str, record: str) -> None:
        """Store the last rehearsed call of a draft; raises StoreTrouble."""
        self._read(lambda: self.store.keep_call(draft_id, record))

    def kept_call(self, draft_id: str) -> str | None:
        """Return the last rehearsed call of a draft, None without one; raises StoreTrouble."""
        return self._read(lambda: self.store.kept_call(draft_id))

    @property
    def shows_all_fields(self) -> bool:
        """Whether the person chose to see all fields, and not only those that most people set."""
        if self._shows_all is None:
            self._shows_all = False
            with suppress(StoreTrouble):
                self._shows_all = self.setting(_ALL_FIELDS) == _YES
        return self._shows_all

    def show_all_fields(self, everything: bool) -> None:
        """Choose to see all fields or not, now and in later runs."""
        self._shows_all = everything
        with suppress(StoreTrouble):  # the choice holds until the end, at least
            self.remember(_ALL_FIELDS, _YES if everything else "")

    def changed(self) -> None:
        """Save the current draft soon, unless it was never edited."""
        if not self.has_draft:
            return
        if not self.trouble:
            self._lock_or_copy()
        self._autosave.save(self.draft)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Mark a request as being sent, until the answer or until it is cancelled."""
        self.is_sending = True
        try:
            yield
        except BaseException:  # it is cancelled, or the program is stopped
            self.has_stopped_request = True
            raise
        finally:
            self.is_sending = False

    def note_created(self, draft_id: str, line: str) -> None:
        """Remember the sentence about a draft that was just created."""
        self._created = draft_id, line

    def finish_update(self) -> None:
        """Remove the saved draft of an existing assistant whose changes are all at QCall.

        It stays the current draft, without a history: the receipt of the update has the old one.
        """
        draft = self.draft
        if draft.origin is None or draft.origin.changed(draft.answers):
            self.changed()
            return
        draft.history = type(draft.history)()
        self._autosave.flush()
        with suppress(StoreTrouble, NoSuch):
            self.store.delete(draft.id)

    def closing_line(self, program: str) -> str:
        """Return the last line for the terminal: what was created, or how to go on; or nothing.

        `program` is the command that opens the wizard.
        """
        draft_id, line = self._created
        is_done = self.draft.id == draft_id and not self.draft.origin
        if draft_id and (not self.has_draft or is_done):
            return line
        if not self.has_draft or self.trouble:
            return ""
        name = self.list_name(self.draft.id) or name_of(self.draft)
        named = f"The draft {name}" if self.draft.answers.get("name") else "The draft"
        return f"{named} is saved. Continue it: {self.resuming(program)}"

    def resuming(self, program: str) -> str:
        """Return the command that opens the wizard, `program`, on the open draft."""
        try:
            short = self.store.short_id(self.draft.id)
        except StoreTrouble:
            short = self.draft.id
        if self.home not in (None, find_home()):
            program += f" --home {shlex.quote(str(self.home))}"
        return f"{program} --draft {short}"

    def flush(self) -> bool:
        """Wait until everything is on the disk; returns whether it is."""
        return self._autosave.flush() and not self.trouble

    def close(self) -> bool:
        """Save the rest and release the locks; returns whether everything is on the disk."""
        saved = self._autosave.close()
        for lock in self._locks.values():
            lock.release()
        self._locks.clear()
        with suppress(StoreTrouble):
            self.store.close()
        return saved and not self.trouble

    def is_current(self, draft_id: str) -> bool:
        """Whether a draft is the current one."""
        return self._draft is not None and self._draft.id == draft_id

    def _load(self, draft_id: str) -> Draft:
        """Return the newest state of a draft, saved or not."""
        unsaved = self._autosave.unsaved().get(draft_id)
        if unsaved:
            return draft_of(unsaved)
        return self._read(lambda: self.store.load(draft_id))

    def _read(self, read: Callable[[], T]) -> T:
        """Use the store, and once more if its file was damaged."""
        try:
            return read()
        except Damaged:
            if self.home is None:
                raise
        try:
            self._reopen()
            self._autosave.rewrite()
        except StoreTrouble as trouble:
            self._autosave.report(str(trouble))
        return read()

    def _lock(self, draft_id: str) -> None:
        """Lock a draft; the system releases the lock when the process ends."""
        if self.home is None or draft_id in self._locks:
            return
        try:
            lock = self._lock_of(draft_id)
        except OSError:
            return  # a folder that cannot be written is the session's trouble already
        if lock is None:
            raise InUse(f"{self._called(draft_id)} is open in another wizard: open a copy")
        self._locks[draft_id] = lock

    def _lock_or_copy(self) -> None:
        """Lock the current draft; it becomes a copy if another wizard has locked it first."""
        try:
            self._lock(self.draft.id)
        except InUse:
            self.draft.id = _empty().id
            self._lock(self.draft.id)

    def _release_others(self) -> None:
        """Release all locks except those of the current draft and of unsaved ones."""
        kept = {self._draft.id if self._draft else "", *self._autosave.unsaved()}
        for draft_id in set(self._locks) - kept:
            self._locks.pop(draft_id).release()

    def _reopen(self) -> None:
        """Open the file again, and rescue a damaged one; raises StoreTrouble."""
        if self.home is None:
            return
        rescued = self.store.database.reopen(self.home)
        if rescued:
            self.rescue = rescued
            self._autosave.call(lambda: self.on_rescue(rescued.sentence))
        self._relock()

    def _relock(self) -> None:
        """Lock the drafts again if the folder was deleted: nobody sees a lock on a deleted file."""
        for draft_id, lock in list(self._locks.items()):
            with suppress(OSError):
                if fresh := self._lock_of(draft_id):
                    lock.release()
                    self._locks[draft_id] = fresh

    def _lock_of(self, draft_id: str) -> Lock | None:
        """Lock the file of a draft, None if another wizard has it. Raises OSError."""
        return locks.acquire_named(self.home, f"draft-{draft_id}") if self.home else None


def _empty() -> Draft:
    from wizard.draft.draft import Draft  # noqa: PLC0415 - see `Session.draft`

    return Draft()


def copy_of(draft: Draft) -> Draft:
    """Return a draft with the same answers and history, and another id."""
    return draft_of(snapshot(draft, 0)._replace(id=_empty().id))


def next_name(name: str, taken: Collection[str]) -> str:
    """Return the name with the lowest number, from 2, that is not taken."""
    plain = name.strip() or name
    stem = plain.rstrip("0123456789")
    if stem[-1:].isspace():
        plain = stem.rstrip()
    return next(name for n in count(2) if (name := f"{plain} {n}") not in taken)


def ago(when: datetime, now: datetime) -> str:
    """Return how long ago a time was, in words."""
    seconds = max(0, int((now - when).total_seconds()))
    for unit, size in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
