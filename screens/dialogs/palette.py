"""Search everywhere: Textual's palette, with entries that it is given."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.markup import escape
from textual.widgets import Input
from textual.worker import WorkerError

from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Closable, Keys

# Fields that do not apply now are ranked below the others.
_BEHIND = 0.5
# Entries that are searched at a time, so that a key can be handled in between.
_AT_A_TIME = 500
# The maximum number of hits.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry. `beside` says its kind, `why` that it does not apply now."""

    label: str
    beside: str
    about: str
    run: Callable[[], Any]
    why: str = ""
    at_once: bool = False

    @property
    def text(self) -> str:
        """The text that the search matches, shown on the first line."""
        return pictured(f"{self.label}  {self.beside}")


class Palette(CommandPalette, Closable[None]):
    """Textual's palette. It has no id, because two of them can be open for a moment.

    `read` returns the entries.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "escape", "Close")]

    def __init__(self, read: Callable[[], Awaitable[Sequence[Entry]]]) -> None:
        # Textual makes the object itself, so the class has what it needs.
        provider = type("Entries", (PaletteProvider,), {"read": staticmethod(read)})
        super().__init__(providers=[provider])

    def compose(self) -> ComposeResult:
        """The palette, and the keys that work in it."""
        yield from super().compose()
        yield Keys()

    def on_mount(self) -> None:
        """Stop the cursor from blinking: on a slow line each blink is written."""
        self.query_one(Input).cursor_blink = False

    async def on_input_submitted(self) -> None:
        """Wait for the search: Enter chooses from what is found for all that was typed."""
        for search in [each for each in self.workers if each.node is self]:
            with suppress(WorkerError):  # another has taken its place
                await search.wait()


class PaletteProvider(Provider):
    """Finds every place and every action by the letters of its name in their order."""

    read: Callable[[], Awaitable[Sequence[Entry]]]
    _SEARCH: ClassVar = FuzzySearch()

    async def startup(self) -> None:
        """Gather the entries in a task, which a cancelled search does not end."""
        self._entries = asyncio.ensure_future(self.read())

    async def shutdown(self) -> None:
        """Stop gathering."""
        self._entries.cancel()

    async def discover(self) -> Hits:
        """List the actions before anything is typed."""
        for entry in await asyncio.shield(self._entries):
            if entry.at_once:
                shown = self._shown(entry, ())
                about = escape(entry.about)
                yield DiscoveryHit(shown, entry.run, text=entry.text, help=about)

    async def search(self, query: str) -> Hits:
        """Find by letters, or if that finds nothing in the descriptions."""
        words = query.replace("_", " ").split()
        entries = await asyncio.shield(self._entries)
        found: list[tuple[float, Entry, list[int]]] = []
        for place, entry in enumerate(entries, 1):
            if place % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            score, places = self._match(words, entry.text.replace("_", " "))
            if score > 0:
                found.append((score * (_BEHIND if entry.why else 1.0), entry, places))
        if words and not found:
            typed = " ".join(words).lower()
            found = [(1.0, entry, []) for entry in entries if typed in entry.about.lower()]
        # The palette would list every hit, thousands at each key.
        for score, entry, places in nlargest(_MOST, found, key=itemgetter(0)):
            shown, about = self._shown(entry, places), escape(entry.why or entry.about)
            yield Hit(score, shown, entry.run, text=entry.text, help=about)

    def _match(self, words: Sequence[str], text: str) -> tuple[float, list[int]]:
        """Return the score and the matched places of all words, in any order; 0 if one does not
        match."""
        found = [self._SEARCH.match(word, text) for word in words]
        if not found or min(score for score, _ in found) <= 0:
            return 0.0, []
        return sum(score for score, _ in found), [place for _, places in found for place in places]

    def _shown(self, entry: Entry, places: Sequence[int]) -> Content:
        shown = Content(entry.text)
        begin = 0 if entry.why else len(entry.label)
        shown = shown.stylize("$text-muted", begin)
        if self.match_style:
            for place in places:
                shown = shown.stylize(self.match_style, place, place + 1)
        return shown
