"""Lists of thousands, of voices and of actions: shown, searched and rearranged as a few are."""

from screens.actions import ActionList
from screens.voice import VoicePicker
from tests.examples import catalogue_of, meeting, sms
from tests.person import line_of, opened, press, screen_text, settle, type_text
from wizard.draft import Draft


async def test_lists_follow_the_draft_before_they_are_on_a_screen_and_after() -> None:
    async with opened(Draft({"actions": [meeting()]}), step="actions") as pilot:
        screen = pilot.app.screen
        listed, picker = ActionList(), VoicePicker()
        catalogue = catalogue_of([{"voice_id": "v-1", "name": "Asha", "language": "hi"}])

        def follow(*actions: object) -> None:
            listed.update_from(Draft({"actions": list(actions)}))
            listed.highlight(1)
            picker.show_catalogue(catalogue)
            picker.update_from("hi", "v-1")

        follow(meeting(), sms())
        await screen.query_one(ActionList).remove()
        await screen.mount(picker, listed, before=0)
        await settle(pilot)
        shown = screen_text(pilot.app)
        assert "1 of 1 voices · Hindi" in shown
        assert "● Asha" in shown
        assert "2 actions" in shown
        await listed.remove()
        await picker.remove()
        follow(sms(), meeting(), sms())
        picker.show_trouble("There is none.")
        follow()
        await press(pilot, "down")


async def test_a_long_search_scrolls_with_what_is_typed() -> None:
    async with opened(step="voice") as pilot:
        searched = pilot.app.screen.query_one("#voice-text")
        searched.focus()
        await type_text(pilot, "a search that is longer than the field in which it is typed: END")
        assert line_of(pilot.app, searched).endswith("typed: END")
        await press(pilot, "home")
        assert line_of(pilot.app, searched).startswith("a search that")
