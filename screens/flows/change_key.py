"""Asks for an API key: to use now, to store in the system keyring, or to delete from there."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

from screens.dialogs.api_key import KeyScreen
from screens.flows.flow_app import FlowApp
from screens.flows.unanswered import report_unanswered
from wizard import keyring_store
from wizard.errors import WizardError
from wizard.secret import SecretStr

# What is reported of a change of the keyring: that it worked, or what is the case then.
STORED: Final = ("The key is stored in the system keyring.", "The key is kept in memory only")
DELETED: Final = ("The key was deleted from the system keyring.", "The key is still stored")


async def change_key(app: FlowApp) -> None:
    """Ask for a key, and use it."""
    stored_for = _stored_for(app)
    choice = await app.push_screen_wait(KeyScreen(app.settings, stored=bool(stored_for)))
    if choice is None:
        return
    if choice.forget:
        app.run_beside(change_keyring, partial(_forget, app, stored_for), *DELETED)
    url = app.settings.key_url
    if choice.key is None or url is None:
        return
    if choice.store:
        # Not awaited: a keyring may ask the person something first.
        app.run_beside(change_keyring, partial(_store, app, url, choice.key), *STORED)
    _use_key(app, choice.key)


def _use_key(app: FlowApp, key: SecretStr) -> None:
    """Work on the API with a key."""
    app.use_settings(app.settings.with_key(key))
    app.action_back_to_steps()
    if app.has_steps:
        app.work_on(app.draft)
    else:
        app.switch_screen(app.welcome_screen(is_lowest=True))
    report_unanswered(app)


def _stored_for(app: FlowApp) -> str:
    """Return the base URL whose key is in the keyring, empty if none is."""
    with suppress(WizardError):
        return app.session.setting(keyring_store.SETTING) or ""
    return ""


async def _store(app: FlowApp, url: str, key: SecretStr) -> None:
    await keyring_store.in_thread(partial(keyring_store.store_key, url, key))
    app.session.remember(keyring_store.SETTING, url)


async def _forget(app: FlowApp, url: str) -> None:
    """Delete the key from the keyring; the wizard goes on with the key that it uses."""
    await keyring_store.in_thread(partial(keyring_store.forget_key, url))
    app.session.remember(keyring_store.SETTING, "")


async def change_keyring(
    app: FlowApp, change: Callable[[], Awaitable[None]], done: str, failed: str
) -> None:
    """Change the keyring, and report whether it worked: `done` or `failed` in words."""
    try:
        await change()
    except WizardError as error:
        app.warn(f"{error}", failed)
    else:
        app.notify(done)
