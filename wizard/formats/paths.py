"""Paths of values in a payload: `("actions", 0, "say")`, written as `actions[0].say`."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


class Missing(Enum):
    """The type of `MISSING`, the result for an absent value. JSON's `null` is not absent."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING

# JSON allows empty member names, which would be invisible.
_NAMELESS: Final = '""'
# Python reads no more than 4,300 digits; longer ones are a name, which no field has.
_PART = re.compile(r"\[(\d{1,9})\]|([^.\[\]]+)")


def write(path: Sequence[str | int]) -> str:
    """Return a path as text, such as `actions[0].zeplo.content.components[1]`."""
    text = ""
    for part in path:
        name = part if part != "" else _NAMELESS
        text += f"[{name}]" if isinstance(name, int) else f".{name}" if text else name
    return text


def parse(text: str) -> Path:
    """Return the path of a text from `write`."""
    return tuple(int(index) if index else name for index, name in _PART.findall(text))


def get(root: Any, path: Sequence[str | int]) -> Any:
    """Return the value at `path`, or `MISSING` if the path does not exist."""
    for part in path:
        if isinstance(root, (dict, Mapping)) and part in root:
            root = root[part]
        elif isinstance(root, list) and isinstance(part, int) and 0 <= part < len(root):
            root = root[part]
        else:
            return MISSING
    return root


def put(root: Any, path: Sequence[str | int], value: Any) -> Any:
    """Return a copy of `root` with `value` at `path`; `MISSING` removes the current value.

    Only the containers on the path are copied. Missing containers, and those of the wrong type,
    are replaced by new ones.
    """
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(root) if isinstance(root, list) else []
        return [
            *items[:part],
            *([] if not rest and value is MISSING else [put(get(items, (part,)), rest, value)]),
            *items[part + 1 :],
        ]
    members = dict(root) if isinstance(root, Mapping) else {}
    if not rest and value is MISSING:
        members.pop(part, None)
    else:
        members[part] = put(members.get(part, MISSING), rest, value)
    return members
