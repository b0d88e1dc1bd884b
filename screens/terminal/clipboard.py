"""Copies to the clipboard with a program that reports whether it worked.

If none is installed, the text is sent to the terminal, which never answers.
"""

import shutil
import subprocess
from asyncio import to_thread
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from textual.app import App

from screens.widgets.inputs import pictured
from wizard.settings import Surroundings, surroundings

# After this time, in seconds, a clipboard program that hangs is ended.
_LIMIT = 2.0
# How long it is shown that a text was copied, in seconds.
_COPIED_SECONDS = 5.0
UNSURE = "Sent to the terminal, which may ignore it."


def copy_text(app: App[Any], text: str) -> None:
    """Copy a text, and report whether it arrived."""
    _copy(app, text, "Copy", _COPIED_SECONDS, "")


def copy_and_show(app: App[Any], text: str, title: str, seconds: float = _COPIED_SECONDS) -> None:
    """Copy a text that is no secret, and show it: it can be copied from there."""
    _copy(app, text, title, seconds, text)


def _copy(app: App[Any], text: str, title: str, seconds: float, shown: str) -> None:
    # Textual keeps it for its own paste key, and sends it to the terminal.
    App.copy_to_clipboard(app, text)
    app.run_worker(_use_tools(app, text, title, seconds, shown), group="copy")


async def _use_tools(app: App[Any], text: str, title: str, seconds: float, shown: str) -> None:
    """Copy a text with the tools of the system, and report whether it arrived."""
    has_tools = not (app.is_headless or app.is_web)
    copied = await to_thread(lambda: copy(text, surroundings())) if has_tools else None
    if shown:
        message = f"{pictured(shown)}\n{copied or UNSURE}"
    else:
        message = copied or f"{UNSURE} Export, in the preview or the palette, writes a file."
    app.notify(message, title=title, timeout=seconds)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that takes a text for the clipboard on its standard input."""

    command: tuple[str, ...]
    message: str
    encoding: str = "utf-8"


def tools(around: Surroundings) -> Iterator[Tool]:
    """The programs that fit the platform, installed or not."""
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
        # It also passes the text to the terminal, if tmux is configured so.
        message = "Copied to tmux's buffer. Paste with tmux's paste key."
        yield Tool(("tmux", "load-buffer", "-w", "-"), message)


def copy(text: str, around: Surroundings) -> str | None:
    """Pass a text to the first program that takes it; return its message, None if none does."""
    for tool in tools(around):
        if shutil.which(tool.command[0]) and _ran(tool, text):
            return tool.message
    return None


def _ran(tool: Tool, text: str) -> bool:
    try:
        # Some programs stay in the background to serve the text: their output never ends.
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
