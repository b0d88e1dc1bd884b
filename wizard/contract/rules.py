"""Rules a single value keeps: each knows its error code, the words for what is allowed and its
JSON Schema, and stands beside a type in a model of the contract."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from wizard.contract.choices import DAYS

_MUST_BE: Final = "must be {allowed}"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A test of one value; `allowed` completes the sentence "must be ..."."""

    code: str
    allowed: str
    test: Callable[[Any], bool]
    schema: Mapping[str, Any] = field(default_factory=dict)

    def check(self, value: Any) -> Any:
        """Return the value as it came; PydanticCustomError where the test fails."""
        if not self.test(value):
            raise PydanticCustomError(self.code, _MUST_BE, {"allowed": self.allowed})
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of the values of a type that keep this rule."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the JSON Schema of those values."""
        return {**handler(schema), **self.schema}


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Rule):
    """A closed list: `options` are its values, each with the words a person reads."""

    options: Mapping[Any, str] = field(default_factory=dict)


def one_of(options: Mapping[Any, str] | Sequence[Any]) -> OneOf:
    """Allow these values and no others; given without words, the values are their own words."""
    words = options if isinstance(options, Mapping) else {value: str(value) for value in options}
    return OneOf(
        code="not_allowed",
        allowed="one of " + ", ".join(map(str, words)),
        test=words.__contains__,
        schema={"enum": list(words)},
        options=words,
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
    """Allow a number of `unit` that is `low` or more."""
    return Rule(
        code="out_of_range",
        allowed=f"a number of {unit}, {low} or more",
        test=lambda value: bool(value >= low),
        schema={"minimum": low},
    )


def whole_from(low: int, unit: str) -> Rule:
    """Allow a whole number of `unit` that is `low` or more; `30.0` is whole."""
    return Rule(
        code="not_whole",
        allowed=f"a whole number of {unit}, {low} or more",
        test=lambda value: value == int(value) and value >= low,
        schema={"type": "integer", "minimum": low},
    )


def over(low: float, unit: str) -> Rule:
    """Allow a number of `unit` that is more than `low`."""
    return Rule(
        code="out_of_range",
        allowed=f"a number of {unit} over {low}",
        test=lambda value: bool(value > low),
        schema={"exclusiveMinimum": low},
    )


_NO_URL = re.compile(r"[\s\x00-\x1f]")
# Nearly all addresses are like this, and there is nothing in them to be parsed.
_USUAL_URL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[a-zA-Z0-9._/-]*)?")


def _is_url(text: str) -> bool:
    if _USUAL_URL.fullmatch(text):
        return True
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and named and not _NO_URL.search(text)


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
_CLOCK_LENGTH = len("09:30 AM")


def minute_of_day(text: Any) -> int | None:
    """Return the minute since midnight that `09:30 AM` stands for, `None` for another form."""
    # All that have the form are of one length; nothing longer is kept in memory.
    return _minute(text) if isinstance(text, str) and len(text) == _CLOCK_LENGTH else None


@lru_cache(maxsize=24 * 60)
def _minute(text: str) -> int | None:
    found = _CLOCK_FORM.fullmatch(text)
    if not found:
        return None
    hour, minute, half = found.groups()
    return int(hour) % 12 * 60 + int(minute) + (12 * 60 if half == "PM" else 0)


@cache
def zones() -> frozenset[str]:
    """The IANA names of all time zones, on every machine the same; read on the first call.

    `zoneinfo.available_timezones` looks into each file of the machine as well, which takes 18 ms.
    """
    import tzdata  # type: ignore[import-untyped] # noqa: PLC0415 - only actions need it

    names = Path(tzdata.__path__[0], "zones")
    return frozenset(names.read_text(encoding="ascii").split())


_DAY_NAMES = frozenset(day.casefold() for day in DAYS)


def is_day_list(text: str) -> bool:
    """Whether every part between commas is a day's name; an empty text names none."""
    return not text or all(part.strip().casefold() in _DAY_NAMES for part in text.split(","))


NOT_BLANK = Rule(
    "blank",
    "some text, not blank",
    lambda text: not is_blank(text),
    {"pattern": r"\S"},
)
WEB_ADDRESS = Rule(
    "bad_url", "an http or https address, as in https://example.com", _is_url, {"format": "uri"}
)
WHOLE = Rule(
    "not_whole", "a whole number", lambda number: number == int(number), {"type": "integer"}
)
DATE = Rule("bad_date", "a date that exists, as in 2026-12-31", _is_date, {"format": "date"})
CLOCK = Rule(
    "bad_time",
    "a time as in 09:30 AM",
    lambda text: minute_of_day(text) is not None,
    {"pattern": f"^{_CLOCK}$"},
)
ZONE = Rule("bad_zone", "a time zone's IANA name, as in Asia/Kolkata", lambda text: text in zones())
DAY_LIST = Rule("bad_day", "days' names with commas between, as in Monday,Friday", is_day_list)


def is_blank(text: str) -> bool:
    """Whether a text is empty or nothing but white space."""
    return not text or text.isspace()


Words: TypeAlias = Annotated[str, NOT_BLANK]
Url: TypeAlias = Annotated[str, WEB_ADDRESS]
Whole: TypeAlias = Annotated[float, WHOLE]
