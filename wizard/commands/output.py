"""Writes what commands say: results to standard output, everything else to standard error.

If the reader of a pipe is gone, the rest of the results is dropped, and the command goes on to its
own exit code.
"""

import json
import os
import re
import sys
from contextlib import suppress
from typing import Any, Literal

# Control characters, and the marks that turn the order of text around.
_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def say(line: str) -> None:
    """Write a line of the result for people to read."""
    _write(visible(line))


def say_json(value: Any) -> None:
    """Write an object as one line of JSON."""
    say_document(_ENCODER.encode(value))


def say_document(text: str) -> None:
    """Write a JSON text as it is, but for characters that a terminal obeys or cannot take."""
    _write(_document(text))


def say_exactly(text: str) -> None:
    """Write a text for other programs, whose bytes must not change."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        _write(text)
        return
    try:
        sys.stdout.flush()
        buffer.write(f"{text}\n".encode())
    except BrokenPipeError:
        drop("stdout")


def say_outcome(line: str) -> None:
    """Write at once what cannot be found out again; to standard error if nothing else takes it."""
    _say_outcome(visible(line))


def say_outcome_json(value: Any) -> None:
    """Write an object as `say_outcome` writes a line."""
    _say_outcome(_document(_ENCODER.encode(value)))


def is_terminal() -> bool:
    """Whether results go to a terminal."""
    return bool(sys.stdout and sys.stdout.isatty())


def tell(line: str) -> None:
    """Write a line that is no result, after the results that came before it; never raises."""
    with suppress(OSError):  # the next result meets it too
        if sys.stdout:
            sys.stdout.flush()
    tell_now(f"{visible(line)}\n")


def tell_now(text: str) -> None:
    """Write to standard error as far as that is possible."""
    import click

    try:
        click.echo(text, nl=False, err=True)
    except OSError:
        drop("stderr")


def drop(name: Literal["stdout", "stderr"]) -> None:
    """Give up a stream that takes nothing; Python would fail once more at its end."""
    stream = getattr(sys, name)
    with suppress(OSError, ValueError, AttributeError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
    setattr(sys, name, None)


def _write(text: str) -> None:
    try:
        # Not click.echo, which flushes each time: a file of a million payloads has as many lines.
        print(text)
    except BrokenPipeError:
        drop("stdout")


def _say_outcome(text: str) -> None:
    if sys.stdout:
        try:
            print(text, flush=True)
        except OSError:
            drop("stdout")
        else:
            return
    tell_now(f"{text}\n")


def _document(text: str) -> str:
    # Such characters stand inside strings alone, where their escape means the same.
    if not text.isprintable():
        text = _OBEYED.sub(_json_escape, text)
    return text if _takes_unicode() else _NOT_ASCII.sub(_json_escape, text)


def visible(text: str) -> str:
    """Return a text without anything that a terminal obeys: it may quote what a file holds."""
    # What Python takes for printable is never among it, and that is told at once.
    return text if text.isprintable() else _OBEYED.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _json_escape(found: re.Match[str]) -> str:
    # The line ends between the members of a JSON text are its layout.
    return "\n" if found[0] == "\n" else json.dumps(found[0])[1:-1]


def _takes_unicode() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or ""
    return encoding.lower() in ("utf-8", "utf8")
