"""The blanks of texts on the screens: offered, filled in, kept as columns, taken back."""

import asyncio
import json
from functools import partial
from typing import Any

from textual.widgets import Button, Input

from screens.dialogs.blanks import BlankRow, BlanksScreen
from screens.form.steps_screen import StepsScreen
from screens.payload.preview import PreviewScreen
from tests.commands.test_cli import run
from tests.examples import minimal
from tests.person import (
    Person,
    at_step,
    button,
    flowing_text,
    go_to,
    go_to_preview,
    hint,
    imported,
    in_sight,
    opened,
    press,
    row,
    screen_lines,
    screen_text,
    settle,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from tests.plain.test_plain import hold
from wizard.draft.blanks import blanks
from wizard.draft.draft import Draft
from wizard.templates.library import find_template

HOURS = "9 to 5, except on Sundays"


def begun(name: str = "inbound-receptionist") -> Draft:
    draft = Draft()
    draft.start_from(find_template(name, None))
    draft.go_to_first_gap()
    return draft


def left(app: Any) -> list[str]:
    return [blank.name for blank in blanks(app.draft)]


def offer(app: Any) -> Button:
    """The button of the step with the script."""
    return app.screen.query_one("#step-script #fill-blanks", Button)


async def open_form(pilot: Person) -> None:
    """Open the form by the button of the step with the script."""
    await go_to(pilot, "script")
    offered = offer(pilot.app)
    await walk_to(pilot, offered)
    # A button takes no key while it still shows the last.
    await wait_for(pilot, lambda: not offered.has_class("-active"))
    await press(pilot, "enter")
    await wait_for_screen(pilot, BlanksScreen)


async def test_a_template_offers_its_blanks_and_shows_no_error_before_the_first_key() -> None:
    async with opened(begun()) as pilot:
        app = pilot.app
        assert app.focused is row(app, "name").control
        assert "Fill in" not in screen_text(app)
        assert hint(app, "name") == row(app, "name").question.meta.help
        assert "Required" not in flowing_text(app)
        assert "✗" not in screen_text(app)
        # It is offered beside the heading, so that no row moves.
        await go_to(pilot, "script")
        await wait_for_text(pilot, "Fill in 4 blanks")
        assert offer(app).region.y == app.screen.query_one("#step-script .heading").region.y


async def test_advice_on_a_template_waits_for_the_first_change() -> None:
    async with opened(begun(), step="script") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: app.draft.is_advised, what="the search for advice")
        await settle(pilot)
        assert "△" not in screen_text(app)
        await go_to(pilot, "type")
        await walk_to(pilot, row(app, "name").control)
        await type_text(pilot, "M")
        await go_to(pilot, "script")
        await wait_for_text(pilot, "△ QCall does not fill")


async def test_the_answers_replace_the_blanks_as_one_change() -> None:
    async with opened(begun()) as pilot:
        app = pilot.app
        before = app.draft.preview()
        await open_form(pilot)
        assert "The address is {{company_address}}." in flowing_text(app)
        await type_text(pilot, "a dental clinic\n5 High Street\n")
        assert "The address is 5 High Street." in flowing_text(app)
        await type_text(pilot, f"{HOURS}\ncleaning\n")
        await wait_for_screen(pilot, StepsScreen)
        assert left(app) == []
        assert "Fill in" not in screen_text(app)
        text = json.loads(app.draft.preview())
        assert f"The hours are {HOURS}." in text["script"]
        assert f"Open {HOURS}." in text["actions"][1]["sms"]["content"]
        await press(pilot, "ctrl+z")
        assert app.draft.preview() == before
        await wait_for_text(pilot, "Fill in 4 blanks")
        # The template stays. The first text that has changed is shown.
        assert "Undone" not in toasts(app)
        assert app.focused is row(app, "script").control


async def test_typed_answers_are_saved_at_once_and_cancel_restores() -> None:
    async with opened(begun()) as pilot:
        app = pilot.app
        before = app.draft.preview()
        await open_form(pilot)
        await type_text(pilot, "a dental clinic")
        assert "is a dental clinic." in app.draft.get(("script",))
        # Typing is one change for any number of keys.
        assert len(app.draft.history.edits) == 2
        await press(pilot, "escape")
        await wait_for_screen(pilot, StepsScreen)
        assert "is a dental clinic." in app.draft.get(("script",))
        await open_form(pilot)
        await type_text(pilot, "5 High Street")
        await walk_to(pilot, button(app, "cancel"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert "is a dental clinic." in app.draft.get(("script",))
        assert "5 High Street" not in app.draft.preview()
        await press(pilot, "ctrl+z")
        assert app.draft.preview() == before


async def test_blanks_of_contacts_can_stay_as_columns() -> None:
    async with opened(begun("appointment-reminder")) as pilot:
        app = pilot.app
        await open_form(pilot)
        await type_text(pilot, "Monday")
        await press(pilot, "ctrl+t")
        assert "☑ Keep as a column" in screen_text(app)
        assert app.draft.columns == ("appointment_day",)
        assert "{{appointment_day}}" in app.draft.preview()
        # What was typed comes back with the blank, and typing takes it from the columns.
        await press(pilot, "ctrl+t")
        assert app.screen.query(Input).first().value == "Monday"
        assert app.draft.columns == ()
        # The sentences of the other blanks have it, too.
        assert "an appointment on Monday at {{appointment_time}}" in flowing_text(app)
        await press(pilot, "ctrl+t", "enter")
        assert "an appointment on {{appointment_day}} at" in flowing_text(app)
        await type_text(pilot, "noon")
        assert "^t Keep as a column" in screen_lines(app)[-1]
        await walk_to(pilot, button(app, "rest"))
        await wait_for(pilot, lambda: "^t" not in screen_lines(app)[-1])
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)
        assert left(app) == []
        assert app.draft.columns == ("appointment_day", "location", "what_to_bring")
        assert "at noon, at {{location}}" in app.draft.get(("script",))
        await press(pilot, "ctrl+z")
        assert len(left(app)) == 4


async def test_only_columns_can_be_undone_and_the_offer_follows() -> None:
    async with opened(begun("appointment-reminder")) as pilot:
        await open_form(pilot)
        await press(pilot, "ctrl+t", "escape")
        await wait_for_text(pilot, "Fill in 3 blanks")
        await press(pilot, "ctrl+z")
        await wait_for_text(pilot, "Fill in 4 blanks")
        assert "Undone: the columns of the contacts." in toasts(pilot.app)


async def test_an_inbound_caller_has_no_columns() -> None:
    async with opened(begun()) as pilot:
        app = pilot.app
        await open_form(pilot)
        await press(pilot, "ctrl+t")
        assert "column" not in flowing_text(app)
        assert app.draft.columns == ()


async def test_the_preview_and_the_palette_offer_the_blanks() -> None:
    draft = imported(minimal() | {"script": "Open {{opening_hours}}."})
    async with opened(draft) as pilot:
        app = pilot.app
        # Only the step with the text offers it.
        assert "Fill in" not in screen_text(app)
        await go_to_preview(pilot)
        assert "Fill in 1 blank" in screen_text(app)
        await walk_to(pilot, button(app, "fill-blanks"))
        await press(pilot, "enter")
        await wait_for_screen(pilot, BlanksScreen)
        await type_text(pilot, "9 to 5\n")
        await wait_for_screen(pilot, PreviewScreen)
        await wait_for(pilot, lambda: "Fill in" not in screen_text(app), what="the offer to go")
        await press(pilot, "escape", "ctrl+p")
        await type_text(pilot, "fill in the blanks")
        await wait_for_text(pilot, "Fill in the blanks")
        await press(pilot, "enter")
        await wait_for(pilot, lambda: "There are no blanks" in toasts(app), what="a message")
        assert at_step(app, "type")


async def test_a_variable_that_is_typed_is_offered_when_typing_pauses() -> None:
    async with opened(imported(minimal()), step="script") as pilot:
        app = pilot.app
        assert "Fill in" not in screen_text(app)
        await walk_to(pilot, row(app, "start_speech").control)
        await press(pilot, "end")
        await type_text(pilot, " We open {{opening_hours}}.")
        await wait_for_text(pilot, "Fill in 1 blank")


async def test_every_blank_and_its_sentence_come_in_sight_at_every_size() -> None:
    for size in ((80, 24), (40, 12)):
        async with opened(begun("appointment-reminder"), size=size) as pilot:
            app = pilot.app
            await open_form(pilot)
            for blank in list(app.screen.query(BlankRow)):
                await wait_for(pilot, lambda b=blank: b.has_focus_within)
                await wait_for(pilot, partial(in_sight, app, blank.input), timeout=5)
                assert f"{{{{{blank.blank.name}}}}}" in flowing_text(app)
                await press(pilot, "down", "down")
            assert isinstance(app.focused, Button)
            assert in_sight(app, button(app, "done"))


async def test_screens_plain_questions_and_the_command_give_the_same_bytes() -> None:
    words = ["a dental clinic", "5 High Street", HOURS, "cleaning; “whitening”"]
    names = ["company_description", "company_address", "opening_hours", "services"]
    async with opened(begun()) as pilot:
        await open_form(pilot)
        await type_text(pilot, "".join(f"{each}\n" for each in words))
        await wait_for_screen(pilot, StepsScreen)
        shown = pilot.app.draft.preview()
    heard = await asyncio.to_thread(hold, "yes", *words, ":leave", draft=begun())
    filled = [f"{name}={each}" for name, each in zip(names, words, strict=True)]
    options = [part for each in filled for part in ("--fill", each)]
    made = run("new", "--template", "inbound-receptionist", *options)
    assert heard.draft.preview() == shown
    assert made.out == f"{shown}\n"
    assert "{{services}}" not in shown
