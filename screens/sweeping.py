"""When the garbage collector works: never while a key waits for what it does to be shown.

Looking through all objects takes a tenth of a second once every step was seen, which Python would
do at any moment. So it is done when the person pauses, and without what is set apart: what was
imported, and whatever is there when it is much again. That is looked through only when nobody has
touched a key for so long that none is due.
"""

import gc
from typing import Final

from textual._styles_cache import StylesCache

# Python looks through all objects by itself only after so many smaller collections: where somebody
# types for minutes without a pause.
_LAST_RESORT: Final = 100
# Where so many objects are left, they are set apart: it takes 8 ms to look through them. Not where
# there are fewer: what is drawn, and much that is in use for a while, would be garbage that nobody
# looks at.
_MANY: Final = 15_000

_is_begun = False
_is_owed = False
_is_littered = False


def set_apart() -> None:
    """Have what was imported by now looked through no more; for when the app begins to run."""
    if not gc.isenabled():
        gc.freeze()


def tidy() -> None:
    """Take away what making the first screen left behind, so that the rest is made in its place.

    For when the screen was just drawn: it takes 15 ms, as what was imported is set apart.
    """
    if not gc.isenabled():
        gc.collect()


def begin() -> None:
    """Let the collector work that the start held back, on what comes from now on.

    What is there by now stays to the end: looking through it would hold up keys, and the end.
    """
    global _is_begun  # noqa: PLW0603 - the collector is the process's, and so is this
    if not gc.isenabled():
        small, middle, _ = gc.get_threshold()
        gc.set_threshold(small, middle, _LAST_RESORT)
        gc.freeze()
        gc.enable()
        _is_begun = True


def litter() -> None:
    """Take note that a screen closed: what it was made of is garbage now."""
    global _is_littered  # noqa: PLW0603 - see above
    _is_littered = True


def clear() -> None:
    """Take away what closed screens left; for when the person pauses at what opened meanwhile."""
    if _is_littered:
        _collect()


def _collect() -> None:
    global _is_littered  # noqa: PLW0603 - see above
    _is_littered = False
    # The start holds the collector back until `begin`.
    if _is_begun:
        # Textual remembers colours by the drawn lines of a widget, and holds those of a thousand.
        StylesCache.get_inner_outer.cache_clear()
        gc.collect()


def sweep() -> None:
    """Take garbage away, and set apart what is left where that is much.

    For when the person pauses at what stays: a screen that is open for a moment is garbage soon.
    """
    global _is_owed  # noqa: PLW0603 - see above
    _collect()
    if _is_begun and len(gc.get_objects()) > _MANY:
        gc.freeze()
        _is_owed = True


def rest() -> None:
    """Look through what was set apart, too; for when the person is away."""
    global _is_owed  # noqa: PLW0603 - see above
    if _is_owed:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _is_owed = False
