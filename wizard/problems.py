"""What is wrong, or could be better, at one place of a payload."""

from dataclasses import dataclass

from wizard import paths
from wizard.paths import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a piece of advice: where, a stable code, and a sentence that mends it.

    `message` follows the name of its field: "must be ...", "is needed: ...".
    """

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        place = paths.write(self.path)
        return f"{place}: {self.message}" if place else self.message

    def as_json(self) -> dict[str, str]:
        """The form in which `validate --json` gives it."""
        return {"path": paths.write(self.path), "code": self.code, "message": self.message}
