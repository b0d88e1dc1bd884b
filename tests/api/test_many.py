"""Lists of thousands of voices and actions: shown, searched and rearranged like short ones."""

from screens.form.actions import ActionList
from screens.form.voice_picker import VoicePicker
from tests.benchmarks.world import serving
from tests.examples import catalogue_of, meeting, sms
from tests.person import (
    choose_voice,
    line_of,
    make_client,
    opened,
    press,
    screen_text,
    settle,
    type_text,
    wait_for_text,
)
from wizard.api.client import Client
from wizard.api.http_client import Limits
from wizard.draft.draft import Draft
from wizard.secret import SecretStr


async def test_lists_follow_the_draft_before_they_are_on_a_screen_and_after() -> None:
    async with opened(Draft({"actions": [meeting()]}), step="actions") as pilot:
        screen = pilot.app.screen
        listed, picker = ActionList(), VoicePicker()
        catalogue = catalogue_of([{"voice_id": "v-1", "name": "Asha", "language": "hi"}])

        def follow(*actions: object) -> None:
            listed.update_from(Draft({"actions": list(actions)}))
            listed.highlight(1)
            picker.show_catalogue(catalogue)
            picker.update_from(Draft({"language": "hi"}))

        follow(meeting(), sms())
        await screen.query_one(ActionList).remove()
        await screen.mount(picker, listed, before=0)
        await settle(pilot)
        shown = screen_text(pilot.app)
        assert "1 of 1 voice · Hindi" in shown
        assert "○ Asha" in shown
        assert "2 actions" in shown
        await listed.remove()
        await picker.remove()
        follow(sms(), meeting(), sms())
        picker.show_trouble("There is none.")
        follow()
        await press(pilot, "down")


async def test_a_long_search_scrolls_while_typing() -> None:
    async with opened(step="voice") as pilot:
        searched = pilot.app.screen.query_one("#voice-text")
        searched.focus()
        await type_text(pilot, "a search that is longer than the field in which it is typed: END")
        assert line_of(pilot.app, searched).rstrip(" ▐▕").endswith("typed: END")
        await press(pilot, "home")
        assert line_of(pilot.app, searched).lstrip(" ▌▏").startswith("a search that")


async def test_more_voices_than_are_listed_are_shown_searched_and_chosen_from() -> None:
    with serving(25_000) as url:
        client = Client(url, SecretStr("sandbox"))
        async with opened(Draft(), step="voice", client=client) as pilot:
            await wait_for_text(pilot, "20,000 of the first 20,000 of 25,000 voices")
            await choose_voice(pilot, "voice 19999")
            assert pilot.app.draft.get(("voice_data",))["voice_id"] == "v19999"
            assert pilot.app.draft.get(("voice_name",)) == "Voice 19999"
        await client.aclose()


async def test_a_catalogue_over_the_limit_is_reported() -> None:
    client = make_client(limits=Limits(voices_bytes=1_000))
    async with opened(step="voice", client=client) as pilot:
        await wait_for_text(pilot, "The voices could not be loaded: the answer is too large.")
