"""Asks a terminal what it shows and which keys it lets through, without any screen of ours."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from wizard.health_checks import Finding, bad, doubtful, good
from wizard.settings import TerminalWords, is_utf8, terminal_words

try:
    import select
    import termios
    import tty
except ImportError:  # Windows
    _RAW = False
else:
    _RAW = True

_LEAST, _ROOM = (40, 12), (80, 24)
# A terminal far away takes as long as this to say where its cursor is.
_ANSWER_SECONDS: Final = 1.0
_KEY_SECONDS: Final = 5.0
_PLACE: Final = re.compile(rb"\x1b\[(\d+);(\d+)R")

# What is shown, what it is called, and how many cells it should take. Terminals that draw whole
# syllables put the Devanagari word into three cells, others into four.
_TEXTS: Final = (
    ("e\u0301", "a letter with an accent of its own", (1,)),
    ("日本", "two Chinese characters", (4,)),
    ("नमस्ते", "a word in Devanagari", (3, 4)),
)
_KEYS: Final = {
    "F1": (b"\x1bOP", b"\x1b[11~", b"\x1b[[A"),
    "F2": (b"\x1bOQ", b"\x1b[12~", b"\x1b[[B"),
    "F8": (b"\x1b[19~",),
    "Ctrl+N": (b"\x0e",),
    "Ctrl+P": (b"\x10",),
    "Ctrl+S": (b"\x13",),
    "Ctrl+Q": (b"\x11",),
}
_ENTER, _BREAK = b"\r\n", b"\x03"


def is_terminal() -> bool:
    """Whether a person sits at both ends."""
    return bool(sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty())


def look_at_terminal(*, ask: bool) -> Iterator[Finding]:
    """Size, colours, characters, and with `ask` also what only the terminal and a person know."""
    words = terminal_words()
    yield _size(words) if is_terminal() else _no_terminal()
    yield _colors(words)
    yield _encoding()
    if not (ask and is_terminal() and _RAW) or words.term == "dumb":
        return
    with _raw():
        yield from _widths()
        yield from _keys()


def _no_terminal() -> Finding:
    todo = "commands and --plain work; start it in a terminal for the screens"
    return doubtful("terminal", "there is none at both ends", todo)


def _size(words: TerminalWords) -> Finding:
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    told = f"{columns} columns, {rows} rows"
    if words.term == "dumb":
        return doubtful("terminal", f"{told}; it is dumb (TERM)", "the wizard asks in plain lines")
    if columns < _LEAST[0] or rows < _LEAST[1]:
        todo = f"the screens need {_LEAST[0]} columns and {_LEAST[1]} rows: enlarge it, or --plain"
        return bad("terminal", told, todo)
    if columns < _ROOM[0] or rows < _ROOM[1]:
        todo = f"with {_ROOM[0]} columns and {_ROOM[1]} rows there is room for everything"
        return doubtful("terminal", told, todo)
    return good("terminal", told)


def _colors(words: TerminalWords) -> Finding:
    named = f"TERM is {words.term or 'not set'}"
    if words.no_color:
        return good("colours", f"none, as NO_COLOR is set; {named}")
    if words.colorterm in ("truecolor", "24bit"):
        return good("colours", f"all; {named}, COLORTERM is {words.colorterm}")
    if "256" in words.term or "direct" in words.term:
        return good("colours", f"256; {named}")
    if words.term in ("", "dumb") and os.name != "nt":
        todo = "nothing is told by colour alone; else set TERM as your terminal's manual says"
        return doubtful("colours", f"perhaps none; {named}", todo)
    return good("colours", f"16; {named}")


def _encoding() -> Finding:
    if is_utf8():
        return good("characters", "UTF-8")
    todo = "set a locale of UTF-8, such as LC_ALL=C.UTF-8: other scripts show as question marks"
    return doubtful("characters", "the locale is not of UTF-8", todo)


@contextmanager
def _raw() -> Iterator[None]:
    """Let single bytes through, unechoed; the terminal is put back as it was, whatever happens."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)


def _write(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode(errors="replace"))


def _read(seconds: float) -> bytes:
    """What comes within a time, nothing where nothing does; KeyboardInterrupt on Ctrl+C."""
    ready, _, _ = select.select([sys.stdin], [], [], max(0.0, seconds))
    came = os.read(sys.stdin.fileno(), 256) if ready else b""
    if _BREAK in came:
        raise KeyboardInterrupt
    return came


def _widths() -> Iterator[Finding]:
    """How many cells the terminal gives to three texts, by where its cursor stands after them."""
    for text, called, cells in _TEXTS:
        _write(f"\r{text}\x1b[6n")
        column = _column()
        _write("\r\x1b[K")
        if column is None:
            todo = "texts with accents or in other scripts may stand askew"
            yield doubtful("width", "the terminal does not say where its cursor is", todo)
            return
        told = f"{called} takes {column - 1} {'cell' if column == 2 else 'cells'}"
        if column - 1 in cells:
            yield good("width", told)
        else:
            todo = f"{' or '.join(map(str, cells))} are usual: lines with such text may stand askew"
            yield doubtful("width", told, todo)


def _column() -> int | None:
    came, end = b"", time.monotonic() + _ANSWER_SECONDS
    while not (found := _PLACE.search(came)):
        more = _read(end - time.monotonic())
        if not more:
            return None
        came += more
    return int(found[2])


def _keys() -> Iterator[Finding]:
    """Ask for keys that terminals and multiplexers like to keep to themselves."""
    _write(f"Press each key as it is named, within {_KEY_SECONDS:g} s. Enter skips the rest.\r\n")
    arrived: list[str] = []
    for name, sequences in _KEYS.items():
        _write(f"\r\x1b[K{name} ")
        came = _read(_KEY_SECONDS)
        if came in sequences:
            arrived.append(name)
        elif (came and came in _ENTER) or not (came or arrived):
            # Enter, or nobody there at all.
            break
        else:
            _write("\r\x1b[K")
            yield _lost(name, came)
    _write("\r\x1b[K")
    if arrived:
        yield good("keys", f"{', '.join(arrived)} arrive")


def _lost(name: str, came: bytes) -> Finding:
    told = f"{name} arrives as {came!r:.40}" if came else f"{name} does not arrive"
    todo = "use the button or the command palette instead, or bind another key"
    return doubtful("keys", told, todo)
