"""A person at the wizard: opens it, presses keys, types, pastes, and looks at the screen.

The one place where tests build the app is `make_app`; everything else here needs no more of it
than a person does, and waits for what it did to show instead of for time to pass.
"""

import asyncio
import gc
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path as FilePath
from time import monotonic
from typing import Any, TypeAlias

import httpx
from textual import events
from textual._context import visible_screen_stack
from textual.app import App
from textual.command import CommandPalette
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, TextArea
from textual.widgets._toast import Toast

from screens.app import WizardApp
from screens.dialogs.menu import Menu
from screens.form.actions import ActionRows, ActionScreen
from screens.form.choice_controls import CheckboxControl, RadioControl, SelectControl, SwitchControl
from screens.form.group_line import GroupLine
from screens.form.row import QuestionRow
from screens.form.steps_screen import StepsScreen
from screens.form.voice_list import VoiceLine, VoiceList
from screens.form.voice_picker import VoicePicker
from screens.payload.preview import PreviewScreen
from screens.widgets.json_view import JsonView
from screens.widgets.virtual_list import VirtualList
from wizard.api.client import Client
from wizard.api.http_client import LIMITS, Limits
from wizard.contract import validation
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.contract.steps import STEPS, FieldGroup, Step
from wizard.draft.draft import Draft
from wizard.draft.field_groups import group_of
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr
from wizard.settings import SANDBOX, Settings, Target
from wizard.storage.session import Session
from wizard.storage.store import open_store

Person: TypeAlias = Pilot[Any]

PATIENCE = 20.0
"""Seconds that are waited for anything at all: the machine may be busy with other things."""

STANDARD = (80, 24)
_ENDED = count(1)


# --- opening the wizard


def make_client(
    store: MemoryStore | None = None, *, limits: Limits = LIMITS, **sandbox_options: Any
) -> Client:
    """A client on its own sandbox, inside the process; `store` gets created assistants."""
    served = sandbox_app.build(validation.find_errors, store=store, **sandbox_options)
    return client_over(httpx.ASGITransport(app=served), limits=limits)


def client_over(transport: httpx.AsyncBaseTransport, *, limits: Limits = LIMITS) -> Client:
    """A client whose requests go to a transport of the test's."""
    names = [question.name for question in QUESTIONS]
    key = SecretStr("sandbox")
    return Client(SANDBOX, key, transport=transport, limits=limits, fields=names)


def make_app(
    draft: Draft | None = None,
    client: Client | None = None,
    target: Target | None = None,
    *,
    store: MemoryStore | None = None,
    home: FilePath | None = None,
    held: bool = False,
    notices: Sequence[str] = (),
) -> WizardApp:
    """The wizard as the command line would build it, on a sandbox that ends with the test."""
    session = Session(home, open_store(home)) if home else Session.in_memory()
    session.begin(draft)
    return WizardApp(
        session,
        Settings(target or Target(SANDBOX), SecretStr("sandbox"), FilePath("."), sandbox_only=held),
        lambda _: client or make_client(store),
        sandbox_store=store,
        notices=notices,
    )


@asynccontextmanager
async def opened(
    draft: Draft | None = None,
    *,
    size: tuple[int, int] = STANDARD,
    step: str = "type",
    theme: str | None = None,
    **app_options: Any,
) -> AsyncIterator[Person]:
    """The wizard, opened in a terminal of a size, at a step, ready for the first key."""
    draft = draft or Draft()
    draft.step = Step(step)
    app = make_app(draft, **app_options)
    app.animation_level = "none"
    if theme:
        app.theme = theme
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for(pilot, lambda: at_step(app, step) and app.focused is not None)
        await settle(pilot)
        yield pilot
    app.session.close()
    _collect_ended_apps()


def _collect_ended_apps() -> None:
    """Collect ended apps if all run in one process: each start freezes all objects there are.

    It takes seconds, so none of several workers, which run fewer apps each, does it. What is left
    is frozen again, or every later collection would go through all of it.
    """
    if next(_ENDED) % 300 == 0:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def voice(voice_id: str, name: str, **more: Any) -> dict[str, Any]:
    """A voice object as a catalogue has it."""
    labels = {"language": "en", "language_name": "English", "gender": "female", "accent": "indian"}
    return {"voice_id": voice_id, "name": name, "labels": labels | more.pop("labels", {}), **more}


# --- waiting


async def wait_for(
    pilot: Person, condition: Callable[[], Any], timeout: float = PATIENCE, what: str = ""
) -> Any:
    """Wait until a condition holds and return its value; if it never does, show the screen."""
    end = monotonic() + timeout
    while not (value := condition()):
        if monotonic() > end:
            awaited = what or "what was waited for"
            raise AssertionError(f"{awaited} did not come in {timeout} s\n{screen_text(pilot.app)}")
        await settle(pilot)
        await asyncio.sleep(0.01)
    return value


async def settle(pilot: Person) -> None:
    """Wait until all that was pressed has been taken in, and the screen shows it.

    `Pilot.pause` does the same by asking every widget, which takes ten times as long.
    """
    app, calm, end = pilot.app, 0, monotonic() + PATIENCE
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    # An app that was quit takes no more messages.
    while monotonic() < end and not app._exit:
        if app._exception:
            raise AssertionError(f"the wizard crashed: {app._exception!r}") from app._exception
        await asyncio.sleep(0)
        calm = 0 if ready else calm + 1
        if calm == _CALM_ROUNDS:
            if _is_calm(app):
                return
            calm = 0
            # What is still to come is due later, or made by a thread, which gets the processor.
            await asyncio.sleep(0.001)


# Rounds of the event loop in which nothing else runs, before every widget is asked for messages:
# to ask them in every round took a tenth of the time of a test.
_CALM_ROUNDS = 4


def _is_calm(app: App[Any]) -> bool:
    """Whether no message is under way and the screen is drawn; what waits to be drawn is.

    What a payload is compared with is waited for: it is found in a thread.
    """
    if any(worker.group == "compare" and not worker.is_finished for worker in app.workers):
        return False
    if any(pump.message_queue_size or pump._next_callbacks for pump in (app, *app._registry)):
        return False
    screen = app.screen
    waiting = (screen._layout_required, screen._scroll_required, screen._repaint_required)
    if any(waiting) or screen._dirty_widgets or screen._callbacks:
        screen._on_timer_update()
        return False
    return True


async def wait_for_text(pilot: Person, text: str, timeout: float = PATIENCE) -> None:
    """Wait until a text is on the screen."""
    await wait_for(pilot, lambda: text in screen_text(pilot.app), timeout, f"the text {text!r}")


async def wait_for_screen(pilot: Person, kind: type) -> Any:
    """Wait until a screen of a kind is on top and has the focus somewhere; return it."""
    app = pilot.app
    await wait_for(pilot, lambda: isinstance(app.screen, kind), what=f"the {kind.__name__}")
    await settle(pilot)
    return app.screen


# --- pressing keys


def key_event(name: str) -> events.Key:
    """The event of a key by its name; a single character is the key that types it."""
    if len(name) > 1:
        return events.Key(name, {"space": " ", "enter": "\r", "tab": "\t"}.get(name))
    return events.Key(_character_to_key(name), name)


async def press(pilot: Person, *names: str) -> None:
    """Press keys one after another, each when the one before has been taken in."""
    for name in names:
        pilot.app.post_message(key_event(name))
        await settle(pilot)


def burst(pilot: Person, *names: str) -> None:
    """Press keys faster than anything can react."""
    for name in names:
        pilot.app.post_message(key_event(name))


async def type_text(pilot: Person, text: str) -> None:
    """Type a text key by key; a line end is the Enter key."""
    burst(pilot, *("enter" if character == "\n" else character for character in text))
    await settle(pilot)


async def paste(pilot: Person, text: str) -> None:
    """Paste a text, as a terminal hands it over."""
    pilot.app.post_message(events.Paste(text))
    await settle(pilot)


def click_events(widget: Widget, at: tuple[int, int] | None = None) -> list[events.MouseEvent]:
    """The events of a click in the middle of a widget, or at a column and a row of it."""
    left, top = at or (widget.region.width // 2, widget.region.height // 2)
    x, y = widget.region.x + left, widget.region.y + top
    options: dict[str, Any] = {"widget": None, "x": x, "y": y, "delta_x": 0, "delta_y": 0}
    options |= {"button": 1, "shift": False, "meta": False, "ctrl": False}
    options |= {"screen_x": x, "screen_y": y, "style": None}
    return [events.MouseDown(**options), events.MouseUp(**options)]


async def click(pilot: Person, widget: Widget, at: tuple[int, int] | None = None) -> None:
    """Click in the middle of a widget, or at a place on it.

    A button takes no click while it still shows the last.
    """
    await wait_for(pilot, lambda: not widget.has_class("-active"))
    for event in click_events(widget, at):
        pilot.app.post_message(event)
    await settle(pilot)


# --- going about


def at_step(app: Any, step: str) -> bool:
    """Whether a step is shown."""
    return isinstance(app.screen, StepsScreen) and app.screen.step == step


async def go_to(pilot: Person, step: str) -> None:
    """Go to a step by the list of steps, by keys alone."""
    app = pilot.app
    if at_step(app, step):
        return
    await press(pilot, "f2")
    await wait_for_screen(pilot, Menu)
    await choose_option(pilot, STEPS.index(Step(step)))
    await wait_for(pilot, lambda: at_step(app, step) and app.focused, what=f"the step {step}")
    await settle(pilot)


async def go_to_preview(pilot: Person) -> Any:
    """Open the preview."""
    await press(pilot, "f9")
    return await wait_for_screen(pilot, PreviewScreen)


async def choose_option(pilot: Person, index: int) -> None:
    """Go to an option of the list in focus by the arrow keys, and take it."""
    listed = pilot.app.screen.query_one("OptionList, VirtualList")
    while (at := _place(listed)) != index:
        await press(pilot, "down" if at < index else "up")
        await wait_for(pilot, lambda at=at: _place(listed) != at)
    await press(pilot, "enter")


def _place(listed: Widget) -> int:
    assert isinstance(listed, OptionList | VirtualList)
    return listed.cursor if isinstance(listed, VirtualList) else listed.highlighted or 0


async def walk_to(pilot: Person, widget: Widget) -> None:
    """Go to a control as people do: by Tab, or by Shift+Tab if that is shorter.

    A folded group that it is in is opened on the way.
    """
    app = pilot.app
    if (line := folded_line(widget)) and line in app.screen.focus_chain:
        await walk_to(pilot, line)
        await press(pilot, "enter")
    for _ in range(80):
        if app.focused is widget:
            return
        before, chain = app.focused, app.screen.focus_chain
        assert widget in chain, f"Tab never comes to {widget}\n{screen_text(app)}"
        ahead = (chain.index(widget) - chain.index(before)) % len(chain) if before in chain else 0
        await press(pilot, "tab" if ahead <= len(chain) / 2 else "shift+tab")
        await wait_for(pilot, lambda before=before: app.focused is not before, what="a new focus")
    raise AssertionError(f"Tab never comes to {widget}\n{screen_text(app)}")


def folded_line(widget: Widget) -> GroupLine | None:
    """The line of the folded group that a control is in."""
    found = next((above for above in widget.ancestors if isinstance(above, QuestionRow)), None)
    if found is None or found.display or not (group := group_of(found.path)):
        return None
    return group_line(widget.app, group)


def group_line(app: Any, group: FieldGroup) -> GroupLine:
    """The line of a group of fields."""
    return next(line for line in app.screen.query(GroupLine) if line.group is group)


async def show_all_fields(pilot: Person, which: str = "all") -> None:
    """Open all groups of fields by the palette, or with `essential` fold them."""
    await press(pilot, "ctrl+p")
    palette = await wait_for_screen(pilot, CommandPalette)
    await type_text(pilot, f"show {which} fields")
    listed = palette.query_one(OptionList)
    await wait_for(pilot, lambda: listed.option_count and listed.display, what="the entry")
    await settle(pilot)
    await press(pilot, "enter")
    await wait_for_screen(pilot, StepsScreen)
    await wait_for_text(pilot, "fields are shown")


# --- answering


def row(app: Any, path: Path | str) -> QuestionRow:
    """The row of a field; the answer of a group's field is written `group__field`."""
    wanted = tuple(path.split("__")) if isinstance(path, str) else path
    rows = [r for r in app.screen.query(QuestionRow) if r.path[-len(wanted) :] == wanted]
    if isinstance(app.screen, StepsScreen):
        rows = [r for r in rows if r.path == wanted]
    assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
    return rows[0]


def shown_rows(app: Any, step: str | None = None) -> set[str]:
    """The fields that are shown now, by name: `name`, `sentiment.general_prompt`."""
    within = app.screen.query_one(f"#step-{step}") if step else app.screen
    return {".".join(str(part) for part in r.path) for r in within.query(QuestionRow) if r.display}


def hint(app: Any, path: Path | str) -> str:
    """The line under a field: help, or its error."""
    return row(app, path).message


def text_of(app: Any, path: Path | str) -> str:
    """The text that a field shows."""
    control = row(app, path).control
    assert isinstance(control, TextArea | Input)
    return control.text if isinstance(control, TextArea) else control.value


async def answer(pilot: Person, **answers: Any) -> None:
    """Answer fields the way a person does: go to each by Tab, and type or choose by keys.

    `None` takes an answer back. In the form of an action the names are those of the action.
    """
    for name, value in answers.items():
        path: Path = tuple(name.split("__"))
        if isinstance(pilot.app.screen, StepsScreen):
            question = find(QUESTIONS, path)
            assert question, name
            await go_to(pilot, str(question.step))
            if question.meta.from_voice:
                await enter_voice_by_hand(pilot)
        found = row(pilot.app, path)
        await walk_to(pilot, found.control)
        await _give(pilot, found.control, value)
        await wait_for(pilot, lambda f=found, v=value: _is_given(f, v), what=f"{name}={value!r}")


def _is_given(found: QuestionRow, value: Any) -> bool:
    given = found.control.answer
    return given is MISSING if value is None else bool(given == value)


async def _give(pilot: Person, control: Widget, value: Any) -> None:
    match control:
        case SwitchControl():
            await press(pilot, "delete" if value is None else "y" if value else "n")
        case RadioControl():
            await _step_to(pilot, control, value)
        case SelectControl():
            await _pick(pilot, control, value)
        case CheckboxControl():
            await _mark(pilot, control, value)
        case Input():
            await press(pilot, "end", "ctrl+u")
            await type_text(pilot, value or "")
        case TextArea():
            await press(pilot, "alt+a", "delete")
            text = value if isinstance(value, str) else "" if value is None else control_text(value)
            await type_text(pilot, text)
        case _:
            raise AssertionError(f"nobody knows how to answer {control}")


def control_text(value: Any) -> str:
    """A number, a list of texts or an object as a person types it."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return dump(value)


async def _step_to(pilot: Person, control: RadioControl, value: Any) -> None:
    for _ in range(len(control.values) + 1):
        if control.answer == value:
            return
        await press(pilot, "right")
    raise AssertionError(f"the arrow keys never come to {value!r}")


async def _pick(pilot: Person, control: SelectControl, value: Any) -> None:
    await press(pilot, "enter")
    await wait_for_screen(pilot, Menu)
    await choose_option(pilot, [*control.question.options].index(value))
    await wait_for(pilot, lambda: not list_is_open(pilot.app))


async def _mark(pilot: Person, control: CheckboxControl, value: Any) -> None:
    wanted = value.split(",") if isinstance(value, str) else value or []
    for index, option in enumerate(control.values):
        while control.cursor != index:
            await press(pilot, "right")
        if control.is_marked(option) != (option in wanted):
            await press(pilot, "space")


async def choose_voice(pilot: Person, text: str) -> None:
    """Search the catalogue for words and take the first voice that is found."""
    app = pilot.app
    await go_to(pilot, "voice")
    found = app.screen.query_one(VoiceList)
    await wait_for(pilot, lambda: found.voices, what="the catalogue")
    line = app.screen.query_one(VoiceLine)
    if line.display:
        await walk_to(pilot, line)
        await press(pilot, "enter")
    await walk_to(pilot, app.screen.query_one("#voice-text"))
    await type_text(pilot, text)
    chosen = found.voices[0]
    await press(pilot, "enter")
    await wait_for(pilot, lambda: app.draft.get(("voice_id",)) == chosen.voice_id)
    await settle(pilot)


async def enter_voice_by_hand(pilot: Person) -> None:
    """Ask for the fields of a voice, which are hidden until then."""
    picker = pilot.app.screen.query_one(VoicePicker)
    if picker.form.display:
        return
    if not button(pilot.app, "voice-by-hand").display:
        await walk_to(pilot, button(pilot.app, "voice-more"))
        await press(pilot, "enter")
    await walk_to(pilot, button(pilot.app, "voice-by-hand"))
    await press(pilot, "enter")
    await wait_for(pilot, lambda: picker.form.display)


async def add_action(pilot: Person, kind: str) -> ActionScreen:
    """Add an action of a type; its form is open then."""
    await go_to(pilot, "actions")
    await walk_to(pilot, pilot.app.screen.query_one("#action-add"))
    await press(pilot, "enter")
    await wait_for_screen(pilot, Menu)
    await choose_option(pilot, ["scheduleMeeting", "sendMessage"].index(kind))
    form: ActionScreen = await wait_for_screen(pilot, ActionScreen)
    return form


async def close(pilot: Person) -> None:
    """Close the screen over the steps, by Esc."""
    before = pilot.app.screen
    await press(pilot, "escape")
    await wait_for(pilot, lambda: pilot.app.screen is not before, what="the screen below")
    await settle(pilot)


def action_list(app: Any) -> ActionRows:
    """The list of actions."""
    listed: ActionRows = app.screen.query_one(ActionRows)
    return listed


# --- looking


def screen_strips(app: Any) -> list[Strip]:
    """The lines of the screen as drawn.

    A dialog takes the page behind it from the variable, and keeps an empty one if there is none.
    """
    visible_screen_stack.set(app._background_screens)
    strips: list[Strip] = app.screen._compositor.render_strips()
    return strips


def screen_lines(app: Any) -> list[str]:
    """What a person reads on the screen, line by line."""
    return [strip.text.rstrip() for strip in screen_strips(app)]


def json_text(view: JsonView) -> str:
    """The text of a view of JSON."""
    return "\n".join(line.text for line in view._lines)


def screen_text(app: Any) -> str:
    """What a person reads on the screen."""
    return "\n".join(screen_lines(app))


def flowing_text(app: Any) -> str:
    """What a person reads on the screen, without the line ends that come of its width."""
    return " ".join(screen_text(app).split())


def line_of(app: Any, widget: Widget, index: int = 0) -> str:
    """A line of a widget as drawn, by default the first."""
    region = widget.region
    return screen_lines(app)[region.y : region.bottom][index][region.x : region.right].strip()


def control_characters(app: Any) -> set[str]:
    """The control characters and surrogates on the screen."""
    return {c for c in screen_text(app) if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")}


def in_sight(app: Any, widget: Widget) -> bool:
    """Whether the whole of a widget is on the screen, with nothing over it."""
    geometry = app.screen.find_widget(widget)
    region = geometry.region
    if not region or geometry.visible_region != region or region not in app.screen.region:
        return False
    corners = ((region.x, region.y), (region.right - 1, region.bottom - 1))
    return all(_belongs(app.screen.get_widget_at(*corner)[0], widget) for corner in corners)


def _belongs(found: Widget, widget: Widget) -> bool:
    return found is widget or widget in found.ancestors


def toasts(app: Any) -> str:
    """What the little notes at the edge of the screen say."""
    return " ".join(str(toast.render()) for toast in app.screen.query(Toast))


def button(app: Any, id: str) -> Button:  # noqa: A002 - Textual's name
    """A button by its id."""
    found: Button = app.screen.query_one(f"#{id}", Button)
    return found


def list_is_open(app: Any) -> bool:
    """Whether a list is open under its field."""
    return isinstance(app.screen, Menu) and app.screen.has_class("-under")


def imported(payload: Mapping[str, Any]) -> Draft:
    """A draft of an existing payload."""
    return Draft.imported(payload)
