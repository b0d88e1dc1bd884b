"""Writes what commands say: results to standard output, everything else to standard error."""

import json
import re
import sys
from typing import Any

import click

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def say(line: str) -> None:
    """Write a line of the result for people to read."""
    # Not click.echo, which flushes each time: a file of a million payloads has as many lines.
    print(visible(line))


def say_json(value: Any) -> None:
    """Write an object as one line of JSON."""
    encoding = getattr(sys.stdout, "encoding", None) or ""
    print(json.dumps(value, ensure_ascii=encoding.lower() not in ("utf-8", "utf8")))


def tell(line: str) -> None:
    """Write a line that is no result, after the results that came before it."""
    if sys.stdout:
        sys.stdout.flush()
    click.echo(visible(line), err=True)


def visible(text: str) -> str:
    """Return a text without anything that a terminal obeys: it may quote what a file holds."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
