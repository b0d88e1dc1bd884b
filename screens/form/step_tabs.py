"""The steps with the state of each: a line across a small screen, a column beside a large one."""

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.widgets.signs import HERE, STEP_SIGNS
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft, StepState


class StepTab(Static):
    """One step; a click goes there."""

    @dataclass
    class Chosen(Message):
        """A step was clicked."""

        step: Step

    def __init__(self, step: Step) -> None:
        super().__init__(classes="step-tab")
        self.step = step
        self._shown: tuple[StepState, bool] | None = None

    def show(self, state: StepState, *, here: bool) -> None:
        """Show the state by sign and colour."""
        if self._shown == (state, here):
            return  # a text that is set anew lays the whole screen out, at every key
        self._shown = state, here
        for other in StepState:
            self.set_class(state is other, f"-{other.name.lower()}")
        self.set_class(here, "-here")
        sign = HERE if here and state is not StepState.WRONG else STEP_SIGNS[state]
        self.update(Content(f"{sign} {self.step.label}"))

    def on_click(self, event: events.Click) -> None:
        """Go to the step."""
        event.stop()
        self.post_message(self.Chosen(self.step))


class StepTabs(Container):
    """All steps in order."""

    def compose(self) -> ComposeResult:
        """One tab a step."""
        for step in STEPS:
            yield StepTab(step)
        # Shown if only one of them has room.
        yield Static(id="step-place")

    def update_from(self, draft: Draft, here: Step) -> None:
        """Show how far each step has come."""
        for number, tab in enumerate(self.query(StepTab), 1):
            if tab.step is here and not tab.has_class("-here"):
                self.query_one("#step-place", Static).update(f"{number} of {len(STEPS)}")
            tab.show(draft.state(tab.step), here=tab.step is here)
