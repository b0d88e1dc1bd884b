"""The model server of rehearsals: that of the environment, else the one that was entered."""

from functools import partial
from typing import Final

from wizard import keyring_store
from wizard.errors import BadTarget
from wizard.secret import SecretStr
from wizard.settings import ModelServer, model_server, read_model_server
from wizard.storage.session import Session
from wizard.storage.store import Store

URL: Final = "rehearsal_url"
MODEL: Final = "rehearsal_model"
# The setting with the URL of the server whose key is in the keyring.
KEY_STORED: Final = "rehearsal_key_in_keyring"


class ModelSettings:
    """Reads and stores the server. A key is in memory, and in the keyring on request."""

    def __init__(self, stored: Session | Store) -> None:
        self._stored = stored
        self._key: SecretStr | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether the environment names the server, which then cannot be changed here."""
        try:
            return read_model_server() is not None
        except BadTarget:
            return True

    async def read(self) -> ModelServer | None:
        """Return the server, None if there is none.

        Its key is that of the environment, or the one that was entered or stored. Raises BadTarget,
        StoreTrouble and KeyTrouble.
        """
        if server := read_model_server():
            return server
        url = self._stored.setting(URL)
        if not url:
            return None
        if self._key is None and self.stored_for == url:
            self._key = await keyring_store.in_thread(partial(keyring_store.stored_key, url))
        return model_server(url, self._stored.setting(MODEL) or "", self._key)

    def use(self, server: ModelServer) -> None:
        """Use a server from now on, and in later runs without its key; raises StoreTrouble."""
        self._key = server.key
        self._stored.remember(URL, server.base_url)
        self._stored.remember(MODEL, server.model)

    @property
    def stored_for(self) -> str:
        """The URL whose key is in the keyring, empty if none is; raises StoreTrouble."""
        return self._stored.setting(KEY_STORED) or ""

    async def store_key(self, server: ModelServer) -> None:
        """Store the key of a server in the keyring; raises KeyTrouble and StoreTrouble."""
        if server.key is not None:
            store = partial(keyring_store.store_key, server.base_url, server.key)
            await keyring_store.in_thread(store)
            self._stored.remember(KEY_STORED, server.base_url)

    async def forget_key(self) -> None:
        """Delete the key from the keyring; raises KeyTrouble and StoreTrouble."""
        url = self.stored_for
        await keyring_store.in_thread(partial(keyring_store.forget_key, url))
        self._stored.remember(KEY_STORED, "")
