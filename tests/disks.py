"""Helpers for tests of the database: typed drafts, damaged files, other processes."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from wizard.draft.draft import Draft
from wizard.draft.history import Edit
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import open_store

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0


def typed(name: str, *words: str) -> Draft:
    """A draft in which a name was typed and then a script, word by word, with pauses."""
    draft, now = Draft(), [0.0]
    draft.history.clock = lambda: now[0]
    draft.answer(("name",), name)
    for count in range(1, len(words) + 1):
        now[0] += 5
        draft.answer(("script",), " ".join(words[:count]))
    return draft


def same(one: Draft, other: Draft) -> bool:
    """Whether two drafts are the same, with all that can be undone and redone in them."""
    return whole(one) == whole(other)


def whole(draft: Draft) -> tuple[object, ...]:
    return (
        draft.id, draft.answers, draft.sources, draft.seen, draft.checked, draft.step, draft.focus,
        [edit.changes for edit in draft.history.edits], draft.history.done,
    )  # fmt: skip


def changes(edits: list[Edit]) -> list[object]:
    return [edit.changes for edit in edits]


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A private folder without a cost for flushes: in memory if the system has that."""
    shared = Path("/dev/shm")
    usable = os.access(shared, os.W_OK | os.X_OK)
    with tempfile.TemporaryDirectory(prefix="wizard-test-", dir=shared if usable else None) as made:
        yield Path(made)


def is_sound(home: Path) -> bool:
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        return bool(file.execute("PRAGMA integrity_check").fetchone() == ("ok",))


@contextmanager
def working(home: Path) -> Iterator[Session]:
    """A session in a folder, closed in the end."""
    session = Session(home, open_store(home))
    try:
        yield session
    finally:
        session.close()


def load(home: Path, draft_id: str) -> Draft:
    """A draft as a wizard that starts now finds it."""
    opened = open_store(home)
    try:
        assert not opened.trouble
        assert not opened.rescue
        return opened.store.load(draft_id)
    finally:
        opened.store.close()


def pulled(home: Path, to: Path) -> Path:
    """The files as they would be had the plug been pulled now, the log among them."""
    to.mkdir(mode=0o700)
    for ending in ("", "-wal"):
        shutil.copy(f"{home / FILE_NAME}{ending}", f"{to / FILE_NAME}{ending}")
    return to


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def damaged(session: Session, home: Path) -> None:
    """Damage the file of a session, and clear SQLite's cache."""
    session.store.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(home / FILE_NAME, 0, bytes(4096))
    session.store.database.rows("PRAGMA shrink_memory")


def noise(rng: random.Random, path: Path) -> None:
    """Damage a file somewhere, somehow."""
    size = path.stat().st_size
    for _ in range(rng.choice([1, 1, 1, 3, 10])):
        length = min(size, rng.choice([1, 8, 100, 4096, 20_000]))
        start = rng.choice([0, rng.randrange(size), rng.randrange(size)])
        overwrite(path, start, rng.choice([rng.randbytes(length), bytes(length)]))


def wait_for(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


class Heard:
    """Listens to a session's sentences, and waits for the next one."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self._change = threading.Condition()

    def __call__(self, sentence: str) -> None:
        with self._change:
            self.messages.append(sentence)
            self._change.notify_all()

    def wait(self, count: int) -> list[str]:
        with self._change:
            assert self._change.wait_for(lambda: len(self.messages) >= count, PATIENCE), (
                self.messages
            )
        return self.messages


class Child:
    """Another process, which runs a script; `say` and `hear` are lines to it and from it."""

    def __init__(self, script: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().rstrip("\n")

    def say(self, line: str = "") -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def kill(self) -> list[str]:
        """Kill it; return its output so far."""
        self.process.kill()
        rest, _ = self.process.communicate()
        return rest.splitlines()


def is_root() -> bool:
    return os.geteuid() == 0
