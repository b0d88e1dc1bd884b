"""The state of a call beside its transcript: the clock, who speaks, what the assistant did."""

from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from screens.widgets.inputs import pictured
from screens.widgets.signs import ACTED
from wizard.rehearsal.call_record import CallRecord


class State(NamedTuple):
    """What is shown: the call, who speaks or what is waited for, the caller and the model."""

    record: CallRecord
    speaking: str
    caller: str
    model: str


class CallStatus(Static):
    """A column on wide screens, a line on the others."""

    # Drawn again each time: the record in it grows.
    state: reactive[State | None] = reactive[State | None](None, always_update=True)

    def __init__(self) -> None:
        super().__init__(id="call-status")

    def render(self) -> Content:
        """Draw the state for the width of the screen."""
        if self.state is None:
            return Content("")
        is_wide = self.screen.has_class("-wide")
        return self._column(self.state) if is_wide else self._line(self.state)

    def _line(self, state: State) -> Content:
        clock = Content(clock_of(state.record)).stylize("bold")
        more = [state.speaking, f"Caller: {state.caller}"]
        return clock + Content("".join(f" · {pictured(part)}" for part in more))

    def _column(self, state: State) -> Content:
        rows = [
            ("Time", clock_of(state.record)),
            ("Now", state.speaking),
            ("Caller", state.caller),
        ]
        shown = [
            Content(f"{name:<8}").stylize("$text-muted") + Content(pictured(text))
            for name, text in rows
        ]
        shown += [Content(""), _heading("Model"), Content(pictured(state.model or "None."))]
        shown += [Content(""), _heading("What the assistant did")]
        done = [Content(f"{ACTED} {pictured(line.text)}") for line in state.record.actions]
        return Content("\n").join([*shown, *(done or [Content("Nothing yet.")])])


def _heading(text: str) -> Content:
    return Content(text).stylize("$text-muted")


def clock_of(record: CallRecord) -> str:
    """Return the time of a call against the longest: `0:14 of 10:00`."""
    return f"{_minutes(record.seconds)} of {_minutes(record.limit)}"


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
