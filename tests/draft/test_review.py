"""The review: all values in groups, with errors and advice."""

import json
from asyncio import gather
from typing import Any

from textual.widgets import ContentSwitcher, Static

from screens.dialogs.menu import Menu
from screens.dialogs.result import ResultScreen
from screens.form.step_pane import StepPane
from screens.payload.preview import PreviewScreen
from screens.payload.review_list import ReviewList
from screens.widgets.json_view import JsonView
from tests.examples import full, meeting, minimal, sms
from tests.person import (
    answer,
    click,
    click_events,
    close,
    flowing_text,
    go_to,
    go_to_preview,
    hint,
    imported,
    in_sight,
    key_event,
    opened,
    press,
    row,
    screen_text,
    settle,
    text_of,
    toasts,
    wait_for,
    wait_for_screen,
    wait_for_text,
)
from wizard.api.records import Record
from wizard.contract.assistant import QUESTIONS
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft, Source, step_of
from wizard.draft.origin import Origin
from wizard.draft.review import action_words, groups
from wizard.exchange.export_formats import ExportFormat

ADVISED = minimal() | {"is_filler": True, "fillers": ["umm", "umm"]}


def review_text(app: Any) -> str:
    """All that the review says, in sight or not."""
    listed = app.screen.query_one(ReviewList)
    return "\n".join(listed.content_of(index).plain for index in range(listed.count))


def group(draft: Draft, title: str) -> dict[str, str]:
    (found,) = [group for group in groups(draft) if group.title == title]
    return {item.label: item.words for item in found.chosen + found.default}


def test_each_sent_field_is_in_one_group_as_chosen_or_default() -> None:
    draft = imported(full())
    draft.answer(("type",), "inbound")
    found = groups(draft)
    assert [each.title for each in found] == [step.label for step in STEPS]
    paths = {item.path[0] for each in found for item in each.chosen + each.default}
    voice = {question.name for question in QUESTIONS if question.meta.from_voice}
    assert paths | voice == set(draft.compose())
    assert all(item.is_default for each in found for item in each.default)
    assert all(item.source is not Source.DEFAULT for each in found for item in each.chosen)
    assert group(draft, "Script")["Voice note"] == "No"
    assert group(draft, "Voice")["Voice"] == "Asha · Indian · female · ElevenLabs"


def test_values_are_in_words_and_spoken_texts_have_their_time() -> None:
    draft = imported(full() | {"start_speech": "Good morning, this is Asha. " * 10})
    assert group(draft, "Language")["Language"] == "English"
    assert group(draft, "Voice")["Which fillers"] == "umm, uhh"
    items = {item.label: item for each in groups(draft) for item in each.chosen}
    assert 15 < items["Opening line"].seconds < 45
    assert items["Opening line"].characters == 280
    assert items["Script"].seconds == 0
    assert action_words("x", in_app=False) == "not an action"


def test_each_action_has_its_own_source() -> None:
    draft = imported(minimal() | {"actions": [meeting(), sms(), {}, "odd", meeting()]})
    draft.answer(("actions", 1), sms())
    draft.answer(("actions", 4, "say"), "One moment.", Source.TEMPLATE)
    items = [item for each in groups(draft) for item in each.chosen + each.default]
    sources = {item.path[1]: item.source for item in items if item.path[0] == "actions"}
    assert sources == {place: draft.source(("actions", place)) for place in range(5)}
    assert sources[0] is Source.IMPORTED
    assert sources[1] is Source.TYPED
    assert sources[2] is Source.DEFAULT


async def test_review_and_json_are_side_by_side_or_alternate() -> None:
    async with opened(imported(full()), size=(140, 40)) as pilot:
        app = pilot.app
        screen = await go_to_preview(pilot)
        listed, view = screen.query_one(ReviewList), screen.query_one("#bytes", JsonView)
        assert in_sight(app, listed)
        assert in_sight(app, view)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert in_sight(app, listed)
        assert not view.display
        await press(pilot, "f8")
        await wait_for(pilot, lambda: view.has_focus and in_sight(app, view))
        assert not listed.display
        await press(pilot, "f8")
        await wait_for(pilot, lambda: listed.has_focus)
        for title in (step.label for step in STEPS):
            assert f"\n{title}\n" in review_text(app)
        assert "s spoken" in review_text(app)


async def test_advice_is_shown_and_fixed_by_a_key_and_undone() -> None:
    async with opened(imported(ADVISED), step="voice") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: "QW004" in hint(app, "fillers"))
        assert hint(app, "fillers").startswith("△")
        await go_to_preview(pilot)
        assert "Ready for the sandbox" in screen_text(app)
        listed = app.screen.query_one(ReviewList)
        while not (listed.problem and listed.problem.code == "QW004"):
            await press(pilot, "down")
        fix = listed.problem.fix
        assert fix
        place = listed.cursor
        await press(pilot, "f")
        await wait_for(pilot, lambda: "QW004" not in review_text(app))
        assert app.draft.compose()["fillers"] == ["umm"]
        assert f"{fix.label}: done." in toasts(app)
        assert listed.cursor in (place, place - 1), "the cursor stays with the advice"
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: app.draft.compose()["fillers"] == ["umm", "umm"])


def test_a_value_is_listed_under_the_step_that_asks_for_it() -> None:
    titles = {step: step.label for step in STEPS}
    for group in groups(imported(full())):
        steps = {step_of(item.path) for item in (*group.chosen, *group.default)}
        assert [titles[step] for step in steps if step] == [group.title]


def test_the_texts_of_actions_are_shown_in_full() -> None:
    text = "Our address:\n  1 Main Street. " * 30
    message = sms()
    message["sms"]["content"] = text
    draft = imported(minimal() | {"actions": [meeting(), message]})
    items = [item for each in groups(draft) for item in each.chosen if item.path[0] == "actions"]
    words = {item.path: item.words for item in items}
    assert words["actions", 1, "sms", "content"] == text
    assert words["actions", 0, "say"] == meeting()["say"]
    assert words["actions", 0] == "Schedule a meeting: 30 minutes, 3 days a week"


async def test_the_review_shows_texts_in_full_and_folds_the_defaults() -> None:
    message = sms()
    message["sms"]["content"] = "one two three four five six seven eight nine ten " * 10 + "end."
    async with opened(imported(minimal() | {"actions": [message]})) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        assert review_text(app).split().count("ten") == 10
        assert "end." in review_text(app)
        listed = app.screen.query_one(ReviewList)
        assert "Goal " in review_text(app)
        folds = [n for n in range(listed.count) if "at their defaults" in listed.rows[n].text(80)]
        listed.cursor = folds[-1]
        assert "Call limit (min)" not in review_text(app)
        await press(pilot, "enter")
        assert "Call limit (min)" in review_text(app)
        assert listed.cursor == folds[-1]
        await press(pilot, "enter")
        assert "Call limit (min)" not in review_text(app)


async def test_an_item_of_the_review_leads_to_its_field() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        listed = app.screen.query_one(ReviewList)
        places = (n for n in range(listed.count) if listed.rows[n].path == ("goal",))
        listed.cursor = next(places)
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.focused is row(app, "goal").control)


async def test_changes_since_the_last_submission_are_shown() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await press(pilot, "f9", "ctrl+s")
        await wait_for_text(pilot, "Create this assistant")
        await press(pilot, "y")
        await wait_for_screen(pilot, ResultScreen)
        app.action_back_to_steps()
        await go_to_preview(pilot)
        assert "The same as last sent" in review_text(app)
        await close(pilot)
        await answer(pilot, name="Meera")
        await go_to_preview(pilot)
        assert "Changed since last sent" in review_text(app)
        assert "Name: “Asha” → “Meera”" in review_text(app)


async def test_export_is_offered_in_every_form() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await go_to_preview(pilot)
        await press(pilot, "x")
        await wait_for_screen(pilot, Menu)
        assert all(form.about in flowing_text(app) for form in ExportFormat)
        await close(pilot)
        assert isinstance(app.screen, PreviewScreen)
        await press(pilot, "c")
        await wait_for(pilot, lambda: app.clipboard == app.draft.preview())
        assert json.loads(app.clipboard) == app.draft.compose()


async def test_every_step_keeps_focus_text_and_place_through_a_tiny_terminal() -> None:
    async with opened(imported(full()), size=(80, 24)) as pilot:
        app = pilot.app
        for step in Step:
            await app.steps.go(step)
            await settle(pilot)
            for _ in range(4):
                await press(pilot, "tab")
            pane = app.screen.query_one(f"#step-{step}", StepPane)
            focused = app.focused
            assert focused is not None
            await wait_for(pilot, lambda f=focused: in_sight(app, f))
            place = pane.scroll_y
            await pilot.resize_terminal(20, 5)
            await wait_for_text(pilot, "Too small")
            await pilot.resize_terminal(80, 24)
            await wait_for(pilot, lambda f=focused: in_sight(app, f))
            await settle(pilot)
            assert app.focused is focused, step
            assert pane.scroll_y == place, step
        assert text_of(app, "sentiment__general_prompt") == full()["sentiment"]["general_prompt"]


async def test_a_hidden_step_fits_the_terminal_when_shown() -> None:
    async with opened(imported(full()), size=(140, 40), step="voice") as pilot:
        app = pilot.app
        control = row(app, "accent").control
        assert control.styles.margin.left == 20
        await go_to(pilot, "type")
        await pilot.resize_terminal(40, 12)
        await settle(pilot)
        assert row(app, "name").control.styles.margin.left == 0
        await go_to(pilot, "voice")
        assert (control.styles.margin.left, control.styles.margin.top) == (0, 1)


async def test_a_click_on_a_label_is_one_on_its_field() -> None:
    async with opened(imported(full()), size=(80, 24)) as pilot:
        app = pilot.app
        await click(pilot, row(app, "company_name"), at=(2, 0))
        await wait_for(pilot, lambda: app.focused is row(app, "company_name").control)


async def test_screens_that_open_and_close_in_a_burst_leave_nothing_undrawn() -> None:
    async with opened(imported(full()), size=(140, 40)) as pilot:
        app = pilot.app
        keys = ["f1", "escape", "f2", "escape", "ctrl+n", "f9", "escape", "f8", "f8", "ctrl+p"]
        for key in [*keys, "escape"] * 6:
            app.post_message(key_event(key))
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert app._batch_count == 0
        await pilot.resize_terminal(140, 40)
        await settle(pilot)
        assert "Sandbox" in screen_text(app)


async def test_going_to_a_step_waits_until_it_is_built() -> None:
    async with opened(imported(full()), size=(140, 40)) as pilot:
        app = pilot.app
        await gather(app.steps._pane(Step.ACTIONS), app.steps.go(Step.ACTIONS))
        shown = app.screen.query_one("#steps", ContentSwitcher).visible_content
        assert shown is app.steps._panes[Step.ACTIONS]


def test_a_secret_and_a_long_text_are_cut_short_in_words() -> None:
    draft = imported(full() | {"script": "word " * 200})
    words = [item.words for each in groups(draft) for item in each.chosen]
    assert "widget-key" not in "".join(words)
    script = group(draft, "Script")["Script"]
    assert script.endswith("word…")
    assert len(script) < 410


def test_the_days_of_a_meeting_are_counted() -> None:
    assert action_words(meeting(), in_app=False) == "Schedule a meeting: 30 minutes, 3 days a week"


def test_an_unknown_action_is_of_the_app_only_if_it_came_from_qcall() -> None:
    data = full() | {"actions": [{"type": "transferCall"}]}
    record = Record.of(json.dumps(data | {"id": "a"}))
    for draft, words in (
        (imported(data), "an unknown type"),
        (Draft.opened(Origin("https://x", record)), "QCall's app"),
    ):
        shown = [item.words for each in groups(draft) for item in each.chosen]
        assert any(each.startswith("transferCall") and words in each for each in shown)


async def test_a_click_on_a_removed_widget_is_ignored() -> None:
    async with opened() as pilot:
        app = pilot.app
        heading = app.screen.query(Static).filter(".heading").first()
        press, *_ = click_events(heading)
        await heading.remove()
        # The screen still shows it, as it does until it is drawn again.
        assert app.screen._compositor.get_widget_and_offset_at(press.x, press.y)[0] is heading
        app.screen._forward_event(press)
        await settle(pilot)
        assert app.return_code is None
