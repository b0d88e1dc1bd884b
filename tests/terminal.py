"""The real program in a real terminal: a pty, and an emulated screen."""

import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import pexpect
import pyte

from tests.fork_server import IN_TERMINAL, ROOT, Child, can_run

Size: TypeAlias = tuple[int, int]
MODULE = ("-m", "wizard")
PATIENCE = 40.0
_UNSET = (
    "QCALL_API_KEY",
    "QCALL_API_BASE_URL",
    "NO_COLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "TMUX",
)

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "end": "\x1b[F",
    "home": "\x1b[H",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    "shift+down": "\x1b[1;2B",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
}

# Questions and modes that pyte takes for text: they change nothing that is seen.
_UNSEEN = re.compile(
    rb"\x1b\[[<=>?][0-9;:]*\$?[pqu]|\x1b\[>[0-9;]*m|\x1bP[^\x1b]*\x1b\\|\x1b\[[0-9;]*t"
)
_CUT_OFF = re.compile(rb"\x1b(?:\[[^@-~]*|P[^\x1b]*)?$")


def key_bytes(name: str) -> str:
    """What a terminal sends for a key: `ctrl+n`, `f2`, `tab`, or the character itself."""
    if name.startswith("ctrl+"):
        return chr(ord(name[-1].upper()) & 0x1F)
    return KEYS.get(name, name)


class ForkedInTerminal:
    """The wizard in a fork with its own terminal: the parts of pexpect that the tests use."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], folder: Path, size: Size
    ) -> None:
        self.child_fd, its = os.openpty()
        self.closed = False
        try:
            columns, rows = size
            self.setwinsize(rows, columns)
            self._child = Child(arguments, environ, [its] * 3, terminal_folder=folder)
        finally:
            os.close(its)
        self.pid = self._child.pid
        self.exitstatus: int | None = None
        self.signalstatus: int | None = None

    def setwinsize(self, rows: int, columns: int) -> None:
        termios.tcsetwinsize(self.child_fd, (rows, columns))

    def getecho(self) -> bool:
        return bool(termios.tcgetattr(self.child_fd)[3] & termios.ECHO)

    def send(self, data: str | bytes) -> None:
        left = data.encode() if isinstance(data, str) else data
        while left:
            left = left[os.write(self.child_fd, left) :]

    def read_nonblocking(self, size: int, timeout: float) -> bytes:
        if not select.select([self.child_fd], [], [], timeout)[0]:
            raise pexpect.TIMEOUT("nothing to read")
        try:
            return os.read(self.child_fd, size)
        except OSError as error:  # Linux reports the end of a terminal as EIO
            raise pexpect.EOF("the program has ended") from error

    def isalive(self) -> bool:
        return self._child.poll() is None

    def wait(self) -> None:
        code = self._child.wait()
        self.exitstatus, self.signalstatus = (code, None) if code >= 0 else (None, -code)

    def close(self, force: bool) -> None:
        """Close the window. `force` ends a program that does not end by that."""
        if not self.closed:
            self.closed = True
            os.close(self.child_fd)
        if force:
            self._child.kill()
            self.wait()


class Terminal:
    """The wizard in its own terminal; leaving the block ends it."""

    def __init__(
        self,
        *arguments: str,
        home: Path,
        size: Size = (80, 24),
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (),
        folder: Path = ROOT,
    ) -> None:
        """Start the wizard in a fork if that is the same, or by `program`, Python's arguments."""
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self.raw = bytearray()
        self._stream = pyte.ByteStream(self.screen)
        self._held = b""
        kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
        around = {**kept, **IN_TERMINAL, **(environment or {})}
        command = ["--home", str(home), *arguments]
        self.process: pexpect.spawn[bytes] | ForkedInTerminal
        if not program and can_run(around, in_terminal=True):
            self.process = ForkedInTerminal(command, around, folder, size)
        else:
            self.process = pexpect.spawn(
                sys.executable,
                [*(program or MODULE), *command],
                cwd=str(folder),
                env=around,
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
        if isinstance(self.process, pexpect.spawn) and self.process.isalive():
            # Its `close` waits a tenth of a second, too short on a busy machine.
            self.process.kill(signal.SIGKILL)
            self.process.wait()
        self.process.close(force=True)

    # --- input

    def begin(self) -> Self:
        """Begin from nothing on the first screen; the first step is shown then."""
        self.wait_for("Start from scratch").type("scratch").press("enter")
        return self.wait_for("Type *")

    def press(self, *names: str) -> Self:
        """Press keys, one behind the other without a pause."""
        self.send("".join(map(key_bytes, names)))
        return self

    def type(self, text: str) -> Self:
        """Type a text."""
        self.send(text)
        return self

    def paste(self, text: str) -> Self:
        """Paste as a terminal does that was asked for bracketed paste."""
        self.send("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")
        return self

    def resize(self, columns: int, rows: int) -> Self:
        """Resize the window."""
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)
        return self

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the program a signal."""
        os.kill(self.process.pid, number)

    def send(self, sent: str | bytes) -> None:
        """Send bytes in pieces that the pty accepts, and read the output meanwhile."""
        data = sent.encode("utf-8") if isinstance(sent, str) else sent
        for at in range(0, len(data), 512):
            self.process.send(data[at : at + 512])
            if len(data) > 512:
                self._read(0)

    # --- output

    def look(self, seconds: float) -> Self:
        """Look at the screen for so long: a person's pause, not a wait for something to happen."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)
        return self

    @property
    def text(self) -> str:
        """The screen's text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, *wanted: str, seconds: float = PATIENCE) -> Self:
        """Wait until all of this is on the screen."""
        return self.wait_until(lambda: all(text in self.text for text in wanted), wanted, seconds)

    def wait_gone(self, unwanted: str, seconds: float = PATIENCE) -> Self:
        """Wait until this is no longer on the screen."""
        return self.wait_until(lambda: unwanted not in self.text, f"no {unwanted}", seconds)

    def wait_until(
        self, holds: Callable[[], bool], what: object, seconds: float = PATIENCE
    ) -> Self:
        """Wait for a state; if it never comes, fail and show the screen."""
        end = time.monotonic() + seconds
        while not holds():
            alive = self._read(0.05)
            assert alive or holds(), f"ended before {what}\n{self.text}"
            assert time.monotonic() < end, f"never saw {what}\n{self.text}"
        return self

    def wait_still(self, seconds: float = 0.4) -> Self:
        """Wait until nothing was drawn for so long; a calm wizard draws nothing by itself."""
        drawn = -1
        while drawn != len(self.raw):
            drawn = len(self.raw)
            self.look(seconds)
        return self

    def wait_exit(self, seconds: float = PATIENCE) -> int:
        """Wait for the end; the exit code, or the signal's number below zero."""
        end = time.monotonic() + seconds
        while self._read(0.05):
            assert time.monotonic() < end, f"has not ended\n{self.text}"
        return self._exit_code()

    def close_window(self) -> int:
        """Take the window away, and wait for the end; the exit code as of `wait_exit`."""
        os.close(self.process.child_fd)
        self.process.closed = True
        return self._exit_code()

    def _exit_code(self) -> int:
        self.process.wait()
        code = self.process.exitstatus
        return int(code) if code is not None else -int(self.process.signalstatus or 0)

    def _read(self, seconds: float) -> bool:
        """Show new output; return whether the program is still running."""
        try:
            data = self.process.read_nonblocking(65_536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        data = self._held + data
        cut = _CUT_OFF.search(data[-200:])
        at = len(data) - len(data[-200:]) + cut.start() if cut else len(data)
        self._held = data[at:]
        self._stream.feed(_UNSEEN.sub(b"", data[:at]))
        return True


class Tmux:
    """The wizard in a window of its own tmux server; leaving the block ends the server."""

    def __init__(
        self, home: Path, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self._socket = str(home / "tmux")
        kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
        self._environment = {**kept, "LC_ALL": "C.UTF-8", **(environment or {})}
        command = [sys.executable, "-m", "wizard", "--home", str(home / "wizard"), *arguments]
        size = ("-x", "80", "-y", "24")
        self._tmux("-f", os.devnull, "new-session", "-d", *size, "-c", str(ROOT), *command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)

    def send(self, *keys: str) -> Self:
        """Send keys by tmux's names, or a text behind `-l`."""
        self._tmux("send-keys", *keys)
        return self

    @property
    def text(self) -> str:
        """What the window shows."""
        return self._tmux("capture-pane", "-p", check=False)

    def wait_for(self, wanted: str, seconds: float = PATIENCE) -> Self:
        """Wait until this is in the window."""
        end = time.monotonic() + seconds
        while wanted not in self.text:
            assert time.monotonic() < end, f"never saw {wanted}\n{self.text}"
            time.sleep(0.05)
        return self

    def wait_end(self, seconds: float = PATIENCE) -> None:
        """Wait until the program has ended, and with it its server."""
        end = time.monotonic() + seconds
        while self._tmux("has-session", check=False, code=True) == "0":
            assert time.monotonic() < end, f"has not ended\n{self.text}"
            time.sleep(0.05)

    def _tmux(self, *arguments: str, check: bool = True, code: bool = False) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._environment,
            capture_output=True,
            check=check,
            encoding="utf-8",
        )
        return str(done.returncode) if code else done.stdout
