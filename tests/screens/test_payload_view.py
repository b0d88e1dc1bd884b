"""The live payload: it follows every key, shows the sources, and leads to fields."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.dialogs.result import ResultScreen
from screens.payload.compare import CompareScreen
from screens.payload.json_lines import LiveLines, difference_lines, whole_lines
from screens.payload.payload_pane import PayloadPane, PayloadScreen, ViewTab
from screens.widgets.inputs import escaped
from screens.widgets.json_view import JsonView, cut_to_width
from tests.examples import full, meeting, minimal, sms
from tests.person import (
    Person,
    action_list,
    answer,
    at_step,
    burst,
    click,
    control_characters,
    go_to,
    go_to_preview,
    imported,
    json_text,
    opened,
    press,
    row,
    screen_lines,
    screen_text,
    settle,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from wizard.draft.draft import Draft
from wizard.draft.review import chosen
from wizard.exchange.differences import differences
from wizard.formats import paths
from wizard.formats.json_text import dump

WIDE = (140, 40)
LOW = (40, 12)
LONG = "You are Asha, and you are kind to everyone who calls.\n" * 2_000


def pane(app: Any) -> PayloadPane:
    found: PayloadPane = app.screen.query_one(PayloadPane)
    return found


def line_with(app: Any, text: str) -> str:
    """The line of the screen that holds a text, from there on."""
    return next(line[line.index(text) :] for line in screen_lines(app) if text in line)


# --- the lines


@pytest.mark.parametrize("payload", [minimal(), full(), {}, {"a": [], "b": {}, "c": [1, [2]]}])
def test_the_lines_are_the_sent_text_with_paths(payload: dict[str, Any]) -> None:
    for lines in (whole_lines(payload), LiveLines().of(payload)):
        texts = [line.text for line in lines if not line.tail]
        assert all(text in dump(payload).split("\n") for text in texts)
        for line in lines:
            if line.leaf and line.path and not line.tail:
                value = json.loads(
                    "{" + line.text.strip().removesuffix(",") + "}"
                    if isinstance(line.path[-1], str)
                    else "[" + line.text.strip().removesuffix(",") + "]"
                )
                (only,) = value.values() if isinstance(value, dict) else value
                assert only == paths.get(payload, line.path)
    assert "\n".join(line.text for line in whole_lines(payload)) == dump(payload)


def test_a_long_text_is_shown_around_the_last_change() -> None:
    lines = LiveLines()
    lines.of({"script": LONG})
    (shown,) = [line for line in lines.of({"script": LONG + "and so on"}) if line.path]
    assert "and so on" in shown.text
    assert shown.tail == f"… {len(LONG) + 9:,} characters"
    assert len(shown.text) < 300
    (shown,) = [line for line in lines.of({"script": "X" + LONG}) if line.path]
    assert '"XYou are Asha' in shown.text


@given(
    st.recursive(
        st.none() | st.text(max_size=3) | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    )
)
def test_every_line_has_the_path_of_its_value(value: Any) -> None:
    lines = whole_lines(value)
    assert "\n".join(line.text for line in lines) == escaped(dump(value))
    for line in lines:
        part = paths.get(value, line.path)
        assert line.leaf == (part in ([], {}) or not isinstance(part, list | dict))
        text = line.text.strip().removesuffix(",")
        ends = escaped(dump(part)).split("\n")
        assert any(text.endswith(end) for end in {ends[0], ends[-1]})


def test_differences_are_lines_of_before_and_after() -> None:
    before = minimal() | {"goal": "A", "own": 1}
    after = minimal() | {"goal": "B", "zapier_hook": "https://x.example"}
    shown = [f"{line.sign} {line.text}" for line in difference_lines(differences(before, after))]
    assert shown == [
        '- goal: "A"',
        '+ goal: "B"',
        '+ zapier_hook: "https://x.example"',
        "- own: 1",
    ]


def test_the_changed_view_leaves_out_defaults() -> None:
    payload = minimal() | {"voice_speed": 1.0, "temperature": 0.8, "is_filler": False, "own": 0}
    payload["is_back_sound"] = 0  # no default, but an error
    kept = chosen(payload)
    assert {"voice_speed", "is_filler", "ai_model_id"}.isdisjoint(kept)
    assert kept["temperature"] == 0.8
    assert (kept["own"], kept["is_back_sound"]) == (0, 0)
    assert chosen(dict(imported(full()).compose()))["sentiment"] == full()["sentiment"]


# --- on the screen


async def test_the_payload_follows_typing_and_shows_sources() -> None:
    async with opened(imported(minimal()), size=WIDE, step="script") as pilot:
        app = pilot.app
        assert "imported" in line_with(app, "start_speech  ")
        await walk_to(pilot, row(app, "script").control)
        for typed in ("a", "ab", "abc"):
            await type_text(pilot, typed[-1])
            assert f'"script": "{typed}You' in screen_text(app)
        assert "✎ typed" in line_with(app, "script  ")
        await go_to(pilot, "advanced")
        await walk_to(pilot, row(app, "temperature").control)
        await wait_for_text(pilot, '"temperature": ')


async def test_the_pane_is_filled_whenever_it_comes_in_sight() -> None:
    """Also if it is laid out later than the screen asks it to follow the draft."""
    async with opened(Draft({"name": "Asha"})) as pilot:
        await walk_to(pilot, row(pilot.app, "name").control)
        for name in ("Asha", "Ashas"):
            pane(pilot.app).add_class("-shown")
            await wait_for_text(pilot, f'"name": "{name}"')
            pane(pilot.app).remove_class("-shown")
            await settle(pilot)
            assert '"name"' not in screen_text(pilot.app)
            await type_text(pilot, "s")


async def test_the_views_are_turned_by_a_key_and_by_a_click() -> None:
    draft = imported(minimal())
    async with opened(draft, size=WIDE) as pilot:
        app = pilot.app
        await wait_for_text(pilot, '"assistant_image"')
        await press(pilot, "f3")
        await wait_for(pilot, lambda: '"assistant_image"' not in screen_text(app))
        assert '"name": "Asha"' in screen_text(app)
        await press(pilot, "f3")
        await wait_for_text(pilot, "Nothing to compare with")
        await click(pilot, next(iter(app.screen.query(ViewTab))))
        await wait_for_text(pilot, '"assistant_image"')


async def submit(pilot: Person) -> None:
    """Create the assistant, and go back to the steps."""
    app: Any = pilot.app
    await press(pilot, "f9", "ctrl+s")
    await wait_for_text(pilot, "Create this assistant")
    await press(pilot, "y")
    await wait_for_screen(pilot, ResultScreen)
    app.action_back_to_steps()


async def test_changes_since_the_last_submission_are_a_view() -> None:
    draft = imported(minimal())
    async with opened(draft, size=WIDE) as pilot:
        app = pilot.app
        await submit(pilot)
        await answer(pilot, name="Meera")
        await press(pilot, "f3", "f3")
        await wait_for_text(pilot, '+ name: "Meera"')
        assert '- name: "Asha"' in screen_text(app)
        assert "Changed since last sent" in screen_text(app)
        await answer(pilot, name="Mia")
        await wait_for_text(pilot, '+ name: "Mia"')
        await submit(pilot)
        await wait_for_text(pilot, "The same as last sent")


async def test_a_line_leads_to_its_field_by_keys() -> None:
    async with opened(imported(minimal()), size=WIDE) as pilot:
        app = pilot.app
        await walk_to(pilot, pane(app).json)
        await press(pilot, "end", "up")
        await press(pilot, "home", "down", "down")
        await wait_for_text(pilot, "name  ↧ imported")
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.focused is row(app, "name").control)
        assert at_step(app, "type")


async def test_on_a_low_terminal_the_payload_is_a_separate_screen() -> None:
    async with opened(imported(minimal()), size=LOW, step="script") as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "script").control)
        await press(pilot, "f8")
        await wait_for_screen(pilot, PayloadScreen)
        await wait_for_text(pilot, '"script"')
        await press(pilot, "f8")
        await wait_for(pilot, lambda: not isinstance(app.screen, PayloadScreen))
        await wait_for(pilot, lambda: app.focused is row(app, "script").control)
        await press(pilot, "f8")
        await wait_for_screen(pilot, PayloadScreen)
        await press(pilot, "up", "enter")
        await wait_for(pilot, lambda: at_step(app, "script") and app.focused is not None)
        await settle(pilot)
        assert app.focused is not row(app, "script").control


async def test_secrets_are_masked_in_every_view() -> None:
    secret = "widget-key"
    draft = imported(minimal() | {"widget_config": {"enabled": True, "api_key": secret}})
    async with opened(draft, size=WIDE, step="advanced") as pilot:
        app = pilot.app
        view = app.screen.query_one(JsonView)
        for _ in range(3):
            assert secret not in json_text(view)
            await press(pilot, "f3")
        assert "••••" in json_text(view)


def test_every_value_of_a_payload_has_a_source() -> None:
    draft = Draft.imported(full())
    for line in LiveLines().of(draft.compose()):
        if line.leaf and line.path:
            assert draft.source(line.path)


@given(st.text(alphabet='a "é漢🙂\u0301', max_size=60), st.integers(8, 40))
def test_a_line_is_cut_into_pieces_that_fit_and_nothing_is_lost(text: str, width: int) -> None:
    found = [text[start:end] for start, end in cut_to_width(text, width)]
    assert found
    assert "".join(found) == text
    assert all(cell_len(piece) <= width for piece in found)


# --- invisible characters


HIDDEN = {
    "\u202e": "\\u202e", "\u2066": "\\u2066", "\u200f": "\\u200f", "\u061c": "\\u061c",
    "\u2028": "\\u2028", "\x85": "\\u0085", "\x9b": "\\u009b", "\x7f": "\\u007f",
    "\ufeff": "\\ufeff", "\u200b": "\\u200b", "\xad": "\\u00ad", "\U000e0041": "\\udb40\\udc41",
}  # fmt: skip


async def test_invisible_characters_are_escaped_in_every_view() -> None:
    text = f"Pay{''.join(HIDDEN)} 10"
    draft = imported(minimal() | {"name": text, f"odd{text}": 1})
    async with opened(draft, size=(140, 40)) as pilot:
        app = pilot.app
        pane = app.steps.query_one(PayloadPane)
        for _ in range(3):
            assert not set(HIDDEN) & set(json_text(pane.json))
            await press(pilot, "f3")
        await go_to_preview(pilot)
        assert not set(HIDDEN) & set(screen_text(app))
        view = app.screen.query_one("#bytes", JsonView)
        assert f'"name": "Pay{"".join(HIDDEN.values())} 10"' in json_text(view)
        assert json.loads(json_text(view))["name"] == text
        await app.push_screen(CompareScreen(draft.compose(), minimal(), (text, "Other")))
        await settle(pilot)
        assert not set(HIDDEN) & set(screen_text(app))


async def test_joiners_that_join_are_left_and_others_are_escaped() -> None:
    draft = imported(minimal() | {"name": "क्\u200dष 👨\u200d👩 pay\u200dpal"})
    async with opened(draft, size=(140, 40)) as pilot:
        await go_to_preview(pilot)
        assert "👨\u200d👩 pay\\u200dpal" in screen_text(pilot.app)


async def test_a_message_under_a_field_is_escaped() -> None:
    async with opened(size=(140, 40)) as pilot:
        found = row(pilot.app, "name")
        found.problem, found.revealed = "not \x1b[31mred\u202e", True
        await settle(pilot)
        assert "not ␛[31mred\\u202e" in screen_text(pilot.app)
        assert not control_characters(pilot.app)


async def test_a_cut_text_is_counted_as_it_is_and_other_values_are_whole() -> None:
    company = 'Acme "Dental" Ltd, the one at the corner of the high street'
    payload = minimal() | {"company_name": company, "actions": [sms()]}
    async with opened(Draft.imported(payload), size=(200, 150), step="type") as pilot:
        shown = screen_text(pilot.app)
        assert f"… {len(company)} characters" in shown
        switch = next(line for line in screen_lines(pilot.app) if '"end_call_sms_n' in line)
        assert "false" in switch


async def test_a_narrow_pane_shows_the_first_words_and_follows_the_actions() -> None:
    company = "Acme Dental Ltd, at the corner of the high street"
    payload = minimal() | {"company_name": company, "actions": [sms(), sms()]}
    async with opened(Draft.imported(payload), size=(120, 40), step="type") as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: '"company_name": "Acme Den' in screen_text(app))
        await go_to(pilot, "actions")
        await wait_for(pilot, lambda: "actions[0]  " in screen_text(app))
        await press(pilot, "down")
        await wait_for(pilot, lambda: "actions[1]  " in screen_text(app))


async def test_the_payload_is_shown_a_few_times_for_a_burst_of_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out: list[int] = []
    lay_out = JsonView.lay_out

    def counted(view: JsonView, cursor: int | None = None) -> None:
        laid_out.append(len(view._lines))
        lay_out(view, cursor)

    actions = [meeting() | {"say": f"Moment {number}."} for number in range(30)]
    draft = imported(minimal() | {"actions": actions})
    async with opened(draft, size=WIDE, step="actions") as pilot:
        app = pilot.app
        await walk_to(pilot, action_list(app))
        await settle(pilot)
        monkeypatch.setattr(JsonView, "lay_out", counted)
        burst(pilot, *["ctrl+down"] * 20)
        await wait_for(pilot, lambda: "actions[20]  " in screen_text(app))
        await settle(pilot)
        assert len(laid_out) < 5
        said = re.findall(r"Moment (\d+)\.", json_text(pane(app).json))
        assert [*map(int, said)] == [*range(1, 21), 0, *range(21, 30)]
        assert "Moment 0." in screen_text(app)
