"""Advice on actions: their number, and whether a meeting can be booked."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from wizard.advice.context import AdviceContext, AdviceInfo
from wizard.contract.actions import Action
from wizard.contract.fields import find, questions
from wizard.contract.problems import Fix, Problem
from wizard.contract.rules import DATE, is_blank, minute_of_day
from wizard.formats.json_text import is_number
from wizard.formats.paths import Path
from wizard.formats.text import counted

_MEETING: Final = {
    "type": "scheduleMeeting",
    "meetingType": "openBooking",
    "timezone": "Asia/Kolkata",
    "startDate": "2999-12-31",
    "description": "When the caller would like an appointment.",
    "say": "One moment please.",
    "length": 30,
    "prompt": "Offer two free times.",
    "startTime": "09:00 AM",
    "endTime": "05:00 PM",
    "bookingDays": "Monday,Friday",
}

ADVICE: Final = (
    AdviceInfo(
        "QW141",
        "The first bookable day is in the past.",
        {"actions": [{**_MEETING, "startDate": "2020-01-31"}]},
    ),
    AdviceInfo(
        "QW142",
        "The bookable time of a day is shorter than a meeting.",
        {"actions": [{**_MEETING, "length": 90, "endTime": "10:00 AM"}]},
    ),
    AdviceInfo(
        "QW143",
        "No day of the week can be booked.",
        {"actions": [{**_MEETING, "bookingDays": ""}]},
    ),
    AdviceInfo("QW144", "There are more than five actions.", {"actions": [_MEETING] * 6}),
)

_MOST_ACTIONS: Final = 5
_ACTION: Final = questions(Action)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the number of actions and the meetings."""
    for path, action in context.actions:
        if action.get("type") == "scheduleMeeting":
            yield from _first_day(context.today, path, action.get("startDate"))
            yield from _length(path, action)
            yield from _days(path, action.get("bookingDays"))
    actions = context.payload.get("actions")
    if isinstance(actions, list) and len(actions) > _MOST_ACTIONS:
        message = (
            f"There are {len(actions)} actions. The model confuses more than {_MOST_ACTIONS}. Keep "
            "the most important ones."
        )
        yield Problem(("actions",), "QW144", message)


def _first_day(today: date, path: Path, day: Any) -> Iterator[Problem]:
    if not isinstance(day, str) or not DATE.test(day) or date.fromisoformat(day) >= today:
        return
    tomorrow = (today + timedelta(days=1)).isoformat()
    message = "This day is in the past. Choose a later one."
    yield Problem((*path, "startDate"), "QW141", message, Fix("Start tomorrow", tomorrow))


def _length(path: Path, action: Mapping[str, Any]) -> Iterator[Problem]:
    start, end = minute_of_day(action.get("startTime")), minute_of_day(action.get("endTime"))
    length: Any = action.get("length")
    if start is None or end is None or end <= start or not is_number(length):
        return
    if length > end - start:
        minutes = counted(end - start, "minute")
        message = f"Longer than the {minutes} between From and Until. Shorten it, or widen the day."
        shorter = Fix(f"Use {minutes}", end - start)
        yield Problem((*path, "length"), "QW142", message, shorter)


def _days(path: Path, days: Any) -> Iterator[Problem]:
    if isinstance(days, str) and is_blank(days):
        question = find(_ACTION, ("bookingDays",))
        usual = question.meta.start("en") if question and question.meta.start else ""
        use_default = Fix("Use the default days", usual) if usual else None
        message = "Nothing can be booked without a day. Choose the days."
        yield Problem((*path, "bookingDays"), "QW143", message, use_default)
