"""Finds all places of a pattern in a text, and steps through them."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left


class Places:
    """The places of a pattern in a text, all equally long; there may be a million of them."""

    def __init__(self, text: str, sought: re.Pattern[str]) -> None:
        self._text = text
        self._sought = sought
        self._starts = array("q")
        self._length = 0

    @classmethod
    def find(cls, text: str, sought: re.Pattern[str]) -> Places:
        """Find them all."""
        places = cls(text, sought)
        for found in sought.finditer(text):
            start, end = found.span()
            places._starts.append(start)
            places._length = end - start
        return places

    def are_of(self, text: str, sought: re.Pattern[str]) -> bool:
        """Whether these are the places in this very text."""
        return self._text is text and self._sought == sought

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._starts)

    def nearest(self, index: int, way: int, *, stay: bool) -> int:
        """The number of the next place behind an index, or before it, around the ends of the text.

        `stay` takes one that begins at the index. There has to be a place.
        """
        behind = bisect_left(self._starts, index)
        if way < 0:
            return (behind - 1) % self.count
        is_here = behind < self.count and self._starts[behind] == index
        return (behind + (is_here and not stay)) % self.count

    def span(self, number: int) -> tuple[int, int]:
        """The beginning and end of a place in the text."""
        return self._starts[number], self._starts[number] + self._length
