"""Every dialog: what has the focus is seen in the smallest terminal, and its footer is its own."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from screens.dialogs.api_key import KeyScreen
from screens.dialogs.blanks import BlanksScreen
from screens.dialogs.help import HelpScreen, KeysScreen
from screens.dialogs.menu import Menu
from screens.dialogs.model_server import ModelScreen
from screens.dialogs.prompt import PromptScreen
from screens.dialogs.report import ReportScreen
from screens.dialogs.waiting import WaitScreen
from screens.payload.preview import ConfirmScreen
from screens.widgets.page_frame import Keys
from tests.examples import minimal
from tests.person import (
    Person,
    click,
    flowing_text,
    go_to_preview,
    imported,
    in_sight,
    line_of,
    opened,
    press,
    screen_lines,
    settle,
    type_text,
    wait_for,
    wait_for_screen,
)
from tests.screens.test_welcome import kept, welcomed
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.draft.blanks import blanks as blanks_of
from wizard.draft.draft import Draft

SMALL, USUAL = (40, 12), (80, 24)
# With one piece of advice: the script is short.
ADVISED = minimal() | {"script": "Say hello.", "is_opt_out": True}
RISK = "A request for this assistant may have arrived already. Look it up before you send again."


def blanks(app: Any) -> BlanksScreen:
    return BlanksScreen(app.draft, blanks_of(app.draft))


DIALOGS: dict[str, Callable[[Any], Screen[Any]]] = {
    "ask": lambda _: PromptScreen("Save", "words " * 60, "name"),
    "menu": lambda _: Menu("Choose", {str(n): f"Option {n}" for n in range(20)}),
    "confirm": lambda app: ConfirmScreen(app.draft, app.target, RISK),
    "help": lambda _: HelpScreen(find(QUESTIONS, ("fillers",)), path=("fillers",)),
    "keys": lambda _: KeysScreen(["f1  Help"] * 20),
    "report": lambda _: ReportScreen("What was imported", ["words " * 20] * 20),
    "key": lambda app: KeyScreen(app.settings, stored=True),
    "model": lambda _: ModelScreen(None, lambda _: None, is_fixed=False, is_stored=True),  # type: ignore[arg-type, return-value]
    "waiting": lambda _: WaitScreen("Reading", asyncio.get_running_loop().create_future()),
    "blanks": blanks,
}


def draft() -> Draft:
    return imported(minimal() | {"start_speech": "Hello from {{clinic}}.", "script": "{{hours}}"})


async def all_in_sight(pilot: Person, what: str) -> None:
    """Each control of the dialog is in sight when it has the focus."""
    app = pilot.app
    seen = []
    while app.focused and app.focused not in seen:
        seen.append(app.focused)
        await wait_for(pilot, partial(in_sight, app, app.focused), 5, f"{what}: {app.focused}")
        await press(pilot, "tab")


@pytest.mark.parametrize("name", DIALOGS)
async def test_the_focus_of_a_dialog_is_seen_in_the_smallest_terminal(name: str) -> None:
    for before in (SMALL, USUAL):
        async with opened(draft(), size=before) as pilot:
            pilot.app.push_screen(DIALOGS[name](pilot.app))
            await settle(pilot)
            await pilot.resize_terminal(*SMALL)
            await settle(pilot)
            await all_in_sight(pilot, f"{name} at first {before}")


async def test_the_name_of_a_draft_is_seen_in_the_smallest_terminal(tmp_path: Path) -> None:
    kept(tmp_path, imported(minimal()))
    async with welcomed(tmp_path, size=SMALL) as pilot:
        await press(pilot, "f2")
        await wait_for_screen(pilot, PromptScreen)
        await all_in_sight(pilot, "rename")


async def test_the_question_before_sending_is_read_whole_in_the_smallest_terminal() -> None:
    async with opened(imported(ADVISED), size=SMALL) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        await settle(pilot)
        seen = ""
        for key in (*["up"] * 9, *["down"] * 9):
            await press(pilot, key)
            seen += re.sub("[│▁-█]", " ", flowing_text(app)) + " "
        said = "1 piece of advice. Choose Not yet to read it first."
        assert said in " ".join(seen.split())


@pytest.mark.parametrize("name", DIALOGS)
async def test_the_footer_of_a_dialog_shows_only_keys_that_work_there(name: str) -> None:
    async with opened(draft()) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await settle(pilot)
        app.push_screen(DIALOGS[name](app))
        await settle(pilot)
        shown = screen_lines(app)[-1]
        works = {
            app.get_key_display(each.binding)
            for each in app.screen.active_bindings.values()
            if each.binding.show
        }
        assert "esc" in works
        keys = [word for word in shown.split() if re.fullmatch(r"esc|\^.|f\d+|[ynr]|[↑↓⏎]+", word)]
        assert keys
        assert set(keys) <= works, shown


async def test_a_question_is_answered_with_the_mouse(tmp_path: Path) -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await press(pilot, "f10")
        await wait_for_screen(pilot, PromptScreen)
        await press(pilot, "alt+a")
        await type_text(pilot, f"{tmp_path}/it.json")
        footer = app.screen.query_one(Keys)
        await click(pilot, footer, (line_of(app, footer).index("Accept"), 0))
        await wait_for(pilot, (tmp_path / "it.json").exists, what="the file")
