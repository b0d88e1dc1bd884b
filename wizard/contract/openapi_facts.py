"""Facts about each field from QCall's OpenAPI document, kept in `openapi_facts.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from wizard.formats.paths import Path


@dataclass(frozen=True, slots=True)
class Fact:
    """The JSON type of one field in the document, and its allowed values if listed."""

    type: str
    required: bool
    enum: tuple[Any, ...] = ()

    @property
    def words(self) -> str:
        """The fact as text."""
        words = f"{self.type}, {'required' if self.required else 'optional'}"
        if not self.enum:
            return words
        shown = ", ".join(map(str, self.enum))
        return f"{words}; one of {shown}" if len(shown) <= _LONG else f"{words}; a closed list"


# The most characters of a list of values to show.
_LONG = 200


def fact(path: Path) -> Fact | None:
    """Return the fact about a field, or None if the document has no such field."""
    found = _facts().get(".".join(part for part in path if isinstance(part, str)))
    if found is None:
        return None
    return Fact(found["type"], found.get("required", False), tuple(found.get("enum", ())))


def required_names() -> list[str]:
    """Return the names of the fields at the top that the document requires."""
    return [name for name, found in _facts().items() if found.get("required") and "." not in name]


@cache
def field_names() -> frozenset[str]:
    """Return the names of all fields at the top."""
    return frozenset(name for name in _facts() if "." not in name)


@cache
def _facts() -> Mapping[str, Mapping[str, Any]]:
    text = FilePath(__file__).with_name("openapi_facts.json").read_text("utf-8")
    return dict(json.loads(text))
