"""Stores the assistants of the built-in sandbox, in memory or beside the drafts."""

from contextlib import suppress
from typing import Any

from wizard.contract.masking import has_secret, masked
from wizard.errors import StoreTrouble
from wizard.storage import migrated_values
from wizard.storage.session import Session


class MemoryStore:
    """Stores the assistants in memory."""

    def __init__(self) -> None:
        self._stored: list[tuple[dict[str, Any], bytes]] = []

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Store an assistant and the exact body of its request."""
        self._stored.insert(0, (assistant, body))

    def replace(self, assistant_id: str, assistant: dict[str, Any], body: bytes) -> bool:
        """Replace the assistant with an id. Returns whether there is one."""
        for place, (stored, _) in enumerate(self._stored):
            if has_id(stored, assistant_id):
                self._stored[place] = assistant, body
                return True
        return False

    def find(self, assistant_id: str) -> dict[str, Any] | None:
        """Return the assistant with an id, the newest one first."""
        return next((each for each in self.all() if has_id(each, assistant_id)), None)

    def all(self) -> list[dict[str, Any]]:
        """Return the assistants, newest first."""
        return [assistant for assistant, _ in self._stored]

    def bodies(self) -> list[bytes]:
        """Return the exact bodies of the requests, newest first."""
        return [body for _, body in self._stored]

    def clear(self) -> None:
        """Delete all assistants."""
        self._stored.clear()


def has_id(assistant: dict[str, Any], assistant_id: str) -> bool:
    """Whether an assistant has an id, in one of its two members."""
    values = (assistant.get(name) for name in ("hash_id", "id"))
    return assistant_id in (str(value) for value in values if isinstance(value, str | int))


class SandboxStore(MemoryStore):
    """Stores assistants in the session's database, or in memory if it cannot be written."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Store an assistant, with its widget's key masked."""
        if has_secret(assistant):
            assistant, body = masked(assistant), migrated_values.masked(body)
        try:
            self._session.store.put_sandbox_assistant(assistant, body)
        except StoreTrouble:
            super().put(assistant, body)

    def replace(self, assistant_id: str, assistant: dict[str, Any], body: bytes) -> bool:
        """Replace an assistant, with its widget's key masked."""
        if has_secret(assistant):
            assistant, body = masked(assistant), migrated_values.masked(body)
        if super().replace(assistant_id, assistant, body):
            return True
        with suppress(StoreTrouble):
            return self._session.store.replace_sandbox_assistant(
                lambda stored: has_id(stored, assistant_id), assistant, body
            )
        return False

    def all(self) -> list[dict[str, Any]]:
        """Return all assistants, newest first."""
        stored: list[dict[str, Any]] = []
        with suppress(StoreTrouble):
            stored = self._session.store.sandbox_assistants()
        return [*super().all(), *stored]

    def clear(self) -> None:
        """Delete all assistants. Raises StoreTrouble if those on disk cannot be deleted."""
        super().clear()
        self._session.store.clear_sandbox_assistants()
