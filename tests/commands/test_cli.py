"""The command line, through real processes: output, errors and exit codes."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple

import httpx
import pexpect
import pytest
from jsonschema import Draft202012Validator

from tests import examples, fork_server
from tests.imports import modules
from wizard import __version__
from wizard.advice import advise
from wizard.commands.failure import report_failure
from wizard.commands.reference import list_fields
from wizard.commands.table import in_columns
from wizard.contract.assistant import QUESTIONS, Assistant
from wizard.contract.fields import FieldMeta
from wizard.contract.rules import one_of
from wizard.contract.schema import payload_schema
from wizard.contract.steps import STEPS
from wizard.contract.validation import find_errors
from wizard.formats.paths import Path as Place
from wizard.formats.paths import get, write
from wizard.sandbox.sandbox_app import Fault

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "wizard"]
COMMANDS = (
    "new",
    "validate",
    "submit",
    "export",
    "diff",
    "schema",
    "fields",
    "voices",
    "drafts",
    "receipts",
    "sandbox",
)
OF_A_COMMAND = ("drafts show", "drafts delete", "drafts restore", "receipts show")
SECONDS = 30


class Ran(NamedTuple):
    """What a process left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def err_lines(self) -> list[str]:
        return self.err.splitlines()

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]


def environment(**extra: str) -> dict[str, str]:
    """The tests' environment without a key, a target or colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QCALL_")}
    return kept | {"TERM": "xterm-256color", "COLUMNS": "80"} | extra


def run(*arguments: str, stdin: str = "", **extra: str) -> Ran:
    """Run without any terminal, not even the one that started the tests."""
    done = fork_server.run(arguments, environment(**extra), stdin.encode(), SECONDS)
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in ran.err
    assert "Exception ignored" not in ran.err
    return ran


@contextmanager
def started(*arguments: str, **extra: str) -> Iterator[fork_server.Process]:
    environ = environment(PYTHONUNBUFFERED="1", **extra)
    with fork_server.piped(arguments, environ) as process:
        yield process


def ended(process: fork_server.Process) -> Ran:
    out, err = process.communicate(timeout=SECONDS)
    assert "Traceback" not in err
    return Ran(process.returncode, out, err)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Write a payload, or bytes as they are, to a file and return its name."""

    def write_file(content: Any, name: str = "payload.json") -> str:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write_file


# Version and help


@pytest.mark.parametrize("arguments", [("--version",), ("validate", "--version")])
def test_version(arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == (0, f"qcall-wizard {__version__}\n", "")


@pytest.mark.parametrize(
    "command", [(), *(tuple(name.split()) for name in COMMANDS + OF_A_COMMAND)], ids=" ".join
)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_starts_with_examples(command: tuple[str, ...], option: str) -> None:
    ran = run(*command, option)

    assert ran.code == 0
    assert ran.lines[0].startswith("Usage: qcall-wizard " + " ".join(command))
    assert ran.lines[2].strip() == "Examples:"
    assert ran.lines[3].strip().startswith("qcall-wizard")
    assert "--base-url URL" in ran.out


def test_help_lists_the_commands_in_their_order() -> None:
    listed = run("--help").out.partition("\nCommands:")[2]

    assert sorted(COMMANDS, key=lambda name: listed.index(f"\n  {name} ")) == list(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (("--version",), {"click", "typing", "json", "pydantic", "textual", "httpx"}),
        (
            ("--help",),
            {"pydantic", "textual", "rich", "httpx", "asyncio", "wizard.contract.assistant"},
        ),
        (("validate", "--help"), {"pydantic", "textual", "httpx", "asyncio"}),
        (("new", "--help"), {"pydantic", "textual", "httpx", "asyncio"}),
        (("submit", "--help"), {"pydantic", "textual", "httpx", "asyncio"}),
        (("export", "--help"), {"pydantic", "textual", "httpx", "asyncio"}),
        (("voices", "--help"), {"pydantic", "textual", "httpx", "asyncio"}),
        (("sandbox", "--help"), {"pydantic", "textual", "httpx", "uvicorn", "starlette"}),
        (("schema",), {"textual", "httpx", "asyncio"}),
        (("drafts", "--help"), {"pydantic", "textual", "httpx", "sqlite3"}),
        (("drafts", "--home", "/nowhere"), {"textual", "httpx", "keyring"}),
    ],
)
def test_commands_import_only_the_needed_modules(
    arguments: tuple[str, ...], heavy: set[str]
) -> None:
    lines = run(*arguments, PYTHONPROFILEIMPORTTIME="1").err_lines
    imported = {line.rpartition("|")[2].strip() for line in lines}

    assert "wizard" in imported
    assert not modules(*heavy) & imported


# A wrong command line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("valdate", "x.json"), "'validate'"),
        (("--sandbx",), "'--sandbox'"),
        (("validate", "x.json", "--jsn"), "'--json'"),
        (("validate",), "FILE..."),
        (("schema", "x.json"), "x.json"),
        (("sandbox", "--port", "many"), "'many'"),
        (("sandbox", "--port", "70000"), "70000"),
        (("--from",), "'--from'"),
        (("--from", "x.json", "validate", "y.json"), "--from opens the wizard"),
        (("--draft", "1", "drafts"), "--draft opens the wizard"),
        (("--draft", "1", "--receipt", "2"), "--draft and --receipt cannot be combined"),
        (("drafts", "--json", "show", "1"), "--json only works with the list"),
        (("drafts", "show"), "ID"),
        (("receipts", "show", "1", "--json", "--body"), "--json and --body cannot be combined"),
    ],
)
def test_a_wrong_command_line(arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err_lines[0]
    assert ran.err_lines[1].startswith("Try: qcall-wizard ")
    assert len(ran.err_lines) == 2


def test_a_wrong_choice_lists_the_allowed_ones() -> None:
    assert all(f"'{step}'" in run("fields", "--step", "voic").err for step in STEPS)
    ran = run("sandbox", "--fault", "fire")
    assert ran.code == 2
    assert all(f"'{fault}'" in ran.err for fault in Fault)


def test_common_options_may_come_before_or_after_the_command(file: Callable[..., str]) -> None:
    name = file(examples.minimal())
    options = ("--sandbox", "--no-color", "--home", "/nowhere", "--base-url", "https://x.example")

    assert run(*options, "validate", name) == run("validate", *options, name)
    assert run("validate", name, *options).code == 0


@pytest.mark.parametrize("url", ["http://x.example", "ftp://x.example", "nonsense"])
def test_an_address_that_will_not_be_used(url: str) -> None:
    for ran in (run("--base-url", url), run(QCALL_API_BASE_URL=url)):
        assert (ran.code, ran.out, len(ran.err_lines)) == (2, "", 1)
        assert url in ran.err


# Bad input


class Bad(NamedTuple):
    """A file that is no payload, its error and its place."""

    make: Callable[[Path], object]
    words: str
    place: str = ""


def holding(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


TWO = b'{"success": true, "data": [{"name": "A", "script": "a"}, {"name": "B", "script": "b"}]}'
BAD = {
    "missing": Bad(lambda _: None, "no such file"),
    "empty": Bad(holding(b""), "it is empty", "line 1, column 1"),
    "not UTF-8": Bad(holding(b'{\n"name": "\xff"}'), "not UTF-8", "line 2, column 10"),
    "UTF-16": Bad(holding('{"name": "Asha"}'.encode("utf-16")), "save it as UTF-8", "line 1"),
    "not JSON": Bad(holding(b'{"name": }'), "not a JSON value", "line 1, column 10"),
    "cut off": Bad(holding(b'{"name": "As'), "not closed", "line 1, column 10"),
    "too deep": Bad(holding(b'{"a":' * 5000 + b"1" + b"}" * 5000), "deep", "line 1, column 501"),
    "duplicate key": Bad(holding(b'{"a": 1,\n "a": 2}'), "is a duplicate", "line 2, column 2"),
    "NaN": Bad(holding(b'{"a": NaN}'), "not valid numbers", "line 1, column 7"),
    "Infinity": Bad(holding(b'{"a": -Infinity}'), "not valid numbers", "line 1, column 7"),
    "directory": Bad(Path.mkdir, "a folder"),
    "FIFO": Bad(os.mkfifo, "a pipe or a device"),
    "device": Bad(lambda path: path.symlink_to("/dev/zero"), "a pipe or a device"),
    "link": Bad(lambda path: path.symlink_to(path.with_name("no")), "no such file"),
    "two payloads": Bad(holding(TWO), "exactly one"),
}


@pytest.fixture(params=BAD.values(), ids=BAD.keys())
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Bad]:
    """A new file that is no payload."""
    kind: Bad = request.param
    path = tmp_path / "bad.json"
    kind.make(path)
    return str(path), kind


def assert_reported(message: str, name: str, kind: Bad) -> None:
    assert message.startswith(f"{name}, {kind.place}" if kind.place else f"{name}: ")
    assert kind.words in message


def test_files_opened_by_a_shell_are_read(file: Callable[..., str]) -> None:
    name = file(examples.minimal())
    program = f"{sys.executable} -m wizard validate"
    for command in (f"{program} <(cat {name})", f"cat {name} | {program} /dev/stdin"):
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, b"1 payload: 1 valid, 0 invalid\n")


@pytest.mark.parametrize("arguments", [("validate",), ("--from",)], ids=" ".join)
def test_bad_input_is_one_clear_line(arguments: tuple[str, ...], bad: tuple[str, Bad]) -> None:
    name, kind = bad
    ran = run(*arguments, name)

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert_reported(ran.err, name, kind)


def test_bad_input_as_json(bad: tuple[str, Bad]) -> None:
    name, kind = bad
    ran = run("validate", "--json", name)
    [result] = ran.objects
    [error] = result.pop("errors")

    assert (ran.code, ran.err) == (1, "")
    assert result == {"file": name, "valid": False, "warnings": []}
    assert (error["path"], error["code"]) == ("", "unreadable")
    assert_reported(error["message"], name, kind)


@pytest.mark.parametrize("arguments", [("validate", "-"), ("--from", "-")], ids=" ".join)
def test_bad_input_on_standard_input(arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, stdin='{"a": NaN}')

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert ran.err.startswith("standard input, line 1, column 7: ")


def test_no_permission(file: Callable[..., str]) -> None:
    name = file(examples.minimal())
    os.chmod(name, 0)
    if os.access(name, os.R_OK):
        pytest.skip("this user may read everything")

    assert "no permission" in run("validate", name).err


# validate


def test_a_valid_payload(file: Callable[..., str]) -> None:
    name = file(examples.full())

    assert run("validate", name) == (0, f"{name}: valid\n", "1 payload: 1 valid, 0 invalid\n")


def test_an_invalid_payload(file: Callable[..., str]) -> None:
    payload = examples.minimal() | {"voice_speed": 5, "extra": 1}
    del payload["name"]
    name = file(payload)
    ran = run("validate", name)

    assert ran.code == 1
    assert ran.lines[0] == f"{name}: 2 errors"
    assert ran.lines[1].startswith("  name: Required.")
    assert ran.lines[2].startswith("  voice_speed: Choose one of 1, 1.1")
    assert ran.lines[3].startswith("  advice: extra: ")
    assert ran.err_lines == ["1 payload: 0 valid, 1 invalid"]


def test_validation_as_json(file: Callable[..., str]) -> None:
    payload = examples.with_(examples.full(), "actions[0].startTime", "25:00") | {"extra": 1}
    name = file(payload)
    ran = run("validate", "--json", name)
    [result] = ran.objects
    [error], [warning] = result.pop("errors"), result.pop("warnings")

    assert ran.code == 1
    assert result == {"file": name, "valid": False}
    assert (error["path"], error["code"]) == ("actions[0].startTime", "bad_time")
    assert "09:30 AM" in error["message"]
    assert (warning["path"], warning["code"]) == ("extra", "QW001")


def test_advice_makes_nothing_invalid(file: Callable[..., str]) -> None:
    name = file(examples.minimal() | {"extra": 1})
    ran = run("validate", name)

    assert ran.code == 0
    assert [line.strip().partition(":")[0] for line in ran.lines[1:]] == ["advice"]


def test_a_payload_that_is_not_an_object(file: Callable[..., str]) -> None:
    [result] = run("validate", "--json", file([1])).objects

    assert [error["code"] for error in result["errors"]] == ["not_object"]


def test_json_lines(file: Callable[..., str]) -> None:
    good, wrong = json.dumps(examples.minimal()), json.dumps(examples.minimal() | {"type": "x"})
    lines = [good, "", wrong, "{", '{"success": true, "data": []}', good]
    name = file("\n".join(lines).encode(), "many.jsonl")
    ran = run("validate", name)

    assert ran.code == 1
    assert [line for line in ran.lines if not line.startswith(" ")] == [
        f"{name}, line 1: valid",
        f"{name}, line 3: 1 error",
        f"{name}, line 6: valid",
    ]
    assert [line.partition(":")[0] for line in ran.err_lines[:2]] == [
        f"{name}, line 4, column 2",
        f"{name}, line 5, column 1",
    ]
    assert ran.err_lines[2] == "5 payloads: 2 valid, 1 invalid, 2 unreadable"


def test_json_lines_as_json(file: Callable[..., str]) -> None:
    good = json.dumps(examples.minimal())
    name = file(f"{good}\n\n{{\n{good}".encode(), "many.jsonl")
    result = run("validate", "--json", name).objects

    assert [(each["file"], each["line"], each["valid"]) for each in result] == [
        (name, 1, True),
        (name, 3, False),
        (name, 4, True),
    ]


def test_many_files_are_validated_in_order(file: Callable[..., str]) -> None:
    good, lost = file(examples.minimal()), "/nowhere/lost.json"
    wrong = file(examples.without(examples.minimal(), "script"), "wrong.json")
    ran = run("validate", good, lost, wrong)

    assert ran.code == 1
    assert ran.lines[:2] == [f"{good}: valid", f"{wrong}: 1 error"]
    assert ran.err_lines[0].startswith(lost)
    assert ran.err_lines[1] == "3 payloads: 1 valid, 1 invalid, 1 unreadable"


def test_yaml_envelopes_and_standard_input(file: Callable[..., str]) -> None:
    enveloped = json.dumps({"success": True, "data": examples.full(), "message": "created"})
    as_yaml = "\n".join(
        f"{name}: {json.dumps(value)}" for name, value in examples.minimal().items()
    )

    assert run("validate", file(as_yaml.encode(), "payload.yaml")).code == 0
    assert run("validate", file(enveloped.encode())).code == 0
    assert run("validate", "-", stdin=as_yaml).out == "standard input: valid\n"
    assert run("validate", "-", "--json", stdin=enveloped).objects[0]["file"] == "-"


def test_control_characters_of_a_file_are_escaped(file: Callable[..., str]) -> None:
    ran = run("validate", file(examples.minimal() | {"\x1b[2J\n\x9b": 1}))

    assert ran.code == 0
    assert "\\x1b[2J\\x0a\\x9b" in ran.out
    assert not {"\x1b", "\x9b"} & set(ran.out)


def test_names_and_encodings_that_are_not_utf8(file: Callable[..., str]) -> None:
    name = file(examples.minimal() | {"हिन्दी 🙂": 1, "\ud800": 1})
    odd = os.fsencode(name) + b"\xff"
    os.link(name, odd)
    for encoding in ("utf-8", "ascii", "latin-1"):
        result = run("validate", "--json", name, PYTHONIOENCODING=encoding).objects[0]
        assert {warning["path"] for warning in result["warnings"]} == {"हिन्दी 🙂", "\ud800"}
        assert run("validate", os.fsdecode(odd), PYTHONIOENCODING=encoding).code == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt(file: Callable[..., str], number: signal.Signals) -> None:
    with started("validate", file(examples.minimal()), "-") as process:
        assert process.stdout
        assert process.stdout.readline().endswith(": valid\n")
        process.send_signal(number)

        ran = ended(process)
        assert (ran.code, ran.err.strip()) == (128 + number, "Interrupted.")


def test_a_reader_that_has_enough(file: Callable[..., str]) -> None:
    name = file((json.dumps(examples.minimal()) + "\n").encode() * 2000, "many.jsonl")
    with started("validate", name) as process:
        assert process.stdout
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr
        err = process.stderr.read()

        assert (process.wait(SECONDS), err) == (0, "2000 payloads: 2000 valid, 0 invalid\n")


@contextmanager
def broken_output(kind: str) -> Iterator[dict[str, Any]]:
    """The options of Popen for a standard output that is closed, full or a broken pipe."""
    if kind == "closed":
        yield {"preexec_fn": lambda: os.close(1)}
        return
    if kind == "full":
        write = os.open("/dev/full", os.O_WRONLY)
    else:
        read, write = os.pipe()
        os.close(read)
    try:
        yield {"stdout": write}
    finally:
        os.close(write)


@pytest.mark.parametrize(
    ("kind", "code", "arguments"),
    [
        ("pipe", 0, "--version"),
        ("pipe", 0, "validate --help"),
        ("pipe", 0, "help submit"),
        ("pipe", 0, "schema"),
        ("pipe", 0, "fields --json"),
        ("pipe", 0, "advice"),
        ("pipe", 0, "templates show win-back"),
        ("pipe", 0, "voices --sandbox --json"),
        ("pipe", 0, "drafts"),
        ("pipe", 1, "new --template win-back"),
        ("pipe", 1, "validate /dev/null"),
        ("pipe", 1, "receipts show 1234"),
        ("closed", 0, "--help"),
        ("closed", 0, "receipts --json"),
        ("closed", 1, "new --template win-back"),
        ("closed", 1, "validate /dev/null"),
    ],
)
def test_a_closed_output_leaves_the_exit_code(
    tmp_path: Path, kind: str, code: int, arguments: str
) -> None:
    environ = environment(QCALL_WIZARD_HOME=str(tmp_path))
    with broken_output(kind) as broken:
        done = subprocess.run(
            [*PROGRAM, *arguments.split()],
            cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True, check=False, **broken,
        )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Exception" not in done.stderr
    assert "cannot continue" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
@pytest.mark.parametrize("arguments", [("--version",), ("schema",), ("fields", "--json")])
def test_an_output_that_is_full(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert done.returncode == 1
    assert done.stderr == b"qcall-wizard cannot continue: No space left on device\n"


def test_an_internal_error_names_its_place_and_no_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="invalid literal") as failed:
        int("a secret")
    code = report_failure(failed.value)
    captured = capsys.readouterr()

    assert (code, captured.out, captured.err.count("\n")) == (70, "", 1)
    assert "ValueError in test_cli.py" in captured.err
    assert "secret" not in captured.err


# schema


@pytest.fixture(scope="module")
def schema() -> Any:
    """What `schema` prints."""
    ran = run("schema")
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def test_the_schema_is_one(schema: Any) -> None:
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]) == [question.name for question in QUESTIONS]
    assert (len(schema["properties"]), len(schema["required"])) == (54, 27)
    assert schema["additionalProperties"] is True
    assert schema["properties"]["voice_speed"]["title"] == "Speed"
    assert "default" not in {name for node in nodes(schema) for name in node}
    assert "template_text" not in json.dumps(schema)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place inside a value."""
    if isinstance(value, dict | list):
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*at, part)
            yield from places(inner, (*at, part))


class NextYear(Assistant):
    """The request with one line more."""

    music: Annotated[
        str, one_of(("none", "jazz")), FieldMeta("Music", "Heard while the caller waits.")
    ]


def test_a_new_field_is_in_the_schema_and_among_the_fields() -> None:
    made = payload_schema(NextYear)
    *_, added = list_fields(NextYear)

    assert made["properties"]["music"] == {
        "title": "Music",
        "description": "Heard while the caller waits.",
        "type": "string",
        "enum": ["none", "jazz"],
    }
    assert made["allOf"] == payload_schema()["allOf"]
    assert (added.path, added.allowed, added.required) == ("music", "none, jazz", True)


# Codes that JSON Schema cannot express, or does not enforce.
UNSAID = {"bad_url", "bad_zone", "bad_day", "bad_date", "not_aligned", "not_after"}
ODD = (None, "", " \n", "x", 0, 1, 1.5, -1, 600, True, False, [], {}, ["x"], [""], [{}], {"x": 1})


@pytest.mark.parametrize("payload", [examples.minimal(), examples.full()], ids=["minimal", "full"])
def test_the_schema_agrees_with_the_validation(schema: Any, payload: dict[str, Any]) -> None:
    validator = Draft202012Validator(schema)
    agreed = {True: 0, False: 0}
    for place in places(payload):
        path = write(place)
        for changed in (
            examples.without(payload, path),
            *(examples.with_(payload, path, value) for value in ODD),
        ):
            codes = {problem.code for problem in find_errors(changed)}
            if not codes or codes - UNSAID:
                valid = validator.is_valid(changed)
                # A schema cannot say that a value is not in use, nor that an empty text is none.
                unused = any(problem.code == "QW002" for problem in advise(changed))
                if not valid and (unused or get(changed, place) == ""):
                    continue
                assert valid is not bool(codes), (path, changed, codes)
                agreed[valid] += 1

    assert min(agreed.values()) > 50


@pytest.mark.parametrize(
    "changes",
    [
        {"is_voice_note": True, "voice_note": "  "},
        {"is_filler": True, "fillers": []},
        {"ai_modal": "qmodel", "voice_data": None},
        {"actions": [{"type": "sendMessage"}]},
        {"actions": [{"type": "sendMessage", "sms": {"is_sms": True, "content": " "}}]},
        {"actions": [{"type": "sendMessage", "zeplo": {"is_zeplo": False}}]},
    ],
)
def test_the_schema_knows_the_rules_over_several_fields(
    schema: Any, changes: dict[str, Any]
) -> None:
    payload = examples.minimal() | changes
    payload = {name: value for name, value in payload.items() if value is not None}

    assert find_errors(payload)
    assert not Draft202012Validator(schema).is_valid(payload)


# fields


def test_fields_as_json() -> None:
    ran = run("fields", "--json")
    fields = {field["field"]: field for field in ran.objects}
    top = [field for name, field in fields.items() if "." not in name]

    assert (ran.code, ran.err, len(fields)) == (0, "", len(ran.lines))
    assert [field["field"] for field in top] == [question.name for question in QUESTIONS]
    assert (len(top), sum(field["required"] for field in top)) == (54, 27)
    assert fields["voice_speed"] == {
        "field": "voice_speed",
        "step": "voice",
        "label": "Speed",
        "type": "number",
        "values": [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2],
        "allowed": "1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2",
        "asked": "always",
        "sent": "always",
        "resting": 1,
        "note": None,
        "required": True,
        "help": "How fast it talks. 1 is the voice's normal pace.",
    }
    assert fields["fillers"]["resting"] == []
    assert fields["fillers"]["note"].startswith("The document puts the allowed values on the list")


def test_nested_fields_have_paths() -> None:
    fields = {field["field"]: field for field in run("fields", "--json").objects}

    assert not fields["sentiment.general_prompt"]["required"]
    assert fields["voice_data.labels.accent"]["step"] == "voice"
    assert fields["actions[].zeplo.content.parameter_slots"]["type"] == "array"
    assert fields["actions[].zeplo.content.parameter_slots[].index"]["type"] == "integer"
    assert fields["actions[].bookingDays"]["values"][0] == "Monday"
    assert not [name for name in fields if name.endswith("template_text")]


@pytest.mark.parametrize("step", list(STEPS))
def test_the_fields_of_a_step(step: str) -> None:
    fields = run("fields", "--json", "--step", step).objects

    assert fields
    assert {field["step"] for field in fields} == {step}


def test_fields_in_columns() -> None:
    ran = run("fields")
    start = {title: ran.lines[0].index(title) for title in ran.lines[0].split()}

    assert ran.code == 0
    assert list(start) == ["STEP", "FIELD", "LABEL", "VALUES", "ASKED", "SENT", "DEFAULT"]
    for line in ran.lines[1:]:
        assert line[start["SENT"] :].startswith(("always", "if set", "when asked"))
        assert len(line) < 250
        assert not any(line[column - 2 : column].strip() for column in [*start.values()][1:])


def test_fields_on_a_terminal() -> None:
    wide, narrow = (on_terminal("fields", "--step", "script", COLUMNS=n) for n in ("130", "80"))

    assert max(map(len, wide.lines)) <= 130
    assert wide.lines[0].startswith("STEP")
    assert narrow.lines[0] == "start_speech: Opening line"
    assert narrow.lines[2] == "  step: script; asked: always; sent: always"


def test_columns_of_wide_characters() -> None:
    def column(*cells: str, largest: int) -> list[str]:
        lines = in_columns([(cell, "|") for cell in cells], {0: (largest, largest)})
        return [line.partition("|")[0] for line in lines or ()]

    assert column("abcd", "日本", "e\u0301", "नमस्ते", largest=9) == [
        "abcd  ",
        "日本  ",
        "e\u0301     ",
        "नमस्ते  ",
    ]
    assert column("日本語", "日本語テ", "abc" * 100_000, "नमस्ते दुनिया", largest=6) == [
        "日本語  ",
        "日本…   ",
        "abcab…  ",
        "नमस्ते …  ",
    ]


# Values that are empty or no numbers


@pytest.mark.parametrize(
    "arguments",
    [
        ("--base-url", "", "drafts"),
        ("--home", "", "drafts"),
        ("--log", "", "drafts"),
        ("--from", ""),
        ("validate", ""),
        ("submit", ""),
        ("export", "win-back", "--as", "json", "-o", ""),
        ("new", "-o", ""),
        ("drafts", "backup", ""),
        ("assistants", "save", ""),
        ("drift", ""),
        ("diff", "", "win-back"),
    ],
    ids=" ".join,
)
def test_an_empty_name_or_address_is_refused(arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "it is empty" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--home", "-", "drafts"),
        ("--log", "-", "drafts"),
        ("drafts", "backup", "-"),
        ("assistants", "save", "-"),
        ("rehearse", "win-back", "--scenario", "win-back", "--junit", "-"),
    ],
    ids=" ".join,
)
def test_standard_output_is_refused_if_a_file_is_needed(arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "- is no file here: give a name, such as ./-" in ran.err


@pytest.mark.parametrize("command", ["submit", "update"])
def test_a_pace_that_is_no_number_is_refused(command: str) -> None:
    ran = run(command, "--pace", "nan", "x.json")
    assert (ran.code, ran.out) == (2, "")
    assert "'nan' is not a number" in ran.err


_DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new", "--set", f"actions[{_DIGITS}].type=sendMessage"), 2),
        (("validate", f"/dev/fd/{_DIGITS}"), 1),
        (("validate", "/dev/fd/99999999999"), 1),
    ],
    ids=["new", "validate", "validate of 11 digits"],
)
def test_a_number_of_many_digits_is_an_error(arguments: tuple[str, ...], code: int) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert "internal error" not in ran.err


# sandbox


def address(process: fork_server.Process) -> str:
    """Where the sandbox says that it listens."""
    assert process.stderr
    line = process.stderr.readline()
    assert "http://127.0.0.1:" in line, line
    return next(word for word in line.split() if word.startswith("http"))


def test_the_sandbox_is_served() -> None:
    with started("sandbox", "--port", "0") as process:
        url = address(process) + "/user/createAssistant"
        headers = {"x-api-key": "any"}
        created = httpx.post(url, json=examples.minimal(), headers=headers)
        refused = httpx.post(url, json={}, headers=headers)
        process.send_signal(signal.SIGINT)

        assert ended(process) == (0, "", "")
    assert created.status_code == 200
    assert created.json()["name"] == "Asha"
    assert refused.status_code == 400


def test_the_sandbox_answers_in_the_envelope() -> None:
    with started("sandbox", "--envelope") as process:
        url = address(process) + "/user/createAssistant"
        created = httpx.post(url, json=examples.minimal(), headers={"x-api-key": "any"})

        assert created.json()["success"] is True


def test_help_lists_every_fault() -> None:
    text = run("sandbox", "--help").out

    for fault in Fault:
        assert f"\n  {fault} " in text
        assert f" {fault.about}\n" in text


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_can_be_acted_out(fault: Fault) -> None:
    with started("sandbox", "--fault", fault) as process:
        # The fault is for creating alone: everything else is answered as ever.
        url = address(process) + "/user/listAssistant"
        assert httpx.get(url, headers={"x-api-key": "any"}).json() == []
        process.send_signal(signal.SIGINT)

        assert ended(process).code == 0


def test_a_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run("sandbox", "--port", port)

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert ran.err.startswith(f"Port {port} cannot be used: ")


# The wizard and its terminal


def on_terminal(
    *arguments: str, stderr: IO[bytes] | None = None, stdin: int | None = None, **extra: str
) -> Ran:
    """Run with a terminal on all streams except the given ones; return its output."""
    master, slave = pty.openpty()
    streams = (
        slave if stdin is None else stdin,
        slave,
        slave if stderr is None else stderr.fileno(),
    )
    with fork_server.started(arguments, environment(**extra), streams) as process:
        os.close(slave)
        shown = b"".join(iter(lambda: _read_terminal(master), b""))
        code = process.wait(SECONDS)
    os.close(master)
    return Ran(code, shown.decode().replace("\r", ""), "")


def _read_terminal(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux's way to say that the other end was closed
        return b""


def test_without_a_terminal_the_screens_do_not_start(file: Callable[..., str]) -> None:
    for ran in (
        run(),
        run("--from", file(examples.minimal())),
        run("--from", "-", stdin=json.dumps(examples.minimal())),
    ):
        assert (ran.code, ran.out, len(ran.err_lines)) == (2, "", 1)
        assert "standard input is not one" in ran.err
        assert "qcall-wizard validate" in ran.err


def test_a_terminal_for_the_output_alone_is_not_enough() -> None:
    with open(os.devnull) as nothing:
        ran = on_terminal(stdin=nothing.fileno())
    assert (ran.code, len(ran.lines)) == (2, 1)
    assert "standard input is not one" in ran.out


def answered_on_a_terminal(
    lines: str, *arguments: str, out: int | None = None, err: int | None = None, **extra: str
) -> Ran:
    """Run with answers typed at a terminal, whose output and errors are elsewhere."""
    master, slave = pty.openpty()
    os.write(master, lines.encode())
    try:
        done = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=ROOT,
            env=environment(**extra),
            stdin=slave,
            stdout=subprocess.PIPE if out is None else out,
            stderr=subprocess.PIPE if err is None else err,
            timeout=SECONDS,
            check=False,
        )
    finally:
        os.close(slave)
        os.close(master)
    return Ran(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


def test_a_piped_output_starts_plain_mode(
    tmp_path: Path,
) -> None:
    ran = answered_on_a_terminal(":leave\n", "--home", str(tmp_path))

    assert (ran.code, ran.err) == (0, "")
    assert "standard output is not one, so it asks in plain lines." in ran.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 0), (("--draft", "4f1c"), 1), (("--receipt", "4f1c"), 1)],
    ids=["new", "a draft", "a receipt"],
)
def test_a_dumb_terminal(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    ran = answered_on_a_terminal(":leave\n", *arguments, "--home", home, TERM="dumb")

    assert ran.code == code
    assert ("Begin:" in ran.out) == (code == 0)
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize(
    "line",
    ["{program} --from {file}", "{program} --from - --no-color < {file}"],
    ids=["file", "standard input"],
)
def test_the_wizard_opens_with_the_answers_of_a_payload(
    line: str, file: Callable[..., str], tmp_path: Path
) -> None:
    name = file({"success": True, "data": examples.full()})
    wizard = pexpect.spawn(
        "/bin/sh",
        ["-c", line.format(program=" ".join(PROGRAM), file=name)],
        cwd=str(ROOT),
        env=environment(QCALL_WIZARD_HOME=str(tmp_path)),
        dimensions=(24, 80),
        timeout=SECONDS,
        encoding="utf-8",
    )
    try:
        wizard.expect_exact("Acme Dental")
        wizard.sendcontrol("q")
        wizard.expect(pexpect.EOF)
    finally:
        wizard.close(force=True)

    assert wizard.exitstatus == 0


# Completion


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("val", {"validate"}),
        ("fields --step v", {"voice"}),
        ("sandbox --fault 42", {"429", "429-date"}),
        ("validate --j", {"--json"}),
    ],
)
def test_completion(words: str, completed: set[str]) -> None:
    ran = run(
        _QCALL_WIZARD_COMPLETE="bash_complete",
        COMP_WORDS=f"qcall-wizard {words}",
        COMP_CWORD=str(len(words.split())),
    )

    assert {line.partition(",")[2] for line in ran.lines} == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_set_up_by_the_shell(shell: str) -> None:
    ran = run(_QCALL_WIZARD_COMPLETE=f"{shell}_source")

    assert ran.code == 0
    assert "_QCALL_WIZARD_COMPLETE" in ran.out


def test_the_fields_have_the_same_members_each() -> None:
    fields = [json.loads(line) for line in run("fields", "--json").out.splitlines()]
    assert len({tuple(field) for field in fields}) == 1
    named = {field["field"]: field for field in fields}
    assert (named["name"]["resting"], named["name"]["note"]) == (None, None)
    assert named["voice_speed"]["resting"] == 1
