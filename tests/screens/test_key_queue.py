"""Keys are sent one after another, and none waits without end."""

from pathlib import Path

import pytest
from textual.widgets import Static

from screens.form.steps_screen import StepsScreen
from screens.keys import key_queue
from screens.pages.welcome import WelcomeScreen
from tests.person import (
    burst,
    click_events,
    go_to,
    opened,
    press,
    row,
    screen_text,
    settle,
    wait_for,
    wait_for_screen,
)
from wizard.draft.draft import Draft


async def test_a_callback_of_a_removed_widget_ends_no_other() -> None:
    async with opened() as pilot:
        app, done = pilot.app, []
        gone = Static()
        await app.screen.mount(gone)
        await gone.remove()
        app.screen._invoke_later(lambda: gone.screen, gone)
        app.screen._invoke_later(lambda: done.append(1), app)
        await wait_for(pilot, lambda: done)


async def test_a_callback_of_the_app_outlives_the_screen() -> None:
    async with opened() as pilot:
        app, done = pilot.app, []
        await press(pilot, "f1")
        app.screen._callbacks.append((lambda: done.append(1), app))
        await app.pop_screen()
        await wait_for(pilot, lambda: done)


async def test_a_lost_key_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_queue, "_LOST_SECONDS", 0.0)
    async with opened() as pilot:
        app = pilot.app
        app._is_handling = True
        burst(pilot, "tab")
        await wait_for(pilot, lambda: app.focused is row(app, "name").control)


async def test_keys_behind_a_choice_on_the_start_page_reach_the_steps(tmp_path: Path) -> None:
    async with opened(Draft({"name": "Asha"}), home=tmp_path) as pilot:
        app = pilot.app
        app.action_drafts()
        await wait_for_screen(pilot, WelcomeScreen)
        burst(pilot, "enter", "ctrl+a", "ctrl+n")
        await pilot.resize_terminal(100, 30)
        await wait_for(pilot, lambda: not app._held and isinstance(app.screen, StepsScreen))
        await settle(pilot)
        await press(pilot, "f1")
        await wait_for(pilot, lambda: "Esc" in screen_text(app))


async def test_keys_behind_a_click_reach_what_it_opens() -> None:
    async with opened(Draft({"script": "Hello {{opening_hours}}"})) as pilot:
        app = pilot.app
        await go_to(pilot, "script")
        button = app.screen.query_one("#step-script #fill-blanks")
        await wait_for(pilot, lambda: button.size)
        for event in click_events(button):
            app.post_message(event)
        burst(pilot, *"nine")
        await wait_for(pilot, lambda: "Hello nine" in screen_text(app))
