"""The help on each field, read from `field_help.toml` when it is first needed."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from wizard.formats.paths import Path


class FieldHelp(NamedTuple):
    """What a field does in a call, what most people set, a valid value, and what happens without.

    `example` is a value as JSON has it.
    """

    does: str
    typical: str
    example: Any
    omitted: str


def field_help(path: Path) -> FieldHelp | None:
    """Return the help on the field at a path; None inside an object that is entered as JSON.

    An item of a list may have help of its own.
    """
    entries = _entries()
    name = ".".join(part for part in path if isinstance(part, str))
    is_item = bool(path) and isinstance(path[-1], int)
    found = (entries.get(f"{name}.*") if is_item else None) or entries.get(name)
    while found and "like" in found:
        found = entries[found["like"]]
    return FieldHelp(**found) if found else None


@cache
def _entries() -> Mapping[str, Mapping[str, Any]]:
    import tomllib  # noqa: PLC0415 - only help needs it

    text = files("wizard.contract").joinpath("field_help.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
