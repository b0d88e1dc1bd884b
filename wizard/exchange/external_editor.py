"""Hands a text to the person's own editor, and takes texts from files.

The editor works on a file that only its owner can read, and its environment is without the API
key. The file is removed when its text is taken over. If the editor or the wizard fails, it stays,
and the next start offers it.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final, NamedTuple

from wizard.contract.fields import Kind
from wizard.errors import EditorTrouble, Unreadable
from wizard.formats import paths
from wizard.formats.files import not_a_file, read_text
from wizard.formats.paths import Path as DraftPath
from wizard.formats.text import normal_newlines

MAX_CHARACTERS: Final = 12_000_000
"""The most that a text may hold; QCall's own app takes 30,000 characters of a script."""

_USUAL: Final = ("sensible-editor", "nano", "vim", "vi", "notepad")
_UNCHANGED: Final = "The text is as it was."
_FOLDER: Final = "editor"
_LEFT_NAME: Final = re.compile(r"([0-9a-f]+)\.(.+)\.[0-9a-f]{4}\.(?:json|md|txt)")
_HEADING: Final = re.compile(r"^#{1,3} \S", re.MULTILINE)
# No text has these; what has them is a picture, an archive, a word processor's file.
_BINARY: Final = re.compile("[\x00-\x06\x0e-\x1a]")


class LeftText(NamedTuple):
    """A file that an editor left, and the draft and the place in it that it was written for."""

    file: Path
    draft: str
    path: DraftPath


def edited(
    text: str,
    written_for: tuple[str, DraftPath],
    kind: Kind,
    editor: str,
    environment: Mapping[str, str],
    *,
    home: Path | None = None,
) -> str:
    """Return what a person made of a text in an editor, which has the terminal meanwhile.

    `editor` is its command, with arguments or empty; `written_for` are a draft's id and a path in
    it. Raises EditorTrouble if there is no editor, if it fails, or if it leaves no text.
    """
    command = _command(editor, environment)
    draft, path = written_for
    name = f"{draft}.{paths.write(path)}.{token_hex(2)}{_suffix(kind, text)}"
    try:
        file = _folder(home) / name
        _write(file, text)
    except OSError as error:
        raise EditorTrouble(f"No file can be made for the editor: {error.strerror}.") from None
    try:
        _run([*command, str(file)], environment)
        made = _left_in(file)
    except EditorTrouble as trouble:
        raise EditorTrouble(f"{trouble} {_what_is_kept(file, text)}") from None
    remove(file)
    return _as_before(text, made)


def left_texts(home: Path | None) -> list[LeftText]:
    """The files that editors left in a folder, the newest first."""
    try:
        files = [file for file in (home / _FOLDER).iterdir() if file.is_file()] if home else []
        files.sort(key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        return []
    named = ((file, _LEFT_NAME.fullmatch(file.name)) for file in files)
    return [LeftText(file, name[1], paths.parse(name[2])) for file, name in named if name]


def remove(file: Path) -> None:
    """Remove a file that an editor worked on, and its folder if nothing else is in it."""
    with suppress(OSError):
        file.unlink()
        file.parent.rmdir()


def _folder(home: Path | None) -> Path:
    """The folder for the files; a temporary one if nothing can be written at home."""
    if home:
        with suppress(OSError):
            (home / _FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(home / _FOLDER, os.W_OK | os.X_OK):
                return home / _FOLDER
    return Path(tempfile.mkdtemp(prefix="qcall-wizard-"))


def _what_is_kept(file: Path, text: str) -> str:
    """Where the text is that a failed editor left; its file is removed if nothing was changed."""
    try:
        changed = not_a_file(file) or file.read_bytes() != text.encode()
    except FileNotFoundError:
        changed = False
    except OSError:
        changed = True
    if changed:
        return f"{_UNCHANGED} What the editor left is kept in {file}."
    remove(file)
    return _UNCHANGED


def from_file(name: str) -> str:
    """Return the text in a file, its line ends as `\\n`; Unreadable where it is none."""
    text = normal_newlines(read_text(os.path.expanduser(name)))
    if _BINARY.search(text):
        raise Unreadable(name, "this is no text; name a file that holds nothing else")
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(name, too_long(len(text)))
    return text


def too_long(length: int) -> str:
    """The sentence for a text that is longer than any can be here."""
    return f"{length:,} characters are too many: a text holds {MAX_CHARACTERS:,} here"


def _command(editor: str, environment: Mapping[str, str]) -> Sequence[str]:
    """The words of the editor's command; one that the machine has where none is named."""
    if not editor.strip():
        path = environment.get("PATH", "")
        found = next((name for name in _USUAL if shutil.which(name, path=path)), None)
        if found is None:
            told = "No editor was found: name one in the variable EDITOR, as in EDITOR=nano."
            raise EditorTrouble(told)
        return [found]
    import shlex  # noqa: PLC0415 - rarely needed

    try:
        return shlex.split(editor, posix=os.name != "nt")
    except ValueError:
        told = f"The editor's command cannot be read: {editor} lacks a quote. {_UNCHANGED}"
        raise EditorTrouble(told) from None


def _suffix(kind: Kind, text: str) -> str:
    """The end of the file's name, by which an editor knows what it has before it."""
    if kind is Kind.OBJECT:
        return ".json"
    return ".md" if _HEADING.search(text, 0, 10_000) else ".txt"


def _write(file: Path, text: str) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        told = "The text holds half a character, which no file can hold: take it out here first."
        raise EditorTrouble(told) from None
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(data)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run the editor to its end; EditorTrouble where it does not start or ends badly."""
    name = command[0]
    try:
        process = subprocess.Popen(command, env=dict(environment))  # noqa: S603 - the person's own
    except OSError as error:
        told = f"The editor {name} cannot be started: {error.strerror}. Name another in EDITOR."
        raise EditorTrouble(told) from None
    with _deaf_to_interrupts():
        code = process.wait()
    if code:
        how = f"with code {code}" if code > 0 else f"by signal {-code}"
        raise EditorTrouble(f"The editor {Path(name).name} ended {how}.")


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl+C in an editor is the editor's; set once it has started, so that it is not deaf too."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _left_in(file: Path) -> str:
    """What the editor left in its file, with the line ends it wrote."""
    try:
        text = read_text(str(file))
    except Unreadable as error:
        told = f"What the editor left cannot be taken: {error.reason}."
        raise EditorTrouble(told) from None
    if _BINARY.search(text):
        raise EditorTrouble("What the editor left is no text.")
    if len(text) > MAX_CHARACTERS:
        raise EditorTrouble(f"What the editor left cannot be taken: {too_long(len(text))}.")
    return text


def _as_before(before: str, text: str) -> str:
    """The text without what editors add by themselves: a last line end, line ends of two."""
    if text != before and "\r" not in before:
        text = normal_newlines(text)
    return text.removesuffix("\n") if not before.endswith("\n") else text
