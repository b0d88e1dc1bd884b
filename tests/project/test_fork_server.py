"""A fork of the program behaves like a new process."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import examples, fork_server
from tests.commands.test_cli import PROGRAM, ROOT, SECONDS, environment
from tests.terminal import MODULE, Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no forks here")

PAYLOAD = json.dumps(examples.minimal() | {"हिन्दी 🙂": 1, "\ud800": 1, "name": "a\r\nb"})


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["--version"], ""),
        (["--help"], ""),
        (["nonsense", "हिन्दी \udcff"], ""),
        (["validate", "-"], "\udcff"),
        (["validate", "-", "--json"], PAYLOAD),
        (["export", "-", "--as", "yaml"], PAYLOAD),
        (["new", "--template", "win-back"], ""),
        (["voices", "--sandbox"], ""),
        ([], ""),
    ],
)
def test_codes_and_bytes_are_those_of_a_process(
    arguments: list[str], stdin: str, unbuffered: str
) -> None:
    environ = environment(PYTHONUNBUFFERED=unbuffered, TZ="Asia/Kolkata")
    data = stdin.encode(errors="surrogateescape")
    assert fork_server.can_run(environ)
    forked = fork_server.run(arguments, environ, data, SECONDS)
    process = subprocess.run(
        [*PROGRAM, *arguments],
        input=data,
        cwd=ROOT,
        env=environ,
        capture_output=True,
        start_new_session=True,
        check=False,
    )

    assert forked.returncode == process.returncode
    assert forked.stdout == process.stdout
    assert forked.stderr == process.stderr


STREAMS = [
    (name, what)
    for name in ("stdin", "stdout", "stderr")
    for what in ("name", "mode", "encoding", "errors", "line_buffering", "write_through")
]
REPORT = f"""
import sys
noted = [str(getattr(getattr(sys, name), what)) for name, what in {STREAMS}]
noted += [type(getattr(sys, name).buffer).__name__ for name in ("stdin", "stdout", "stderr")]
sys.stderr.write(" ".join(noted))
"""


def on_pipes(run: Callable[[tuple[int, int, int]], object]) -> str:
    """What it writes to standard error, with a terminal for its output."""
    (read, write), (master, slave) = os.pipe(), pty.openpty()
    try:
        run((read, slave, write))
        return os.read(read, 10_000).decode()
    finally:
        for file in (read, write, master, slave):
            os.close(file)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_streams_are_those_of_a_process(unbuffered: str) -> None:
    environ = environment(PYTHONUNBUFFERED=unbuffered)
    become = f"""
import os, sys
from tests.fork_server import become
become({{"arguments": [], "environ": {environ}}}, [*map(int, sys.argv[1:]), os.open("/", 0)])
"""

    def forked(streams: tuple[int, int, int]) -> None:
        command = [sys.executable, "-c", become + REPORT, *map(str, streams)]
        env = fork_server.STARTED
        subprocess.run(command, cwd=ROOT, env=env, pass_fds=streams, check=True)

    def process(streams: tuple[int, int, int]) -> None:
        stdin, out, err = streams
        command = [sys.executable, "-c", REPORT]
        subprocess.run(command, env=environ, stdin=stdin, stdout=out, stderr=err, check=True)

    assert on_pipes(forked) == on_pipes(process) != ""


def test_a_terminal_is_that_of_a_process(tmp_path: Path) -> None:
    def seen(program: tuple[str, ...]) -> tuple[list[str], int]:
        home = tmp_path / str(len(program))
        with Terminal("--sandbox", home=home, size=(100, 30), program=program) as terminal:
            texts = [terminal.wait_for("Start from scratch", "Admission").wait_still().text]
            texts += [terminal.resize(60, 20).wait_still().text]
            terminal.press("ctrl+q")
            return texts, terminal.wait_exit()

    assert fork_server.can_run(fork_server.STARTED_IN_TERMINAL, in_terminal=True)
    assert seen(()) == seen(MODULE)


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        fork_server.run(["sandbox", "--port", "0"], environment(), b"", 0.5)
    with fork_server.piped(["sandbox", "--port", "0"], environment()) as process:
        pid = process.pid
        assert process.poll() is None

    assert process.returncode == -signal.SIGKILL
    assert not os.path.exists(f"/proc/{pid}")


def test_the_server_and_its_programs_end_with_the_tests(tmp_path: Path) -> None:
    code = """
import os, signal
from tests import fork_server
child = fork_server.Child(["sandbox", "--port", "0"], dict(os.environ), [0, 1, 2])
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with open(tmp_path / "err", "w") as err:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=err,
            check=False,
        )

    assert done.returncode == -signal.SIGKILL
    end = time.monotonic() + SECONDS
    while os.path.exists(f"/proc/{int(done.stdout)}"):
        assert time.monotonic() < end
        time.sleep(0.05)
