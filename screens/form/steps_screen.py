"""The screen of the steps: target, tabs, the step's form, the live payload, footer."""

from __future__ import annotations

from asyncio import Lock, to_thread
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Button, ContentSwitcher, Static

from screens.dialogs.menu import Menu
from screens.form.actions import ActionList, ActionRows, ActionScreen
from screens.form.answers import AnswerChanged
from screens.form.draft_page import DraftPage
from screens.form.row import QuestionRow, row_of, show_whole
from screens.form.step_pane import StepPane
from screens.form.step_tabs import StepTab, StepTabs
from screens.form.text_controls import TextAreaControl
from screens.form.voice_list import VoiceList
from screens.form.voice_picker import VoicePicker
from screens.messages import DraftChanged
from screens.payload.payload_pane import PayloadPane, PayloadScreen
from screens.widgets.notifications import end_messages
from screens.widgets.signs import ERROR, STEP_SIGNS
from wizard.contract.choices import ACTION_TYPES
from wizard.contract.steps import STEPS, Step
from wizard.draft.action_list import add_action, kept, rearrange
from wizard.draft.blanks import blanks
from wizard.draft.draft import Draft, step_of
from wizard.draft.placeholder_hints import labelled
from wizard.errors import CatalogueUnavailable
from wizard.formats.paths import Path

if TYPE_CHECKING:
    from wizard.api.voice_catalogue import Catalogue, Voice
    from wizard.draft.review import Base


class StepsScreen(DraftPage):
    """The wizard's main screen; a step's pane is made when it is first needed, and kept.

    `read_voices` returns the voices to choose from, or raises CatalogueUnavailable. `play_sample`
    plays the sample of a voice to its end; it ends when it is cancelled. `bases` returns the
    payloads to compare a draft with. `shows_all` is whether the groups of fields that few people
    set are open.
    """

    # The payload is focusable too, and is there before the first field.
    AUTO_FOCUS = "#steps *"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", "Next", id="wizard.next", priority=True),
        Binding("escape", "back", "Back", id="wizard.back"),
        Binding("f1", "app.help", "Help", id="wizard.help", priority=True),
        Binding("f2", "steps", "Steps", id="wizard.steps", priority=True),
        Binding("ctrl+z", "app.undo", "Undo", show=False, id="wizard.undo", priority=True),
        Binding("ctrl+y", "app.redo", "Redo", show=False, id="wizard.redo", priority=True),
        Binding("f8", "payload", "Payload", id="wizard.payload", priority=True),
        Binding(
            "ctrl+g", "hidden_fields", "Hidden fields", show=False, id="wizard.idle", priority=True
        ),
        Binding("f3", "view", "View", show=False, id="wizard.view", priority=True),
        Binding("f7", "app.rehearse", "Rehearse", show=False, id="wizard.rehearse", priority=True),
        Binding("f9", "app.preview", "Preview", id="wizard.preview", priority=True),
        Binding("ctrl+s", "app.review", "Submit", show=False, id="wizard.submit", priority=True),
    ]

    def __init__(
        self,
        draft: Draft,
        read_voices: Callable[[], Awaitable[Catalogue]],
        play_sample: Callable[[Voice], Awaitable[None]],
        bases: Callable[[Draft], Sequence[Base]],
        *,
        shows_all: bool = False,
    ) -> None:
        super().__init__()
        # Keys wait until a field has the focus.
        self.is_opening = True
        self._shows_all = shows_all
        self._draft = draft
        self._read_voices = read_voices
        self._play_to_end = play_sample
        self._bases = bases
        self._heard: Voice | None = None
        self._step = draft.step
        self._payload = PayloadPane(bases, id="payload")
        self._is_behind = False
        self._panes: dict[Step, StepPane] = {}
        # The field at which each step was left.
        self._left_at: dict[Step, Path] = {}
        self._making = Lock()
        self._lists_hidden = False

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self._step

    def contents(self) -> ComposeResult:
        """Everything but the steps' panes."""
        with Horizontal(id="body"):
            yield StepTabs(id="step-tabs")
            yield ContentSwitcher(id="steps")
            yield self._payload
        yield Static(id="notice")

    async def on_mount(self) -> None:
        """Show the step at which the draft was left."""
        try:
            # Validating a draft with many actions takes a while the first time.
            await to_thread(self._draft.problems)
            await self.go(self._step, self._draft.focus, reveals=False)
        finally:
            # After the focus has moved: the app moves it later, too.
            self.app.call_later(self._end_opening)

    def _end_opening(self) -> None:
        self.is_opening = False

    async def go(self, step: Step, path: Path = (), *, reveals: bool = True) -> None:
        """Show a step; `path` is the field that takes the focus.

        `reveals` is whether the error of that field is shown at once.
        """
        if step is not self._step:
            if step_of(self._draft.focus) is self._step:
                self._left_at[self._step] = self._draft.focus
            self._end_sample()
            end_messages(self.app)
        self._step = self._draft.step = step
        self._draft.seen.add(step)
        self.post_message(DraftChanged())
        self._notice("")
        pane = await self._pane(step)
        self.query_one("#steps", ContentSwitcher).current = pane.id
        self.update_from(self._draft)
        self._show_blanks()
        if path:
            pane.focus_path(path, reveals=reveals)
        else:
            pane.scroll_home(animate=False)
            pane.focus_first()
        self.call_after_refresh(self._prepare)

    async def _pane(self, step: Step) -> StepPane:
        # The next pane may be made at this moment.
        async with self._making:
            if step not in self._panes:
                self._panes[step] = await self._made(step)
        return self._panes[step]

    async def _made(self, step: Step) -> StepPane:
        pane = StepPane(step)
        await self.query_one("#steps", ContentSwitcher).add_content(pane)
        pane.update_from(self._draft)
        if self._shows_all:
            pane.form.show_all(True)
        if self._lists_hidden:
            await pane.list_hidden(self._draft, listed=True)
        if step is Step.VOICE:
            self._fetch_voices(pane)
        return pane

    async def _prepare(self) -> None:
        """Make the next pane while the person reads this one."""
        index = STEPS.index(self._step)
        # The screen may have been left: nothing can be mounted on a removed screen.
        if index + 1 < len(STEPS) and self.is_attached:
            await self._pane(STEPS[index + 1])

    @property
    def _current(self) -> StepPane | None:
        return self._panes.get(self._step)

    def update_from(self, draft: Draft) -> None:
        """Show the draft everywhere on the screen."""
        self._draft = draft
        self._is_behind = False
        if pane := self._current:
            pane.update_from(draft)
        self.query_one(StepTabs).update_from(draft, self._step)
        self._payload.update_from(draft)
        self.advise_soon()

    def advise(self, draft: Draft) -> None:
        """Show the advice on a draft."""
        if self._current and self._current.is_mounted:
            self._current.advise(draft)
            self._show_blanks()

    def _show_blanks(self) -> None:
        """Offer to fill in the blanks; not at every key, since a script may be long."""
        if pane := self._current:
            pane.offer_blanks(blanks(self._draft))

    def on_screen_resume(self) -> None:
        """Follow changes made on another screen."""
        self._payload.compare_fresh()
        if self._current:
            self.update_from(self._draft)
            self._show_blanks()

    def _settle(self) -> None:
        if self.focused and not self.is_covered:
            show_whole(self.focused, force=True)

    # --- answers

    def on_answer_changed(self, event: AnswerChanged) -> None:
        """Take an answer into the draft."""
        row = row_of(event.answering)
        if row:
            self._draft.answer(row.path, row.take(event))
            self._notice("")
            if isinstance(event.answering, TextAreaControl):
                self._follow_soon()
            else:
                self._follow()

    def _follow_soon(self) -> None:
        """Show the draft after the key is drawn: the rest of the screen may follow later."""
        self.post_message(DraftChanged())
        if not self._is_behind:
            self._is_behind = True
            self.call_after_refresh(self._catch_up)

    def _catch_up(self) -> None:
        if self._is_behind:
            self.update_from(self._draft)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Mark the field's line in the payload, and note the field to come back to."""
        self._catch_up()
        place = next(
            (
                above
                for above in event.widget.ancestors
                if isinstance(above, QuestionRow | VoicePicker | ActionList)
            ),
            None,
        )
        if place:
            self._draft.focus = place.path
            self.post_message(DraftChanged())
        if isinstance(place, QuestionRow):
            self._payload.mark(place.path)
        else:
            self._mark_action()

    def on_virtual_list_moved(self) -> None:
        """Mark the lines of the action at the cursor in the payload."""
        self._mark_action()

    def _mark_action(self) -> None:
        if isinstance(self.focused, ActionRows):
            self._payload.mark(("actions", self.focused.cursor))

    # --- voices

    @work
    async def _fetch_voices(self, pane: StepPane) -> None:
        # The screen may be gone when the voices arrive, so it is not searched for the picker.
        try:
            catalogue = await self._read_voices()
        except CatalogueUnavailable as error:
            if pane.picker:
                pane.picker.show_trouble(str(error))
        else:
            if pane.picker:
                pane.picker.show_catalogue(catalogue)

    def on_voice_picker_play_requested(self, event: VoicePicker.PlayRequested) -> None:
        """Play a voice, or stop it if it is playing."""
        is_heard = self._heard is not None and self._heard.voice_id == event.voice.voice_id
        self._end_sample()
        if not is_heard:
            self._play_sample(event.voice)

    @work(exclusive=True, group="sample")
    async def _play_sample(self, voice: Voice) -> None:
        self._show_heard(voice)
        try:
            await self._play_to_end(voice)
        finally:
            if self._heard is voice:
                self._show_heard(None)

    def _end_sample(self) -> None:
        if self._heard:
            self._show_heard(None)
            self.workers.cancel_group(self, "sample")

    def _show_heard(self, voice: Voice | None) -> None:
        self._heard = voice
        pane = self._panes.get(Step.VOICE)
        if pane and pane.picker and pane.picker.is_mounted:
            pane.picker.show_playing(voice)

    def on_screen_suspend(self) -> None:
        """End a sample when another screen is opened."""
        self._end_sample()

    def play_voice(self) -> None:
        """Play the voice at the cursor or the chosen one, or end that."""
        if (pane := self._current) and pane.picker:
            pane.picker.action_play()

    def enter_voice_by_hand(self) -> None:
        """Show the fields of a voice to be filled in."""
        if (pane := self._current) and pane.picker:
            pane.picker.enter_by_hand()

    def on_voice_picker_catalogue_requested(self) -> None:
        """Read the catalogue again."""
        if pane := self._current:
            self._fetch_voices(pane)

    def on_voice_list_chosen(self, event: VoiceList.Chosen) -> None:
        """Fill in the voice and go on to the field behind the filled ones."""
        from wizard.api.voice_catalogue import fills  # noqa: PLC0415 - there are none at the first steps

        end_messages(self.app)
        self._draft.choose_voice(fills(event.voice))
        self._notice("")
        self._follow()
        if (pane := self._current) and (row := pane.form.row_of(("voice_speed",))):
            # The list folds: where the field is now says nothing.
            row.control.focus(scroll_visible=False)
            self.app.call_later(self.call_after_refresh, self._show_chosen, pane)

    def _show_chosen(self, pane: StepPane) -> None:
        """Show the chosen voice, now that the list is folded, and the field in focus."""
        pane.scroll_home(animate=False, force=True, immediate=True)
        self._settle()

    # --- actions

    def on_action_list_operation_requested(self, event: ActionList.OperationRequested) -> None:
        """Run an operation on the actions."""
        given = self._draft.answers.get("actions")
        count = len(given) if isinstance(given, list) else 0
        if event.operation == "add":
            kinds = dict(ACTION_TYPES)
            self.app.push_screen(Menu("What should it do?", kinds), self._add_action)
        elif not 0 <= event.index < count:
            return
        elif event.operation == "edit":
            self.edit_action(event.index)
        else:
            at = rearrange(self._draft, event.operation, event.index)
            self._follow()
            self.query_one(ActionList).highlight(at)

    def _add_action(self, kind: str | None) -> None:
        if kind is None:
            return
        before = kept(self._draft, ("actions",))
        index = add_action(self._draft, kind)
        self._follow()
        self.query_one(ActionList).highlight(index)
        self.app.push_screen(ActionScreen(self._draft, index, self._bases, before=before))

    def edit_action(self, index: int, path: Path = ()) -> None:
        """Open the form of one action."""
        self.app.push_screen(ActionScreen(self._draft, index, self._bases, path))

    # --- from step to step

    async def action_next(self) -> None:
        """Go on, or show every problem of the step and go to the first."""
        problems = self._draft.problems(self._step)
        if problems and (pane := self._current):
            self._draft.checked.add(self._step)
            pane.reveal()
            self.update_from(self._draft)
            pane.focus_path(problems[0].path)
            count = "1 field needs" if len(problems) == 1 else f"{len(problems)} fields need"
            self._notice(f"{ERROR} {count} attention. {labelled(self._draft, problems[0])}")
            return
        index = STEPS.index(self._step)
        self._draft.settle()
        if index + 1 < len(STEPS):
            await self.go(STEPS[index + 1])
        else:
            await self.app.run_action("preview")

    def _notice(self, message: str) -> None:
        """Show a message above the footer, until the next answer or step."""
        notice = self.query_one("#notice", Static)
        # Every key clears the message, and showing one lays out the whole screen.
        if message or notice.display:
            notice.update(Content(message))
            notice.display = bool(message)

    async def action_back(self) -> None:
        """Go to the previous step where it was left, even if this one has errors."""
        index = STEPS.index(self._step)
        if index:
            before = STEPS[index - 1]
            await self.go(before, self._left_at.get(before, ()), reveals=False)
        else:
            await self.app.run_action("drafts")

    def action_steps(self) -> None:
        """List the steps with their states."""
        options: dict[str, str | Content] = {}
        for step in STEPS:
            state = self._draft.state(step)
            options[step] = f"{STEP_SIGNS[state]} {step.label}  ·  {state}"
        options["preview"] = "  Preview and submit"
        self.app.push_screen(Menu("Go to", options, at=self._step), self._jump)

    async def _jump(self, chosen: str | None) -> None:
        if chosen == "preview":
            await self.app.run_action("preview")
        elif chosen:
            await self.app.run_action("back_to_steps")
            self._draft.settle()
            await self.go(Step(chosen))

    async def on_step_tab_chosen(self, event: StepTab.Chosen) -> None:
        """Go to the step that was clicked."""
        self._draft.settle()
        await self.go(event.step)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button."""
        if event.button.id == "next":
            await self.action_next()
        elif event.button.id == "back":
            await self.action_back()
        elif event.button.id == "hidden-fields":
            await self.action_hidden_fields()
        elif event.button.id == "fill-blanks":
            await self.app.run_action("blanks")

    def action_payload(self) -> None:
        """Show or hide the live payload; a low screen has no room for it beside the form."""
        if self.has_class("-low"):
            self.app.push_screen(PayloadScreen(self._draft, self._draft.focus, self._bases))
            return
        shown = self._payload.display and self._payload.region.width > 0
        if shown and self._payload.json.has_focus and self._current:
            self._current.focus_path(self._draft.focus)
        # Classes of the pane, not of the screen: those are looked up for all that is on it.
        self._payload.set_class(shown, "-hidden")
        self._payload.set_class(not shown, "-shown")
        self.call_after_refresh(self._settle)

    def action_view(self) -> None:
        """Show the live payload in another way, or show it if it is hidden."""
        if self._payload.region.width:
            self._payload.next_view()
        else:
            self.action_payload()

    async def action_hidden_fields(self) -> None:
        """Show or hide the fields that do not apply, on every step."""
        self._lists_hidden = not self._lists_hidden
        # The next step's pane may be mounted during this wait.
        for pane in list(self._panes.values()):
            await pane.list_hidden(self._draft, listed=self._lists_hidden)
        if self._current:
            self.notify(self._current.form.hidden_words)
            if self.focused is None:
                self._current.focus_first()

    def show_all(self, everything: bool) -> None:
        """Open the groups of fields that few people set, on every step, or fold them."""
        self._shows_all = everything
        for pane in self._panes.values():
            pane.form.show_all(everything)
