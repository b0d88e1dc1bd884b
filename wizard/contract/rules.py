"""Rules for a single value, used as annotations of the contract's types.

A rule has an error code, a message and the matching JSON Schema.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias, TypeGuard
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from wizard.contract.choices import DAYS

REQUIRED: Final = "Required."


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A test of one value; `allowed` completes the sentence "Enter ..."."""

    code: str
    allowed: str
    test: Callable[[Any], bool]
    schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The error for a value that breaks the rule."""
        return REQUIRED if self.code == "blank" else f"Enter {self.allowed}."

    def check(self, value: Any) -> Any:
        """Return the value unchanged, or raise PydanticCustomError if the test fails."""
        if not self.test(value):
            raise PydanticCustomError(self.code, "{message}", {"message": self.message})
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the type's schema with this rule applied after it."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the type's JSON Schema with the keywords of this rule."""
        return {**handler(schema), **self.schema}


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Rule):
    """A closed list of values; `options` maps each value to its label."""

    options: Mapping[Any, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The error for a value that is not in the list: its labels, and the values to type."""
        named = [_named(value, label) for value, label in self.options.items()]
        if len(named) == 1:
            return f"Enter the only allowed value: {named[0].removesuffix('.')}."
        return f"Choose one of {', '.join(named)}."


def _named(value: Any, label: str) -> str:
    """The first part of a label with its value, or the value alone if it is the same word."""
    is_same = str(value).casefold() in (label.casefold(), label.partition(":")[0].casefold())
    return str(value) if is_same else f"{label.partition(' · ')[0]} ({value})"


def one_of(options: Mapping[Any, str] | Sequence[Any]) -> OneOf:
    """Allow only these values; a sequence uses each value as its own label."""
    labels = options if isinstance(options, Mapping) else {value: str(value) for value in options}
    return OneOf(
        code="not_allowed",
        allowed="one of " + ", ".join(map(str, labels)),
        test=labels.__contains__,
        schema={"enum": list(labels)},
        options=labels,
    )


def between(low: float, high: float) -> Rule:
    """Allow a number from `low` to `high`, both included."""
    return Rule(
        code="out_of_range",
        allowed=f"a number from {low} to {high}",
        test=lambda value: bool(low <= value <= high),
        schema={"minimum": low, "maximum": high},
    )


def at_least(low: float, unit: str) -> Rule:
    """Allow a number of at least `low`; `unit` is its unit in the plural."""
    return Rule(
        code="out_of_range",
        allowed=f"a number of {unit}, {low} or more",
        test=lambda value: bool(value >= low),
        schema={"minimum": low},
    )


def whole_from(low: int, unit: str) -> Rule:
    """Allow a whole number of at least `low`, including a float such as `30.0`."""
    return Rule(
        code="not_whole",
        allowed=f"a whole number of {unit}, {low} or more",
        test=lambda value: value == int(value) and value >= low,
        schema={"type": "integer", "minimum": low},
    )


def over(low: float, unit: str) -> Rule:
    """Allow a number greater than `low`."""
    return Rule(
        code="out_of_range",
        allowed=f"a number of {unit} over {low}",
        test=lambda value: bool(value > low),
        schema={"exclusiveMinimum": low},
    )


_NOT_IN_URL = re.compile(r"[\s\x00-\x1f]")


def is_url(text: str) -> bool:
    """Whether a text is an http or https address."""
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and named and not _NOT_IN_URL.search(text)


_DATE_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_date(text: str) -> bool:
    if not _DATE_FORM.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_CLOCK = r"(0[1-9]|1[0-2]):([0-5][0-9]) (AM|PM)"
_CLOCK_FORM = re.compile(_CLOCK)


def minute_of_day(text: Any) -> int | None:
    """Return the minute since midnight of a time such as `09:30 AM`, or `None` if malformed."""
    found = _CLOCK_FORM.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    hour, minute, half = found.groups()
    return int(hour) % 12 * 60 + int(minute) + (12 * 60 if half == "PM" else 0)


@cache
def zones() -> frozenset[str]:
    """Return the IANA names of all time zones, the same on every machine.

    `zoneinfo.available_timezones` also searches the system's files, which takes 18 ms.
    """
    import tzdata  # type: ignore[import-untyped] # noqa: PLC0415 - only actions need it

    names = Path(tzdata.__path__[0], "zones")
    return frozenset(names.read_text(encoding="ascii").split())


_DAY_NAMES = frozenset(day.casefold() for day in DAYS)


def is_day_list(text: str) -> bool:
    """Whether a text is a comma-separated list of days; an empty text is valid."""
    return not text or all(part.strip().casefold() in _DAY_NAMES for part in text.split(","))


NOT_BLANK = Rule(
    "blank",
    "non-blank text",
    lambda text: not is_blank(text),
    {"pattern": r"\S"},
)
WEB_ADDRESS = Rule(
    "bad_url", "a web address, for example https://example.com", is_url, {"format": "uri"}
)
WHOLE = Rule(
    "not_whole", "a whole number", lambda number: number == int(number), {"type": "integer"}
)
DATE = Rule("bad_date", "a date, for example 2026-12-31", _is_date, {"format": "date"})
CLOCK = Rule(
    "bad_time",
    "a time, for example 09:30 AM",
    lambda text: minute_of_day(text) is not None,
    {"pattern": f"^{_CLOCK}$"},
)
ZONE = Rule("bad_zone", "an IANA time zone, for example Asia/Kolkata", lambda text: text in zones())
DAY_LIST = Rule("bad_day", "days separated by commas, for example Monday,Friday", is_day_list)


def is_blank(text: str) -> bool:
    """Whether a text is empty or only whitespace."""
    return not text or text.isspace()


def is_filled(value: Any) -> TypeGuard[str]:
    """Whether a value is a text that is not blank."""
    return isinstance(value, str) and not is_blank(value)


Words: TypeAlias = Annotated[str, NOT_BLANK]
Url: TypeAlias = Annotated[str, WEB_ADDRESS]
Whole: TypeAlias = Annotated[float, WHOLE]
