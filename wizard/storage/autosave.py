"""Saves drafts in a thread while they are edited, so typing never waits for the disk."""

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

# Seconds between two writes: changes in between are written together.
_GATHER_SECONDS: Final = 0.2
# Seconds until a failed write is retried.
_RETRY_SECONDS: Final = 2.0
# Seconds until the age of the copy is checked again.
_COPY_SECONDS: Final = 600.0


class Autosave:
    """Writes the newest state of a draft: the first change at once, later ones in groups.

    `trouble` is the reason why saving fails, empty while it works. The thread calls `on_trouble`
    with that sentence when saving begins to fail, and with an empty one when it works again.
    `reopen` opens the store's file again if it can no longer be used, or raises StoreTrouble; it is
    None for a store in memory.
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
        self._current: Snapshot | None = None
        self._next_copy = -inf
        self._calls: deque[Callable[[], None]] = deque()
        self._failures = 0
        self._tolerated = 0
        self._last = -inf
        self._hurried = False
        self._ended = False
        self._thread: threading.Thread | None = None

    def save(self, draft: "Draft") -> None:
        """Write the current state of a draft soon; returns at once."""
        state = snapshot(draft, draft.history.kept)
        draft.history.kept = len(draft.history.edits)
        with self._change:
            self._current = state
            self._add(state)
            self._start()

    def opened(self, draft: "Draft | None") -> None:
        """Set the draft that `rewrite` saves; `save` does the same."""
        with self._change:
            self._current = snapshot(draft, draft.history.kept) if draft else None

    def rewrite(self) -> None:
        """Write the whole of the current draft and of the unsaved ones.

        Another file has replaced the one that they were saved to.
        """
        with self._change:
            older = list(self._writing.values())
            if self._current and self._current.id not in self._writing:
                older.insert(0, self._current)
            states = {state.id: state for state in older if state.id not in self._pending}
            states |= self._pending
            self._pending = {key: state._replace(start=0) for key, state in states.items()}
            self._start()

    def unsaved(self) -> dict[str, Snapshot]:
        """Return the states that are not on the disk yet, the newest one last."""
        with self._change:
            return self._writing | self._pending

    def report(self, trouble: str) -> None:
        """Record that the store failed elsewhere; the thread announces and retries it."""
        with self._change:
            self._note(trouble)
            self._start()

    def call(self, callback: Callable[[], None]) -> None:
        """Call a function from the thread."""
        with self._change:
            self._calls.append(callback)
            self._start()

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait for all writes, or for one that fails; returns whether everything is written.

        A failure of a write that had begun before does not count: it is retried.
        """
        with self._change:
            if self._thread and self._thread.is_alive():
                self._hurried = True
                self._tolerated = self._failures + bool(self._writing)
                self._change.notify_all()
                self._change.wait_for(
                    lambda: self._idle or self._failures > self._tolerated, seconds
                )
                self._hurried = False
            return self._idle

    def close(self) -> bool:
        """Write the rest and end the thread; returns whether everything was written."""
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

    def _add(self, state: Snapshot) -> None:
        """Replace the pending state of a draft; the earlier start of the two is written."""
        older = self._pending.pop(state.id, None)
        start = min(state.start, older.start) if older else state.start
        self._pending[state.id] = state._replace(start=start)

    def _work(self) -> None:
        while (states := self._next()) is not None:
            if states or self.trouble:
                self._finish(*self._write_all(states))
            # A listener may wait for the app, which may wait in `flush`.
            if not self._hurried:
                self._run_calls()
            if states and not self.trouble:
                self._refresh_copy()

    def _next(self) -> list[Snapshot] | None:
        """Wait for states to write; returns None when the thread has to end."""
        with self._change:
            if self.trouble and not self._calls:
                self._pause(_RETRY_SECONDS)
            self._change.wait_for(
                lambda: self._pending or self._calls or self.trouble or self._ended
            )
            if self._calls and not self._hurried:
                return []
            # Changes during the pause go into the same write.
            self._pause(self._last + _GATHER_SECONDS - monotonic())
            if self._ended and (self.trouble or not self._pending):
                return None
            self._writing, self._pending = self._pending, {}
            self._last = monotonic()
            return list(self._writing.values())

    def _pause(self, seconds: float) -> None:
        self._change.wait_for(lambda: self._hurried or self._ended, seconds)

    def _write_all(self, states: list[Snapshot]) -> tuple[list[Snapshot], str]:
        """Write states; returns those that could not be written, and the reason."""
        failed: list[Snapshot] = []
        trouble = ""
        try:
            if self.trouble or self.store.database.path is None:
                self._reopen_store()
            if not states:
                self.store.drafts()
        except StoreTrouble as error:
            return states, str(error)
        for number, state in enumerate(states):
            try:
                self._write(state)
            except StoreTrouble as error:
                return [*failed, *states[number:]], str(error)
            except Exception as error:  # a fault of the program, which must not affect other drafts
                failed.append(state)
                trouble = f"The draft {state.name} cannot be saved ({type(error).__name__})."
        with suppress(StoreTrouble):  # the log is complete, and the next save retries
            self.store.database.checkpoint()
        return failed, trouble

    def _write(self, state: Snapshot) -> None:
        try:
            self.store.save(state)
        except Damaged:
            if self._reopen is None:
                raise
            self._reopen_store()
            # It is pending as a whole again, but the program may be killed before that is written.
            self.store.save(state._replace(start=0))

    def _reopen_store(self) -> None:
        if self._reopen:
            self._reopen()
            self.rewrite()

    def _finish(self, failed: list[Snapshot], trouble: str) -> None:
        """Queue failed states again, except those that have changed since."""
        with self._change:
            newer, self._pending = self._pending, {state.id: state for state in failed}
            for state in newer.values():
                self._add(state)
            self._writing = {}
            if trouble:
                self._failures += 1
                if self._failures > self._tolerated:
                    self._hurried = False  # `flush` returns instead of waiting for a retry
            self._note(trouble)
            self._change.notify_all()

    def _note(self, trouble: str) -> None:
        """Record why saving fails; `on_trouble` is called only when it begins or ends."""
        if bool(trouble) != bool(self.trouble):
            self._calls.append(partial(self._on_trouble, trouble))
        self.trouble = trouble

    def _run_calls(self) -> None:
        while self._calls:
            # A closed screen raises here; saving goes on.
            with suppress(Exception):
                self._calls.popleft()()

    def _refresh_copy(self) -> None:
        """Copy the file once a day; a file whose copy is damaged is opened again."""
        if monotonic() < self._next_copy:
            return
        self._next_copy = monotonic() + _COPY_SECONDS
        with suppress(StoreTrouble):  # saving works without a copy
            try:
                self.store.database.refresh_copy()
            except Damaged:
                self._reopen_store()
