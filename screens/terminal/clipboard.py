"""Copies to the clipboard, and tells the truth about it: by a program that says whether it did.

Where there is none, the text is sent to the terminal, which never answers.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from wizard.settings import Surroundings

# A clipboard program that waits for something is given up after so long, in seconds.
_LIMIT = 2.0
UNSURE = "Sent to the terminal, which may or may not take it."


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that takes a text for the clipboard on its standard input."""

    command: tuple[str, ...]
    told: str
    encoding: str = "utf-8"


def tools(around: Surroundings) -> Iterator[Tool]:
    """The programs that fit where the wizard runs, whether they are installed or not."""
    if around.wayland:
        yield Tool(("wl-copy",), "Copied.")
    if around.x11:
        yield Tool(("xclip", "-selection", "clipboard"), "Copied.")
        yield Tool(("xsel", "--clipboard", "--input"), "Copied.")
    if around.system == "darwin":
        yield Tool(("pbcopy",), "Copied.")
    if around.system == "win32" or around.windows_below:
        yield Tool(("clip.exe",), "Copied.", "utf-16-le")
    if around.tmux:
        # It passes the text on to the terminal too, where tmux was told to.
        told = "In tmux's buffer, whose paste key puts it in."
        yield Tool(("tmux", "load-buffer", "-w", "-"), told)


def copy(text: str, around: Surroundings) -> str | None:
    """Hand a text to the first program that takes it; what came of it, None where none did."""
    for tool in tools(around):
        if shutil.which(tool.command[0]) and _ran(tool, text):
            return tool.told
    return None


def _ran(tool: Tool, text: str) -> bool:
    try:
        # Some stay behind to serve the text, so nobody waits for their output to end.
        done = subprocess.run(  # noqa: S603 - the commands are those above
            tool.command,
            input=text.encode(tool.encoding, "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
