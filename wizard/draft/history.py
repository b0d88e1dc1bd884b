"""Undo and redo: all changes of a draft, in a compact form that is saved with it."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from wizard.formats.paths import MISSING, Path

# Typing without a longer pause, up to this number of characters, is undone at once.
_PAUSE_SECONDS = 1.0
_LONGEST_RUN = 60
# Texts are compared in blocks of these sizes, and within the last block one by one, because a
# comparison of blocks takes microseconds for 100,000 characters.
_BLOCKS = (4096, 64)


@dataclass(frozen=True, slots=True)
class Change:
    """A change at one path. Of a text or list only the part that differs is kept, from `at` on.

    `at` is None if the whole value was replaced. `depth` is the length of the path up to its first
    missing part before the change. `sources` are the names of the sources before the change,
    `source` is the one after.
    """

    path: Path
    at: int | None
    before: Any
    after: Any
    depth: int
    sources: tuple[tuple[Path, str], ...] = ()
    source: str = ""

    def redone(self, value: Any) -> Any:
        """The value after the change, given the one before."""
        return self._spliced(value, self.before, self.after)

    def undone(self, value: Any) -> Any:
        """The value before the change, given the one after."""
        return self._spliced(value, self.after, self.before)

    def _spliced(self, value: Any, out: Any, into: Any) -> Any:
        if self.at is None:
            return into
        return value[: self.at] + into + value[self.at + len(out) :]

    def as_json(self) -> list[Any]:
        """The change as JSON values. Values are in a list; `MISSING` is an empty list."""
        sources = [[list(path), source] for path, source in self.sources]
        before, after = _boxed(self.before), _boxed(self.after)
        return [list(self.path), self.at, before, after, self.depth, sources, self.source]

    @classmethod
    def from_json(cls, row: list[Any]) -> "Change":
        """Read the form of `as_json`."""
        path, at, before, after, depth, rows, source = row
        sources = tuple((tuple(at_path), name) for at_path, name in rows)
        return cls(tuple(path), at, _unboxed(before), _unboxed(after), depth, sources, source)


def _boxed(value: Any) -> list[Any]:
    return [] if value is MISSING else [value]


def _unboxed(box: list[Any]) -> Any:
    return box[0] if box else MISSING


def change(
    path: Path, before: Any, after: Any, *, depth: int, sources: Any = (), source: str = ""
) -> Change:
    """The change from one value to another."""
    if isinstance(before, str) and isinstance(after, str):
        start = shared_start(before, after)
        end = shared_end(before, after, min(len(before), len(after)) - start)
    elif isinstance(before, list) and isinstance(after, list):
        # Items that are moved or kept are the same objects; 1 and True are equal and not the same.
        most = min(len(before), len(after))
        start = next((i for i in range(most) if before[i] is not after[i]), most)
        ends = range(most - start)
        end = next((i for i in ends if before[-1 - i] is not after[-1 - i]), len(ends))
    else:
        return Change(path, None, before, after, depth, tuple(sources), source)
    out, into = before[start : len(before) - end], after[start : len(after) - end]
    return Change(path, start, out, into, depth, tuple(sources), source)


def shared_start(one: str, other: str) -> int:
    """The number of equal characters at the start of two texts."""
    most, at = min(len(one), len(other)), 0
    for size in _BLOCKS:
        while at + size <= most and other.startswith(one[at : at + size], at):
            at += size
    return next((i for i in range(at, most) if one[i] != other[i]), most)


def shared_end(one: str, other: str, most: int) -> int:
    """The number of equal characters at the end of two texts, at most `most`."""
    at, last, length = 0, len(one), len(other)
    for size in _BLOCKS:
        while at + size <= most and other.endswith(
            one[last - at - size : last - at], 0, length - at
        ):
            at += size
    return next((i for i in range(at, most) if one[-1 - i] != other[-1 - i]), most)


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes that are undone together, and their time by the history's clock."""

    changes: tuple[Change, ...]
    when: float = 0.0


@dataclass(slots=True)
class History:
    """The edits of a draft. Those from index `done` were undone and can be redone.

    `kept` is the number of first edits that have been saved and not changed since.
    """

    edits: list[Edit] = field(default_factory=list)
    done: int = 0
    kept: int = 0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _open: list[Change] | None = field(default=None, repr=False)

    def record(self, new: Change) -> None:
        """Add a change. Undone edits are dropped."""
        if self._open is not None:
            self._open.append(new)
            return
        self._cut()
        last = self.edits[-1] if self.edits else None
        now = self.clock()
        runs_on = last and now - last.when < _PAUSE_SECONDS and _is_typed(new)
        joined = _joined(last.changes, new) if last and runs_on else None
        if joined:
            self.edits[-1] = Edit((joined,), now)
            self.done, self.kept = len(self.edits), min(self.kept, len(self.edits) - 1)
        else:
            self._add((new,))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Undo the changes inside as one edit, without joining it to the edits around it."""
        self._seal()
        with self.together():
            yield
        self._seal()

    def _seal(self) -> None:
        if self.done:
            self.edits[self.done - 1] = replace(self.edits[self.done - 1], when=-math.inf)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Undo the changes inside as one edit."""
        if self._open is not None:
            yield
            return
        self._open = []
        try:
            yield
        finally:
            new, self._open = tuple(self._open), None
            if len(new) == 1:
                self.record(new[0])
            elif new:
                self._cut()
                self._add(new)

    def back(self) -> Edit | None:
        """Move before the last edit and return it."""
        if not self.done:
            return None
        self.done -= 1
        return self.edits[self.done]

    def forth(self) -> Edit | None:
        """Move after the next undone edit and return it."""
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


def _is_typed(new: Change) -> bool:
    """Whether a change is as small as typing. A paste is an edit alone."""
    return isinstance(new.after, str) and new.at is not None and len(new.after) <= _LONGEST_RUN


def _joined(last: tuple[Change, ...], new: Change) -> Change | None:
    """The two changes as one if they continue typing or deleting in one text, else None."""
    if len(last) != 1 or last[0].path != new.path or new.at is None:
        return None
    before = last[0]
    if before.at is None:
        begun = before.before is MISSING and isinstance(before.after, str)
        short = begun and len(before.after) <= _LONGEST_RUN
        return replace(before, after=new.redone(before.after)) if short else None
    if len(before.after) + len(before.before) > _LONGEST_RUN:
        return None
    if not new.before and new.at == before.at + len(before.after):
        text = before.after + new.after
        return replace(before, after=text, source=new.source)
    if not new.after and not before.after and new.at + len(new.before) == before.at:
        text = new.before + before.before
        return replace(before, at=new.at, before=text, after="", source=new.source)
    return None
