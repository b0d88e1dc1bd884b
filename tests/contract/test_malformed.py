"""Files that are no payloads: the right exit code, one clear error each, and never a traceback."""

import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.commands.test_cli import PROGRAM, ROOT, environment, run
from tests.examples import full, minimal
from wizard.__main__ import PROGRAM as NAME
from wizard.cli import qcall_wizard
from wizard.commands.failure import report_failure
from wizard.errors import WizardError
from wizard.exchange.exporting import as_yaml
from wizard.formats.files import MAX_BYTES

TEXT = json.dumps(full(), ensure_ascii=False)
YAML = as_yaml(full())


def cut(text: str, ending: str, count: int) -> Iterator[tuple[str, bytes]]:
    """Files that break off; a YAML file can end nearly anywhere and still be YAML."""
    dice = random.Random(7)
    for number in range(count):
        end = dice.randrange(1, len(text) - 1)
        yield f"cut{number}{ending}", text[:end].encode()


def broken() -> Iterator[tuple[str, bytes]]:
    """Files of which none is a payload."""
    yield from cut(TEXT, ".json", 80)
    yield from ((f"cut{n}.json", TEXT.encode()[: -n - 1]) for n in range(10))
    for name, encoding in (("utf16", "utf-16"), ("utf32", "utf-32"), ("latin", "latin-1")):
        yield f"{name}.json", TEXT.replace("Asha", "Åsa").encode(encoding)
        yield f"{name}.yaml", f"name: Åsa {name}".encode(encoding)
    for number, byte in enumerate((0x80, 0xC0, 0xC1, 0xF5, 0xFE, 0xFF)):
        yield f"byte{number}.json", TEXT.encode().replace(b"Asha", b"As" + bytes([byte]), 1)
        yield f"byte{number}.yaml", b"name: As" + bytes([byte])
    for depth in (101, 500, 5_000, 200_000):
        yield f"deep{depth}.json", b'{"a":' + b"[" * depth + b"]" * depth + b"}"
        yield f"objects{depth}.json", b'{"a":' * depth + b"1" + b"}" * depth
        yield f"open{depth}.json", b"[" * depth
        yield f"deep{depth}.yaml", b"a: " + b"[" * depth + b"]" * depth
    for place in ("", '"x":{', '"x":[{'):
        end = {"": "", '"x":{': "}", '"x":[{': "}]"}[place]
        yield f"twice{len(place)}.json", f'{{{place}"a":1,"b":2,"a":3{end}}}'.encode()
    yield "twice.yaml", b"a: 1\nb: 2\na: 3\n"
    yield "escaped.json", b'{"name":1,"n\\u0061me":2}'
    for number, word in enumerate(("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5_000)):
        yield f"number{number}.json", f'{{"temperature":{word}}}'.encode()
    for number, word in enumerate((".nan", ".inf", "-.inf", "1e999")):
        yield f"number{number}.yaml", f"temperature: {word}".encode()
    for number, text in enumerate(_SLIPS):
        yield f"slip{number}.json", text.encode()
    for number, text in enumerate(_YAML_SLIPS):
        yield f"slip{number}.yaml", text.encode()
    for number, text in enumerate(("null", "true", "5", '"text"', "[]", "[{}]", "[1,2]")):
        yield f"other{number}.json", text.encode()
        yield f"other{number}.yaml", text.encode()
    for number, data in enumerate(("[]", "[{},{}]", "5", "null", "[5]")):
        yield f"envelope{number}.json", f'{{"success":true,"data":{data}}}'.encode()
    yield "bomb.yaml", _bomb()
    yield "zeros.json", bytes(1_000)
    yield "zeros.yaml", bytes(1_000)
    yield "random.json", random.Random(3).randbytes(5_000)
    yield "picture.yaml", b"\x89PNG\r\n\x1a\n" + random.Random(4).randbytes(500)


_SLIPS = (
    "",
    " \n\t ",
    "{",
    "}",
    "{]",
    "{'name': 'Asha'}",
    '{"a": 1,}',
    '{"a": [1,]}',
    '{"a" 1}',
    '{"a": 1 "b": 2}',
    '{"a": tru}',
    '{"a": True}',
    '{"a": None}',
    '{"a": 01}',
    '{"a": +1}',
    '{"a": .5}',
    '{"a": "\\x"}',
    '{"a": "\\u12"}',
    '{"a": "line\nend"}',
    '{"a": "tab\there"}',
    '{"a": "\x00"}',
    '{"a": 1} // why',
    '// why\n{"a": 1}',
    '{"a": 1}{"b": 2}',
    '{"a": 1}\n{"b": 2}',
    "{a: 1}",
    '{1: "a"}',
    '{"a": undefined}',
    "<html></html>",
    "name=Asha",
)
_YAML_SLIPS = (
    "a: b: c",
    "a: [1, 2",
    "a: {b",
    'a: "open',
    "a:\n\t- b",
    "a: @b",
    "a: `b`",
    "a: *none",
    "a: !!python/object:os.system x",
    "a: !own x",
    "<<: {a: 1}",
    "1: a",
    "a: 1\n---\nb: 2",
    "- a\nb: c",
    "a: 'x' y",
    '"\\q": 1',
    "%YAML 9.9\n---\na: 1",
    "? [a]\n: b",
    "a: &x [*x]",
)


def _bomb() -> bytes:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(["l0: &l0 lol", *levels]).encode()


BROKEN = dict(broken())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("malformed")
    for name, data in BROKEN.items():
        (folder / name).write_bytes(data)
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    with (folder / "sparse.json").open("wb") as file:
        file.truncate(100_000_000)
    (folder / "good.json").write_text(json.dumps(minimal()))
    return folder


STRANGE = ("folder.json", "pipe.json", "sparse.json", "none.json", "no/such.json")


def run_here(*arguments: str) -> tuple[int, str, str]:
    """Run a command in this process, and end it as the program does."""
    runner = CliRunner()
    result: Result = runner.invoke(qcall_wizard, arguments, prog_name=NAME, standalone_mode=False)
    if result.exception is None:
        return result.return_value or 0, result.stdout, result.stderr
    assert isinstance(result.exception, WizardError) or hasattr(result.exception, "exit_code"), (
        result.exception
    )
    with runner.isolation() as (_, errors, _):
        code = report_failure(result.exception)
        return code, result.stdout, result.stderr + errors.getvalue().decode()


def test_there_are_200_of_them() -> None:
    assert len(BROKEN) + len(STRANGE) >= 200


def is_one_error_about(file: str, err: str) -> bool:
    lines = [line for line in err.splitlines() if file in line]
    return len(lines) == 1 and "Traceback" not in err and len(err) < 1_200


COMMANDS: dict[str, Callable[[Path, str], tuple[str, ...]]] = {
    "validate": lambda _, file: ("validate", file),
    "submit": lambda folder, file: ("--home", str(folder), "submit", "--yes", file),
    "export": lambda folder, file: ("--home", str(folder), "export", file, "--as", "curl"),
    "diff": lambda folder, file: ("--home", str(folder), "diff", str(folder / "good.json"), file),
    "new": lambda _, file: ("new", "--from", file),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_is_one_error_and_exit_code_1(command: str, folder: Path) -> None:
    wrong = []
    # All commands read files in one way: some of the files show that these do, too.
    names = [*BROKEN, *STRANGE][:: 5 if command in ("export", "diff") else 1]
    for name in names:
        code, out, err = run_here(*COMMANDS[command](folder, str(folder / name)))
        # JSON that is not an object is validated, so that it has a code.
        validated = command == "validate" and name.startswith("other")
        shown = out if validated else err
        if not (code == 1 and (validated or not out) and is_one_error_about(name[:5], shown)):
            wrong.append((name, code, out[:200], err[:300]))
    assert wrong == []


def test_a_value_that_is_read_from_a_file(folder: Path) -> None:
    for name in (*(name for name in BROKEN if "byte" in name or "utf" in name), *STRANGE):
        for field in ("script", "call_flow"):
            code, out, err = run_here("new", "--set", f"{field}=@{folder / name}")
            assert (code, out) == (1, ""), (name, out, err)
            assert len(err.splitlines()) <= 2
    for name in ("deep500.json", "twice0.json", "number0.json", "slip2.json", "slip0.yaml"):
        code, out, err = run_here("new", "--set", f"call_flow=@{folder / name}")
        assert (code, out) == (1, "")
        assert is_one_error_about(name, err)


def test_the_line_and_column_are_reported(folder: Path) -> None:
    for name, place in (
        ("twice0.json", "line 1, column 14"),
        ("number0.json", "line 1, column 16"),
        ("byte0.json", "line 1, column"),
        ("slip6.json", "line 1, column 8"),
        ("slip24.json", "line 2, column 1"),
        ("twice.yaml", "line 3, column 1"),
        ("deep101.json", "line 1, column"),
    ):
        _, _, err = run_here("validate", str(folder / name))
        assert f"{folder / name}, {place}" in err


def test_a_lone_surrogate_is_an_error_at_its_path(folder: Path) -> None:
    file = folder / "surrogate.json"
    file.write_text(json.dumps(minimal()).replace("Asha", "As\\ud800", 1))
    code, out, err = run_here("validate", str(file))
    assert (code, "name: Contains half a character" in out) == (1, True)
    for command in ("submit", "export"):
        code, out, err = run_here(*COMMANDS[command](folder, str(file)))
        assert (code, out) == (1, "")
        assert "name: Contains half a character" in err


def test_json_lines_continue_after_a_broken_line(folder: Path) -> None:
    good = json.dumps(minimal()).encode()
    lines = [good, *(data.replace(b"\n", b" ") for name, data in BROKEN.items() if "cut" in name)]
    file = folder / "many.jsonl"
    file.write_bytes(b"\n".join([*lines, b"", good]) + b"\n")
    code, out, err = run_here("validate", "--json", str(file))
    objects = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [result["line"] for result in objects if result["valid"]] == [1, len(lines) + 2]
    assert len(objects) == len(lines) + 1
    assert err.splitlines()[-1].startswith(f"{len(lines) + 1} payloads: 2 valid")


@pytest.mark.parametrize("name", ["cut0.json", "deep200000.json", "pipe.json", "sparse.json"])
def test_through_a_process(name: str, folder: Path) -> None:
    for command in ("validate", "submit"):
        ran = run(*COMMANDS[command](folder, str(folder / name)))
        assert ran.code == 1
        assert name in ran.err


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may read everything, so run as another user in this block."""
    one = os.geteuid()
    if one == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(one)


def test_a_file_that_may_not_be_read(folder: Path) -> None:
    file = folder / "secret.json"
    file.write_text("{}")
    file.chmod(0)
    for command in COMMANDS.values():
        # What is imported late is read before the rights are gone.
        run_here(*command(folder, str(folder / "cut0.json")))
        with unprivileged():
            code, out, err = run_here(*command(folder, str(file)))
        assert (code, out) == (1, "")
        assert "you have no permission to read it; change that, or name a copy" in err


def test_endless_lines_are_validated_in_bounded_memory(tmp_path: Path) -> None:
    line = json.dumps(minimal() | {"script": "Ask.\n" * 4_000}).encode() + b"\n"

    def peak(count: int) -> int:
        program = (
            "import resource, sys\n"
            "from wizard.cli import qcall_wizard\n"
            "given = ['validate', '--json', '--lines', '--no-advice', '-']\n"
            "qcall_wizard.main(given, standalone_mode=False)\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
        )
        with subprocess.Popen(
            [PROGRAM[0], "-c", program],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdin
            assert process.stderr
            for _ in range(count):
                process.stdin.write(line)
            process.stdin.close()
            figures = process.stderr.read().split()
        assert figures[0] == str(count).encode()
        return int(figures[-1])

    assert len(line) * 2_000 > 40_000_000
    assert peak(2_000) - peak(10) < 8_000  # KB


def test_a_line_may_be_too_long_and_the_next_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES + 100)
        stream.seek(0, os.SEEK_END)
        stream.write(b"\n" + json.dumps(minimal()).encode())
    code, out, _ = run_here("validate", "--json", str(file))
    first, second = map(json.loads, out.splitlines())
    assert (code, first["line"], second["line"]) == (1, 1, 2)
    assert "67,108,864 bytes, the limit" in first["errors"][0]["message"]
    assert second["valid"]
