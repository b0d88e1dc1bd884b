"""Settings and fixtures of all tests."""

import gc
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from tests.lazy_drawing import draw_only_if_looked_at
from tests.parsed_styles import keep_parsed_styles
from tests.samples import on_path

# In CI the same examples every time, so that no run depends on luck; elsewhere new ones. An
# example that takes long says that the machine is busy, and nothing about the program.
settings.register_profile("usual", deadline=None)
settings.register_profile("ci", settings.get_profile("usual"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "usual")

# A suite in the background, or under nohup, inherits signals that are ignored, and every program
# that it starts would ignore them too.
for _name in ("SIGINT", "SIGHUP", "SIGTERM"):
    _number = getattr(signal, _name, None)
    if _number and signal.getsignal(_number) is signal.SIG_IGN:
        _usual = signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL
        signal.signal(_number, _usual)

# The suite starts hundreds of programs. If each compiled all modules again, the tests of commands
# would take a fifth longer.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Each app is thousands of objects that live as long as its test: a collector that looks at them as
# often as Python's usual one takes a twentieth of the time of the tests with screens.
gc.set_threshold(50_000, 20, 100)

# Pictures and contrasts do not depend on the terminal in which the suite runs.
os.environ.pop("NO_COLOR", None)
os.environ["COLORTERM"] = "truecolor"


def pytest_collection_finish() -> None:
    """Have the apps in this process parse and draw less; programs in terminals are as always."""
    keep_parsed_styles()
    draw_only_if_looked_at()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that are found before those of the system, without a player."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", on_path(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use more workers than there are processors: tests of terminals and servers wait."""
    return (os.cpu_count() or 1) + 2
