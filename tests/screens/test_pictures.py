"""Approved pictures of each screen; `pytest --snapshot-update` approves new ones."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.screen import Screen
from textual.widgets import Button, Static

from screens.app import WizardApp
from screens.dialogs.api_key import KeyScreen
from screens.dialogs.help import HelpScreen
from screens.dialogs.menu import Menu
from screens.dialogs.model_server import ModelScreen
from screens.dialogs.report import ReportScreen
from screens.dialogs.result import OutcomeScreen, ReceiptScreen, ResultScreen
from screens.dialogs.update_receipt import UpdateReceiptScreen
from screens.pages.assistant_cache import AssistantCache
from screens.pages.assistant_list import AssistantsScreen
from screens.pages.editor import EditorScreen
from screens.payload.compare import CompareScreen
from screens.payload.conflict import ConflictScreen
from screens.payload.preview import ConfirmScreen, PreviewScreen
from screens.payload.restore import RestoreScreen
from screens.terminal.themes import DARK, EDGE_CONTRAST, LIGHT
from tests.examples import full, minimal
from tests.person import (
    Person,
    in_sight,
    opened,
    press,
    screen_strips,
    screen_text,
    settle,
    type_text,
    wait_for,
)
from tests.rehearsal.scripted_model import scripted_model
from tests.rehearsal.test_rehearse import PAYLOAD
from tests.screens.style_checks import edges, low_contrast, signs_without_ascii
from wizard.api.next_steps import next_steps
from wizard.api.outcomes import (
    BeingSent,
    Created,
    CreatedBefore,
    Found,
    FoundEarlier,
    KeyRefused,
    NoReceipt,
    NotListed,
    NotSent,
    Outcome,
    RateLimited,
    Redirected,
    Refused,
    Undecided,
    Unknown,
    Unresolved,
)
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.receipt_store import Receipt
from wizard.api.records import Listing, Record, listing_in
from wizard.api.update_outcomes import (
    ChangedAtQCall,
    NotUpdatable,
    Updated,
    UpdateUnknown,
)
from wizard.api.update_receipts import UpdateReceipt
from wizard.api.updates import plan, previous_version
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.contract.steps import Step
from wizard.draft.draft import Draft
from wizard.draft.origin import Origin
from wizard.exchange.importing import read_text, take
from wizard.exchange.merging import member_changes
from wizard.formats.json_members import Node
from wizard.formats.json_text import dump
from wizard.sandbox.app_form_examples import app_form_examples
from wizard.settings import API, SANDBOX, Target

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
SIZES = {"80x24": (80, 24), "140x40": (140, 40), "40x12": (40, 12)}
THEMES = {"dark": DARK.name, "light": LIGHT.name}
MEETING = {
    "type": "scheduleMeeting",
    "meetingType": "openBooking",
    "timezone": "Asia/Kolkata",
    "startDate": "2030-01-31",
    "description": "When the caller would like an appointment.",
    "say": "One moment please.",
    "length": 30,
    "prompt": "Offer two times, and repeat the one that was chosen.",
    "startTime": "09:00 AM",
    "endTime": "05:00 PM",
    "bookingDays": "Monday,Friday",
}


CURL = """curl -H 'x-api-key: k' -d '{"type":"Outbound","name":"Asha","hue":"violet"}' https://x"""


class Picture(SingleFileSnapshotExtension):
    """A picture is one SVG file."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compares with the approved picture of the test."""
    return snapshot.use_extension(Picture)


READ_AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
EXISTING = app_form_examples()[0] | {"updatedAt": "1 November 2026"}
NOW_AT_QCALL = EXISTING | {"company_name": "Zed", "goal": "Sales", "script": "Sell.\nBe kind."}


def existing() -> Draft:
    """A draft that changes an existing assistant, with some changes."""
    draft = Draft.opened(Origin.of(Record.of(dump(EXISTING)), SANDBOX))
    draft.answer(("company_name",), "Acme Smiles")
    draft.answer(("script",), f"{EXISTING['script']}\nNever talk about prices.")
    return draft


async def listing() -> Listing:
    """The account of the list of assistants, with an item that is none."""
    return listing_in(Node.of(dump([EXISTING, *app_form_examples()[2:], 7])), ()) or Listing(())


def conflict(app: WizardApp) -> ConflictScreen:
    """Both changes of an assistant."""
    draft = app.draft
    sides = member_changes(EXISTING, draft.compose(), NOW_AT_QCALL)
    return ConflictScreen(ChangedAtQCall(Record.of(dump(NOW_AT_QCALL)), tuple(sides)))


def restoring(app: WizardApp) -> RestoreScreen:
    """The question before the old one is put back, which was changed since."""
    before, sent = Record.of(dump(EXISTING)), app.draft.preview()
    receipt = UpdateReceipt.of(before, sent, "", SANDBOX, NOON)
    now = Record.of(dump(app.draft.compose() | {"goal": "Sales"}))
    return RestoreScreen(receipt, plan(now, previous_version(receipt)), app.target)


def ready() -> Draft:
    """A draft that can be sent, with an action."""
    return Draft.imported(minimal() | {"actions": [MEETING]})


async def show_step(pilot: Person, step: Step) -> None:
    await pilot.app.steps.go(step)


async def show_voices(pilot: Person) -> None:
    app = pilot.app
    await app.steps.go(Step.VOICE)
    await wait_for(pilot, lambda: " of " in str(app.screen.query_one("#voice-count").render()))


async def show_welcome(pilot: Person) -> None:
    """The first screen, before there are drafts, with the look at a template."""
    app = pilot.app
    app.action_drafts()
    await wait_for(pilot, lambda: "Templates" in screen_text(app))
    if app.size.height >= 20:
        for _ in range(3):
            await press(pilot, "down")
        await wait_for(pilot, lambda: "Opening line" in str(look_of(app).visual))


def look_of(app: WizardApp) -> Static:
    return app.screen.query_one("#look-text", Static)


async def show_palette(pilot: Person) -> None:
    await press(pilot, "ctrl+p")
    await type_text(pilot, "back")
    await wait_for(pilot, lambda: "is_back_sound" in screen_text(pilot.app))


async def show_problems(pilot: Person) -> None:
    await pilot.app.steps.action_next()


async def show_action(pilot: Person) -> None:
    await pilot.app.steps.go(Step.ACTIONS)
    pilot.app.steps.edit_action(0)
    await pilot.pause()


async def show_steps(pilot: Person) -> None:
    pilot.app.steps.action_steps()
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, Menu))


async def show_help(pilot: Person) -> None:
    pilot.app.push_screen(HelpScreen(find(QUESTIONS, ("fillers",)), path=("fillers",)))
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))


async def show_preview(pilot: Person) -> None:
    await pilot.app.action_preview()
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, PreviewScreen))


async def show_confirm(pilot: Person) -> None:
    await show_preview(pilot)
    await settle(pilot)  # the footer comes last, and stays behind the dialog
    pilot.app.push_screen(ConfirmScreen(pilot.app.draft, pilot.app.target))
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))


def over(make: Callable[[WizardApp], Screen[Any]]) -> Callable[[Person], Awaitable[None]]:
    async def show(pilot: Person) -> None:
        screen = make(pilot.app)
        pilot.app.push_screen(screen)
        await wait_for(pilot, lambda: pilot.app.screen is screen and screen.is_mounted)

    return show


async def show_payload(pilot: Person) -> None:
    """The live payload if it is not beside the form by default."""
    if pilot.app.size.width < 120:
        await press(pilot, "f8")
    await press(pilot, "f3")


async def show_hidden(pilot: Person) -> None:
    await pilot.app.steps.go(Step.SCRIPT)
    await pilot.app.steps.action_hidden_fields()


async def show_editor(pilot: Person) -> None:
    await pilot.app.steps.go(Step.SCRIPT, ("script",))
    await press(pilot, "f6")
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, EditorScreen))


def outcome(shown: Any) -> Callable[[Person], Awaitable[None]]:
    async def show(pilot: Person) -> None:
        pilot.app.push_screen(ResultScreen(shown))
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, ResultScreen))

    return show


def step(shown: Step) -> Callable[[Person], Awaitable[None]]:
    async def show(pilot: Person) -> None:
        await show_step(pilot, shown)

    return show


SCREENS: dict[str, tuple[Callable[[], Draft], Callable[[Person], Awaitable[None]]]] = {
    "welcome": (Draft, show_welcome),
    "palette": (ready, show_palette),
    "type": (ready, step(Step.TYPE)),
    "type-empty": (Draft, step(Step.TYPE)),
    "type-problems": (Draft, show_problems),
    "language": (ready, step(Step.LANGUAGE)),
    "voice": (ready, show_voices),
    "script": (ready, step(Step.SCRIPT)),
    "actions": (ready, step(Step.ACTIONS)),
    "action": (ready, show_action),
    "advanced": (ready, step(Step.ADVANCED)),
    "steps": (ready, show_steps),
    "help": (ready, show_help),
    "preview": (ready, show_preview),
    "preview-problems": (Draft, show_preview),
    "confirm": (ready, show_confirm),
    "created": (ready, outcome(Created("a1b2c3", {}, status=200))),
    "refused": (
        ready,
        outcome(Refused("goal", status=400, message="[b]goal[/b] must not be blank")),
    ),
    "payload": (ready, show_payload),
    "idle": (ready, show_hidden),
    "editor": (ready, show_editor),
    "key": (ready, over(lambda app: KeyScreen(app.settings, stored=False))),
    "compare": (
        ready,
        over(lambda app: CompareScreen(minimal(), full() | {"goal": "Sales"}, ("One", "Other"))),
    ),
    "report": (
        ready,
        over(
            lambda app: ReportScreen(
                "What was imported", list(take(read_text(CURL, "request.sh")).report.lines())
            )
        ),
    ),
    "unknown": (ready, outcome(Unknown(UnknownReason.CUT_AFTER))),
    "existing": (existing, step(Step.LANGUAGE)),
    "update": (existing, show_preview),
    "update-confirm": (existing, show_confirm),
    "conflict": (existing, over(conflict)),
    "restore": (existing, over(restoring)),
    "assistants": (
        ready,
        over(
            lambda app: AssistantsScreen(AssistantCache(listing, app.target.place, lambda: READ_AT))
        ),
    ),
    "updated": (existing, outcome(Updated("app1", ("script", "name", "goal")))),
}


async def show_call(pilot: Person) -> None:
    """A call with an action, in the middle."""
    await press(pilot, "f7")
    await wait_for(pilot, lambda: "Your turn" in screen_text(pilot.app))
    await settle(pilot)
    for said, answer in (("Who is this?", "Asha from"), ("Book me for Thursday", "at ten")):
        await type_text(pilot, f"{said}\n")
        await wait_for(pilot, lambda expected=answer: expected in screen_text(pilot.app))
        await wait_for(pilot, lambda: "Your turn" in screen_text(pilot.app))
        await settle(pilot)


async def show_replay(pilot: Person) -> None:
    """The same lines with another script, beside the answers before."""
    await show_call(pilot)
    await press(pilot, "ctrl+r")
    await wait_for(pilot, lambda: "Now" in screen_text(pilot.app))
    await wait_for(pilot, lambda: "Your turn" in screen_text(pilot.app))


async def show_read_through(pilot: Person) -> None:
    await press(pilot, "f7")
    await wait_for(pilot, lambda: "No model is set" in screen_text(pilot.app))
    await wait_for(pilot, lambda: isinstance(pilot.app.focused, Button))
    await settle(pilot)


async def show_model(pilot: Person) -> None:
    await show_read_through(pilot)
    below = pilot.app.screen
    await press(pilot, "enter")
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, ModelScreen))
    await wait_for(pilot, lambda: not below.query("Button.-active"))


CALLS = {
    "call": (True, show_call),
    "call-replay": (True, show_replay),
    "call-read-through": (False, show_read_through),
    "call-model": (False, show_model),
}


WITH_FIELDS = {"welcome", "palette", "type-problems", "voice", "action", "key"}
# The screens on which every kind of control, list and message is seen.
MAIN_SCREENS = [
    *("welcome", "palette", "type-problems", "voice", "action", "help", "preview-problems"),
    *("confirm", "refused", "editor", "compare", "conflict", "call"),
]


# A dialog has the same size on every terminal that is larger than 80x24.
DIALOGS = {"help", "steps", "key", "report", "confirm", "update-confirm", "restore", "call-model"}


def sizes_of(name: str) -> list[str]:
    return [size for size in SIZES if size != "140x40" or name not in DIALOGS]


def looks(names: Iterable[str]) -> list[tuple[str, str, str]]:
    """The pictures of screens. Light differs in colours alone: some, in one size, are enough."""
    dark = [(name, size, "dark") for name in names for size in sizes_of(name)]
    return dark + [(name, "80x24", "light") for name in names if name in MAIN_SCREENS]


@pytest.mark.parametrize(("name", "size", "theme"), looks(SCREENS))
async def test_picture(name: str, size: str, theme: str, picture: SnapshotAssertion) -> None:
    draft, show = SCREENS[name]
    async with opened(draft(), size=SIZES[size], theme=THEMES[theme]) as pilot:
        app: WizardApp = pilot.app
        await show(pilot)
        await assert_looks(pilot, picture)
        assert list(edges(app)) or name not in WITH_FIELDS or size == "40x12"


async def assert_looks(pilot: Person, picture: SnapshotAssertion) -> None:
    """As approved, every text can be read, fields have edges, and each sign has one in ASCII."""
    await wait_until_still(pilot)
    app = pilot.app
    assert stable(app.export_screenshot(title="qcall-wizard")) == picture
    assert not list(low_contrast(app))
    assert not {field: seen for field, seen in edges(app) if seen < EDGE_CONTRAST}
    assert not signs_without_ascii(app)


@pytest.mark.parametrize(("name", "size", "theme"), looks(CALLS))
async def test_picture_of_a_call(
    name: str,
    size: str,
    theme: str,
    picture: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_model, show = CALLS[name]
    with scripted_model() as served:
        monkeypatch.setenv("QCALL_REHEARSAL_URL", served.url if has_model else "")
        draft = Draft.imported(PAYLOAD)
        async with opened(draft, size=SIZES[size], theme=THEMES[theme]) as pilot:
            await show(pilot)
            await assert_looks(pilot, picture)


async def wait_until_still(pilot: Person) -> None:
    """Layout may take some rounds: look until three looks in a row are the same."""
    looks: list[object] = [None, ""]

    def same() -> bool:
        looks.append(screen_strips(pilot.app))
        return looks[-1] == looks[-2] == looks[-3]

    await wait_for(pilot, same)


def stable(svg: str) -> str:
    """A picture without parts that differ from run to run."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:50000", svg)
    svg = re.sub(r"(again&#160;in&#160;0:)\d\d", r"\g<1>30", svg)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


# --- outcomes: every button of each


CUT = UnknownReason.CUT_AFTER
OUTCOMES: dict[str, Outcome] = {
    "created": Created("a1b2c3"),
    "found": Found("a1b2c3"),
    "refused": Refused("goal", message="goal must not be blank"),
    "refused-long-name": Refused("set_transcription_start_time", message="wrong " * 300),
    "redirected": Redirected(),
    "key-refused": KeyRefused(message="no"),
    "rate-limited": RateLimited(30.0),
    "not-sent": NotSent(NotSentReason.SETUP),
    "created-before": CreatedBefore(NOON, "at api.qcall.ai", "a1b2c3"),
    "found-earlier": FoundEarlier(NOON, "a1b2c3"),
    "being-sent": BeingSent(),
    "no-receipt": NoReceipt("The disk is full."),
    "unknown": Unknown(CUT, message="\n".join(f"line {n}" for n in range(40))),
    "not-listed": NotListed(CUT),
    "undecided": Undecided(CUT, "The list is gone."),
    "unresolved": Unresolved(UnknownReason.EARLIER, NOON, "The list is gone."),
    "not-kept": Updated("app1", ("script", "name"), ("script",), ("goal",)),
    "not-read": Updated("app1", ("script", "name"), is_read=False),
    "update-unknown": UpdateUnknown(CUT, why="It could not be read."),
    "update-refused": Refused("goal", message="goal must not be blank", is_update=True),
    "not-updatable": NotUpdatable("it has no id"),
}
_SENT = Receipt("r1", "d1", API, "Asha", "Acme Dental", NOON, "0" * 64, "{}")
RECEIPTS = {
    "open": _SENT,
    "created": replace(_SENT, kind="created", title="Created", assistant_id="a1b2c3"),
    "refused": replace(_SENT, kind="refused", title="Refused", message="no " * 300),
}


def outcome_screens() -> dict[str, OutcomeScreen]:
    """A screen for each outcome, all with a receipt, and for each kind of receipt."""
    steps = next_steps(full(), Target(API))
    shown: dict[str, OutcomeScreen] = {}
    for name, came in OUTCOMES.items():
        outcome = replace(came, receipt="r1")
        shown[f"outcome-{name}"] = ResultScreen(
            outcome, steps if isinstance(came, Created) else (), templated=True
        )
    for name, receipt in RECEIPTS.items():
        shown[f"receipt-{name}"] = ReceiptScreen(receipt)
    update = UpdateReceipt.of(Record.of(dump(EXISTING)), dump(EXISTING), "", API, NOON)
    for name, kind in (("open", None), ("updated", "updated")):
        receipt_of_update = replace(update, id="u1", kind=kind, title=kind and "Updated")
        shown[f"update-receipt-{name}"] = UpdateReceiptScreen(receipt_of_update)
    return shown


async def test_pictures_of_every_outcome_and_receipt(picture: SnapshotAssertion) -> None:
    async with opened(ready()) as pilot:
        app = pilot.app
        for name, screen in outcome_screens().items():
            await app.push_screen(screen)
            await wait_until_still(pilot)
            assert stable(app.export_screenshot(title="qcall-wizard")) == picture(name=name)
            app.pop_screen()


def shown_buttons(screen: Screen[Any]) -> list[Button]:
    """The buttons that are not in a folded part."""
    buttons = [button for button in screen.query(Button) if not button.disabled]
    return [b for b in buttons if all(above.display for above in b.ancestors_with_self[:-1])]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
async def test_every_button_of_an_outcome_can_be_read_when_it_has_the_focus(
    size: tuple[int, int],
) -> None:
    async with opened(ready(), size=size) as pilot:
        app = pilot.app
        for name, screen in outcome_screens().items():
            await app.push_screen(screen)
            await settle(pilot)
            seen: list[Button] = []
            while (focused := screen.focused) not in seen:
                assert isinstance(focused, Button), (name, focused)
                await wait_for(pilot, partial(in_sight, app, focused), what=f"{name}: {focused.id}")
                assert str(focused.label) in screen_text(app), (name, focused.id)
                seen.append(focused)
                if size == (80, 24) and len(seen) == 1:
                    ways = shown_buttons(screen)
                    assert all(in_sight(app, way) for way in ways), name
                await press(pilot, "tab")
            assert seen == shown_buttons(screen), name
            app.pop_screen()
