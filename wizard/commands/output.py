"""Writes what commands say: results to standard output, everything else to standard error."""

import json
import re
import sys
from typing import Any

# Control characters, and the marks that turn the order of text around.
_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def say(line: str) -> None:
    """Write a line of the result for people to read."""
    # Not click.echo, which flushes each time: a file of a million payloads has as many lines.
    print(visible(line))


def say_json(value: Any) -> None:
    """Write an object as one line of JSON."""
    say_document(_ENCODER.encode(value))


def say_document(text: str) -> None:
    """Write a JSON text as it is, but for characters that a terminal obeys or cannot take."""
    # Such characters stand inside strings alone, where their escape means the same.
    if not text.isprintable():
        text = _OBEYED.sub(_json_escape, text)
    print(text if _takes_unicode() else _NOT_ASCII.sub(_json_escape, text))


def say_exactly(text: str) -> None:
    """Write a text for other programs, whose bytes must not change."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        print(text)
        return
    sys.stdout.flush()
    buffer.write(f"{text}\n".encode())


def tell(line: str) -> None:
    """Write a line that is no result, after the results that came before it."""
    if sys.stdout:
        sys.stdout.flush()
    import click

    click.echo(visible(line), err=True)


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
