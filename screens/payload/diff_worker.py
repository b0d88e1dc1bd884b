"""What a payload that is being made differs in from what was sent of it, and from its template."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from textual.widget import Widget

from wizard.draft.review import bases
from wizard.errors import WizardError
from wizard.exchange.differences import Comparison, Difference

if TYPE_CHECKING:
    from screens.services import AppServices
    from wizard.draft.draft import Draft

_Made = TypeVar("_Made")


class Compared(NamedTuple):
    """What a payload was compared with, in words, and what was found."""

    words: str
    found: Sequence[Difference]


class DiffWorker(Generic[_Made]):
    """Compares for a widget, in a thread: what was sent is read, and may hold 10,000 actions.

    `make` makes of what was found, in the thread too, what `show` gets. Of all there is, `most` are
    compared with: what was sent last is the first.
    """

    def __init__(
        self,
        owner: Widget,
        make: Callable[[Sequence[Compared]], _Made],
        show: Callable[[_Made], None],
        *,
        most: int = 2,
    ) -> None:
        self._owner = owner
        self._make = make
        self._show = show
        self._most = most
        self._comparisons: Sequence[tuple[str, Comparison]] = ()
        self._due: Draft | None = None
        self._is_anew = True
        self._is_busy = False

    def compare(self, draft: Draft, *, anew: bool = False) -> None:
        """Have a draft compared as it is now; `anew` looks again what there is to compare with."""
        self._due = draft
        self._is_anew |= anew
        if not self._is_busy:
            self._is_busy = True
            self._owner.run_worker(self._work(), group="compare")

    async def _work(self) -> None:
        while draft := self._due:
            self._due, is_anew, self._is_anew = None, self._is_anew, False
            self._show(await to_thread(self._found, draft, draft.compose(), anew=is_anew))
        self._is_busy = False

    def _found(self, draft: Draft, payload: Mapping[str, Any], *, anew: bool) -> _Made:
        if anew:
            self._comparisons = self._read(draft)
        return self._make(
            [Compared(words, each.with_(payload)) for words, each in self._comparisons]
        )

    def _read(self, draft: Draft) -> Sequence[tuple[str, Comparison]]:
        """What there is to compare with; nothing where it cannot be read."""
        try:
            found = bases(draft, cast("AppServices", self._owner.app).session.receipts)
        except WizardError:
            return ()
        return [(base.words, Comparison(base.payload)) for base in found[: self._most]]
