"""Runs one call after another: shows its events, and has it reviewed at its end."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Final

from screens.rehearsal.transcript import Transcript
from wizard.rehearsal.call import Call, review
from wizard.rehearsal.call_record import CallRecord, LineKind
from wizard.rehearsal.events import Event, Failed, Piece, Speaker
from wizard.rehearsal.model_client import Fault, ModelTrouble
from wizard.rehearsal.prompt import Caller

# Faults that another address, model or key may avoid.
_OF_SETTINGS: Final = {Fault.UNREACHABLE, Fault.KEY, Fault.MODEL, Fault.NOT_A_STREAM}


class CallRunner:
    """The call that goes on, and its record.

    `changed` is called when `now` or `record` changes. `advice` is added to faults that another
    model would not have.
    """

    def __init__(
        self, record: CallRecord, transcript: Transcript, changed: Callable[[], None]
    ) -> None:
        self.record = record
        self.advice = ""
        self.call: Call | None = None
        self.caller: Caller | None = None
        self.has_failed = False
        self._transcript = transcript
        self._changed = changed
        self._speaking: Speaker | None = None
        self._is_reviewing = False
        # Whether the person has stopped what was going on.
        self._is_stopped = False
        # What was typed while the assistant spoke.
        self._typed: deque[str] = deque()

    # --- the state

    @property
    def is_on(self) -> bool:
        """Whether a call goes on."""
        return self.call is not None and not self.call.ended

    @property
    def now(self) -> str:
        """What the model does now; empty if nothing is heard of it."""
        if self._speaking is not None:
            return f"The {self._speaking} speaks"
        return "The model writes notes" if self._is_reviewing else ""

    @property
    def turn(self) -> str:
        """Whose turn it is."""
        if not self.is_on:
            return "The call is over" if self.call else "No call"
        return "The caller's turn" if self.caller else "Your turn"

    def open(self, call: Call, disclosure: str) -> None:
        """Take a new call, which begins with a note if there is one."""
        self.call, self.record = call, CallRecord(call.plan.limit)
        self.has_failed = self._is_stopped = False
        if disclosure:
            self.record.add_note(disclosure)

    def choose(self, caller: Caller | None) -> None:
        """Have another caller from now on."""
        self.caller = caller
        if self.call is not None:
            self.call.caller = caller
        self._changed()

    @property
    def kept(self) -> CallRecord:
        """The record, with what was said so far of the line that is being said."""
        partial = self._transcript.partial
        if partial is None:
            return self.record
        cut = replace(partial, text=f"{partial.text.strip()} ...")
        return replace(self.record, lines=[*self.record.lines, cut])

    # --- what happens

    async def begin(self, lines: Sequence[str] = ()) -> None:
        """Begin the call, and say lines as the caller."""
        if self.call is not None:
            await self._follow(self.call.start)
        for line in lines:
            if not self.is_on or self.has_failed or self._is_stopped:
                break
            await self._hear(line)
        await self._go_through()

    async def go_on(self, begin: Callable[[Call], AsyncGenerator[Event]]) -> None:
        """Have something happen in the call."""
        self._is_stopped = False
        if self.call is not None:
            await self._follow(partial(begin, self.call))
        await self._go_through()

    def interrupt(self, text: str) -> None:
        """Say a line as the caller in the middle of an answer."""
        self._typed.append(text)
        if self.call is not None:
            self.call.cancel()

    def stop(self) -> bool:
        """Stop what goes on in the call; returns whether anything did."""
        self._is_stopped = True
        self._typed.clear()
        if self.call is None or not self.call.is_busy:
            return False
        self.call.cancel()
        return True

    def rest(self) -> None:
        """Discard an unfinished line."""
        self._speaking = None
        self._typed.clear()
        self._transcript.end_stream()

    def forget_opening(self) -> None:
        """Begin the call again without its opening line, because nobody answers."""
        if self.call is not None:
            self.call = Call(self.call.plan, self.call.client, caller=self.caller)
            self.record = CallRecord(self.call.plan.limit)
            self._transcript.show([])

    async def _go_through(self) -> None:
        """Say what was typed meanwhile; when the call is over, have it reviewed."""
        while self._typed and self.is_on:
            await self._hear(self._typed.popleft())
        call = self.call
        if call and call.ended and call.turns and call.has_answered and not self._is_stopped:
            await self._review(call)

    async def _hear(self, line: str) -> None:
        if self.call is not None:
            await self._follow(partial(self.call.hear, line))

    async def _follow(self, begin: Callable[[], AsyncGenerator[Event]]) -> None:
        async with aclosing(begin()) as events:
            async for event in events:
                self._take(event)
        self._transcript.end_stream()
        self._speak(None)

    def _take(self, event: Event) -> None:
        """Show what happens."""
        if isinstance(event, Piece):
            self._transcript.stream(LineKind(event.speaker), event.text)
            self._speak(event.speaker)
            return
        self.has_failed = isinstance(event, Failed)
        if line := self.record.take(event):
            self._transcript.add(line)
        if isinstance(event, Failed) and event.fault in _OF_SETTINGS and self.advice:
            self._note(self.advice)
        self._speaking = None
        self._changed()

    def _speak(self, speaker: Speaker | None) -> None:
        if self._speaking is not speaker:
            self._speaking = speaker
            self._changed()

    async def _review(self, call: Call) -> None:
        """Have the model write what the draft's own prompts ask for."""
        self._is_reviewing = True
        self._changed()
        try:
            made = await review(call, call.client)
        except ModelTrouble as trouble:
            self._note(str(trouble))
            return
        finally:
            self._is_reviewing = False
        for line in made.lines:
            self._note(line)

    def _note(self, text: str) -> None:
        self._transcript.add(self.record.add_note(text))
