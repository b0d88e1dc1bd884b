"""Existing assistants on the screens: found, opened, changed, restored, over a real server."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from screens.app import WizardApp
from screens.dialogs.api_key import KeyScreen
from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.dialogs.report import ReportScreen
from screens.dialogs.result import ReceiptScreen, ResultScreen
from screens.dialogs.update_receipt import UpdateReceiptScreen
from screens.form.steps_screen import StepsScreen
from screens.pages.assistant_list import AssistantRows, AssistantsScreen
from screens.pages.welcome import WelcomeScreen
from screens.payload.conflict import ConflictScreen, MemberChoice
from screens.payload.preview import ConfirmScreen, PreviewScreen
from screens.payload.restore import RestoreScreen
from screens.widgets.json_view import JsonView
from tests.disks import load
from tests.examples import minimal
from tests.person import (
    Person,
    answer,
    button,
    choose_option,
    click,
    flowing_text,
    go_to,
    go_to_preview,
    hint,
    json_text,
    press,
    row,
    screen_text,
    settle,
    show_all_fields,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from tests.records_server import Records, records_at
from tests.serving import served
from wizard.api.connection import connect
from wizard.api.outcomes import Created
from wizard.api.receipt_store import Receipt, Receipts
from wizard.api.records import Record
from wizard.api.update_receipts import UpdateReceipt
from wizard.draft.draft import Draft
from wizard.sandbox.app_form_examples import add_app_form_examples, app_form_examples
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr
from wizard.settings import Settings, Target
from wizard.storage.session import Session
from wizard.storage.store import open_store
from wizard.templates.library import find_template

ASHA, ROHAN, KABIR = app_form_examples()


@asynccontextmanager
async def at(url: str, home: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Person]:
    """The wizard with a key on a server, on its first screen, when the account was read."""
    session = Session(home, open_store(home))
    settings = Settings(Target(url), SecretStr("a-key"), home)
    app = WizardApp(session, settings, connect, welcome=True)
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for(pilot, lambda: welcome(app) and welcome(app)._knows_assistants)
        await settle(pilot)
        yield pilot
        await app.client.aclose()
    session.close()


def welcome(app: Any) -> Any:
    return app.screen if isinstance(app.screen, WelcomeScreen) else None


async def open_one(pilot: Person, name: str) -> None:
    """Find an assistant by its name on the first screen, and open it."""
    await type_text(pilot, name)
    await press(pilot, "enter")
    await wait_for_screen(pilot, StepsScreen)


async def change_company(pilot: Person, more: str = "!") -> None:
    """Type behind the company's name."""
    await go_to(pilot, "type")
    await walk_to(pilot, row(pilot.app, "company_name").control)
    await press(pilot, "end")
    await type_text(pilot, more)


async def by_palette(pilot: Person, words: str) -> None:
    """Run a command by the palette."""
    await press(pilot, "ctrl+p")
    palette = await wait_for_screen(pilot, CommandPalette)
    await type_text(pilot, words)
    listed = palette.query_one(OptionList)
    await wait_for(pilot, lambda: listed.option_count and listed.display, what="the entry")
    await settle(pilot)
    await press(pilot, "enter")


async def send(pilot: Person) -> None:
    """Submit, and agree."""
    await press(pilot, "ctrl+s")
    await wait_for_screen(pilot, ConfirmScreen)
    await press(pilot, "y")


async def sent(pilot: Person) -> str:
    """Submit and confirm; return the text of the outcome."""
    await send(pilot)
    await wait_for_screen(pilot, ResultScreen)
    return flowing_text(pilot.app)


def text(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=1)


async def test_one_line_is_changed_and_kept_in_twelve_keys(tmp_path: Path) -> None:
    store = MemoryStore()
    add_app_form_examples(store)
    with served(store) as url:
        async with at(url, tmp_path) as pilot:
            app, keys = pilot.app, [*"rohan", "enter", "tab", "tab", "!", "ctrl+s", "y"]
            assert len(keys) <= 12
            assert "At 127.0.0.1" not in screen_text(app)  # below the templates: nothing moved
            for key in keys:
                if key == "enter":
                    await wait_for_text(pilot, "Rohan  Acme Dental · inbound")
                    assert "Its id is app2." in flowing_text(app)
                await press(pilot, key)
                if key == "enter":
                    await wait_for_screen(pilot, StepsScreen)
                    assert "Editing Rohan" in screen_text(app)
                elif key == "ctrl+s":
                    await wait_for_screen(pilot, ConfirmScreen)
                    assert "Update Rohan at 127.0.0.1" in screen_text(app)
                    assert "1 change: Company" in screen_text(app)
            await wait_for_screen(pilot, ResultScreen)
            assert "The change was kept." in screen_text(app)
            # Nothing is left to send, and nothing is offered as a draft.
            await press(pilot, "escape")
            await go_to_preview(pilot)
            assert "Nothing is changed yet." in screen_text(app)
            assert button(app, "submit").disabled
            assert app.session.drafts() == []
            assert "Rohan was updated at 127.0.0.1" in app.session.closing_line("qcall-wizard")
    assert store.find("app2") == ROHAN | {"company_name": "Acme Dental!"}


async def test_values_of_qcall_are_shown_as_they_are_and_stay(tmp_path: Path) -> None:
    odd = ASHA | {"type": "webhook", "voice_speed": 9, "assistant_image": "https://example.com/a"}
    with records_at(Records(app1=text(odd))) as records:
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await open_one(pilot, "asha")
            assert hint(app, "type") == "From QCall: webhook"
            await show_all_fields(pilot)
            assert hint(app, "assistant_image") == (
                "QCall's app: another portrait (https://example.com/a)."
            )
            await go_to(pilot, "language")
            assert hint(app, "language") == "QCall's app: English and Hindi."
            assert "en,hi  " in screen_text(app)
            await press(pilot, "f1")
            await wait_for_text(pilot, "en,hi (from QCall)")
            await press(pilot, "escape")
            await go_to(pilot, "voice")
            assert hint(app, "background_volume") == "QCall's app: a volume of one half."
            await go_to(pilot, "actions")
            assert "transferCall: an action of QCall's app" in screen_text(app)
            await go_to(pilot, "advanced")
            preview = await go_to_preview(pilot)
            shown = preview.query_one("#review-list")
            rows = " ".join(each.text(200) for each in shown.rows)
            assert "turn_detector: not documented by QCall, kept as QCall wrote it" in rows
            # A change begins the preview, and makes a value an answer of the person's.
            await press(pilot, "escape")
            await go_to(pilot, "script")
            await walk_to(pilot, row(app, "script").control)
            await press(pilot, "ctrl+end")
            await type_text(pilot, "\nBe brief.")
            await go_to_preview(pilot)
            assert "1 change for 127.0.0.1" in screen_text(app)
            assert "What changes Script" in flowing_text(app)
            assert "+ Be brief." in screen_text(app)
            await press(pilot, "f2")
            await wait_for_screen(pilot, Menu)
            await press(pilot, "escape")
            await go_to_preview(pilot)
            assert "The change was kept." in await sent(pilot)
    assert records.bodies[0].decode() == text(odd | {"script": f"{odd['script']}\nBe brief."})


async def test_both_changes_are_shown_and_a_person_chooses(tmp_path: Path) -> None:
    with records_at(Records(app2=text(ROHAN))) as records:
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await open_one(pilot, "rohan")
            await change_company(pilot)
            theirs = ROHAN | {"company_name": "Zed", "goal": "Sales", "script": "Sell."}
            records.texts["app2"] = text(theirs)
            await send(pilot)
            conflict = await wait_for_screen(pilot, ConflictScreen)
            assert not records.puts
            assert "One field was changed on both sides" in screen_text(app)
            assert "+ Acme Dental!                      + Zed" in screen_text(app)
            assert "Changed at QCall alone: Goal, Script." in screen_text(app)
            # No key leads around the question but Esc, and that sends nothing.
            await press(pilot, "f9", "f2")
            assert app.screen is conflict
            await press(pilot, "escape")
            await wait_for_screen(pilot, PreviewScreen)
            await send(pilot)
            await wait_for_screen(pilot, ConflictScreen)
            choice = app.screen.query_one(MemberChoice)
            await click(pilot, choice.query(".side").last())
            assert choice.theirs
            # The choice is saved before it is sent, and not asked for again if that fails.
            records.on_put = lambda _, __: (400, {"message": "no"})
            await press(pilot, "left", "ctrl+s")
            await wait_for_screen(pilot, ResultScreen)
            assert app.session.flush()
            assert load(tmp_path, app.draft.id).origin == app.draft.origin
            records.on_put = lambda _, __: None
            await press(pilot, "f9")
            await wait_for_screen(pilot, PreviewScreen)
            await send(pilot)
            await wait_for_screen(pilot, ResultScreen)
            assert records.data("app2") == theirs | {"company_name": "Acme Dental!"}
            # And once more, in two fields, with the values of QCall.
            await press(pilot, "escape")
            await change_company(pilot, "!!")
            await press(pilot, "tab", "?")
            records.texts["app2"] = text(theirs | {"company_name": "Zed 2", "goal": "Other"})
            await send(pilot)
            await wait_for_screen(pilot, ConflictScreen)
            assert "2 fields were changed on both sides" in screen_text(app)
            await press(pilot, "down", "right", "up", "right", "ctrl+s")
            await wait_for_screen(pilot, ResultScreen)
            assert "✓ Unchanged" in screen_text(app)
            assert len(records.puts) == 2
            assert app.draft.answers["company_name"] == "Zed 2"
            assert app.draft.answers["goal"] == "Other"


async def test_no_key_of_a_widget_is_shown(tmp_path: Path) -> None:
    widget = {"enabled": True, "mode": "floating", "api_key": "old-secret"}
    record = ROHAN | {"widget_config": widget}
    seen: list[str] = []
    with records_at(Records(app2=text(record))) as records:
        async with at(records.url, tmp_path, size=(140, 40)) as pilot:
            app = pilot.app
            await open_one(pilot, "rohan")
            await show_all_fields(pilot)
            await answer(pilot, widget_config__mode="embedded", widget_config__api_key="my-secret")
            theirs = widget | {"mode": "", "api_key": "their-secret"}
            records.texts["app2"] = text(record | {"widget_config": theirs})
            await go_to_preview(pilot)
            seen.append(screen_text(app))
            await press(pilot, "escape")
            await answer(pilot, widget_config__containerId="here")
            await send(pilot)
            await wait_for_screen(pilot, ConflictScreen)
            seen.append(screen_text(app))
            await press(pilot, "ctrl+s")
            await wait_for_screen(pilot, ResultScreen)
            seen.append(screen_text(app))
            # The key was kept, so it is no change any more.
            assert "All" in screen_text(app)
            assert not app.draft.origin.changed(app.draft.answers)
    assert records.data("app2")["widget_config"]["api_key"] == "my-secret"
    assert not [each for each in seen if "-secret" in each]
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"their-secret" not in files
    assert b"old-secret" not in files


async def test_the_earlier_version_is_restored_from_the_receipt(tmp_path: Path) -> None:
    before = text(ROHAN).replace('"voice_speed": 1.0', '"voice_speed": 1.00e0')
    before = before.replace('"temperature": 0.7', '"temperature": 7.0E-1')
    with records_at(Records(app2=before)) as records:
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await open_one(pilot, "rohan")
            await go_to(pilot, "voice")
            await walk_to(pilot, row(app, "voice_speed").control)
            await press(pilot, "enter")
            await wait_for_screen(pilot, Menu)
            await choose_option(pilot, 3)
            await wait_for_screen(pilot, StepsScreen)
            preview = await go_to_preview(pilot)
            await press(pilot, "f8")
            written = json_text(preview.query_one("#bytes", JsonView))
            assert '"voice_speed": 1.3' in written
            assert '"temperature": 7.0E-1' in written
            await press(pilot, "escape")
            await sent(pilot)
            assert records.data("app2")["voice_speed"] == 1.3
            await press(pilot, "escape")
            await by_palette(pilot, "receipts")
            await wait_for_screen(pilot, Menu)
            await press(pilot, "enter")
            await wait_for_screen(pilot, UpdateReceiptScreen)
            await walk_to(pilot, button(app, "restore"))
            await press(pilot, "enter")
            await wait_for_screen(pilot, RestoreScreen)
            assert "Put the old Rohan back" in screen_text(app)
            assert "- 1.3 + 1" in flowing_text(app)
            await press(pilot, "y")
            await wait_for_screen(pilot, ResultScreen)
            assert app.draft.answers["voice_speed"] == 1.0
    assert records.texts["app2"] == before


async def test_members_that_qcall_did_not_keep_stay_changed(tmp_path: Path) -> None:
    records = Records(app2=text(ROHAN))
    records.keeps = lambda body: text(json.loads(body) | {"script": "Old.", "goal": "Other"})
    with records_at(records):
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await open_one(pilot, "rohan")
            await change_company(pilot)
            await go_to(pilot, "script")
            await walk_to(pilot, row(app, "script").control)
            await type_text(pilot, "New. ")
            said = await sent(pilot)
            assert "Updated, but not all was kept" in said
            assert "QCall did not keep Script. QCall also changed Goal." in said
            assert app.draft.answers["script"].endswith("New. ")
            assert app.draft.answers["goal"] == "Other"
            await press(pilot, "escape")
            await go_to_preview(pilot)
            assert "1 change for" in screen_text(app)


async def test_an_update_without_an_answer_is_resolved_by_reading(tmp_path: Path) -> None:
    records = Records(app2=text(ROHAN))
    with records_at(records):
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await open_one(pilot, "rohan")
            await change_company(pilot)

            def lose(_: str, __: bytes) -> tuple[int, Any]:
                records.on_read = lambda _: (500, {"error": 500, "message": "down"})
                return 500, {"error": 500, "message": "down"}

            records.on_put = lose
            await send(pilot)
            await wait_for_screen(pilot, ResultScreen)
            assert "Unknown" in screen_text(app)
            # It arrived after all.
            records.texts["app2"] = records.bodies[0].decode()
            records.on_read, records.on_put = lambda _: None, lambda _, __: None
            await walk_to(pilot, button(app, "ask"))
            await press(pilot, "enter")
            await wait_for_screen(pilot, UpdateReceiptScreen)
            assert "but the assistant was changed. The change was kept." in flowing_text(app)
            assert len(records.puts) == 1


async def test_an_interrupted_update_is_reported_at_the_next_start(tmp_path: Path) -> None:
    changed = text(ROHAN | {"company_name": "Zed"})
    with records_at(Records(app2=changed)) as records:
        session = Session(tmp_path, open_store(tmp_path))
        now = session.store.clock()
        receipt = UpdateReceipt.of(Record.of(text(ROHAN)), changed, "d1", records.url, now)
        session.update_receipts.begin(receipt)
        session.close()
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await wait_for(pilot, lambda: "but the assistant was changed" in toasts(app))
            assert "The update of Rohan" in toasts(app)
            assert not app.session.update_receipts.unanswered()
            # It can be put back from here, though no draft is open.
            await by_palette(pilot, "receipts")
            await wait_for_screen(pilot, Menu)
            await press(pilot, "enter")
            await wait_for_screen(pilot, UpdateReceiptScreen)
            await walk_to(pilot, button(app, "restore"))
            await press(pilot, "enter")
            await wait_for_screen(pilot, RestoreScreen)
            await press(pilot, "y")
            done = await wait_for_screen(pilot, ResultScreen)
            assert not done.query("#duplicate")
            await press(pilot, "escape")
            await wait_for_screen(pilot, WelcomeScreen)
    assert records.texts["app2"] == text(ROHAN)


@pytest.mark.parametrize(("status", "again"), [(400, "restore"), (429, "resend"), (401, "key")])
async def test_a_restore_that_was_refused_is_tried_again_and_not_the_draft_sent(
    status: int, again: str, tmp_path: Path
) -> None:
    records = Records(app2=text(ROHAN | {"company_name": "Zed"}))
    records.on_put = lambda _, __: (status, {"error": status, "message": "script is refused"})
    with records_at(records):
        session = Session(tmp_path, open_store(tmp_path))
        now = session.store.clock()
        before = Record.of(text(ROHAN))
        receipt = UpdateReceipt.of(before, records.texts["app2"], "d1", records.url, now)
        session.update_receipts.begin(receipt)
        session.close()
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await wait_for(pilot, lambda: "but the assistant was changed" in toasts(app))
            await by_palette(pilot, "receipts")
            await wait_for_screen(pilot, Menu)
            await press(pilot, "enter")
            await wait_for_screen(pilot, UpdateReceiptScreen)
            await put_back(pilot, "restore")
            refused = await wait_for_screen(pilot, ResultScreen)
            assert not refused.query("#edit, #preview")
            assert "Your answers are saved" not in screen_text(app)
            records.on_put = lambda _, __: None
            if status == 429:
                refused._until = 0.0
                await wait_for(pilot, lambda: not button(app, again).disabled)
            first = app.client
            await put_back(pilot, again)
            await wait_for(pilot, lambda: "The change was kept" in screen_text(app))
            if app.client is not first:
                await first.aclose()
    assert records.texts["app2"] == text(ROHAN)


async def put_back(pilot: Person, name: str) -> None:
    """Press a button that puts the old assistant back, and agree."""
    await walk_to(pilot, button(pilot.app, name))
    await press(pilot, "enter")
    if name == "key":
        await wait_for_screen(pilot, KeyScreen)
        await type_text(pilot, "another-key")
        await press(pilot, "enter")
    await wait_for_screen(pilot, RestoreScreen)
    await press(pilot, "y")
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, ResultScreen))


async def test_a_change_outlives_the_program_and_is_sent_by_the_next(tmp_path: Path) -> None:
    with records_at(Records(app2=text(ROHAN))) as records:
        async with at(records.url, tmp_path) as pilot:
            await open_one(pilot, "rohan")
            # An assistant that was only viewed is no draft.
            assert pilot.app.session.drafts() == []
            await change_company(pilot)
            await press(pilot, "ctrl+q")
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            assert "Rohan  Changes · just now" in screen_text(app)
            await open_by_name_and_menu(pilot)
            assert app.draft.answers["company_name"] == "Acme Dental!"
            assert "Editing Rohan" in screen_text(app)
            await press(pilot, "ctrl+z")
            assert app.draft.answers["company_name"] == "Acme Dental"
            await press(pilot, "ctrl+y")
            assert "The change was kept." in await sent(pilot)
            assert app.session.drafts() == []


async def open_by_name_and_menu(pilot: Person) -> None:
    """Choose the assistant, not its draft, and go on with the changes."""
    await type_text(pilot, "rohan app2")
    await press(pilot, "enter")
    await wait_for_screen(pilot, Menu)
    assert "You have unsent changes to Rohan" in flowing_text(pilot.app)
    await press(pilot, "enter")
    await wait_for_screen(pilot, StepsScreen)


async def test_a_copy_is_a_new_assistant_with_a_report(tmp_path: Path) -> None:
    with records_at(Records(app1=text(ASHA))) as records:
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await open_one(pilot, "asha")
            await change_company(pilot)
            # A template has the document's forms too.
            await by_palette(pilot, "save as a template")
            await wait_for_screen(pilot, PromptScreen)
            await press(pilot, "enter")
            await wait_for(pilot, lambda: "Saved as" in toasts(app))
            assert find_template("asha", tmp_path).language == "en"
            await by_palette(pilot, "create a copy")
            await wait_for_screen(pilot, ReportScreen)
            assert "Left out: turn_detector" in flowing_text(app)
            report = app.screen.query_one("#report-lines")
            lines = " ".join(str(each.visual) for each in report.query("Static"))
            assert "Converted: language" in lines
            assert "actions[1]: the document has no action 'transferCall'" in lines
            await press(pilot, "escape")
            assert app.draft.origin is None
            assert app.draft.answers["company_name"] == "Acme Dental!"
            assert "Editing" not in screen_text(app)
            assert not app.draft.problems()
            assert not records.puts


async def test_an_assistant_created_here_can_be_changed(tmp_path: Path) -> None:
    with records_at(Records(app2=text(ROHAN))) as records:
        store = open_store(tmp_path).store
        receipts, payload = (
            Receipts(store.database, store.clock),
            Draft.imported(minimal()).payload(),
        )
        for receipt in (
            Receipt.of(payload, "d2", "http://127.0.0.1:1/api/v1", store.clock()),
            Receipt.of(payload, "d1", records.url, store.clock()),
        ):
            receipts.begin(receipt)
            receipts.complete(receipt.id, Created("app2"), 1.0)
        store.close()
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await type_text(pilot, "created")
            await press(pilot, "down", "enter")
            await wait_for_screen(pilot, ReceiptScreen)
            await walk_to(pilot, button(app, "change"))
            await press(pilot, "enter")
            await wait_for(pilot, lambda: "This assistant belongs to 127.0.0.1:1" in toasts(app))
            await press(pilot, "escape", "up", "enter")
            await wait_for_screen(pilot, ReceiptScreen)
            await walk_to(pilot, button(app, "change"))
            await press(pilot, "enter")
            await wait_for_screen(pilot, StepsScreen)
            assert "Editing Rohan" in screen_text(app)


async def test_the_list_of_all_is_searched_and_read_again(tmp_path: Path) -> None:
    records = Records()
    many = [ROHAN | {"hash_id": f"n{n}", "id": n, "name": f"Nr {n}"} for n in range(10_000)]
    records.listing = json.dumps([*many, "odd", 7]).encode()
    with records_at(records):
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await type_text(pilot, "nr 9999")
            await wait_for_text(pilot, "Nr 9999  Acme Dental")
            await press(pilot, "escape")
            await type_text(pilot, "open an assist")
            await press(pilot, "enter")
            await wait_for_screen(pilot, AssistantsScreen)
            await wait_for_text(pilot, "10,000 assistants")
            assert "2 items of the list could not be read" in flowing_text(app)
            assert "Name" in screen_text(app)
            await type_text(pilot, "nr 77")
            await wait_for_text(pilot, "280 of 10,000 assistants")
            await press(pilot, "down", "up", "pagedown")
            assert app.screen.query_one(AssistantRows).cursor > 1
            assert records.reads == ["list"]
            records.listing = json.dumps([ROHAN]).encode()
            await press(pilot, "ctrl+r")
            await press(pilot, "escape")
            await wait_for_text(pilot, "1 assistant at")
            records.texts["app2"] = text(ROHAN)
            await press(pilot, "enter")
            await wait_for_screen(pilot, StepsScreen)
            assert "Editing Rohan" in screen_text(app)


async def test_one_language_is_a_word_and_an_unknown_change_is_said(tmp_path: Path) -> None:
    records = Records()
    records.listing = json.dumps([ROHAN | {"language": "hi", "updatedAt": None}]).encode()
    with records_at(records):
        async with at(records.url, tmp_path) as pilot:
            await type_text(pilot, "open an assist")
            await press(pilot, "enter")
            await wait_for_screen(pilot, AssistantsScreen)
            await wait_for_text(pilot, "Hindi")
            assert "unknown" in screen_text(pilot.app)


# A record that breaks the contract in every field: each value of another type.
BROKEN = {name: [{"a": None}] if isinstance(value, str) else "x" for name, value in ASHA.items()}


async def test_records_that_cannot_be_updated_are_opened(tmp_path: Path) -> None:
    without_id = {name: value for name, value in ROHAN.items() if name not in ("id", "hash_id")}
    twin = ROHAN | {"name": "Twin"}
    broken = BROKEN | {"hash_id": "a/b ?", "id": 5, "name": "Bent"}
    huge = ROHAN | {"hash_id": "huge", "name": "Huge", "script": "x" * 1_100_000}
    records = Records(**{"a/b ?": text(broken), "huge": text(huge)})
    named = [without_id | {"name": "Lost"}, twin, twin | {"name": "Twin 2"}, broken, huge, "odd"]
    records.listing = json.dumps(named).encode()
    with records_at(records):
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await type_text(pilot, "some could not")
            assert "1 item of the list could not be read" in flowing_text(app)
            await press(pilot, "escape")
            for name, why in (("lost", "it has no id"), ("twin", "more than one assistant has")):
                await open_one(pilot, name)
                await wait_for(pilot, lambda why=why: why in toasts(app), what=why)
                await go_to_preview(pilot)
                assert "It cannot be updated" in screen_text(app)
                assert button(app, "submit").disabled
                await press(pilot, "ctrl+s")
                await press(pilot, "escape", "escape")
                await wait_for_screen(pilot, WelcomeScreen)
                await wait_for(pilot, lambda: welcome(app)._knows_assistants)
            await type_text(pilot, "huge")
            await press(pilot, "enter")
            await wait_for(pilot, lambda: "update` takes any size" in toasts(app))
            await press(pilot, "escape")
            await open_one(pilot, "bent")
            for step in ("language", "voice", "script", "actions", "advanced", "type"):
                await go_to(pilot, step)
            assert hint(app, "type") == 'From QCall: [ { "a": null } ]'
            await go_to_preview(pilot)
            assert "Nothing is changed yet." in screen_text(app)
            await press(pilot, "escape")
            await walk_to(pilot, row(app, "name").control)
            await type_text(pilot, "!")
            assert "The change was kept." in await sent(pilot)
    assert [name for name, _ in records.puts] == ["a/b ?"]
    assert records.data("a/b ?") == broken | {"name": "Bent!"}


async def test_a_failed_list_is_reported_and_read_again(tmp_path: Path) -> None:
    store = MemoryStore()
    add_app_form_examples(store)
    records = Records(app2=text(ROHAN))
    records.on_read = lambda _: (500, {"error": 500, "message": "down"})
    with records_at(records), served(store, Fault("404")) as gone:
        async with at(records.url, tmp_path) as pilot:
            app = pilot.app
            await type_text(pilot, "could not be read")
            assert "Your assistants could not be loaded" in flowing_text(app)
            records.on_read = lambda _: None
            await press(pilot, "enter")
            await wait_for(pilot, lambda: "1 assistant was read" in toasts(app))
            await press(pilot, "escape")
            await type_text(pilot, "rohan")
            records.texts.clear()
            records.listing = b"[]"
            await press(pilot, "enter")
            await wait_for(pilot, lambda: "app2" in toasts(app))
            assert welcome(app)
        async with at(gone, tmp_path) as pilot:
            # The server has it only in its list, and updates by the whole record of that.
            await open_one(pilot, "rohan")
            await change_company(pilot)
            assert "Nothing was changed" in await sent(pilot)
