"""Reads `keys.toml`, the file of a person's own keys in the home folder."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from wizard.formats.files import not_a_file

FILE_NAME: Final = "keys.toml"


class KeysFile(NamedTuple):
    """What the file holds, nothing if there is none, and why it cannot be used, in a sentence."""

    data: Mapping[str, Any]
    trouble: str = ""


def read_keys_file(home: Path) -> KeysFile:
    """Read the file, if it exists."""
    path = home / FILE_NAME
    if not os.path.lexists(path):
        return KeysFile({})
    if kind := not_a_file(path):
        return KeysFile({}, f"{path} cannot be read: it is {kind}, not a file.")
    import tomllib  # noqa: PLC0415 - few people have such a file

    try:
        return KeysFile(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        return KeysFile({}, f"{path} cannot be read: {error.strerror or error}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return KeysFile({}, f"{path} is not TOML: {error}.")
