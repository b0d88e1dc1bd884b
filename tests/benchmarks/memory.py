"""Memory, processor time and writes while idle, and memory after an hour's work."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Row, Table
from tests.benchmarks.navigating import opened
from tests.benchmarks.screen import Screen, python
from tests.benchmarks.world import PEERS, World, draft_with, script_of
from wizard.contract.steps import STEPS, Step

_SECONDS = 20.0
# An hour has pauses, in which the wizard does its deferred work.
_PAUSE = 0.6
_NEXT, _ESCAPE, _BACKSPACE = "\x0e", "\x1b", "\x7f"
_TAB, _F9, _CTRL_S = "\t", "\x1b[20~", "\x13"


def run(world: World) -> Iterator[Table]:
    """Memory, processor time and bytes written while idle; then growth."""
    draft = draft_with(script_of(2000))
    draft.step, draft.focus = Step.TYPE, ("name",)
    seconds = 1.0 if world.small else _SECONDS
    with (
        Screen(python(str(PEERS / "ten_fields.py"))) as ten,
        opened(world, draft, "--sandbox") as wizard,
    ):
        ten.until_text("READY")
        wizard.until_text("Acme Dental")
        for screen in (ten, wizard):
            screen.calm(1.0)
        memory = Table("Memory while idle", "MB")
        base = memory.add(Row("Textual, ten fields", [_memory(ten.pid)]))
        memory.add(Row("wizard", [_memory(wizard.pid)], base, most=2.0))
        yield memory
        yield _idle(ten, wizard, seconds)
        yield _hour(world, wizard)


def _idle(ten: Screen, wizard: Screen, seconds: float) -> Table:
    both = {"Textual, ten fields": ten, "wizard": wizard}
    before = {name: (_busy(s.pid), _written(s.pid)) for name, s in both.items()}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for screen in both.values():
            screen.read(0.5)
    table = Table(f"Idle for {seconds:g} s: percent of a core, bytes written", "%, B")
    for name, screen in both.items():
        busy, written = before[name]
        share = 100 * (_busy(screen.pid) - busy) / seconds
        ours = name == "wizard"
        table.add(Row(f"{name}, processor", [share], limit=0.5 if ours else None))
        more = float(_written(screen.pid) - written)
        table.add(Row(f"{name}, bytes", [more], limit=0.0 if ours else None))
    return table


def _hour(world: World, screen: Screen) -> Table:
    """An hour's work in the field that has the focus; the memory at quarters of it."""
    keys, changes, submits = (40, 4, 4) if world.small else (10_000, 200, 20)
    found = [_memory(screen.pid)]
    for _ in range(4):
        for _ in range(keys // 160):
            screen.press("word " * 4 + _BACKSPACE * 20)
            screen.calm(0.02)
        for _ in range(max(1, changes // 8)):
            screen.press(_NEXT)
            screen.calm(0.1)
            screen.press(_ESCAPE)
            screen.calm(_PAUSE)
        # A step begins at its first field.
        screen.press(_TAB)
        for _ in range(submits // 4):
            _submit(screen)
        found.append(_memory(screen.pid))
    work = f"{keys:,} keys, {changes} step changes, {submits} submits"
    table = Table(f"Memory after {work}", "MB")
    base = table.add(Row("after the first quarter", [found[1]]))
    table.add(Row("at the end", [found[-1]], base, most=1.1))
    return table


def _submit(screen: Screen) -> None:
    """Change the name, so that it is another assistant, and have it created."""
    screen.press("x")
    screen.calm(0.1)
    for keys, shows in ((_F9, "Ready"), (_CTRL_S, "Create this"), ("y", "was created")):
        screen.after(keys, lambda shows=shows: screen.has(shows), shows)
    screen.after(_ESCAPE, lambda: screen.has(STEPS[0].about[:12]), "the answers")
    screen.calm(_PAUSE)


def _memory(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _busy(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _written(pid: int) -> int:
    """Bytes that a process has written to any file."""
    lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))
