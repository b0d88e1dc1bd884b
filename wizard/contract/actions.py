"""The actions an assistant can take during a call: schedule a meeting, send a message."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar

from wizard.contract.choices import (
    ACTION_TYPES,
    ANNOUNCEMENTS,
    CATEGORIES,
    DAYS,
    MEETING_TYPES,
    SECTIONS,
)
from wizard.contract.conditions import NEVER, both, equals, is_given, is_on
from wizard.contract.fields import FieldMeta, Sent
from wizard.contract.model import (
    ABSENT,
    ON,
    MemberRule,
    RuledModel,
    RuleViolation,
    having,
    if_then,
    not_blank_if,
)
from wizard.contract.rules import (
    CLOCK,
    DATE,
    DAY_LIST,
    NOT_BLANK,
    ZONE,
    Rule,
    Whole,
    minute_of_day,
    one_of,
    whole_from,
    zones,
)
from wizard.contract.short_forms import full_time, full_zone
from wizard.contract.template_slots import count_words, hints_from_category, slots_from_text
from wizard.formats.json_text import is_number

_MEETING = equals("type", "scheduleMeeting")
_MESSAGE = equals("type", "sendMessage")


# Fields that all channels have.


def _condition(switch: str, help_text: str) -> FieldMeta:
    return FieldMeta("When to send it", help_text, when=is_on(switch), sent=Sent.ASKED, default="")


def _after_calls(switch: str) -> FieldMeta:
    return FieldMeta("After every call", "Sends it after each call.", when=is_on(switch))


def _if_unanswered(switch: str) -> FieldMeta:
    return FieldMeta("When not answered", "Sends it if nobody answered.", when=is_on(switch))


class Sms(RuledModel):
    """A text message."""

    is_sms: Annotated[
        bool, FieldMeta("Send an SMS", "Sends a text message during or after the call.")
    ] = ABSENT
    description: Annotated[
        str, _condition("is_sms", "In words, for example: when the caller asks for directions.")
    ] = ABSENT
    content: Annotated[
        str,
        FieldMeta(
            "Text of the SMS",
            "160 plain characters fit in one SMS.",
            when=is_on("is_sms"),
            sent=Sent.ASKED,
            default="",
            long=True,
        ),
    ] = ABSENT
    end_call_sms: Annotated[bool, _after_calls("is_sms")] = ABSENT
    end_call_sms_not_answered: Annotated[bool, _if_unanswered("is_sms")] = ABSENT

    rules: ClassVar = (not_blank_if("is_sms", "description", "content"),)


class Whatsapp(RuledModel):
    """A legacy WhatsApp message, replaced by the Zeplo template."""

    is_whatsapp: Annotated[
        bool, FieldMeta("Send by WhatsApp (legacy)", "Replaced by the WhatsApp template.")
    ] = ABSENT
    description: Annotated[str, _condition("is_whatsapp", "The condition, in words.")] = ABSENT
    content: Annotated[
        dict[str, Any],
        FieldMeta(
            "Message", "The message as a JSON object.", when=is_on("is_whatsapp"), whole=True
        ),
    ] = ABSENT
    end_call_sms: Annotated[bool, _after_calls("is_whatsapp")] = ABSENT
    end_call_sms_not_answered: Annotated[bool, _if_unanswered("is_whatsapp")] = ABSENT

    rules: ClassVar = (not_blank_if("is_whatsapp", "description"),)


def _valid_slot_numbers(slot: Mapping[str, Any]) -> Iterator[RuleViolation]:
    section, index, sub_index = slot.get("section"), slot.get("index"), slot.get("sub_index")
    first, placed = 0 if section == "button" else 1, section in _SECTIONS
    if placed and is_number(index) and index < first:
        yield RuleViolation(("index",), "out_of_range", f"Enter {first} or more for a {section}.")
    if sub_index is None:
        return
    if placed and section != "button":
        yield RuleViolation(
            ("sub_index",), "not_in_button", "Only buttons have this number. Remove it."
        )
    elif is_number(sub_index) and sub_index < 1:
        yield RuleViolation(("sub_index",), "out_of_range", "Enter 1 or more.")


# A tuple, because the section may be unhashable: rules accept values of any type.
_SECTIONS = tuple(SECTIONS)


class Slot(RuledModel):
    """One placeholder of a message template."""

    section: Annotated[
        str,
        one_of(SECTIONS),
        FieldMeta("Part", "The part of the template that contains it."),
    ] = ABSENT
    index: Annotated[
        Whole,
        FieldMeta("Number", "Placeholders count from 1, buttons from 0."),
    ] = ABSENT
    sub_index: Annotated[
        Whole,
        FieldMeta(
            "Number in the button",
            "Counts from 1. Only for buttons.",
            when=equals("section", "button"),
        ),
    ] = ABSENT
    label: Annotated[str, FieldMeta("Label", "The name of the placeholder.")] = ABSENT

    rules: ClassVar = (
        MemberRule(
            _valid_slot_numbers,
            [
                {"properties": {"index": {"minimum": 0}, "sub_index": {"minimum": 1}}},
                if_then(
                    having(section={"enum": [each for each in SECTIONS if each != "button"]}),
                    {"properties": {"index": {"minimum": 1}}, "not": {"required": ["sub_index"]}},
                ),
            ],
        ),
    )


def _one_hint_per_slot(content: Mapping[str, Any]) -> Iterator[RuleViolation]:
    slots, hints = content.get("parameter_slots", []), content.get("parameter_hints", [])
    if not (isinstance(slots, list) and isinstance(hints, list)):
        return
    if content.get("category") == "AUTHENTICATION":
        needed, reason = (
            min(len(slots), 1),
            "one for all placeholders of an authentication template",
        )
    else:
        needed, reason = len(slots), "one for each placeholder"
    if len(hints) != needed:
        count = f"{needed or 'no'} {'hint' if needed == 1 else 'hints'}"
        message = f"Enter {count}, {reason}, not {len(hints) or 'none'}."
        yield RuleViolation(("parameter_hints",), "not_aligned", message)


_HINT = replace(NOT_BLANK, allowed="a non-blank hint")
_EMPTY = Rule(
    "not_empty",
    "an empty list",
    lambda items: not items,
    {"maxItems": 0},
)


class ZeploContent(RuledModel):
    """A WhatsApp message template and hints for its placeholders."""

    templateName: Annotated[
        str,
        FieldMeta("Template name", "The approved template's name.", sent=Sent.ASKED, default=""),
    ] = ABSENT
    language: Annotated[
        str,
        FieldMeta(
            "Template language", "The template's language code.", sent=Sent.ASKED, default="en_US"
        ),
    ] = ABSENT
    category: Annotated[
        str,
        one_of(CATEGORIES),
        FieldMeta("Category", "The approved template's category.", derives=hints_from_category),
    ] = ABSENT
    # Only stored in the draft, never sent.
    template_text: Annotated[
        Any,
        FieldMeta(
            "Template text",
            "Paste it. Lines may begin with header: or button:",
            sent=Sent.NEVER,
            long=True,
            derives=slots_from_text,
            summary=count_words,
        ),
    ] = ABSENT
    parameter_slots: Annotated[
        list[Slot],
        FieldMeta(
            "Placeholders",
            "Read from the text above. Edit them here as JSON.",
            sent=Sent.ASKED,
            default=[],
            whole=True,
            as_json=True,
        ),
    ] = ABSENT
    parameter_hints: Annotated[
        list[Annotated[str, _HINT]],
        FieldMeta(
            "Hints",
            "One line for each placeholder, for example: the caller's name.",
            sent=Sent.ASKED,
            default=[],
            as_json=True,
            aligned=True,
        ),
    ] = ABSENT
    # Only stored in the draft: a placeholder that comes back gets its hint again.
    known_hints: Annotated[
        Any,
        FieldMeta("Known hints", "The hints by placeholder.", when=NEVER, sent=Sent.NEVER),
    ] = ABSENT
    components: Annotated[
        list[Any],
        _EMPTY,
        FieldMeta("Components", "Always empty.", when=NEVER, sent=Sent.ALWAYS, default=[]),
    ] = ABSENT

    rules: ClassVar = (MemberRule(_one_hint_per_slot),)


class Zeplo(RuledModel):
    """A WhatsApp message from a template, sent through Zeplo."""

    is_zeplo: Annotated[
        bool, FieldMeta("Send a WhatsApp template", "Sends an approved template by WhatsApp.")
    ] = ABSENT
    description: Annotated[
        str, _condition("is_zeplo", "In words, for example: when the appointment is booked.")
    ] = ABSENT
    content: Annotated[
        ZeploContent,
        FieldMeta("Template", "The template and its placeholders.", when=is_on("is_zeplo")),
    ] = ABSENT
    end_call_sms: Annotated[bool, _after_calls("is_zeplo")] = ABSENT
    end_call_sms_not_answered: Annotated[bool, _if_unanswered("is_zeplo")] = ABSENT

    rules: ClassVar = (not_blank_if("is_zeplo", "description", "content.templateName"),)


def _ends_after_start(action: Mapping[str, Any]) -> Iterator[RuleViolation]:
    end = minute_of_day(action.get("endTime"))
    if end is None:
        return
    start = minute_of_day(action.get("startTime"))
    if start is not None and end <= start:
        yield RuleViolation(
            ("endTime",), "not_after", f"Enter a time after the start, {action['startTime']}."
        )


_SWITCHES = {"sms": "is_sms", "whatsapp": "is_whatsapp", "zeplo": "is_zeplo"}


def channels_of(action: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the channels that an action sends on, each with its part of the action."""
    parts = {channel: action.get(channel) for channel in _SWITCHES}
    return {
        channel: part
        for channel, part in parts.items()
        if isinstance(part, Mapping) and part.get(_SWITCHES[channel]) is True
    }


def _some_channel(action: Mapping[str, Any]) -> Iterator[RuleViolation]:
    if action.get("type") == "sendMessage" and not channels_of(action):
        yield RuleViolation((), "no_channel", "Turn on the SMS or the WhatsApp template.")


_SOME_CHANNEL = {"anyOf": [having(**{c: having(**{s: ON})}) for c, s in _SWITCHES.items()]}


def _tomorrow(_: str) -> str:
    return (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011 - the user's local day


def _local_zone(_: str) -> str:
    """Return the system's IANA time zone, or UTC if it is unknown."""
    import tzlocal  # noqa: PLC0415 - only a new action needs it

    name = tzlocal.get_localzone_name() or "UTC"
    return name if name in zones() else "UTC"


class Action(RuledModel):
    """One action; `type` decides which of the fields apply."""

    type: Annotated[
        str,
        one_of(ACTION_TYPES),
        FieldMeta("Action", "What the assistant does during the call."),
    ]
    meetingType: Annotated[
        str,
        one_of(MEETING_TYPES),
        FieldMeta(
            "Meeting type",
            "Open booking is the only type.",
            when=_MEETING,
            start=lambda _: "openBooking",
        ),
    ] = ABSENT
    timezone: Annotated[
        str,
        ZONE,
        FieldMeta(
            "Time zone",
            "Type a city, for example Kolkata. Press ↓ for a list.",
            when=_MEETING,
            start=_local_zone,
            suggest=lambda: sorted(zones()),
            complete=full_zone,
        ),
    ] = ABSENT
    startDate: Annotated[
        str,
        DATE,
        FieldMeta("First day", "The first day that can be booked.", when=_MEETING, start=_tomorrow),
    ] = ABSENT
    description: Annotated[
        str,
        FieldMeta(
            "When to offer it",
            "The condition, in words.",
            when=_MEETING,
            start=lambda _: "When the caller would like to book a meeting or an appointment.",
        ),
    ] = ABSENT
    say: Annotated[
        str,
        FieldMeta(
            "Announcement",
            "Said before it looks for a free time.",
            when=_MEETING,
            start=lambda language: ANNOUNCEMENTS.get(language, ANNOUNCEMENTS["en"]),
            spoken=True,
        ),
    ] = ABSENT
    length: Annotated[
        float,
        whole_from(1, "minutes"),
        FieldMeta("Length (min)", "How long a meeting takes.", when=_MEETING, start=lambda _: 30),
    ] = ABSENT
    prompt: Annotated[
        str,
        FieldMeta(
            "How to book",
            "Instructions for booking a meeting.",
            when=_MEETING,
            long=True,
            start=lambda _: (
                "Offer two free times, let the caller choose one, repeat day and time, and book "
                "it once the caller has agreed."
            ),
        ),
    ] = ABSENT
    startTime: Annotated[
        str,
        CLOCK,
        FieldMeta(
            "From",
            "The earliest time of a day, for example 9:30.",
            when=_MEETING,
            start=lambda _: "09:00 AM",
            complete=full_time,
        ),
    ] = ABSENT
    endTime: Annotated[
        str,
        CLOCK,
        FieldMeta(
            "Until",
            "The latest time of a day, for example 5 pm.",
            when=_MEETING,
            start=lambda _: "05:00 PM",
            complete=full_time,
        ),
    ] = ABSENT
    bookingDays: Annotated[
        str,
        DAY_LIST,
        FieldMeta(
            "Days",
            "The days of the week that can be booked.",
            when=_MEETING,
            several=DAYS,
            start=lambda _: ",".join(DAYS[:5]),
        ),
    ] = ABSENT
    sms: Annotated[Sms, FieldMeta("SMS", "A text message.", when=_MESSAGE)] = ABSENT
    whatsapp: Annotated[
        Whatsapp,
        FieldMeta(
            "WhatsApp (legacy)",
            "Replaced by the template. Shown only if an imported payload has it.",
            when=both(_MESSAGE, is_given("whatsapp")),
        ),
    ] = ABSENT
    zeplo: Annotated[
        Zeplo, FieldMeta("WhatsApp template", "An approved template, through Zeplo.", when=_MESSAGE)
    ] = ABSENT

    rules: ClassVar = (
        MemberRule(_ends_after_start),
        MemberRule(_some_channel, [if_then(having(type={"const": "sendMessage"}), _SOME_CHANNEL)]),
    )
