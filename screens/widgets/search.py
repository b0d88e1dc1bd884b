"""Finds all places of a pattern in a text, and steps through them."""

from __future__ import annotations

import re
from bisect import bisect_left


class Places:
    """The places of a pattern in a text."""

    def __init__(self, text: str, sought: re.Pattern[str]) -> None:
        self._spans = [found.span() for found in sought.finditer(text)]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._spans)

    def nearest(self, index: int, way: int, *, stay: bool) -> int:
        """The number of the next place after an index, or before it, around the ends of the text.

        `stay` takes one that begins at the index. There has to be a place.
        """
        after = bisect_left(self._spans, (index, 0))
        if way < 0:
            return (after - 1) % self.count
        is_here = after < self.count and self._spans[after][0] == index
        return (after + (is_here and not stay)) % self.count

    def span(self, number: int) -> tuple[int, int]:
        """The beginning and end of a place in the text."""
        return self._spans[number]
