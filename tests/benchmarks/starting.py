"""How long a command takes that only answers, beside an interpreter that does nothing."""

import subprocess
import time
from collections.abc import Iterator, Sequence

from tests.benchmarks.measure import Act, Row, Table, in_turn
from tests.benchmarks.screen import ROOT, python, wizard
from tests.benchmarks.world import World, environment


def run(world: World) -> Iterator[Table]:
    """`--version` and `--help` against `python -c pass`."""
    table = Table("Command start", "ms")
    acts = {
        "python -c pass": _running(python("-c", "pass")),
        "qcall-wizard --version": _running(wizard("--version")),
        "qcall-wizard --help": _running(wizard("--help")),
    }
    found = in_turn(acts, world.times(60))
    base, version, helped = acts
    plain = table.add(Row(base, found[base]))
    table.add(Row(version, found[version], plain, most=1.8))
    table.add(Row(helped, found[helped], plain, most=5.0))
    yield table


def _running(command: Sequence[str]) -> Act:
    def act() -> float:
        start = time.perf_counter()
        subprocess.run(
            command,
            check=True,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        return time.perf_counter() - start

    return act
