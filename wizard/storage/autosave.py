"""Saves drafts as they are typed, in a thread of its own: typing never waits for the disk."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

from wizard.errors import Damaged, StoreTrouble
from wizard.storage.store import Snapshot, Store, snapshot

if TYPE_CHECKING:
    from wizard.draft.draft import Draft

# The least time from one write to the next, in seconds: well under half a second.
_GATHER_SECONDS: Final = 0.2
# After a failure the same is tried again this much later.
_RETRY_SECONDS: Final = 2.0


class Autosave:
    """Writes the newest state of a draft: the first change at once, what follows it together.

    `trouble` is why saving fails now, empty while it works. `on_trouble` is called from the thread
    with the sentence when saving begins to fail, and with an empty one when it works again.
    `reopen` opens the store's file anew where the one at hand cannot be used any more, or raises
    StoreTrouble; None where nothing is meant to be kept on a disk.
    """

    def __init__(
        self,
        store: Store,
        on_trouble: Callable[[str], None],
        reopen: Callable[[], None] | None = None,
        *,
        trouble: str = "",
    ) -> None:
        self.store = store
        self.trouble = trouble
        self._on_trouble = on_trouble
        self._reopen = reopen
        self._change = threading.Condition()
        self._pending: dict[str, Snapshot] = {}
        self._writing: dict[str, Snapshot] = {}
        self._calls: deque[Callable[[], None]] = deque()
        self._failures = 0
        self._last = -inf
        self._hurried = False
        self._ended = False
        self._thread: threading.Thread | None = None

    def save(self, draft: "Draft") -> None:
        """Have the draft written as it is now; returns at once."""
        taken = snapshot(draft, draft.history.kept)
        draft.history.kept = len(draft.history.edits)
        with self._change:
            self._add(taken)
            self._start()

    def unsaved(self) -> dict[str, Snapshot]:
        """The drafts whose newest state is not on the disk yet, the one changed last at the end."""
        with self._change:
            return self._writing | self._pending

    def report(self, trouble: str) -> None:
        """Take note that the store failed elsewhere; it is told, and tried again, by the thread."""
        with self._change:
            self._note(trouble)
            self._start()

    def call(self, told: Callable[[], None]) -> None:
        """Have something called from the thread."""
        with self._change:
            self._calls.append(told)
            self._start()

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until everything is written or writing has failed; whether all was written."""
        with self._change:
            if self._thread and self._thread.is_alive():
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
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(1.0)
        return written

    @property
    def _idle(self) -> bool:
        return not self._pending and not self._writing

    def _start(self) -> None:
        if self._thread is None and not self._ended:
            self._thread = threading.Thread(target=self._work, name="saver", daemon=True)
            self._thread.start()
        self._change.notify_all()

    def _add(self, taken: Snapshot) -> None:
        """Put a snapshot in the place of an older one, with all edits that either has to write."""
        older = self._pending.pop(taken.id, None)
        start = min(taken.start, older.start) if older else taken.start
        self._pending[taken.id] = taken._replace(start=start)

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            if taken or self.trouble:
                self._settle(*self._write_all(taken))
            self._tell()

    def _take(self) -> list[Snapshot] | None:
        """Wait for something to write; None when the thread is to end."""
        with self._change:
            if self.trouble and not self._calls:
                self._pause(_RETRY_SECONDS)
            self._change.wait_for(
                lambda: self._pending or self._calls or self.trouble or self._ended
            )
            if self._calls:
                return []
            # What is typed in the meantime goes into the same write.
            self._pause(self._last + _GATHER_SECONDS - monotonic())
            if self._ended and (self.trouble or not self._pending):
                return None
            self._writing, self._pending = self._pending, {}
            self._last = monotonic()
            return list(self._writing.values())

    def _pause(self, seconds: float) -> None:
        self._change.wait_for(lambda: self._hurried or self._ended, seconds)

    def _write_all(self, taken: list[Snapshot]) -> tuple[list[Snapshot], str]:
        """Write what was taken; returns what could not be written, and why."""
        failed: list[Snapshot] = []
        trouble = ""
        try:
            if self._reopen and (self.trouble or self.store.database.path is None):
                self._reopen()
            if not taken:
                self.store.drafts()
        except StoreTrouble as error:
            return taken, str(error)
        for place, one in enumerate(taken):
            try:
                self._write(one)
            except StoreTrouble as error:
                return [*failed, *taken[place:]], str(error)
            except Exception as error:  # ours: no other draft is lost with this one
                failed.append(one)
                trouble = f"The draft {one.name} cannot be saved ({type(error).__name__})."
        with suppress(StoreTrouble):  # all is in the log, and the next save tries it again
            self.store.database.checkpoint()
        return failed, trouble

    def _write(self, taken: Snapshot) -> None:
        try:
            self.store.save(taken)
        except Damaged:
            if self._reopen is None:
                raise
            self._reopen()
            self.store.save(taken)

    def _settle(self, failed: list[Snapshot], trouble: str) -> None:
        """Put back what could not be written, below what was changed since."""
        with self._change:
            newer, self._pending = self._pending, {one.id: one for one in failed}
            for one in newer.values():
                self._add(one)
            self._writing = {}
            if trouble:
                self._failures += 1
                self._hurried = False  # who waits is told, and does not want it tried again
            self._note(trouble)
            self._change.notify_all()

    def _note(self, trouble: str) -> None:
        """Note why saving fails; only that it begins to, or works again, is told."""
        if bool(trouble) != bool(self.trouble):
            self._calls.append(partial(self._on_trouble, trouble))
        self.trouble = trouble

    def _tell(self) -> None:
        while self._calls:
            # Whoever listens may be gone; saving goes on.
            with suppress(Exception):
                self._calls.popleft()()
