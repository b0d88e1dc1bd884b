"""The time of a save, beside writing the same bytes to a plain file, and its cost for typing."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.benchmarks.measure import Row, Table, in_turn
from tests.benchmarks.world import World
from wizard.draft.draft import Draft
from wizard.storage.autosave import Autosave
from wizard.storage.database import Database
from wizard.storage.store import Store, snapshot

SIZES: Final = {"1 KB": 1_000, "30 KB": 30_000, "1 MB": 1_000_000}
TIMES: Final = 100
# A long afternoon of typing lies behind the draft.
EDITS: Final = 2_000


def run(world: World) -> Iterator[Table]:
    """One table a size: a save beside a plain file, and its cost for the thread that types."""
    for size, length in SIZES.items():
        with closing(Store(Database.open(world.folder / f"saving {size}"))) as store:
            draft = with_history(length)
            store.save(snapshot(draft, 0))
            body = draft.answers["script"].encode()
            acts = {
                "plain file": lambda body=body: timed(write, world.folder / "plain", body),
                "save": lambda store=store, draft=draft: timed(save, store, draft),
            }
            found = in_turn(acts, world.times(TIMES))
            called = typing(store, draft, world.times(TIMES))
        table = Table(f"Saving a script of {size}", "ms")
        base = table.add(Row("plain file, fsync", found["plain file"]))
        table.add(Row("save, in its own thread", found["save"], base))
        table.add(Row("Autosave.save, in the thread that types", [call * 1000 for call in called]))
        yield table


def with_history(length: int) -> Draft:
    """A draft with a script and a history."""
    draft, now = Draft({"name": "Asha", "script": "word " * (length // 5)}), [0.0]
    draft.history.clock = lambda: now[0]
    for count in range(EDITS):
        now[0] += 5
        draft.answer(("goal",), f"goal {count}")
    draft.history.kept = 0
    return draft


def press_key(draft: Draft) -> None:
    text = draft.answers["script"]
    middle = len(text) // 2
    draft.answer(("script",), text[:middle] + "x" + text[middle:])


def save(store: Store, draft: Draft) -> None:
    """One key, and the work of the thread that saves."""
    draft.history.kept = len(draft.history.edits)
    press_key(draft)
    store.save(snapshot(draft, draft.history.kept))


def write(path: Path, body: bytes) -> None:
    """Do the least that can be called saved."""
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def typing(store: Store, draft: Draft, times: int) -> list[float]:
    """What `Autosave.save` costs the thread that types, while the other one writes."""
    autosave, costs = Autosave(store, print), []
    for _ in range(times):
        press_key(draft)
        costs.append(timed(autosave.save, draft))
        time.sleep(0.02)  # a very fast typist
    autosave.close()
    return costs


def timed(act: Callable[..., None], *arguments: object) -> float:
    start = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - start
