"""Controls that look like controls: lists at their fields, short forms, the form of an action."""

from typing import Any

import pytest
from textual.widgets import Input, OptionList, Static

from screens.dialogs.help import HelpScreen
from screens.dialogs.menu import Menu
from screens.dialogs.palette import Palette
from screens.dialogs.report import ReportScreen
from screens.form.actions import ActionScreen
from screens.form.step_tabs import StepTabs
from screens.widgets.page_frame import TopBar
from screens.widgets.signs import ADVICE, CHOSEN, MARKED, SOURCE_SIGNS, STEP_SIGNS, legend
from tests.examples import meeting, minimal
from tests.person import (
    Person,
    add_action,
    answer,
    at_step,
    button,
    choose_option,
    close,
    go_to,
    go_to_preview,
    hint,
    in_sight,
    opened,
    press,
    row,
    screen_lines,
    screen_text,
    settle,
    text_of,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    walk_to,
)
from wizard.draft.draft import Draft
from wizard.formats.paths import MISSING


async def open_list(pilot: Person, name: str, key: str = "enter") -> OptionList:
    """Open the list of a field, and return it."""
    await walk_to(pilot, row(pilot.app, name).control)
    await press(pilot, key)
    menu = await wait_for_screen(pilot, Menu)
    listed: OptionList = menu.query_one(OptionList)
    return listed


async def test_a_choice_that_is_not_made_says_that_nothing_is_sent() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "is_recording").control)
        await wait_for(pilot, lambda: "○ Yes  ○ No  not sent" in screen_text(app))
        await press(pilot, "n")
        await wait_for(pilot, lambda: "not sent" not in screen_text(app))


async def test_the_help_begins_beside_the_second_line_of_a_label() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "is_sensitivity").control)
        found = row(app, "is_sensitivity")
        assert found.region.height == 2
        lines = screen_lines(app)[found.region.y :]
        assert lines[1].split()[0] == "sensitivity"
        # What is below a control begins in the column of what is in it.
        assert lines[0].index("○") == lines[1].index("Sets")


async def test_a_fixed_value_begins_where_the_text_below_does() -> None:
    draft = Draft(answers={"is_opt_out": True})
    async with opened(draft, step="script", size=(80, 40)) as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "is_opt_out").control)
        await wait_for(pilot, lambda: "QCall's fixed sentence" in screen_text(app))
        lines = screen_lines(app)
        below = next(at for at, line in enumerate(lines) if "QCall's fixed" in line)
        assert lines[below - 1].index(lines[below - 1].split()[0]) == lines[below].index("QCall's")


async def test_one_thing_has_one_name_on_the_screen() -> None:
    async with opened() as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "goal").control)
        await wait_for(pilot, lambda: "↓ Suggest" in screen_text(app))
        assert "suggestions" in screen_text(app)
        await press(pilot, "f2")
        await wait_for_screen(pilot, Menu)
        assert "○ Tuning  ·" in screen_text(app)
        await close(pilot)
        assert "^p Palette" in screen_text(app)
        await press(pilot, "ctrl+p")
        await wait_for(pilot, lambda: "esc Close" in screen_text(app))
        await type_text(pilot, "editor")
        await wait_for(pilot, lambda: "External editor" in screen_text(app))


# --- lists


@pytest.mark.parametrize(
    ("name", "step", "typed", "chosen"),
    [
        ("language", "language", "hin", "hi"),
        ("language", "language", "hindi", "hi"),
        ("language", "language", "ta", "ta"),
        ("language", "language", "te", "te"),
        ("language", "language", "kuw", "ar-kw"),
        ("language", "language", "gg", "gu"),
        ("temperature", "advanced", "0.9", 0.9),
        ("temperature", "advanced", "1.5", 1.5),
        ("temperature", "advanced", "3.5", MISSING),
        ("language", "language", "hix", MISSING),
    ],
)
async def test_a_word_that_is_typed_in_a_list_is_chosen_whole(
    name: str, step: str, typed: str, chosen: Any
) -> None:
    async with opened(step=step) as pilot:
        listed = await open_list(pilot, name)
        await type_text(pilot, typed)
        await press(pilot, "enter")
        if chosen is MISSING:
            assert listed.is_mounted
            await press(pilot, "escape")
        await settle(pilot)
        assert pilot.app.draft.get((name,)) == chosen


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (40, 12)])
@pytest.mark.parametrize(
    ("name", "step", "key"),
    [
        ("language", "language", "enter"),
        ("goal", "type", "down"),
        ("temperature", "advanced", "enter"),
    ],
)
async def test_a_list_opens_at_its_field(
    name: str, step: str, key: str, size: tuple[int, int]
) -> None:
    async with opened(size=size, step=step) as pilot:
        app = pilot.app
        field = row(app, name).control
        await open_list(pilot, name, key)
        shown = app.screen.query_one("#menu").region
        assert shown.bottom == field.region.y or shown.y == field.region.bottom
        assert (shown.x, shown.width) == (field.region.x, field.region.width)
        assert shown in app.screen.region
        await close(pilot)
        assert app.focused is field


async def test_a_list_has_its_options_and_nothing_else() -> None:
    async with opened(step="language") as pilot:
        app = pilot.app
        listed = await open_list(pilot, "language")
        assert str(listed.get_option_at_index(0).prompt) == "English"
        assert listed.option_count == len(row_options(pilot, "language"))
        # A letter goes to the next option that begins with it.
        await press(pilot, "g")
        assert str(listed.get_option_at_index(listed.highlighted or 0).prompt).startswith("German")
        await press(pilot, "g")
        assert str(listed.get_option_at_index(listed.highlighted or 0).prompt).startswith(
            "Gujarati"
        )
        await press(pilot, "enter")
        await settle(pilot)
        assert app.draft.get(("language",)) == "gu"
        assert app.focused is row(app, "end_call_message").control
        # It opens at the current choice.
        listed = await open_list(pilot, "language")
        assert str(listed.get_option_at_index(listed.highlighted or 0).prompt).startswith(
            "Gujarati"
        )


def row_options(pilot: Person, name: str) -> Any:
    """The options of a field behind an open list."""
    rows = pilot.app.screen_stack[-2].query("QuestionRow")
    return next(r.question.options for r in rows if r.path == (name,))  # type: ignore[attr-defined]


# --- answers in short


async def test_a_web_address_is_written_in_full_when_its_field_is_left() -> None:
    async with opened() as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "company_website").control)
        await type_text(pilot, "acme.com")
        assert text_of(app, "company_website") == "acme.com"
        await press(pilot, "tab")
        await settle(pilot)
        assert text_of(app, "company_website") == "https://acme.com"
        assert "✗" not in hint(app, "company_website")
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: app.draft.get(("company_website",)) is MISSING)


async def test_a_web_address_is_sent_in_full_before_its_field_is_left() -> None:
    async with opened(Draft(answers=minimal())) as pilot:
        await walk_to(pilot, row(pilot.app, "company_website").control)
        await type_text(pilot, "acme.com")
        await go_to_preview(pilot)
        assert pilot.app.draft.compose()["company_website"] == "https://acme.com"


async def test_times_and_time_zones_are_picked_by_a_part() -> None:
    async with opened() as pilot:
        app = pilot.app
        await add_action(pilot, "scheduleMeeting")
        for name, typed, full in (
            ("timezone", "kolk", "Asia/Kolkata"),
            ("startTime", "930", "09:30 AM"),
            ("endTime", "5.30 pm", "05:30 PM"),
        ):
            await walk_to(pilot, row(app, name).control)
            # What a new action begins with is replaced.
            await type_text(pilot, typed)
            await press(pilot, "tab")
            await settle(pilot)
            assert text_of(app, name) == full
            assert app.draft.get(("actions", 0, name)) == full


async def test_the_list_of_time_zones_is_searched_for_the_typed_text() -> None:
    async with opened() as pilot:
        app = pilot.app
        await add_action(pilot, "scheduleMeeting")
        await walk_to(pilot, row(app, "timezone").control)
        await type_text(pilot, "argentina")
        listed = await open_list(pilot, "timezone", "down")
        assert app.screen.query_one(Input).value == "argentina"
        assert 1 < listed.option_count < 20
        # In a window that becomes smaller its field may go out of sight, and the list stays.
        for size in ((140, 40), (40, 12)):
            await pilot.resize_terminal(*size)
            await wait_for(pilot, lambda: in_sight(app, listed))
        await press(pilot, "enter")
        await settle(pilot)
        assert app.draft.get(("actions", 0, "timezone")).startswith("America/Argentina/")


# --- Enter


async def test_enter_goes_from_the_last_field_to_next() -> None:
    async with opened(Draft(answers=minimal()), step="language") as pilot:
        await walk_to(pilot, row(pilot.app, "end_call_message").control)
        await press(pilot, "enter", "enter")
        await wait_for(pilot, lambda: at_step(pilot.app, "voice"), what="on to the voice")


async def test_enter_goes_from_the_last_field_of_an_action_to_done() -> None:
    async with opened(Draft(answers=minimal())) as pilot:
        await add_action(pilot, "scheduleMeeting")
        await walk_to(pilot, row(pilot.app, "bookingDays").control)
        await press(pilot, "enter")
        assert pilot.app.focused is button(pilot.app, "action-done")
        await press(pilot, "ctrl+n")
        await wait_for(pilot, lambda: at_step(pilot.app, "actions"), what="the form closed")


# --- the form of an action


async def test_the_form_of_an_action_looks_like_a_step() -> None:
    async with opened() as pilot:
        await add_action(pilot, "scheduleMeeting")
        screen = pilot.app.screen
        assert screen.query_one(TopBar).region.y == 0
        assert screen.query_one(StepTabs).region.y == 1
        scrolled = [w for w in screen.query("*") if w.show_vertical_scrollbar and w.region]
        assert [w.id for w in scrolled] == ["action"]
        done, cancel = button(pilot.app, "action-done"), button(pilot.app, "action-cancel")
        assert done.region.y == cancel.region.y
        title = screen.query_one(".heading", Static)
        assert "Cancel undoes them" in str(title.render())
        days = row(pilot.app, "bookingDays").control
        await walk_to(pilot, days)
        await pilot.resize_terminal(40, 12)
        await wait_for(pilot, lambda: in_sight(pilot.app, days))
        # Without room for both the title is not cut.
        await wait_for(pilot, lambda: str(title.render()) == "Action 1")
        await pilot.resize_terminal(80, 24)
        tab = next(t for t in screen.query("StepTab") if "Script" in str(t.render()))  # type: ignore[attr-defined]
        tab.focus()
        await settle(pilot)  # a click goes to the place that the tab has on the screen
        await pilot.click(tab)
        await wait_for(pilot, lambda: at_step(pilot.app, "script"))


async def test_cancel_removes_a_new_action() -> None:
    async with opened() as pilot:
        app = pilot.app
        await add_action(pilot, "scheduleMeeting")
        await answer(pilot, say="Wait.")
        await cancel(pilot)
        assert app.draft.get(("actions",)) is MISSING
        assert "No actions yet" in screen_text(app)
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: app.draft.get(("actions", 0, "say")) == "Wait.")


async def test_cancel_restores_an_action() -> None:
    actions = [meeting(), meeting()]
    async with opened(Draft(answers=minimal() | {"actions": actions})) as pilot:
        app = pilot.app
        await go_to(pilot, "actions")
        await press(pilot, "down", "enter")
        await wait_for_screen(pilot, ActionScreen)
        await answer(pilot, say="Wait.", startTime="8")
        await cancel(pilot)
        assert app.draft.get(("actions",)) == actions
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: app.draft.get(("actions", 1, "say")) == "Wait.")
        assert app.draft.get(("actions", 1, "startTime")) in ("8", "08:00 AM")


async def test_cancel_of_an_unchanged_action_is_no_change() -> None:
    async with opened(Draft(answers=minimal() | {"actions": [meeting()]})) as pilot:
        await go_to(pilot, "actions")
        await press(pilot, "enter")
        await wait_for_screen(pilot, ActionScreen)
        edits = pilot.app.draft.history.done
        await cancel(pilot)
        assert pilot.app.draft.history.done == edits


async def cancel(pilot: Person) -> None:
    """Cancel the form of an action."""
    await walk_to(pilot, button(pilot.app, "action-cancel"))
    await press(pilot, "enter")
    await wait_for(pilot, lambda: at_step(pilot.app, "actions"))
    await settle(pilot)


async def test_the_key_for_a_new_line_is_shown_if_enter_leaves_the_field() -> None:
    async with opened(step="script") as pilot:
        await walk_to(pilot, row(pilot.app, "start_speech").control)
        assert "alt+⏎ New line" in screen_text(pilot.app)
        await walk_to(pilot, row(pilot.app, "script").control)
        assert "New line" not in screen_text(pilot.app)


async def test_a_choice_is_made_in_an_open_list() -> None:
    async with opened(step="language") as pilot:
        await open_list(pilot, "language")
        await choose_option(pilot, 1)
        await wait_for(pilot, lambda: pilot.app.draft.get(("language",)) == "de")


# --- pictures and signs


async def test_the_address_of_a_portrait_is_shown_and_copied() -> None:
    async with opened() as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "type").control)
        assert "Copy address" not in screen_text(app)
        await walk_to(pilot, row(app, "assistant_image").control)
        assert "Copy address" in screen_text(app)
        await press(pilot, "c")
        await wait_for(pilot, lambda: "assistant_profile/1.jpeg" in toasts(app))
        assert app.clipboard.endswith("assistant_profile/1.jpeg")
        # A dialog that is opened ends it, unlike a warning that no key asked for.
        app.warn("The draft was rescued.")
        await press(pilot, "f1")
        await wait_for_screen(pilot, HelpScreen)
        await wait_for(pilot, lambda: toasts(app) == "The draft was rescued.")
        await press(pilot, "escape")
        # The address of the chosen one is below the portraits.
        await press(pilot, "right")
        await wait_for(pilot, lambda: "assistant_profile/3.jpeg" in hint(app, "assistant_image"))


async def test_the_symbols_have_a_legend() -> None:
    async with opened(size=(80, 40)) as pilot:
        app = pilot.app
        await press(pilot, "ctrl+p")
        await wait_for_screen(pilot, Palette)
        await type_text(pilot, "signs mean")
        await wait_for(pilot, lambda: "In steps" in screen_text(app))
        await press(pilot, "enter")
        await wait_for_screen(pilot, ReportScreen)
        for sign in (*STEP_SIGNS.values(), *SOURCE_SIGNS.values(), ADVICE, MARKED, CHOSEN):
            assert sign in "".join(legend())
        assert "◐    answers are missing" in screen_text(app)
