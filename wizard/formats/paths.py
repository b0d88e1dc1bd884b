"""Where a value stands inside a payload: `("actions", 0, "say")`, written `actions[0].say`."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


class Missing(Enum):
    """The one value that stands for "there is nothing here"; JSON's `null` is something."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING

# JSON lets a member have an empty name, which could not be seen.
_NAMELESS: Final = '""'
_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def write(path: Sequence[str | int]) -> str:
    """Write a path as people and scripts read it: `actions[0].zeplo.content.components[1]`."""
    text = ""
    for part in path:
        name = part if part != "" else _NAMELESS
        text += f"[{name}]" if isinstance(name, int) else f".{name}" if text else name
    return text


def parse(text: str) -> Path:
    """Read what `write` wrote."""
    return tuple(int(index) if index else name for index, name in _PART.findall(text))


def get(root: Any, path: Sequence[str | int]) -> Any:
    """Return the value at `path`, or `MISSING` where the way there breaks off."""
    for part in path:
        if isinstance(root, (dict, Mapping)) and part in root:
            root = root[part]
        elif isinstance(root, list) and isinstance(part, int) and 0 <= part < len(root):
            root = root[part]
        else:
            return MISSING
    return root


def put(root: Any, path: Sequence[str | int], value: Any) -> Any:
    """Return a copy of `root` with `value` at `path`; `MISSING` takes the place away.

    Only the containers on the way are copied. A container that is missing, or that is something
    else than the path needs, is made anew.
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
