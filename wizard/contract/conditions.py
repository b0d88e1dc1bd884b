"""When a field is asked: conditions on the fields beside it, each with the words that tell it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from wizard.formats.paths import MISSING


class Siblings(Protocol):
    """The fields beside the one in question, as they stand now."""

    def value(self, name: str) -> Any:
        """What the field is worth: its answer while it applies, else its resting value."""

    def answer(self, name: str) -> Any:
        """What was answered, whether it applies or not; `MISSING` where nothing was."""


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """A condition on the siblings of a field, with the words that tell it to a person."""

    words: str
    holds: Callable[[Siblings], bool]


ALWAYS = When("always", lambda _: True)
NEVER = When("never", lambda _: False)


# A condition that several fields share is one, so that it is looked at once for all of them.
@cache
def when(name: str, value: str) -> When:
    """The field `name` has this value."""
    return When(f"{name} is {value}", lambda siblings: siblings.value(name) == value)


@cache
def unlike(name: str, value: str) -> When:
    """The field `name` has another value, or none."""
    return When(f"{name} is not {value}", lambda siblings: siblings.value(name) != value)


@cache
def on(name: str) -> When:
    """The switch `name` is on."""
    return When(f"{name} is on", lambda siblings: siblings.value(name) is True)


@cache
def given(name: str) -> When:
    """The field `name` was answered."""
    return When(f"{name} is given", lambda siblings: not is_empty(siblings.answer(name)))


def both(first: When, second: When) -> When:
    """Two conditions hold."""
    words = f"{first.words} and {second.words}"
    return When(words, lambda siblings: first.holds(siblings) and second.holds(siblings))


def either(first: When, second: When) -> When:
    """One of two conditions holds."""
    words = f"{first.words} or {second.words}"
    return When(words, lambda siblings: first.holds(siblings) or second.holds(siblings))


def is_empty(value: Any) -> bool:
    """Whether a value stands for no answer; blanks are an answer, and so are `false` and 0."""
    return value is MISSING or value is None or value in ("", [], {})
