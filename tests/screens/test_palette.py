"""Search everywhere: the palette by keys, and the keys that a person chose."""

import os
from importlib import import_module
from inspect import getclosurevars
from pathlib import Path

import pytest
from rich.style import Style
from textual import events
from textual.command import CommandPalette
from textual.widgets import Input, OptionList
from textual.widgets._toast import Toast

from screens.app import WizardApp
from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.dialogs.report import ReportScreen
from screens.flows.export import export_to_file
from screens.flows.palette_entries import entries, governing
from screens.form.actions import ActionScreen
from screens.keys.keymap import binding_ids, read_keymap
from screens.pages.welcome import WelcomeScreen
from screens.payload.preview import PreviewScreen
from screens.widgets.page_frame import Page
from tests.examples import full, meeting, minimal
from tests.person import (
    Person,
    at_step,
    burst,
    imported,
    key_event,
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
)
from tests.screens.test_welcome import welcomed
from wizard.contract.applicability import applying
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Kind, walk
from wizard.contract.steps import Step
from wizard.draft.draft import Draft
from wizard.exchange.export_formats import ExportFormat
from wizard.templates.library import all_templates


async def find(pilot: Person, text: str, found: str) -> None:
    """Open the palette, search, and take the first that is found, which is to be this."""
    await press(pilot, "ctrl+p")
    palette = await wait_for_screen(pilot, CommandPalette)
    await type_text(pilot, text)
    listed = palette.query_one(OptionList)

    def shown() -> bool:
        options = listed.options[:1]
        return any(str(option.prompt).lstrip().startswith(found) for option in options)

    await wait_for(pilot, shown, what=f"{found!r} for {text!r}")
    await press(pilot, "enter")
    await wait_for(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))


def test_every_action_that_names_a_flow_has_it() -> None:
    actions = [each for each in vars(WizardApp).values() if "_flow." in str(each)]
    assert len(actions) > 10
    for action in actions:
        module, _, function = getclosurevars(action).nonlocals["name"].partition(".")
        assert callable(getattr(import_module(f"screens.flows.{module}"), function))


async def test_any_field_is_found_by_its_label_or_its_name() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await find(pilot, "opening line", "Opening line")
        await wait_for(pilot, lambda: at_step(app, "script"))
        await wait_for(pilot, lambda: app.focused is row(app, "start_speech").control)
        await find(pilot, "sentiment negative_prompt", "Mood: negative")
        await wait_for(pilot, lambda: at_step(app, "advanced"))
        wanted = row(app, "sentiment__negative_prompt").control
        await wait_for(pilot, lambda: app.focused is wanted)


async def test_a_field_that_does_not_apply_is_found_with_the_reason_and_leads_to_its_switch() -> (
    None
):
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        found = {entry.beside: entry for entry in entries(app, {}, (), app.session.drafts())}
        assert found["background_type"].why == "Asked when “Background sound” is on."
        assert not found["name"].why
        await find(pilot, "background_type", "Which sound")
        await wait_for(pilot, lambda: app.focused is row(app, "is_back_sound").control)


def test_every_field_is_there_and_leads_to_one_that_is_asked() -> None:
    for payload in ({}, minimal(), full(), minimal() | {"type": "inbound"}):
        asked = {found.path for found in applying(QUESTIONS, payload)}
        for path, question in walk(QUESTIONS):
            if not question.never_asked and question.kind is not Kind.GROUP and len(path) == 1:
                # Which voice it is decides over the others: they lead to the step of voices.
                assert governing(path, asked) in asked or question.step is Step.VOICE, path


async def test_steps_templates_drafts_actions_exports_and_themes_are_found(tmp_path: Path) -> None:
    draft = imported(minimal() | {"actions": [meeting()]})
    async with opened(draft, home=tmp_path) as pilot:
        app = pilot.app
        app.session.changed()
        app.session.flush()
        templates = all_templates(None).templates
        found = entries(app, {}, templates, app.session.drafts())
        labels = {(entry.label, entry.beside) for entry in found}
        assert ("Tuning", "step") in labels
        assert {(t.title, "template") for t in templates} <= labels
        assert ("Asha", f"draft {draft.id}") in labels
        assert {(f"Export as {form}", "to a file") for form in ExportFormat} <= labels
        assert ("textual-light", "theme") in labels
        await find(pilot, "action 1", "Action 1")
        await wait_for_screen(pilot, ActionScreen)
        await press(pilot, "escape")
        await find(pilot, "export as curl", "Export as curl")
        await wait_for_text(pilot, "Export to")
        await press(pilot, *["end"], "ctrl+u")
        await type_text(pilot, f"{tmp_path}/it.sh")
        await press(pilot, "enter")
        written = tmp_path / "it.sh"
        await wait_for(pilot, written.exists)
        assert written.read_text("utf-8").count("curl")
        await find(pilot, "light theme qcall", "qcall-light")
        await wait_for(pilot, lambda: app.theme == "qcall-light")
        assert app.session.setting("theme") == "qcall-light"
    async with opened(Draft(), home=tmp_path) as pilot:
        assert pilot.app.theme == "qcall-light"


async def test_the_palette_lists_commands_with_their_keys() -> None:
    async with opened(imported(minimal()), size=(100, 40)) as pilot:
        await press(pilot, "tab", "ctrl+p")
        await wait_for_text(pilot, "Review the payload and send it")
        lines = screen_text(pilot.app).splitlines()
        assert any("Preview and" in line and "f9" in line for line in lines), lines
        # In a text Super+Z undoes, too: the key that every terminal sends is listed.
        assert any("Undo" in line and "^z" in line for line in lines), lines
        await press(pilot, "escape")
        await find(pilot, "submit", "Preview and submit")
        await wait_for_screen(pilot, PreviewScreen)


async def test_the_palette_finds_by_the_description_what_no_name_has() -> None:
    async with opened() as pilot:
        await find(pilot, "drafts", "Start page")
        await wait_for_screen(pilot, WelcomeScreen)


async def test_typed_text_is_not_markup_in_the_palette(tmp_path: Path) -> None:
    async with opened(imported(minimal() | {"name": "[b]A[/b] [x"}), home=tmp_path) as pilot:
        pilot.app.session.changed()
        pilot.app.session.flush()
        await press(pilot, "ctrl+p")
        await wait_for_screen(pilot, CommandPalette)
        await type_text(pilot, "draft")
        await wait_for_text(pilot, "[b]A[/b] [x")
        await press(pilot, "escape")


# --- keys of one's own


async def test_a_key_can_be_changed_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('wizard.preview = "ctrl+o"\n"no.such" = "f3"\n')
    async with opened(imported(minimal()), home=tmp_path) as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: "no.such: no key has this id" in toasts(app))
        assert "^o Pre" in screen_text(app)
        await press(pilot, "f9")
        assert not isinstance(app.screen, PreviewScreen)
        await press(pilot, "ctrl+o")
        await wait_for_screen(pilot, PreviewScreen)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wizard.next = 5", "wizard.next: a key is written as text"),
        ("wizard.next = 'Strg+N'", "wizard.next: 'Strg+N' is no key"),
        ("wizard.next = ", "is not TOML"),
        ("wizard.next = 'notakey'", "wizard.next: 'notakey' is no key"),
        ("wizard.next = 'ctrl+f99'", "wizard.next: 'ctrl+f99' is no key"),
        ("wizard.next = 'f1'", "wizard.next: 'f1' is the key of wizard.help"),
        ("wizard.next = 'f2'", "wizard.next: 'f2' is the key of wizard.steps"),
        ("wizard.next = 'n'", "wizard.next: 'n' is needed in texts"),
        ("editor.find = 'ctrl+f,space'", "editor.find: 'space' is needed in texts"),
        ("wizard.help = 'enter'", "wizard.help: 'enter' is needed in texts"),
        ("confirm.yes = 'n'", "confirm.yes: 'n' is the key of confirm.no"),
    ],
)
def test_an_error_in_the_keys_file_is_reported(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "keys.toml").write_text(text)
    chosen = read_keymap(tmp_path)
    assert expected in chosen.trouble
    assert not chosen.keys


def test_two_actions_may_change_their_keys_with_each_other(tmp_path: Path) -> None:
    text = 'confirm.yes = "n"\nconfirm.no = "escape,y"\nwizard.next = "ctrl+full_stop"\n'
    (tmp_path / "keys.toml").write_text(text)
    assert read_keymap(tmp_path).trouble == ""


def test_each_key_that_is_shown_has_an_id() -> None:
    ids = binding_ids()
    assert {"wizard.next", "wizard.preview", "wizard.quit", "welcome.choose"} <= set(ids)


# --- commands in dialogs


@pytest.mark.parametrize("opens", ["f1", "f2", "f10", "ctrl+p"])
async def test_a_dialog_is_closed_before_anything_else_is_opened(opens: str) -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await press(pilot, opens)
        await wait_for(pilot, lambda: app.screen.is_modal)
        stack = list(app.screen_stack)
        others = {"ctrl+p", "f10", "f2", "f3", "f8", "f9", "ctrl+g", "ctrl+z"} - {opens}
        await press(pilot, *sorted(others), "f10", "ctrl+p")
        assert app.screen_stack == stack
        await press(pilot, "escape")
        await wait_for(pilot, lambda: at_step(app, "type"))
        await press(pilot, opens)
        await wait_for(pilot, lambda: app.screen.is_modal)
        await press(pilot, "ctrl+q")
        assert app.return_code == 0


async def test_commands_work_in_the_form_of_an_action() -> None:
    async with opened(imported(minimal() | {"actions": [meeting()]}), step="actions") as pilot:
        app = pilot.app
        await press(pilot, "e")
        form = await wait_for_screen(pilot, ActionScreen)
        await press(pilot, "ctrl+p")
        await wait_for_screen(pilot, CommandPalette)
        await press(pilot, "escape")
        await wait_for(pilot, lambda: app.screen is form)
        await press(pilot, "f9")
        await wait_for_screen(pilot, PreviewScreen)


async def test_enter_waits_for_what_the_palette_finds() -> None:
    async with opened() as pilot:
        burst(pilot, "ctrl+p", *"signs", "enter")
        await wait_for_text(pilot, "the step that is shown")


@pytest.mark.parametrize("keys", [("ctrl+p", "f10", "ctrl+p"), ("ctrl+p", "escape") * 8])
async def test_the_palette_opens_once_on_the_first_screen(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with welcomed(tmp_path) as pilot:
        burst(pilot, *keys)
        await wait_for(pilot, lambda: not pilot.app._held)
        await settle(pilot)
        await press(pilot, "escape", "f10")
        await wait_for(pilot, lambda: "Create or open an assistant first" in toasts(pilot.app))


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("way", [(), ("ctrl+p", "down")], ids=["start", "palette"])
async def test_a_page_is_turned_in_a_list_without_rows(
    tmp_path: Path, way: tuple[str, ...], rows: int
) -> None:
    async with welcomed(tmp_path) as pilot:
        await press(pilot, *way)
        await pilot.resize_terminal(40, rows)
        burst(pilot, "pagedown", "pageup", *way, "pagedown", "pageup")
        await settle(pilot)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)


async def test_a_click_on_an_option_that_is_gone_does_nothing() -> None:
    async with opened() as pilot:
        app = pilot.app
        for key in ("f2", "ctrl+p"):
            await press(pilot, key)
            opened_by_key = app.screen
            listed = opened_by_key.query_one(OptionList)
            await wait_for(pilot, lambda of=listed: of.option_count and of.region)
            place = {"x": 0, "y": 0, "delta_x": 0, "delta_y": 0, "button": 1}
            place |= {"screen_x": listed.region.x, "screen_y": listed.region.y}
            held = {"shift": False, "meta": False, "ctrl": False}
            gone = Style(meta={"option": listed.option_count})
            listed.post_message(events.Click(listed, **place, **held, style=gone))
            await settle(pilot)
            assert app.screen is opened_by_key
            await press(pilot, "escape")


async def test_closing_a_dialog_twice_closes_nothing_else() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await press(pilot, "f9")
        preview = await wait_for_screen(pilot, PreviewScreen)
        await press(pilot, "x")
        menu = await wait_for_screen(pilot, Menu)
        menu.dismiss(None)
        menu.dismiss("json")
        await wait_for(pilot, lambda: app.screen is preview)
        await settle(pilot)
        assert app.screen is preview


async def test_fields_that_do_not_apply_are_announced() -> None:
    async with opened(step="language") as pilot:
        await press(pilot, "ctrl+g")
        await wait_for(pilot, lambda: "Every field here applies." in toasts(pilot.app))
    async with opened(step="voice") as pilot:
        await press(pilot, "ctrl+g")
        await wait_for(
            pilot, lambda: "Showing 3 hidden fields, with the reasons." in toasts(pilot.app)
        )
        await press(pilot, "ctrl+g")
        await wait_for(pilot, lambda: "Hiding 3 hidden fields." in toasts(pilot.app))


async def test_a_screen_that_is_gone_may_fail() -> None:
    """A message that was under way reaches a screen after it closed."""

    class Late(Page[None]):
        def on_key(self) -> None:
            self.query_one("#nowhere")

    async with opened() as pilot:
        app = pilot.app
        gone = Late()
        await app.push_screen(gone)
        app.pop_screen()
        gone.post_message(key_event("x"))
        await wait_for(pilot, lambda: not gone.is_running)
        await settle(pilot)
        await type_text(pilot, "Asha")
        assert app.return_code is None


async def test_what_a_screen_that_is_gone_left_for_later_may_fail() -> None:
    """Textual calls it in the screen that is shown then."""
    async with opened() as pilot:
        app = pilot.app
        gone = Page[None]()
        await app.push_screen(gone)
        app.pop_screen()
        app.screen.call_after_refresh(gone.query_one, "#nowhere")
        await wait_for(pilot, lambda: not gone.is_running)
        await settle(pilot)
        await type_text(pilot, "Asha")
        assert app.return_code is None


async def test_the_report_is_of_the_first_error(tmp_path: Path) -> None:
    """What else fails as the screens close follows from it."""

    async def fail_twice() -> None:
        async with opened(home=tmp_path) as pilot:
            for fail in (lambda: {}["first"], lambda: int("late")):
                try:
                    fail()
                except (KeyError, ValueError) as error:
                    pilot.app._handle_exception(error)

    with pytest.raises(KeyError):
        await fail_twice()
    (report,) = tmp_path.glob("crash-*.txt")
    assert "KeyError" in report.read_text()


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_a_keys_path_that_is_no_file_is_never_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "keys.toml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link":
            path.symlink_to(tmp_path / "nowhere")
        case _:
            path.mkdir()
    chosen = read_keymap(tmp_path)
    assert f"{path} cannot be read: it is a " in chosen.trouble
    assert f"{kind}, not a file" in chosen.trouble
    assert not chosen.keys


async def test_messages_can_be_read_after_they_are_gone(tmp_path: Path) -> None:
    target = tmp_path / "kept.json"
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await press(pilot, "f10")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        await press(pilot, "ctrl+u")
        await type_text(pilot, str(target))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: target.exists() and toasts(app))
        app.clear_notifications()
        await press(pilot, "ctrl+z")
        await press(pilot, "ctrl+p")
        await type_text(pilot, "messages")
        await wait_for_text(pilot, "All messages since")
        await press(pilot, "enter")
        await wait_for(pilot, lambda: isinstance(app.screen, ReportScreen))
        await settle(pilot)
        first, second = (str(line.render()) for line in app.screen.query("#report-lines Static"))
        assert "nothing left to undo" in first
        assert str(target) in second


async def test_a_held_key_reports_the_same_once_while_it_is_shown() -> None:
    async with opened() as pilot:
        app = pilot.app
        await press(pilot, "ctrl+z")
        await wait_for(pilot, lambda: "nothing left to undo" in toasts(app))
        shown = app.screen.query_one(Toast)
        await press(pilot, "ctrl+z", "ctrl+z")
        await settle(pilot)
        assert app.screen.query_one(Toast) is shown
        assert len(app.message_log) == 1
        # Another message in between is no repetition.
        await press(pilot, "ctrl+y", "ctrl+z")
        await wait_for(pilot, lambda: "nothing left to undo" in toasts(app))
        assert len(app.message_log) == 3


async def test_an_export_is_named_after_the_assistant_and_accepts_a_home_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with opened(imported(minimal() | {"name": "Asha/Mia"})) as pilot:
        pilot.app.run_flow(export_to_file, ExportFormat.YAML)
        prompt = await wait_for_screen(pilot, PromptScreen)
        assert prompt.query_one(Input).value == "Asha-Mia.yaml"
        await press(pilot, "home")
        await type_text(pilot, "~/")
        await press(pilot, "enter")
        await wait_for(pilot, (tmp_path / "Asha-Mia.yaml").exists)


def test_keys_of_one_action_may_have_blanks_between(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('[wizard]\nnext = "ctrl+j, ctrl+t"\n', "utf-8")
    assert read_keymap(tmp_path) == ({"wizard.next": "ctrl+j, ctrl+t"}, "")


async def test_a_field_that_applies_is_found_before_one_that_does_not() -> None:
    async with opened(imported(minimal())) as pilot:
        app = pilot.app
        await find(pilot, "fillers", "Filler words")
        await wait_for(pilot, lambda: app.focused is row(app, "is_filler").control)


@pytest.mark.parametrize("size", [(80, 24), (96, 24), (140, 40), (40, 12)])
async def test_a_long_message_is_seen_to_its_last_word(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        app = pilot.app
        widest = 40 if size[0] == 40 else min(60, size[0] // 2)
        # Of every length about that of a line.
        for length in range(widest - 7, widest + 1):
            app.notify(f"{'x' * (length - 6)} here.", title=f"{length}")
            await wait_for(pilot, lambda n=length: str(n) in screen_text(app))
            await settle(pilot)
            assert "here." in screen_text(app), length
            assert size[1] > 12 or str(length) in screen_lines(app)[0]
