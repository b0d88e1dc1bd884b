"""One step: its questions, its list of voices or actions, and the buttons."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button

from screens.form.actions import ActionList
from screens.form.form import Form
from screens.form.form_page import FormPage
from screens.form.group_line import GroupLine
from screens.form.row import QuestionRow
from screens.form.voice_picker import VoicePicker, is_of_voice
from screens.widgets.inputs import relabel
from screens.widgets.page_frame import Heading
from wizard.contract.assistant import QUESTIONS, questions_of
from wizard.contract.steps import STEPS, Step
from wizard.draft.blanks import Blank, fill_words
from wizard.draft.draft import Draft, step_of
from wizard.formats.paths import Path
from wizard.formats.text import counted


class StepPane(FormPage):
    """A step's form; `Voice` and `Actions` begin with more than questions."""

    def __init__(self, step: Step) -> None:
        super().__init__(id=f"step-{step}", classes="step")
        self.step = step
        own = [question for question in questions_of(step) if not question.meta.from_voice]
        self.form = Form(own, QUESTIONS)
        self.picker = VoicePicker() if step is Step.VOICE else None
        self._actions = ActionList() if step is Step.ACTIONS else None
        self._offer = Button("", id="fill-blanks", compact=True)
        self._offer.display = False

    def compose(self) -> ComposeResult:
        """Heading, list of voices or actions, questions, buttons."""
        with Horizontal(classes="heading-line"):
            yield Heading(self.step.label, self.step.about)
            yield self._offer
        yield from (besides for besides in (self.picker, self._actions) if besides)
        yield self.form
        with Horizontal(classes="buttons"):
            if self.step is not STEPS[0]:
                yield Button("‹ Back", id="back", compact=True)
            yield Button("", id="hidden-fields", compact=True)
            on = "Preview ›" if self.step is STEPS[-1] else "Next ›"
            yield Button(on, id="next", variant="primary", compact=True)

    def update_from(self, draft: Draft) -> None:
        """Show the draft."""
        self.form.update_from(draft)
        if self.picker and self.picker.is_mounted:
            self.picker.update_from(draft)
        if self._actions and self._actions.is_mounted:
            self._actions.update_from(draft)

        self._update_hidden_button()

    def advise(self, draft: Draft) -> None:
        """Show advice under the fields it is about."""
        self.form.advise(draft)
        if self.picker:
            self.picker.advise(draft)

    def reveal(self) -> None:
        """Show all errors from now on, empty fields too."""
        self.form.reveal()
        if self.picker:
            self.picker.form.reveal()

    def _update_hidden_button(self) -> None:
        count = len(self.form.hidden_rows)
        for button in self.query("#hidden-fields").results(Button):
            verb = "Hide" if self.form.lists_hidden else "Show"
            label = f"{verb} {counted(count, 'hidden field')}"
            button.display = count > 0
            relabel(button, label)

    async def list_hidden(self, draft: Draft, *, listed: bool) -> None:
        """Show the fields that do not apply, or hide them."""
        await self.form.list_hidden(draft, listed=listed)
        self._update_hidden_button()

    def offer_blanks(self, found: Sequence[Blank]) -> None:
        """Offer to fill in blanks, beside the heading, if this step has some."""
        here = any(step_of(place.path) is self.step for b in found for place in b.places)
        self._offer.display = here
        relabel(self._offer, fill_words(found))

    def focus_first(self) -> None:
        """Focus the first field."""
        if self.picker:
            self.picker.focus_first()
        elif first := next((widget for widget in self._controls() if widget.display), None):
            first.focus()

    def _controls(self) -> list[Widget]:
        besides = self.query("ActionRows, #action-add")
        rows = [r.control for r in self.query(QuestionRow) if r.display and not r.is_hidden]
        # A step may have nothing but groups, which are folded.
        return [*besides, *rows] or [*self.query(GroupLine)]

    def focus_path(self, path: Path, *, reveals: bool = True) -> None:
        """Focus the field of a path; its group opens.

        `reveals` is whether to show its error at once.
        """
        line = self.form.open_at(path)
        row = self.form.row_of(path)
        if self.picker and is_of_voice(path):
            self.picker.focus_path(path)
        elif row and row.display:
            row.revealed |= reveals
            (row.hidden_reason if row.is_hidden else row.control).focus()
        elif path[:1] == ("actions",) and self._actions:
            if len(path) > 1 and isinstance(path[1], int):
                self._actions.highlight(path[1])
            self._actions.focus_list()
        elif line:
            line.focus()
        else:
            self.focus_first()
