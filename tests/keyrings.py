"""Keyrings for tests: one that works, and broken ones."""

import threading
from typing import Any

import keyring
from keyring.backend import KeyringBackend

CANARY = "qk_live_CANARY_7f3a9c"


class MemoryKeyring(KeyringBackend):
    """A keyring in memory."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlainFile(MemoryKeyring):
    """A keyring that keyring does not recommend."""

    priority = 0.5


class Failing(MemoryKeyring):
    """A keyring that fails with an error that repeats the key."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self._error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self._error(f"{CANARY} in {service}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self._error(password)


class Silent(MemoryKeyring):
    """A keychain with a dialog that stays unanswered."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answered.wait(30)
        return CANARY

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answered.wait(30)


class Several(MemoryKeyring):
    """A keyring that chains other keyrings."""

    priority = 10.0

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = list(backends)


def use(backend: KeyringBackend) -> Any:
    keyring.set_keyring(backend)
    return backend
