"""PageUp and PageDown in lists of options that have no rows yet, or none in a tiny terminal.

Textual looks for the row of the cursor there, and fails with KeyError.
"""

from textual.command import CommandList, CommandPalette
from textual.widgets import OptionList


class PagedOptionList(OptionList):
    """A list of options that stays as it is if a page is turned before it has rows."""

    def action_page_up(self) -> None:
        """Move the cursor up by a page."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the cursor down by a page."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class PagedPalette(CommandPalette):
    """A palette whose list stays as it is if a page is turned before it has rows."""

    def _action_command_list(self, action: str) -> None:
        listed = self.query_one(CommandList)
        if listed.scrollable_content_region or not action.startswith("page"):
            super()._action_command_list(action)
