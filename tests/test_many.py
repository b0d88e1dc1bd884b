"""Lists of thousands, of voices and of actions: shown, searched and rearranged as a few are."""

from screens.actions import ActionList
from screens.voice import VoicePicker
from tests.examples import meeting, sms
from tests.person import opened, press, screen_text, settle
from wizard.draft import Draft
from wizard.voices import Catalogue, Voice


async def test_lists_follow_the_draft_before_they_are_on_a_screen_and_after() -> None:
    async with opened(Draft({"actions": [meeting()]}), step="actions") as pilot:
        screen = pilot.app.screen
        listed, picker = ActionList(), VoicePicker()

        def follow(*actions: object) -> None:
            listed.update_from(Draft({"actions": list(actions)}))
            listed.highlight(1)
            picker.show_catalogue(Catalogue([Voice("v-1", "Asha", language="hi")]))
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
