"""Undo and redo: every change of a draft, small enough to be kept for its whole life."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from wizard.formats.paths import MISSING, Path

# Typing without a longer pause than this, up to so many characters, is undone at once.
_PAUSE_SECONDS = 1.0
_LONGEST_RUN = 60
# Texts are compared in pieces of so many characters, the last of them one by one: pieces that the
# processor holds are compared faster than their text can be copied.
_BLOCKS = (4096, 64)


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changed. Of a text only the part that differs is kept, from `at` on.

    `at` is `None` where the whole value was replaced. `depth` is how much of the path was there
    before, the first missing part included. `sources` are those that were there before, `source`
    is the one after, each by its name.
    """

    path: Path
    at: int | None
    before: Any
    after: Any
    depth: int
    sources: tuple[tuple[Path, str], ...] = ()
    source: str = ""

    def redone(self, value: Any) -> Any:
        """The value after the change, from the one before it."""
        return self._spliced(value, self.before, self.after)

    def undone(self, value: Any) -> Any:
        """The value before the change, from the one after it."""
        return self._spliced(value, self.after, self.before)

    def _spliced(self, value: Any, out: Any, into: Any) -> Any:
        if self.at is None:
            return into
        return value[: self.at] + into + value[self.at + len(out) :]

    def as_json(self) -> list[Any]:
        """A form that JSON can hold; `MISSING` is an empty list."""
        sources = [[list(path), source] for path, source in self.sources]
        before, after = _boxed(self.before), _boxed(self.after)
        return [list(self.path), self.at, before, after, self.depth, sources, self.source]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Change":
        """Read what `as_json` wrote."""
        path, at, before, after, depth, sources, source = row
        held = tuple((tuple(where), name) for where, name in sources)
        return cls(tuple(path), at, _unboxed(before), _unboxed(after), depth, held, source)


def _boxed(value: Any) -> list[Any]:
    return [] if value is MISSING else [value]


def _unboxed(box: list[Any]) -> Any:
    return box[0] if box else MISSING


def change(
    path: Path, before: Any, after: Any, *, depth: int, sources: Any = (), source: str = ""
) -> Change:
    """The change from one value to another; of two texts only what differs is kept."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return Change(path, None, before, after, depth, tuple(sources), source)
    start = shared_start(before, after)
    end = shared_end(before, after, min(len(before), len(after)) - start)
    out, into = before[start : len(before) - end], after[start : len(after) - end]
    return Change(path, start, out, into, depth, tuple(sources), source)


def shared_start(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    most, at = min(len(one), len(other)), 0
    for size in _BLOCKS:
        while at + size <= most and other.startswith(one[at : at + size], at):
            at += size
    return next((i for i in range(at, most) if one[i] != other[i]), most)


def shared_end(one: str, other: str, most: int) -> int:
    """How many characters two texts end with alike, of so many at most."""
    at, last, length = 0, len(one), len(other)
    for size in _BLOCKS:
        while at + size <= most and other.endswith(
            one[last - at - size : last - at], 0, length - at
        ):
            at += size
    return next((i for i in range(at, most) if one[-1 - i] != other[-1 - i]), most)


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes that are undone together, and when they were made by the history's clock."""

    changes: tuple[Change, ...]
    when: float = 0.0


@dataclass(slots=True)
class History:
    """The edits of a draft; those from `done` on were undone and can be redone.

    `kept` is how many of the first edits have been saved as they are.
    """

    edits: list[Edit] = field(default_factory=list)
    done: int = 0
    kept: int = 0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _open: list[Change] | None = field(default=None, repr=False)

    def record(self, made: Change) -> None:
        """Take a change that was just made; what had been undone cannot be redone any more."""
        if self._open is not None:
            self._open.append(made)
            return
        self._cut()
        last = self.edits[-1] if self.edits else None
        now = self.clock()
        runs_on = last and now - last.when < _PAUSE_SECONDS and _is_typed(made)
        joined = _joined(last.changes, made) if last and runs_on else None
        if joined:
            self.edits[-1] = Edit((joined,), now)
            self.done, self.kept = len(self.edits), min(self.kept, len(self.edits) - 1)
        else:
            self._add((made,))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What is changed inside is undone as one, and nothing before or after joins it."""
        self._seal()
        with self.together():
            yield
        self._seal()

    def _seal(self) -> None:
        if self.done:
            self.edits[self.done - 1] = replace(self.edits[self.done - 1], when=-math.inf)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Changes made inside are undone as one."""
        if self._open is not None:
            yield
            return
        self._open = []
        try:
            yield
        finally:
            made, self._open = tuple(self._open), None
            if len(made) == 1:
                self.record(made[0])
            elif made:
                self._cut()
                self._add(made)

    def back(self) -> Edit | None:
        """Step back over the last edit and return it."""
        if not self.done:
            return None
        self.done -= 1
        return self.edits[self.done]

    def forth(self) -> Edit | None:
        """Step over the edit that was undone last and return it."""
        if self.done == len(self.edits):
            return None
        self.done += 1
        return self.edits[self.done - 1]

    def _cut(self) -> None:
        del self.edits[self.done :]
        self.kept = min(self.kept, self.done)

    def _add(self, changes: tuple[Change, ...]) -> None:
        self.edits.append(Edit(changes, self.clock()))
        self.done = len(self.edits)


def _is_typed(made: Change) -> bool:
    """Whether a change is as small as typing makes it; a paste is undone by itself."""
    return made.at is not None and len(made.after) <= _LONGEST_RUN


def _joined(last: tuple[Change, ...], made: Change) -> Change | None:
    """The two changes as one where they are a run of typing or of deleting in one text."""
    if len(last) != 1 or last[0].path != made.path or made.at is None:
        return None
    before = last[0]
    if before.at is None:
        begun = before.before is MISSING and isinstance(before.after, str)
        short = begun and len(before.after) <= _LONGEST_RUN
        return replace(before, after=made.redone(before.after)) if short else None
    if len(before.after) + len(before.before) > _LONGEST_RUN:
        return None
    if not made.before and made.at == before.at + len(before.after):
        text = before.after + made.after
        return replace(before, after=text, source=made.source)
    if not made.after and not before.after and made.at + len(made.before) == before.at:
        text = made.before + before.before
        return replace(before, at=made.at, before=text, after="", source=made.source)
    return None
