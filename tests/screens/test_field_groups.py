"""Groups of fields: folded if few people set them, and opened when needed."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from screens.messages import FieldRequested
from tests.examples import minimal
from tests.person import (
    STANDARD,
    answer,
    choose_voice,
    flowing_text,
    go_to,
    group_line,
    imported,
    in_sight,
    opened,
    press,
    row,
    screen_text,
    show_all_fields,
    shown_rows,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from wizard.contract.applicability import applying
from wizard.contract.assistant import QUESTIONS
from wizard.contract.steps import FieldGroup, Step
from wizard.draft.draft import Draft
from wizard.draft.field_groups import group_of, group_states
from wizard.templates.library import find_template

TIMING = {
    "enable_delay",
    "safety_fallback_delay",
    "wait_max_interval",
    "set_transcription_start_time",
}


def words(draft: Draft) -> dict[FieldGroup, str]:
    """What the line of each group says."""
    return {s.group: s.words for s in group_states(draft, applying(QUESTIONS, draft.answers))}


def test_the_fields_of_a_group_are_of_one_step() -> None:
    steps = {group: set[Step | None]() for group in FieldGroup}
    for question in QUESTIONS:
        if question.meta.group:
            steps[question.meta.group].add(question.step)
    assert all(len(of) == 1 for of in steps.values()), steps


def test_required_fields_are_in_no_group() -> None:
    missing = {problem.path for problem in Draft().problems()}
    assert not [path for path in missing if group_of(path)]


def test_a_group_line_counts_fields_and_names_changes_and_errors() -> None:
    assert words(Draft())[FieldGroup.FINE_TUNING] == "6 fields, all default"
    assert words(Draft())[FieldGroup.WIDGET] == "1 field, default"
    draft = Draft()
    draft.answer(("wait_max_interval",), 500)
    draft.answer(("enable_delay",), True)
    draft.answer(("widget_config", "enabled"), True)
    draft.answer(("stability",), 2)
    draft.answer(("is_sensitivity",), True)
    draft.answer(("sensitivity",), 600)  # the default
    said = words(draft)
    assert said[FieldGroup.TIMING] == "4 fields, 2 changed: Delay answers, Silence timeout"
    assert said[FieldGroup.WIDGET] == "5 fields, 1 changed: Web widget"
    assert said[FieldGroup.FINE_TUNING] == "6 fields, 1 to fix: Stability"
    assert said[FieldGroup.ANSWERING] == "3 fields, 1 changed: Customize sensitivity"
    of_many = words(Draft.imported(minimal()))[FieldGroup.AFTERWARDS]
    assert of_many.endswith("Mood: in general, Mood: positive, Mood: negative and 3 more")


def test_values_of_a_template_or_a_voice_are_no_changes() -> None:
    draft = Draft()
    draft.start_from(find_template("order-delivery", None))
    assert words(draft)[FieldGroup.AFTERWARDS] == "6 fields, 6 from the template"
    draft.choose_voice({"ai_modal": "qmodel", "voice_data": {"id": "v"}})
    assert words(draft)[FieldGroup.FINE_TUNING] == "5 fields, all default"
    assert words(imported(minimal() | {"voice_data": {"id": "v"}}))[
        FieldGroup.FINE_TUNING
    ].endswith("all default")


async def test_enter_on_the_line_opens_and_closes_a_group() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        line = group_line(app, FieldGroup.TIMING)
        assert "▸ Timing: 4 fields, all default" in screen_text(app)
        assert not shown_rows(app, "advanced") & TIMING
        await walk_to(pilot, line)
        await press(pilot, "enter")
        assert shown_rows(app, "advanced") >= TIMING
        assert app.focused is line
        assert in_sight(app, line)
        assert in_sight(app, row(app, "set_transcription_start_time"))
        await press(pilot, "tab")
        assert app.focused is row(app, "enable_delay").control
        await press(pilot, "shift+tab", "enter")
        assert not shown_rows(app, "advanced") & TIMING
        await pilot.click(line)
        assert shown_rows(app, "advanced") >= TIMING


async def test_an_answer_opens_its_group_and_one_that_is_folded_stays_folded() -> None:
    draft = imported(minimal() | {"wait_max_interval": 500})
    async with opened(draft, step="advanced") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: shown_rows(app, "advanced") >= TIMING)
        await walk_to(pilot, group_line(app, FieldGroup.TIMING))
        await press(pilot, "enter")
        assert "▸ Timing: 4 fields, 1 changed: Silence timeout" in screen_text(app)
        await answer(pilot, is_recording=True)
        assert not shown_rows(app, "advanced") & TIMING


async def test_an_error_in_a_group_opens_it() -> None:
    async with opened(step="voice") as pilot:
        app = pilot.app
        await answer(pilot, stability=2)
        await walk_to(pilot, group_line(app, FieldGroup.FINE_TUNING))
        await wait_for_text(pilot, "✗ 6 fields, 1 to fix: Stability")
        await press(pilot, "enter")
        assert "stability" not in shown_rows(app, "voice")
        await press(pilot, "ctrl+n")
        # The first of its errors is the voice, which is missing.
        await choose_voice(pilot, "native male")
        await press(pilot, "ctrl+n")
        await wait_for(pilot, lambda: app.focused is row(app, "stability").control)
        assert in_sight(app, app.focused)


@pytest.mark.parametrize("path", [("knowledge_base_Id",), ("sentiment", "neutral_prompt")])
async def test_a_jump_to_a_field_opens_its_group(path: tuple[str, ...]) -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        app.post_message(FieldRequested(path))
        await wait_for(pilot, lambda: app.screen.step != "type" and app.focused)
        await wait_for(pilot, lambda: app.focused is row(app, path).control)
        await wait_for(pilot, lambda: in_sight(app, app.focused))


async def test_undo_leads_into_a_folded_group() -> None:
    async with opened(step="advanced") as pilot:
        app = pilot.app
        await answer(pilot, enable_delay=True)
        await walk_to(pilot, group_line(app, FieldGroup.TIMING))
        await press(pilot, "enter")
        await go_to(pilot, "type")
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: app.focused is row(app, "enable_delay").control)
        assert row(app, "enable_delay").display


async def test_the_palette_opens_a_group_by_its_name() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "ctrl+p")
        palette = await wait_for_screen(pilot, CommandPalette)
        await type_text(pilot, "fine-tune")
        listed = palette.query_one(OptionList)
        await wait_for(pilot, lambda: listed.option_count and "6 fields" in flowing_text(app))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.focused is row(app, "eleven_lab_modal").control)


async def test_all_fields_are_remembered(tmp_path: Path) -> None:
    async with opened(home=tmp_path) as pilot:
        assert "company_website" not in shown_rows(pilot.app, "type")
        await show_all_fields(pilot)
        assert "company_website" in shown_rows(pilot.app, "type")
        await go_to(pilot, "advanced")
        assert shown_rows(pilot.app, "advanced") >= TIMING
    async with opened(home=tmp_path, step="advanced") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: shown_rows(app, "advanced") >= TIMING)
        await walk_to(pilot, row(app, "enable_delay").control)
        await show_all_fields(pilot, "essential")
        await wait_for(pilot, lambda: not shown_rows(app, "advanced") & TIMING)
        # The field in focus is folded away: the line of its group has the focus.
        await wait_for(pilot, lambda: app.focused is group_line(app, FieldGroup.TIMING))


async def test_hidden_fields_are_listed_in_folded_groups_too() -> None:
    async with opened(step="script") as pilot:
        app = pilot.app
        await press(pilot, "ctrl+g")
        await wait_for(pilot, lambda: "call_flow" in shown_rows(app, "script"))
        assert row(app, "call_flow").is_hidden


async def test_the_reason_of_a_hidden_field_names_what_hides_it() -> None:
    draft = Draft(answers={"type": "inbound", "is_voice_note": True, "voice_note": "Hello."})
    async with opened(draft, step="script", size=(118, 60)) as pilot:
        await press(pilot, "ctrl+g")
        reason = "asked when “Voice note” is on and “Type” is outbound"
        await wait_for(pilot, lambda: reason in screen_text(pilot.app))


@pytest.mark.parametrize("size", [STANDARD, (40, 12)])
async def test_a_line_is_never_cut(size: tuple[int, int]) -> None:
    draft = Draft()
    draft.start_from(find_template("order-delivery", None))
    async with opened(draft, size=size, step="advanced") as pilot:
        app = pilot.app
        await walk_to(pilot, group_line(app, FieldGroup.AFTERWARDS))
        assert "▸ Prompts after the call: 6 fields, 6 from the template" in flowing_text(app)
