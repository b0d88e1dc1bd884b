"""Finds templates: the program's own, those in a person's folder, and one in a named file."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Final

from wizard.errors import NoSuch, Unreadable, WizardError
from wizard.formats.files import not_a_file
from wizard.templates.template import Template, read_template

_DATA: Final = FilePath(__file__).parent / "data"
_ENDINGS: Final = (".yaml", ".yml")
# A template is a few kilobytes; a file far over that is something else.
_MAX_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """The templates that could be read, by title, and why others could not."""

    templates: tuple[Template, ...]
    refused: tuple[WizardError, ...]


def all_templates(home: FilePath | None) -> Found:
    """Read all templates: the program's, then a person's own in `home`, which hide those.

    It takes about 5 ms a file the first time (20 more for the first), and next to nothing again
    while the file is the same: the screens read them in a thread. Raises nothing.
    """
    templates: list[Template] = []
    refused: list[WizardError] = []
    for path in _files(home).values():
        try:
            templates.append(_load(path, own=path.parent != _DATA))
        except WizardError as error:
            refused.append(error)
    templates.sort(key=lambda template: (template.own, template.title.casefold()))
    return Found(tuple(templates), tuple(refused))


def find_template(name: str, home: FilePath | None) -> Template:
    """The template of a name, or in a file that is named with its folder or its ending.

    NoSuch, with the nearest name, where there is none; Unreadable where its file does not fit.
    """
    if name.endswith(_ENDINGS) or "/" in name or "\\" in name:
        return _load(FilePath(name).expanduser(), own=True)
    found = _files(home)
    if name in found:
        return _load(found[name], own=found[name].parent != _DATA)
    raise NoSuch(f"there is no template {name!r}{_nearest(name, tuple(found))}")


def template_names(home: FilePath | None) -> tuple[str, ...]:
    """The names of all templates, readable or not; no file is read for it."""
    return tuple(_files(home))


def own_folder(home: FilePath) -> FilePath:
    """Where a person's own templates are kept."""
    return home / "templates"


def _files(home: FilePath | None) -> dict[str, FilePath]:
    """The files by the names of their templates."""
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
        if kind := not_a_file(path):
            raise Unreadable(str(path), f"this is {kind}; name a file that holds a template")
        seen = path.stat()
        if seen.st_size > _MAX_BYTES:
            raise Unreadable(str(path), f"a template is under {_MAX_BYTES:,} bytes, this is over")
        return _read(path, seen.st_mtime_ns, seen.st_size, own=own)
    except OSError as error:
        reason = error.strerror or str(error)
    raise Unreadable(str(path), f"it cannot be read: {reason}")


@lru_cache(maxsize=256)
def _read(path: FilePath, _changed: int, _size: int, *, own: bool) -> Template:
    """Read a file once as long as it stays the same."""
    return read_template(path.read_bytes(), str(path), path.stem, own=own)


def _nearest(name: str, names: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for a slip alone

    near = get_close_matches(name.casefold(), names, n=1)
    told = f"; the nearest is {near[0]}" if near else ""
    return f"{told}: `qcall-wizard templates` lists all"
