"""What the sandbox inside the program created, kept with the drafts until it is cleared."""

from contextlib import suppress
from typing import Any

from wizard.errors import StoreTrouble
from wizard.sandbox import MemoryShelf
from wizard.session import Session


class KeptShelf:
    """A shelf in the session's store; in memory while nothing can be written there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._memory = MemoryShelf()

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Keep an assistant."""
        try:
            self._session.store.put(assistant, body)
        except StoreTrouble:
            self._memory.put(assistant, body)

    def all(self) -> list[dict[str, Any]]:
        """All assistants, the newest first."""
        kept: list[dict[str, Any]] = []
        with suppress(StoreTrouble):
            kept = self._session.store.all()
        return [*self._memory.all(), *kept]

    def clear(self) -> None:
        """Forget them all; StoreTrouble where those on the disk cannot be."""
        self._memory.clear()
        self._session.store.clear()
