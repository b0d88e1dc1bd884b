"""Hands a text to the person's own editor, and takes texts from files.

The editor works on a file that only its owner can read, in a folder of its own that is removed
afterwards, and its environment is without the API key. Whatever goes wrong is told as EditorTrouble
or Unreadable, and the text is as it was.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wizard.ask import Kind
from wizard.errors import EditorTrouble, Unreadable
from wizard.payloads import normal_newlines, read_text

MAX_CHARACTERS: Final = 12_000_000
"""The most that a text may hold; QCall's own app takes 30,000 characters of a script."""

_USUAL: Final = ("sensible-editor", "nano", "vim", "vi", "notepad")
_KEPT: Final = "The text is as it was."
_HEADING: Final = re.compile(r"^#{1,3} \S", re.MULTILINE)
# No text has these; what has them is a picture, an archive, a word processor's file.
_BINARY: Final = re.compile("[\x00-\x06\x0e-\x1a]")


def edited(text: str, stem: str, kind: Kind, editor: str, environment: Mapping[str, str]) -> str:
    """Return what a person made of a text in an editor, which has the terminal meanwhile.

    `editor` is its command, with arguments or empty; `stem` is the beginning of the file's name.
    EditorTrouble where there is no editor, where it fails, or where it leaves no text behind.
    """
    command = _command(editor, environment)
    try:
        with tempfile.TemporaryDirectory(prefix="qcall-wizard-") as folder:
            file = Path(folder) / f"{stem}{_suffix(kind, text)}"
            _write(file, text)
            _run([*command, str(file)], environment)
            return _as_before(text, _left_in(file))
    except OSError as error:
        raise EditorTrouble(f"No file can be made for the editor: {error.strerror}.") from None


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
        told = f"The editor's command cannot be read: {editor} lacks a quote. {_KEPT}"
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
        raise EditorTrouble(f"{told} {_KEPT}") from None
    with _deaf_to_interrupts():
        code = process.wait()
    if code:
        how = f"with code {code}" if code > 0 else f"by signal {-code}"
        raise EditorTrouble(f"The editor {Path(name).name} ended {how}. {_KEPT}")


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
        told = f"What the editor left cannot be taken: {error.reason}. {_KEPT}"
        raise EditorTrouble(told) from None
    if _BINARY.search(text):
        raise EditorTrouble(f"What the editor left is no text. {_KEPT}")
    if len(text) > MAX_CHARACTERS:
        raise EditorTrouble(f"What the editor left cannot be taken: {too_long(len(text))}. {_KEPT}")
    return text


def _as_before(before: str, text: str) -> str:
    """The text without what editors add by themselves: a last line end, line ends of two."""
    if text != before and "\r" not in before:
        text = normal_newlines(text)
    return text.removesuffix("\n") if not before.endswith("\n") else text
