"""What takes several screens, each flow in a function that reads from top to bottom.

A flow is imported when it is first used: the first screen is painted without it.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens.flows import (
        assistants,
        change_key,
        export,
        external_editor,
        fill_blanks,
        hear,
        left_texts,
        open_file,
        receipts,
        rehearse,
        start,
        submit,
        update,
        versions,
    )

__all__ = [
    "assistants",
    "change_key",
    "export",
    "external_editor",
    "fill_blanks",
    "hear",
    "left_texts",
    "open_file",
    "receipts",
    "rehearse",
    "start",
    "submit",
    "update",
    "versions",
]


def __getattr__(name: str) -> ModuleType:
    """Import a flow."""
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"screens.flows.{name}")
