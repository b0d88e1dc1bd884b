"""The choice of a voice on the screen: the list, the fields and the sample."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from screens.dialogs.menu import Menu
from screens.form.steps_screen import StepsScreen
from screens.form.voice_list import VoiceLine, VoiceList
from screens.form.voice_picker import VoicePicker
from screens.payload.review_list import ReviewList
from tests.examples import minimal, voices_of
from tests.person import (
    PATIENCE,
    Person,
    answer,
    button,
    choose_option,
    choose_voice,
    click,
    enter_voice_by_hand,
    flowing_text,
    go_to,
    go_to_preview,
    imported,
    in_sight,
    make_client,
    opened,
    press,
    row,
    screen_text,
    settle,
    shown_rows,
    toasts,
    type_text,
    voice,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from tests.samples import Player, program, serving
from wizard.api.client import Client
from wizard.api.voice_catalogue import Voice
from wizard.errors import CatalogueUnavailable
from wizard.formats.paths import MISSING

GRACE = "Grace · American · female · sandbox · change"


def listed(pilot: Person) -> VoiceList:
    return pilot.app.screen.query_one(VoiceList)


def line(pilot: Person) -> VoiceLine:
    return pilot.app.screen.query_one(VoiceLine)


async def wait_for_line(pilot: Person, words: str) -> None:
    """Wait until the chosen voice is one line; the focus behind it may scroll it out of sight."""
    static = pilot.app.screen.query_one("#voice-words")
    await wait_for(pilot, lambda: line(pilot).display and str(static.render()) == words, what=words)


def searches(pilot: Person) -> bool:
    """Whether the focus is in the search field."""
    return pilot.app.focused is pilot.app.screen.query_one("#voice-text")


def without_voice(**more: Any) -> Any:
    """A draft that lacks the voice alone."""
    names = ("accent", "voice_id", "voice_name", "ai_modal", "gender", "voice_data")
    return imported({k: v for k, v in minimal().items() if k not in names} | more)


async def test_a_missing_voice_is_one_problem_everywhere() -> None:
    async with opened(without_voice(language="en"), step="voice") as pilot:
        app = pilot.app
        await wait_for_text(pilot, "8 of 104 voices · English")
        assert searches(pilot)
        await press(pilot, "tab", "ctrl+n")
        await wait_for_text(pilot, "✗ 1 field needs attention. Choose a voice.")
        await wait_for(pilot, lambda: searches(pilot))
        assert "✗ Voice" in screen_text(app)
        await go_to_preview(pilot)
        wrong = [row.text(80) for row in app.screen.query_one(ReviewList).rows if row.problem]
        assert [text for text in wrong if "✗" in text] == ["✗ Voice · Choose a voice."]
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        await wait_for(pilot, lambda: searches(pilot))


async def test_a_small_list_has_gender_and_family() -> None:
    async with opened(without_voice(language="en"), step="voice", size=(40, 12)) as pilot:
        await wait_for_text(pilot, "Grace    american  female native")


async def test_a_narrow_screen_has_whole_families_and_the_number_of_the_step() -> None:
    async with opened(without_voice(language="en"), step="voice", size=(60, 20)) as pilot:
        await wait_for_text(pilot, "ElevenLabs")
        assert "▸ Voice  3 of 6" in screen_text(pilot.app)


async def test_enter_in_the_search_chooses_and_folds_the_list() -> None:
    async with opened(without_voice(language="en"), step="voice") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: listed(pilot).voices)
        await press(pilot, "ctrl+n", "enter")
        await wait_for_line(pilot, GRACE)
        assert app.focused is row(app, "voice_speed").control
        # The sentence about the missing voice is gone, and so are list and fields.
        assert "Choose a voice" not in screen_text(app)
        assert not listed(pilot).display
        assert "Voice ID" not in screen_text(app)
        assert "Voice object" not in screen_text(app)
        # The line opens the list at the old choice, and Esc keeps it.
        await walk_to(pilot, line(pilot))
        before = app.draft.answers
        await press(pilot, "enter")
        await wait_for(pilot, lambda: searches(pilot))
        await type_text(pilot, "english")
        await press(pilot, "down", "down", "escape")
        await wait_for_line(pilot, GRACE)
        assert app.focused is line(pilot)
        assert app.draft.answers == before
        # A click opens it, too; a voice on a row replaces the old one.
        await click(pilot, line(pilot))
        await wait_for(pilot, lambda: searches(pilot))
        here = listed(pilot).here
        assert here is not None
        assert here.voice_id == app.draft.get(("voice_id",))
        await press(pilot, "down", "down", "enter")
        await wait_for_line(pilot, "Henry · American · male · sandbox · change")
        # Undo leads back to the first voice, and then to the list.
        await press(pilot, "ctrl+z")
        await wait_for_line(pilot, GRACE)
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: listed(pilot).display and searches(pilot))
        assert app.draft.get(("voice_id",)) is MISSING


async def test_the_list_is_filtered_by_language_gender_and_family() -> None:
    async with opened(without_voice(language="ta"), step="voice") as pilot:
        app = pilot.app
        await wait_for_text(pilot, "8 of 104 voices · Tamil")
        for name, option, count in (("gender", 2, 4), ("family", 2, 2), ("language", 0, 26)):
            await walk_to(pilot, button(app, f"voice-{name}"))
            await press(pilot, "enter")
            await wait_for_screen(pilot, Menu)
            await choose_option(pilot, option)
            await wait_for_screen(pilot, StepsScreen)
            await wait_for_text(pilot, f"{count} of 104 voices")
            assert searches(pilot)
        assert {(v.gender, v.family) for v in listed(pilot).voices} == {("female", "ElevenLabs")}
        for label in ("Language ▼", "Female ▼", "ElevenLabs ▼"):
            assert label in screen_text(app)


async def test_the_fields_of_a_voice_are_shown_on_request_and_filled_in_by_hand() -> None:
    async with opened(imported(minimal() | {"gender": "female"}), step="voice") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: "not in this catalogue · change" in flowing_text(app))
        assert "△ Check the voice ID, or choose another voice." in flowing_text(app)
        assert not app.draft.problems()
        # Read-only at first.
        await walk_to(pilot, button(app, "voice-more"))
        await press(pilot, "enter")
        await wait_for_text(pilot, "Voice ID            v-1")
        assert "Gender              Female" in screen_text(app)
        assert not app.screen.query_one(VoicePicker).form.display
        await enter_voice_by_hand(pilot)
        assert app.focused is row(app, "accent").control
        await answer(pilot, accent="scottish")
        await wait_for_text(pilot, "Scottish · female")
        # What is wrong by hand is one field's error, and leads to that field.
        await answer(pilot, accent=None)
        await press(pilot, "escape")
        await wait_for(pilot, lambda: app.focused is line(pilot))
        await press(pilot, "ctrl+n")
        await wait_for(pilot, lambda: app.focused is row(app, "accent").control)
        assert "Accent: Required." in screen_text(app)
        # A voice of the list takes the place of all that was typed.
        await walk_to(pilot, button(app, "voice-choose"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: searches(pilot))
        await choose_voice(pilot, "grace")
        await walk_to(pilot, line(pilot))
        await wait_for_line(pilot, GRACE)
        assert "not in this catalogue" not in screen_text(app)


async def test_a_voice_is_in_sight_when_it_was_chosen_in_a_small_terminal() -> None:
    async with opened(size=(60, 20), step="voice") as pilot:
        await choose_voice(pilot, "grace")
        assert in_sight(pilot.app, line(pilot))
        assert in_sight(pilot.app, row(pilot.app, "voice_speed"))


async def test_a_catalogue_that_cannot_be_read_is_tried_again() -> None:
    client, answers = make_client(), [CatalogueUnavailable("The voices are out."), None]

    async def voices() -> Sequence[Voice]:
        if error := answers.pop(0):
            raise error
        return voices_of([voice("v-1", "Asha")])

    client.voices = voices  # type: ignore[method-assign]
    async with opened(client=client, step="voice") as pilot:
        app = pilot.app
        await wait_for_text(pilot, "The voices are out. Try again, or enter the voice by hand.")
        await wait_for(pilot, lambda: app.focused is button(app, "voice-retry"))
        assert button(app, "voice-by-hand").display
        await press(pilot, "enter")
        await wait_for_text(pilot, "1 of 1 voice")
        await press(pilot, "enter")
        await wait_for_line(pilot, "Asha · Indian · female · native · change")


async def test_enter_before_the_voices_arrive_chooses_the_first() -> None:
    client, came = make_client(), asyncio.Event()

    async def voices() -> Sequence[Voice]:
        await came.wait()
        return voices_of([voice("v-1", "Asha"), voice("v-2", "Rohan")])

    client.voices = voices  # type: ignore[method-assign]
    async with opened(client=client, step="voice") as pilot:
        await press(pilot, "enter", "enter")
        await wait_for_text(pilot, "Enter will choose the first one.")
        came.set()
        await wait_for_line(pilot, "Asha · Indian · female · native · change")


async def test_the_palette_leads_to_the_fields() -> None:
    async with opened(without_voice()) as pilot:
        app = pilot.app
        await press(pilot, "ctrl+p")
        await wait_for(pilot, lambda: app.screen.query("#--input"))
        await type_text(pilot, "enter a voice by hand")
        await wait_for_text(pilot, "Its ID, name, accent and model")
        await press(pilot, "down", "enter")
        await wait_for_screen(pilot, StepsScreen)
        await wait_for(pilot, lambda: app.focused is row(app, "accent").control)
        assert {"accent", "voice_id", "voice_name", "ai_modal"} <= shown_rows(app, "voice")


# --- samples


def with_samples(url: str) -> Client:
    client = make_client()

    async def voices() -> Sequence[Voice]:
        names = ("Asha", "Rohan")
        return voices_of([voice(n, n, preview_url=f"{url}/{n}.wav") for n in names])

    client.voices = voices  # type: ignore[method-assign]
    return client


async def test_p_starts_and_stops_a_sample(programs: Path) -> None:
    player = Player(programs, then="exec sleep 60")
    with serving() as asked:
        async with opened(client=with_samples(asked.url), step="voice") as pilot:
            app = pilot.app
            await wait_for_text(pilot, "2 of 2 voices")
            # In the search it is a letter, and nothing was played for that.
            await type_text(pilot, "p")
            await press(pilot, "backspace", "down")
            assert not asked.headers
            await press(pilot, "p")
            await wait_for(pilot, lambda: player.has_begun)
            await wait_for_text(pilot, "♪ Asha")
            await press(pilot, "p")
            await wait_for(pilot, lambda: player.has_ended and not player.file.exists())
            await wait_for_text(pilot, "○ Asha")
            # The button does the same; leaving the step ends it.
            await walk_to(pilot, button(app, "voice-play"))
            first = player.process
            await press(pilot, "enter")
            await wait_for(pilot, lambda: player.process != first)
            await wait_for_text(pilot, "Stop")
            await go_to(pilot, "script")
            await wait_for(pilot, lambda: player.has_ended and not player.file.exists())
            # The chosen voice is heard from its line; quitting ends it.
            await choose_voice(pilot, "rohan")
            await walk_to(pilot, line(pilot))
            second = player.process
            await press(pilot, "p")
            await wait_for(pilot, lambda: player.process != second)
    async with asyncio.timeout(PATIENCE):
        while not player.has_ended or player.file.exists():
            await asyncio.sleep(0.01)
    assert len(asked.headers) == 3


async def test_an_unplayable_sample_is_reported(programs: Path) -> None:
    async with opened(client=with_samples("http://example.com"), step="voice") as pilot:
        await wait_for_text(pilot, "2 of 2 voices")
        await press(pilot, "down", "p")
        await wait_for(pilot, lambda: "its address is not https" in toasts(pilot.app))


async def test_without_a_player_the_address_is_shown_and_copied(programs: Path) -> None:
    with serving() as asked:
        async with opened(client=with_samples(asked.url), step="voice") as pilot:
            await wait_for_text(pilot, "2 of 2 voices")
            await press(pilot, "down", "p")
            address = f"{asked.url}/Asha.wav"
            await wait_for(pilot, lambda: address in toasts(pilot.app))
            assert pilot.app.clipboard == address
    assert not asked.headers


async def test_in_a_browser_the_address_is_shown_alone(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = Player(programs)
    monkeypatch.setattr("screens.app.WizardApp.is_web", True)
    with serving() as asked:
        async with opened(client=with_samples(asked.url), step="voice") as pilot:
            await wait_for_text(pilot, "2 of 2 voices")
            await press(pilot, "down", "p")
            await wait_for(pilot, lambda: f"Hear Asha at {asked.url}" in toasts(pilot.app))
            await settle(pilot)
            assert pilot.app.clipboard == ""
    assert not asked.headers
    assert not player.has_begun


async def test_the_sandbox_needs_espeak_for_samples(programs: Path) -> None:
    async with opened(step="voice") as pilot:
        await wait_for_text(pilot, "104 of 104 voices")
        await press(pilot, "down", "p")
        await wait_for(pilot, lambda: "espeak-ng, which is not installed" in toasts(pilot.app))
        program(programs, "espeak-ng", "printf 'RIFF1234WAVE'")
        # Without a player a file has the sample, and its address is copied.
        await press(pilot, "p")
        await wait_for(pilot, lambda: pilot.app.clipboard.startswith("file:///"))
        await wait_for(pilot, lambda: pilot.app.clipboard in toasts(pilot.app))
        with urlopen(pilot.app.clipboard) as sample:
            assert sample.read() == b"RIFF1234WAVE"
        player = Player(programs)
        await press(pilot, "p")
        await wait_for(pilot, lambda: player.has_begun)
    assert player.audio == b"RIFF1234WAVE"
    assert json.dumps(pilot.app.draft.answers) == "{}"
