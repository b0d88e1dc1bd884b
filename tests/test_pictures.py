"""What each screen looks like, as approved pictures; `pytest --snapshot-update` approves anew."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.screen import Screen
from textual.widgets import Static

from screens.app import WizardApp
from screens.compare import CompareScreen
from screens.done import DoneScreen
from screens.editor import EditorScreen
from screens.help import HelpScreen
from screens.key import KeyScreen
from screens.menus import Menu
from screens.preview import ConfirmScreen, PreviewScreen
from screens.report import ReportScreen
from screens.themes import DARK, LIGHT
from tests.examples import full, minimal
from tests.person import Person, opened, press, screen_text, type_text, wait_for
from wizard.ask import find
from wizard.assistant import QUESTIONS
from wizard.draft import Draft
from wizard.imports import read_text, take
from wizard.outcomes import Created, Refused, Unknown, UnknownReason
from wizard.steps import Step

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
    await wait_for(pilot, lambda: "Templates" in screen_text(app) or app.size.height < 20)
    if app.size.height >= 20:
        for _ in range(3):
            await press(pilot, "down")
        await wait_for(pilot, lambda: "It begins with" in str(look_of(app).visual))


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
    pilot.app.push_screen(HelpScreen(find(QUESTIONS, ("fillers",)), ""))
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))


async def show_preview(pilot: Person) -> None:
    await pilot.app.action_preview()
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, PreviewScreen))


async def show_confirm(pilot: Person) -> None:
    await show_preview(pilot)
    pilot.app.push_screen(ConfirmScreen(pilot.app.draft, pilot.app.target))
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))


def over(make: Callable[[WizardApp], Screen[Any]]) -> Callable[[Person], Awaitable[None]]:
    async def show(pilot: Person) -> None:
        screen = make(pilot.app)
        pilot.app.push_screen(screen)
        await wait_for(pilot, lambda: pilot.app.screen is screen and screen.is_mounted)

    return show


async def show_payload(pilot: Person) -> None:
    """The live payload where it does not stand beside the form by itself."""
    if pilot.app.size.width < 120:
        await press(pilot, "f8")
    await press(pilot, "f3")


async def show_idle(pilot: Person) -> None:
    await pilot.app.steps.go(Step.SCRIPT)
    await pilot.app.steps.action_idle()


async def show_editor(pilot: Person) -> None:
    await pilot.app.steps.go(Step.SCRIPT, ("script",))
    await press(pilot, "f6")
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, EditorScreen))


def outcome(shown: Any) -> Callable[[Person], Awaitable[None]]:
    async def show(pilot: Person) -> None:
        pilot.app.push_screen(DoneScreen(shown))
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, DoneScreen))

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
    "idle": (ready, show_idle),
    "editor": (ready, show_editor),
    "key": (ready, over(lambda app: KeyScreen(app.settings, stored=False))),
    "compare": (
        ready,
        over(lambda app: CompareScreen(minimal(), full() | {"goal": "Sales"}, ("One", "Other"))),
    ),
    "report": (
        ready,
        over(lambda app: ReportScreen(take(read_text(CURL, "request.sh")).report)),
    ),
    "unknown": (ready, outcome(Unknown(UnknownReason.CUT_AFTER))),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCREENS)
async def test_picture(name: str, size: str, theme: str, picture: SnapshotAssertion) -> None:
    draft, show = SCREENS[name]
    async with opened(draft(), size=SIZES[size]) as pilot:
        app: WizardApp = pilot.app
        app.theme = THEMES[theme]
        await show(pilot)
        await wait_until_still(pilot)
        assert stable(app.export_screenshot(title="qcall-wizard")) == picture


async def wait_until_still(pilot: Person) -> None:
    """Layout may take some rounds: look until two looks in a row are the same."""
    looks: list[str] = ["", "-"]

    def same() -> bool:
        looks.append(stable(pilot.app.export_screenshot(title="qcall-wizard")))
        return looks[-1] == looks[-2] == looks[-3]

    await wait_for(pilot, same)


def stable(svg: str) -> str:
    """A picture without what differs from run to run."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
