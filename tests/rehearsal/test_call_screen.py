"""The screen of a rehearsed call, over the scripted model, by the keys that a person presses."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import keyring
import pytest
from textual.containers import VerticalScroll
from textual.widgets import Input

from screens.dialogs.menu import Menu
from screens.dialogs.model_server import ModelScreen
from screens.dialogs.prompt import PromptScreen
from screens.flows.start import open_draft
from screens.pages.editor import EditorScreen
from screens.payload.preview import PreviewScreen
from screens.rehearsal.prompt_screen import CallPromptScreen
from screens.rehearsal.rehearsal_screen import RehearsalScreen
from screens.rehearsal.transcript import Transcript
from tests.commands.test_cli import run
from tests.keyrings import MemoryKeyring, use
from tests.person import (
    Person,
    choose_option,
    click,
    client_over,
    flowing_text,
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
from tests.rehearsal.scripted_model import TURNS, Served, scripted_model
from tests.rehearsal.test_rehearse import PAYLOAD
from wizard.draft.draft import Draft
from wizard.rehearsal.scenario import read_scenario

WIDE, LOW = (140, 40), (40, 12)
KEY = "mk_CANARY_90ee21"


class NoQCall(httpx.AsyncBaseTransport):
    """What nothing is sent to."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"QCall was asked: {request.url}")


@asynccontextmanager
async def rehearsing(
    monkeypatch: pytest.MonkeyPatch,
    turns: Any = TURNS,
    *,
    size: tuple[int, int] = WIDE,
    home: Path | None = None,
    **changed: Any,
) -> AsyncIterator[tuple[Person, Served]]:
    """The wizard with a call that has just started."""
    draft, client = Draft.imported(PAYLOAD | changed), client_over(NoQCall())
    with scripted_model(turns) as served:
        monkeypatch.setenv("QCALL_REHEARSAL_URL", served.url)
        async with opened(draft, client=client, size=size, home=home) as pilot:
            await press(pilot, "f7")
            await wait_for_screen(pilot, RehearsalScreen)
            await wait_for_text(pilot, "Your turn")
            await settle(pilot)
            yield pilot, served


async def say(pilot: Person, text: str, answer: str) -> None:
    """Say a line as the caller, and wait for the answer."""
    await type_text(pilot, f"{text}\n")
    await wait_for_text(pilot, answer)
    await wait_for(pilot, lambda: re.search("Your turn|is over|No call", screen_text(pilot.app)))


async def choose(pilot: Person, label: str) -> None:
    """Choose an entry of the list that is open, or of the one behind F2."""
    if not isinstance(pilot.app.screen, Menu):
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
    options = pilot.app.screen.query_one("OptionList").options
    await choose_option(pilot, [str(option.prompt) for option in options].index(label))


async def test_each_kind_of_action_is_acted_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with rehearsing(monkeypatch, home=tmp_path / "home") as (pilot, served):
        app = pilot.app
        assert f"scripted-1 at {served.url[7:-3]}" in flowing_text(app)
        assert "Assistant  Hello Asha, this is Asha from Acme Dental." in screen_text(app)
        await say(pilot, "Send me an SMS", "I have sent it.")
        await say(pilot, "Send me a WhatsApp", "body 1: Priya; body 2: Thursday")
        await say(pilot, "Book me for Sunday", "Would Thursday suit you?")
        await say(pilot, "Book me for Thursday", "It is booked for Thursday at ten.")
        await say(pilot, "Don't call me again", "Mood: neutral")
        shown = screen_text(app)
        for acted in (
            "→ Would send SMS: Hi Asha, 1 High",
            "→ Would send WhatsApp visit: body",
            "→ Would book: Thursday, 3 December",
            "→ Opted out.",
            "→ Hung up.",
        ):
            # In the transcript, and at the side.
            assert shown.count(acted) == 2, shown
        assert "Would not book 2099-12-06 10:00: Sunday cannot be booked" in shown
        assert "Thank you, Asha. Goodbye." in shown
        assert "Now     The call is over" in shown
        assert "of 10:00" in shown
        await say(pilot, "Hello?", "There is no call. F7 begins a new one.")

        await choose(pilot, "Save as scenario")
        await wait_for_screen(pilot, PromptScreen)
        file = tmp_path / "scenario.yaml"
        await press(pilot, "ctrl+u")
        await type_text(pilot, f"{file}\n")
        await wait_for(pilot, file.exists)
        draft_id = app.draft.id
        app.session.changed()

    # The same model does the same in the command.
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(PAYLOAD))
    with scripted_model() as served:
        played = run(
            *("rehearse", str(payload), "--scenario", str(file)),
            QCALL_REHEARSAL_URL=served.url,
        )
    assert played.code == 0, played.out + played.err
    scenario = read_scenario(str(file))
    assert scenario.says[0] == "Send me an SMS"
    assert [each.shown for each in scenario.expect] == [
        "action: send_sms",
        "action: send_whatsapp",
        "action: schedule_meeting",
        "opt_out: true",
        "ends: true",
    ]

    # The call is kept with the draft, after a restart too.
    async with opened(home=tmp_path / "home", size=WIDE) as pilot:
        pilot.app.run_flow(open_draft, draft_id)
        await wait_for_text(pilot, "Acme Dental")
        await press(pilot, "f7")
        await wait_for_text(pilot, "This is the last call.")
        assert "It is booked for Thursday at ten." in screen_text(pilot.app)
        assert "The call is over" not in screen_text(pilot.app)


async def test_a_voice_note_is_left_if_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    note = {"is_voice_note": True, "voice_note": "This was {{assistant_name}}."}
    async with rehearsing(monkeypatch, **note) as (pilot, served):
        await click(pilot, pilot.app.screen.query_one("#call-nobody_answers"))
        await wait_for_text(pilot, "Nobody answered.")
        assert "Assistant  This was Asha." in screen_text(pilot.app)
        assert "Hello Asha" not in screen_text(pilot.app)
        assert not served.prompts


async def test_the_assistant_waits_and_the_call_ends_at_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = {"is_wait_start_speech": True, "maximum_time_per_call": 0.15}
    async with rehearsing(monkeypatch, size=LOW, **limits) as (pilot, _):
        assert "It waits for the other side" in flowing_text(pilot.app)
        assert "0:00 of 0:09" in screen_text(pilot.app)
        await say(pilot, "Yes?", "Hello Asha")
        await say(pilot, "Tell me more", "The call reached its limit")
        assert "0:09 of 0:09" in screen_text(pilot.app)


async def test_escape_stops_an_answer_and_then_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(monkeypatch) as (pilot, _):
        await type_text(pilot, "Speak slowly\n")
        await wait_for_text(pilot, "Assistant  one two")
        assert "The assistant speaks" in screen_text(pilot.app)
        await press(pilot, "escape")
        await wait_for_text(pilot, "Your turn")
        assert "three ..." in screen_text(pilot.app) or "two ..." in screen_text(pilot.app)
        # What is typed while the assistant speaks interrupts it.
        await type_text(pilot, "Speak slowly\n")
        await wait_for_text(pilot, "The assistant speaks")
        await say(pilot, "Who is this?", "This is Asha from Acme Dental")
        assert "ten" not in screen_text(pilot.app).split()
        # What was said so far is kept when another screen is opened.
        await type_text(pilot, "Speak slowly\n")
        await wait_for_text(pilot, "The assistant speaks")
        await press(pilot, "f9")
        await wait_for_screen(pilot, PreviewScreen)
        await press(pilot, "f7")
        await wait_for_text(pilot, "This is the last call.")
        assert screen_text(pilot.app).count("...") == 3
        # In the middle of an answer it leaves at the second key.
        await press(pilot, "f7")
        await wait_for_text(pilot, "Your turn")
        await type_text(pilot, "Speak slowly\n")
        await wait_for_text(pilot, "The assistant speaks")
        await press(pilot, "escape", "escape")
        await wait_for_screen(pilot, PreviewScreen)


async def test_a_fault_is_reported_and_the_call_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = {
        "401": "did not accept the key",
        "404": "has no model",
        "429": "Try again in 7 seconds",
        "cut": "cut before its end",
        "html": "no stream of events",
        "refusal": "The model refused",
    }
    turns: list[Any] = [{"hears": f"try {fault}$", "fault": fault} for fault in faults]
    async with rehearsing(monkeypatch, [*turns, *_read(TURNS)]) as (pilot, _):
        for fault, sentence in faults.items():
            await type_text(pilot, f"try {fault}\n")
            await wait_for(pilot, lambda expected=sentence: expected in flowing_text(pilot.app))
            await wait_for(pilot, lambda: "Your turn" in screen_text(pilot.app))
        await say(pilot, "Who is this?", "This is Asha from Acme")


def _read(path: Path) -> list[Any]:
    from wizard.formats.yaml_text import parse_yaml  # noqa: PLC0415

    read = parse_yaml(path.read_bytes(), path.name)
    assert isinstance(read, list)
    return read


async def test_a_model_caller_speaks_and_both_sides_continue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with rehearsing(monkeypatch) as (pilot, served):
        await press(pilot, "f5")
        await wait_for_screen(pilot, Menu)
        await choose(pilot, "Friendly")
        await wait_for_text(pilot, "A check-up takes half an hour")
        await wait_for_text(pilot, "The caller's turn")
        assert "Caller     Tell me more about it, please." in screen_text(pilot.app)
        await press(pilot, "f3")
        await choose(pilot, "Describe a caller")
        await wait_for_screen(pilot, PromptScreen)
        await type_text(pilot, "A person who asks not to be called again\n")
        await wait_for_screen(pilot, RehearsalScreen)
        await press(pilot, "f8")
        await wait_for_text(pilot, "Mood: neutral")
        assert "Opted out." in screen_text(pilot.app)
        await choose(pilot, "Show the prompt")
        await wait_for_screen(pilot, CallPromptScreen)
        assert "Asha" in screen_text(pilot.app)
        await press(pilot, "escape")
        await wait_for_screen(pilot, RehearsalScreen)
        assert any("You play a person" in prompt for prompt in served.prompts)


@pytest.mark.parametrize("size", [(80, 24), LOW])
async def test_the_script_is_changed_and_the_lines_are_replayed(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [{"system": "NEW", "says": "The new answer."}, {"says": "The old answer."}]
    async with rehearsing(monkeypatch, turns, size=size) as (pilot, _):
        await say(pilot, "One", "The old answer.")
        await press(pilot, "f6")
        await wait_for_screen(pilot, EditorScreen)
        await type_text(pilot, "NEW ")
        await press(pilot, "escape")
        await wait_for_screen(pilot, RehearsalScreen)
        assert "NEW" in pilot.app.draft.get(("script",))
        await press(pilot, "ctrl+r")
        await wait_for_text(pilot, "Now: The new answer.")
        lines = [line for line in screen_lines(pilot.app) if "answer." in line]
        assert len(lines) == (1 if size[0] >= 80 else 2)
        assert "Before: The old answer." in lines[0]
        await wait_for_text(pilot, "Your turn")
        await press(pilot, "ctrl+z")
        assert "NEW" not in pilot.app.draft.get(("script",))
        assert isinstance(pilot.app.screen, RehearsalScreen)


async def test_without_a_script_the_editor_is_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QCALL_REHEARSAL_URL", raising=False)
    async with opened(size=LOW) as pilot:
        await press(pilot, "f7")
        await wait_for(pilot, lambda: "There is no script yet" in flowing_text(pilot.app))
        await press(pilot, "f6")
        await wait_for_screen(pilot, EditorScreen)
        await type_text(pilot, "Say hello.")
        await press(pilot, "escape", "f7")
        await wait_for_text(pilot, "No model is set.")


async def test_without_a_model_there_is_a_read_through_and_a_setup(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QCALL_REHEARSAL_URL", raising=False)
    kept = MemoryKeyring()
    use(kept)
    try:
        with scripted_model([{"hears": "^Fail", "fault": "401"}, *_read(TURNS)]) as served:
            async with opened(Draft.imported(PAYLOAD), size=(90, 32)) as pilot:
                app = pilot.app
                await press(pilot, "f7")
                await wait_for_text(pilot, "No model is set.")
                assert "Hi Asha, 1 High Street." in screen_text(app)
                assert "Opening line, 3.0 seconds" in screen_text(app)
                keys = screen_lines(app)[-1]
                assert "f6 Script" in keys
                assert not any(key in keys for key in ("Caller", "Both", "New call", "Replay"))
                await press(pilot, "f2")
                await wait_for_screen(pilot, Menu)
                assert "Set up a model" in screen_text(app)
                assert "New call" not in screen_text(app)
                await press(pilot, "escape")
                await press(pilot, "enter")
                await wait_for_screen(pilot, ModelScreen)
                url = app.screen.query_one("#model-url", Input)
                await type_text(pilot, "http://models.example/v1\n\n\n")
                await wait_for_text(pilot, "use https://")
                url.value = served.url
                await press(pilot, "tab", "down")
                await wait_for_screen(pilot, Menu)
                await choose(pilot, "scripted-2")
                await wait_for_screen(pilot, ModelScreen)
                assert app.screen.query_one("#model-name", Input).value == "scripted-2"
                app.screen.query_one("#model-key", Input).focus()
                await type_text(pilot, KEY)
                await press(pilot, "ctrl+t")
                await wait_for_text(pilot, "✓ scripted-2 answered in")
                assert KEY not in app.export_screenshot()
                store = app.screen.query_one("#store")
                app.screen.query_one("#model", VerticalScroll).scroll_end(animate=False)
                await click(pilot, store)
                await wait_for_text(pilot, "Hello Asha, this is Asha")
                await wait_for(pilot, lambda: "The key is stored" in toasts(app))
                assert kept.kept == {("qcall-wizard", served.url): KEY}
                assert app.session.setting("rehearsal_model") == "scripted-2"
                await say(pilot, "Who is this?", "This is Asha from Acme")
                await say(pilot, "Fail", "Set up a model (F2) changes the address")
                await choose(pilot, "Set up a model")
                await wait_for_screen(pilot, ModelScreen)
                assert app.screen.query_one("#model-url", Input).value == served.url
                await click(pilot, app.screen.query_one("#forget"))
                await wait_for(pilot, lambda: "The key was deleted" in toasts(app))
                assert not kept.kept
            _, headers, body = served.requests[-1]
            assert headers["authorization"] == f"Bearer {KEY}"
            assert body["model"] == "scripted-2"
    finally:
        keyring.set_keyring(keyring.backends.fail.Keyring())


async def test_a_fast_stream_is_drawn_by_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = Transcript.refresh

    def count(self: Transcript, *args: Any, **options: Any) -> Any:
        drawn.append(1)
        return draw(self, *args, **options)

    turns = [{"says": "word " * 400, "pause": 0.001}]
    async with rehearsing(monkeypatch, turns) as (pilot, _):
        monkeypatch.setattr(Transcript, "refresh", count)
        await type_text(pilot, "Go\n")
        await wait_for_text(pilot, "The assistant speaks")
        await type_text(pilot, "typed meanwhile")
        await wait_for_text(pilot, "Your turn")
        await asyncio.sleep(0)
        assert pilot.app.screen.query_one("#call-line", Input).value == "typed meanwhile"
    assert len(drawn) < 200


async def test_the_end_of_a_call_stays_in_view_in_a_smaller_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with rehearsing(monkeypatch, size=(80, 24)) as (pilot, _):
        await say(pilot, "Send me an SMS", "I have sent it.")
        await say(pilot, "Book me for Sunday", "Would Thursday suit you?")
        await say(pilot, "Book me for Thursday", "It is booked for Thursday")
        await settle(pilot)
        for size in ((64, 16), LOW):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert "Thursday at ten." in flowing_text(pilot.app), size
        # Who has scrolled up stays there.
        await press(pilot, "shift+tab")
        await walk_up(pilot)
        await pilot.resize_terminal(40, 14)
        await settle(pilot)
        assert "Thursday at ten." not in flowing_text(pilot.app)


async def walk_up(pilot: Person) -> None:
    transcript = pilot.app.screen.query_one(Transcript)
    await wait_for(pilot, lambda: transcript.has_focus)
    await press(pilot, "home")
    await wait_for(pilot, lambda: transcript.scroll_offset.y == 0)
