"""The screens as people use them: by keys, at 80x24, checked by the text on the screen."""

import asyncio
import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from textual.app import App, ComposeResult
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widget import Widget

import screens
from screens.dialogs.api_key import KeyScreen
from screens.dialogs.help import HelpScreen
from screens.dialogs.menu import Menu
from screens.dialogs.result import ReceiptScreen, ResultScreen, SendingScreen
from screens.form.actions import ActionScreen
from screens.form.form import Form
from screens.form.placeholders import PlaceholderRow
from screens.form.row import QuestionRow, row_of
from screens.form.voice_list import VoiceLine, VoiceList
from screens.pages.editor import EditorScreen
from screens.pages.welcome import WelcomeScreen
from screens.payload.preview import ConfirmScreen, PreviewScreen
from screens.payload.review_list import ReviewList
from screens.terminal.themes import readable
from screens.widgets.component_styles import FIELD_COMPONENTS
from screens.widgets.json_view import JsonView
from tests.examples import full, meeting, minimal, sms, voices_of, with_, zeplo
from tests.person import (
    Person,
    action_list,
    add_action,
    answer,
    at_step,
    burst,
    button,
    choose_option,
    choose_voice,
    click,
    click_events,
    client_over,
    close,
    control_characters,
    enter_voice_by_hand,
    flowing_text,
    go_to,
    go_to_preview,
    hint,
    imported,
    in_sight,
    json_text,
    key_event,
    line_of,
    list_is_open,
    make_client,
    opened,
    paste,
    press,
    row,
    screen_lines,
    screen_text,
    settle,
    show_all_fields,
    shown_rows,
    text_of,
    toasts,
    type_text,
    voice,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from tests.terminal import Terminal
from wizard.api.client import Client
from wizard.api.http_client import Limits
from wizard.api.receipt_store import Receipts
from wizard.api.voice_catalogue import Voice
from wizard.contract import validation
from wizard.contract.applicability import applying
from wizard.contract.assistant import QUESTIONS
from wizard.contract.choices import OPT_OUT_SCRIPT
from wizard.contract.fields import FieldMeta, Kind, find, questions
from wizard.contract.model import ABSENT, ContractModel
from wizard.contract.rules import between
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft
from wizard.errors import CatalogueUnavailable
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage.store import open_store
from wizard.templates.library import find_template


def ready(**more: Any) -> Draft:
    """A draft that can be submitted."""
    return imported(minimal() | more)


def everything() -> Draft:
    """A draft in which every field applies."""
    return imported(full())


def sent(store: MemoryStore) -> Any:
    """The one payload that the sandbox received."""
    (body,) = store.bodies()
    return json.loads(body)


# --- every step by the keyboard alone, at 80x24


async def walk_round(pilot: Person) -> list[Widget]:
    """Press Tab until the focus is back, and look at every control on the way."""
    app = pilot.app
    first, visited = app.focused, []
    while not visited or app.focused is not first:
        focused = app.focused
        assert focused is not None
        await wait_for(pilot, lambda f=focused: in_sight(app, f), 5, f"{focused} in sight")
        visited.append(focused)
        assert len(visited) < 100, "Tab never comes back"
        await press(pilot, "tab")
        await wait_for(pilot, lambda f=focused: app.focused is not f, what="the next field")
    return visited


async def look_at_step(pilot: Person, step: str) -> None:
    """Walk round a step: every field gets the focus, and each control is in sight."""
    app = pilot.app
    visited = await walk_round(pilot)
    assert set(visited) == set(app.screen.focus_chain), step
    asked = [
        found.path
        for found in applying(QUESTIONS, app.draft.answers)
        if found.question.step == step
        and found.question.kind is not Kind.LIST
        and not found.question.meta.from_voice
    ]
    assert {row(app, path).control for path in asked} <= set(visited), step


@pytest.mark.parametrize("step", STEPS)
async def test_tab_reaches_every_field_in_sight(step: str) -> None:
    async with opened(everything(), step=step) as pilot:
        await look_at_step(pilot, step)


async def test_tab_reaches_every_field_of_a_new_draft() -> None:
    async with opened() as pilot:
        await show_all_fields(pilot)
        for step in STEPS:
            await go_to(pilot, step)
            await look_at_step(pilot, step)


async def test_moving_the_focus_draws_what_shows_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as pilot:
        shown, drawn = pilot.app.screen, []
        monkeypatch.setattr(shown, "refresh", lambda *regions, **_: drawn.append(regions))
        await press(pilot, "tab", "tab", "shift+tab")
        assert () not in drawn


async def test_tab_reaches_every_field_of_every_action() -> None:
    async with opened(everything(), step="actions") as pilot:
        for index in range(4):
            await walk_to(pilot, action_list(pilot.app))
            await press(pilot, "home", *["down"] * index, "enter")
            await wait_for_screen(pilot, ActionScreen)
            visited = await walk_round(pilot)
            shown = {r.control for r in pilot.app.screen.query(QuestionRow) if r.display}
            assert shown <= set(visited)
            await close(pilot)


async def test_shift_tab_walks_back() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        first = app.focused
        for _ in range(3):
            await press(pilot, "tab")
        for _ in range(3):
            await press(pilot, "shift+tab")
        assert app.focused is first
        await press(pilot, "shift+tab")
        assert app.focused is button(app, "next")
        await wait_for(pilot, lambda: in_sight(app, button(app, "next")))


async def test_the_cursor_stays_in_sight_in_a_long_text() -> None:
    async with opened(step="script") as pilot:
        app = pilot.app
        control: Any = row(app, "script").control
        await walk_to(pilot, control)
        await type_text(pilot, "\n".join(f"line {n}" for n in range(40)))
        await wait_for_text(pilot, "line 39")
        assert control.region.contains(*control.cursor_screen_offset)
        assert in_sight(app, control)


async def test_a_working_assistant_takes_eight_answers() -> None:
    store = MemoryStore()
    async with opened(store=store) as pilot:
        await answer(pilot, type="inbound", name="Asha", company_name="Acme", goal="Sales")
        await answer(pilot, language="en")
        await choose_voice(pilot, "asha")
        await answer(pilot, start_speech="Hello.", script="You are Asha.")
        await submit(pilot)
        assert sent(store)["name"] == "Asha"
        assert validation.find_errors(sent(store)) == []


async def test_enter_goes_from_field_to_field() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "right", "enter")
        for name in ("name", "company_name", "goal"):
            await wait_for(pilot, lambda n=name: app.focused is row(app, n).control)
            await type_text(pilot, f"{name}\n")
        assert [text_of(app, n) for n in ("name", "goal")] == ["name", "goal"]
        assert app.focused is button(app, "next"), "the line of the folded group is passed over"


async def test_enter_answers_only_required_fields() -> None:
    async with opened() as pilot:
        app = pilot.app
        assert app.focused is row(app, "type").control
        await press(pilot, "enter")
        assert app.draft.get(("type",)) == "inbound"
        assert app.focused is row(app, "name").control
        for name in ("is_recording", "widget_config__mode", "gender"):
            path = tuple(name.split("__"))
            if path[0] == "widget_config":
                await answer(pilot, widget_config__enabled=True)
            await go_to(pilot, str(find(QUESTIONS, path).step))
            if name == "gender":
                await enter_voice_by_hand(pilot)
            await walk_to(pilot, row(app, path).control)
            await press(pilot, "enter")
            assert app.draft.get(path) is MISSING, name
            assert app.focused is not row(app, path).control


@pytest.mark.parametrize("key", ["backspace", "delete"])
async def test_an_answer_of_a_few_options_can_be_removed(key: str) -> None:
    answers = {"is_recording": False, "temperature": 0.7}
    async with opened(ready(**answers, gender="male"), step="voice") as pilot:
        app = pilot.app
        for step, name in (("voice", "gender"), ("advanced", "is_recording")):
            await go_to(pilot, step)
            if name == "gender":
                await enter_voice_by_hand(pilot)
            await walk_to(pilot, row(app, name).control)
            await press(pilot, key)
            assert app.draft.get((name,)) is MISSING
            assert "●" not in line_of(app, row(app, name).control)


async def test_a_number_is_not_shown_as_yes_or_no() -> None:
    async with opened(ready(is_recording=1, enable_delay=0), step="advanced") as pilot:
        app = pilot.app
        for name in ("is_recording", "enable_delay"):
            await walk_to(pilot, row(app, name).control)
            assert line_of(app, row(app, name).control) == "○ Yes  ○ No"
        assert {problem.path for problem in app.draft.problems()} == {
            ("is_recording",),
            ("enable_delay",),
        }


async def test_a_long_line_without_focus_is_shown_from_its_beginning() -> None:
    goal = "Appointments: " + " ".join(f"word{number}" for number in range(30))
    async with opened(imported(minimal() | {"goal": goal})) as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: "Appointments: word0" in screen_text(app))
        row(app, "goal").control.focus()
        await wait_for(pilot, lambda: "word28 word29" in screen_text(app))
        await type_text(pilot, "!")
        await wait_for(pilot, lambda: "word28 word29!" in screen_text(app))
        await press(pilot, "tab")
        await wait_for(pilot, lambda: "Appointments: word0" in screen_text(app))
        await pilot.resize_terminal(140, 40)
        await settle(pilot)
        assert "Appointments: word0" in screen_text(app)


async def test_a_pending_answer_is_not_overwritten_by_the_draft() -> None:
    async with opened() as pilot:
        app = pilot.app
        control: Any = row(app, "company_name").control
        with app.batch_update():
            control.insert("Acme")
            app.steps.update_from(app.draft)
        await wait_for(pilot, lambda: app.draft.get(("company_name",)) == "Acme")
        chosen: Any = row(app, "assistant_image").control
        chosen.give(chosen.values[1])
        app.steps.update_from(app.draft)
        await wait_for(pilot, lambda: app.draft.get(("assistant_image",)) == chosen.values[1])


async def test_a_pending_key_is_not_overwritten_by_another_answer() -> None:
    async with opened(ready(goal="Old")) as pilot:
        app = pilot.app
        control: Any = row(app, "goal").control
        with app.batch_update():
            control.insert("!")
            app.draft.answer(("goal",), "Another")
            app.steps.update_from(app.draft)
        await wait_for(pilot, lambda: app.draft.get(("goal",)) == "Old!")
        assert text_of(app, "goal") == "Old!"


async def test_a_burst_of_keys_reaches_the_intended_fields() -> None:
    async with opened() as pilot:
        app = pilot.app
        burst(pilot, "right", "tab", *"Asha", "tab", *"Acme", "enter", *"Sales", "enter")
        await wait_for(pilot, lambda: text_of(app, "goal") == "Sales")
        answers = {n: app.draft.get((n,)) for n in ("name", "company_name", "company_website")}
        assert answers == {"name": "Asha", "company_name": "Acme", "company_website": MISSING}


async def test_a_key_pressed_as_a_step_opens_goes_by_the_order_of_its_fields() -> None:
    async with opened(ready(), step="actions") as pilot:
        burst(pilot, "ctrl+n", "shift+tab")
        await settle(pilot)
        assert at_step(pilot.app, "advanced")
        assert pilot.app.focused.id == "next"


async def test_suggestions_open_under_free_text() -> None:
    async with opened() as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "goal").control)
        await press(pilot, "down")
        await wait_for_screen(pilot, Menu)
        await choose_option(pilot, 2)
        await wait_for(pilot, lambda: app.draft.get(("goal",)) == "Appointments and reminders")


# --- fields appear and go

_TUNING = {"stability", "similarity", "style_exaggeration", "speaker_boost"}

# The answer that brings fields, the one that takes them away, and the fields.
_BRINGS: dict[str, list[tuple[str, Any, Any, set[str]]]] = {
    "voice": [
        ("is_filler", True, False, {"fillers"}),
        ("is_back_sound", True, False, {"background_type", "background_volume"}),
    ],
    "script": [("is_call_flow", True, False, {"call_flow"})],
    "advanced": [
        ("is_sensitivity", True, False, {"sensitivity"}),
        (
            "widget_config__enabled",
            True,
            False,
            {f"widget_config.{name}" for name in ("mode", "uiStyle", "position", "api_key")},
        ),
    ],
}


@pytest.mark.parametrize("step", _BRINGS)
async def test_fields_appear_and_go_without_losing_the_focus(step: str) -> None:
    async with opened(step=step) as pilot:
        app = pilot.app
        await show_all_fields(pilot)
        before = shown_rows(app, step)
        for name, on, off, fields in _BRINGS[step]:
            assert not fields & before
            await answer(pilot, **{name: on})
            await wait_for(pilot, lambda f=fields: shown_rows(app, step) == before | f, what=name)
            focused = app.focused
            assert focused is row(app, name).control
            assert in_sight(app, focused)
            await answer(pilot, **{name: off})
            await wait_for(pilot, lambda: shown_rows(app, step) == before, what=f"{name} off")
            assert app.focused is focused
            assert in_sight(app, focused)


async def test_fields_of_outbound_are_hidden_for_inbound() -> None:
    fields = {"is_wait_start_speech", "is_voice_note"}
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, type="outbound")
        await go_to(pilot, "script")
        assert fields <= shown_rows(app, "script")
        await answer(pilot, is_voice_note=True, voice_note="We call again.")
        assert "voice_note" in shown_rows(app, "script")
        await answer(pilot, type="inbound")
        await go_to(pilot, "script")
        assert not (fields | {"voice_note"}) & shown_rows(app, "script")
        assert app.draft.compose()["voice_note"] == ""
        await answer(pilot, type="outbound")
        await go_to(pilot, "script")
        assert text_of(app, "voice_note") == "We call again."
        assert app.draft.compose()["voice_note"] == "We call again."


async def test_hiding_keeps_the_answers_and_leaves_them_out() -> None:
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, is_filler=True, fillers=["uhh"])
        await answer(pilot, is_back_sound=True, background_type="cafe", background_volume=4)
        await answer(pilot, is_filler=False, is_back_sound=False)
        composed = app.draft.compose()
        assert composed["fillers"] == []
        assert not {"background_type", "background_volume"} & set(composed)
        await answer(pilot, is_filler=True, is_back_sound=True)
        assert row(app, "fillers").control.answer == ["uhh"]
        assert text_of(app, "background_type") == "cafe"
        assert text_of(app, "background_volume") == "4"
        assert app.draft.compose()["background_volume"] == 4


async def test_a_container_is_asked_of_an_embedded_widget_alone() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await answer(pilot, widget_config__enabled=True, widget_config__mode="embedded")
        assert "widget_config.containerId" in shown_rows(app, "advanced")
        await answer(pilot, widget_config__containerId="talk", widget_config__mode="floating")
        assert "widget_config.containerId" not in shown_rows(app, "advanced")
        assert "containerId" not in app.draft.compose()["widget_config"]
        await answer(pilot, widget_config__mode="embedded")
        assert text_of(app, "widget_config__containerId") == "talk"


async def test_a_secret_is_shown_as_dots() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await answer(pilot, widget_config__enabled=True, widget_config__api_key="canary")
        assert app.draft.get(("widget_config", "api_key")) == "canary"
        assert "canary" not in screen_text(app)
        assert "••••••" in screen_text(app)
        await press(pilot, "ctrl+r")
        assert "canary" in screen_text(app)
        await press(pilot, "tab")
        assert "canary" not in screen_text(app)
        await press(pilot, "shift+tab")
        assert "canary" not in screen_text(app)


async def test_the_fixed_sentence_is_shown_while_opt_out_is_on() -> None:
    async with opened(step="script") as pilot:
        app = pilot.app
        await answer(pilot, is_opt_out=True)
        fixed = app.screen.query_one("#step-script FixedRow")
        await wait_for(pilot, lambda: any(f.display for f in fixed_rows(app, "opt_out_script")))
        assert fixed not in app.screen.focus_chain
        app.screen.query_one("#step-script").scroll_end(animate=False)
        await settle(pilot)
        assert OPT_OUT_SCRIPT[:40] in flowing_text(app)
        await answer(pilot, is_opt_out=False)
        assert not any(f.display for f in fixed_rows(app, "opt_out_script"))


def fixed_rows(app: Any, name: str) -> list[Any]:
    return [fixed for fixed in app.screen.query("FixedRow") if fixed.path[-1] == name]


async def test_the_channels_of_a_message_appear_with_their_switches() -> None:
    async with opened() as pilot:
        app = pilot.app
        await add_action(pilot, "sendMessage")
        start = shown_rows(app)
        assert {"actions.0.sms.is_sms", "actions.0.zeplo.is_zeplo"} <= start
        assert not [name for name in start if "whatsapp" in name]
        await answer(pilot, sms__is_sms=True)
        assert {"actions.0.sms.description", "actions.0.sms.content"} <= shown_rows(app)
        assert app.focused is row(app, "sms__is_sms").control
        await answer(pilot, sms__content="The way: [left]", zeplo__is_zeplo=True)
        assert "actions.0.zeplo.content.templateName" in shown_rows(app)
        await answer(pilot, sms__is_sms=False, zeplo__is_zeplo=False)
        assert shown_rows(app) == start
        await answer(pilot, sms__is_sms=True)
        assert text_of(app, "sms__content") == "The way: [left]"


async def test_the_last_words_follow_the_language_until_they_are_written() -> None:
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, language="de")
        assert "Auf Wiederhören" in text_of(app, "end_call_message")
        await answer(pilot, language="it")
        assert "Arrivederci" in text_of(app, "end_call_message")
        await answer(pilot, end_call_message="Ciao!", language="de")
        assert text_of(app, "end_call_message") == "Ciao!"
        assert app.draft.compose()["end_call_message"] == "Ciao!"


# --- Next and Back


async def test_next_shows_every_problem_and_goes_to_the_first() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "ctrl+n")
        await wait_for_text(pilot, "4 fields need attention")
        assert at_step(app, "type")
        await wait_for(pilot, lambda: app.focused is row(app, "type").control)
        for name in ("type", "name", "company_name", "goal"):
            assert hint(app, name).startswith("✗ Required."), name
            assert line_of(app, row(app, name), -1).startswith("✗ Required."), name
        for name in ("company_website", "assistant_image"):
            assert not hint(app, name).startswith("✗"), name


async def test_back_goes_to_the_field_where_the_step_was_left() -> None:
    async with opened(ready(), step="type") as pilot:
        app = pilot.app
        company = row(app, "company_name").control
        await walk_to(pilot, company)
        await press(pilot, "ctrl+n")
        await wait_for(pilot, lambda: at_step(app, "language"))
        await press(pilot, "escape")
        await wait_for(pilot, lambda: at_step(app, "type") and app.focused is company)
        await go_to(pilot, "voice")
        await walk_to(pilot, row(app, "voice_speed").control)
        await press(pilot, "shift+tab")
        await press(pilot, "ctrl+n")
        await wait_for(pilot, lambda: at_step(app, "script"))
        await press(pilot, "escape")
        line = app.screen.query_one(VoiceLine)
        await wait_for(pilot, lambda: at_step(app, "voice") and app.focused is line)


async def test_a_corrected_error_is_no_longer_shown() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "ctrl+n")
        await answer(pilot, name="Asha")
        assert "attention" not in screen_text(app)
        assert not hint(app, "name").startswith("✗")
        assert hint(app, "goal").startswith("✗")


async def test_the_first_problem_of_each_step_takes_the_focus() -> None:
    wrong = {
        "type": ("company_website", "acme"),
        "language": ("language", "xx"),
        "voice": ("voice_speed", 9),
        "script": ("script", "  "),
        "advanced": ("temperature", "hot"),
    }
    async with opened(ready(**dict(wrong.values()))) as pilot:
        app = pilot.app
        for step, (name, value) in wrong.items():
            await go_to(pilot, step)
            await press(pilot, "ctrl+n")
            control = row(app, name).control
            await wait_for(pilot, lambda c=control: app.focused is c and in_sight(app, c))
            assert hint(app, name).startswith("✗"), name
            assert at_step(app, step)
            assert app.draft.get((name,)) == value


async def test_back_never_blocks() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await answer(pilot, maximum_time_per_call="soon")
        for step in reversed(STEPS[:-1]):
            if app.draft.problems(app.screen.step):
                await press(pilot, "ctrl+n")
            await press(pilot, "escape")
            await wait_for(pilot, lambda s=step: at_step(app, s), what=f"back to {step}")
        await press(pilot, "escape")
        await wait_for_screen(pilot, WelcomeScreen)
        await press(pilot, "escape")
        await wait_for(pilot, lambda: at_step(app, "type"))
        await go_to(pilot, "advanced")
        assert text_of(app, "maximum_time_per_call") == "soon"


async def test_next_leads_through_all_steps_to_the_preview() -> None:
    async with opened(ready()) as pilot:
        for step in STEPS[1:]:
            await press(pilot, "ctrl+n")
            await wait_for(pilot, lambda s=step: at_step(pilot.app, s), what=f"on to {step}")
        await press(pilot, "ctrl+n")
        await wait_for_screen(pilot, PreviewScreen)


async def test_the_buttons_do_the_same_as_the_keys() -> None:
    async with opened(ready()) as pilot:
        app = pilot.app
        await walk_to(pilot, button(app, "next"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: at_step(app, "language"))
        await settle(pilot)
        await walk_to(pilot, app.screen.query_one("#step-language #back"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: at_step(app, "type"))


async def test_back_closes_a_list_or_dialog_first() -> None:
    async with opened(ready(), step="language") as pilot:
        app = pilot.app
        await press(pilot, "enter")
        await wait_for(pilot, lambda: list_is_open(app))
        await close(pilot)
        assert at_step(app, "language")
        for key in ("f1", "f2"):
            await press(pilot, key)
            await wait_for(pilot, lambda: not at_step(app, "language"))
            await close(pilot)
            assert at_step(app, "language")
        await press(pilot, "escape")
        await wait_for(pilot, lambda: at_step(app, "type"))


async def test_going_back_and_forth_restores_every_answer() -> None:
    given: dict[str, Any] = {
        "type": "outbound",
        "name": "Asha [b]",
        "company_website": "not a url",
        "language": "hi",
        "end_call_message": "फिर मिलेंगे",
        "voice_speed": 1.3,
        "is_filler": True,
        "fillers": ["umm", "uhh"],
        "script": "one\n\ntwo {{first_name}}",
        "is_call_flow": True,
        "call_flow": '{"nodes": [1, 2]',
        "is_recording": True,
        "safety_fallback_delay": "later",
        "sentiment__general_prompt": "Judge.",
    }
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, **given)
        for step in (*reversed(STEPS), *STEPS):
            await go_to(pilot, step)
        for name, value in given.items():
            assert row(app, name).control.answer == value, name
            assert app.draft.get(tuple(name.split("__"))) == value, name


# --- the list of steps


async def test_f2_lists_the_steps_with_their_states_and_jumps() -> None:
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, company_website="nowhere", type="inbound")
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        assert "✗ Type  ·  answers are wrong or missing" in screen_text(app)
        assert "○ Language  ·  not opened yet" in screen_text(app)
        await choose_option(pilot, 3)
        await wait_for(pilot, lambda: at_step(app, "script"))
        await answer(pilot, start_speech="Hello.", script="Hello.")
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        assert "✓ Script  ·  done" in screen_text(app)
        await close(pilot)
        assert at_step(app, "script")


async def test_escape_returns_from_the_steps_and_the_preview_to_the_form_of_an_action() -> None:
    async with opened(ready(actions=[meeting()])) as pilot:
        app = pilot.app
        await go_to(pilot, "actions")
        await press(pilot, "enter")
        form = await wait_for_screen(pilot, ActionScreen)
        await walk_to(pilot, row(app, "say").control)
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        await close(pilot)
        assert app.screen is form
        await go_to_preview(pilot)
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        await close(pilot)
        assert isinstance(app.screen, PreviewScreen)
        await close(pilot)
        assert app.screen is form
        assert app.focused is row(app, "say").control
        await go_to_preview(pilot)
        await go_to(pilot, "script")


async def test_f2_leads_to_the_preview_too() -> None:
    async with opened() as pilot:
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        await choose_option(pilot, len(STEPS))
        await wait_for_screen(pilot, PreviewScreen)
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)


async def test_the_mouse_goes_to_steps_and_through_them() -> None:
    async with opened(ready()) as pilot:
        app = pilot.app
        tabs = {tab.step: tab for tab in app.screen.query("StepTab")}
        await click(pilot, tabs["script"])
        await wait_for(pilot, lambda: at_step(app, "script"))
        app.screen.query_one("#step-script").scroll_end(animate=False)
        await settle(pilot)
        await click(pilot, app.screen.query_one("#step-script #next"))
        await wait_for(pilot, lambda: at_step(app, "actions"))


@pytest.mark.parametrize("how", ["next", "tab", "list"])
async def test_a_template_uses_a_new_name_on_the_next_step(how: str) -> None:
    draft = ready()
    for name in ("name", "company_name", "goal", "start_speech", "script"):
        draft.answer((name,), MISSING)
    draft.start_from(find_template("win-back", None))
    async with opened(draft, step="type") as pilot:
        app = pilot.app
        for name in ("Asha", "Zoya"):
            await go_to(pilot, "type")
            await answer(pilot, name=name, company_name="Acme")
            if how == "next":
                await press(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
            elif how == "tab":
                tabs = {tab.step: tab for tab in app.screen.query("StepTab")}
                await click(pilot, tabs["script"])
            else:
                await go_to(pilot, "script")
            await wait_for(pilot, lambda: at_step(app, "script"))
            await settle(pilot)
            assert name in text_of(app, "start_speech")
            assert f"You are {name}" in text_of(app, "script")


async def test_the_field_in_focus_is_saved_though_nothing_is_typed(tmp_path: Path) -> None:
    draft = ready(actions=[meeting()])
    async with opened(draft, step="script", home=tmp_path) as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "knowledge_base_Id").control)
        assert saved_focus(app) == ("knowledge_base_Id",)
        await go_to(pilot, "actions")
        await edit_first(pilot)
        await walk_to(pilot, row(app, "length").control)
        assert saved_focus(app) == ("actions", 0, "length")


def saved_focus(app: Any) -> Any:
    """The field at which another wizard would continue if this one ended now."""
    app.session.flush()
    store = open_store(app.session.home).store
    try:
        return store.load(app.draft.id).focus
    finally:
        store.close()


async def test_redo_works_on_every_kind_of_field_and_in_an_action() -> None:
    async with opened(ready(actions=[meeting()]), step="advanced") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "is_recording").control)
        await press(pilot, "y", "ctrl+z")
        assert app.draft.get(("is_recording",)) is MISSING
        await press(pilot, "ctrl+y")
        assert app.draft.get(("is_recording",)) is True
        await walk_to(pilot, row(app, "call_outcome_prompt").control)
        await type_text(pilot, "Say yes.")
        await press(pilot, "ctrl+z")
        assert app.draft.get(("call_outcome_prompt",)) is not MISSING
        await press(pilot, "ctrl+y")
        assert "Say yes." in app.draft.get(("call_outcome_prompt",))
        await go_to(pilot, "actions")
        await edit_first(pilot)
        await walk_to(pilot, row(app, "bookingDays").control)
        before = app.draft.answers
        await press(pilot, "space")
        after = app.draft.answers
        await press(pilot, "ctrl+z")
        assert app.draft.answers == before != after
        await press(pilot, "ctrl+y")
        assert app.draft.answers == after


async def test_the_palette_finds_a_field() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "ctrl+p")
        await wait_for_screen(pilot, CommandPalette)
        await type_text(pilot, "knowledge_base")
        await wait_for_text(pilot, "knowledge_base_Id")
        await press(pilot, "down", "enter")
        await wait_for(pilot, lambda: at_step(app, "script"))
        await wait_for(pilot, lambda: app.focused is row(app, "knowledge_base_Id").control)


async def test_help_shows_everything_about_the_focused_field() -> None:
    async with opened(step="voice") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "voice_speed").control)
        await press(pilot, "f1")
        await wait_for_screen(pilot, HelpScreen)
        text = flowing_text(app)
        for words in ("voice_speed", "one of 1, 1.1", "always", "Default 1"):
            assert words in text
        await close(pilot)
        assert app.focused is row(app, "voice_speed").control


async def test_the_live_payload_follows_every_key() -> None:
    async with opened(size=(140, 40)) as pilot:
        app = pilot.app
        view = app.screen.query_one("#payload").query_one(JsonView)
        await answer(pilot, name="Asha [b]")
        assert '"name": "Asha [b]"' in screen_text(app)
        shown, sent = json_text(view).split("\n"), app.draft.preview().split("\n")
        assert [line[:80] for line in shown] == [line[:80] for line in sent]
        await press(pilot, "f8")
        await wait_for(pilot, lambda: '"name":' not in screen_text(app))
        await pilot.resize_terminal(80, 24)
        await press(pilot, "f8")
        await wait_for_text(pilot, '"name": "Asha [b]"')


# --- voices


async def test_a_voice_is_searched_and_fills_six_fields() -> None:
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, language="hi")
        await go_to(pilot, "voice")
        await wait_for_text(pilot, "voices · Hindi")
        found = app.screen.query_one(VoiceList)
        assert {v.language for v in found.voices} == {"hi"}
        await type_text(pilot, "female delhi native")
        await wait_for(pilot, lambda: len(found.voices) == 1)
        await press(pilot, "enter")
        chosen = found.voices[0]
        await wait_for(pilot, lambda: app.draft.get(("voice_id",)) == chosen.voice_id)
        filled = {
            "accent": chosen.accent,
            "voice_id": chosen.voice_id,
            "voice_name": chosen.name,
            "ai_modal": "qmodel",
            "gender": "female",
        }
        assert {name: app.draft.get((name,)) for name in filled} == filled
        assert app.draft.get(("voice_data",))["voice_id"] == chosen.voice_id
        # The next thing to answer has the focus.
        await wait_for(pilot, lambda: app.focused is row(app, "voice_speed").control)


async def test_another_voice_takes_the_place_of_all_of_the_first() -> None:
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, language="en")
        await show_all_fields(pilot)
        await choose_voice(pilot, "elevenlabs female")
        assert _TUNING | {"eleven_lab_modal"} <= shown_rows(app, "voice")
        await answer(pilot, eleven_lab_modal="eleven_turbo_v2", stability=0.4)
        await choose_voice(pilot, "native male")
        assert "eleven_lab_modal" not in shown_rows(app, "voice")
        assert shown_rows(app, "voice") >= _TUNING
        assert app.draft.get(("gender",)) == "male"
        assert "eleven_lab_modal" not in app.draft.compose()
        await choose_voice(pilot, "elevenlabs male")
        assert text_of(app, "eleven_lab_modal") == "eleven_turbo_v2"


async def test_all_languages_can_be_searched() -> None:
    async with opened() as pilot:
        app = pilot.app
        await answer(pilot, language="ta")
        await go_to(pilot, "voice")
        await wait_for_text(pilot, "voices · Tamil")
        await type_text(pilot, "bavarian nobody")
        await wait_for_text(pilot, "none found")
        await press(pilot, "end", "ctrl+u", "tab", "enter")
        await wait_for_screen(pilot, Menu)
        await choose_option(pilot, 0)
        await wait_for_text(pilot, "voices · all languages")
        found = app.screen.query_one(VoiceList)
        assert len({v.language for v in found.voices}) == 13


async def test_thousands_of_voices_are_walked_from_end_to_end() -> None:
    voices = [voice(f"v-{n}", f"Voice {n}") for n in range(5_000)]
    async with opened(client=with_voices(voices), step="voice") as pilot:
        app = pilot.app
        await wait_for_text(pilot, "5,000 of 5,000 voices")
        await press(pilot, "down", "end")
        await wait_for_text(pilot, "Voice 4999")
        await press(pilot, "home", "pagedown", "up", "end", "enter")
        await wait_for(pilot, lambda: app.draft.get(("voice_id",)) == "v-4999")


def with_voices(found: "list[Any] | Exception") -> Client:
    """A client with another catalogue, or with none."""
    client = make_client()

    async def voices() -> Sequence[Voice]:
        if isinstance(found, Exception):
            raise found
        return voices_of(found)

    client.voices = voices  # type: ignore[method-assign]
    return client


@pytest.mark.parametrize(
    "found",
    [CatalogueUnavailable("The voices could not be loaded: connection refused."), []],
    ids=["unavailable", "empty"],
)
async def test_without_a_catalogue_the_voice_is_typed_by_hand(found: Any) -> None:
    async with opened(client=with_voices(found), step="voice") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: "by hand" in flowing_text(app))
        by_hand = {"accent": "indian", "voice_id": "v-9", "voice_name": "Asha", "ai_modal": "own"}
        await answer(pilot, **by_hand, gender="female")
        assert not app.draft.problems(STEPS[2])
        assert {name: app.draft.compose()[name] for name in by_hand} == by_hand


async def test_a_voice_object_is_pasted() -> None:
    pasted = voice("v-9", "Asha", ai_modal="qmodel", id="v-9", extra=[1])
    client = with_voices(CatalogueUnavailable("There is none."))
    async with opened(client=client, step="voice") as pilot:
        app = pilot.app
        await wait_for_text(pilot, "by hand")
        by_hand = {"accent": "indian", "voice_id": "v-9", "voice_name": "Asha"}
        await answer(pilot, **by_hand, ai_modal="qmodel")
        await walk_to(pilot, row(app, "voice_data").control)
        await paste(pilot, "{not json")
        await press(pilot, "ctrl+n")
        await wait_for(pilot, lambda: hint(app, "voice_data").startswith("✗ Enter an object"))
        await press(pilot, "alt+a")
        await paste(pilot, json.dumps(pasted))
        await wait_for(pilot, lambda: app.draft.get(("voice_data",)) == pasted)
        assert not app.draft.problems(STEPS[2])


async def test_a_late_catalogue_arrives_after_its_screen_was_left() -> None:
    came = asyncio.Event()
    client = make_client()

    async def voices() -> Sequence[Voice]:
        await came.wait()
        return voices_of([voice("v-1", "Late")])

    client.voices = voices  # type: ignore[method-assign]
    async with opened(client=client, step="voice") as pilot:
        app = pilot.app
        assert "Loading the voices" in screen_text(app)
        app.action_new()
        await wait_for(pilot, lambda: at_step(app, "type"))
        came.set()
        await go_to(pilot, "voice")
        await wait_for_text(pilot, "Late")


# --- actions


async def test_a_new_meeting_has_starting_values() -> None:
    async with opened() as pilot:
        app = pilot.app
        await add_action(pilot, "scheduleMeeting")
        await answer(pilot, length=45, startTime="10:00 AM", bookingDays="Monday,Sunday")
        await close(pilot)
        assert "1  Schedule a meeting: 45 minutes, 2 days a week" in screen_text(app)
        assert not app.draft.problems(STEPS[4])
        (made,) = app.draft.compose()["actions"]
        assert made["bookingDays"] == "Monday,Sunday"
        assert made["meetingType"] == "openBooking"


async def test_a_time_zone_is_searched() -> None:
    async with opened(ready(actions=[meeting()])) as pilot:
        app = pilot.app
        await edit_first(pilot)
        await walk_to(pilot, row(app, "timezone").control)
        await press(pilot, "down")
        await wait_for_screen(pilot, Menu)
        await type_text(pilot, "new york")
        await wait_for_text(pilot, "America/New_York")
        await press(pilot, "enter")
        await wait_for_screen(pilot, ActionScreen)
        assert app.draft.get(("actions", 0, "timezone")) == "America/New_York"


async def test_advice_on_an_action_is_shown_in_its_form() -> None:
    async with opened(ready(actions=[meeting() | {"bookingDays": "Sunday"}])) as pilot:
        await edit_first(pilot)
        await answer(pilot, bookingDays="")
        await wait_for_text(pilot, "△")
        assert "△" in row(pilot.app, "bookingDays").message

        await answer(pilot, bookingDays="Monday")
        await wait_for(pilot, lambda: "△" not in row(pilot.app, "bookingDays").message)


async def edit_first(pilot: Person) -> None:
    """Open the form of the first action."""
    await go_to(pilot, "actions")
    await walk_to(pilot, action_list(pilot.app))
    await press(pilot, "home", "e")
    await wait_for_screen(pilot, ActionScreen)


async def test_the_focus_of_the_actions_step_is_the_list_or_add() -> None:
    async with opened(ready(actions=[meeting(), sms()]), step="actions") as pilot:
        assert pilot.app.focused is action_list(pilot.app)
        await press(pilot, "delete", "delete")
        await wait_for(pilot, lambda: pilot.app.focused is button(pilot.app, "action-add"))
    async with opened(ready(), step="actions") as pilot:
        assert pilot.app.focused is button(pilot.app, "action-add")


async def test_actions_are_duplicated_reordered_and_removed() -> None:
    async with opened(ready(actions=[meeting(), sms()]), step="actions") as pilot:
        app = pilot.app

        def kinds() -> list[str]:
            return [action["type"] for action in app.draft.answers["actions"]]

        await walk_to(pilot, action_list(app))
        await press(pilot, "home", "c")
        await wait_for(pilot, lambda: len(kinds()) == 3)
        assert kinds() == ["scheduleMeeting", "scheduleMeeting", "sendMessage"]
        assert action_list(app).cursor == 1
        await press(pilot, "ctrl+down")
        await wait_for(
            pilot, lambda: kinds() == ["scheduleMeeting", "sendMessage", "scheduleMeeting"]
        )
        await press(pilot, "ctrl+down", "ctrl+down")
        assert kinds() == ["scheduleMeeting", "sendMessage", "scheduleMeeting"]
        await press(pilot, "ctrl+up", "ctrl+up", "ctrl+up")
        assert kinds() == ["scheduleMeeting", "scheduleMeeting", "sendMessage"]
        await press(pilot, "e")
        await wait_for_screen(pilot, ActionScreen)
        await answer(pilot, say="Only here.")
        await close(pilot)
        assert [a.get("say") for a in app.draft.answers["actions"]] == [
            "Only here.",
            "One moment please.",
            None,
        ]
        await press(pilot, "delete", "delete")
        await wait_for(pilot, lambda: kinds() == ["sendMessage"])
        await press(pilot, "delete")
        await wait_for(pilot, lambda: not app.draft.answers.get("actions"))
        assert "actions" not in app.draft.compose()
        assert app.focused is not None
        await press(pilot, "delete", "c", "e")
        assert at_step(app, "actions")


async def test_an_action_moves_by_one_place() -> None:
    async with opened(ready(actions=[sms(), sms(), meeting()]), step="actions") as pilot:
        app = pilot.app

        def place() -> int:
            kinds = [action["type"] for action in app.draft.answers["actions"]]
            return kinds.index("scheduleMeeting")

        await walk_to(pilot, action_list(app))
        await press(pilot, "end")
        for key, at in [("up", 1), ("up", 0), ("up", 0), ("down", 1), ("down", 2), ("down", 2)]:
            await press(pilot, f"ctrl+{key}")
            assert place() == action_list(app).cursor == at
            # The footer has only the moves that there are.
            await wait_for(pilot, lambda at=at: ("^↑ Up" in screen_text(app)) == (at > 0))
            assert ("^↓ Down" in screen_text(app)) == (at < 2)


async def test_the_buttons_of_the_list_do_the_same() -> None:
    async with opened(ready(actions=[meeting(), sms()]), step="actions") as pilot:
        app = pilot.app
        for what, count in (("copy", 3), ("remove", 2), ("down", 2), ("up", 2)):
            await walk_to(pilot, button(app, f"action-{what}"))
            await press(pilot, "enter")
            await wait_for(pilot, lambda c=count: len(app.draft.answers["actions"]) == c, what=what)
        await walk_to(pilot, button(app, "action-edit"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, ActionScreen)


async def test_slots_are_read_off_a_pasted_template() -> None:
    async with opened() as pilot:
        app = pilot.app
        await add_action(pilot, "sendMessage")
        await answer(pilot, zeplo__is_zeplo=True, zeplo__description="Booked.")
        await answer(pilot, zeplo__content__templateName="booked")
        await answer(pilot, zeplo__content__category="UTILITY")
        await walk_to(pilot, row(app, "template_text").control)
        await paste(pilot, "header: {{1}}\nHello {{1}}, on {{2}}.\nbutton: https://x/{{1}}")
        content = ("actions", 0, "zeplo", "content")
        slots = app.draft.get((*content, "parameter_slots"))
        places = [(slot["section"], slot["index"], slot.get("sub_index")) for slot in slots]
        assert places == [
            ("header", 1, None),
            ("body", 1, None),
            ("body", 2, None),
            ("button", 0, 1),
        ]
        assert hint(app, "template_text") == "4 placeholders found."
        await press(pilot, "escape")
        await press(pilot, "ctrl+n")
        await wait_for_text(pilot, "Action 1, WhatsApp template, Header {{1}}:")
        await edit_first(pilot)
        hints = ["Acme", "the caller's name", "the day", "the id"]
        for number, text in enumerate(hints):
            await walk_to(pilot, row(app, hint_path(number)).control)
            await type_text(pilot, text)
        await close(pilot)
        assert not app.draft.problems(STEPS[4])
        (made,) = app.draft.compose()["actions"]
        assert made["zeplo"]["content"]["parameter_hints"] == hints
        assert made["zeplo"]["content"]["parameter_slots"] == slots
        assert "template_text" not in made["zeplo"]["content"]
        await edit_first(pilot)
        assert "Hello {{1}}, on {{2}}." in text_of(app, "template_text")


def hint_path(number: int) -> tuple[str | int, ...]:
    return ("parameter_hints", number)


def hint_labels(app: Any) -> list[str]:
    return [row.question.label for row in app.screen.query(PlaceholderRow) if row.display]


async def paste_template(pilot: Person, text: str) -> None:
    await walk_to(pilot, row(pilot.app, "template_text").control)
    await press(pilot, "alt+a")
    await paste(pilot, text)


async def test_each_placeholder_has_a_row_with_its_line() -> None:
    async with opened(ready(actions=[zeplo()]), size=(100, 50)) as pilot:
        app = pilot.app
        await edit_first(pilot)
        await paste_template(pilot, "{{1}}, on {{2}}.\nbutton: Track Order https://x/{{1}}")
        assert hint_labels(app) == ["Body {{1}}", "Body {{2}}", "Button 0 (Track Order) {{1}}"]
        assert hint(app, hint_path(1)) == "{{1}}, on {{2}}."
        # The hints of the imported action stay with their placeholders.
        texts = [text_of(app, hint_path(number)) for number in range(3)]
        assert texts == ["the caller's name", "", "the booking's number"]
        await walk_to(pilot, row(app, hint_path(1)).control)
        assert marked(app) == "{{2}}"
        await type_text(pilot, "the day")
        await press(pilot, "tab")
        assert marked(app) == "{{1}}"
        # Another text keeps the typed hints, and a row that stays keeps its widget.
        await paste_template(pilot, "Hi {{1}}, {{2}}")
        assert [text_of(app, hint_path(number)) for number in range(2)] == [*texts[:1], "the day"]
        assert marked(app) == ""


def marked(app: Any) -> str:
    """What the template's text has marked as the placeholder in focus."""
    control = row(app, "template_text").control
    lines = control.text.split("\n")
    found = [(line, m) for line in lines for m in control.marks_of(line) if "found" in m.style]
    return "".join(line[mark.start : mark.end] for line, mark in found)


async def test_an_empty_hint_is_reported_when_left() -> None:
    async with opened(ready(actions=[zeplo()])) as pilot:
        app = pilot.app
        await edit_first(pilot)
        await paste_template(pilot, "{{1}} {{2}}")
        assert hint(app, hint_path(1)) == "{{1}} {{2}}"
        await walk_to(pilot, row(app, hint_path(1)).control)
        await type_text(pilot, " ")
        await press(pilot, "tab")
        assert hint(app, hint_path(1)) == "✗ Required."


async def test_the_placeholders_can_be_edited_as_json() -> None:
    async with opened(ready(actions=[zeplo()])) as pilot:
        app = pilot.app
        await edit_first(pilot)
        assert not row(app, "parameter_slots").display
        assert len(hint_labels(app)) == 3
        await walk_to(pilot, button(app, "placeholders-json"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: row(app, "parameter_slots").display, what="the JSON")
        assert hint_labels(app) == []
        slots = json.loads(text_of(app, "parameter_slots"))
        assert slots[0]["section"] == "header"
        await answer(pilot, parameter_slots=slots[:1], parameter_hints=["the firm"])
        await walk_to(pilot, button(app, "placeholders-json"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: hint_labels(app), what="the rows")
        assert hint_labels(app) == ["Header {{1}}"]
        assert text_of(app, hint_path(0)) == "the firm"


async def test_an_authentication_template_takes_one_hint() -> None:
    async with opened(ready(actions=[zeplo()])) as pilot:
        app = pilot.app
        await edit_first(pilot)
        await answer(pilot, category="AUTHENTICATION")
        assert hint_labels(app) == ["All placeholders"]
        await walk_to(pilot, row(app, hint_path(0)).control)
        await press(pilot, "alt+a", "delete")
        await type_text(pilot, "the code")
        await close(pilot)
        assert not app.draft.problems(STEPS[4])
        (made,) = app.draft.compose()["actions"]
        assert made["zeplo"]["content"]["parameter_hints"] == ["the code"]


async def test_a_problem_in_an_action_stops_next() -> None:
    broken = with_(meeting(), "endTime", "08:00 AM")
    async with opened(ready(actions=[meeting(), broken]), step="actions") as pilot:
        app = pilot.app
        assert "✗ 1 to fix" in screen_text(app)
        await press(pilot, "ctrl+n")
        await wait_for_text(pilot, "Action 2, Until")
        assert "Enter a time after the start" in flowing_text(app)
        assert app.focused is action_list(app)
        assert action_list(app).cursor == 1
        await press(pilot, "enter")
        await wait_for_screen(pilot, ActionScreen)
        await answer(pilot, endTime="06:00 PM")
        await close(pilot)
        assert "to fix" not in screen_text(app)


# --- the preview


async def test_the_previewed_payload_is_sent() -> None:
    store = MemoryStore()
    async with opened(everything(), store=store) as pilot:
        app = pilot.app
        await answer(pilot, name="Zoë [b]x[/b] 👩‍👧", script="one\ntwo\n")
        await go_to_preview(pilot)
        view = app.screen.query_one("#bytes", JsonView)
        assert "widget-key" not in json_text(view)
        await press(pilot, "ctrl+r", "f8")
        previewed = json_text(view)
        assert '"type": "outbound"' in screen_text(app)
        assert "Ready for the sandbox" in screen_text(app)
        await submit(pilot)
        (body,) = store.bodies()
        assert previewed.encode() == body
        assert dump(json.loads(body)).encode() == body


async def test_the_lines_of_the_preview_are_the_payload_in_order() -> None:
    async with opened(ready(script="x" * 300 + "\nनमस्ते दुनिया " * 20)) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "f8")
        view = app.screen.query_one("#bytes", JsonView)
        seen = ""
        for line in range(view.virtual_size.height):
            view.scroll_to(0, line, animate=False, immediate=True)
            at = line - view.scroll_offset.y
            seen += view.render_line(at).text.rstrip(" ")
        assert seen.replace(" ", "") == json_text(view).replace("\n", "").replace(" ", "")


async def test_problems_are_listed_by_step_and_lead_to_their_fields() -> None:
    broken = with_(ready().answers, "actions", [with_(meeting(), "startTime", "9h")])
    draft = imported(broken | {"company_website": "nowhere", "temperature": 9})
    targets = [("company_website",), ("actions", 0, "startTime"), ("temperature",)]
    async with opened(draft) as pilot:
        app = pilot.app
        for index, path in enumerate(targets):
            await go_to_preview(pilot)
            assert "3 things to fix" in screen_text(app)
            text = flowing_text(app)
            assert "Type · Website" in text
            assert "✗ Action 1, From" in text
            assert "Tuning · Temperature" in text
            assert button(app, "submit").disabled
            assert isinstance(app.focused, ReviewList)
            await choose_option(pilot, index)
            await wait_for(pilot, lambda: not isinstance(app.screen, PreviewScreen))
            await settle(pilot)
            field = row(app, path)
            await wait_for(pilot, lambda f=field: app.focused is f.control, what=f"{path}")
            await wait_for(pilot, lambda f=field: in_sight(app, f.control))
            assert hint(app, path).startswith("✗"), path


async def test_an_invalid_draft_cannot_be_submitted() -> None:
    store = MemoryStore()
    async with opened(store=store) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s", "y")
        assert isinstance(app.screen, PreviewScreen)
        await wait_for(pilot, lambda: "Not ready" in toasts(app))
        assert store.bodies() == []


async def test_left_out_answers_and_extras_are_named() -> None:
    left = {"type": "inbound", "is_voice_note": True, "voice_note": "Hi", "own_field": 1}
    async with opened(ready(**left)) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        text = flowing_text(app)
        assert "Kept, not sent" in text
        assert "Voice note: it is sent when" in text
        assert "own_field: not documented by QCall, sent as it is" in text
        focused = app.focused
        await press(pilot, "f8")
        view = app.screen.query_one("#bytes", JsonView)
        assert app.focused is view
        assert json.loads(json_text(view))["own_field"] == 1
        assert json.loads(json_text(view))["voice_note"] == ""
        await press(pilot, "f8")
        assert app.focused is focused
        await walk_to(pilot, button(app, "turn"))
        await press(pilot, "enter")
        assert app.focused is view


async def test_a_line_of_the_preview_leads_to_its_field() -> None:
    async with opened(ready(), size=(140, 40)) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        line = next(n for n, text in enumerate(screen_lines(app)) if '"goal"' in text)
        view = app.screen.query_one("#bytes", JsonView)
        for event in click_events(view):
            event._y = event._screen_y = line
            app.post_message(event)
        await wait_for(pilot, lambda: at_step(app, "type"))
        await wait_for(pilot, lambda: app.focused is row(app, "goal").control)


async def test_from_the_preview_esc_leads_back_to_the_field_that_was_left() -> None:
    async with opened(ready(), step="script") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "knowledge_base_Id").control)
        await go_to_preview(pilot)
        await close(pilot)
        assert at_step(app, "script")
        assert app.focused is row(app, "knowledge_base_Id").control


# --- submit


async def submit(pilot: Person) -> ResultScreen:
    """Submit by keys, and wait for the outcome."""
    if not isinstance(pilot.app.screen, PreviewScreen):
        await go_to_preview(pilot)
    await press(pilot, "ctrl+s")
    await wait_for_screen(pilot, ConfirmScreen)
    await press(pilot, "y")
    done: ResultScreen = await wait_for_screen(pilot, ResultScreen)
    return done


class Gate(httpx.AsyncBaseTransport):
    """The sandbox behind a gate: counts requests, and answers when it is opened."""

    def __init__(self, store: MemoryStore, **options: Any) -> None:
        self._inner = httpx.ASGITransport(
            sandbox_app.build(validation.find_errors, store=store, **options)
        )
        self.opened = asyncio.Event()
        self.arrived = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            await request.aread()
            self.arrived += 1
            await self.opened.wait()
        return await self._inner.handle_async_request(request)


async def test_submit_asks_first() -> None:
    store = MemoryStore()
    async with opened(ready(name="Asha [b]"), store=store) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        for no in ("n", "escape"):
            await press(pilot, "ctrl+s")
            await wait_for_screen(pilot, ConfirmScreen)
            assert "Asha [b], outbound, for Acme Dental" in screen_text(app)
            assert "sandbox" in screen_text(app)
            await press(pilot, no)
            await wait_for_screen(pilot, PreviewScreen)
        assert store.bodies() == []


async def test_submit_asks_from_every_step_over_the_review() -> None:
    store = MemoryStore()
    async with opened(ready(), step="language", store=store) as pilot:
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        await press(pilot, "n")
        await wait_for_screen(pilot, PreviewScreen)
        assert store.bodies() == []


async def test_submit_shows_the_errors_and_asks_nothing() -> None:
    async with opened(step="language") as pilot:
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, PreviewScreen)
        await settle(pilot)
        assert isinstance(pilot.app.screen, PreviewScreen)
        assert "to fix" in screen_text(pilot.app)


async def test_the_confirmation_is_answered_by_buttons_too() -> None:
    store = MemoryStore()
    async with opened(ready(), store=store) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await walk_to(pilot, button(app, "submit"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, ConfirmScreen)
        await walk_to(pilot, button(app, "no"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, PreviewScreen)
        await click(pilot, button(app, "submit"))
        await wait_for_screen(pilot, ConfirmScreen)
        await click(pilot, button(app, "yes"))
        await wait_for_screen(pilot, ResultScreen)
        assert len(store.bodies()) == 1


async def test_the_confirmation_warns_of_an_existing_name() -> None:
    store = MemoryStore()
    async with opened(ready(), store=store) as pilot:
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        await settle(pilot)
        assert "already has" not in screen_text(pilot.app)
        await press(pilot, "n")
        await wait_for_screen(pilot, PreviewScreen)
        store.put(pilot.app.draft.compose() | {"id": "a1"}, b"{}")
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        await wait_for_text(pilot, "Your account already has an assistant named")
        assert store.bodies() == [b"{}"]


async def test_pressing_submit_repeatedly_sends_once() -> None:
    store = MemoryStore()
    gate = Gate(store)
    async with opened(ready(), client=client_over(gate)) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        clicks = click_events(button(app, "yes"))
        for _ in range(5):
            burst(pilot, "ctrl+s", "y", "enter", "y", "ctrl+s")
            for event in clicks:
                app.post_message(event)
        await wait_for_screen(pilot, SendingScreen)
        await wait_for(pilot, lambda: gate.arrived)
        for _ in range(5):
            await press(pilot, "ctrl+s", "y", "enter", "f9", "escape", "ctrl+n")
            for event in clicks:
                app.post_message(event)
        assert isinstance(app.screen, SendingScreen)
        await wait_for_text(pilot, "1 s")
        gate.opened.set()
        await wait_for_screen(pilot, ResultScreen)
        assert gate.arrived == 1
        assert len(store.bodies()) == 1


async def test_quitting_while_sending_is_noted_in_the_receipt(tmp_path: Path) -> None:
    gate = Gate(MemoryStore())
    async with opened(ready(), client=client_over(gate), home=tmp_path) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        await press(pilot, "y")
        await wait_for(pilot, lambda: gate.arrived)
        app.post_message(key_event("ctrl+q"))
        await wait_for(pilot, lambda: app.session.receipts.all()[0].kind, what="the receipt")
    store = open_store(tmp_path).store
    (receipt,) = Receipts(store.database, store.clock).all()
    store.close()
    assert (receipt.kind, receipt.title) == ("unknown", "Unknown: stopped while waiting")


async def test_the_outcome_is_shown_after_moving_on() -> None:
    store = MemoryStore()
    gate = Gate(store)
    async with opened(ready(), client=client_over(gate)) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        await press(pilot, "y")
        await wait_for(pilot, lambda: gate.arrived)
        app.action_new()
        await wait_for(pilot, lambda: at_step(app, "type") and app.focused is not None)
        assert not app.draft.answers
        await answer(pilot, name="Bela")
        gate.opened.set()
        await wait_for(pilot, lambda: "Created. See Receipts (Ctrl+P)" in toasts(app))
        await type_text(pilot, " of Acme")
        assert text_of(app, "name") == "Bela of Acme"
        assert len(store.bodies()) == 1


async def test_a_burst_on_the_preview_sends_once_although_the_answer_is_quick() -> None:
    store = MemoryStore()
    async with opened(ready(), store=store) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        clicks = click_events(button(app, "submit"))
        burst(pilot, "ctrl+s", "ctrl+s", "y", "enter", "y")
        for event in clicks:
            app.post_message(event)
        burst(pilot, "ctrl+s", "y", "enter")
        await wait_for(pilot, store.bodies)
        await wait_for(pilot, lambda: not isinstance(app.screen, SendingScreen))
        await settle(pilot)
        assert len(store.bodies()) == 1


_OUTCOMES: list[tuple[Fault, str, str]] = [
    (Fault.REFUSED_200, "✗ Refused", "name is refused, as configured in the sandbox"),
    (Fault.UNAUTHORIZED, "✗ Key refused", "invalid API key"),
    (Fault.RATE_LIMITED, "✗ Rate limited", "Wait 30 seconds"),
    (Fault.REDIRECT, "✗ Redirected", "did not follow it"),
    (
        Fault.SERVER_ERROR,
        "? We couldn't confirm whether it was created",
        "The server failed while processing",
    ),
]


@pytest.mark.parametrize(("fault", "title", "words"), _OUTCOMES, ids=[o[0] for o in _OUTCOMES])
async def test_a_failed_submission_leaves_the_draft_unchanged(
    fault: Fault, title: str, words: str
) -> None:
    async with opened(ready(), client=make_client(fault=fault)) as pilot:
        app = pilot.app
        before = dict(app.draft.answers)
        await submit(pilot)
        assert title in screen_text(app)
        assert words in flowing_text(app)
        assert "Your answers are saved." in screen_text(app)
        assert app.draft.answers == before
        assert in_sight(app, app.focused)
        await press(pilot, "escape")
        await wait_for(pilot, lambda: at_step(app, "type"))
        assert text_of(app, "name") == "Asha"


class WithoutList(httpx.AsyncBaseTransport):
    """A sandbox that does not offer the list of assistants; counts how often it is asked."""

    asked = 0

    def __init__(self, **options: Any) -> None:
        self._inner = httpx.ASGITransport(sandbox_app.build(validation.find_errors, **options))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/listAssistant"):
            self.asked += 1
            return httpx.Response(404)
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.CUT, "the connection was lost before the server answered"),
        (Fault.SLOW, "answer was not complete in time"),
        (Fault.NOT_JSON, "The server's answer is not JSON."),
    ],
)
async def test_an_uncertain_outcome_is_unknown(fault: Fault, words: str) -> None:
    limits = Limits(total=0.5 if fault is Fault.SLOW else 60.0)
    client = client_over(WithoutList(fault=fault), limits=limits)
    async with opened(ready(), client=client) as pilot:
        app = pilot.app
        before = dict(app.draft.answers)
        await submit(pilot)
        assert "? Unknown" in screen_text(app)
        assert words in flowing_text(app)
        assert "may have been created" in flowing_text(app)
        assert "Your answers are saved." in screen_text(app)
        assert app.draft.answers == before


async def test_the_list_is_asked_again_when_nothing_is_known() -> None:
    server = WithoutList(fault=Fault.CUT)
    async with opened(ready(), client=client_over(server)) as pilot:
        app = pilot.app
        await submit(pilot)
        assert "? Unknown" in screen_text(app)
        asked = server.asked
        await walk_to(pilot, button(app, "ask"))
        assert in_sight(app, button(app, "ask"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, ReceiptScreen)
        assert server.asked > asked


async def test_a_lost_answer_is_looked_up_in_the_list() -> None:
    store = MemoryStore()
    async with opened(ready(), client=make_client(store, fault=Fault.CUT)) as pilot:
        await submit(pilot)
        assert "✓ Created: found in your assistants" in screen_text(pilot.app)
        assert len(store.bodies()) == 1


async def test_the_same_is_not_sent_twice_without_being_asked_for() -> None:
    store = MemoryStore()
    async with opened(ready(), store=store) as pilot:
        app = pilot.app
        await submit(pilot)
        await close(pilot)
        await go_to_preview(pilot)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        assert "was already created in the sandbox" in flowing_text(app)
        # What is at risk is never a mere Enter away.
        await press(pilot, "enter")
        await wait_for_screen(pilot, PreviewScreen)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        # Nor is it where keys pressed in a hurry lead.
        await press(pilot, "y")
        assert isinstance(app.screen, ConfirmScreen)
        assert len(store.bodies()) == 1
        await walk_to(pilot, button(app, "yes"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: len(store.bodies()) == 2)
        await wait_for_screen(pilot, ResultScreen)
        assert "✓ Created" in screen_text(app)


async def test_the_commands_open_where_the_rest_of_the_outcome_is() -> None:
    async with opened(ready(), size=(140, 40)) as pilot:
        app = pilot.app
        await submit(pilot)
        before = button(app, "terminal").region.x
        await walk_to(pilot, button(app, "terminal"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: "listAssistant" in flowing_text(app))
        assert button(app, "terminal").region.x == before


async def test_created_without_an_id_is_created() -> None:
    async with opened(ready(), client=make_client(fault=Fault.NO_ID)) as pilot:
        await submit(pilot)
        assert "f9 Preview" in screen_text(pilot.app)
        assert "✓ Created" in screen_text(pilot.app)
        assert "Its id is" in flowing_text(pilot.app)


@pytest.mark.parametrize("envelope", [False, True], ids=["bare", "envelope"])
async def test_the_result_shows_the_id(envelope: bool) -> None:
    client = make_client(envelope=envelope, new_id=lambda: "a1b2")
    async with opened(ready(), client=client) as pilot:
        app = pilot.app
        await submit(pilot)
        assert "✓ Created" in screen_text(app)
        assert "Its id is a1b2." in flowing_text(app)
        await walk_to(pilot, button(app, "copy_id"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.clipboard == "a1b2")
        await walk_to(pilot, button(app, "drafts"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, WelcomeScreen)


class LimitedOnce(httpx.AsyncBaseTransport):
    """The sandbox, which refuses the first request as one too many."""

    def __init__(self, store: MemoryStore) -> None:
        built = sandbox_app.build(validation.find_errors, store=store)
        self._inner = httpx.ASGITransport(built)
        self._limited = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and not self._limited:
            self._limited = True
            await request.aread()
            return httpx.Response(429, headers={"retry-after": "2"}, json={"message": "Too many"})
        return await self._inner.handle_async_request(request)


async def test_too_many_requests_are_counted_down_and_a_person_sends_again() -> None:
    store = MemoryStore()
    async with opened(ready(), client=client_over(LimitedOnce(store))) as pilot:
        app = pilot.app
        await submit(pilot)
        again = button(app, "resend")
        assert again.disabled
        assert "Send again in 0:0" in str(again.label)
        await wait_for(pilot, lambda: not again.disabled)
        assert str(again.label) == "Send again"
        assert store.bodies() == []
        await walk_to(pilot, again)
        await press(pilot, "enter")
        await wait_for_screen(pilot, ConfirmScreen)
        assert store.bodies() == []
        await press(pilot, "y")
        await wait_for(pilot, lambda: "✓ Created" in screen_text(app))
        assert len(store.bodies()) == 1


async def test_a_refused_key_is_entered_again_from_the_result() -> None:
    client = make_client(fault=Fault.UNAUTHORIZED)
    async with opened(ready(), client=client, target=Target("http://127.0.0.1:9/v1")) as pilot:
        app = pilot.app
        await submit(pilot)
        assert "✗ Key refused" in screen_text(app)
        await walk_to(pilot, button(app, "enter_key"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, KeyScreen)
        await type_text(pilot, "canary-key")
        await press(pilot, "enter")
        await wait_for_screen(pilot, PreviewScreen)
        assert app.settings.given_key.get_secret_value() == "canary-key"
        assert app.draft.get(("name",)) == "Asha"


async def test_a_closed_port_gets_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api/v1"
    client = Client(url, SecretStr("canary-key"))
    async with opened(ready(), client=client, target=Target(url)) as pilot:
        app = pilot.app
        assert f"Local · 127.0.0.1:{port}" in screen_text(app)
        await go_to_preview(pilot)
        assert f"Ready for 127.0.0.1:{port}" in screen_text(app)
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        assert f"Create this assistant at 127.0.0.1:{port} (local)?" in flowing_text(app)
        await press(pilot, "y")
        await wait_for_screen(pilot, ResultScreen)
        assert "✗ Not sent: connection refused" in screen_text(app)
        assert "nothing was sent" in flowing_text(app)
        assert "canary" not in screen_text(app)
        assert text_of_draft(app, "name") == "Asha"


def text_of_draft(app: Any, name: str) -> Any:
    return app.draft.get((name,))


async def test_without_a_key_nothing_is_sent() -> None:
    url = "https://api.example/api/v1"
    async with opened(ready(), client=Client(url, None), target=Target(url)) as pilot:
        await submit(pilot)
        assert "Not sent: no API key" in screen_text(pilot.app)


async def test_a_refused_draft_can_be_corrected_and_sent_again() -> None:
    store = MemoryStore()
    refusing = httpx.ASGITransport(
        sandbox_app.build(validation.find_errors, fault=Fault.BAD_REQUEST)
    )
    taking = httpx.ASGITransport(sandbox_app.build(validation.find_errors, store=store))
    posts: list[str] = []

    class RefusedAtFirst(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            posts.extend([request.method] if request.method == "POST" else [])
            inner = refusing if len(posts) == 1 else taking
            return await inner.handle_async_request(request)

    async with opened(ready(), step="script", client=client_over(RefusedAtFirst())) as pilot:
        app = pilot.app
        await submit(pilot)
        assert "Edit Name" in screen_text(app)
        await walk_to(pilot, button(app, "edit"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: at_step(app, "type"))
        await wait_for(pilot, lambda: app.focused is row(app, "name").control)
        await answer(pilot, name="Asha the second")
        await submit(pilot)
        assert "✓ Created" in screen_text(app)
        assert sent(store)["name"] == "Asha the second"


async def test_the_servers_words_are_not_markup() -> None:
    said = "[red]no[/red] \x1b[2J [/] name"

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": 400, "message": said})

    async with opened(ready(), client=client_over(httpx.MockTransport(refuse))) as pilot:
        await submit(pilot)
        assert "[red]no[/red] [/] name" in screen_text(pilot.app)
        assert control_characters(pilot.app) == set()


async def test_every_screen_names_the_target() -> None:
    async with opened(ready()) as pilot:
        app = pilot.app
        for step in STEPS:
            await go_to(pilot, step)
            assert screen_lines(app)[0].endswith("Sandbox"), step
        await go_to_preview(pilot)
        assert screen_lines(app)[0].endswith("Sandbox")
        await submit(pilot)
        assert screen_lines(app)[0].endswith("Sandbox")


# --- text

_TEXTS = {
    "brackets": "[b]x[/b] [/] [@click=app.quit]y[/] $x {{first_name}} \\[",
    "emoji": "👩‍👩‍👧‍👦 👍🏽 ❤️ 🇮🇳",
    "hindi": "क्षमा कीजिए, क्‍ष र्‌य",
    "bidi": "\u200fمرحبا\u200e \u2067x\u2069",
    "combining": "e\u0301 ạ\u0308 \ufeffx\u00adx \ue000",
}
_ODD = {
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh",
    "controls": "a\x00b\x07c\x1b[31md\x7fe\x9b2Jf\x08g",
    "tabs": "a\tb  c \t",
}


async def test_typed_text_is_in_the_payload_exactly() -> None:
    text = " ".join(_TEXTS.values())
    store = MemoryStore()
    async with opened(ready(name="", script=""), store=store) as pilot:
        await answer(pilot, name=text, script=f"{text}\n\n{text}")
        await submit(pilot)
        assert sent(store)["name"] == text
        assert sent(store)["script"] == f"{text}\n\n{text}"


_KINDS_OF_TEXT = pytest.mark.parametrize(
    "text", ["".join(_TEXTS.values()), "".join(_ODD.values())], ids=["any language", "odd"]
)


@_KINDS_OF_TEXT
async def test_pasted_text_is_in_the_payload_exactly(text: str) -> None:
    store = MemoryStore()
    async with opened(ready(name="", script="", actions=[sms()]), store=store) as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "name").control)
        await paste(pilot, text)
        await go_to(pilot, "script")
        await walk_to(pilot, row(app, "script").control)
        await paste(pilot, f"{text}\r\n{text}\r")
        await edit_first(pilot)
        await walk_to(pilot, row(app, "sms__content").control)
        await press(pilot, "alt+a")
        await paste(pilot, text)
        await close(pilot)
        await submit(pilot)
        assert sent(store)["name"] == text
        assert sent(store)["script"] == f"{text}\n{text}\n"
        assert sent(store)["actions"][0]["sms"]["content"] == text


@_KINDS_OF_TEXT
async def test_loaded_text_is_in_the_payload_exactly(text: str) -> None:
    store = MemoryStore()
    prompts = dict.fromkeys(minimal()["sentiment"], text)
    loaded = {"name": text, "script": f"{text}\n{text}\n", "sentiment": prompts}
    async with opened(ready(**loaded), store=store) as pilot:
        app = pilot.app
        for name in loaded:
            path = "sentiment__general_prompt" if name == "sentiment" else name
            await go_to(pilot, str(find(QUESTIONS, (name,)).step))
            await walk_to(pilot, row(app, path).control)
            await press(pilot, "right", "tab", "shift+tab")
        assert text_of(app, "script") == f"{text}\n{text}\n"
        await submit(pilot)
        assert {name: sent(store)[name] for name in loaded} == loaded


async def test_editing_beside_odd_characters_keeps_them() -> None:
    odd = "".join(_ODD.values())
    async with opened(ready(script=odd), step="script") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "script").control)
        await press(pilot, "ctrl+end", "!", "left", "left", "backspace", "home", "delete")
        await settle(pilot)
        assert app.draft.get(("script",)) == odd[1:-2] + odd[-1] + "!"
        await press(pilot, "ctrl+z", "ctrl+z", "ctrl+z")
        await wait_for(pilot, lambda: app.draft.get(("script",)) == odd)


async def test_several_lines_pasted_into_one_are_joined_with_a_word() -> None:
    async with opened() as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "name").control)
        await paste(pilot, "Asha\n\n  of Acme\r\nDental\n")
        assert text_of(app, "name") == "Asha of Acme Dental"
        await wait_for(pilot, lambda: "3 lines were joined" in toasts(app))
        assert app.draft.get(("name",)) == "Asha of Acme Dental"


async def test_text_of_many_lines_in_a_one_line_field_is_kept() -> None:
    async with opened(ready(name="Asha\nof Acme")) as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "name").control)
        await press(pilot, "tab", "shift+tab")
        assert app.draft.compose()["name"] == "Asha\nof Acme"


async def test_a_large_paste_is_inserted_whole() -> None:
    script = "\n".join(f"line {n} of the script, [{n}]" for n in range(5_000))
    async with opened(ready(), step="script") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "script").control)
        await press(pilot, "alt+a")
        await paste(pilot, script)
        await wait_for(pilot, lambda: app.draft.get(("script",)) == script)
        assert in_sight(app, row(app, "script").control)


def nasty() -> dict[str, Any]:
    """A payload with control characters in every free text."""
    odd = "".join(_ODD.values()) + "\r\n"

    def spoil(value: Any, path: tuple[Any, ...] = ()) -> Any:
        if isinstance(value, dict):
            return {name: spoil(member, (*path, name)) for name, member in value.items()}
        if isinstance(value, list):
            return [spoil(item, (*path, index)) for index, item in enumerate(value)]
        return odd + value if isinstance(value, str) and path[-1] not in ("type", "mode") else value

    return {name: spoil(value, (name,)) for name, value in full().items()}


async def test_control_characters_are_escaped_on_every_screen() -> None:
    async with opened(imported(nasty()), size=(140, 40)) as pilot:
        app = pilot.app
        for step in STEPS:
            await go_to(pilot, step)
            if app.draft.problems(Step(step)):
                await press(pilot, "ctrl+n")
            assert control_characters(app) == set(), step
            await press(pilot, "f1")
            await wait_for_screen(pilot, HelpScreen)
            assert control_characters(app) == set(), f"help at {step}"
            await close(pilot)
        for index in range(4):
            await go_to(pilot, "actions")
            await walk_to(pilot, action_list(app))
            await press(pilot, "home", *["down"] * index, "enter")
            await wait_for_screen(pilot, ActionScreen)
            assert control_characters(app) == set(), f"action {index}"
            await close(pilot)
        await go_to_preview(pilot)
        assert control_characters(app) == set(), "preview"


async def test_control_characters_are_escaped_in_the_confirmation() -> None:
    odd = "".join(_ODD.values())
    async with opened(ready(name=odd, company_name=odd)) as pilot:
        await go_to_preview(pilot)
        assert control_characters(pilot.app) == set()
        await press(pilot, "ctrl+s")
        await wait_for_screen(pilot, ConfirmScreen)
        assert control_characters(pilot.app) == set()


async def test_control_characters_of_the_catalogue_are_escaped() -> None:
    odd = voice("v-1", "A\x1b[2Jsha\n[b]", labels={"accent": "in\x9bdian\n"})
    async with opened(client=with_voices([odd]), step="voice") as pilot:
        await wait_for_text(pilot, "1 of 1 voice")
        assert control_characters(pilot.app) == set()


# --- wrong answers are kept and reported


_NO_NUMBERS = ("soon", "0", "-5", "NaN", "Infinity", "1e999", "1" * 5_000, "1,5", "0x10", "true")


async def test_a_wrong_number_is_kept_and_reported() -> None:
    async with opened(ready(), step="advanced") as pilot:
        app = pilot.app
        for text in _NO_NUMBERS:
            await walk_to(pilot, row(app, "maximum_time_per_call").control)
            await press(pilot, "alt+a")
            await paste(pilot, text)
            await press(pilot, "tab")
            message = hint(app, "maximum_time_per_call")
            assert message.startswith("✗ Enter a number of minutes over 0"), text
            assert text_of(app, "maximum_time_per_call") == text
            assert len(app.draft.problems()) == 1
        await go_to(pilot, "type")
        await go_to(pilot, "advanced")
        assert text_of(app, "maximum_time_per_call") == _NO_NUMBERS[-1]
        await go_to_preview(pilot)
        assert "1 thing to fix" in screen_text(app)


async def test_a_number_can_be_deleted_and_typed_again() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        control = row(app, "maximum_time_per_call").control
        assert text_of(app, "maximum_time_per_call") == "10"
        await press(pilot, "end", "backspace", "backspace")
        assert text_of(app, "maximum_time_per_call") == ""
        await type_text(pilot, "25")
        assert app.draft.compose()["maximum_time_per_call"] == 25
        await press(pilot, "backspace", "backspace")
        assert app.draft.compose()["maximum_time_per_call"] == 10
        await press(pilot, "tab")
        assert app.focused is not control
        assert text_of(app, "maximum_time_per_call") == "10"


async def test_the_last_words_can_be_left_out() -> None:
    async with opened(step="language") as pilot:
        app = pilot.app
        await answer(pilot, language="de")
        assert "end_call_message" in app.draft.compose()
        await answer(pilot, end_call_message="")
        await press(pilot, "tab")
        assert text_of(app, "end_call_message") == ""
        assert "end_call_message" not in app.draft.compose()
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: "Auf Wiederhören" in text_of(app, "end_call_message"))


async def test_a_wrong_number_is_reported_when_left() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await answer(pilot, maximum_time_per_call="x")
        assert not hint(app, "maximum_time_per_call").startswith("✗")
        await press(pilot, "tab")
        await wait_for(pilot, lambda: hint(app, "maximum_time_per_call").startswith("✗ "))
        assert "minutes" in hint(app, "maximum_time_per_call")
        await answer(pilot, maximum_time_per_call=12.5)
        assert not hint(app, "maximum_time_per_call").startswith("✗")
        assert app.draft.compose()["maximum_time_per_call"] == 12.5


async def test_a_whole_number_is_sent_without_a_point() -> None:
    async with opened(ready(), step="advanced") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "maximum_time_per_call").control)
        await press(pilot, "alt+a")
        await type_text(pilot, "12.0")
        assert text_of(app, "maximum_time_per_call") == "12.0"
        assert '"maximum_time_per_call": 12,' in app.draft.preview()


# By step: wrong values, and the field that takes the focus on Next.
_WRONG_TYPES: dict[str, dict[str, Any]] = {
    "type": {"type": "both", "assistant_image": 2, "goal": ["[b]"]},
    "language": {"language": "[/x] [b]", "end_call_message": 7},
    "voice": {"voice_speed": True, "is_filler": "yes", "fillers": {"a": 1}, "gender": ["male"]},
    "script": {"script": 12, "is_call_flow": True, "call_flow": [1], "is_opt_out": "x"},
    "actions": {"actions": ["x", None, {"type": ["x"]}, {"type": 1}], "zapier_hook": {}},
    "advanced": {
        "sentiment": "none",
        "is_sensitivity": True,
        "sensitivity": "600",
        "widget_config": [True],
    },
}


@pytest.mark.parametrize("step", _WRONG_TYPES)
async def test_imported_answers_of_wrong_types_are_kept_and_reported(step: str) -> None:
    wrong = _WRONG_TYPES[step]
    async with opened(ready(**wrong), step=step) as pilot:
        app = pilot.app
        await walk_round(pilot)
        await press(pilot, "ctrl+n")
        assert at_step(app, step)
        assert {name: app.draft.get((name,)) for name in wrong} == wrong
        await go_to_preview(pilot)
        assert "to fix" in screen_text(app)
        await press(pilot, "enter")
        await wait_for(pilot, lambda: at_step(app, step) or isinstance(app.screen, ActionScreen))


@pytest.mark.parametrize("value", [{"type": "sendMessage"}, "none", [], None], ids=str)
async def test_actions_that_are_no_list_are_kept_until_one_is_added(value: Any) -> None:
    async with opened(ready(actions=value), step="actions") as pilot:
        app = pilot.app
        assert "No actions yet" in screen_text(app)
        await walk_to(pilot, button(app, "action-add"))
        assert app.draft.get(("actions",)) == value
        await add_action(pilot, "scheduleMeeting")
        await close(pilot)
        assert not app.draft.problems()


# --- small terminals


async def test_a_terminal_that_is_too_small_is_reported() -> None:
    async with opened(ready(script="word " * 400), step="script") as pilot:
        app = pilot.app
        control: Any = row(app, "script").control
        pane = app.screen.query_one("#step-script")
        await walk_to(pilot, control)
        await press(pilot, "ctrl+end", "up", "left")

        def place() -> Any:
            return (control.cursor_location, pane.scroll_offset, control.scroll_offset)

        # The advice comes after a pause, and makes the step longer.
        await wait_for(pilot, lambda: row(app, "is_opt_out").advice)
        await settle(pilot)
        before, lines = place(), screen_lines(app)
        for small in ((20, 5), (39, 24), (80, 11)):
            await pilot.resize_terminal(*small)
            await wait_for(pilot, lambda: "Too small" in flowing_text(app))
            await pilot.resize_terminal(80, 24)
            await wait_for(pilot, lambda: "Too small" not in flowing_text(app))
            assert app.focused is control
            assert control.text == "word " * 400
            await wait_for(pilot, lambda: in_sight(app, control), what=f"{small}")
            await wait_for(pilot, lambda: place() == before, what=f"the place after {small}")
            await wait_for(pilot, lambda: screen_lines(app) == lines, what=f"the lines, {small}")


async def test_every_step_stays_usable_at_40x12() -> None:
    async with opened(everything(), size=(40, 12)) as pilot:
        for step in STEPS:
            await go_to(pilot, step)
            for widget in await walk_round(pilot):
                assert widget.region.width >= 3, widget


async def test_every_size_keeps_the_focus_in_sight() -> None:
    async with opened(everything(), step="advanced") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "meeting_note_prompt").control)
        for size in ((140, 40), (40, 12), (120, 20), (64, 12), (80, 24)):
            await pilot.resize_terminal(*size)
            await wait_for(pilot, lambda: in_sight(app, app.focused), what=f"focus at {size}")


async def test_the_preview_and_the_outcome_fit_40x12() -> None:
    async with opened(ready(), size=(40, 12)) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await walk_to(pilot, button(app, "submit"))
        assert in_sight(app, button(app, "submit"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, ConfirmScreen)
        for name in ("yes", "no"):
            await walk_to(pilot, button(app, name))
            assert in_sight(app, button(app, name))
        await press(pilot, "y")
        await wait_for_screen(pilot, ResultScreen)
        for name in ("copy_id", "back", "quit"):
            await walk_to(pilot, button(app, name))
            await wait_for(pilot, lambda n=name: in_sight(app, button(app, n)), 5, name)


# --- one line adds a field


STYLES = Path(screens.__file__).with_name("wizard.tcss")


class Lamp(ContractModel):
    """A model of nothing, to which a field is added."""

    colour: Annotated[str, FieldMeta("Colour", "As in: red.")] = ABSENT
    lit: Annotated[bool, FieldMeta("Lit", "Whether it shines.")] = ABSENT
    # The line that is added.
    wattage: Annotated[float, between(1, 100), FieldMeta("Wattage [W]", "How bright it is.")] = (
        ABSENT
    )


async def test_a_field_that_is_added_to_a_model_is_on_the_screen() -> None:
    draft = Draft()

    class LampScreen(Screen[None]):
        CSS_PATH = STYLES
        COMPONENT_CLASSES = FIELD_COMPONENTS

        def compose(self) -> ComposeResult:
            yield Form(questions(Lamp), questions(Lamp))

        def on_mount(self) -> None:
            self.query_one(Form).update_from(draft)

        def on_answer_changed(self, event: Any) -> None:
            found = row_of(event.answering)
            assert found
            draft.answer(found.path, event.answer)

    class LampApp(App[None]):
        def get_css_variables(self) -> dict[str, str]:
            return readable(super().get_css_variables())

        def on_mount(self) -> None:
            self.push_screen(LampScreen())

    async with LampApp().run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Wattage [W]")
        assert "How bright it is." in screen_text(pilot.app)
        await walk_to(pilot, row(pilot.app, "wattage").control)
        await type_text(pilot, "60")
        await wait_for(pilot, lambda: draft.answers == {"wattage": 60})
        assert 'wattage": 60' in draft.preview()


async def test_an_older_answer_never_overwrites_typed_text() -> None:
    async with opened() as pilot:
        app = pilot.app
        control = row(app, "name").control
        await walk_to(pilot, control)
        await type_text(pilot, "Ash")
        control.insert("a")  # its message is still on the way
        app.screen.update_from(app.draft)
        assert text_of(app, "name") == "Asha"
        await wait_for(pilot, lambda: app.draft.get(("name",)) == "Asha")
        control.insert(" Rao")
        app.screen.set_focus(None)
        app.screen.update_from(app.draft)
        await wait_for(pilot, lambda: app.draft.get(("name",)) == "Asha Rao")
        await wait_for(pilot, lambda: text_of(app, "name") == "Asha Rao")


# --- the first focus, and Enter


def test_a_template_of_the_command_line_starts_at_the_first_gap(tmp_path: Path) -> None:
    with Terminal("--sandbox", "--template", "appointment-booking", home=tmp_path) as terminal:
        terminal.wait_for("Company").wait_still().type("Asha").wait_for("Asha")
        terminal.press("tab").type("Acme").wait_for("Acme").press("f9").wait_for(
            "Asha", "Acme", "outbound"
        )
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


async def test_an_emptied_text_is_no_longer_counted() -> None:
    draft = Draft({"start_speech": "Hello, it is me."})
    async with opened(draft, size=(140, 40), step="script") as pilot:
        assert "16 chars" in screen_text(pilot.app)
        await answer(pilot, start_speech=None)
        assert "chars" not in screen_text(pilot.app)


@pytest.mark.parametrize("text", ["10", "x" * 200 + "end"])
async def test_a_line_shows_its_text_when_its_step_is_opened(text: str) -> None:
    draft = Draft.imported(minimal()) if text == "10" else Draft({"name": text})
    step = "advanced" if text == "10" else "type"
    async with opened(draft, step="actions" if text == "10" else "type") as pilot:
        app = pilot.app
        if text == "10":
            await press(pilot, "ctrl+n")
        else:
            app.draft.focus = ("name",)
            await app.steps.go(Step.TYPE, ("name",))
        await wait_for(pilot, lambda: at_step(app, step))
        await settle(pilot)
        name = "maximum_time_per_call" if text == "10" else "name"
        control = row(app, name).control
        assert control.has_focus
        assert text[-3:] in line_of(app, control)


@pytest.mark.parametrize(
    ("name", "step"),
    [("start_speech", "script"), ("end_call_message", "language"), ("voice_note", "script")],
)
async def test_enter_leaves_a_spoken_text(name: str, step: str) -> None:
    draft = Draft({"type": "outbound", "language": "en", "is_voice_note": True})
    async with opened(draft, step=step) as pilot:
        app = pilot.app
        control = row(app, name).control
        await answer(pilot, **{name: "Hello."})
        await press(pilot, "enter")
        assert app.focused is not control
        assert app.draft.get((name,)) == "Hello."
        control.focus()
        await settle(pilot)
        await press(pilot, "ctrl+end", "alt+enter", "A")
        assert app.draft.get((name,)) == "Hello.\nA"
        await press(pilot, "f6")
        await wait_for_screen(pilot, EditorScreen)
        await press(pilot, "ctrl+end", "enter", "B")
        assert app.draft.get((name,)) == "Hello.\nA\nB"


async def test_enter_is_a_new_line_in_a_script() -> None:
    async with opened(step="script") as pilot:
        await answer(pilot, script="One\nTwo")
        assert pilot.app.draft.get(("script",)) == "One\nTwo"


def test_alt_enter_starts_a_new_line_in_a_real_terminal(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("f2").wait_for("Go to").press("down", "down", "down", "enter")
        terminal.wait_for("Opening line").wait_still().send("one\x1b\rtwo")
        terminal.wait_for("one", "two").press("f8").wait_for("one\\ntwo").press("ctrl+q")
        assert terminal.wait_exit() == 0


def test_a_key_with_alt_types_nothing_in_a_real_terminal(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("Start from scratch").type("zzz").wait_for("No matches")
        for keys in ("\x1bx\x1b.\x1b1", "\x1ba"):
            terminal.send(keys)
            terminal.wait_still()
        # All of the search is selected, so what is typed takes its place.
        terminal.type("scratch").wait_for("Start from scratch").press("enter").wait_for("Type *")
        terminal.press("f2").wait_for("Go to").press("down", "down", "down", "enter")
        terminal.wait_for("Opening line").wait_still().send("first words")
        terminal.wait_for("first words")
        for keys in ("\x1bx\x1b.\x1b1\x1b[120;3u", "\x1ba"):
            terminal.send(keys)
            terminal.wait_still()
        terminal.send("other")
        terminal.wait_for("other").wait_gone("first words").press("f8").wait_for('": "other"')


async def test_a_button_is_as_wide_as_its_word() -> None:
    async with opened(ready()) as pilot:
        await go_to_preview(pilot)
        await press(pilot, "f8")
        assert "Review" in line_of(pilot.app, button(pilot.app, "turn"))


async def test_a_key_acts_on_everything_typed_before() -> None:
    async with opened() as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "name").control)
        burst(pilot, *"Asha", "ctrl+z")
        await settle(pilot)
        assert text_of(app, "name") == ""
        assert app.draft.get(("name",)) is MISSING


async def test_texts_of_a_template_are_shown_as_they_are_sent(tmp_path: Path) -> None:
    draft = Draft()
    draft.start_from(find_template("order-delivery", tmp_path))
    async with opened(draft, size=(140, 40), step="type") as pilot:
        app = pilot.app
        await answer(pilot, name="Ravi", company_name="Acme")
        for deed in ("", "ctrl+z", "ctrl+y", "duplicate", "ctrl+z"):
            if deed == "duplicate":
                await app.run_action("duplicate")
                await wait_for(pilot, lambda: "This is Ravi 2" in toasts(app))
            elif deed:
                await press(pilot, deed)
            await go_to(pilot, "script")
            sent = app.draft.compose()
            assert text_of(app, "script") == sent["script"]
            assert text_of(app, "start_speech") == sent["start_speech"]
            assert f"{len(sent['script']):,} chars" in screen_text(app)
        await press(pilot, "ctrl+end")
        app.steps.focused.move_cursor(app.steps.focused.document.end)
        await type_text(pilot, " Bye.")
        assert "{{assistant_name}}" not in app.draft.compose()["start_speech"]
