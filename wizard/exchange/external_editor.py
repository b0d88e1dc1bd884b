"""Opens a text in the user's own editor, and reads texts from files.

Only the user can read the editor's file, and its environment lacks the API key. The file is removed
after its text is saved. If the editor or the wizard fails before, the file stays and the next start
offers it.
"""

import os
import re
import shlex
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
from wizard.formats.text import normal_newlines, too_long

_USUAL: Final = ("sensible-editor", "nano", "vim", "vi", "notepad")
_UNCHANGED: Final = "The text is unchanged."
_FOLDER: Final = "editor"
_LEFT_NAME: Final = re.compile(r"([0-9a-f]+)\.(.+)\.[0-9a-f]{4}\.(?:json|md|txt)")
_HEADING: Final = re.compile(r"^#{1,3} \S", re.MULTILINE)
# Characters of binary files, such as images, archives and word processor documents.
_BINARY: Final = re.compile("[\x00-\x06\x0e-\x1a]")


class UnusedText(NamedTuple):
    """A file that an editor left, with the draft and the path it was written for."""

    file: Path
    draft: str
    path: DraftPath


class EditedText(NamedTuple):
    """A text from an editor. Its file is removed after the text is saved."""

    text: str
    file: Path


def edited(
    text: str,
    written_for: tuple[str, DraftPath],
    kind: Kind,
    editor: str,
    environment: Mapping[str, str],
    *,
    home: Path | None = None,
) -> EditedText:
    """Return a text after the user changed it in an editor.

    `editor` is its command, with arguments, or empty. `written_for` is a draft's id and a path in
    it. Raises EditorTrouble if there is no editor, if it fails, or if it leaves no text.
    """
    command = _command(editor, environment)
    draft, path = written_for
    name = f"{draft}.{paths.write(path)}.{token_hex(2)}{_suffix(kind, text)}"
    try:
        file = _folder(home) / name
        _write(file, text)
    except OSError as error:
        raise EditorTrouble(
            f"The file for the editor could not be created: {error.strerror}."
        ) from None
    try:
        _run([*command, str(file)], environment)
        made = _left_in(file)
    except EditorTrouble as trouble:
        raise EditorTrouble(f"{trouble} {_kept_note(file, text)}") from None
    return EditedText(_as_before(text, made), file)


def unused_texts(home: Path | None) -> list[UnusedText]:
    """Return the files that editors left in a folder, newest first."""
    try:
        files = [file for file in (home / _FOLDER).iterdir() if file.is_file()] if home else []
        files.sort(key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        return []
    named = ((file, _LEFT_NAME.fullmatch(file.name)) for file in files)
    return [UnusedText(file, name[1], paths.parse(name[2])) for file, name in named if name]


def remove(file: Path) -> None:
    """Remove an editor's file, and its folder if it is then empty."""
    with suppress(OSError):
        file.unlink()
        file.parent.rmdir()


def _folder(home: Path | None) -> Path:
    """Return the folder for the files, a temporary one if the home folder is not writable."""
    if home:
        with suppress(OSError):
            (home / _FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(home / _FOLDER, os.W_OK | os.X_OK):
                return home / _FOLDER
    return Path(tempfile.mkdtemp(prefix="qcall-wizard-"))


def _kept_note(file: Path, text: str) -> str:
    """Return a sentence about the file of a failed editor. An unchanged file is removed."""
    try:
        changed = not_a_file(file) or file.read_bytes() != text.encode()
    except FileNotFoundError:
        changed = False
    except OSError:
        changed = True
    if changed:
        return f"{_UNCHANGED} The editor's text is kept in {file}."
    remove(file)
    return _UNCHANGED


def from_file(name: str) -> str:
    """Return the text of a file with `\\n` line ends. Raises Unreadable if it is not text."""
    text = normal_newlines(read_text(os.path.expanduser(name)))
    if _BINARY.search(text):
        raise Unreadable(name, "this is not a text file; choose one that is")
    if reason := too_long(len(text)):
        raise Unreadable(name, reason)
    return text


def _command(editor: str, environment: Mapping[str, str]) -> Sequence[str]:
    """Return the words of the editor's command, or the first editor that is installed."""
    if not editor.strip():
        path = environment.get("PATH", "")
        found = next((name for name in _USUAL if shutil.which(name, path=path)), None)
        if found is None:
            message = "No editor was found. Set the variable EDITOR, for example EDITOR=nano."
            raise EditorTrouble(message)
        return [found]
    try:
        return shlex.split(editor, posix=os.name != "nt")
    except ValueError:
        message = f"The editor's command is invalid: {editor} lacks a quote. {_UNCHANGED}"
        raise EditorTrouble(message) from None


def _suffix(kind: Kind, text: str) -> str:
    """Return the file name extension, by which an editor picks its mode."""
    if kind is Kind.OBJECT:
        return ".json"
    return ".md" if _HEADING.search(text, 0, 10_000) else ".txt"


def _write(file: Path, text: str) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        message = "The text contains half a character (a lone surrogate). Remove it here first."
        raise EditorTrouble(message) from None
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(data)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run the editor and wait for it. Raises EditorTrouble if it fails."""
    name = command[0]
    try:
        process = subprocess.Popen(command, env=dict(environment))  # noqa: S603 - the user's own
    except OSError as error:
        message = f"The editor {name} cannot be started: {error.strerror}. Change EDITOR."
        raise EditorTrouble(message) from None
    with _ignoring_interrupts():
        code = process.wait()
    if code:
        how = f"exited with code {code}" if code > 0 else f"was killed by signal {-code}"
        raise EditorTrouble(f"The editor {Path(name).name} {how}.")


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Leave Ctrl+C to the editor. Set after it has started, so that it does not inherit this."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _left_in(file: Path) -> str:
    """Return the text of the editor's file, with its own line ends."""
    try:
        text = read_text(str(file))
    except Unreadable as error:
        raise EditorTrouble(f"The editor's file cannot be read: {error.reason}.") from None
    if _BINARY.search(text):
        raise EditorTrouble("The editor's file is not text.")
    if reason := too_long(len(text)):
        raise EditorTrouble(f"The editor's file cannot be used: {reason}.")
    return text


def _as_before(before: str, text: str) -> str:
    """Undo an editor's changes to line ends: a final newline, and CRLF."""
    if text != before and "\r" not in before:
        text = normal_newlines(text)
    return text.removesuffix("\n") if not before.endswith("\n") else text
