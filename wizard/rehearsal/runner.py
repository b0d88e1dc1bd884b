"""Plays scenarios, some at the same time, and reports each in their order."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from wizard.formats.text import counted
from wizard.rehearsal.call import Call
from wizard.rehearsal.events import Event, Failed, Note, Speaker
from wizard.rehearsal.expectations import JUDGE, Check, ask_judge, check
from wizard.rehearsal.model_client import Fault, ModelClient, ModelTrouble
from wizard.rehearsal.plan import CallPlan
from wizard.rehearsal.prompt import find_caller
from wizard.rehearsal.scenario import Scenario

_MOST_TURNS: Final = 20


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a scenario.

    `ended` is what ended the call: the assistant, the caller, its time limit, or nothing more to
    say. `trouble` is the sentence of a fault that stopped it: the scenario was then not played to
    its end. `notes` are other sentences, for example about a tool that the model used wrongly.
    """

    scenario: str
    turns: int
    seconds: float
    ended: str
    checks: tuple[Check, ...]
    actions: tuple[Mapping[str, Any], ...] = ()
    transcript: tuple[Mapping[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def was_played(self) -> bool:
        """Whether the scenario was played to its end."""
        return not self.trouble

    @property
    def passed(self) -> bool:
        """Whether all expectations are met."""
        return self.was_played and all(each.passed for each in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The expectations that are not met."""
        return tuple(each for each in self.checks if not each.passed)

    @property
    def sentence(self) -> str:
        """What became of it, with the turn that failed."""
        if self.trouble:
            return f"turn {self.turns}: {self.trouble}"
        if self.failed:
            return "; ".join(f"turn {c.turn}: {c.check} ({c.found})" for c in self.failed)
        return f"{counted(self.turns, 'turn')}, {self.seconds:.0f} seconds"

    def as_json(self) -> dict[str, Any]:
        """Return the result as `rehearse --json` prints it."""
        checks = [each.as_json() for each in self.checks]
        if self.trouble:
            checks.append({"check": "played", "passed": False, "found": self.trouble})
        return {
            "scenario": self.scenario,
            "passed": self.passed,
            "turns": self.turns,
            "seconds": round(self.seconds, 1),
            "ended": self.ended,
            "actions": list(self.actions),
            "checks": checks,
            "transcript": list(self.transcript),
        }


@dataclass(slots=True)
class _Watch:
    """Collects what the report needs of the events of a call.

    A part of an answer cannot pass a check: it would meet `never_says`, for example. If
    the server failed, the scenario was not played. If the model itself said nothing or did not end
    its answer, `unanswered` is the check that it did not pass.
    """

    call: Call
    notes: list[str] = field(default_factory=list)
    unanswered: Check | None = None
    trouble: str = ""

    async def follow(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            match event:
                case Note():
                    self.notes.append(event.sentence)
                    if event.cut:
                        self._miss(event.sentence)
                case Failed(fault=Fault.EMPTY, speaker=Speaker.ASSISTANT):
                    self.notes.append(event.sentence)
                    self._miss(event.sentence)
                case Failed():
                    self.trouble = event.sentence

    def _miss(self, sentence: str) -> None:
        if self.unanswered is None:
            self.unanswered = Check("answered", False, sentence, self.call.turns)

    def close(self) -> None:
        """A call without a single answer was not played."""
        if self.unanswered and not self.call.has_answered:
            self.trouble = self.trouble or self.unanswered.found


async def play(
    scenario: Scenario,
    payload: Mapping[str, Any],
    client: ModelClient,
    *,
    values: Mapping[str, str],
    now: datetime,
) -> Result:
    """Play a scenario and check what is expected."""
    plan = CallPlan(payload, {**values, **scenario.variables}, now)
    call = Call(plan, client)
    watch = _Watch(call)
    await _act_out(scenario, call, watch)
    watch.close()
    checks: list[Check] = []
    for each in scenario.expect if not watch.trouble else ():
        if each.kind != JUDGE:
            checks.append(await check(each, call))
            continue
        try:
            checks.append(await ask_judge(each, call, client))
        except ModelTrouble as trouble:
            watch.trouble = str(trouble)
            break
    if watch.unanswered and not watch.trouble:
        checks.append(watch.unanswered)
    return Result(
        scenario.name,
        call.turns,
        call.clock,
        "error" if watch.trouble else str(call.ended.by) if call.ended else "no_more_lines",
        tuple(checks),
        tuple({"name": d.action.name, "arguments": dict(d.action.arguments)} for d in call.actions),
        tuple({"speaker": str(said.speaker), "text": said.text} for said in call.transcript),
        tuple(note for note in dict.fromkeys(watch.notes) if note != watch.trouble),
        watch.trouble,
    )


async def _act_out(scenario: Scenario, call: Call, watch: _Watch) -> None:
    if scenario.nobody_answers:
        await watch.follow(call.nobody_answers())
        return
    await watch.follow(call.start())
    if scenario.caller:
        call.caller = find_caller(scenario.caller)
        for _ in range(scenario.turn_limit or _MOST_TURNS):
            if call.ended or watch.trouble:
                return
            await watch.follow(call.caller_speaks())
    for line in scenario.says:
        if call.ended or watch.trouble:
            return
        await watch.follow(call.hear(line))


async def play_all(
    scenarios: Sequence[Scenario],
    payload: Mapping[str, Any],
    client: ModelClient,
    *,
    values: Mapping[str, str],
    now: datetime,
    at_once: int,
) -> AsyncIterator[Result]:
    """Play scenarios, so many at once, and yield their results in order."""
    places = asyncio.Semaphore(at_once)

    async def play_one(scenario: Scenario) -> Result:
        async with places:
            return await play(scenario, payload, client, values=values, now=now)

    tasks = [asyncio.create_task(play_one(scenario)) for scenario in scenarios]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
