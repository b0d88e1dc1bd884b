"""The suite itself: nothing hangs, in the foreground or in the background; its servers."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.imports import modules
from tests.listener import listening
from tests.records_server import Records, records_at
from tests.terminal import ROOT

IGNORING = """
import signal, subprocess, sys
names = ("SIGINT", "SIGHUP", "SIGTERM")
for name in names:
    signal.signal(getattr(signal, name), signal.SIG_IGN)
import tests.conftest
code = f"import signal; print(*(signal.getsignal(getattr(signal, name)) for name in {names}))"
subprocess.run([sys.executable, "-c", code], check=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a console has no signals to ignore")
def test_programs_of_a_suite_in_the_background_can_be_interrupted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IGNORING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout
    assert "IGN" not in done.stdout
    assert str(int(signal.SIG_IGN)) not in done.stdout.split()


def test_a_test_that_hangs_is_ended(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import time\ndef test_it():\n    time.sleep(60)\n")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--timeout", "1"]
    done = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=False)
    assert "Timeout" in done.stdout
    assert done.returncode == 1


def test_a_hang_is_ended_without_an_option(pytestconfig: pytest.Config) -> None:
    assert 0 < float(pytestconfig.getini("timeout")) <= 300


def test_a_missing_module_is_an_error() -> None:
    assert modules("wizard.cli", "json") == {"wizard.cli", "json"}
    with pytest.raises(AssertionError, match=r"there is no module wizard\.gone"):
        modules("wizard.gone")


def test_a_request_of_a_killed_sender_is_none() -> None:
    with listening() as heard, records_at(Records(a="{}")) as records:
        for method, url in (("POST", heard.url), ("PUT", records.url)):
            address = urlsplit(url)
            with socket.create_connection((address.hostname, address.port), 20) as sender:
                sender.sendall(f"{method} /x?id=a HTTP/1.1\r\ncontent-length: 9\r\n\r\n{{".encode())
                sender.shutdown(socket.SHUT_WR)
                assert sender.recv(1) == b""
        assert heard.bodies == records.puts == []
