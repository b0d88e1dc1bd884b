"""The assistants of the account, read once and kept as options."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from screens.pages.assistant_options import assistant_options
from wizard.errors import AssistantsUnavailable

if TYPE_CHECKING:
    from screens.pages.start_option import StartOption
    from wizard.api.records import Listing


class AssistantCache:
    """The assistants of the target, read once. `place` says where they are.

    `read` returns them, or raises AssistantsUnavailable. `trouble` is a sentence on what could not
    be read last. `clock` is the clock of the drafts, which ages refer to.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Listing]],
        place: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.place = place
        self.clock = clock
        self.trouble = ""
        self._read = read
        self._options: list[StartOption] | None = None

    def forget(self) -> None:
        """Have the list read again when it is needed next."""
        self._options = None

    async def options(self) -> list[StartOption]:
        """The options, one for each assistant in the order of the list."""
        if self._options is not None:
            return self._options
        try:
            listing = await self._read()
        except AssistantsUnavailable as trouble:
            self.trouble = str(trouble)
            return []
        self.trouble = listing.unread_words
        # Making 10,000 options takes a while.
        self._options = made = await to_thread(assistant_options, listing, self.clock())
        return made
