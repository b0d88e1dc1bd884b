"""Asks for an API key: to use now, to store in the system keyring, or to delete from there."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from screens.dialogs.api_key import KeyScreen
from wizard import keyring_store
from wizard.errors import WizardError

if TYPE_CHECKING:
    from screens.flows.flow_app import FlowApp
    from wizard.secret import SecretStr


async def change_key(app: FlowApp) -> None:
    """Ask for a key, and use it."""
    stored_for = _stored_for(app)
    choice = await app.push_screen_wait(KeyScreen(app.settings, stored=bool(stored_for)))
    if choice is None:
        return
    if choice.forget:
        app.run_beside(_forget, stored_for)
    url = app.settings.key_url
    if choice.key is None or url is None:
        return
    if choice.store:
        # Not awaited: a keyring may ask the person something first.
        app.run_beside(_store, url, choice.key)
    _use_key(app, choice.key)


def _use_key(app: FlowApp, key: SecretStr) -> None:
    """Work on the API with a key."""
    app.use_settings(app.settings.with_key(key))
    app.action_back_to_steps()
    if app.has_steps:
        app.work_on(app.draft)
    else:
        app.switch_screen(app.welcome_screen(is_lowest=True))
    app.report_unanswered()


def _stored_for(app: FlowApp) -> str:
    """Return the base URL whose key is in the keyring, empty if none is."""
    with suppress(WizardError):
        return app.session.setting(keyring_store.SETTING) or ""
    return ""


async def _store(app: FlowApp, url: str, key: SecretStr) -> None:
    try:
        await keyring_store.in_thread(partial(keyring_store.store_key, url, key))
        app.session.remember(keyring_store.SETTING, url)
    except WizardError as error:
        app.warn(f"{error}", "The key is kept in memory only")
    else:
        app.notify("The key is stored in the system keyring.")


async def _forget(app: FlowApp, url: str) -> None:
    """Delete the key from the keyring; the wizard goes on with the key that it uses."""
    try:
        await keyring_store.in_thread(partial(keyring_store.forget_key, url))
        app.session.remember(keyring_store.SETTING, "")
    except WizardError as error:
        app.warn(f"{error}", "The key is still stored")
    else:
        app.notify("The key was deleted from the system keyring.")
