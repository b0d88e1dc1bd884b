"""How many payloads a second are judged, beside JSON Schema validators, and in how much memory."""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.measure import Act, Row, Table, in_turn
from tests.benchmarks.screen import ROOT, python, wizard
from tests.benchmarks.world import PEERS, World, environment, script_of
from tests.examples import full
from wizard.schema import payload_schema

_LINES = 10_000
_FILES = 100
_STREAM_BYTES = 1_000_000_000


def run(world: World) -> Iterator[Table]:
    """Rates on one file, then the memory of a stream that nothing could hold."""
    lines = 50 if world.small else _LINES
    yield _rates(world, lines)
    yield _memory(world, 1_000_000 if world.small else _STREAM_BYTES)


def _rates(world: World, lines: int) -> Table:
    file, rules = world.folder / "payloads.jsonl", world.folder / "schema.json"
    file.write_text("".join(_line(number) for number in range(lines)), encoding="utf-8")
    rules.write_text(json.dumps(payload_schema()), encoding="utf-8")
    judging = str(PEERS / "judging.py")
    base = "jsonschema"
    acts = {
        base: _rate(python(judging, "jsonschema", str(rules), str(file)), lines),
        "qcall-wizard validate --no-advice": _rate(
            wizard("validate", "--no-advice", str(file)), lines
        ),
        "qcall-wizard validate, with advice": _rate(wizard("validate", str(file)), lines),
    }
    if peer := world.peer("python"):
        command = [str(peer), judging, "fastjsonschema", str(rules), str(file)]
        acts["fastjsonschema, first error alone"] = _rate(command, lines)
    if checker := world.peer("check-jsonschema"):
        files = _files(world, min(lines, _FILES))
        command = [str(checker), "--schemafile", str(rules), *files]
        acts["check-jsonschema"] = _rate(command, len(files))
    found = in_turn(acts, world.times(3), scale=1)
    table = Table(f"Judging {lines:,} payloads, whole process", "/s")
    first = table.add(Row(base, found.pop(base)))
    for name, values in found.items():
        table.add(Row(name, values, first, least=20.0 if "validate" in name else None))
    return table


def _memory(world: World, size: int) -> Table:
    line = (json.dumps({**full(), "script": script_of(20_000)}) + "\n").encode()
    table = Table("Memory of judging a stream that is made on the fly", "MB")
    short = table.add(Row("1 MB", [_peak(line, 1_000_000)]))
    table.add(Row(f"{size / 1e9:g} GB", [_peak(line, size)], short, most=1.2))
    return table


def _line(number: int) -> str:
    return json.dumps({**full(), "name": f"Assistant {number}"}) + "\n"


def _files(world: World, count: int) -> Sequence[str]:
    folder = world.folder / "payloads"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.json").write_text(_line(number), encoding="utf-8")
    return sorted(str(file) for file in folder.iterdir())


def _rate(command: Sequence[str], payloads: int) -> Act:
    def act() -> float:
        start = time.perf_counter()
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=environment(), capture_output=True
        )
        assert done.returncode == 0, done.stderr[-500:]
        return payloads / (time.perf_counter() - start)

    return act


def _peak(line: bytes, size: int) -> float:
    """The most memory that a judge of so many bytes had, in MB."""
    script = Path(__file__).with_name("peak.py")
    told = subprocess.run(
        python(str(script), str(size), *wizard("validate", "--json", "--lines", "-")),
        input=line,
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=environment(),
    )
    return float(told.stdout)
