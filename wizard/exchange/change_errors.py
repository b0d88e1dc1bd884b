"""The errors of an update: of what the person changed, not of what came from QCall."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.exchange.merging import Untouched

Known: TypeAlias = frozenset[tuple[str, tuple[str, ...]]]


def known_errors(before: Mapping[str, Any]) -> Known:
    """Return what a record is wrong in before a change: the code and the place of each error."""
    return frozenset((error.code, _place(error)) for error in find_errors(before))


def errors_of_change(
    before: Mapping[str, Any], after: Mapping[str, Any], known: Known | None = None
) -> list[Problem]:
    """Return the errors of a record after a change; untouched values go back as they are.

    What an untouched value was wrong in before, as in `known`, is no error. A change can still make
    one wrong, such as a switch that makes another field required.
    """
    known = known_errors(before) if known is None else known
    is_untouched = Untouched(before, after)
    return [
        error
        for error in find_errors(after)
        if (error.code, _place(error)) not in known or not is_untouched(error.path)
    ]


def _place(error: Problem) -> tuple[str, ...]:
    """Return a path without indexes, because items of a list may have moved."""
    return tuple(part for part in error.path if isinstance(part, str))
