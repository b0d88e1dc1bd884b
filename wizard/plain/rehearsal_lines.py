"""A rehearsed call as lines of text: for the command and for the plain questions."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from wizard.errors import NotWritten, WizardError
from wizard.formats.files import write_new
from wizard.plain.console import Console, EndOfInput
from wizard.rehearsal.call import Call, review
from wizard.rehearsal.call_record import CallRecord
from wizard.rehearsal.events import (
    ActionDone,
    Ended,
    Event,
    Failed,
    Note,
    Piece,
    Speaker,
    Utterance,
    Waiting,
)
from wizard.rehearsal.model_client import NO_MODEL_SET, ModelClient, ModelTrouble
from wizard.rehearsal.model_settings import ModelSettings
from wizard.rehearsal.plan import CallPlan
from wizard.rehearsal.prompt import callers, find_caller
from wizard.rehearsal.read_through import read_through

_HELP: Final = (
    "Type what the caller says.",
    ":callers lists the callers that the model can play.",
    ":caller NAME chooses one and lets it speak.",
    ":next lets it speak again.",
    ":go continues on both sides until the end.",
    ":again has the assistant answer once more.",
    ":nobody plays what happens if nobody answers, instead of a call.",
    ":prompt shows what the model is told.",
    ":end hangs up.",
    ":save FILE writes the call to a file as a scenario when it is over.",
)


def rehearse(
    plan: CallPlan, models: ModelSettings, runner: asyncio.Runner, console: Console
) -> CallRecord | None:
    """Rehearse a call from within the plain questions; without a model, read it through.

    Returns the call, None if there was none.
    """
    try:
        plan.require_texts()
        server = runner.run(models.read())
    except WizardError as error:
        console.say(str(error))
        return None
    if server is None:
        console.say(NO_MODEL_SET)
        console.say("Until then, this is what is said and sent word for word:")
        for reading in read_through(plan):
            console.say(reading.line)
        return None
    client = ModelClient(server)
    try:
        console.say(runner.run(client.disclosure()))
        lines = RehearsalLines(plan, client, runner, console)
        lines.run()
    except ModelTrouble as trouble:
        console.say(str(trouble))
        return None
    else:
        return lines.record
    finally:
        runner.run(client.aclose())


class RehearsalLines:
    """A call in lines. What is typed is what the caller says; a line with a colon is a command."""

    def __init__(
        self, plan: CallPlan, client: ModelClient, runner: asyncio.Runner, console: Console
    ) -> None:
        self._client, self._runner, self._console = client, runner, console
        self._call = Call(plan, client)
        self.record = CallRecord(plan.limit)
        self._file = ""
        self._has_failed = False
        # Whether the terminal shows what the caller says already.
        self._was_typed = False

    def run(self) -> bool:
        """Hold the call until it ends; returns whether the model answered, if it was asked."""
        self._console.say("Type what the caller says, or :help.")
        self._show(self._call.start)
        while not self._call.ended:
            try:
                line = self._console.read("You: ").strip()
            except EndOfInput:
                self._show(self._call.hang_up)
                break
            self._take(line)
        has_answered = self._call.has_answered
        if has_answered and self._call.turns:
            self._show_review()
        if self._file:
            self._save()
        return has_answered or not self._has_failed

    def _take(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if not line.startswith(":"):
            if line:
                self._was_typed = self._console.has_terminal
                self._show(lambda: self._call.hear(line))
                self._was_typed = False
        elif word == ":caller":
            self._choose(rest)
        elif word in (":next", ":go"):
            self._let_speak(go_on=word == ":go")
        elif word in self._commands:
            self._show(self._commands[word])
        elif word == ":save" and rest.strip():
            self._file = rest.strip()
            self._console.say("It is written when the call is over.")
        elif word == ":callers":
            self._list_callers()
        elif word == ":prompt":
            self._console.copy(self._call.prompt)
        else:
            self._console.say_all(_HELP)

    @property
    def _commands(self) -> dict[str, Callable[[], AsyncGenerator[Event]]]:
        call = self._call
        return {":again": call.answer, ":nobody": call.nobody_answers, ":end": call.hang_up}

    def _choose(self, name: str) -> None:
        if not name.strip():
            self._list_callers()
            return
        self._call.caller = find_caller(name)
        self._let_speak(go_on=False)

    def _list_callers(self) -> None:
        for caller in callers():
            self._console.say(f"{caller.name}: {caller.title}")

    def _let_speak(self, *, go_on: bool) -> None:
        if self._call.caller is None:
            self._console.say("Choose a caller first, for example :caller hurry")
            return
        self._show(self._call.go_on if go_on else self._call.caller_speaks)

    def _show(self, begin: Callable[[], AsyncGenerator[Event]]) -> None:
        """Show what happens; Ctrl+C stops an answer and not the call."""
        try:
            self._runner.run(self._follow(begin))
        except KeyboardInterrupt:
            self._console.say("Stopped.")

    async def _follow(self, begin: Callable[[], AsyncGenerator[Event]]) -> None:
        async with aclosing(begin()) as events:
            async for event in events:
                self._print(event)

    def _save(self) -> None:
        """Write the call as a scenario."""
        scenario = self.record.as_scenario(self._call.caller, self._call.plan.values)
        if scenario is None:
            self._console.say("Nobody spoke, so there is nothing to save.")
            return
        try:
            write_new(os.path.expanduser(self._file), scenario.as_yaml())
        except NotWritten as error:
            self._console.say(f"{error}.")
        else:
            self._console.say(f"Written to {self._file}.")

    def _print(self, event: Event) -> None:
        self.record.take(event)
        match event:
            case Utterance(Speaker.CALLER) if self._was_typed:
                pass
            case Utterance():
                self._console.say(f"{event.speaker.title()}: {event.text}{' ...' * event.cut}")
            case ActionDone():
                self._console.say(f"[{event.action.sentence}]")
            case Waiting() | Note() | Failed():
                self._console.say(f"[{event.sentence}]")
            case Ended():
                self._console.say(f"[{event.sentence} {self._call.clock:.0f} seconds]")
            case Piece():
                pass
        self._has_failed |= isinstance(event, Failed)

    def _show_review(self) -> None:
        try:
            made = self._runner.run(review(self._call, self._client))
        except ModelTrouble as trouble:
            self._console.say(f"[{trouble}]")
            return
        for line in made.lines:
            self.record.add_note(line)
            self._console.say(line)
