"""Stores the assistants of the built-in sandbox beside the drafts."""

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wizard.contract.masking import has_secret, masked
from wizard.errors import StoreTrouble
from wizard.storage.session import Session

if TYPE_CHECKING:
    from wizard.sandbox.sandbox_app import MemoryStore


class SandboxStore:
    """Stores assistants in the session's database, or in memory if it cannot be written."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _memory(self) -> "MemoryStore":
        from wizard.sandbox.sandbox_app import MemoryStore  # noqa: PLC0415 - slow to load

        return MemoryStore()

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Store an assistant, with its widget's key masked."""
        if has_secret(assistant):
            from wizard.storage import migrated_values  # noqa: PLC0415 - not for the first screen

            assistant, body = masked(assistant), migrated_values.masked(body)
        try:
            self._session.store.put(assistant, body)
        except StoreTrouble:
            self._memory.put(assistant, body)

    def all(self) -> list[dict[str, Any]]:
        """Return all assistants, newest first."""
        stored: list[dict[str, Any]] = []
        with suppress(StoreTrouble):
            stored = self._session.store.all()
        return [*self._memory.all(), *stored]

    def clear(self) -> None:
        """Delete all assistants. Raises StoreTrouble if those on disk cannot be deleted."""
        self._memory.clear()
        self._session.store.clear()
