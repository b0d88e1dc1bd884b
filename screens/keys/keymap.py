"""The keys that a person chose: `keys.toml` in the home folder names them by the ids of bindings.

wizard.next = "ctrl+j"
wizard.preview = "f9,ctrl+o"
"""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final, NamedTuple

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, key_to_character

import screens
from wizard.keys_file import FILE_NAME, read_keys_file

_KEY = re.compile(r"(?:(?:ctrl|shift|alt|super|meta)\+)*([a-z][a-z0-9_]*|\S)")
_EDITING: Final = {"enter", "tab", "backspace", "delete", "left", "right", "up", "down"}
# How the ids of the screens with texts begin.
_BESIDE_TEXTS: Final = ("wizard.", "action.", "editor.", "call.", "welcome.")
_NAMES: Final = {key.value for key in Keys}


class Chosen(NamedTuple):
    """The keys by the ids of bindings, and the error in the file, in one sentence."""

    keys: Mapping[str, str]
    trouble: str = ""


def read_keymap(home: Path | None) -> Chosen:
    """Read the file, if it exists; entries with errors are left out and reported."""
    data, trouble = read_keys_file(home) if home else ({}, "")
    if trouble or not data or home is None:
        return Chosen({}, trouble)
    known = set(binding_ids())
    given = dict(_flat(data))
    wrong = {name: why for name, value in given.items() if (why := _why_not(name, value, known))}
    keys = {name: str(value) for name, value in given.items() if name not in wrong}
    wrong |= _taken_from_texts(keys)
    keys = {name: value for name, value in keys.items() if name not in wrong}
    while doubled := _doubled(keys):
        wrong |= doubled
        keys = {name: value for name, value in keys.items() if name not in doubled}
    if not wrong:
        return Chosen(keys)
    message = "; ".join(f"{name}: {why}" for name, why in wrong.items())
    return Chosen(keys, f"{home / FILE_NAME} has errors; its other keys are used. {message}.")


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield entries by their dotted names, through nested tables."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _why_not(name: str, value: Any, known: set[str]) -> str:
    if name not in known:
        return "no key has this id"
    if not isinstance(value, str):
        return "a key is written as text, as in 'ctrl+j'"
    wrong = [key for key in value.split(",") if not _is_key(key.strip())]
    return f"{wrong[0]!r} is no key, as in 'ctrl+j' or 'f9'" if wrong else ""


def _is_key(name: str) -> bool:
    """Whether a terminal has a key of this name, which may be one with Ctrl and the like."""
    found = _KEY.fullmatch(name)
    return found is not None and (
        len(found[1]) == 1 or found[1] in _NAMES or key_to_character(found[1]) is not None
    )


def _taken_from_texts(chosen: Mapping[str, str]) -> dict[str, str]:
    """The chosen keys without which nobody can type or edit a text, and why not.

    A binding with priority takes its key before the field in focus does.
    """
    wrong: dict[str, str] = {}
    for binding in (each for kind in _kinds(DOMNode) for each in _bindings_with_id(kind)):
        name = str(binding.id)
        taken = [key for key in _keys(chosen.get(name, "")) if _is_for_texts(key)]
        if taken and binding.priority and name.startswith(_BESIDE_TEXTS):
            wrong[name] = f"{min(taken)!r} is needed in texts"
    return wrong


def _is_for_texts(key: str) -> bool:
    return key in _EDITING or (key_to_character(key) or "\n").isprintable()


def _doubled(chosen: Mapping[str, str]) -> dict[str, str]:
    """The first of the chosen keys that another action of the same place has, and why not."""
    for kind in _kinds(DOMNode):
        places = (
            *kind.__mro__,
            *(each for each in _kinds(App) if each.__module__.startswith("screens.")),
        )
        bound = {each.id: each for place in places for each in _bindings_with_id(place)}
        for name in chosen.keys() & bound.keys():
            for other, binding in bound.items():
                given = _keys(chosen[name]) - _keys(bound[name].key)
                shared = given & _keys(chosen.get(str(other), binding.key))
                if other != name and shared:
                    return {name: f"{min(shared)!r} is the key of {other}"}
    return {}


def _keys(text: str) -> set[str]:
    return {key.strip() for key in text.split(",")}


def _bindings_with_id(kind: type) -> list[Binding]:
    """The bindings with an id that a class of the screens declares."""
    own = vars(kind).get("BINDINGS", ()) if kind.__module__.startswith("screens.") else ()
    return [each for each in own if isinstance(each, Binding) and each.id]


def binding_ids() -> dict[str, str]:
    """The ids of all bindings, each with its description."""
    for module in walk_packages(screens.__path__, "screens."):
        import_module(module.name)
    found = (binding for kind in _kinds(DOMNode) for binding in _bindings_with_id(kind))
    return {str(binding.id): binding.description for binding in found}


def _kinds(kind: type) -> Iterator[type]:
    inner: type
    for inner in kind.__subclasses__():
        yield inner
        yield from _kinds(inner)
