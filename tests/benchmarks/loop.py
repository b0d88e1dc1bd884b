"""What holds the event loop: the longest callbacks of the real app, and what causes each.

The app runs in this process without a terminal; what it would draw is made all the same. Processor
time of the loop's thread is measured, for other programs may be busy meanwhile.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from textual._compositor import CompositorUpdate
from textual.app import App
from textual.events import Paste

from screens.app import WizardApp
from screens.form.row import QuestionRow
from screens.messages import FieldRequested
from screens.terminal.themes import LIGHT
from tests.benchmarks.measure import Row, Table
from tests.benchmarks.screen import PATIENCE, SIZE
from tests.benchmarks.watch import Watch
from tests.benchmarks.world import (
    HINDI,
    World,
    draft_with,
    script_of,
    serving,
    without_voice,
)
from tests.examples import meeting
from tests.person import Person, key_event, screen_text
from wizard.api.connection import connect
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft
from wizard.formats.paths import Path
from wizard.sandbox.sandbox_store import SandboxStore
from wizard.secret import SecretStr
from wizard.settings import SANDBOX, Settings, Target
from wizard.storage.session import Session
from wizard.storage.store import open_store

_MOST = 50.0
_ORDER = list(STEPS)
# A wizard that does nothing for so long, in seconds, has done all; what waits for a pause in the
# typing begins before.
_CALM_SECONDS = 0.5

_SCRIPTS = (("30 KB", 30_000), ("100 KB", 100_000))

# Keys that are pressed, what shows then, and keys that lead back; at the script.
_ROUND = (
    ("a key", "x", "", ""),
    ("a line", "enter", "", ""),
    ("undo", "ctrl+z", "", ""),
    ("redo", "ctrl+y", "", ""),
    ("payload hidden and shown", "f8", "", "f8"),
    ("payload in another way", "f3", "", "f3"),
    ("help", "f1", "", "escape"),
    ("list of steps", "f2", "Go to", "escape"),
    ("preview", "f9", "Submit", "escape"),
    ("palette", "ctrl+p", "", "escape"),
    ("editor", "f6", "Line 2 of", "escape"),
    ("the next step and back", "ctrl+n", STEPS[_ORDER.index(Step.ACTIONS)].about[:12], "escape"),
)
_EDITOR = (
    ("a key in the editor", "x", "", ""),
    ("sample in the editor", "f5", "", "f5"),
    ("search in the editor", "ctrl+f", "Find", ""),
    ("a key of the search in the editor", "e", " of ", "escape"),
    ("variables in the editor", "ctrl+l", "", "escape"),
    ("wrapping in the editor", "alt+z", "", "alt+z"),
)
_ACTIONS = (
    ("an arrow key", "down", "", ""),
    ("End", "end", "", "home"),
    ("move down", "ctrl+down", "", ""),
    ("duplicate", "c", "", ""),
    ("remove", "delete", "", ""),
    ("undo", "ctrl+z", "", ""),
    ("form", "enter", "Done", "escape"),
    ("add", "a", "What should it do?", "escape"),
    ("preview", "f9", "Submit", "escape"),
    ("palette", "ctrl+p", "", "escape"),
)
_SENT = (
    ("preview of what was sent", "f9", "Submit", "escape"),
    ("payload in the second way", "f3", "", ""),
    ("payload as it changed", "f3", "The same as last sent", ""),
    ("duplicate of what was sent", "c", "", ""),
    ("preview of what changed", "f9", "Submit", "escape"),
    ("payload in the first way", "f3", "", ""),
)


def run(world: World) -> Iterator[Table]:
    """Run everything once; then list the longest callbacks and the pauses of the collector."""
    watch = Watch()
    asyncio.run(_all(world, watch))
    yield _longest(watch)
    yield _pauses(watch)


def _longest(watch: Watch) -> Table:
    table = Table("Holding the event loop, processor time of single callbacks", "ms")
    by_doing: dict[str, list[Any]] = {}
    for held in watch.held:
        by_doing.setdefault(held.doing, []).append(held)
    for held in sorted(by_doing.values(), key=lambda all_: -max(each.busy for each in all_)):
        worst = max(held, key=lambda each: each.busy)
        note = worst.cause if worst.busy > _MOST / 2 else ""
        busy = [each.busy for each in held]
        table.add(Row(worst.doing, busy, limit=_MOST, of="max", note=note))
    return table


def _pauses(watch: Watch) -> Table:
    table = Table("Pauses of the garbage collector", "ms")
    for generation in sorted({generation for generation, _ in watch.pauses}):
        values = [taken for which, taken in watch.pauses if which == generation]
        table.add(Row(f"generation {generation}", values, limit=_MOST, of="max"))
    return table


async def _all(world: World, watch: Watch) -> None:
    with watch.watching():
        for name, size in _SCRIPTS[:1] if world.small else _SCRIPTS:
            script, hindi = script_of(size), script_of(size, words=HINDI)
            await _script(world, watch, f"script of {name}", script)
            await _script(world, watch, f"script of {name} in Hindi", hindi)
        await _fields(world, watch)
        await _actions(world, watch, 10 if world.small else 50)
        if not world.small:
            await _actions(world, watch, 1_000)
        await _voices(world, watch, 100 if world.small else 10_000)
        if not world.small:
            await _voices(world, watch, 20_000)
        await _drafts(world, watch, 3 if world.small else 1_000)
        if not world.small:
            await _drafts(world, watch, 10_000)


@dataclass(slots=True)
class Hands:
    """Presses keys in an app, each interaction watched under its name."""

    app: WizardApp
    pilot: Person
    watch: Watch
    setting: str
    calm_seconds: float = _CALM_SECONDS

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Watch the callbacks in this block under a name."""
        self.watch.doing = f"{self.setting}: {what}"
        yield
        self.watch.doing = ""

    async def do(self, what: str, keys: Sequence[str], shows: str = "") -> None:
        """Press keys, and wait for a text and until nothing is pending."""
        with self.doing(what):
            for key in keys:
                self.app.post_message(key_event(key))
                await self.calm(shows)

    async def there_and_back(self, deeds: Sequence[tuple[str, str, str, str]]) -> None:
        """Do what a list of keys says."""
        for what, key, shows, back in deeds:
            await self.do(what, [key], shows)
            if back:
                await self.do(f"{what}, and back", [back])

    async def send(self, what: str, message: Any, shows: str = "") -> None:
        """Let something else than a key come."""
        with self.doing(what):
            self.app.post_message(message)
            await self.calm(shows)

    async def calm(self, shows: str = "") -> None:
        """Wait until a text shows, and nothing more has happened for a while."""
        app, end, since = self.app, monotonic() + PATIENCE, monotonic()
        while shows and shows not in screen_text(app):
            await asyncio.sleep(0.02)
            assert app._exception is None, f"the wizard crashed: {app._exception!r}"
            assert monotonic() < end, f"never saw {shows}\n{screen_text(app)}"
        while monotonic() - since < self.calm_seconds and monotonic() < end:
            await asyncio.sleep(0.01)
            since = since if _is_calm(app) else monotonic()


@asynccontextmanager
async def _at(
    world: World,
    watch: Watch,
    setting: str,
    *drafts: Draft,
    address: str = SANDBOX,
    welcome: bool = False,
) -> AsyncIterator[Hands]:
    """The wizard as it is started: at the first of the drafts, or at the list of them."""
    home = world.home(*drafts)
    session = Session(home, open_store(home))
    if not welcome:
        session.open(drafts[0].id)
    store = SandboxStore(session)
    settings = Settings(Target(address), SecretStr("benchmark"), home)
    client = connect(settings, sandbox_store=store)
    app = WizardApp(session, settings, lambda _: client, welcome=welcome, sandbox_store=store)
    app.animation_level = "none"
    app._display = _drawing(app)  # type: ignore[method-assign]
    thresholds = gc.get_threshold()
    gc.collect()  # frees the objects of the app before
    gc.disable()  # as the command does; the app lets it work again
    watch.doing = f"{setting}: start"
    try:
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            hands = Hands(app, pilot, watch, setting, 0.02 if world.small else _CALM_SECONDS)
            await hands.calm()
            watch.doing = ""
            yield hands
    finally:
        watch.doing = ""
        await client.aclose()
        session.close()
        # The next one is to find as little as a new process has.
        gc.enable()
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        gc.collect()


def _drawing(app: App[Any]) -> Any:
    """Render updates, which Textual skips without a terminal."""

    def display(_: Any, drawn: Any) -> None:
        if isinstance(drawn, CompositorUpdate):
            drawn.render_segments(app.console)

    return display


def _is_calm(app: App[Any]) -> bool:
    """Whether no message is under way and nothing waits to be drawn."""
    if any(pump.message_queue_size or pump._next_callbacks for pump in (app, *app._registry)):
        return False
    screen = app.screen
    waiting = (screen._layout_required, screen._scroll_required, screen._repaint_required)
    return not (any(waiting) or screen._dirty_widgets or screen._callbacks)


async def _script(world: World, watch: Watch, setting: str, script: str) -> None:
    """Everything that can be done at a script."""
    other = draft_with(script, name="Other")
    async with _at(world, watch, setting, draft_with(script), other) as hands:
        await hands.there_and_back(_ROUND)
        await hands.send("going to the script", FieldRequested(("script",)))
        lines = "\n".join(script_of(60) for _ in range(50 if world.small else 5_000))
        await hands.send("paste of 5,000 lines", Paste(lines))
        await hands.do("undo of the paste", ["ctrl+z"])
        await hands.do("editor", ["f6"], "Line ")
        await hands.there_and_back(_EDITOR)
        await _replace(hands)
        await hands.do("editor closed", ["escape"])
        await _compare(hands)
        await _resize(hands)
        await _palette(hands)
        await _submit(hands)


async def _replace(hands: Hands) -> None:
    await hands.do("search in the editor", ["ctrl+f"], "Find")
    await hands.do("another key of the search in the editor", ["a"], " of ")
    await hands.do("what to put in its place", ["tab", "b", "tab"])
    await hands.do("all of it replaced", ["enter"], "replaced")
    await hands.do("undo of what was replaced", ["ctrl+z"])
    await hands.do("search closed", ["escape"])


async def _compare(hands: Hands) -> None:
    with hands.doing("compare"):
        await hands.app.run_action("compare")
        await hands.calm()
    await hands.do("compare with another draft", ["enter"])
    await hands.do("compare closed", ["escape"])


async def _resize(hands: Hands) -> None:
    for width, height in ((80, 24), (40, 12), SIZE):
        with hands.doing(f"resize to {width}x{height}"):
            await hands.pilot.resize_terminal(width, height)
            await hands.calm()


async def _palette(hands: Hands) -> None:
    await hands.do("palette opened", ["ctrl+p"])
    await hands.do("a key in the palette", list("undo"))
    await hands.do("palette closed", ["escape"])


async def _submit(hands: Hands) -> None:
    await hands.do("preview", ["f9"], "Submit")
    await hands.do("copy", ["c"])
    await hands.do("submit asked", ["ctrl+s"], "Create this assistant")
    await hands.do("submit", ["y"], "Created")
    await hands.do("outcome closed", ["escape"])


async def _fields(world: World, watch: Watch) -> None:
    """Every step there and back, twice; and each kind of field once."""
    draft = draft_with(script_of(1_000), actions=[meeting()])
    draft.step, draft.focus = Step.TYPE, ()
    async with _at(world, watch, "steps", draft) as hands:
        for time in ("first",) if world.small else ("first", "second"):
            for step in STEPS[1:]:
                await hands.do(f"to {step.label}, {time} time", ["ctrl+n"], step.about[:12])
            for step in reversed(STEPS[:-1]):
                await hands.do(f"back to {step.label}, {time} time", ["escape"], step.about[:12])
        for path, kind, keys in _kinds_of_fields(hands.app):
            await hands.send(f"going to {'.'.join(map(str, path))}", FieldRequested(path))
            await hands.do(f"answering a {kind}", keys)
        with hands.doing("other colours"):
            hands.app.choose_theme(LIGHT.name)
            await hands.calm()


def _kinds_of_fields(app: WizardApp) -> Iterator[tuple[Path, str, Sequence[str]]]:
    """A field of each kind that is asked, with keys that answer it."""
    keys = {
        "SwitchControl": ["space", "n", "y"],
        "RadioControl": ["right", "left"],
        "CheckboxControl": ["right", "space"],
        "SelectControl": ["enter", "down", "enter"],
    }
    found: dict[str, QuestionRow] = {}
    for row in app.screen.query(QuestionRow):
        if row.display and row.is_attached:
            found.setdefault(type(row.control).__name__ + row.question.kind, row)
    for row in found.values():
        kind = type(row.control).__name__
        yield row.path, f"{kind}, {row.question.kind}", keys.get(kind, ["x", "y", "backspace"])


async def _actions(world: World, watch: Watch, count: int) -> None:
    actions = [{**meeting(), "name": f"Meeting {number}"} for number in range(count)]
    draft = draft_with(script_of(1_000), actions=actions)
    draft.step, draft.focus = Step.ACTIONS, ("actions",)
    other = draft_with(script_of(1_000), actions=actions[::2], name="Other")
    async with _at(world, watch, f"{count:,} actions", draft, other) as hands:
        await hands.there_and_back(_ACTIONS)
        await _compare(hands)
        await _resize(hands)
        await _palette(hands)
        await _submit(hands)
        await hands.there_and_back(_SENT)
        await hands.do("the step before", ["escape"])
        await hands.do("the step again", ["ctrl+n"])


async def _voices(world: World, watch: Watch, count: int) -> None:
    draft = draft_with(script_of(1_000))
    without_voice(draft)
    draft.step, draft.focus = Step.TYPE, ()
    with serving(count) as address:
        async with _at(world, watch, f"{count:,} voices", draft, address=address) as hands:
            await hands.do("to Language, the catalogue comes", ["ctrl+n"], "What it speaks")
            await hands.do("to Voice", ["ctrl+n"], f"of {count:,} voices")
            await hands.do("a key in the search", [*"indian", *["backspace"] * 6])
            await hands.do("all languages", ["tab", "enter", "home", "enter"])
            await hands.do("into the list", ["down"])
            await hands.do("Down", ["down"])
            await hands.do("Page down", ["pagedown"])
            await hands.do("End", ["end"])
            await hands.do("choose", ["enter"])


async def _drafts(world: World, watch: Watch, count: int) -> None:
    drafts = [draft_with(script_of(1_000), name=f"Draft {n}") for n in range(count)]
    async with _at(world, watch, f"{count:,} drafts", *drafts, welcome=True) as hands:
        await hands.do("Down", ["down", "down"])
        await hands.do("a key in the search", [*"draft", *["backspace"] * 5])
        await hands.do("opened", ["enter"], "Script")
        await hands.do("palette", ["ctrl+p"])
        await hands.do("a key in the palette", list("undo"))
