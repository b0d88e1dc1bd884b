"""The full forms of answers that people type in short: addresses, time zones, times of a day.

Each function returns a text that it cannot complete as it is, so that its error is reported.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from wizard.contract.rules import zones
from wizard.formats.text import without_accents

# A host with a dot in it, and what may follow it. Words with a space or an @ are no addresses.
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+\.?(:\d+)?([/?#]\S*)?")
# Hour and minute with a separator or without, and the half of the day, or an h for the whole day.
_TIME = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?(?: ?([ap])\.?m?\.?| ?h)?", re.IGNORECASE)
_NAMED = {"noon": "12:00 PM", "midnight": "12:00 AM"}
# Large cities that no zone is named after.
_CITIES = {
    "Asia/Kolkata": ("mumbai", "delhi", "new_delhi", "bengaluru", "bangalore", "chennai", "pune"),
    "Asia/Dubai": ("abu_dhabi",),
    "America/Los_Angeles": ("san_francisco", "seattle"),
    "America/New_York": ("boston", "washington", "miami"),
}
_ZONE_OF = {city: zone for zone, cities in _CITIES.items() for city in cities}
_NOON, _HOURS, _MINUTES = 12, 24, 60


def full_url(text: str) -> str:
    """Return a web address with its scheme: https, unless it has one."""
    typed = text.strip()
    return f"https://{typed}" if _HOST.fullmatch(typed) else text


def full_time(text: str) -> str:
    """Return a time as the API writes it, such as 09:30 AM. Without AM or PM it has 24 hours."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return _NAMED.get(text.strip().removeprefix("12 ").casefold(), text)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if minute >= _MINUTES or hour >= _HOURS or (half and not 1 <= hour <= _NOON):
        return text
    is_late = half == "p" if half else hour >= _NOON
    return f"{hour % _NOON or _NOON:02}:{minute:02} {'PM' if is_late else 'AM'}"


@lru_cache(256)
def full_zone(text: str) -> str:
    """Return the only time zone that a part of a name fits, the name of a city first."""
    part = without_accents(text.strip().replace(" ", "_").casefold())
    if not part:
        return text
    if part in _ZONE_OF:
        return _ZONE_OF[part]
    fits: tuple[Callable[[str], bool], ...] = (
        lambda name: name == part,
        lambda name: _city(name) == part,
        lambda name: _city(name).startswith(part),
        lambda name: part in name,
    )
    for fit in fits:
        found = [zone for zone in zones() if fit(zone.casefold())]
        if found:
            return found[0] if len(found) == 1 else text
    return text


def _city(zone: str) -> str:
    return zone.rpartition("/")[2]
