"""A rehearsed call: events as they happen, while a person or the model plays the other side."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

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
from wizard.rehearsal.marked_lines import MarkedLines
from wizard.rehearsal.model_client import Answer, Fault, ModelClient, ModelTrouble, ToolCall
from wizard.rehearsal.plan import CallPlan
from wizard.rehearsal.prompt import (
    Caller,
    assistant_prompt,
    caller_prompt,
    hang_up_sign,
    wording,
)
from wizard.rehearsal.tools import END_CALL, Acted, Tool, tools_of

# A model that only acts and never speaks would go on for ever.
_MOST_ROUNDS: Final = 6
_MOST_TURNS: Final = 40


class Call:
    """One call. Each method that returns events may run once at a time.

    `cancel` stops what runs; closing the iterator does too. What was said until then is kept. After
    `Failed` the call can go on. `caller` is who plays the other side in `caller_speaks` and
    `go_on`; it can be set at any time.
    """

    def __init__(
        self, plan: CallPlan, client: ModelClient, *, caller: Caller | None = None
    ) -> None:
        plan.require_texts()
        self.plan, self.caller = plan, caller
        self.transcript: list[Utterance] = []
        self.actions: list[ActionDone] = []
        self.ended: Ended | None = None
        self.clock = 0.0
        self.turns = 0
        self.tools = tools_of(plan, wording)
        self.client = client
        self._messages: list[dict[str, Any]] = []
        self._task: asyncio.Task[None] | None = None
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._opening_left = plan.waits
        # What was said so far of the line that is being said.
        self._partial = ""
        self._used: set[str] = set()
        # What the model did wrongly since it spoke, and how often: some repeat it in a loop.
        self._mistakes: Counter[str] = Counter()
        self._has_told_no_tools = self._has_failed = False

    # What can be done in a call

    def start(self) -> AsyncGenerator[Event]:
        """Begin: the opening line, or silence."""
        return self._events(self._start)

    def hear(self, text: str) -> AsyncGenerator[Event]:
        """Say something to the assistant, which answers."""
        return self._events(self._hear, text)

    def answer(self) -> AsyncGenerator[Event]:
        """Have the assistant answer once more, after `Failed` or a cancelled answer."""
        return self._events(self._answer)

    def caller_speaks(self) -> AsyncGenerator[Event]:
        """Have the model play the caller for one line, which the assistant answers."""
        return self._events(self._caller_speaks)

    def go_on(self, turn_limit: int = _MOST_TURNS) -> AsyncGenerator[Event]:
        """Have both sides go on until the call ends or fails, or for so many turns."""
        return self._events(self._go_on, turn_limit)

    def hang_up(self) -> AsyncGenerator[Event]:
        """Hang up as the caller."""
        return self._events(self._end, EndedBy.CALLER, "The caller hung up.")

    def nobody_answers(self) -> AsyncGenerator[Event]:
        """Play what happens if nobody answers, instead of `start`."""
        return self._events(self._nobody_answers)

    def cancel(self) -> None:
        """Stop what runs. Its events end after what was said so far."""
        if self._task is not None:
            self._task.cancel()

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._task is not None

    @property
    def prompt(self) -> str:
        """What the model is told, to be shown on request."""
        return assistant_prompt(self.plan, self.tools, takes_tools=self.client.takes_tools)

    @property
    def has_answered(self) -> bool:
        """Whether the assistant said or did anything after its opening line."""
        lines = (said.turn for said in self.transcript if said.speaker is Speaker.ASSISTANT)
        return any(lines) or bool(self.actions)

    # How it is done

    async def _events(
        self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any
    ) -> AsyncGenerator[Event]:
        """Run `work` in a task of its own, and yield what it emits until it ends."""
        if self._task is not None:
            raise RuntimeError("the call is busy: cancel it first")
        if self.ended:
            return
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queue = queue
        self._task = task = asyncio.create_task(work(*arguments))
        task.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            task.cancel()
            await asyncio.wait([task])
            self._task = None
        if not task.cancelled():
            task.result()

    def _emit(self, event: Event) -> None:
        if not isinstance(event, ActionDone):
            self._tell_mistakes()
        self._queue.put_nowait(event)

    def _tell_mistakes(self) -> None:
        """Tell each mistake once."""
        told, self._mistakes = self._mistakes, Counter()
        for sentence, times in told.items():
            count = f" ({times} times in one answer)" if times > 1 else ""
            self._queue.put_nowait(Note(f"{sentence}{count}"))

    async def _start(self) -> None:
        if self._opening_left:
            self._emit(Waiting())
        else:
            await self._say_opening()

    async def _say_opening(self) -> None:
        self._opening_left = False
        if self.plan.opening:
            await self._say(self.plan.opening)

    async def _hear(self, text: str) -> None:
        await self._add_turn(text)
        if self.ended:
            return
        if self._opening_left:
            await self._say_opening()
        else:
            await self._answer()

    async def _caller_speaks(self) -> None:
        caller = self.caller
        if caller is None:
            raise RuntimeError("nobody plays the caller")
        messages = self._caller_messages(caller)
        self._partial = ""
        try:
            answer = await self.client.complete(
                messages, on_text=lambda text: self._hear_piece(Speaker.CALLER, text)
            )
        except ModelTrouble as trouble:
            self._fail(trouble, Speaker.CALLER)
            return
        words, sign, _ = answer.text.partition(hang_up_sign())
        if words.strip():
            await self._hear(words) if not sign else await self._add_turn(words)
        if sign and not self.ended:
            await self._end(EndedBy.CALLER, "The caller hung up.")

    async def _add_turn(self, words: str) -> None:
        self.turns += 1
        await self._add_line(Speaker.CALLER, words.strip())

    async def _go_on(self, turn_limit: int) -> None:
        self._has_failed = False
        for _ in range(turn_limit):
            await self._caller_speaks()
            if self.ended or self._has_failed:
                return

    async def _nobody_answers(self) -> None:
        if self.plan.voice_note:
            await self._say(self.plan.voice_note)
        else:
            self._emit(Note("It leaves no message."))
        for tool in self.tools:
            if tool.if_unanswered:
                self._act_after(tool, "Nobody answered.")
        self._finish(EndedBy.UNANSWERED, "Nobody answered.")

    async def _answer(self) -> None:
        """Have the assistant speak and act until it waits for the caller."""
        try:
            await self._speak_and_act()
        finally:
            self._tell_mistakes()

    async def _speak_and_act(self) -> None:
        before = len(self.transcript)
        for _ in range(_MOST_ROUNDS):
            try:
                goes_on = await self._round()
            except ModelTrouble as trouble:
                if trouble.fault is Fault.NO_TOOLS:
                    self.client.takes_tools = False
                    continue
                if trouble.fault is Fault.EMPTY and len(self.transcript) > before:
                    return  # it spoke before it acted, and has nothing to add
                self._fail(trouble)
                return
            if self.ended:
                return
            if not goes_on:
                break
        if len(self.transcript) == before:
            self._fail(ModelTrouble(Fault.EMPTY, "The model used its tools and said nothing."))

    async def _round(self) -> bool:
        """Request one answer, say it and act. Returns whether the model has to go on."""
        takes_tools = self.client.takes_tools
        if not (takes_tools or self._has_told_no_tools):
            self._has_told_no_tools = True
            self._emit(Note(_NO_TOOLS))
        marks = None if takes_tools else MarkedLines()
        self._partial = ""

        def hear(text: str) -> None:
            spoken = marks.feed(text) if marks else text
            if spoken:
                self._hear_piece(Speaker.ASSISTANT, spoken)

        try:
            answer = await self.client.complete(
                self._assistant_messages(),
                [tool.as_json() for tool in self.tools] if takes_tools else (),
                temperature=self.plan.temperature,
                on_text=hear,
            )
        except BaseException:
            await self._keep_partial()
            raise
        if marks:
            self._partial += marks.rest()
            answer.calls.extend(marks.calls)
        return await self._take(answer, self._partial.strip(), takes_tools=takes_tools)

    def _hear_piece(self, speaker: Speaker, text: str) -> None:
        self._partial += text
        self._emit(Piece(speaker, text))

    async def _keep_partial(self) -> None:
        """Keep what was said of an answer that broke off."""
        if self._partial.strip():
            await self._say(self._partial.strip(), cut=True)
        self._partial = ""

    async def _take(self, answer: Answer, spoken: str, *, takes_tools: bool) -> bool:
        """Say what the model said, and do what it called."""
        if spoken:
            await self._say(spoken, to_model=not (takes_tools and answer.calls))
        if self.ended:
            return False
        if answer.refused:
            is_cut = answer.finish == "content_filter"
            self._emit(Note("The model refused to go on in this call.", cut=is_cut))
        elif answer.finish == "length":
            sentence = "The model's answer was stopped, because it became too long."
            self._emit(Note(sentence, cut=True))
        if not answer.calls:
            return False
        done = [(call, self._act(call)) for call in answer.calls]
        if takes_tools:
            self._add_results(spoken, done)
        else:
            results = "\n".join(f"({call.name}: {acted.result})" for call, acted in done)
            self._messages.append({"role": "user", "content": results})
        if any(acted.name == END_CALL and acted.done for _, acted in done):
            await self._hang_up_politely()
            return False
        return takes_tools or not spoken or not all(acted.done for _, acted in done)

    def _act(self, call: ToolCall) -> Acted:
        acted = self._try(call)
        if acted.done:
            self._used.add(call.name)
            did = ActionDone(acted, self.turns)
            self.actions.append(did)
            self._emit(did)
        else:
            self._mistakes[acted.sentence] += 1
        return acted

    def _try(self, call: ToolCall) -> Acted:
        tool = next((tool for tool in self.tools if tool.name == call.name), None)
        if tool is None:
            sentence = f"The model used {call.name!r}, which the assistant does not have."
            return Acted(call.name, {}, sentence, "not done: there is no such tool", done=False)
        arguments = _arguments(call.arguments)
        if arguments is None:
            sentence = f"The model used {tool.kind} with arguments that are no JSON."
            return Acted(tool.kind, {}, sentence, "not done: the arguments are no JSON", done=False)
        return tool.use(arguments)

    def _add_results(self, spoken: str, done: list[tuple[ToolCall, Acted]]) -> None:
        """Add the results of the model's tool calls."""
        calls, results = [], []
        for number, (call, acted) in enumerate(done):
            name = call.id or f"call_{len(self._messages)}_{number}"
            # Servers refuse a history with arguments that are no JSON.
            arguments = call.arguments if _arguments(call.arguments) is not None else "{}"
            function = {"name": call.name, "arguments": arguments or "{}"}
            calls.append({"id": name, "type": "function", "function": function})
            results.append({"role": "tool", "tool_call_id": name, "content": acted.result})
        said = {"role": "assistant", "content": spoken or None, "tool_calls": calls}
        self._messages += [said, *results]

    async def _hang_up_politely(self) -> None:
        closing = self.plan.closing
        last = self.transcript[-1].text if self.transcript else ""
        if closing and closing not in last:
            await self._say(closing)
        if not self.ended:
            await self._end(EndedBy.ASSISTANT, "The assistant hung up.")

    async def _say(self, text: str, *, cut: bool = False, to_model: bool = True) -> None:
        await self._add_line(Speaker.ASSISTANT, text, cut=cut, to_model=to_model)

    async def _add_line(
        self, speaker: Speaker, text: str, *, cut: bool = False, to_model: bool = True
    ) -> None:
        """Add a line to the transcript and to what the model knows; end the call at its limit."""
        takes, left = self.plan.seconds(text), self.plan.limit - self.clock
        said = Utterance(
            speaker, text, self.turns, self.clock, min(takes, left), cut or takes > left
        )
        self.transcript.append(said)
        if to_model:
            role = "assistant" if speaker is Speaker.ASSISTANT else "user"
            self._messages.append({"role": role, "content": text})
        self.clock += said.seconds
        self._emit(said)
        if self.clock >= self.plan.limit:
            minutes = f"{self.plan.limit / 60:g}"
            sentence = f"The call reached its limit of {minutes} minutes."
            await self._end(EndedBy.TIME_LIMIT, sentence.replace(" 1 minutes", " 1 minute"))

    async def _end(self, by: EndedBy, sentence: str) -> None:
        for tool in self.tools:
            if tool.after_call and tool.name not in self._used:
                self._act_after(tool, "After the call.")
        self._finish(by, sentence)

    def _act_after(self, tool: Tool, when: str) -> None:
        """Act without the model. A template's placeholders are filled by their hints."""
        acted = tool.use({name: f"<{hint}>" for name, hint in tool.parameters.items()})
        sentence = f"{when} {acted.sentence}"
        did = ActionDone(Acted(acted.name, acted.arguments, sentence, acted.result), self.turns)
        self.actions.append(did)
        self._emit(did)

    def _finish(self, by: EndedBy, sentence: str) -> None:
        self.ended = Ended(by, sentence)
        self._emit(self.ended)

    def _fail(self, trouble: ModelTrouble, speaker: Speaker = Speaker.ASSISTANT) -> None:
        self._has_failed = True
        self._emit(Failed(str(trouble), trouble.fault, self.turns, speaker))

    # What the model is told

    def _assistant_messages(self) -> list[dict[str, Any]]:
        first = {"role": "user", "content": wording("connected")}
        system = {"role": "system", "content": self.prompt}
        return [system, *_merged([first, *self._messages])]

    def _caller_messages(self, caller: Caller) -> list[dict[str, Any]]:
        """The call as the caller hears it: the other side's lines are those of the user."""
        lines = [
            {
                "role": "user" if said.speaker is Speaker.ASSISTANT else "assistant",
                "content": said.text,
            }
            for said in self.transcript
        ]
        if not lines or lines[-1]["role"] == "assistant":
            lines.append({"role": "user", "content": wording("silence")})
        if lines[0]["role"] == "assistant":
            lines.insert(0, {"role": "user", "content": wording("connected")})
        system = {"role": "system", "content": caller_prompt(self.plan, caller)}
        return [system, *_merged(lines)]


_NO_TOOLS: Final = (
    "This model does not support tools, so it is asked to write its actions as marked lines. It "
    "may miss some."
)


def _arguments(text: str) -> Mapping[str, Any] | None:
    """Read the arguments of a call; None if they are no JSON object. Without any they are empty."""
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _merged(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge neighbours of the same role, because many models insist that roles alternate."""
    merged: list[dict[str, Any]] = []
    for message in messages:
        last = merged[-1] if merged else None
        plain = last is not None and last.keys() == message.keys() == {"role", "content"}
        if last is not None and plain and last["role"] == message["role"]:
            merged[-1] = last | {"content": f"{last['content']}\n{message['content']}"}
        else:
            merged.append(message)
    return merged


@dataclass(frozen=True, slots=True)
class Review:
    """What the draft's own prompts make of a call."""

    notes: str
    outcome: str
    mood: str

    @property
    def lines(self) -> list[str]:
        """What was written, a line each."""
        texts = {"Notes": self.notes, "Outcome": self.outcome, "Mood": self.mood}
        return [f"{title}: {text}" for title, text in texts.items() if text]


async def review(call: Call, client: ModelClient) -> Review:
    """Write notes, outcome and mood of a call. Raises ModelTrouble."""
    plan = call.plan
    mood = wording(
        "mood",
        general=plan.text("sentiment", "general_prompt"),
        positive=plan.text("sentiment", "positive_prompt"),
        negative=plan.text("sentiment", "negative_prompt"),
        neutral=plan.text("sentiment", "neutral_prompt"),
    )
    prompts = (plan.text("meeting_note_prompt"), plan.text("call_outcome_prompt"), mood)
    return Review(*[await _written(call, client, prompt) for prompt in prompts])


async def _written(call: Call, client: ModelClient, prompt: str) -> str:
    if not prompt:
        return ""
    messages = about_call(call, f"{wording('transcript', lines=lines_of(call))}\n\n{prompt}")
    return (await client.complete(messages, temperature=0)).text.strip()


def about_call(call: Call, request: str) -> list[dict[str, Any]]:
    """Return the messages that ask a model for something about a call."""
    now = call.plan.now.strftime("%Y-%m-%d %H:%M")
    system = wording("after", language=call.plan.language, now=now)
    return [{"role": "system", "content": system}, {"role": "user", "content": request}]


def lines_of(call: Call) -> str:
    """Return the transcript with the actions, a line each."""
    said = [(s.turn, 0, f"{s.speaker.title()}: {s.text}") for s in call.transcript]
    done = [(did.turn, 1, f"({did.action.sentence})") for did in call.actions]
    lines = sorted([*said, *done], key=lambda line: line[:2])
    return "\n".join(line for _, _, line in lines)
