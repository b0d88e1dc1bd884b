"""Actions as marked lines in a text, for models that take no tools: `[[name {...}]]`."""

import re
from typing import Final

from wizard.rehearsal.model_client import ToolCall

_LONGEST: Final = 4000
_CALL: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]{0,60})\s*(.*)", re.DOTALL)


class MarkedLines:
    """Separates what is spoken from what is done, while the text arrives."""

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be spoken so far; a mark that has begun is held back."""
        self._held += piece
        spoken = ""
        while self._held:
            start = self._held.find("[[")
            if start < 0:
                # One bracket may be the first half of a mark.
                kept = 1 if self._held.endswith("[") else 0
                spoken += self._held[: len(self._held) - kept]
                self._held = self._held[len(self._held) - kept :]
                break
            spoken, self._held = spoken + self._held[:start], self._held[start:]
            end = self._held.find("]]")
            if end < 0 and len(self._held) < _LONGEST:
                break
            if end < 0:
                return spoken + self.rest()
            self._add(self._held[2:end])
            self._held = self._held[end + 2 :]
        return spoken

    def rest(self) -> str:
        """Return what was held back and is no mark."""
        rest, self._held = self._held, ""
        return rest

    def _add(self, inner: str) -> None:
        if found := _CALL.fullmatch(inner):
            self.calls.append(ToolCall(found[1], found[2].strip() or "{}"))
