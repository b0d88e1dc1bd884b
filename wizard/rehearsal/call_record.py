"""What is kept of a call: its lines, in the form in which they are shown and stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wizard.rehearsal.events import (
    ActionDone,
    Ended,
    EndedBy,
    Event,
    Failed,
    Note,
    Piece,
    Speaker,
    Utterance,
    Waiting,
)
from wizard.rehearsal.expectations import Expectation
from wizard.rehearsal.prompt import Caller
from wizard.rehearsal.scenario import Scenario
from wizard.rehearsal.tools import KINDS, OPT_OUT


class LineKind(StrEnum):
    """What a line of a call is."""

    ASSISTANT = "assistant"
    CALLER = "caller"
    ACTION = "action"
    NOTE = "note"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a call. `turn` counts from 1; what comes before the caller's first line is 0.

    `name` is the name of an action in scenarios.
    """

    kind: LineKind
    text: str
    turn: int = 0
    name: str = ""


@dataclass(slots=True)
class CallRecord:
    """A call as it is kept with its draft.

    `seconds` is its clock, `limit` the longest call. `ended_by` is empty while it goes on.
    """

    limit: float
    seconds: float = 0.0
    lines: list[Line] = field(default_factory=list)
    ended_by: str = ""

    def take(self, event: Event) -> Line | None:
        """Add what an event adds to the lines, and return it; a piece adds nothing."""
        turn = self.lines[-1].turn if self.lines else 0
        match event:
            case Utterance():
                self.seconds = event.at + event.seconds
                is_cut = event.cut and event.speaker is Speaker.ASSISTANT
                text = f"{event.text} ..." if is_cut else event.text
                line = Line(LineKind(event.speaker), text, event.turn)
            case ActionDone():
                line = Line(LineKind.ACTION, event.action.sentence, event.turn, event.action.name)
            case Ended():
                self.ended_by = event.by
                line = Line(LineKind.NOTE, event.sentence, turn)
            case Waiting() | Note() | Failed():
                line = Line(LineKind.NOTE, event.sentence, turn)
            case Piece():
                return None
        self.lines.append(line)
        return line

    def add_note(self, text: str) -> Line:
        """Add a sentence about the call."""
        line = Line(LineKind.NOTE, text, self.lines[-1].turn if self.lines else 0)
        self.lines.append(line)
        return line

    @property
    def caller_lines(self) -> tuple[str, ...]:
        """What the caller said."""
        return tuple(line.text for line in self.lines if line.kind is LineKind.CALLER)

    @property
    def actions(self) -> list[Line]:
        """What the assistant did."""
        return [line for line in self.lines if line.kind is LineKind.ACTION]

    def as_scenario(self, caller: Caller | None, variables: Mapping[str, str]) -> Scenario | None:
        """Return the call as a scenario that expects what happened; None if nobody spoke.

        It is called after the caller that the model played, or after the first line.
        """
        is_unanswered = self.ended_by == EndedBy.UNANSWERED
        if not (self.caller_lines or is_unanswered):
            return None
        done = [line.name for line in self.actions]
        expect = [Expectation("action", kind) for kind in KINDS if kind in done]
        expect += [Expectation("opt_out", True)] if OPT_OUT in done else []
        # If the caller hung up, nothing says so when the lines are played again.
        expect += [Expectation("ends", True)] if self.ended_by == EndedBy.ASSISTANT else []
        first = "nobody answers" if is_unanswered else self.caller_lines[0]
        return Scenario(
            caller.title if caller and not is_unanswered else first,
            says=() if is_unanswered else self.caller_lines,
            nobody_answers=is_unanswered,
            variables=variables,
            expect=tuple(expect),
        )

    def as_json(self) -> str:
        """The text that is stored."""
        lines = [[line.kind, line.text, line.turn, line.name] for line in self.lines]
        facts = [self.limit, self.seconds, self.ended_by]
        return json.dumps({"call": facts, "lines": lines})

    @classmethod
    def from_json(cls, text: str) -> "CallRecord | None":
        """Read what was stored; None if it is damaged."""
        try:
            data = json.loads(text)
            limit, seconds, ended_by = data["call"]
            lines = [Line(LineKind(kind), *_checked(rest)) for kind, *rest in data["lines"]]
            return cls(float(limit), float(seconds), lines, str(ended_by))
        except (ValueError, TypeError, KeyError):
            return None


def _checked(rest: Sequence[Any]) -> tuple[str, int, str]:
    text, turn, name = rest
    return str(text), int(turn), str(name)
