"""If nothing can be saved, the wizard continues, shows it on every screen, and offers help."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.payload.preview import PreviewScreen
from tests.disks import damaged
from tests.person import (
    answer,
    opened,
    paste,
    text_of,
    toasts,
    wait_for,
    wait_for_screen,
)
from tests.terminal import Terminal
from wizard.draft.draft import Draft
from wizard.errors import StoreTrouble
from wizard.sandbox.sandbox_store import SandboxStore
from wizard.storage.database import COPY_NAME
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import open_store


async def test_trouble_is_shown_on_every_screen_until_it_ends() -> None:
    async with opened(Draft({"name": "Asha"})) as pilot:
        app = pilot.app
        message = "The disk is full."

        def banner() -> Static:
            return app.screen.query_one("#trouble", Static)

        assert not banner().display
        app.trouble = message
        await wait_for(pilot, lambda: banner().display)
        await pilot.press("f9")
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        assert banner().display
        assert message in str(banner().render())
        app.trouble = ""
        await wait_for(pilot, lambda: not banner().display)


async def test_damage_found_while_running_is_reported(tmp_path: Path) -> None:
    async with opened(home=tmp_path) as pilot:
        app = pilot.app
        await answer(pilot, name="Asha")
        assert app.session.flush()
        await wait_for(pilot, (tmp_path / COPY_NAME).exists)
        damaged(app.session, tmp_path)
        await answer(pilot, company_name="Acme")
        await wait_for(pilot, lambda: "The file of drafts was damaged" in toasts(app))
        assert "is open: 1 draft, 0 receipts" in toasts(app)
        assert text_of(app, "company_name") == "Acme"
        assert app.session.flush()
    assert len(list(tmp_path.glob("wizard.damaged-*.sqlite3"))) == 1
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (row,) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(row[0]) == {"name": "Asha", "company_name": "Acme"}


async def test_the_sandbox_is_cleared_on_the_disk_and_in_memory(tmp_path: Path) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    store = SandboxStore(session)
    store.put({"id": "on the disk"}, b"{}")
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.put({"id": "in memory"}, b"{}")
        with pytest.raises(StoreTrouble, match="another program is writing"):
            store.clear()
        other.execute("ROLLBACK")
    assert store.all() == [{"id": "on the disk"}]
    store.put({"id": "again"}, b"{}")
    session.close()
    async with opened(home=tmp_path) as pilot:
        app = pilot.app
        again = SandboxStore(app.session)
        app.sandbox_store = again
        assert len(again.all()) == 2
        app.action_clear_sandbox()
        await wait_for(pilot, lambda: "The sandbox is empty" in toasts(app))
        assert again.all() == []


async def test_leaving_unsaved_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(Draft({"name": "Asha"})) as pilot:
        app = pilot.app
        monkeypatch.setattr(app.session, "flush", lambda: False)
        await pilot.press("ctrl+q")
        await wait_for(pilot, lambda: isinstance(app.screen, Menu))
        await pilot.press("escape")
        assert app.return_code is None


async def test_the_payload_is_written_elsewhere_and_over_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "taken.json"
    taken.write_text("mine")
    async with opened(Draft({"name": "Asha", "script": "नमस्ते\u200d"})) as pilot:
        app = pilot.app
        await pilot.press("f10")
        await wait_for_screen(pilot, PromptScreen)

        def asked() -> str:
            return " ".join(
                str(each.render()) for each in app.screen.query("#ask .about").results(Static)
            )

        wrong = {
            taken: "already exists: name another file",
            tmp_path / "no" / "x": "there is no such folder; create it",
            tmp_path: "already exists: name another file",
        }
        for name, trouble in wrong.items():
            await pilot.press("end", "ctrl+u")
            await paste(pilot, str(name))
            await pilot.press("enter")
            await wait_for(pilot, lambda t=trouble: t in asked(), what=trouble)
            assert app.screen.query_one(Input).value == str(name), "what was typed stays"
        await pilot.press("end", "ctrl+u")
        await paste(pilot, str(tmp_path / "new.json"))
        await pilot.press("enter")
        await wait_for(pilot, lambda: not isinstance(app.screen, PromptScreen))
    assert taken.read_text() == "mine"
    written = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))
    assert written["script"] == "नमस्ते\u200d"
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.json", "taken.json"]


@pytest.mark.skipif(os.name != "posix", reason="locks the file as another process would")
def test_a_locked_file_is_reported_and_written_later(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("tab")
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            terminal.type("Asha").wait_for("Not saved.")
            terminal.press("f9").wait_for("Not saved.").press("escape")
            other.execute("ROLLBACK")
        terminal.wait_gone("Not saved.")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        (row,) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(row[0])["name"] == "Asha"


def test_a_folder_that_is_no_folder_leaves_a_wizard_that_works(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, where a folder should be")
    with Terminal("--sandbox", home=blocked / "home") as terminal:
        terminal.wait_for("Not saved.").begin().press("tab").type("Asha").wait_for("Asha")
        terminal.press("ctrl+q").wait_for("Your answers are not saved").press("down", "enter")
        assert terminal.wait_exit() == 1
    assert blocked.read_text() == "a file, where a folder should be"


def test_a_damaged_file_is_set_aside_and_the_wizard_starts(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database" * 1000)
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("was damaged").begin()
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    (aside,) = tmp_path.glob("wizard.damaged-*.sqlite3")
    assert aside.read_bytes() == b"this is no database" * 1000


def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        file.execute("CREATE TABLE later (x)")
        file.execute("PRAGMA user_version = 999")
        file.commit()
    before = (tmp_path / FILE_NAME).read_bytes()
    with Terminal("--sandbox", home=tmp_path) as terminal:
        assert terminal.wait_exit() == 1
    output = terminal.raw.decode()
    assert "newer qcall-wizard" in output
    assert "Traceback" not in output
    assert (tmp_path / FILE_NAME).read_bytes() == before
