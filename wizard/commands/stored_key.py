"""The key that was stored in the system's keyring."""

from typing import TYPE_CHECKING

from wizard import keyring_store
from wizard.errors import StoreTrouble

if TYPE_CHECKING:
    from wizard.settings import Settings
    from wizard.storage.session import Session


def with_stored_key(settings: "Settings", session: "Session") -> "tuple[Settings, str]":
    """Return the settings with the key from the keyring, and a warning if the keyring fails.

    If the environment has a key, the keyring is not read.
    """
    url = settings.keyless_url
    try:
        if url is None or session.setting(keyring_store.SETTING) != url:
            return settings, ""
        key = keyring_store.stored_key(url)
    except StoreTrouble:
        return settings, ""  # the session reports it
    except keyring_store.KeyTrouble as trouble:
        return settings.with_key(None), str(trouble)
    return (settings.with_key(key) if key else settings), ""
