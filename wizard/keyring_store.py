"""Keeps the API key in the system's keyring, where the person wants that: an optional extra.

A keychain may be missing, be locked, or wait for a password that nobody types. Each call is made
in a thread of its own with a limit of time, and whatever goes wrong is one sentence.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wizard.errors import WizardError
from wizard.secret import SecretStr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


# The store's setting that remembers for which base URL a key was put into the keyring.
SETTING: Final = "key_in_keyring"

_SERVICE: Final = "qcall-wizard"
# A backend under this is one that keyring itself does not recommend: a plain file, or nothing.
_SAFE_PRIORITY: Final = 1
_INSTEAD: Final = "set QCALL_API_KEY, or type the key"

_T = TypeVar("_T")


class KeyTrouble(WizardError):
    """The system's keyring cannot be used now; the key can still be given otherwise."""


def stored_key(base_url: str, seconds: float = 3.0) -> SecretStr | None:
    """The key that was stored for a server, None where there is none; KeyTrouble."""
    return _in_time(lambda: _read(base_url), seconds)


def store_key(base_url: str, key: SecretStr, seconds: float = 15.0) -> None:
    """Store the key for a server; the keychain may ask for its password meanwhile; KeyTrouble."""
    _in_time(lambda: _write(base_url, key), seconds)


def forget_key(base_url: str, seconds: float = 15.0) -> None:
    """Take the key for a server out of the keyring, if it is there; KeyTrouble."""
    _in_time(lambda: _delete(base_url), seconds)


def keyring_name(seconds: float = 3.0) -> str:
    """The name of the keyring that a key would be stored in, which is asked nothing; KeyTrouble."""
    return _in_time(lambda: _safe().name, seconds)


async def aside(call: Callable[[], _T]) -> _T:
    """Await a call of these: it holds up neither the event loop nor the program's end; KeyTrouble.

    A thread of asyncio's own would be waited for when the program ends.
    """
    import asyncio  # noqa: PLC0415 - takes 61 ms, and only the screens have an event loop

    loop = asyncio.get_running_loop()
    awaited: asyncio.Future[_T] = loop.create_future()

    def settle(set_to: Callable[[Any], None], value: object) -> None:
        if not awaited.done():
            set_to(value)

    def work() -> None:
        try:
            came: tuple[Callable[[Any], None], object] = (awaited.set_result, call())
        except Exception as error:
            came = (awaited.set_exception, error)
        # The loop may have ended meanwhile, and nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, *came)

    threading.Thread(target=work, name="keyring-aside", daemon=True).start()
    return await awaited


def _read(base_url: str) -> SecretStr | None:
    found = SecretStr((_backend().get_password(_SERVICE, base_url) or "").strip())
    return found or None


def _write(base_url: str, key: SecretStr) -> None:
    _safe().set_password(_SERVICE, base_url, key.get_secret_value())


def _safe() -> KeyringBackend:
    """The keyring that a key may be put into."""
    safe = [each for each in _chain(_backend()) if each.priority >= _SAFE_PRIORITY]
    if not safe:
        raise KeyTrouble(
            "The keyring of this machine keeps secrets in a plain file, so the key was not stored: "
            f"{_INSTEAD} each time."
        )
    return safe[0]


def _delete(base_url: str) -> None:
    backend = _backend()
    if backend.get_password(_SERVICE, base_url) is not None:
        backend.delete_password(_SERVICE, base_url)


def _backend() -> KeyringBackend:
    """The keyring of this machine."""
    try:
        import keyring  # noqa: PLC0415 - optional, takes 97 ms, and may stop at a locked keychain
        from keyring.backends import fail, null  # noqa: PLC0415
    except ImportError:
        raise KeyTrouble(
            "The keyring needs a package that is not installed: pip install "
            f"'qcall-wizard[keyring]', or {_INSTEAD}."
        ) from None
    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring):
        raise KeyTrouble(f"This machine has no keyring that could be used: {_INSTEAD}.")
    return found


def _chain(backend: KeyringBackend) -> list[KeyringBackend]:
    """The backends that one stands for: keyring may try several, one after another."""
    return list(getattr(backend, "backends", ())) or [backend]


def _in_time(call: Callable[[], _T], seconds: float) -> _T:
    """What a call returns; KeyTrouble where it fails or takes too long."""
    returned: list[_T] = []
    told: list[str] = []

    def work() -> None:
        try:
            returned.append(call())
        except KeyTrouble as trouble:
            told.append(str(trouble))
        except Exception as error:
            # Neither the words nor the traceback of a backend: both may hold what it was given.
            told.append(_sentence(type(error)))

    # Nothing ends a thread that a keychain holds up; a daemon does not hold up the end.
    thread = threading.Thread(target=work, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if returned:
        return returned[0]
    silent = f"The system's keyring did not answer in {seconds:g} s: unlock it, or {_INSTEAD}."
    raise KeyTrouble(told[0] if told else silent)


def _sentence(kind: type[Exception]) -> str:
    if "KeyringLocked" in {base.__name__ for base in kind.__mro__}:
        return f"The system's keyring is locked: unlock it and start again, or {_INSTEAD}."
    return f"The system's keyring cannot be used ({kind.__name__}): {_INSTEAD}."
