"""Keeps the rest of a row in place after texts whose width terminals disagree on.

A terminal may draw a text in Devanagari, Tamil or Arabic, or an emoji of several parts, wider or
narrower than it was counted here, and everything after it on the row moves. Such a text is drawn
between a saved cursor position and a jump to its counted end. If the locale is not UTF-8, all signs
are written in ASCII. What the terminal shows already is not written again.
"""

import re
from collections.abc import Callable

from rich.cells import cell_len
from textual.driver import Driver

from screens.terminal.ascii_fallback import as_ascii
from screens.terminal.cell_diff import CellDiff
from screens.textual_internals.faults import driver_with_faults

# Combining marks; Hebrew to Myanmar, with letters that join, turn or stack; joiners and direction
# marks; presentation forms of Arabic; emoji, and their modifiers.
_DISPUTED = (
    "[\u0300-\u036f\u0590-\u109f\u1780-\u17ff\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\ufb1d-\ufdff\ufe00-\ufe0f\ufe70-\ufeff\U0001f1e6-\U0001faff]"
)
_HAS_DISPUTED = re.compile(_DISPUTED)
# A run of text between two control sequences.
_RUN = r"[^\x00-\x1f\x7f]+"
# A control sequence.
_SEQUENCE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|.)"

# Save the position of the cursor, and restore it. Textual has the terminal cut long rows.
_SAVE, _RESTORE = "\x1b7", "\x1b8"


def with_positions(data: str) -> str:
    """Return the output with the position of each text of disputed width restored after it.

    The cells are cleared first: a terminal that draws the text narrower leaves some of them.
    """
    if data.isascii() or not _HAS_DISPUTED.search(data):
        return data
    parts, at = [], 0
    for sequence in re.finditer(_SEQUENCE, data):
        parts += [re.sub(_RUN, _restored, data[at : sequence.start()]), sequence[0]]
        at = sequence.end()
    return "".join([*parts, re.sub(_RUN, _restored, data[at:])])


def _restored(run: re.Match[str]) -> str:
    text = run[0]
    width = cell_len(text) if _HAS_DISPUTED.search(text) else 0
    if not width:
        return text
    # Saved twice: some terminals forget the position when they restore it.
    return f"{_SAVE}{' ' * width}{_RESTORE}{_SAVE}{text}{_RESTORE}\x1b[{width}C"


def new_cells() -> CellDiff:
    """Return the cells of a terminal that shows nothing yet."""
    return CellDiff(_HAS_DISPUTED.search)


def steady(driver: type[Driver], cells: CellDiff, *, ascii_only: bool) -> type[Driver]:
    """Return a subclass of a driver that writes what changes in `cells`, and corrects it."""
    change: Callable[[str], str] = as_ascii if ascii_only else with_positions

    class Steady(driver_with_faults(driver)):  # type: ignore[misc]
        """Writes what the terminal does not show yet."""

        def write(self, data: str) -> None:
            """Write to the terminal; see `Driver.write`."""
            if changed := cells.changes(data):
                super().write(change(changed))

    return Steady
