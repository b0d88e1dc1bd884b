"""Help: on fields, groups, lists and screens, the keys that work there, and how to change them."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path as FilePath
from pkgutil import walk_packages

import pytest
from textual.screen import Screen

import screens
from screens.dialogs.help import HelpScreen, KeysScreen
from screens.dialogs.menu import Menu
from screens.dialogs.page_help import PAGES
from screens.dialogs.report import ReportScreen
from screens.form.actions import ActionScreen
from screens.form.voice_list import VoiceList
from screens.keys.keymap import binding_ids
from screens.pages.welcome import WelcomeScreen
from tests.examples import meeting, minimal, zeplo
from tests.person import (
    STANDARD,
    Person,
    action_list,
    answer,
    close,
    flowing_text,
    go_to,
    group_line,
    imported,
    in_sight,
    opened,
    press,
    row,
    screen_lines,
    screen_text,
    settle,
    type_text,
    wait_for,
    wait_for_screen,
    walk_to,
)
from tests.screens.test_welcome import welcomed
from wizard.contract.steps import FieldGroup
from wizard.draft.draft import Draft
from wizard.keys_file import FILE_NAME


async def help_text(pilot: Person) -> str:
    """Press F1, and read the help."""
    await press(pilot, "f1")
    await wait_for_screen(pilot, HelpScreen)
    return flowing_text(pilot.app).replace("│", " ")


def words(text: str) -> str:
    """A text without the frame and the line ends of a dialog."""
    return " ".join(text.replace("│", " ").split())


async def test_help_on_a_field_ends_with_the_facts_of_the_api() -> None:
    async with opened() as pilot:
        said = words(await help_text(pilot))
        assert "inbound: Inbound" not in said
        order = ["Decides who starts the call", "Typical", "Example", "Left out", "For the API"]
        places = [said.index(part) for part in order]
        assert places == sorted(places)
        assert said.index("For the API") < said.index("Field type")


async def test_help_on_a_group_lists_its_fields() -> None:
    async with opened(step="advanced") as pilot:
        await walk_to(pilot, group_line(pilot.app, FieldGroup.TIMING))
        said = words(await help_text(pilot))
        assert "Silence timeout (ms)" in said


async def test_f1_helps_on_the_first_screen_and_twice_lists_its_keys(
    tmp_path: FilePath,
) -> None:
    async with welcomed(tmp_path) as pilot:
        assert "Choose how to begin" in words(await help_text(pilot))
        await press(pilot, "f1")
        await wait_for_screen(pilot, KeysScreen)
        assert "welcome.choose" in screen_text(pilot.app)
        await press(pilot, "escape")
        await wait_for_screen(pilot, WelcomeScreen)


async def test_two_keys_of_one_choice_are_one_line() -> None:
    async with opened() as pilot:
        await press(pilot, "f1", "f1")
        await wait_for(pilot, lambda: "Keys that work here" in screen_text(pilot.app))
        assert screen_text(pilot.app).count("Choose") == 1


async def test_f1_helps_in_lists() -> None:
    async with opened(imported(minimal()), step="voice") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: app.screen.query_one(VoiceList).voices)
        await press(pilot, "enter")
        await walk_to(pilot, app.screen.query_one(VoiceList))
        assert "Enter chooses the voice" in words(await help_text(pilot))
        await close(pilot)
        await go_to(pilot, "actions")
        assert "Enter opens the form of an action" in words(await help_text(pilot))
        await close(pilot)
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        assert "Choose one entry" in words(await help_text(pilot))
        await close(pilot)
        assert isinstance(app.screen, Menu)


async def test_a_question_mark_lists_the_keys_except_in_a_text() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "question_mark")
        await wait_for_screen(pilot, KeysScreen)
        said = screen_text(app)
        assert re.search(r"←→ +Choose +field\.left", said)
        await press(pilot, "escape")
        await walk_to(pilot, row(app, "name").control)
        await type_text(pilot, "Who?")
        assert app.draft.get(("name",)) == "Who?"


async def test_how_keys_are_changed_is_a_page_with_the_file_and_all_ids(
    tmp_path: FilePath,
) -> None:
    async with opened(home=tmp_path) as pilot:
        app = pilot.app
        await press(pilot, "question_mark")
        await wait_for_screen(pilot, KeysScreen)
        await press(pilot, "r")
        await wait_for(pilot, lambda: type(app.screen) is ReportScreen)
        await settle(pilot)
        assert 'wizard.next = "ctrl+j"' in screen_text(app)
        lines = {str(each.render()) for each in app.screen.query("#report-lines Static")}
        assert any(str(tmp_path / FILE_NAME) in line for line in lines)
        named = {line.split()[0] for line in lines if line.strip()}
        assert {name for name, about in binding_ids().items() if about} <= named


def screen_kinds() -> Iterator[type[Screen[object]]]:
    modules = [import_module(info.name) for info in walk_packages(screens.__path__, "screens.")]
    for module in modules:
        yield from (kind for kind in vars(module).values() if isinstance(kind, type))


def test_help_is_on_lists_and_screens_that_exist() -> None:
    assert set(PAGES) <= {kind.__name__ for kind in screen_kinds()}


async def test_help_on_a_row_starts_with_that_row() -> None:
    slots = [{"section": "body", "index": n, "label": f"body {{{{{n}}}}}"} for n in (1, 2)]
    message = zeplo()
    message["zeplo"]["content"] |= {
        "parameter_slots": slots,
        "parameter_hints": ["", ""],
        "template_text": "Hello {{1}}, see you on {{2}}.",
    }
    filled = imported(minimal() | {"language": "en", "actions": [meeting(), message]})
    async with opened(filled, step="actions", size=(80, 40)) as pilot:
        app = pilot.app
        await press(pilot, "down")
        said = words(await help_text(pilot))
        assert "Action 2 Send a message: WhatsApp template" in said
        assert "Lists what the assistant can do" in said
        await press(pilot, "escape", "enter")
        await wait_for_screen(pilot, ActionScreen)
        hint = (*("actions", 1, "zeplo", "content"), "parameter_hints", 1)
        await walk_to(pilot, row(app, hint).control)
        said = words(await help_text(pilot))
        assert "Body {{2}} Says in words what the assistant fills in for this placeholder" in said
        assert "Its text Hello {{1}}, see you on {{2}}." in said
    async with opened(Draft(answers={"language": "en"}), step="voice") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: app.screen.query_one(VoiceList).voices)
        await walk_to(pilot, app.screen.query_one(VoiceList))
        await press(pilot, "down")
        said = words(await help_text(pilot))
        assert "Henry Accent: american Gender: male Family: native" in said
        assert "Choose the voice that speaks in calls." in said


# --- the text below a field


@pytest.mark.parametrize("size", [STANDARD, (40, 12)])
async def test_an_error_is_never_cut(size: tuple[int, int]) -> None:
    async with opened(Draft(), size=size, step="advanced") as pilot:
        app = pilot.app
        await answer(pilot, maximum_time_per_call="abcdefghijklmnopqrstuvwxyz")
        await press(pilot, "tab", "shift+tab")
        found = row(app, "maximum_time_per_call")
        await wait_for(pilot, lambda: in_sight(app, found))
        region = found.region
        lines = screen_lines(app)[region.y : region.bottom]
        shown = " ".join(" ".join(line[region.x : region.right] for line in lines).split())
        assert found.message in shown
        assert found.message.startswith("✗ Enter a number of minutes")


async def test_an_error_inside_a_value_names_its_place_by_the_label() -> None:
    async with opened(imported(minimal() | {"voice_data": {"name": 1}}), step="voice") as pilot:
        app = pilot.app
        await press(pilot, "ctrl+n")
        assert row(app, "voice_data").problem.startswith("Voice object, Name: ")


async def test_the_list_of_actions_is_empty_and_helps() -> None:
    async with opened(step="actions") as pilot:
        assert not action_list(pilot.app).count
        assert "schedule a meeting" in words(await help_text(pilot))
