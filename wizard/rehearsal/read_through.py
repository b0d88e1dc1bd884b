"""The read-through: what an assistant says and sends word for word, without a model."""

from collections.abc import Iterator
from dataclasses import dataclass

from wizard.advice.messages import segments
from wizard.rehearsal.plan import CallPlan
from wizard.rehearsal.prompt import wording
from wizard.rehearsal.tools import SEND_SMS, SEND_WHATSAPP, tools_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it will be: what it is, the text, and how long it is. `about` may be empty."""

    title: str
    text: str
    about: str = ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        about = f" ({self.about})" if self.about else ""
        return f"{self.title}{about}: {self.text}"


def read_through(plan: CallPlan) -> Iterator[Reading]:
    """Yield what can be read of a call, in the order of the call."""
    if plan.waits:
        yield Reading("First", "It waits for the other side to speak.")
    yield from _spoken(plan, "Opening line", plan.opening)
    for number, action in enumerate(plan.actions, 1):
        if action.get("type") == "scheduleMeeting":
            announcement = plan.filled(action.get("say"))
            yield from _spoken(plan, f"Action {number}, before booking", announcement)
    yield from _messages(plan)
    yield from _spoken(plan, "Closing message", plan.closing)
    yield from _spoken(plan, "If nobody answers", plan.voice_note)
    yield Reading("Longest call", f"{plan.limit / 60:g} minutes")


def _spoken(plan: CallPlan, title: str, text: str) -> Iterator[Reading]:
    if text:
        yield Reading(title, text, f"{plan.seconds(text):.1f} seconds")


def _messages(plan: CallPlan) -> Iterator[Reading]:
    for tool in tools_of(plan, wording):
        times = "".join(
            text
            for is_so, text in (
                (tool.after_call, ", after every call"),
                (tool.if_unanswered, ", if nobody answers"),
            )
            if is_so
        )
        if tool.kind == SEND_SMS:
            text = str(tool.act({}).arguments["text"])
            number = segments(text).number
            yield Reading(f"SMS{times}", text, f"sent as {number} SMS" if number > 1 else "")
        elif tool.kind == SEND_WHATSAPP:
            hints = {name: f"<{hint}>" for name, hint in tool.parameters.items()}
            sentence = tool.act(hints).sentence.removeprefix("Would send WhatsApp ")
            yield Reading(f"WhatsApp{times}", sentence)
