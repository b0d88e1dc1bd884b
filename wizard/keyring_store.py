"""Stores the API key in the system's keyring, an optional extra.

A keyring may be missing, locked or waiting for its password, so each call runs in a thread with a
time limit and raises KeyTrouble.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.errors import StoreTrouble, WizardError
from wizard.secret import SecretStr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from wizard.settings import Settings
    from wizard.storage.session import Session


# The setting with the base URL whose key is in the keyring.
SETTING: Final = "key_in_keyring"

_SERVICE: Final = "qcall-wizard"
# keyring does not recommend backends below this priority: a plain file, or none.
_SAFE_PRIORITY: Final = 1
_INSTEAD: Final = "set QCALL_API_KEY, or enter the key"

_T = TypeVar("_T")


class KeyTrouble(WizardError):
    """The system's keyring cannot be used."""


def stored_key(base_url: str, seconds: float = 3.0) -> SecretStr | None:
    """Return the stored key for a base URL, or None; raises KeyTrouble."""
    return _in_time(lambda: _read(base_url), seconds)


def with_stored_key(settings: Settings, session: Session) -> tuple[Settings, str]:
    """Return the settings with the key from the keyring, and a warning if the keyring fails.

    If the environment has a key, the keyring is not read.
    """
    url = settings.keyless_url
    try:
        if url is None or session.setting(SETTING) != url:
            return settings, ""
        key = stored_key(url)
    except StoreTrouble:
        return settings, ""  # the session reports it
    except KeyTrouble as trouble:
        return settings.with_key(None), str(trouble)
    return (settings.with_key(key) if key else settings), ""


def store_key(base_url: str, key: SecretStr, seconds: float = 15.0) -> None:
    """Store the key for a base URL; the keyring may ask for its password; raises KeyTrouble."""
    _in_time(lambda: _safe().set_password(_SERVICE, base_url, key.get_secret_value()), seconds)


def forget_key(base_url: str, seconds: float = 15.0) -> None:
    """Delete the key for a base URL from the keyring; raises KeyTrouble."""
    _in_time(lambda: _delete(base_url), seconds)


def keyring_name() -> str:
    """Return the name of the keyring that would store a key; raises KeyTrouble."""
    return _in_time(lambda: _safe().name, 3.0)


async def in_thread(call: Callable[[], _T]) -> _T:
    """Await one of these functions without blocking the event loop; raises KeyTrouble.

    The program waits for the threads of `asyncio.to_thread` at its end, but not for this one.
    """
    import asyncio  # noqa: PLC0415 - takes 61 ms, and only the screens have an event loop

    return await asyncio.wrap_future(_started(call))


def _read(base_url: str) -> SecretStr | None:
    found = SecretStr((_backend().get_password(_SERVICE, base_url) or "").strip())
    return found or None


def _safe() -> KeyringBackend:
    """Return the keyring that may store a key."""
    backend = _backend()
    # A chain has several backends.
    backends = getattr(backend, "backends", ()) or [backend]
    safe = [each for each in backends if each.priority >= _SAFE_PRIORITY]
    if not safe:
        raise KeyTrouble(
            "The keyring of this machine stores secrets in a plain file, so the key was not "
            f"stored: {_INSTEAD} each time."
        )
    found: KeyringBackend = safe[0]
    return found


def _delete(base_url: str) -> None:
    backend = _backend()
    if backend.get_password(_SERVICE, base_url) is not None:
        backend.delete_password(_SERVICE, base_url)


def _backend() -> KeyringBackend:
    """Return the keyring of this machine."""
    try:
        import keyring  # noqa: PLC0415 - optional, takes 97 ms, may block
        from keyring.backends import fail, null  # noqa: PLC0415
    except ImportError:
        raise KeyTrouble(
            "The keyring needs a package that is not installed: pip install "
            f"'qcall-wizard[keyring]', or {_INSTEAD}."
        ) from None
    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring):
        raise KeyTrouble(f"This machine has no usable keyring: {_INSTEAD}.")
    return found


def _in_time(call: Callable[[], _T], seconds: float) -> _T:
    """Return the result of a call; raises KeyTrouble if it fails or takes too long."""
    try:
        return _started(call).result(seconds)
    except TimeoutError:
        message = f"The system's keyring did not answer in {seconds:g} s: unlock it, or {_INSTEAD}."
    except KeyTrouble:
        raise
    except Exception as error:
        # The message and the traceback of a backend may contain the key.
        message = _sentence(type(error))
    raise KeyTrouble(message)


def _started(call: Callable[[], _T]) -> Future[_T]:
    """Run a call in a thread. A blocked one cannot be ended, but a daemon delays no exit."""
    future: Future[_T] = Future()

    def work() -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=work, name="keyring", daemon=True).start()
    return future


def _sentence(kind: type[Exception]) -> str:
    if "KeyringLocked" in {base.__name__ for base in kind.__mro__}:
        return f"The system's keyring is locked: unlock it and start again, or {_INSTEAD}."
    return f"The system's keyring cannot be used ({kind.__name__}): {_INSTEAD}."
