"""Any program in its own terminal, and how long it takes until the screen shows a text."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
SIZE = (140, 40)

Found = Callable[[], bool]


class Screen:
    """A program in a pty, seen through an emulated terminal; leaving the block ends it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        unset = ("QCALL_API_KEY", "QCALL_API_BASE_URL", "NO_COLOR", "COLUMNS", "LINES")
        # A program that was installed is compiled once, and not at every start.
        unset += ("PYTHONDONTWRITEBYTECODE",)
        kept = {name: value for name, value in os.environ.items() if name not in unset}
        self.began = time.perf_counter()
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(ROOT),
            env={**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environment or {})},
            dimensions=(rows, columns),
            timeout=None,
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.close(force=True)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self.process.pid)

    def row(self, y: int) -> str:
        """The text of one row; much cheaper than the whole screen's."""
        cells = self.screen.buffer[y]
        return "".join(cells[x].data for x in range(self.screen.columns))

    def has(self, text: str) -> bool:
        """Whether a text is on the screen."""
        return any(text in self.row(y) for y in range(self.screen.lines))

    def row_of(self, text: str) -> int:
        """The first row with a text."""
        return next(self.rows_of(text))

    def rows_of(self, text: str) -> Iterator[int]:
        """The rows with a text."""
        return (y for y in range(self.screen.lines) if text in self.row(y))

    def text(self) -> str:
        """The whole screen, for a message."""
        return "\n".join(self.row(y).rstrip() for y in range(self.screen.lines))

    def picture(self) -> tuple[tuple[str, bool, str], ...]:
        """The screen with its colours, which is how a list shows its cursor."""
        cells, columns = self.screen.buffer, range(self.screen.columns)
        rows = (cells[y] for y in range(self.screen.lines))
        return tuple((row[x].data, row[x].bold, row[x].bg) for row in rows for x in columns)

    def until(self, found: Found, what: str = "", patience: float = PATIENCE) -> float:
        """Read the output until the text shows; return the time of `perf_counter`."""
        end = time.perf_counter() + patience
        while not found():
            ended = self.read(0.5) is None
            if time.perf_counter() > end or (ended and not found()):
                raise TimeoutError(f"never saw {what}\n{self.text()}")
        return time.perf_counter()

    def until_text(self, text: str) -> float:
        """Read until a text shows; seconds since the program was started."""
        return self.until(lambda: self.has(text), text) - self.began

    def calm(self, seconds: float = 0.3, most: float = 5.0) -> None:
        """Read until nothing was drawn for so long; a cursor that blinks is never calm."""
        end = time.perf_counter() + most
        while self.read(seconds) is True and time.perf_counter() < end:
            pass

    def press(self, keys: str) -> None:
        """Send keys as a terminal does."""
        self.process.send(keys)

    def after(self, keys: str, found: Found, what: str = "") -> float:
        """Send keys; the seconds until it shows."""
        start = time.perf_counter()
        self.process.send(keys)
        return self.until(found, what or repr(keys)) - start

    def ended(self, keys: str) -> float:
        """Send keys that end the program; the seconds until the terminal is given back."""
        start = time.perf_counter()
        self.process.send(keys)
        while self.read(PATIENCE) is not None:
            pass
        self.process.wait()
        return time.perf_counter() - start

    def read(self, seconds: float) -> bool | None:
        """Show new output; False if there was none, None if the program has ended."""
        try:
            data = self.process.read_nonblocking(65_536, timeout=seconds)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return None
        self._stream.feed(data)
        return True


def python(*arguments: str) -> list[str]:
    """A command of this interpreter's."""
    return [sys.executable, *arguments]


def wizard(*arguments: str) -> list[str]:
    """The wizard, as its console script starts it."""
    script = Path(sys.executable).with_name("qcall-wizard")
    return [str(script), *arguments] if script.exists() else python("-m", "wizard", *arguments)
