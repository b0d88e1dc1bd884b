"""Checks the size, colours, characters and keys of the terminal, without Textual."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wizard.formats.text import counted
from wizard.health_checks import Finding, bad, doubtful, good
from wizard.settings import TerminalWords, is_utf8, terminal_words

try:
    import select
    import termios
    import tty
except ImportError:  # Windows
    _HAS_RAW_MODE = False
else:
    _HAS_RAW_MODE = True

_MIN_SIZE, _FULL_SIZE = (40, 12), (80, 24)
_ANSWER_SECONDS = 1.0
_KEY_SECONDS = 5.0
_CURSOR_POSITION = re.compile(rb"\x1b\[(\d+);(\d+)R")

# Texts with their description and their usual widths. Terminals that draw whole syllables need
# three cells for the Devanagari word, others four.
_TEXTS = (
    ("e\u0301", "a letter with a combining accent", (1,)),
    ("日本", "two Chinese characters", (4,)),
    ("नमस्ते", "a word in Devanagari", (3, 4)),
)
_KEYS = {
    "F1": (b"\x1bOP", b"\x1b[11~", b"\x1b[[A"),
    "F2": (b"\x1bOQ", b"\x1b[12~", b"\x1b[[B"),
    "F8": (b"\x1b[19~",),
    "Ctrl+N": (b"\x0e",),
    "Ctrl+P": (b"\x10",),
    "Ctrl+S": (b"\x13",),
    "Ctrl+Q": (b"\x11",),
}
_ENTER, _CTRL_C = (b"\r", b"\n", b"\r\n"), b"\x03"


def check_terminal(*, ask: bool) -> Iterator[Finding]:
    """Check size, colours and characters; with `ask` also widths and keys, by using them."""
    words = terminal_words()
    is_terminal = bool(sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty())
    if is_terminal:
        yield _size(words)
    else:
        todo = "commands and --plain work; start it in a terminal for the screens"
        yield doubtful("terminal", "input or output is not a terminal", todo)
    yield _colors(words)
    yield _encoding()
    if ask and is_terminal and _HAS_RAW_MODE and words.term != "dumb":
        with _raw_mode():
            yield from _widths()
            yield from _keys()


def _size(words: TerminalWords) -> Finding:
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    size = f"{columns} columns, {rows} rows"
    if words.term == "dumb":
        return doubtful("terminal", f"{size}; it is dumb (TERM)", "the wizard asks in plain lines")
    if columns < _MIN_SIZE[0] or rows < _MIN_SIZE[1]:
        needed = f"{_MIN_SIZE[0]} columns and {_MIN_SIZE[1]} rows"
        return bad("terminal", size, f"the screens need {needed}: enlarge it, or use --plain")
    if columns < _FULL_SIZE[0] or rows < _FULL_SIZE[1]:
        todo = f"everything fits in {_FULL_SIZE[0]} columns and {_FULL_SIZE[1]} rows"
        return doubtful("terminal", size, todo)
    return good("terminal", size)


def _colors(words: TerminalWords) -> Finding:
    term = f"TERM is {words.term or 'not set'}"
    if words.no_color:
        return good("colours", f"none, because NO_COLOR is set; {term}")
    if words.colorterm in ("truecolor", "24bit"):
        return good("colours", f"all; {term}, COLORTERM is {words.colorterm}")
    if "256" in words.term or "direct" in words.term:
        return good("colours", f"256; {term}")
    if words.term in ("", "dumb") and os.name != "nt":
        todo = "the wizard works without; for colours, set TERM as your terminal's manual says"
        return doubtful("colours", f"perhaps none; {term}", todo)
    return good("colours", f"16; {term}")


def _encoding() -> Finding:
    if is_utf8():
        return good("characters", "UTF-8")
    todo = "set a UTF-8 locale, such as LC_ALL=C.UTF-8: other scripts appear as question marks"
    return doubtful("characters", "the locale is not UTF-8", todo)


@contextmanager
def _raw_mode() -> Iterator[None]:
    """Read single bytes without echo; the terminal is restored afterwards."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)


def _write(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode(errors="replace"))


def _read(seconds: float) -> bytes:
    """Return what arrives within a time. Raises KeyboardInterrupt on Ctrl+C."""
    ready, _, _ = select.select([sys.stdin], [], [], max(0.0, seconds))
    data = os.read(sys.stdin.fileno(), 256) if ready else b""
    if _CTRL_C in data:
        raise KeyboardInterrupt
    return data


def _widths() -> Iterator[Finding]:
    """Check the width of the texts by the position of the cursor after them."""
    for text, description, widths in _TEXTS:
        _write(f"\r{text}\x1b[6n")
        column = _cursor_column()
        _write("\r\x1b[K")
        if column is None:
            todo = "lines with accents or other scripts may be misaligned"
            yield doubtful("width", "the terminal does not report its cursor", todo)
            return
        width = column - 1
        found = f"{description} takes {counted(width, 'cell')}"
        if width in widths:
            yield good("width", found)
        else:
            usual = " or ".join(map(str, widths))
            todo = f"the usual width is {usual}: lines with such text may be misaligned"
            yield doubtful("width", found, todo)


def _cursor_column() -> int | None:
    data, end = b"", time.monotonic() + _ANSWER_SECONDS
    while not (match := _CURSOR_POSITION.search(data)):
        more = _read(end - time.monotonic())
        if not more:
            return None
        data += more
    return int(match[2])


def _keys() -> Iterator[Finding]:
    """Ask for keys that terminals and multiplexers often intercept."""
    _write(f"Press each key that is named, within {_KEY_SECONDS:g} s. Enter skips the rest.\r\n")
    arrived: list[str] = []
    for name, sequences in _KEYS.items():
        _write(f"\r\x1b[K{name} ")
        data = _read(_KEY_SECONDS)
        if data in sequences:
            arrived.append(name)
            continue
        # Without any key so far, nobody is there.
        if data in _ENTER or not (data or arrived):
            break
        _write("\r\x1b[K")
        found = f"{name} arrives as {data!r:.40}" if data else f"{name} does not arrive"
        todo = "use the button or the command palette instead, or bind another key"
        yield doubtful("keys", found, todo)
    _write("\r\x1b[K")
    if arrived:
        yield good("keys", f"{', '.join(arrived)} arrive")
