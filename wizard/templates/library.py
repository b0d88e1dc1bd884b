"""Finds templates: in the program, in the user's folder, or in a given file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Final

from wizard.errors import NoSuch, Unreadable, WizardError
from wizard.formats.files import read_bytes
from wizard.templates.template import Template, read_template

_DATA: Final = FilePath(__file__).parent / "data"
_ENDINGS: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class FoundTemplates:
    """The readable templates, sorted by title, and the errors of the others."""

    templates: tuple[Template, ...]
    refused: tuple[WizardError, ...]


def all_templates(home: FilePath | None) -> FoundTemplates:
    """Read all templates. Those in `home` replace the program's of the same name.

    Takes about 5 ms a file, so the screens read them in a thread. Unchanged files are cached.
    """
    templates: list[Template] = []
    refused: list[WizardError] = []
    for path in _files(home).values():
        try:
            templates.append(_load(path, own=path.parent != _DATA))
        except WizardError as error:
            refused.append(error)
    templates.sort(key=lambda template: (template.own, template.title.casefold()))
    return FoundTemplates(tuple(templates), tuple(refused))


def find_template(name: str, home: FilePath | None) -> Template:
    """Find a template by name, or by a file's path or a name with an extension.

    Raises NoSuch, with the nearest name, and Unreadable if the file is not a template.
    """
    if name.endswith(_ENDINGS) or "/" in name or "\\" in name:
        return _load(FilePath(os.path.expanduser(name)), own=True)
    found = _files(home)
    if name in found:
        return _load(found[name], own=found[name].parent != _DATA)
    raise NoSuch(f"no template is named {name!r}{_nearest(name, tuple(found))}")


def template_names(home: FilePath | None) -> tuple[str, ...]:
    """The names of all templates, readable or not. No file is read."""
    return tuple(_files(home))


def own_folder(home: FilePath) -> FilePath:
    """The folder of the user's templates."""
    return home / "templates"


def _files(home: FilePath | None) -> dict[str, FilePath]:
    """The files, by the names of their templates."""
    folders = (_DATA, own_folder(home)) if home else (_DATA,)
    return {path.stem: path for folder in folders for path in _listed(folder)}


def _listed(folder: FilePath) -> Iterator[FilePath]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    yield from (path for path in found if path.suffix in _ENDINGS)


def _load(path: FilePath, *, own: bool) -> Template:
    try:
        status = path.stat()
    except OSError as error:
        raise Unreadable(str(path), f"it cannot be read: {error.strerror}") from None
    return _read(path, status.st_mtime_ns, status.st_size, own=own)


@lru_cache(maxsize=256)
def _read(path: FilePath, _changed: int, _size: int, *, own: bool) -> Template:
    """Read a file, or return the cached template if the file has not changed."""
    return read_template(read_bytes(str(path)), str(path), path.stem, own=own)


def _nearest(name: str, names: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    near = get_close_matches(name.casefold(), names, n=1)
    nearest = f"; the nearest is {near[0]}" if near else ""
    return f"{nearest}: `qcall-wizard templates` lists all"
