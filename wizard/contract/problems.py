"""The problems of a payload: errors and advice, each at one path."""

from dataclasses import dataclass
from typing import Any

from wizard.formats import paths
from wizard.formats.paths import Path


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix for a problem: a label, and the value to store at the problem's path.

    `value` is a text, a number or a boolean. `MISSING` removes the current value.
    """

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a piece of advice.

    `code` is stable and `message` is a sentence without the field's name. `fix` is only set if
    one value is sure to solve the problem.
    """

    path: Path
    code: str
    message: str
    fix: Fix | None = None

    def __str__(self) -> str:
        place = paths.write(self.path)
        return f"{place}: {self.message}" if place else self.message

    def as_json(self) -> dict[str, str]:
        """Return the problem as `validate --json` prints it."""
        return {"path": paths.write(self.path), "code": self.code, "message": self.message}
