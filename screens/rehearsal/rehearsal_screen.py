"""The screen of a rehearsed call: the transcript, a line for the caller, the state of the call."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input
from textual.worker import Worker

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import ask_and_write
from screens.pages.text_page import TextPage
from screens.rehearsal.ask_caller import ask_caller
from screens.rehearsal.call_runner import CallRunner
from screens.rehearsal.call_status import CallStatus, State
from screens.rehearsal.open_call import CallOpener, NoCall
from screens.rehearsal.prompt_screen import CallPromptScreen
from screens.rehearsal.transcript import Transcript
from screens.widgets.inputs import LineInput, relabel
from wizard.draft.draft import Draft
from wizard.errors import StoreTrouble
from wizard.formats.paths import Path
from wizard.rehearsal.call import Call
from wizard.rehearsal.call_record import CallRecord, Line, LineKind
from wizard.rehearsal.events import Event
from wizard.rehearsal.plan import plan_of
from wizard.storage.session import Session

# What can be done, in the words of the list and of the buttons.
_MENU = {
    "begin": "New call",
    "caller_speaks": "Let the caller speak",
    "go_on": "Let both go on",
    "answer": "Have the assistant answer once more",
    "nobody_answers": "Nobody answers",
    "hang_up": "Hang up",
    "choose_caller": "Choose the caller",
    "replay": "Replay the caller's lines with the script as it is now",
    "prompt": "Show the prompt",
    "save": "Save as scenario",
    "app.editor": "Change the script",
    "app.external_editor": "Change the script in an external editor",
    "app.model": "Set up a model",
}
_BUTTONS = {
    "choose_caller": "Caller",
    "nobody_answers": "Nobody answers",
    "hang_up": "Hang up",
    "answer": "Retry",
    "prompt": "Prompt",
    "save": "Save as scenario",
    "app.model": "Model",
}
_TYPE = "Type what the caller says, and press Enter."
_ADVICE = "Set up a model (F2) changes the address, the model and the key."
_REPLAY = "The script was changed. Ctrl+R plays the caller's lines again with it."
_BEGIN = "The script was changed. F7 begins a call with it."
_NO_CALL = "There is no call. F7 begins a new one."
_NO_MODEL = "There is no call without a model. F2 sets one up."


class RehearsalScreen(TextPage[None]):
    """Holds one call at a time with the draft as it is. The last call is kept with the draft.

    `path` is the text that the editors change.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="call.back"),
        Binding("f2", "menu", "More", id="call.menu", priority=True),
        Binding("f5", "caller_speaks", "Caller speaks", id="call.caller", priority=True),
        Binding("f8", "go_on", "Both go on", id="call.go-on", priority=True),
        Binding("f7", "begin", "New call", id="call.begin", priority=True),
        Binding("f6", "app.editor", "Script", id="call.editor", priority=True),
        Binding("ctrl+r", "replay", "Replay", id="call.replay", priority=True),
        Binding("f3", "choose_caller", "Caller", show=False, id="call.choose", priority=True),
        Binding(
            "f4",
            "app.external_editor",
            "External editor",
            show=False,
            id="call.external",
            priority=True,
        ),
        Binding("f9", "app.preview", "Preview", show=False, id="call.preview", priority=True),
        Binding("ctrl+z", "undo", "Undo", show=False, id="call.undo", priority=True),
        Binding("ctrl+y", "redo", "Redo", show=False, id="call.redo", priority=True),
        Binding("pageup", "scroll(-1)", "Earlier", show=False, id="call.earlier"),
        Binding("pagedown", "scroll(1)", "Later", show=False, id="call.later"),
    ]
    AUTO_FOCUS = "#call-line"

    def __init__(self, draft: Draft, session: Session, opener: CallOpener) -> None:
        super().__init__()
        self._session = session
        self._opener = opener
        self.path = ("script",)
        self._draft = draft
        self._script = draft.get(self.path)
        self._transcript = Transcript()
        self._status = CallStatus()
        self._line = LineInput(compact=True, id="call-line")
        self._runner = CallRunner(
            CallRecord(plan_of(draft).limit), self._transcript, self._show_state
        )
        # The last call in which somebody spoke.
        self._last = self._runner.record
        # Whether no model is set or answers, and whether one is set.
        self._needs_model, self._has_model = False, True
        self._working: Worker[None] | None = None

    def contents(self) -> ComposeResult:
        """Transcript and state, the caller's line, buttons."""
        with Vertical(id="call"):
            with Horizontal(id="call-sides"):
                yield self._transcript
                yield self._status
            yield self._line
            with Horizontal(classes="buttons", id="call-buttons"):
                for action, label in _BUTTONS.items():
                    name = action.replace("app.", "")
                    yield Button(label, id=f"call-{name}", name=action, compact=True)

    def on_mount(self) -> None:
        """Show the last call, or begin one."""
        kept = None
        with suppress(StoreTrouble):  # the session reports it
            kept = CallRecord.from_json(self._session.kept_call(self._draft.id) or "")
        if kept is None:
            self.action_begin()
            return
        self._runner.record = self._last = kept
        self._transcript.show([*kept.lines, Line(LineKind.NOTE, "This is the last call.")])
        self._show_offers()

    async def on_unmount(self) -> None:
        """Keep the call as far as it went, and close the connections."""
        if self._is_working:
            self._keep()
        await self._opener.aclose()

    def update_from(self, draft: Draft) -> None:
        """Take the draft as it is now; the call that goes on keeps its own script."""
        self._draft = draft
        if self._script != (script := draft.get(self.path)):
            self._script = script
            if not self._has_model:
                self.action_begin()  # shows what is said now
                return
            self.notify(_REPLAY if self._last.caller_lines else _BEGIN, timeout=4)
        self._show_offers()

    # --- the state

    @property
    def _is_working(self) -> bool:
        """Whether something goes on."""
        return self._working is not None and not self._working.is_finished

    def _show_state(self) -> None:
        """Show the clock and who speaks."""
        runner = self._runner
        now = runner.now or ("Waiting for the model" if self._is_working else runner.turn)
        caller = runner.caller.title if runner.caller else "You"
        self._status.state = State(runner.record, now, caller, self._opener.model)

    def _show_offers(self) -> None:
        """Show what can be done now; not during an answer, which this would delay."""
        self._show_state()
        self._line.placeholder = _TYPE if self._runner.is_on else self._no_call
        for button in self.query("#call-buttons Button").results(Button):
            button.display = self._is_possible(str(button.name))
        self.set_class(self._needs_model, "-needs-model")
        model = self.query_one("#call-model", Button)
        model.variant = "primary" if self._needs_model else "default"
        relabel(model, _MENU["app.model"] if self._needs_model else "Model")
        self.refresh_bindings()

    @property
    def _no_call(self) -> str:
        return _NO_CALL if self._has_model else _NO_MODEL

    @property
    def _shown(self) -> CallRecord:
        """The call that is shown."""
        return self._runner.record if self._runner.call else self._last

    def _is_possible(self, action: str) -> bool:
        """Whether an action can be done now."""
        call, is_idle = self._runner.call, not self._is_working
        is_waiting = self._runner.is_on and is_idle
        possible = {
            "caller_speaks": is_waiting,
            "go_on": is_waiting,
            "hang_up": is_waiting,
            "nobody_answers": is_waiting and call is not None and not call.turns,
            "answer": is_waiting and self._runner.has_failed,
            "begin": self._has_model,
            "replay": self._has_model and is_idle and bool(self._last.caller_lines),
            "save": is_idle and self._shown.as_scenario(None, {}) is not None,
            "prompt": call is not None,
            "choose_caller": not self._needs_model,
        }
        return possible.get(action, True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show keys that do nothing now in grey, and none that do nothing without a model."""
        if action in _MENU and not self._is_possible(action):
            return None if self._has_model else False
        return True

    # --- what is done in a call

    def action_begin(self) -> None:
        """Begin a new call with the draft as it is now."""
        if not self._is_working:
            self._working = self._begin()

    @work(group="call")
    async def _begin(self) -> None:
        async with self._work():
            await self._open()
            self._transcript.show(self._runner.record.lines)
            await self._runner.begin()

    async def _open(self) -> None:
        """Make a new call, or raise NoCall."""
        self._runner.open(*await self._opener.open(self._draft, self._runner.caller))
        self._runner.advice = "" if self._opener.settings.is_fixed else _ADVICE
        self._needs_model, self._has_model = False, True
        self._show_offers()
        self._line.focus()

    def _show_instead(self, reason: NoCall) -> None:
        """Show why there is no call."""
        self._runner.call = None
        self._needs_model, self._has_model = reason.needs_model, reason.has_model
        self._transcript.show(reason.lines, at_top=True)
        self._show_offers()
        if self._needs_model:
            self.query_one("#call-model", Button).focus()

    def _do(self, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        """Have something happen in the call, and show it."""
        if self._runner.is_on and not self._is_working:
            self._working = self._run(begin)

    @work(group="call")
    async def _run(self, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        async with self._work():
            await self._runner.go_on(begin)

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[None]:
        """Show that something goes on, and keep the call when it is over."""
        self._show_state()
        try:
            yield
        except NoCall as reason:
            self._show_instead(reason)
        finally:
            self._working = None
            self._keep()
            if self.is_attached:
                self._runner.rest()
                self._show_offers()

    def _keep(self) -> None:
        """Keep the call with the draft, in place of the one before, once somebody spoke in it."""
        record = self._runner.kept
        if record.caller_lines or record.ended_by:
            self._last = record
            with suppress(StoreTrouble):  # the session reports it
                self._session.keep_call(self._draft.id, record.as_json())

    # --- keys

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Say the line as the caller; it interrupts the assistant."""
        event.stop()
        text = event.value.strip()
        if not text:
            return
        if not self._runner.is_on and not self._is_working:
            self.notify(self._no_call)
            return
        self._line.clear()
        if self._is_working:
            self._runner.interrupt(text)
        else:
            self._do(lambda call: call.hear(text))

    def action_leave(self) -> None:
        """Stop what goes on; if nothing does, leave."""
        if not self._is_working:
            self.dismiss(None)
            return
        if not self._runner.stop() and self._working is not None:
            self._working.cancel()

    def action_caller_speaks(self) -> None:
        """Have the model play the caller for one line, which the assistant answers."""
        self._let_speak(Call.caller_speaks)

    def action_go_on(self) -> None:
        """Have both sides go on until the call ends."""
        self._let_speak(Call.go_on)

    @work(group="menu", exclusive=True)
    async def _let_speak(self, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        if self._runner.caller is None:
            await self._ask_caller()
        if self._runner.caller is not None:
            self._do(begin)

    @work(group="menu", exclusive=True)
    async def action_choose_caller(self) -> None:
        """Choose who the caller is."""
        await self._ask_caller()

    async def _ask_caller(self) -> None:
        self._runner.choose(await ask_caller(self.app, self._runner.caller))

    def action_answer(self) -> None:
        """Have the assistant answer once more."""
        self._do(Call.answer)

    def action_hang_up(self) -> None:
        """Hang up as the caller."""
        self._do(Call.hang_up)

    def action_nobody_answers(self) -> None:
        """Play what happens if nobody answers, instead of the call."""
        if self._is_possible("nobody_answers"):
            self._runner.forget_opening()
            self._do(Call.nobody_answers)

    def action_replay(self) -> None:
        """Play the caller's lines against the script as it is now, beside the answers before."""
        if self._is_possible("replay"):
            self._working = self._replay(self._last)

    @work(group="call")
    async def _replay(self, last: CallRecord) -> None:
        async with self._work():
            await self._open()
            self._transcript.compare(last.lines)
            await self._runner.begin(last.caller_lines)

    @work(group="menu", exclusive=True)
    async def action_menu(self) -> None:
        """List everything that can be done now."""
        options = {action: label for action, label in _MENU.items() if self._is_possible(action)}
        chosen = await self.app.push_screen_wait(Menu("Rehearsal", options))
        if chosen:
            await self.run_action(chosen)

    def action_prompt(self) -> None:
        """Show what the model is told."""
        if self._runner.call is not None:
            self.app.push_screen(CallPromptScreen(self._runner.call.prompt))

    @work(group="menu", exclusive=True)
    async def action_save(self) -> None:
        """Ask for a file, and write the call to it as a scenario."""
        values = plan_of(self._draft).values
        scenario = self._shown.as_scenario(self._runner.caller, values)
        if scenario is not None:
            about = "The caller's lines, and what happened as the expectations."
            text = scenario.as_yaml().rstrip("\n")
            await ask_and_write(self.app, "Save as scenario", about, "scenario.yaml", text)

    def action_scroll(self, pages: int) -> None:
        """Scroll the transcript."""
        if pages < 0:
            self._transcript.scroll_page_up(animate=False)
        else:
            self._transcript.scroll_page_down(animate=False)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button."""
        event.stop()
        if not self._needs_model:
            self._line.focus()
        await self.run_action(str(event.button.name))

    # --- the draft

    def show_undone(self, path: Path) -> None:
        """Name what was changed, instead of how to play the call again."""
        self._script = self._draft.get(self.path)
        super().show_undone(path)
