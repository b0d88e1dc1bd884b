"""What the sandbox inside the program created, kept with the drafts until it is cleared."""

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wizard.contract.masking import has_secret, masked
from wizard.errors import StoreTrouble
from wizard.storage.session import Session

if TYPE_CHECKING:
    from wizard.sandbox.sandbox_app import MemoryStore


class SandboxStore:
    """A shelf in the session's store; in memory while nothing can be written there."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _memory(self) -> "MemoryStore":
        from wizard.sandbox.sandbox_app import MemoryStore  # noqa: PLC0415 - not for the first screen

        return MemoryStore()

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Keep an assistant, the key of its widget masked."""
        if has_secret(assistant):
            from wizard.storage import migrating  # noqa: PLC0415 - not for the first screen

            assistant, body = masked(assistant), migrating.masked(body)
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
