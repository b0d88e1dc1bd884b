"""Advice on many payloads, one after another: what was said of one is said again of its like.

A batch is one assistant over and over, with other names, addresses and ids. They hardly ever have a
bearing on the advice, and to see that all else is the same takes a small part of the time that it
takes to look at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from wizard.advice.ear import minds_names
from wizard.advice.lengths import within_limits
from wizard.advice.parts import look
from wizard.advice.view import View
from wizard.problems import Problem

# What no rule looks at, and what always applies: its value is all the same.
_OF_NO_BEARING: Final = ("company_website", "knowledge_base_Id", "zapier_hook")
# How much JSON is remembered, and the longest payload of it, in bytes.
_MOST: Final = 2_000_000
_LONGEST: Final = 200_000

# Of how many it is known that they came once.
_MOST_MET: Final = 10_000

_Names = tuple[str, str]
# What one that is like another has in common with it for sure.
_Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A payload without its names, and the advice on it.

    `names` are those of the assistant and the company where the advice may hang on them, else None.
    """

    rest: Mapping[str, Any]
    names: _Names | None
    advice: tuple[Problem, ...]

    def is_like(self, rest: Mapping[str, Any], names: _Names) -> bool:
        """Whether the same is to be said of a payload with these names."""
        fits = within_limits(*names) if self.names is None else self.names == names
        return fits and self.rest == rest


class Adviser:
    """Gives advice on payloads without errors, as `advise` does, and remembers the latest.

    In these a value equals another only where it is the same to every rule: elsewhere `true` would
    pass for 1. What is remembered is bounded, so a stream may be endless.
    """

    def __init__(self) -> None:
        self._day = date.min
        self._met: set[int] = set()
        self._seen: dict[_Place, _Seen] = {}
        self._held = 0

    def advise(
        self, payload: dict[str, Any], size: int, today: date | None = None
    ) -> tuple[Problem, ...]:
        """Return all advice on a payload, of which there are `size` bytes of JSON.

        `today` is the day that dates are compared with, as for `advise`.
        """
        day = today or date.today()  # noqa: DTZ011 - the person's own day
        if day != self._day:
            self._forget()
            self._day = day
        rest = payload.copy()
        names = rest.pop("name"), rest.pop("company_name")
        for name in _OF_NO_BEARING:
            rest.pop(name, None)
        place = payload["script"], payload["start_speech"], payload["voice_id"], payload["language"]
        seen = self._seen.get(place)
        if seen and seen.is_like(rest, names):
            return seen.advice
        view = View(payload, day)
        advice = tuple(look(view))
        if size <= _LONGEST and self._comes_again(place):
            self._remember(place, _Seen(rest, _minded(view, names), advice), size)
        return advice

    def _comes_again(self, place: _Place) -> bool:
        """Whether there was one like it: to remember what never comes again is not for nothing."""
        mark = hash(place)
        if mark in self._met:
            return True
        if len(self._met) == _MOST_MET:
            self._met.clear()
        self._met.add(mark)
        return False

    def _remember(self, place: _Place, seen: _Seen, size: int) -> None:
        # One that takes another's place counts beside it: then all is forgotten the sooner.
        self._held += size
        if self._held > _MOST:
            self._forget()
            self._held = size
        self._seen[place] = seen

    def _forget(self) -> None:
        self._seen.clear()
        self._held = 0


def _minded(view: View, names: _Names) -> _Names | None:
    """The names in a payload, where the advice on it may hang on them."""
    minds = not within_limits(*names) or any(map(minds_names, view.heard))
    return names if minds else None
