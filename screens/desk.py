"""The desk that drafts are worked on at: what the app uses of it without importing it itself.

The first screen is painted before any of it is there. A thread then imports part by part what the
next key may need; what is used earlier is imported at that moment, and what few people use in an
hour always is. One thread imports at a time: two that meet in the middle of a package would give
each other half of it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from screens.furniture import *  # noqa: F403
    from screens.spares import *  # noqa: F403

# What is used stands in the last; those before are parts of it, of about the same weight.
_PARTS: Final = (
    "pydantic_core",
    "wizard.actions",
    "wizard.draft",
    "screens.controls",
    "screens.steps",
    "screens.furniture",
)


# Where that stands which is used now and then. Imported with its first use: 6 ms at most for each.
# The type checker has the same from `screens.spares`.
_LATER: Final = {
    "AskLine": "screens.ask_line",
    "CompareScreen": "screens.compare",
    "ConfirmScreen": "screens.preview",
    "Created": "wizard.outcomes",
    "DoneScreen": "screens.done",
    "EditorScreen": "screens.editor",
    "KeyScreen": "screens.key",
    "PreviewScreen": "screens.preview",
    "ReceiptScreen": "screens.done",
    "ReportScreen": "screens.report",
    "SendingScreen": "screens.done",
    "Submission": "wizard.submission",
    "as_draft": "wizard.receipts",
    "attempts": "wizard.attempts",
    "exports": "wizard.exports",
    "imports": "wizard.imports",
    "key_end": "wizard.receipts",
    "looked_over": "screens.preview",
    "mark_of": "screens.done",
    "moment": "wizard.outcomes",
    "name_for": "wizard.templates.own",
    "next_steps": "wizard.next_steps",
    "save_as_template": "wizard.templates.own",
}


# So long after the first screen was drawn, in seconds, the terminal has it: another thread writes
# it, and would have to wait where others are at work by then.
PAINT_SECONDS: Final = 0.02

_ALONE: Final = RLock()


def furnish(is_over: Callable[[], bool] = lambda: False) -> bool:
    """Import all of it, unless it is over meanwhile; whether all is there."""
    for part in _PARTS:
        if is_over():
            return False
        with _ALONE:
            import_module(part)
    return True


def __getattr__(name: str) -> Any:
    """What is used of it."""
    if name.startswith("_"):
        raise AttributeError(name)
    with _ALONE:
        module = import_module(_LATER.get(name, _PARTS[-1]))
        # A module is used as a whole, where it has nothing of its own name.
        return getattr(module, name, module) if name in _LATER else getattr(module, name)
