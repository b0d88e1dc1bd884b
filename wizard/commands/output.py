"""Prints results to standard output, and everything else to standard error.

If the reader of a pipe has closed it, the rest of the results is dropped, and the command continues
to its own exit code.
"""

import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from wizard.api.outcomes import Outcome

# Control characters, and the marks that change the direction of text.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def print_line(line: str) -> None:
    """Print a line of the result for people."""
    _print(visible(line))


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    print_document(json.dumps(value, ensure_ascii=False))


def print_document(text: str) -> None:
    """Print a JSON text, with escapes for what the terminal would obey or cannot show."""
    _print(_escaped_document(text))


def print_unchanged(text: str) -> None:
    """Print a text for other programs, as UTF-8 and without escapes."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        _print(text)
        return
    try:
        sys.stdout.flush()
        buffer.write(f"{text}\n".encode())
    except BrokenPipeError:
        drop("stdout")


def print_payload(text: str) -> None:
    """Print a JSON text for people at a terminal, and unchanged for other programs."""
    (print_document if is_terminal() else print_unchanged)(text)


def print_outcome(line: str) -> None:
    """Print the outcome of a request at once; to standard error if standard output fails."""
    _print_at_once(visible(line))


def print_result(name: str, outcome: "Outcome") -> None:
    """Print what became of a payload or an assistant, as `print_outcome` does."""
    answer = f'The server answered: "{outcome.message}"' if outcome.message else ""
    receipt = f"Receipt {outcome.receipt}." if outcome.receipt else ""
    parts = (outcome.in_command, answer, outcome.note, receipt)
    print_outcome(f"{name}: {' '.join(filter(None, parts))}")


def print_outcome_json(value: Any) -> None:
    """Print a value as one line of JSON, as `print_outcome` does."""
    _print_at_once(_escaped_document(json.dumps(value, ensure_ascii=False)))


def is_terminal() -> bool:
    """Whether results go to a terminal."""
    return bool(sys.stdout and sys.stdout.isatty())


def report(line: str) -> None:
    """Print a line to standard error, after the results so far. Never raises."""
    with suppress(OSError):  # the next result reports it
        if sys.stdout:
            sys.stdout.flush()
    write_stderr(f"{visible(line)}\n")


def report_problems(problems: Iterable[object]) -> None:
    """Report the missing and wrong answers of a draft, with their count."""
    lines = [f"  {problem}" for problem in problems]
    if lines:
        report(f"{len(lines)} answer{'s are' if len(lines) > 1 else ' is'} missing or wrong:")
    for line in lines:
        report(line)


def write_stderr(text: str) -> None:
    """Write to standard error if that is possible."""
    import click

    try:
        click.echo(text, nl=False, err=True)
    except OSError:
        drop("stderr")


def drop(name: Literal["stdout", "stderr"]) -> None:
    """Replace a broken stream; otherwise Python would fail again when it exits."""
    stream = getattr(sys, name)
    with suppress(OSError, ValueError, AttributeError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
    setattr(sys, name, None)


def visible(text: str) -> str:
    """Return a text with escapes for what a terminal would obey: it may quote a file."""
    return text if text.isprintable() else _CONTROLS.sub(_escape, text)


def _print(text: str) -> None:
    try:
        # `click.echo` flushes after each line, which is slow for thousands of payloads.
        print(text)
    except BrokenPipeError:
        drop("stdout")


def _print_at_once(text: str) -> None:
    if sys.stdout:
        try:
            print(text, flush=True)
        except OSError:
            drop("stdout")
        else:
            return
    write_stderr(f"{text}\n")


def _escaped_document(text: str) -> str:
    # These characters are only inside strings, where an escape means the same.
    if not text.isprintable():
        text = _CONTROLS.sub(_json_escape, text)
    encoding = getattr(sys.stdout, "encoding", None) or ""
    is_utf8 = encoding.lower() in ("utf-8", "utf8")
    return text if is_utf8 else _NOT_ASCII.sub(_json_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _json_escape(match: re.Match[str]) -> str:
    # Line ends between the members of an object are layout.
    return "\n" if match[0] == "\n" else json.dumps(match[0])[1:-1]
