"""A numbered list: shown a part at a time, searched, and chosen from by number or by word."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

from wizard.errors import WizardError
from wizard.formats.text import shorten
from wizard.plain.console import Console, read_aloud

# The entries that are listed at once.
_AT_ONCE: Final = 20


class NotListed(WizardError):
    """A line that names no entry of a list, or more than one."""


class Entry(NamedTuple):
    """A choice: its value and its words."""

    value: Any
    words: str


class Listing:
    """Entries with fixed numbers.

    `find` returns the entries of a search; None finds those with all its words. `at_first` are the
    entries to list first, if that is not all of them.
    """

    def __init__(
        self,
        entries: Iterable[Entry | tuple[Any, str]],
        find: Callable[[str], Collection[Entry]] | None = None,
        at_first: Sequence[Entry] | None = None,
    ) -> None:
        self.entries = [e if isinstance(e, Entry) else Entry(*e) for e in entries]
        self._find = find or self._with_words
        self._rest: list[tuple[int, Entry]] = []
        # The numbers that a search found; empty without one.
        self._found: set[int] = set()
        self._first = at_first

    @property
    def is_long(self) -> bool:
        """Whether there are more entries than are listed at once."""
        return len(self.entries) > _AT_ONCE

    def show(self, console: Console) -> None:
        """List the entries; of a long list, say how many there are and how to find one."""
        first = self.entries if self._first is None else self._first
        if len(first) > _AT_ONCE:
            self._rest = self._numbered(first)
            console.say(
                f"There are {len(first):,}. Type / and words to search, as in /name, or more to "
                "list them."
            )
        else:
            self._begin(console, first)

    def take(self, line: str, console: Console) -> bool:
        """Run a search or list more entries; return whether the line asked for it."""
        if line.startswith("/"):
            found = self._find(line[1:].strip())
            if found:
                self._found = {number for number, _ in self._numbered(found)}
                self._begin(console, found)
            else:
                console.refuse("Nothing found. Search for fewer words.")
            return True
        if line == "more" and self._rest:
            self._list(console)
            return True
        return False

    def pick(self, text: str) -> Any:
        """The value that a number, a value or the beginning of the words names; NotListed."""
        index = index_of(text, len(self.entries))
        if index >= 0:
            if self._found and index + 1 not in self._found:
                raise NotListed(f"{text} is not among what was found. Type / to list all.")
            return self.entries[index].value
        wanted = text.strip().casefold()
        for text_of in (_value, _words):
            if same := [entry for entry in self.entries if text_of(entry) == wanted]:
                return same[0].value
        begun = [entry for entry in self.entries if wanted and _words(entry).startswith(wanted)]
        if len(begun) == 1:
            return begun[0].value
        if begun:
            raise NotListed(
                f"{len(begun)} choices begin with {shorten(text)}. Type more characters, or the "
                "number."
            )
        wrong = f"{shorten(text)} is not one of the choices. " if text.strip() else ""
        raise NotListed(f"{wrong}{self._how}")

    @property
    def _how(self) -> str:
        search = ", or / and words to search" if self.is_long else ""
        return f"Type a number, or the beginning of the words{search}."

    def explain(self, console: Console) -> None:
        """Say how to choose."""
        console.say(f"{self._how} ?? lists all commands.")

    def _begin(self, console: Console, found: Collection[Entry]) -> None:
        self._rest = self._numbered(found)
        if len(self._rest) > _AT_ONCE:
            console.say(f"There are {len(self._rest):,}. Type / and words to search, as in /name.")
        self._list(console)

    def _numbered(self, found: Collection[Entry]) -> list[tuple[int, Entry]]:
        chosen = {id(entry) for entry in found}
        return [(n, e) for n, e in enumerate(self.entries, 1) if id(e) in chosen]

    def _list(self, console: Console) -> None:
        now, self._rest = self._rest[:_AT_ONCE], self._rest[_AT_ONCE:]
        for number, entry in now:
            console.say(f"{number} {entry.words}")
        if self._rest:
            console.say(f"{len(self._rest):,} more: type more to list them.")

    def _with_words(self, search: str) -> list[Entry]:
        words = search.casefold().split()
        return [
            entry
            for entry in self.entries
            if all(word in f"{entry.value} {entry.words}".casefold() for word in words)
        ]


def index_of(number: str, count: int) -> int:
    """Return the index that a number from 1 to `count` names, or -1."""
    digits = number.strip()
    # Python reads no more than 4,300 digits.
    named = int(digits) if digits.isdecimal() and len(digits) < 10 else 0
    return named - 1 if named <= count else -1


def _value(entry: Entry) -> str:
    return str(entry.value).casefold()


def _words(entry: Entry) -> str:
    return read_aloud(entry.words).casefold()
