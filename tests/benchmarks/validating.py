"""How many payloads a second are validated, beside JSON Schema validators, and the memory used."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.measure import Act, Row, Table, in_turn
from tests.benchmarks.screen import ROOT, python, wizard
from tests.benchmarks.world import PEERS, World, environment, script_of
from tests.examples import full
from wizard.contract.schema import payload_schema

_LINES = 10_000
_FILES = 100
_STREAM_BYTES = 1_000_000_000


_BASE = "jsonschema"
_LEAST = 4.0
# Languages of texts are cached, so a file without repeated texts is the slowest.
_NEW = "qcall-wizard validate, with advice, every text new"


# Writes the payload of a number.
_Line = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class _Validator:
    """A program that validates `count` payloads with one command, and a single one with another."""

    many: Sequence[str]
    one: Sequence[str]
    count: int


def run(world: World) -> Iterator[Table]:
    """Rates on one file, then the memory of a stream that nothing could hold."""
    lines = 50 if world.small else _LINES
    yield from _rates(world, lines)
    yield _memory(world, 1_000_000 if world.small else _STREAM_BYTES)


def _rates(world: World, lines: int) -> Iterator[Table]:
    """The rate of the whole process, and that of the payloads after the first."""
    validators = _validators(world, lines)
    acts = {
        f"{name}, {part}": _seconds(getattr(validator, part))
        for name, validator in validators.items()
        for part in ("many", "one")
    }
    took = in_turn(acts, world.times(3), scale=1)
    whole = Table(f"Validating {lines:,} payloads, whole process with its start", "/s")
    further = Table(f"Validating a payload more: {lines:,} but for what a single one takes", "/s")
    bases: dict[str, Row] = {}
    for name, validator in validators.items():
        start = median(took[f"{name}, one"])
        many = took[f"{name}, many"]
        _add(whole, bases, name, [validator.count / seconds for seconds in many], None)
        # On small sizes the one may chance to take as long as the many.
        rates = [(validator.count - 1) / max(seconds - start, 1e-6) for seconds in many]
        _add(further, bases, name, rates, _least(name))
    yield whole
    yield further


def _least(name: str) -> float | None:
    return _LEAST if "validate" in name and name != _NEW else None


def _add(
    table: Table, bases: dict[str, Row], name: str, rates: Sequence[float], least: float | None
) -> None:
    row = table.add(Row(name, rates, bases.get(table.title), least=least))
    bases.setdefault(table.title, row)


def _validators(world: World, lines: int) -> dict[str, _Validator]:
    """All validators; the others are compared with the first."""
    rules = world.folder / "schema.json"
    rules.write_text(json.dumps(payload_schema()), encoding="utf-8")
    script = str(PEERS / "validating.py")

    def validator(command: Callable[..., Sequence[str]], line: _Line = _line) -> _Validator:
        many, one = _file(world, lines, line), _file(world, 1, line)
        return _Validator(command(many), command(one), lines)

    validators = {
        _BASE: validator(lambda file: python(script, "jsonschema", str(rules), file)),
        "qcall-wizard validate --no-advice": validator(
            lambda file: wizard("validate", "--no-advice", file)
        ),
        "qcall-wizard validate, with advice": validator(lambda file: wizard("validate", file)),
        _NEW: validator(lambda file: wizard("validate", file), _new_line),
    }
    if peer := world.peer("python"):
        validators["fastjsonschema, first error alone"] = validator(
            lambda file: [str(peer), script, "fastjsonschema", str(rules), file]
        )
    if checker := world.peer("check-jsonschema"):
        files = _files(world, min(lines, _FILES))
        command = [str(checker), "--schemafile", str(rules)]
        validators["check-jsonschema"] = _Validator(
            [*command, *files], [*command, files[0]], len(files)
        )
    return validators


def _memory(world: World, size: int) -> Table:
    line = (json.dumps({**full(), "script": script_of(20_000)}) + "\n").encode()
    table = Table("Memory of validating a stream that is made on the fly", "MB")
    short = table.add(Row("1 MB", [_peak(line, 1_000_000)]))
    table.add(Row(f"{size / 1e9:g} GB", [_peak(line, size)], short, most=1.2))
    return table


def _line(number: int) -> str:
    return json.dumps({**full(), "name": f"Assistant {number}"}) + "\n"


def _new_line(number: int) -> str:
    """A payload that shares no sentence with another, but for the one that is prescribed."""
    words = " ".join(_DIGITS[int(digit)] for digit in str(number))
    payload = full()
    new = {name: _added(value, words) for name, value in payload.items()}
    kept = {"name": f"Assistant {number}", "opt_out_script": payload["opt_out_script"]}
    return json.dumps(new | kept) + "\n"


_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def _added(value: Any, words: str) -> Any:
    """A value with some words after each of its sentences."""
    match value:
        case dict():
            return {name: _added(member, words) for name, member in value.items()}
        case list():
            return [_added(item, words) for item in value]
        case str() if value.endswith("."):
            return f"{value} This is {words}."
    return value


def _files(world: World, count: int) -> Sequence[str]:
    folder = world.folder / "payloads"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.json").write_text(_line(number), encoding="utf-8")
    return sorted(str(file) for file in folder.iterdir())


def _file(world: World, lines: int, line: _Line) -> str:
    file = world.folder / f"{line.__name__}-{lines}.jsonl"
    file.write_text("".join(line(number) for number in range(lines)), encoding="utf-8")
    return str(file)


def _seconds(command: Sequence[str]) -> Act:
    def act() -> float:
        start = time.perf_counter()
        # The output is dropped: reading it would use the same processor.
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert done.returncode == 0, done.stderr[-500:]
        return time.perf_counter() - start

    return act


def _peak(line: bytes, size: int) -> float:
    """The most memory that validating so many bytes takes, in MB."""
    script = Path(__file__).with_name("peak.py")
    done = subprocess.run(
        python(str(script), str(size), *wizard("validate", "--json", "--lines", "-")),
        input=line,
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=environment(),
    )
    return float(done.stdout)
