"""What is wrong, or could be better, at one place of a payload."""

from dataclasses import dataclass
from typing import Any

from wizard.formats import paths
from wizard.formats.paths import Path


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend a problem: what to call it, and the value to put at the problem's path.

    `value` is text, a number or a boolean; `MISSING` takes away what stands there.
    """

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a piece of advice: where, a stable code, and a sentence that mends it.

    `message` follows the name of its field: "must be ...", "is needed: ...". `fix` is there where
    one value is sure to mend it.
    """

    path: Path
    code: str
    message: str
    fix: Fix | None = None

    def __str__(self) -> str:
        place = paths.write(self.path)
        return f"{place}: {self.message}" if place else self.message

    def as_json(self) -> dict[str, str]:
        """The form in which `validate --json` gives it."""
        return {"path": paths.write(self.path), "code": self.code, "message": self.message}
