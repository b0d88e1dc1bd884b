"""The screen of a rehearsed call: the transcript, a line for the caller, the state of the call."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input
from textual.worker import Worker

from screens.dialogs.menu import Menu
from screens.flows.export import ask_and_write
from screens.messages import DraftChanged
from screens.rehearsal.ask_caller import ask_caller
from screens.rehearsal.call_status import CallStatus, State
from screens.rehearsal.open_call import CallOpener, NoCall, plan_of
from screens.rehearsal.prompt_screen import CallPromptScreen
from screens.rehearsal.transcript import Transcript
from screens.widgets.inputs import CalmInput, relabel
from screens.widgets.page_frame import Keys, Page, TooSmall, TopLine
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.draft.draft import Draft
from wizard.errors import StoreTrouble
from wizard.formats.paths import Path
from wizard.rehearsal.call import Call, review
from wizard.rehearsal.call_record import CallRecord, Line, LineKind
from wizard.rehearsal.events import Event, Failed, Piece, Speaker
from wizard.rehearsal.model_client import ModelTrouble
from wizard.rehearsal.prompt import Caller

if TYPE_CHECKING:
    from screens.services import FlowApp

_TYPE = "Type what the caller says, and press Enter."
_NO_CALL = "There is no call. F7 begins a new one."
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
    "app.external_editor": "Change the script in your own editor",
    "app.model": "Set up a model",
}
_BUTTONS = {
    "choose_caller": "Caller",
    "nobody_answers": "Nobody answers",
    "hang_up": "Hang up",
    "answer": "Answer again",
    "prompt": "Show the prompt",
    "save": "Save as scenario",
    "app.model": "Model",
}


class RehearsalScreen(Page[None]):
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
            "Own editor",
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
    path: ClassVar[Path] = ("script",)

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._transcript = Transcript()
        self._status = CallStatus()
        self._line = CalmInput(compact=True, id="call-line")
        self._opener = CallOpener(self._app)
        self._call: Call | None = None
        self._record = CallRecord(plan_of(draft).limit)
        self._caller: Caller | None = None
        self._speaking: Speaker | None = None
        self._has_failed = self._is_reviewing = False
        self._needs_model = False
        self._working: Worker[None] | None = None
        # Whether Esc has ended what was going on.
        self._is_stopped = False
        # What was typed while the assistant spoke.
        self._meanwhile: deque[str] = deque()

    def compose(self) -> ComposeResult:
        """Transcript and state, the caller's line, buttons."""
        yield TopLine()
        with Vertical(id="call"):
            with Horizontal(id="call-sides"):
                yield self._transcript
                yield self._status
            yield self._line
            with Horizontal(classes="buttons", id="call-buttons"):
                for action, label in _BUTTONS.items():
                    name = action.replace("app.", "")
                    yield Button(label, id=f"call-{name}", name=action, compact=True)
        yield Keys()
        yield TooSmall()

    def on_mount(self) -> None:
        """Show the last call, or begin one."""
        kept = None
        with suppress(StoreTrouble):  # the session reports it
            kept = CallRecord.from_json(self._app.session.kept_call(self._draft.id) or "")
        if kept is None:
            self.action_begin()
            return
        self._record = kept
        self._transcript.show([*kept.lines, Line(LineKind.NOTE, "This is the last call.")])
        self._show_offers()

    async def on_unmount(self) -> None:
        """Keep the call as far as it went, and close the connections."""
        if self._is_working:
            self._keep()
        await self._opener.aclose()

    @property
    def _app(self) -> FlowApp:
        return cast("FlowApp", self.app)

    def update_from(self, draft: Draft) -> None:
        """Take the draft as it is now; the call that goes on keeps its own script."""
        self._draft = draft
        self._show_offers()

    # --- the state

    @property
    def _is_working(self) -> bool:
        """Whether something goes on."""
        return self._working is not None and not self._working.is_finished

    @property
    def _is_on(self) -> bool:
        return self._call is not None and not self._call.ended

    def _show_state(self) -> None:
        """Show the clock and who speaks."""
        caller = self._caller.title if self._caller else "You"
        self._status.show(State(self._record, self._now(), caller, self._opener.model))

    def _show_offers(self) -> None:
        """Show what can be done now; not during an answer, which this would delay."""
        self._show_state()
        self._line.placeholder = _TYPE if self._is_on else _NO_CALL
        for button in self.query("#call-buttons Button").results(Button):
            button.display = self._is_possible(str(button.name))
        self.set_class(self._needs_model, "-needs-model")
        model = self.query_one("#call-model", Button)
        model.variant = "primary" if self._needs_model else "default"
        relabel(model, _MENU["app.model"] if self._needs_model else "Model")
        self.refresh_bindings()

    def _now(self) -> str:
        """Return who speaks, or what is waited for."""
        states = (
            (self._speaking is not None, f"The {self._speaking} speaks"),
            (self._is_reviewing, "The model writes notes"),
            (self._is_working, "Waiting for the model"),
            (self._call is None, "No call"),
            (not self._is_on, "The call is over"),
            (self._caller is not None, "The caller's turn"),
        )
        return next((words for holds, words in states if holds), "Your turn")

    def _is_possible(self, action: str) -> bool:
        """Whether an action can be done now."""
        call, is_idle = self._call, not self._is_working
        is_waiting = self._is_on and is_idle
        possible = {
            "caller_speaks": is_waiting,
            "go_on": is_waiting,
            "hang_up": is_waiting,
            "nobody_answers": is_waiting and call is not None and not call.turns,
            "answer": is_waiting and self._has_failed,
            "replay": is_idle and bool(self._record.caller_lines),
            "save": is_idle and self._record.as_scenario("", {}) is not None,
            "prompt": call is not None,
            "choose_caller": not self._needs_model,
        }
        return possible.get(action, True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show keys that do nothing now in grey."""
        if action in _MENU and not self._is_possible(action):
            return None
        return True

    def on_resize(self) -> None:
        """Draw the state for the new width."""
        self.call_after_refresh(self._status.draw)

    # --- what is done in a call

    def action_begin(self) -> None:
        """Begin a new call with the draft as it is now."""
        if not self._is_working:
            self._working = self._begin()

    @work(group="call")
    async def _begin(self) -> None:
        async with self._work():
            if call := await self._open():
                self._transcript.show(self._record.lines)
                await self._follow(call.start)
                await self._go_through(call)

    async def _open(self) -> Call | None:
        """Make a new call; if there can be none, show why."""
        try:
            self._call, disclosure = await self._opener.open(self._draft, self._caller)
        except NoCall as reason:
            self._show_instead(reason.lines)
            return None
        self._record = CallRecord(self._call.plan.limit)
        if disclosure:
            self._record.add_note(disclosure)
        self._has_failed = self._needs_model = False
        self._show_offers()
        self._line.focus()
        return self._call

    def _show_instead(self, lines: list[Line]) -> None:
        """Show why there is no call."""
        self._call = None
        self._needs_model = True
        self._transcript.show(lines, at_top=True)
        self._show_offers()
        self.query_one("#call-model", Button).focus()

    def _do(self, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        """Have something happen in the call, and show it."""
        if self._call is not None and not (self._call.ended or self._is_working):
            self._working = self._run(self._call, begin)

    @work(group="call")
    async def _run(self, call: Call, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        async with self._work():
            await self._follow(partial(begin, call))
            await self._go_through(call)

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[None]:
        """Show that something goes on, and keep the call when it is over."""
        self._is_stopped = False
        self._show_state()
        try:
            yield
        finally:
            self._working = self._speaking = None
            self._meanwhile.clear()
            self._keep()
            if self.is_attached:
                self._transcript.end_stream()
                self._show_offers()

    async def _go_through(self, call: Call) -> None:
        """Say what was typed meanwhile; when the call is over, have it reviewed."""
        while self._meanwhile and not call.ended:
            await self._follow(partial(call.hear, self._meanwhile.popleft()))
        if call.ended and call.turns and call.has_answered and not self._is_stopped:
            await self._review(call)

    async def _follow(self, begin: Callable[[], AsyncGenerator[Event]]) -> None:
        async with aclosing(begin()) as events:
            async for event in events:
                self._take(event)
        self._transcript.end_stream()
        self._speaking = None
        self._show_state()

    def _take(self, event: Event) -> None:
        """Show what happens."""
        if isinstance(event, Piece):
            self._transcript.stream(LineKind(event.speaker), event.text)
            if self._speaking is not event.speaker:
                self._speaking = event.speaker
                self._show_state()
            return
        self._has_failed = isinstance(event, Failed)
        if line := self._record.take(event):
            self._transcript.add(line)
        self._speaking = None
        self._show_state()

    async def _review(self, call: Call) -> None:
        """Have the model write what the draft's own prompts ask for."""
        self._is_reviewing = True
        self._show_state()
        try:
            made = await review(call, call.client)
        except ModelTrouble as trouble:
            self._transcript.add(self._record.add_note(str(trouble)))
            return
        finally:
            self._is_reviewing = False
        for title, text in (("Notes", made.notes), ("Outcome", made.outcome), ("Mood", made.mood)):
            if text:
                self._transcript.add(self._record.add_note(f"{title}: {text}"))

    def _keep(self) -> None:
        if self._record.lines:
            with suppress(StoreTrouble):  # the session reports it
                self._app.session.keep_call(self._draft.id, self._record.as_json())

    # --- keys

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Say the line as the caller; it interrupts the assistant."""
        event.stop()
        text = event.value.strip()
        if not text:
            return
        if not self._is_on and not self._is_working:
            self.notify(_NO_CALL)
            return
        self._line.clear()
        if not self._is_working:
            self._do(lambda call: call.hear(text))
            return
        self._meanwhile.append(text)
        if self._call is not None:
            self._call.cancel()

    def action_leave(self) -> None:
        """Stop what goes on; if nothing does, leave."""
        if not self._is_working:
            self.dismiss(None)
            return
        self._is_stopped = True
        self._meanwhile.clear()
        if self._call is not None and self._call.is_busy:
            self._call.cancel()
        elif self._working is not None:
            self._working.cancel()

    def action_caller_speaks(self) -> None:
        """Have the model play the caller for one line, which the assistant answers."""
        self._let_speak(Call.caller_speaks)

    def action_go_on(self) -> None:
        """Have both sides go on until the call ends."""
        self._let_speak(Call.go_on)

    @work(group="menu", exclusive=True)
    async def _let_speak(self, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        if self._caller is None:
            await self._ask_caller()
        if self._caller is not None:
            self._do(begin)

    @work(group="menu", exclusive=True)
    async def action_choose_caller(self) -> None:
        """Choose who the caller is."""
        await self._ask_caller()

    async def _ask_caller(self) -> None:
        self._caller = await ask_caller(self._app, self._caller)
        if self._call is not None:
            self._call.caller = self._caller
        self._show_state()

    def action_answer(self) -> None:
        """Have the assistant answer once more."""
        self._do(Call.answer)

    def action_hang_up(self) -> None:
        """Hang up as the caller."""
        self._do(Call.hang_up)

    def action_nobody_answers(self) -> None:
        """Play what happens if nobody answers, instead of the call."""
        if self._call is not None and not self._call.turns:
            call = self._call = Call(self._call.plan, self._call.client)
            self._record = CallRecord(call.plan.limit)
            self._transcript.show([])
            self._do(Call.nobody_answers)

    def action_replay(self) -> None:
        """Play the caller's lines against the script as it is now, beside the answers before."""
        if not self._is_working and self._record.caller_lines:
            self._working = self._replay(self._record.lines, self._record.caller_lines)

    @work(group="call")
    async def _replay(self, before: list[Line], lines: tuple[str, ...]) -> None:
        async with self._work():
            call = await self._open()
            if call is None:
                return
            self._transcript.compare(before)
            await self._follow(call.start)
            for line in lines:
                if call.ended or self._has_failed or self._is_stopped:
                    break
                await self._follow(partial(call.hear, line))
            await self._go_through(call)

    @work(group="menu", exclusive=True)
    async def action_menu(self) -> None:
        """List everything that can be done now."""
        options = {action: label for action, label in _MENU.items() if self._is_possible(action)}
        chosen = await self.app.push_screen_wait(Menu("Rehearsal", options))
        if chosen:
            await self.run_action(chosen)

    def action_prompt(self) -> None:
        """Show what the model is told."""
        if self._call is not None:
            self.app.push_screen(CallPromptScreen(self._call.prompt))

    @work(group="menu", exclusive=True)
    async def action_save(self) -> None:
        """Ask for a file, and write the call to it as a scenario."""
        name = self._caller.title if self._caller else "a call"
        scenario = self._record.as_scenario(name, plan_of(self._draft).values)
        if scenario is not None:
            about = "What the caller said, and what happened as what is expected."
            text = scenario.as_yaml().rstrip("\n")
            await ask_and_write(self._app, "Save as scenario", about, "scenario.yaml", text)

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

    def action_undo(self) -> None:
        """Take the draft's last change back."""
        self._step_through(self._draft.undo(), "There is nothing left to undo.")

    def action_redo(self) -> None:
        """Make the last undone change again."""
        self._step_through(self._draft.redo(), "There is nothing left to redo.")

    def _step_through(self, path: Path | None, nothing: str) -> None:
        if path is None:
            self.notify(nothing)
            return
        self.post_message(DraftChanged())
        question = find(QUESTIONS, path)
        self.notify(f"That changed {question.label if question else 'the draft'}.")
