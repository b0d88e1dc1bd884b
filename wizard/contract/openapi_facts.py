"""Facts that QCall's published document states about each field, from `openapi_facts.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from wizard.formats.paths import Path


@dataclass(frozen=True, slots=True)
class Fact:
    """What the document says of one field: its JSON type, and the values it allows, if it says."""

    type: str
    required: bool
    enum: tuple[Any, ...] = ()

    @property
    def words(self) -> str:
        """The fact in a sentence."""
        told = f"{self.type}, {'required' if self.required else 'optional'}"
        if not self.enum:
            return told
        shown = ", ".join(map(str, self.enum))
        return f"{told}; one of {shown}" if len(shown) <= _LONG else f"{told}; a closed list"


# A list of values that takes more characters than this is not repeated.
_LONG = 200


def fact(path: Path) -> Fact | None:
    """What the document says of a field; None where it has no such field."""
    told = _facts().get(".".join(part for part in path if isinstance(part, str)))
    if told is None:
        return None
    return Fact(told["type"], told.get("required", False), tuple(told.get("enum", ())))


@cache
def _facts() -> Mapping[str, Mapping[str, Any]]:
    text = FilePath(__file__).with_name("openapi_facts.json").read_text("utf-8")
    return dict(json.loads(text))
