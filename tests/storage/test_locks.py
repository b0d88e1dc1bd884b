"""A lock is held by one, in this process or another, and is free when its process is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.disks import Child
from wizard.storage.locks import acquire, locked

HOLD = """
import sys
from pathlib import Path
from wizard.storage.locks import acquire
lock = acquire(Path(sys.argv[1]))
print("held" if lock else "refused", flush=True)
sys.stdin.readline()
"""


def test_a_lock_cannot_be_taken_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    lock = acquire(path)
    assert lock
    assert acquire(path) is None
    assert acquire(tmp_path / "b.lock")
    lock.release()
    assert path.exists()
    assert acquire(path)


def test_a_lock_excludes_processes_and_ends_with_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with Child(HOLD, path) as holder:
        assert holder.hear() == "held"
        assert acquire(path) is None
        with Child(HOLD, path) as other:
            assert other.hear() == "refused"
        holder.kill()
        assert acquire(path)


def test_a_child_does_not_keep_the_lock_of_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    lock = acquire(path)
    assert lock
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False
    ) as child:
        lock.release()
        assert acquire(path)
        child.kill()


def test_waiting_for_a_lock_succeeds_or_times_out(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    lock = acquire(path)
    assert lock
    with pytest.raises(TimeoutError, match="is locked"), locked(path, 0.1):
        pass
    lock.release()
    with locked(path, 0.1):
        assert acquire(path) is None
    assert acquire(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_lock_file_is_private_and_no_link_is_followed(tmp_path: Path) -> None:
    assert acquire(tmp_path / "a.lock")
    assert (tmp_path / "a.lock").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        acquire(tmp_path / "link.lock")
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_in_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        acquire(tmp_path / "no folder" / "a.lock")
