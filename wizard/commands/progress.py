"""A bar on standard error that shows how far a long command is; nothing where no one looks."""

import shutil
import sys
from typing import Final

from wizard.commands.output import tell_now, visible
from wizard.commands.table import cut
from wizard.settings import is_dumb_terminal

_CELLS: Final = 24
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """The bar for a number of things, on the last line of a terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        looked_at = bool(sys.stderr and sys.stderr.isatty()) and not is_dumb_terminal()
        self._shown = looked_at and total > 1
        self._drawn = False

    def show(self, done: int, what: str) -> None:
        """Draw the bar; `what` is under way."""
        if self._shown:
            full = _CELLS * done // self._total
            bar = f"[{'#' * full}{'-' * (_CELLS - full)}] {done} of {self._total} · {visible(what)}"
            room = shutil.get_terminal_size().columns - 1
            tell_now(f"{_CLEAR}{cut(bar, room)}")
            self._drawn = True

    def clear(self) -> None:
        """Take the bar away, so that a line can be written."""
        if self._drawn:
            tell_now(_CLEAR)
            self._drawn = False
