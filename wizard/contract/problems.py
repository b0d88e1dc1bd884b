"""The problems of a payload: errors and advice, each at one path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wizard.errors import Unreadable
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


def refuse_first(problems: Iterable[Problem], file: str, lines: Mapping[Path, int]) -> None:
    """Raise Unreadable for the first of the problems of a file, with its line.

    `lines` are the lines of the paths in the file.
    """
    for problem in problems:
        upwards = (problem.path[:end] for end in range(len(problem.path), 0, -1))
        line = next((lines[path] for path in upwards if path in lines), 1)
        raise Unreadable(file, str(problem), line, 1)
