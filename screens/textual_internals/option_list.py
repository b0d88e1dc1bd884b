"""Faults of Textual's list of options, which its palette uses too."""

from typing import Any

from textual import events
from textual.widgets import OptionList

_move_page = OptionList._move_page
_on_click = OptionList._on_click


def _move_page_of_rows(self: OptionList, direction: Any) -> None:
    """Without rows, before the layout or in a tiny terminal, Textual fails with KeyError."""
    if self.scrollable_content_region:
        _move_page(self, direction)


async def _on_click_of_an_option(self: OptionList, event: events.Click) -> None:
    """If what was clicked is no longer listed, Textual fails with IndexError."""
    clicked = event.style.meta.get("option")
    if clicked is None or clicked < self.option_count:
        await _on_click(self, event)


def mend_option_lists() -> None:
    """Replace the two methods; the palette makes its list itself, so a subclass is not enough."""
    OptionList._move_page = _move_page_of_rows  # type: ignore[method-assign]
    OptionList._on_click = _on_click_of_an_option  # type: ignore[method-assign]
