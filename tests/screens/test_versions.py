"""Versions on the screens: duplicated, compared, moved to a template, started from files."""

import json
from pathlib import Path

import pytest
from textual.widgets import OptionList, Static

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.dialogs.report import ReportScreen
from screens.dialogs.result import ReceiptScreen, ResultScreen
from screens.payload.compare import CompareScreen
from tests.examples import minimal
from tests.person import (
    Person,
    imported,
    opened,
    press,
    screen_lines,
    screen_text,
    settle,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
)
from tests.screens.test_screens import submit
from wizard.api.outcomes import Created
from wizard.api.receipt_store import Receipt
from wizard.draft.draft import Draft
from wizard.storage.session import next_name
from wizard.storage.store import now
from wizard.templates.library import find_template, own_folder


async def run(pilot: Person, action: str) -> None:
    """What the palette does."""
    await pilot.app.run_action(action)
    await settle(pilot)


async def choose(pilot: Person, key: str) -> None:
    """Choose in the list that is open, by the key of an option."""
    menu = await wait_for_screen(pilot, Menu)
    keys = list(menu._options)
    await press(pilot, *(["down"] if menu.query("Input") else []))
    listed = menu.query_one("OptionList")
    listed.highlighted = keys.index(key)
    await press(pilot, "enter")
    await settle(pilot)


def text_of(pilot: Person, selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("Asha", set(), "Asha 2"),
        ("Asha 2", {"Asha", "Asha 2"}, "Asha 3"),
        ("Asha", {"Asha 2", "Asha 4"}, "Asha 3"),
        ("2", set(), "2 2"),
    ],
)
def test_a_copy_is_named_as_the_next_of_its_kind(name: str, taken: set[str], expected: str) -> None:
    assert next_name(name, taken) == expected


@pytest.mark.parametrize(("length", "shown"), [(30, 200), (900, 24)])
async def test_only_the_first_of_a_thousand_differences_are_shown(length: int, shown: int) -> None:
    before = {f"x{n:03}": "a" * length for n in range(1_000)}
    after = dict.fromkeys(before, "b" * length)
    async with opened(imported(minimal())) as pilot:
        await pilot.app.push_screen(CompareScreen(before, after, ("one", "other")))
        await wait_for(pilot, lambda: "in 1000 places" in text_of(pilot, "#compare-title"))
        found = text_of(pilot, "#differences")
        assert found.count("changed") <= shown
        assert f"… and {1_000 - found.count('changed'):,} more" in found


async def test_a_draft_is_duplicated_changed_and_compared_field_by_field() -> None:
    words = "You are Asha [b] and you ask whether the appointment on Monday still suits them."
    async with opened(imported(minimal() | {"script": words})) as pilot:
        app = pilot.app
        first = app.draft.id
        await run(pilot, "duplicate")
        assert app.draft.id != first
        assert app.draft.answers["name"] == "Asha", "the script says it"
        assert "This is Asha 2." in toasts(app)
        app.draft.answer(("script",), words.replace("Monday", "Friday"))
        app.draft.answer(("temperature",), 0.9)
        await run(pilot, "compare")
        await choose(pilot, f"draft {first}")
        await wait_for_screen(pilot, CompareScreen)
        assert "This draft differs from Asha in 2 places" in text_of(pilot, "#compare-title")
        await wait_for(pilot, lambda: "[-Monday-]{+Friday+}" in text_of(pilot, "#differences"))
        text = text_of(pilot, "#differences")
        assert "Asha [b] and" in text
        assert "Temperature" in text
        assert "- 0.7\n+ 0.9" in text
        lines = screen_lines(app)
        title = next(n for n, line in enumerate(lines) if "This draft differs" in line)
        assert not lines[title + 1].strip()
        await press(pilot, "f1")
        await wait_for_text(pilot, "keys scroll, Esc goes back")
        await press(pilot, "escape")
        await press(pilot, "escape")
        await settle(pilot)
        assert app.has_steps
        await press(pilot, "ctrl+z", "ctrl+z")
        await settle(pilot)
        assert app.draft.answers["name"] == "Asha"


async def test_a_draft_is_compared_with_its_template_and_its_receipt() -> None:
    draft = imported(minimal())
    draft.start_from(find_template("win-back", None))
    async with opened(draft, size=(120, 30)) as pilot:
        await submit(pilot)
        await run(pilot, "compare")
        menu = await wait_for_screen(pilot, Menu)
        receipt = next(key for key in menu._options if key.startswith("receipt "))
        await choose(pilot, receipt)
        await wait_for_screen(pilot, CompareScreen)
        assert "are the same" in text_of(pilot, "#compare-title")
        await press(pilot, "escape")
        await run(pilot, "compare")
        await choose(pilot, "template win-back")
        await wait_for_screen(pilot, CompareScreen)
        assert "differs from the template Win-back" in text_of(pilot, "#compare-title")
        await wait_for(pilot, lambda: "Script  script  changed" in text_of(pilot, "#differences"))


async def test_another_template_is_chosen_and_undone() -> None:
    draft = Draft()
    draft.answer(("goal",), "Mine")
    draft.start_from(find_template("win-back", None))
    async with opened(draft) as pilot:
        await run(pilot, "template")
        await choose(pilot, "order-delivery")
        assert draft.template == "order-delivery"
        assert draft.answers["goal"] == "Mine"
        await press(pilot, "ctrl+z")
        await settle(pilot)
        assert draft.template == "win-back"


async def test_a_draft_is_saved_as_a_template_and_replaced_only_on_purpose(tmp_path: Path) -> None:
    async with opened(imported(minimal()), home=tmp_path) as pilot:
        await run(pilot, "save_template")
        await wait_for_screen(pilot, PromptScreen)
        await press(pilot, "enter")
        await wait_for(pilot, lambda: "Saved as" in toasts(pilot.app))
        path = own_folder(tmp_path) / "asha.yaml"
        assert find_template("asha", tmp_path).answers["script"] == minimal()["script"]
        pilot.app.draft.answer(("goal",), "Another")
        await run(pilot, "save_template")
        await wait_for_screen(pilot, PromptScreen)
        await press(pilot, "enter")
        await wait_for_screen(pilot, Menu)
        assert "Another" not in path.read_text()
        await choose(pilot, "replace")
        await wait_for(pilot, lambda: "Another" in path.read_text())


async def test_next_steps_are_shown_and_copied_and_another_is_started() -> None:
    draft = imported(minimal())
    draft.start_from(find_template("win-back", None))
    async with opened(draft, size=(100, 50)) as pilot:
        app = pilot.app
        await submit(pilot)
        assert isinstance(app.screen, ResultScreen)
        assert "Make a test call" in screen_text(app)
        assert "$QCALL_API_KEY" not in screen_text(app)
        app.screen.query_one("#terminal").press()
        await wait_for(pilot, lambda: "$QCALL_API_KEY" in screen_text(app))
        app.screen.query_one("#copy-3").press()
        await wait_for(pilot, lambda: "listAssistant" in app.clipboard)
        app.screen.query_one("#reuse_template").press()
        await wait_for(pilot, lambda: app.draft.id != draft.id)
        await settle(pilot)
        assert app.draft.template == "win-back"
        assert "name" not in app.draft.answers


async def test_another_from_the_same_answers_is_a_copy() -> None:
    silent = {"start_speech": "Hello.", "script": "Ask whether the appointment still suits them."}
    payload = minimal() | silent
    async with opened(imported(payload), size=(100, 50)) as pilot:
        app = pilot.app
        await submit(pilot)
        assert not app.screen.query("#reuse_template")
        app.screen.query_one("#duplicate").press()
        await wait_for(pilot, lambda: app.draft.answers.get("name") == "Asha 2")
        await settle(pilot)
        assert app.has_steps


async def test_one_of_several_in_a_file_is_picked_and_the_report_shown(tmp_path: Path) -> None:
    listed = [minimal() | {"name": name, "hash_id": name} for name in ("Asha", "Maya")]
    (tmp_path / "list.json").write_text(json.dumps(listed))
    async with opened() as pilot:
        app = pilot.app
        await run(pilot, "imported")
        assert "Nothing was imported" in toasts(app)
        await run(pilot, "open_file")
        await wait_for_screen(pilot, PromptScreen)
        await type_text(pilot, str(tmp_path / "list.json"))
        await press(pilot, "enter")
        await choose(pilot, "1")
        await wait_for(pilot, lambda: app.draft.answers.get("name") == "Maya")
        await wait_for(pilot, lambda: "an API response: 26 answers used" in toasts(app))
        await run(pilot, "imported")
        await wait_for_screen(pilot, ReportScreen)
        lines = [
            str(line.render()) for line in app.screen.query("#report-lines Static").results(Static)
        ]
        assert "Left out: hash_id: added by the server" in lines
        await press(pilot, "escape")
        await settle(pilot)
        assert app.has_steps


async def test_a_template_is_kept_when_another_name_is_chosen(tmp_path: Path) -> None:
    async with opened(imported(minimal()), home=tmp_path) as pilot:
        path = own_folder(tmp_path) / "asha.yaml"
        path.parent.mkdir(parents=True)
        path.write_text("mine")
        await run(pilot, "save_template")
        await wait_for_screen(pilot, PromptScreen)
        await press(pilot, "enter")
        await choose(pilot, "other")
        await wait_for_screen(pilot, PromptScreen)
        assert path.read_text() == "mine"


async def test_a_draft_is_not_compared_with_itself(tmp_path: Path) -> None:
    async with opened(imported(minimal() | {"name": "Zora"}), home=tmp_path) as pilot:
        pilot.app.session.changed()
        pilot.app.session.flush()
        await run(pilot, "compare")
        await wait_for_screen(pilot, Menu)
        assert "Zora · draft" not in screen_text(pilot.app)


async def test_a_list_opens_at_the_current_choice() -> None:
    async with opened(imported(minimal()), step="voice") as pilot:
        await press(pilot, "f2")
        menu = await wait_for_screen(pilot, Menu)
        assert menu.query_one(OptionList).highlighted == 2


async def test_only_an_unknown_outcome_can_be_looked_up() -> None:
    receipt = Receipt.of(imported(minimal()).payload(), "d0", "https://api.example/v1", now())
    async with opened() as pilot:
        await pilot.app.push_screen(ReceiptScreen(receipt))
        assert pilot.app.screen.query("#ask")
        await pilot.app.push_screen(ReceiptScreen(receipt, Created("h1")))
        assert not pilot.app.screen.query("#ask")
