"""Runs the program in forks of a process that has imported it once.

A run costs half a second of imports in a new process, and nearly nothing in a fork. All
else is as in a new process: arguments, environment, folder, streams, exit code. When a test is
about Python's own start, it starts Python itself.
"""

import atexit
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent
LONGEST = 200_000
# What Python and Textual read of the environment when they start. The server of commands has
# started with the tests', that of the screens as a terminal starts the program.
AT_START = ("PYTHON", "LC_", "LANG", "TEXTUAL_")
STARTED = dict(os.environ)
IN_TERMINAL = {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
STARTED_IN_TERMINAL = STARTED | IN_TERMINAL
# What the program imports late, and often. Commands need no Textual.
LATE = (
    *("httpx", "anyio._backends._asyncio", "starlette.applications", "uvicorn"),
    *("platformdirs.unix", "ruamel.yaml", "tzlocal"),
)


def can_run(environ: Mapping[str, str], *, in_terminal: bool = False) -> bool:
    """Whether a fork can replace a process that starts with this environment."""
    server = STARTED_IN_TERMINAL if in_terminal else STARTED

    def at_start(names: Mapping[str, str]) -> dict[str, str]:
        return {
            name: value
            for name, value in names.items()
            if name.startswith(AT_START) and name != "PYTHONUNBUFFERED"
        }

    return sys.platform == "linux" and at_start(environ) == at_start(server)


# In the tests


class Child:
    """The program in a fork, with the parts of `subprocess.Popen` that the tests need."""

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        streams: Sequence[int],
        *,
        terminal_folder: Path | None = None,
    ) -> None:
        """`terminal_folder` is the program's folder if its standard input is its terminal."""
        self._in_terminal = terminal_folder is not None
        # The child alone holds the other end open, so this end is closed when it is gone.
        self._gone, held = os.pipe()
        try:
            request = {"arguments": arguments, "environ": dict(environ)}
            if terminal_folder:
                request["terminal_folder"] = str(terminal_folder)
            self.pid = _ask(request, [*streams, held], self._in_terminal)
        finally:
            os.close(held)
        self.returncode: int | None = None
        self.stdin: IO[str] | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            end = select.poll()
            end.register(self._gone)
            if not end.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired("the program", timeout or 0)
            os.close(self._gone)
            self.returncode = _ask({"pid": self.pid}, [], self._in_terminal)
        return self.returncode

    def send_signal(self, number: int) -> None:
        # The server keeps a pid until it is asked for the exit code.
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        assert self.stdin
        assert self.stdout
        assert self.stderr
        with suppress(BrokenPipeError):
            self.stdin.close()
        with ThreadPoolExecutor(2) as pool:
            texts = [pool.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            finally:
                self.kill()
            return texts[0].result(), texts[1].result()


Process = Child | subprocess.Popen[Any]


@contextmanager
def started(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    streams: Sequence[int],
    *,
    in_fork: bool = True,
) -> Iterator[Process]:
    """The program with these streams, in its own session; it does not outlive the block."""
    process: Process
    if in_fork and can_run(environ):
        process = Child(arguments, environ, streams)
    else:
        stdin, stdout, stderr = streams
        process = subprocess.Popen(
            [sys.executable, "-m", "wizard", *arguments],
            cwd=ROOT,
            env=environ,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def piped(
    arguments: Sequence[str], environ: Mapping[str, str], *, in_fork: bool = True
) -> Iterator[Process]:
    """The program with pipes for its streams, as text."""
    (read, typed), (output, out), (failed, err) = os.pipe(), os.pipe(), os.pipe()
    with ExitStack() as stack:
        ours = [
            stack.enter_context(open(pipe, mode))
            for pipe, mode in ((output, "r"), (failed, "r"), (typed, "w"))
        ]
        streams = (read, out, err)
        process = stack.enter_context(started(arguments, environ, streams, in_fork=in_fork))
        process.stdout, process.stderr, process.stdin = ours
        _close(*streams)
        yield process


def run(
    arguments: Sequence[str], environ: Mapping[str, str], stdin: bytes | None, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """Run the program with pipes for its streams, and /dev/null if nothing is for its input."""
    (read, typed), (output, out), (failed, err) = os.pipe(), os.pipe(), os.pipe()
    if stdin is None:
        _close(read)
        read = os.open(os.devnull, os.O_RDONLY)
    with ThreadPoolExecutor(3) as pool:
        # A fork is quick: a short input is there, and at its end, before the program looks.
        fed = pool.submit(_feed, typed, stdin or b"")
        if len(stdin or b"") <= select.PIPE_BUF:
            fed.result()
        # The process is ended before the threads are waited for.
        with started(arguments, environ, (read, out, err)) as process:
            _close(read, out, err)
            texts = [pool.submit(_drain, pipe) for pipe in (output, failed)]
            code = process.wait(seconds)
            return subprocess.CompletedProcess(arguments, code, *(each.result() for each in texts))


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _feed(pipe: int, data: bytes) -> None:
    # A program that does not read its input leaves it.
    with suppress(BrokenPipeError), open(pipe, "wb") as file:
        file.write(data)


def _drain(pipe: int) -> bytes:
    with open(pipe, "rb") as file:
        return file.read()


_one_at_a_time = threading.Lock()


def _ask(request: dict[str, Any], files: list[int], in_terminal: bool) -> int:
    with _one_at_a_time:
        server = _server(in_terminal)
        socket.send_fds(server, [json.dumps(request).encode()], files)
        return int(server.recv(LONGEST))


@cache
def _server(in_terminal: bool) -> socket.socket:
    """Start a server of this process; it ends when this end of the socket is closed."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    packages = ["wizard", "screens"] if in_terminal else ["wizard"]
    command = [sys.executable, "-m", "tests.fork_server", str(its.fileno()), *packages]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=STARTED_IN_TERMINAL if in_terminal else STARTED,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[its.fileno()],
        start_new_session=True,
    )
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


# In the server


def serve(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Fork for each request: the child returns with it, and the server at the end with nothing."""
    children = set()
    while True:
        message, files, _, _ = socket.recv_fds(control, LONGEST, 4)
        if not message:
            break
        request = json.loads(message)
        if pid := request.get("pid"):
            _, status = os.waitpid(pid, 0)
            children.remove(pid)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if not answer:
                control.close()
                return request, files
            children.add(answer)
            _close(*files)
        control.send(str(answer).encode())
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return None


def become(request: dict[str, Any], files: list[int]) -> None:
    """Give this process the state of a newly started one.

    The server has left the signals as they were, and Python seeds `random` again in a fork.
    """
    os.setsid()
    sys.argv = [str(ROOT / "wizard/__main__.py"), *request["arguments"]]
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    *streams, held = files
    os.set_inheritable(held, False)
    for number, file in enumerate(streams):
        os.dup2(file, number)
        os.close(file)
    if folder := request.get("terminal_folder"):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.chdir(folder)
    is_unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = open_stream(number, getattr(sys, name), is_unbuffered)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def open_stream(number: int, as_this: io.TextIOWrapper, is_unbuffered: bool) -> io.TextIOWrapper:
    """A standard stream as Python opens it, in the encoding of this one."""
    is_raw = is_unbuffered and number > 0
    mode = "wb" if number else "rb"
    file = open(number, mode, buffering=0 if is_raw else -1, closefd=False)  # noqa: SIM115
    getattr(file, "raw", file).name = as_this.name
    by_line = not is_unbuffered and (file.isatty() or number == 2)
    stream = io.TextIOWrapper(
        file, as_this.encoding, as_this.errors, "\n", by_line, write_through=is_unbuffered
    )
    stream.mode = mode[0]
    return stream


def leave(code: int) -> None:
    """Exit as Python does, but without the slow end: taking every module apart."""
    threading._shutdown()
    atexit._run_exitfuncs()
    gc.collect()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # the usual way: Python has its own words and exit code for this
    os._exit(code)


if __name__ == "__main__":
    _, number, *packages = sys.argv
    for package in packages:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            importlib.import_module(module.name)
    for late in LATE:
        importlib.import_module(late)
    assert ("textual" in sys.modules) == ("screens" in packages)
    gc.freeze()
    asked = serve(socket.socket(fileno=int(number)))
    if asked:
        become(*asked)
        from wizard.__main__ import main

        try:
            main()
        except SystemExit as ended:
            code = ended.code
        leave(code)
