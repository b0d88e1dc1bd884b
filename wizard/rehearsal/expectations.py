"""What a scenario expects of a call, checked by code; a `judge` question is asked of the model."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wizard.formats.json_text import is_number
from wizard.rehearsal.call import Call, about_call, lines_of
from wizard.rehearsal.events import EndedBy, Speaker
from wizard.rehearsal.line_search import EndlessSearch, compiled, first_line
from wizard.rehearsal.model_client import ModelClient
from wizard.rehearsal.prompt import wording
from wizard.rehearsal.tools import KINDS, OPT_OUT

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation: its kind, as in the file, and its value."""

    kind: str
    value: Any

    @property
    def shown(self) -> str:
        """The expectation as it is written in the file."""
        value = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return f"{self.kind}: {value}"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of an expectation. `turn` is the turn that failed, or the last one."""

    check: str
    passed: bool
    found: str
    turn: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the check as `rehearse --json` prints it."""
        return {"check": self.check, "passed": self.passed, "found": self.found}


async def check(expectation: Expectation, call: Call) -> Check:
    """Check an expectation of a call that is over. It must not be a `judge` question."""
    kind, value = expectation.kind, expectation.value
    if kind in (SAYS, NEVER_SAYS):
        passed, found, turn = await _spoken(call, value, is_wanted=kind == SAYS)
    else:
        passed, found, turn = _CHECKS[kind](call, value)
    return Check(expectation.shown, passed, found, turn)


async def ask_judge(expectation: Expectation, call: Call, client: ModelClient) -> Check:
    """Ask the model about a call. Raises ModelTrouble."""
    request = wording("judge", lines=lines_of(call), question=expectation.value)
    answer = await client.complete(about_call(call, request), temperature=0)
    text = " ".join(answer.text.split())
    passed = bool(re.match(r"\W*yes\b", text, re.IGNORECASE))
    shown = f"the model's judgement: {_shortened(text)}"
    return Check(expectation.shown, passed, shown, call.turns)


_Result = tuple[bool, str, int]


def _opt_out(call: Call, value: bool) -> _Result:
    turn = next((did.turn for did in call.actions if did.action.name == OPT_OUT), None)
    found = "no opt-out" if turn is None else f"opted out in turn {turn}"
    return (turn is not None) is value, found, call.turns if turn is None else turn


def _action(call: Call, value: str) -> _Result:
    acted = [did for did in call.actions if did.action.name in KINDS]
    names = ", ".join(dict.fromkeys(did.action.name for did in acted)) or "none"
    if value == "none":
        return not acted, names, acted[0].turn if acted else call.turns
    turn = next((did.turn for did in acted if did.action.name == value), None)
    return turn is not None, names, call.turns if turn is None else turn


def _ends(call: Call, value: bool) -> _Result:
    by = call.ended.by if call.ended else None
    found = call.ended.sentence if call.ended else "the call was still going on"
    return (by in (EndedBy.ASSISTANT, EndedBy.CALLER)) is value, found, call.turns


async def _spoken(call: Call, expression: str, *, is_wanted: bool) -> _Result:
    lines = [said for said in call.transcript if said.speaker is Speaker.ASSISTANT]
    try:
        place = await first_line(expression, [said.text for said in lines])
    except EndlessSearch as error:
        return False, str(error), call.turns
    if place is None:
        return not is_wanted, "no line of the assistant has it", call.turns
    return is_wanted, _shortened(lines[place].text), lines[place].turn


def _within_turn_limit(call: Call, value: int) -> _Result:
    return call.turns <= value, f"{call.turns} turns", min(call.turns, value + 1)


def _seconds_at_most(call: Call, value: float) -> _Result:
    late = (said.turn for said in call.transcript if said.at + said.seconds > value)
    return call.clock <= value, f"{call.clock:.0f} seconds", next(late, call.turns)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


JUDGE: Final = "judge"
SAYS: Final = "says"
NEVER_SAYS: Final = "never_says"
_CHECKS: Final[Mapping[str, Callable[[Call, Any], _Result]]] = {
    "opt_out": _opt_out,
    "action": _action,
    "ends": _ends,
    "turns_at_most": _within_turn_limit,
    "seconds_at_most": _seconds_at_most,
}


def problem_of(kind: str, value: Any) -> str:
    """Why an expectation is invalid, as a sentence; empty if it is valid."""
    if kind not in _VALUES:
        return f"Not an expectation. The expectations are {', '.join(_VALUES)}."
    return _VALUES[kind](value)


def _switch(value: Any) -> str:
    return "" if isinstance(value, bool) else "Enter true or false."


def _kind(value: Any) -> str:
    return "" if value in ("none", *KINDS) else f"Enter one of none, {', '.join(KINDS)}."


def _expression(value: Any) -> str:
    if not isinstance(value, str) or not value:
        return "Enter a text in quotes."
    try:
        compiled(value)
    except (re.error, RecursionError, OverflowError) as error:
        return f"Not a regular expression: {error}."
    return ""


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "Enter a text."


def _number(value: Any) -> str:
    return "" if is_number(value) and value >= 0 else "Enter a number."


_VALUES: Final[Mapping[str, Callable[[Any], str]]] = {
    "opt_out": _switch,
    "action": _kind,
    "ends": _switch,
    SAYS: _expression,
    NEVER_SAYS: _expression,
    "turns_at_most": _number,
    "seconds_at_most": _number,
    JUDGE: _text,
}
