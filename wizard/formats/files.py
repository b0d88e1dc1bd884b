"""Reads payload files strictly, and writes files completely or not at all.

A pipe, a socket or a device could block the program when it is opened, so only regular files and
the program's own input are opened.
"""

import codecs
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from wizard.errors import NotWritten, Unreadable
from wizard.formats.json_text import EMPTY, Json, parse_json
from wizard.formats.text import decode
from wizard.formats.yaml_text import parse_yaml

MAX_BYTES = 64 * 1024 * 1024
"""The size limit of a file, standard input, or one line of a JSON Lines file."""


STANDARD_INPUT = "standard input"


# Reading


def parse(data: bytes, name: str) -> Json:
    """Read `data` as JSON or YAML, by the suffix of `name`: .json, .jsonl, .yaml, .yml.

    With another suffix, data that begins with a brace or a square bracket is read as JSON, and
    other data as YAML. Raises Unreadable.
    """
    return parse_yaml(data, name) if is_yaml(data, name) else parse_json(data, name)


def load(name: str, stdin: BinaryIO | None = None) -> Json:
    """Read the value in the file `name`, or from standard input if `name` is `-`.

    Raises Unreadable as `read_bytes` and `parse` do.
    """
    return parse(read_bytes(name, stdin), shown_name(name))


def read_bytes(name: str, stdin: BinaryIO | None = None) -> bytes:
    """Return the content of the file `name`, or of standard input if `name` is `-`.

    Raises Unreadable if it cannot be opened, is not a regular file or is over MAX_BYTES.
    """
    shown = shown_name(name)
    with _open(name, stdin) as stream:
        data = _read(stream.read, shown)
    if len(data) > MAX_BYTES:
        raise Unreadable(shown, _too_big("this"))
    return data


def read_text(name: str, stdin: BinaryIO | None = None) -> str:
    """Return the text of a UTF-8 file. Raises Unreadable as `read_bytes` does."""
    return decode(read_bytes(name, stdin), shown_name(name))


def is_yaml(data: bytes, name: str) -> bool:
    """Whether `parse` reads a file of this name as YAML."""
    ending = os.path.splitext(name)[1].lower()
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return ending in _YAML or (ending not in _JSON and start not in {b"{", b"["})


_JSON = {".json", ".jsonl"}
_YAML = {".yaml", ".yml"}


def shown_name(name: str) -> str:
    """Return the name of a file for messages."""
    return STANDARD_INPUT if name == "-" else name


def read_lines(
    name: str, stdin: BinaryIO | None = None, parse: Callable[[bytes, str], Any] = parse_json
) -> Iterator[tuple[int, Any]]:
    """Yield the number of each line of a JSON Lines file, from 1, with its value or error.

    Blank lines are skipped. A file with only blank lines yields one error, at line 1. `parse`
    reads the value of a line. Raises Unreadable if the file cannot be opened or read.
    """
    shown, is_empty = shown_name(name), True
    with _open(name, stdin) as stream:
        for number, line in enumerate(iter(lambda: _read(stream.readline, shown), b""), 1):
            if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                _skip_line(stream, shown)
                yield number, Unreadable(shown, _too_big("this line"), number, 1)
            elif line.isspace():
                continue
            else:
                yield number, _parsed_line(line, shown, number, parse)
            is_empty = False
    if is_empty:
        yield 1, Unreadable(shown, EMPTY, 1, 1)


def _parsed_line(line: bytes, name: str, number: int, parse: Callable[[bytes, str], Any]) -> Any:
    try:
        return parse(line, name)
    except Unreadable as error:
        return Unreadable(name, error.reason, number, max(error.column, 1))


def _skip_line(stream: BinaryIO, name: str) -> None:
    while (part := _read(stream.readline, name)) and not part.endswith(b"\n"):
        pass


def _too_big(subject: str) -> str:
    return f"{subject} is over {MAX_BYTES:,} bytes, the limit; a payload is far smaller"


_GIVEN = re.compile(r"/dev/stdin|(?:/dev|/proc/self)/fd/([0-9]{1,9})")


def is_standard_input(name: str) -> bool:
    """Whether a file name refers to standard input."""
    given = _GIVEN.fullmatch(name)
    return name == "-" or bool(given and int(given[1] or 0) == 0)


def _open(name: str, stdin: BinaryIO | None) -> AbstractContextManager[BinaryIO]:
    """Open a regular file, or a file descriptor from the shell, as for <(...).

    Opening another pipe or device could block the program.
    """
    if name == "-":
        stream = stdin if stdin is not None else getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise Unreadable(STANDARD_INPUT, "it is not connected; name a file instead")
        return nullcontext(stream)
    try:
        if given := _GIVEN.fullmatch(name):
            return open(os.dup(int(given[1] or 0)), "rb")
        mode = os.stat(name).st_mode
        if stat.S_ISREG(mode):
            return open(name, "rb")
    except (OSError, ValueError) as error:
        trouble = _file_trouble(error)
    else:
        trouble = "this is a folder; name a file in it" if stat.S_ISDIR(mode) else _NO_FILE
    raise Unreadable(name, trouble)


def _read(read: Callable[[int], bytes], name: str) -> bytes:
    try:
        return read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        trouble = _file_trouble(error)
    raise Unreadable(name, trouble)


_NO_FILE = "this is a pipe or a device, not a file; send it to standard input and name it -"


def _file_trouble(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file; check its name and its folder"
        case IsADirectoryError():
            return "this is a folder; name a file in it"
        case PermissionError():
            return "you have no permission to read it; change that, or name a copy"
        case OSError():
            return f"it cannot be read: {error.strerror or error}"
        case _:
            return f"it cannot be read: {error}"


# Writing

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def not_a_file(path: str | Path) -> str:
    """Return what a path is if it exists and is not a regular file, else an empty text."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return "a broken link" if os.path.islink(path) else ""
    return _KINDS.get(stat.S_IFMT(mode), "")


def write_new(name: str, text: str, *, over: bool | None = None) -> None:
    """Write a text as UTF-8 to a private file, like `new_file`. Raises NotWritten."""
    with new_file(name, over=over) as part:
        part.write_bytes(text.encode())


@contextmanager
def new_file(name: str, *, over: bool | None) -> Iterator[Path]:
    """Provide an empty private file, which is renamed to `name` after the block.

    `over` allows replacing an existing file, whose mode is kept. It is None if the command has no
    option for that. Raises NotWritten.
    """
    path = Path(name)
    try:
        if over and not_a_file(path) in ("a pipe", "a device"):
            yield path
            return
        _check_free(path, over=over)
        place = Path(os.path.realpath(path))
        part = place.with_name(f".{place.name}.{os.urandom(4).hex()}")
        try:
            _create(part)
            yield part
            flush(part)
            if place.exists():
                part.chmod(place.stat().st_mode & 0o777)
            if not over:
                _create(place)  # reserves the name
            part.replace(place)
        finally:
            with suppress(OSError):
                part.unlink()
        flush(place.parent)
    except FileExistsError:
        force = "" if over is None else ", or add --force to overwrite it"
        message = f"{name} already exists: name another file{force}"
        raise NotWritten(message, exists=True) from None
    except (OSError, ValueError) as error:
        raise NotWritten(f"{name} cannot be written: {_why_not_written(error)}") from None


def _why_not_written(error: Exception) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such folder; create it, or name another file"
        case PermissionError():
            return "you have no permission to write there; change that, or name another file"
        case _:
            return str(getattr(error, "strerror", None) or error)


def _check_free(path: Path, *, over: bool | None) -> None:
    if not over and os.path.lexists(path):
        raise FileExistsError
    if path.is_dir():
        raise NotWritten(f"{path} is a folder: name a file in it")


def flush(path: Path) -> None:
    """Force a file's content, or a folder's names, to the disk."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return  # Windows cannot open folders
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
