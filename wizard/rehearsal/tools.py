"""The actions of an assistant as tools of a model, acted out: nothing is sent or booked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Final

from wizard.contract.actions import channels_of
from wizard.contract.choices import DAYS
from wizard.contract.rules import minute_of_day
from wizard.formats import paths
from wizard.rehearsal.plan import CallPlan, spoken_day

SEND_SMS: Final = "send_sms"
SEND_WHATSAPP: Final = "send_whatsapp"
SCHEDULE_MEETING: Final = "schedule_meeting"
OPT_OUT: Final = "opt_out"
END_CALL: Final = "end_call"
KINDS: Final = (SEND_SMS, SEND_WHATSAPP, SCHEDULE_MEETING)


@dataclass(frozen=True, slots=True)
class Acted:
    """What an action did in a rehearsal.

    `sentence` is for people, `result` for the model. If it is not `done`, nothing would happen.
    """

    name: str
    arguments: Mapping[str, Any]
    sentence: str
    result: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the model. `kind` is its name in scenarios, `name` is unique in a call.

    `parameters` have a description each. `after_call` and `if_unanswered` are whether it acts
    after each call, and if nobody answers.
    """

    name: str
    kind: str
    description: str
    act: Callable[[Mapping[str, Any]], Acted]
    parameters: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    after_call: bool = False
    if_unanswered: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the tool as a request declares it."""
        properties = {n: {"type": "string", "description": d} for n, d in self.parameters.items()}
        schema = {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name not in self.optional],
        }
        function = {"name": self.name, "description": self.description, "parameters": schema}
        return {"type": "function", "function": function}

    def use(self, arguments: Mapping[str, Any]) -> Acted:
        """Act with the arguments of the model, or say which one is missing."""
        needed = [name for name in self.parameters if name not in self.optional]
        missing = [name for name in needed if not str(arguments.get(name) or "").strip()]
        if missing:
            names = ", ".join(missing)
            sentence = f"The model used {self.kind} without {names}, so nothing would happen."
            return Acted(self.kind, arguments, sentence, f"not done: {names} missing", done=False)
        return self.act(arguments)


def tools_of(plan: CallPlan, wording: Callable[..., str]) -> tuple[Tool, ...]:
    """Return the tools of an assistant. `wording` returns a text of `prompt.yaml`."""
    found = [tool for action in plan.actions for tool in _of_action(plan, action, wording)]
    if plan.is_on("is_opt_out"):
        found.append(_sign(OPT_OUT, "Opted out.", "noted: no more calls", wording))
    found.append(_sign(END_CALL, "Hung up.", "the call is over", wording))
    return tuple(_numbered(found))


def _numbered(tools: list[Tool]) -> Iterator[Tool]:
    """Give the second tool of a kind the number 2, and so on."""
    seen: dict[str, int] = {}
    for tool in tools:
        number = seen[tool.kind] = seen.get(tool.kind, 0) + 1
        yield tool if number == 1 else replace(tool, name=f"{tool.kind}_{number}")


def _sign(kind: str, sentence: str, result: str, wording: Callable[..., str]) -> Tool:
    return Tool(
        kind, kind, wording("tools", kind), lambda given: Acted(kind, given, sentence, result)
    )


def _of_action(
    plan: CallPlan, action: Mapping[str, Any], wording: Callable[..., str]
) -> Iterator[Tool]:
    if action.get("type") == "scheduleMeeting":
        yield _meeting(plan, action, wording)
    elif action.get("type") == "sendMessage":
        for channel, part in channels_of(action).items():
            yield (_sms if channel == "sms" else _whatsapp)(plan, part, wording)


# Messages


def _sms(plan: CallPlan, sms: Mapping[str, Any], wording: Callable[..., str]) -> Tool:
    text, when = plan.filled(sms.get("content")), plan.filled(sms.get("description"))

    def act(given: Mapping[str, Any]) -> Acted:
        return Acted(SEND_SMS, {**given, "text": text}, f"Would send SMS: {text}", "sent")

    description = wording("tools", SEND_SMS, text=text, when=when)
    return Tool(SEND_SMS, SEND_SMS, description, act, **_times(sms))


def _whatsapp(plan: CallPlan, message: Mapping[str, Any], wording: Callable[..., str]) -> Tool:
    name = plan.filled(paths.get(message, ("content", "templateName"))) or "of the assistant"
    when = plan.filled(message.get("description"))
    hints = dict(_hints(plan, message.get("content")))

    def act(given: Mapping[str, Any]) -> Acted:
        filled = "; ".join(f"{each.replace('_', ' ')}: {given[each]}" for each in hints)
        sentence = f"Would send WhatsApp {name}" + (f": {filled}" if filled else "")
        return Acted(SEND_WHATSAPP, given, sentence, "sent")

    description = wording("tools", SEND_WHATSAPP, template=name, when=when)
    return Tool(SEND_WHATSAPP, SEND_WHATSAPP, description, act, hints, **_times(message))


def _hints(plan: CallPlan, content: Any) -> Iterator[tuple[str, str]]:
    """Yield a parameter and its hint for each placeholder of a template."""
    slots, hints = (
        paths.get(content, ("parameter_slots",)),
        paths.get(content, ("parameter_hints",)),
    )
    if not (isinstance(slots, list) and isinstance(hints, list)):
        return
    if paths.get(content, ("category",)) == "AUTHENTICATION":
        yield from (("code", plan.filled(hint)) for hint in hints[:1])
        return
    for slot, hint in zip(slots, hints, strict=False):
        if isinstance(slot, Mapping):
            numbers = (slot.get("index"), slot.get("sub_index"))
            shown = [str(int(number)) for number in numbers if isinstance(number, int | float)]
            yield "_".join([str(slot.get("section", "slot")), *shown]), plan.filled(hint)


def _times(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "after_call": message.get("end_call_sms") is True,
        "if_unanswered": message.get("end_call_sms_not_answered") is True,
    }


# Meetings


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The times that can be booked. All that the payload does not set is free."""

    first: int
    last: int
    length: int
    days: tuple[str, ...]
    start: date

    def problem(self, day: date, minute: int) -> str:
        """Why a time cannot be booked, as a clause; empty if it can."""
        if day < self.start:
            return f"the first day is {self.start.isoformat()}"
        if DAYS[day.weekday()] not in self.days:
            return f"{DAYS[day.weekday()]} cannot be booked, only {', '.join(self.days)}"
        if not self.first <= minute <= self.last - self.length:
            return f"meetings are between {_clock(self.first)} and {_clock(self.last)}"
        return ""


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _calendar(plan: CallPlan, action: Mapping[str, Any]) -> _Calendar:
    first, last = minute_of_day(action.get("startTime")), minute_of_day(action.get("endTime"))
    length, named = action.get("length"), str(action.get("bookingDays") or "")
    days = tuple(day for day in DAYS if day in named.split(","))
    try:
        start = date.fromisoformat(str(action.get("startDate")))
    except ValueError:
        start = plan.now.date()
    return _Calendar(
        0 if first is None else first,
        24 * 60 if last is None else last,
        int(length) if isinstance(length, int | float) else 0,
        days or DAYS,
        max(start, plan.now.date()),
    )


def _meeting(plan: CallPlan, action: Mapping[str, Any], wording: Callable[..., str]) -> Tool:
    calendar = _calendar(plan, action)
    say = plan.filled(action.get("say"))
    description = wording(
        "tools",
        SCHEDULE_MEETING,
        minutes=str(calendar.length or 30),
        when=plan.filled(action.get("description")),
        days=", ".join(calendar.days),
        first=_clock(calendar.first),
        last=_clock(calendar.last),
        zone=str(action.get("timezone") or "local time"),
        start=calendar.start.isoformat(),
        how=plan.filled(action.get("prompt")),
        say=say and wording("tools", "say", say=say),
    )
    parameters = {name: wording("tools", name) for name in ("day", "time", "note")}

    def act(given: Mapping[str, Any]) -> Acted:
        return _book(calendar, given)

    return Tool(SCHEDULE_MEETING, SCHEDULE_MEETING, description, act, parameters, ("note",))


def _book(calendar: _Calendar, given: Mapping[str, Any]) -> Acted:
    written = f"{given['day']} {given['time']}"
    try:
        day = date.fromisoformat(str(given["day"]).strip())
        minute = _minute(str(given["time"]).strip())
    except ValueError:
        problem = "enter the day as YYYY-MM-DD and the time as HH:MM"
    else:
        problem = calendar.problem(day, minute)
    if problem:
        sentence = f"Would not book {written}: {problem}."
        return Acted(SCHEDULE_MEETING, given, sentence, f"not booked: {problem}", done=False)
    shown = f"{spoken_day(datetime.combine(day, time()))}, {_clock(minute)}"
    note = str(given.get("note") or "").strip()
    sentence = f"Would book: {shown}" + (f" ({note})" if note else "")
    return Acted(SCHEDULE_MEETING, given, sentence, f"booked: {shown}")


def _minute(text: str) -> int:
    """Return the minute of a day of `14:30`, or of `02:30 PM`; raises ValueError."""
    minute = minute_of_day(text.upper())
    if minute is not None:
        return minute
    read = time.fromisoformat(text)
    return read.hour * 60 + read.minute
