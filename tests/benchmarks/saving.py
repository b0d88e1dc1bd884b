"""What a save takes, beside writing the same bytes to a plain file, and what it costs typing."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from wizard.database import Database
from wizard.draft import Draft
from wizard.saver import Saver
from wizard.store import Store, snapshot

SIZES: Final = {"1 KB": 1_000, "30 KB": 30_000, "1 MB": 1_000_000}
TIMES: Final = 100
# A long afternoon of typing lies behind the draft.
EDITS: Final = 2_000


def main() -> None:
    """Print the measurements."""
    with tempfile.TemporaryDirectory(prefix="wizard-benchmark-") as name:
        folder = Path(name)
        print(f"{'script':>8} {'save':>10} {'plain file':>11} {'ratio':>6}   Saver.save, 95 %")
        for size, length in SIZES.items():
            with closing(Store(Database.open(folder / size))) as store:
                draft = lived_in(length)
                store.save(snapshot(draft, 0))
                body = draft.answers["script"].encode()
                saved, plain = [], []
                for _ in range(TIMES):  # in turn: a disk has its moods
                    saved.append(timed(save, store, draft))
                    plain.append(timed(write, folder / "plain", body))
                called = typing(store, draft)
            ratio = median(saved) / median(plain)
            print(
                f"{size:>8} {milliseconds(median(saved))} {milliseconds(median(plain)):>11} "
                f"{ratio:>6.1f} {milliseconds(median(called))}, "
                f"{milliseconds(quantiles(called, n=20)[-1])}"
            )


def lived_in(length: int) -> Draft:
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
    """One key, and what the saver's thread does for it."""
    draft.history.kept = len(draft.history.edits)
    press_key(draft)
    store.save(snapshot(draft, draft.history.kept))


def write(path: Path, body: bytes) -> None:
    """Do the least that can be called saved."""
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def typing(store: Store, draft: Draft) -> list[float]:
    """What `Saver.save` costs the thread that types, while the other one writes."""
    saver, costs = Saver(store, print), []
    for _ in range(TIMES):
        press_key(draft)
        costs.append(timed(saver.save, draft))
        time.sleep(0.02)  # a very fast typist
    saver.close()
    return costs


def timed(act: Callable[..., None], *arguments: object) -> float:
    start = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - start


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


if __name__ == "__main__":
    main()
