"""Conditions that decide when a field applies, each with its words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from wizard.formats.paths import MISSING


class Siblings(Protocol):
    """The current values of the fields in the same object."""

    def value(self, name: str) -> Any:
        """Return the answer if the field applies, else its default."""

    def answer(self, name: str) -> Any:
        """Return the answer, whether the field applies or not, or `MISSING`."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A condition on the siblings of a field; `words` is shown to the user."""

    words: str
    holds: Callable[[Siblings], bool]


ALWAYS = Condition("always", lambda _: True)
NEVER = Condition("never", lambda _: False)


# Cached, so that fields with the same condition share one object and one evaluation.
@cache
def equals(name: str, value: str) -> Condition:
    """The field `name` has this value."""
    return Condition(f"{name} is {value}", lambda siblings: siblings.value(name) == value)


@cache
def differs(name: str, value: str) -> Condition:
    """The field `name` does not have this value."""
    return Condition(f"{name} is not {value}", lambda siblings: siblings.value(name) != value)


@cache
def is_on(name: str) -> Condition:
    """The switch `name` is on."""
    return Condition(f"{name} is on", lambda siblings: siblings.value(name) is True)


@cache
def is_given(name: str) -> Condition:
    """The field `name` has an answer."""
    return Condition(f"{name} is given", lambda siblings: not is_empty(siblings.answer(name)))


def both(first: Condition, second: Condition) -> Condition:
    """Both conditions hold."""
    words = f"{first.words} and {second.words}"
    return Condition(words, lambda siblings: first.holds(siblings) and second.holds(siblings))


def either(first: Condition, second: Condition) -> Condition:
    """At least one of two conditions holds."""
    words = f"{first.words} or {second.words}"
    return Condition(words, lambda siblings: first.holds(siblings) or second.holds(siblings))


def is_empty(value: Any) -> bool:
    """Whether a value counts as no answer. Whitespace, `false` and 0 are answers."""
    return value is MISSING or value is None or value in ("", [], {})
