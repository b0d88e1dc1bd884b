"""The keys that a person chose: `keys.toml` in the home folder names them by the ids of bindings.

wizard.next = "ctrl+j"
wizard.preview = "f9,ctrl+o"
"""

import os
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final, NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode

import screens
from wizard.formats.files import not_a_file

FILE_NAME: Final = "keys.toml"
_KEY = re.compile(r"(?:(?:ctrl|shift|alt|super|meta)\+)*(?:[a-z][a-z0-9_]*|\S)")


class Chosen(NamedTuple):
    """The keys by the ids of bindings, and the error in the file, in one sentence."""

    keys: Mapping[str, str]
    trouble: str = ""


def read_keymap(home: Path | None) -> Chosen:
    """Read the file, if it exists; entries with errors are left out and reported."""
    path = home / FILE_NAME if home else None
    if path is None or not os.path.lexists(path):
        return Chosen({})
    if kind := not_a_file(path):
        return Chosen({}, f"{path} cannot be read: it is {kind}, not a file.")
    import tomllib  # noqa: PLC0415 - few people have such a file

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return Chosen({}, f"{path} cannot be read: {error.strerror or error}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Chosen({}, f"{path} is not TOML: {error}.")
    known = set(binding_ids())
    given = dict(_flat(data))
    wrong = {name: why for name, value in given.items() if (why := _why_not(name, value, known))}
    keys = {name: str(value) for name, value in given.items() if name not in wrong}
    if not wrong:
        return Chosen(keys)
    message = "; ".join(f"{name}: {why}" for name, why in wrong.items())
    return Chosen(keys, f"{path} has errors; its other keys are used. {message}.")


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
    wrong = [key for key in value.split(",") if not _KEY.fullmatch(key.strip())]
    return f"{wrong[0]!r} is no key, as in 'ctrl+j' or 'f9'" if wrong else ""


def binding_ids() -> dict[str, str]:
    """The ids of all bindings, each with its description."""
    for module in walk_packages(screens.__path__, "screens."):
        import_module(module.name)
    return {
        binding.id: binding.description
        for kind in _kinds(DOMNode)
        if kind.__module__.startswith("screens.")
        for binding in vars(kind).get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }


def _kinds(kind: type) -> Iterator[type]:
    inner: type
    for inner in kind.__subclasses__():
        yield inner
        yield from _kinds(inner)
