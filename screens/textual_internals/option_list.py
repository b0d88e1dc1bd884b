"""Fixes two faults of Textual's list of options, which its palette uses too."""

from typing import Any

from textual import events
from textual.widgets import OptionList

_move_page = OptionList._move_page
_on_click = OptionList._on_click


def _move_page_of_rows(self: OptionList, direction: Any) -> None:
    """Textual fails with KeyError if there are no rows: before the layout, in a tiny terminal."""
    if self.scrollable_content_region:
        _move_page(self, direction)


async def _on_click_of_an_option(self: OptionList, event: events.Click) -> None:
    """Textual fails with IndexError if the clicked option was removed meanwhile."""
    clicked = event.style.meta.get("option")
    if clicked is None or clicked < self.option_count:
        await _on_click(self, event)


def fix_option_lists() -> None:
    """Replace the two methods. The palette makes its own list, so a subclass is not enough."""
    OptionList._move_page = _move_page_of_rows  # type: ignore[method-assign]
    OptionList._on_click = _on_click_of_an_option  # type: ignore[method-assign]
