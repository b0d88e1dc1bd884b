"""Saves drafts as they are typed, in a thread of its own: typing never waits for the disk."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from wizard.draft import Draft
from wizard.errors import Damaged, StoreTrouble
from wizard.store import Snapshot, Store, snapshot

# Changes are gathered for so long before they are written: well under half a second.
_GATHER_SECONDS: Final = 0.2
# After a failure the same is tried again this much later.
_RETRY_SECONDS: Final = 2.0


class Saver:
    """Writes the newest state of a draft soon after it changed.

    `on_trouble` is called from the thread with a sentence when saving begins to fail, and with an
    empty one when it works again. `reopen` gives another store where the one at hand cannot be
    used any more: a file that was damaged, or one that can be written again.
    """

    def __init__(
        self,
        store: Store,
        on_trouble: Callable[[str], None],
        reopen: Callable[[], Store | None] = lambda: None,
        *,
        troubled: bool = False,
    ) -> None:
        self.store = store
        self._on_trouble = on_trouble
        self._reopen = reopen
        self._troubled = troubled
        self._change = threading.Condition()
        self._pending: dict[str, Snapshot] = {}
        self._writing = False
        self._failures = 0
        self._hurried = False
        self._ended = False
        self._thread: threading.Thread | None = None

    def save(self, draft: Draft) -> None:
        """Have the draft written as it is now; returns at once."""
        taken = snapshot(draft, draft.history.kept)
        draft.history.kept = len(draft.history.edits)
        with self._change:
            self._add(taken)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="saver", daemon=True)
                self._thread.start()

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until everything is written or writing has failed; whether all was written."""
        with self._change:
            self._hurried = True
            failures = self._failures
            self._change.notify_all()
            self._change.wait_for(lambda: self._idle or self._failures > failures, seconds)
            self._hurried = False
            return self._idle

    def close(self) -> bool:
        """Write what is left and end the thread; whether everything was written."""
        written = self.flush()
        with self._change:
            self._ended = True
            self._change.notify_all()
        if self._thread:
            self._thread.join(1.0)
        return written

    @property
    def _idle(self) -> bool:
        return not self._pending and not self._writing

    def _add(self, taken: Snapshot) -> None:
        """Put a snapshot in the place of an older one, with all edits that either has to write."""
        older = self._pending.get(taken.id)
        start = min(taken.start, older.start) if older else taken.start
        self._pending[taken.id] = replace(taken, start=start)
        self._change.notify_all()

    def _work(self) -> None:
        while taken := self._take():
            try:
                for one in taken:
                    self._write(one)
            except StoreTrouble as trouble:
                self._put_back(taken)
                self._tell(str(trouble))
            else:
                self._done()
                self._tell("")

    def _take(self) -> list[Snapshot]:
        """Wait for something to write; nothing is returned when the thread is to end."""
        with self._change:
            if self._troubled:
                self._pause(_RETRY_SECONDS)
            self._change.wait_for(lambda: self._pending or self._ended)
            # What is typed in the meantime goes into the same write.
            self._pause(_GATHER_SECONDS)
            taken = list(self._pending.values())
            self._pending.clear()
            self._writing = bool(taken)
            return [] if self._ended and self._troubled else taken

    def _pause(self, seconds: float) -> None:
        self._change.wait_for(lambda: self._hurried or self._ended, seconds)

    def _write(self, taken: Snapshot) -> None:
        if self._troubled and (other := self._reopen()):
            self.store = other
            taken = replace(taken, start=0)
        try:
            self.store.save(taken)
        except Damaged:
            other = self._reopen()
            if other is None:
                raise
            self.store = other
            self.store.save(replace(taken, start=0))

    def _put_back(self, taken: list[Snapshot]) -> None:
        with self._change:
            newer, self._pending = self._pending, {one.id: one for one in taken}
            for one in newer.values():
                self._add(one)
            self._writing = False
            self._failures += 1
            self._change.notify_all()

    def _done(self) -> None:
        with self._change:
            self._writing = False
            self._change.notify_all()

    def _tell(self, trouble: str) -> None:
        """Tell that saving begins to fail, or that it works again."""
        if bool(trouble) != self._troubled:
            self._troubled = bool(trouble)
            self._on_trouble(trouble)
