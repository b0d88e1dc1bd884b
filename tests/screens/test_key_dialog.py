"""The dialog of the key: kept in memory, stored and forgotten on request, and never in the way."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail
from keyring.errors import KeyringLocked
from textual.widgets import Input, Static

from screens.dialogs.api_key import KeyChoice, KeyScreen
from tests.keyrings import CANARY, Failing, MemoryKeyring, Silent, use
from tests.person import (
    Person,
    button,
    click,
    in_sight,
    opened,
    press,
    row,
    screen_text,
    text_of,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    walk_to,
)
from tests.terminal import Terminal
from wizard.keyring_store import SETTING
from wizard.secret import SecretStr
from wizard.settings import API, SANDBOX
from wizard.storage.store import open_store


@pytest.fixture(autouse=True)
def keyring_in_use() -> Iterator[None]:
    """Keep the machine's own keyring out, and the keyrings of one test out of the next."""
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(fail.Keyring())


async def give(pilot: Person, way: str) -> None:
    """Type the key into the dialog and press one of its buttons."""
    pilot.app.action_key()
    await wait_for_screen(pilot, KeyScreen)
    await type_text(pilot, CANARY)
    assert CANARY not in screen_text(pilot.app)
    await walk_to(pilot, button(pilot.app, way))
    await press(pilot, "enter")
    await wait_for(pilot, lambda: not isinstance(pilot.app.screen, KeyScreen))


async def test_a_key_is_used_and_stored_nowhere_unasked() -> None:
    kept = use(MemoryKeyring())
    async with opened() as pilot:
        app = pilot.app
        await give(pilot, "use")
        assert app.settings.key.get_secret_value() == CANARY
        assert app.target.base_url == API
        assert app.session.setting(SETTING) is None
    assert kept.kept == {}


async def test_a_key_is_stored_on_request_and_forgotten_again() -> None:
    kept = use(MemoryKeyring())
    async with opened() as pilot:
        app = pilot.app
        await give(pilot, "store")
        await wait_for(pilot, lambda: "The key is stored in the system keyring" in toasts(app))
        assert kept.kept == {("qcall-wizard", API): CANARY}
        assert app.session.setting(SETTING) == API
        assert app.target.base_url == API
        app.action_key()
        await wait_for_screen(pilot, KeyScreen)
        await click(pilot, button(app, "forget"))
        await wait_for(pilot, lambda: "was deleted from the system keyring" in toasts(app))
        assert kept.kept == {}
        assert app.session.setting(SETTING) == ""
        assert app.settings.key.get_secret_value() == CANARY
        app.action_key()
        await wait_for_screen(pilot, KeyScreen)
        assert not app.screen.query("#forget")


async def test_a_locked_keyring_is_reported_and_the_key_used() -> None:
    use(Failing(KeyringLocked))
    async with opened() as pilot:
        app = pilot.app
        await give(pilot, "store")
        await wait_for(pilot, lambda: "keyring is locked" in toasts(app))
        assert "The key is kept in memory only" in toasts(app)
        assert app.target.base_url == API
        assert app.session.setting(SETTING) is None


async def test_a_slow_keyring_does_not_block_typing() -> None:
    silent = use(Silent())
    async with opened() as pilot:
        app = pilot.app
        await give(pilot, "store")
        await wait_for(pilot, lambda: app.focused is not None)
        await walk_to(pilot, row(app, "name").control)
        await type_text(pilot, "Asha")
        assert text_of(app, "name") == "Asha"
        assert "keyring" not in toasts(app)
        silent.answered.set()
        await wait_for(pilot, lambda: "The key is stored in the system keyring" in toasts(app))


async def test_in_the_sandbox_that_was_asked_for_a_key_changes_nothing() -> None:
    async with opened(held=True) as pilot:
        app = pilot.app
        app.action_key()
        await wait_for_screen(pilot, KeyScreen)
        about = str(app.screen.query_one(".about", Static).render())
        assert "started with --sandbox, where a key changes nothing" in about
        assert not app.screen.query(Input)
        await press(pilot, "enter")
        await wait_for(pilot, lambda: not isinstance(app.screen, KeyScreen))
        assert app.target.base_url == SANDBOX


async def test_without_a_key_the_dialog_stays() -> None:
    async with opened(size=(40, 12)) as pilot:
        app = pilot.app
        app.action_key()
        await wait_for_screen(pilot, KeyScreen)
        for name in ("use", "store", "close"):
            await walk_to(pilot, button(app, name))
            await wait_for(pilot, lambda name=name: in_sight(app, button(app, name)), what=name)
        await walk_to(pilot, button(app, "store"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: "Type or paste the key first" in toasts(app))
        assert isinstance(app.screen, KeyScreen)
        await press(pilot, "escape")
        await wait_for(pilot, lambda: not isinstance(app.screen, KeyScreen))
        assert app.target.base_url == SANDBOX


async def test_notices_from_before_the_screens_are_shown() -> None:
    async with opened(notices=["The keyring [b]is locked.\x1b[2J"]) as pilot:
        await wait_for(pilot, lambda: "The keyring [b]is locked." in toasts(pilot.app))
        assert "\x1b" not in toasts(pilot.app)


BACKEND = """
import time
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
class Stuck(KeyringBackend):
    priority = 5
    def get_password(self, service, username):
        raise KeyringLocked
    def set_password(self, service, username, password):
        time.sleep(600)
    delete_password = None
"""


def test_a_locked_keyring_is_reported_and_does_not_delay_quitting(
    tmp_path: Path,
) -> None:
    (tmp_path / "stuck_keyring.py").write_text(BACKEND)
    environment = {"PYTHON_KEYRING_BACKEND": "stuck_keyring.Stuck", "PYTHONPATH": str(tmp_path)}
    home, url = tmp_path / "home", "http://127.0.0.1:9/api/v1"
    store = open_store(home).store
    store.remember(SETTING, url)
    store.close()
    payload = str(Path(__file__).parents[1] / "payloads" / "outbound.json")
    arguments = ("--base-url", url, "--from", payload)
    with Terminal(*arguments, home=home, environment=environment) as terminal:
        terminal.wait_for("keyring is locked")
        terminal.press("ctrl+p").type("api key").wait_for("API key").press("enter")
        terminal.wait_for("Use and store").type(CANARY).press("tab", "tab", "enter")
        terminal.wait_gone("Use and store").press("ctrl+q")
        assert terminal.wait_exit(10) == 0, terminal.text
    assert CANARY.encode() not in terminal.raw


async def test_enter_uses_the_key_without_storing_it() -> None:
    choices: list[KeyChoice | None] = []
    async with opened() as pilot:
        app = pilot.app
        app.push_screen(KeyScreen(app.settings, stored=False), choices.append)
        await wait_for_screen(pilot, KeyScreen)
        await type_text(pilot, f" {CANARY} ")
        await press(pilot, "enter")
        await wait_for(pilot, lambda: choices)
    assert choices == [KeyChoice(SecretStr(CANARY))]
