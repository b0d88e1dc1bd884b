"""A change of a value as lines of text."""

from collections.abc import Iterator
from typing import Any, Final

from wizard.exchange.differences import Change, changed_lines, shown_value

_WORDS: Final = {Change.REMOVED: "Before", Change.ADDED: "Now"}


def change_lines(before: Any, after: Any) -> Iterator[str]:
    """Yield the lines that differ, each with whether it was there before or is there now."""
    for run in changed_lines(shown_value(before), shown_value(after)):
        if run.change in _WORDS:
            yield f"{_WORDS[run.change]}: {run.text}"
