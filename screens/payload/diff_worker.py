"""Compares the draft with its last request and its template, in a thread."""

from asyncio import to_thread
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from textual.widget import Widget

from wizard.draft.draft import Draft
from wizard.draft.review import Base
from wizard.errors import WizardError
from wizard.exchange.differences import Difference, differences

_Made = TypeVar("_Made")


class Compared(NamedTuple):
    """The name of a version, and its differences."""

    words: str
    found: Sequence[Difference]


class DiffWorker(Generic[_Made]):
    """Compares for a widget, in a thread: receipts are read from disk.

    `bases` returns the versions to compare a draft with, the last request first; `most` is their
    number. `make` turns the differences into the value that `show` gets, also in the thread.
    """

    def __init__(
        self,
        owner: Widget,
        bases: Callable[[Draft], Sequence[Base]],
        make: Callable[[Sequence[Compared]], _Made],
        show: Callable[[_Made], None],
        *,
        most: int = 2,
    ) -> None:
        self._owner = owner
        self._read_bases = bases
        self._make = make
        self._show = show
        self._most = most
        self._bases: Sequence[Base] = ()
        self._due: Draft | None = None
        self._is_stale = True
        self._is_busy = False

    def compare(self, draft: Draft, *, reread: bool = False) -> None:
        """Compare the draft; `reread` reads the versions to compare with again."""
        self._due = draft
        self._is_stale |= reread
        if not self._is_busy:
            self._is_busy = True
            self._owner.run_worker(self._work(), group="compare")

    async def _work(self) -> None:
        while draft := self._due:
            self._due, reread, self._is_stale = None, self._is_stale, False
            self._show(await to_thread(self._found, draft, draft.compose(), reread=reread))
        self._is_busy = False

    def _found(self, draft: Draft, payload: Mapping[str, Any], *, reread: bool) -> _Made:
        if reread:
            self._bases = ()
            with suppress(WizardError):
                self._bases = self._read_bases(draft)[: self._most]
        return self._make(
            [Compared(base.words, differences(base.payload, payload)) for base in self._bases]
        )
