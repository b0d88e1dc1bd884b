"""Keyrings for tests: one that works, and those that a machine may have instead."""

import threading
from typing import Any

import keyring
from keyring.backend import KeyringBackend

CANARY = "qk_live_CANARY_7f3a9c"


class Kept(KeyringBackend):
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


class PlainFile(Kept):
    """A keyring that keyring does not recommend."""

    priority = 0.5


class Failing(Kept):
    """A keyring that fails, and repeats the key where it does."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self._error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self._error(f"{CANARY} in {service}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self._error(password)


class Silent(Kept):
    """A keychain with a dialog that nobody answers."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answered.wait(30)
        return CANARY

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answered.wait(30)


class Several(Kept):
    """A keyring that stands for others."""

    priority = 10.0

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = list(backends)


def use(backend: KeyringBackend) -> Any:
    keyring.set_keyring(backend)
    return backend
