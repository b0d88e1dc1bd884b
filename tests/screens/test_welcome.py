"""The first screen: every way in, by keys and by the mouse, at every size."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.widgets import Input, OptionList, Static

from screens.app import WizardApp
from screens.dialogs.prompt import PromptScreen
from screens.dialogs.result import ReceiptScreen
from screens.flows.open_file import FileNames
from screens.form.steps_screen import StepsScreen
from screens.pages.welcome import WelcomeScreen
from tests.examples import minimal
from tests.person import (
    Person,
    at_step,
    burst,
    button,
    click,
    click_events,
    go_to,
    imported,
    make_client,
    opened,
    paste,
    press,
    row,
    screen_text,
    settle,
    text_of,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from wizard.api.outcomes import Created
from wizard.api.receipt_store import Receipt, Receipts
from wizard.draft.draft import Draft
from wizard.formats.json_text import dump
from wizard.secret import SecretStr
from wizard.settings import SANDBOX, Settings, Target
from wizard.storage.session import Session
from wizard.storage.store import open_store, snapshot
from wizard.templates.library import find_template


def kept(home: Path, *drafts: Draft) -> None:
    """Drafts that were worked on before, the last one last."""
    session = Session(home, open_store(home))
    for draft in drafts:
        session.begin(draft)
        session.changed()
        session.flush()
    session.close()


@asynccontextmanager
async def welcomed(home: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Person]:
    """The wizard as it opens with nothing named, its templates read."""
    session = Session(home, open_store(home))
    settings = Settings(Target(SANDBOX), SecretStr("sandbox"), home)
    app = WizardApp(session, settings, lambda _: make_client(), welcome=True)
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for(
            pilot, lambda: any(option.kind == "template" for option in start_options(app))
        )
        await settle(pilot)
        yield pilot
    session.close()


def start_options(app: Any) -> Any:
    return list(app.screen._listed.values()) if isinstance(app.screen, WelcomeScreen) else []


def look(app: Any) -> str:
    return str(app.screen.query_one("#look-text", Static).visual)


async def test_enter_continues_the_last_draft(tmp_path: Path) -> None:
    older, last = imported(minimal()), imported(minimal() | {"name": "[b]Ravi[/b]"})
    kept(tmp_path, older, last)
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        assert "[b]Ravi[/b]  Type · just now" in screen_text(app)
        assert "✓ Language" in look(app)
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert app.draft.id == last.id


async def test_a_draft_is_found_by_its_name(tmp_path: Path) -> None:
    names = [f"Nr {number}" for number in range(8)]
    kept(tmp_path, *(imported(minimal() | {"name": name}) for name in names))
    async with welcomed(tmp_path) as pilot:
        assert "3 more: search for them" in screen_text(pilot.app)
        await type_text(pilot, "nr 0")
        await wait_for_text(pilot, "Nr 0")
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert pilot.app.draft.answers["name"] == "Nr 0"


async def test_a_draft_is_renamed_copied_deleted_and_restored_by_keys(tmp_path: Path) -> None:
    kept(tmp_path, imported(minimal() | {"name": "Ravi"}), imported(minimal()))
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await press(pilot, "f2")
        await wait_for_screen(pilot, PromptScreen)
        await press(pilot, "end", "ctrl+u")
        await type_text(pilot, "For March")
        await press(pilot, "enter")
        await wait_for_text(pilot, "For March  Type")
        await press(pilot, "f5")
        await wait_for_text(pilot, "For March 2")
        titles = [option.title for option in start_options(app)[:3]]
        assert titles == ["For March 2", "For March", "Ravi"]
        await press(pilot, "delete")
        await wait_for(
            pilot, lambda: [option.title for option in start_options(app)[:2]] == titles[1:]
        )
        assert "restores it" in toasts(app)
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: [option.title for option in start_options(app)[:3]] == titles)
        assert "restores it" not in toasts(app)
        # The name of the assistant is unchanged.
        await press(pilot, "down", "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert app.draft.answers["name"] == "Asha"
    lines = [each for each in open_store(tmp_path).store.drafts() if each.title]
    assert {line.name for line in lines} == {"For March 2", "For March"}


async def test_a_copy_that_says_its_name_keeps_it_and_gets_a_title(tmp_path: Path) -> None:
    draft = Draft(answers={"name": "Mia", "company_name": "Dr Roy"})
    draft.start_from(find_template("win-back", None))
    kept(tmp_path, draft)
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await press(pilot, "f5")
        await wait_for_text(pilot, "Mia 2")
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert text_of(app, "name") == "Mia"
        await go_to(pilot, "script")
        assert "Mia" in text_of(app, "script")
        assert "Mia 2" not in text_of(app, "script")


async def test_a_draft_is_deleted_and_restored_by_buttons(tmp_path: Path) -> None:
    kept(tmp_path, imported(minimal()))
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await click(pilot, button(app, "delete"))
        await wait_for(pilot, lambda: start_options(app)[0].kind == "new")
        assert "Rename" not in screen_text(app)
        assert "Copy" not in screen_text(app)
        await click(pilot, button(app, "restore"))
        await wait_for(pilot, lambda: start_options(app)[0].kind == "draft")


async def test_the_open_draft_is_deleted_and_not_saved_again(tmp_path: Path) -> None:
    kept(tmp_path, imported(minimal()))
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        # Esc is offered only if there is something to go back to, or a search to clear.
        assert "esc Back" not in screen_text(app)
        await type_text(pilot, "a")
        await wait_for_text(pilot, "esc Clear")
        await press(pilot, "escape")
        await wait_for(pilot, lambda: "esc" not in screen_text(app))
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        await press(pilot, "escape")
        await wait_for_screen(pilot, WelcomeScreen)
        await wait_for_text(pilot, "esc Back")
        await press(pilot, "delete")
        await wait_for(pilot, lambda: not app.has_steps)
        await wait_for(pilot, lambda: start_options(app) and start_options(app)[0].kind == "new")
        assert "esc Back" not in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, WelcomeScreen)
        assert app.session.drafts() == []
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: start_options(app)[0].kind == "draft")


async def test_a_created_draft_shows_its_id_and_opens(tmp_path: Path) -> None:
    created, other = imported(minimal()), imported(minimal() | {"name": "Ravi"})
    kept(tmp_path, other, created)
    store = open_store(tmp_path).store
    receipts = Receipts(store.database, store.clock)
    receipt = Receipt.of(created.payload(), created.id, SANDBOX, store.clock())
    receipts.begin(receipt)
    receipts.complete(receipt.id, Created("a1b2"), 1.0)
    store.close()
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        found = [(option.kind, option.title, option.beside) for option in start_options(app)]
        assert found[0][:2] == ("draft", "Ravi")
        assert ("created", "Asha", "Created just now") in found
        await type_text(pilot, "a1b2")
        await wait_for(pilot, lambda: "Its id is a1b2." in look(app))
        await press(pilot, "enter")
        await wait_for_screen(pilot, ReceiptScreen)
        await press(pilot, "escape")
        await wait_for_screen(pilot, WelcomeScreen)
        await press(pilot, "enter")
        await wait_for_screen(pilot, ReceiptScreen)
        await walk_to(pilot, button(app, "open"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert app.draft.id == created.id


async def test_enter_waits_for_the_templates(tmp_path: Path) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    settings = Settings(Target(SANDBOX), SecretStr("sandbox"), tmp_path)
    app = WizardApp(session, settings, lambda _: make_client(), welcome=True)
    app.animation_level = "none"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, WelcomeScreen) and app.focused)
        burst(pilot, *"win-back", "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert app.draft.template == "win-back"
    session.close()


async def test_late_rows_do_not_move_the_selection(tmp_path: Path) -> None:
    kept(tmp_path, *(imported(minimal() | {"name": f"Nr {n}"}) for n in range(4)))
    session = Session(tmp_path, open_store(tmp_path))
    settings = Settings(Target(SANDBOX), SecretStr("sandbox"), tmp_path)
    app = WizardApp(session, settings, lambda _: make_client(), welcome=True)
    app.animation_level = "none"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_for(pilot, lambda: start_options(app))
        await press(pilot, "down", "down")
        before = [option.id for option in start_options(app)]
        await wait_for(
            pilot, lambda: any(option.kind == "template" for option in start_options(app))
        )
        listed = app.screen.query_one(OptionList)
        assert [option.id for option in start_options(app)][: len(before)] == before
        assert listed.highlighted_option.id == before[2]
    session.close()


async def test_of_many_drafts_the_newest_are_listed_and_the_oldest_is_found(tmp_path: Path) -> None:
    opened = open_store(tmp_path)
    for name in ("Beena", *(f"Asha {number}" for number in range(119))):
        opened.store.save(snapshot(Draft({"name": name}), 0))
    opened.store.close()

    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await wait_for_text(pilot, "Continue · 115 more: search for them")
        assert [option.title for option in start_options(app)[:2]] == ["Asha 118", "Asha 117"]

        await type_text(pilot, "asha")
        await wait_for_text(pilot, "Continue · 69 more: search for them")
        await press(pilot, "escape")
        await type_text(pilot, "beena")
        await wait_for(pilot, lambda: [option.title for option in start_options(app)] == ["Beena"])


async def test_a_template_is_previewed_and_started_from(tmp_path: Path) -> None:
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await type_text(pilot, "lead")
        await wait_for(pilot, lambda: "13 languages" in look(app))
        shown = look(app)
        assert "Opening line" in shown
        assert "Hello {{first_name}}" in shown
        assert "Script" in shown
        await press(pilot, "enter")
        await wait_for(pilot, lambda: at_step(app, "type"))
        assert app.draft.template == "lead-qualification"
        # The focus is on the first missing answer.
        await wait_for(pilot, lambda: app.focused is row(app, "name").control)


async def test_a_click_starts_an_empty_draft_and_esc_clears_the_search(tmp_path: Path) -> None:
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await type_text(pilot, "zzz")
        await wait_for(pilot, lambda: "No matches" in look(app))
        await press(pilot, "enter", "escape")
        assert not app.screen.query_one(Input).value
        listed = app.screen.query_one(OptionList)
        down, up = click_events(listed)
        for event in (down, up):
            event._y = event._screen_y = listed.region.y + 1
            app.post_message(event)
        await wait_for_screen(pilot, StepsScreen)
        assert not app.draft.answers


async def test_a_file_is_opened_and_a_missing_one_reported(tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(dump(minimal()), encoding="utf-8")
    async with welcomed(tmp_path / "home") as pilot:
        app = pilot.app
        await type_text(pilot, "open")
        await press(pilot, "enter")
        await wait_for_screen(pilot, PromptScreen)
        await type_text(pilot, f"{tmp_path}/none")
        await press(pilot, "enter")
        await wait_for_text(pilot, "there is no such file")
        await press(pilot, "end", "ctrl+u")
        await type_text(pilot, f"{tmp_path}/pay")
        field = app.screen.query_one(Input)
        await wait_for(pilot, lambda: field._suggestion.endswith("payload.json"))
        await press(pilot, "right", "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert app.draft.answers["company_name"] == "Acme Dental"


async def test_a_key_can_be_given_before_anything_else(tmp_path: Path) -> None:
    async with welcomed(tmp_path) as pilot:
        await type_text(pilot, "key")
        await press(pilot, "enter")
        await wait_for_text(pilot, "API key")
        await press(pilot, "escape")
        await wait_for_screen(pilot, WelcomeScreen)


async def test_the_start_page_can_be_reopened_and_left(tmp_path: Path) -> None:
    async with welcomed(tmp_path) as pilot:
        app = pilot.app
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        app.action_drafts()
        await wait_for_screen(pilot, WelcomeScreen)
        await press(pilot, "escape")
        await wait_for_screen(pilot, StepsScreen)


async def test_the_essentials_are_in_sight_at_every_size(tmp_path: Path) -> None:
    kept(tmp_path, imported(minimal()))
    for size in ((40, 12), (80, 24), (140, 40)):
        async with welcomed(tmp_path, size) as pilot:
            shown = screen_text(pilot.app)
            essentials = (
                "Sandbox",
                "Asha",
                "Start from scratch",
                "Open a file",
                "Enter an API key",
            )
            for text in essentials:
                assert text in shown, (size, text)


async def test_an_unreadable_template_is_reported(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mine.yaml").write_text("title: 5\n")
    async with welcomed(tmp_path) as pilot:
        await wait_for(pilot, lambda: "mine.yaml" in toasts(pilot.app))


async def test_hidden_files_are_completed_only_after_a_dot(tmp_path: Path) -> None:
    (tmp_path / ".secret").touch()
    (tmp_path / "payload.json").touch()
    names = FileNames()
    assert await names.get_suggestion(f"{tmp_path}/") == f"{tmp_path}/payload.json"
    assert await names.get_suggestion(f"{tmp_path}/.") == f"{tmp_path}/.secret"


async def test_a_wrong_name_of_a_file_can_be_corrected() -> None:
    async with opened() as pilot:
        pilot.app.action_open_file()
        await wait_for_screen(pilot, PromptScreen)
        await type_text(pilot, "nothing.json")
        await press(pilot, "enter")
        await wait_for_text(pilot, "there is no such file")
        assert pilot.app.screen.query_one(Input).value == "nothing.json"


async def test_an_opened_file_is_saved_as_a_draft(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text(dump(minimal() | {"name": "Mia"}))
    async with opened(home=tmp_path) as pilot:
        app = pilot.app
        app.action_open_file()
        await wait_for_screen(pilot, PromptScreen)
        await paste(pilot, str(file))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.session.draft.answers.get("name") == "Mia")
        await settle(pilot)
        assert app.session.flush()
        assert app.session.store.load(app.session.draft.id).answers["name"] == "Mia"
