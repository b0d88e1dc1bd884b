"""Imports what the next keys need, in a thread after the first screen is painted."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

# The last imports those before it: they are parts of about the same weight.
_MODULES: Final = (
    "pydantic",
    "wizard.contract.actions",
    "wizard.draft.draft",
    "screens.form.controls",
    "screens.form.steps_screen",
    "wizard.templates.library",
)

# Another thread writes to the terminal: it has the first screen this many seconds after it was
# drawn, if no import holds it up.
PAINT_SECONDS: Final = 0.02


def preload(is_over: Callable[[], bool] = lambda: False) -> bool:
    """Import the modules one by one, until `is_over`; return whether all are imported."""
    for module in _MODULES:
        if is_over():
            return False
        import_module(module)
    return True
