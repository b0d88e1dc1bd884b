"""Help on fields: their facts, their conditions, and those that do not apply."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

import pytest

from screens.dialogs.help import HelpScreen
from screens.form.actions import ActionScreen
from tests.examples import full, minimal
from tests.person import (
    close,
    flowing_text,
    go_to,
    imported,
    in_sight,
    opened,
    press,
    row,
    screen_text,
    settle,
    shown_rows,
    wait_for,
    wait_for_screen,
    walk_to,
)
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import condition_words, find, walk
from wizard.contract.openapi_facts import fact
from wizard.draft.draft import ACTION_QUESTIONS, Draft
from wizard.draft.explain import explain, guide
from wizard.formats.paths import Path

DOCUMENT = FilePath(__file__).parents[1] / "published" / "createAssistant.openapi.json"


def derived(schema: dict[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The facts that the published document has of each field, by its dotted name."""
    for name, member in schema.get("properties", {}).items():
        facts = {"type": member["type"]}
        if name in schema.get("required", ()):
            facts["required"] = True
        if "enum" in member:
            facts["enum"] = member["enum"]
        yield at + name, facts
        yield from derived(member.get("items", member), f"{at}{name}.")


def test_the_facts_are_those_of_the_published_document() -> None:
    document = json.loads(DOCUMENT.read_text())
    facts = dict(derived(document["components"]["schemas"]["Assistant"]))
    kept = json.loads(files("wizard.contract").joinpath("openapi_facts.json").read_text("utf-8"))
    assert kept == facts


def test_every_field_except_the_wizards_own_is_published() -> None:
    unpublished = {path for path, _ in walk(QUESTIONS) if fact(path) is None}
    assert {path[-1] for path in unpublished} == {"template_text", "known_hints"}


def sentences(draft: Draft, path: Path) -> dict[str, str]:
    question = find(QUESTIONS, path)
    assert question
    return dict([*guide(question, path, draft), *explain(question, path, draft)])


def test_a_conditional_field_names_its_condition() -> None:
    draft = imported(minimal() | {"type": "inbound"})
    said = sentences(draft, ("is_voice_note",))
    assert said["Field"] == "is_voice_note"
    assert said["Asked"] == "when “Type” is outbound; not with these answers"
    assert said["Sent"] == "always; false if it is not asked or has no answer"
    assert said["Published"] == "boolean, required"
    meeting = imported(minimal() | {"actions": [{"type": "scheduleMeeting"}]})
    said_there = sentences(meeting, ("actions", 0, "sms", "is_sms"))
    assert said_there["Asked"] == "always; not with these answers"
    said = sentences(draft, ("background_volume",))
    assert said["Sent"] == "if it is asked and has an answer"


def test_an_oddity_of_the_published_document_is_noted() -> None:
    said = sentences(Draft(), ("fillers",))
    assert said["Published"] == "array, required; one of umm, uhh"
    assert "no list is valid" in said["Note"]


def test_choices_have_labels_and_secrets_are_masked() -> None:
    assert "Hindi · हिन्दी (hi)" in sentences(Draft(), ("language",))["Choices"]
    assert "inbound: Inbound" not in sentences(Draft(), ("type",))["Choices"]
    draft = imported(minimal() | {"widget_config": {"enabled": True, "api_key": "widget-key"}})
    said = sentences(draft, ("widget_config", "api_key"))
    assert "widget-key" not in " ".join(said.values())
    assert said["Now"].startswith("••••")


@pytest.mark.parametrize("path", [path for path, _ in walk(QUESTIONS)], ids=".".join)
def test_every_field_can_be_explained(path: Path) -> None:
    said = sentences(imported(full()), path)
    assert {"Field", "Must be", "Asked", "Sent"} <= said.keys()
    assert all(said.values())


def test_a_condition_names_fields_by_their_labels() -> None:
    question = find(ACTION_QUESTIONS, ("sms", "content"))
    sms = find(ACTION_QUESTIONS, ("sms",))
    switch = find(ACTION_QUESTIONS, ("sms", "is_sms"))
    assert question
    assert sms
    assert switch
    assert condition_words(question, sms.children) == f"“{switch.label}” is on"


async def test_help_is_there_for_every_control_of_a_step_and_of_an_action() -> None:
    draft = imported(full())
    async with opened(draft, step="actions") as pilot:
        app = pilot.app
        await press(pilot, "f1")
        await wait_for_screen(pilot, HelpScreen)
        assert "schedule a meeting" in flowing_text(app)
        await close(pilot)
        app.steps.edit_action(0)
        await wait_for_screen(pilot, ActionScreen)
        await walk_to(pilot, row(app, "length").control)
        await press(pilot, "f1")
        await wait_for_screen(pilot, HelpScreen)
        assert "actions[0].length" in flowing_text(app)
        await close(pilot)
        assert app.focused is row(app, "length").control


async def test_hidden_fields_are_listed_with_the_reason_on_request() -> None:
    draft = imported(minimal() | {"type": "inbound", "is_voice_note": True, "voice_note": "Hi"})
    async with opened(draft, step="script") as pilot:
        app = pilot.app
        before = shown_rows(app, "script")
        assert "voice_note" not in before
        await press(pilot, "ctrl+g")
        await wait_for(pilot, lambda: shown_rows(app, "script") > before)
        hidden = row(app, "voice_note")
        await walk_to(pilot, hidden.hidden_reason)
        await wait_for(pilot, lambda: in_sight(app, hidden.hidden_reason))
        assert "asked when “Voice note” is on" in screen_text(app)
        await press(pilot, "f1")
        await wait_for_screen(pilot, HelpScreen)
        assert "voice_note" in flowing_text(app)
        await close(pilot)
        await go_to(pilot, "type")
        await press(pilot, "left")
        await go_to(pilot, "script")
        await settle(pilot)
        assert not row(app, "is_voice_note").is_hidden
        assert row(app, "is_voice_note").control.display
        await press(pilot, "ctrl+g")
        await wait_for(pilot, lambda: not any(r.is_hidden for r in app.screen.query("QuestionRow")))


async def test_help_shows_the_error_of_a_field() -> None:
    async with opened() as pilot:
        await press(pilot, "ctrl+n", "f1")
        await wait_for_screen(pilot, HelpScreen)
        assert pilot.app.screen.query(".wrong")
