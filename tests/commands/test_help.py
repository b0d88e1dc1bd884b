"""Help: every example works, every page is complete, every misspelling gets a suggestion."""

import re
import shlex
from collections.abc import Iterator
from functools import cache

import click
import pytest

from tests.commands.test_cli import run
from tests.imports import modules
from wizard.cli import qcall_wizard
from wizard.commands.click_extensions import Command

ROOT = click.Context(
    qcall_wizard,
    info_name="qcall-wizard",
    help_option_names=["-h", "--help"],
    max_content_width=100,
)


def every_command() -> Iterator[tuple[str, ...]]:
    """The names of every command, each followed by its subcommands."""
    yield ()
    for name in qcall_wizard.list_commands(ROOT):
        yield (name,)
        command = qcall_wizard.get_command(ROOT, name)
        for below in command.commands if isinstance(command, click.Group) else ():
            yield name, below


COMMANDS = tuple(every_command())


@cache
def context(names: tuple[str, ...]) -> click.Context:
    made = ROOT
    for name in names:
        assert isinstance(made.command, click.Group)
        command = made.command.get_command(made, name)
        assert command is not None
        made = click.Context(command, parent=made, info_name=name)
    return made


@cache
def help_of(names: tuple[str, ...]) -> str:
    return context(names).get_help()


for_every_command = pytest.mark.parametrize("names", COMMANDS, ids=" ".join)


def test_every_command_is_walked() -> None:
    assert len(COMMANDS) > 20
    assert {(), ("drafts", "show"), ("drift",), ("doctor",), ("help",)} < set(COMMANDS)


@for_every_command
def test_help_starts_with_examples_that_can_be_typed(names: tuple[str, ...]) -> None:
    lines = help_of(names).splitlines()
    start = lines.index("  Examples:")
    assert start <= 4, "the examples come first"
    examples = [line.strip() for line in lines[start + 1 : lines.index("", start)]]
    calls = [call for example in examples for call in called(example)]

    assert calls
    for call in calls:
        parsed(call)
    assert any(call[: len(names)] == list(names) for call in calls)


def called(example: str) -> Iterator[list[str]]:
    """The words behind the program's name, in a line for a shell with words of ours behind it."""
    line = re.split(r"\s{3,}", example)[0]
    for part in re.split(r"\||\$\(|\)|>|<", line):
        if part.strip(' "').startswith("qcall-wizard"):
            yield shlex.split(part.strip().rstrip('"'))[1:]


def parsed(words: list[str]) -> None:
    """Parse a command line without running the command."""
    made, rest = ROOT, list(words)
    while True:
        command = made.command
        options = command.make_parser(made)
        given, rest, _ = options.parse_args(list(rest))
        assert isinstance(given, dict)
        if not isinstance(command, click.Group) or not rest:
            assert isinstance(command, click.Group) or not rest, (words, rest)
            return
        name, below, rest = command.resolve_command(made, rest)
        assert below is not None
        made = click.Context(below, parent=made, info_name=name)


@for_every_command
def test_every_option_has_a_help_text(names: tuple[str, ...]) -> None:
    command = context(names).command

    assert isinstance(command, Command)
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, param.name
            assert param.help.endswith(".")


@pytest.mark.parametrize("names", [(), ("submit",), ("drafts", "show")], ids=" ".join)
def test_the_help_command_prints_the_same_as_the_option(names: tuple[str, ...]) -> None:
    by_command, by_option = run("help", *names), run(*names, "--help")

    assert by_command == by_option
    assert by_command.code == 0


# Slips


@pytest.mark.parametrize(
    ("arguments", "code", "meant"),
    [
        (("valdate",), 2, "'validate'"),
        (("recipts",), 2, "'receipts'"),
        (("help", "sumbit"), 2, "'submit'"),
        (("help", "draft"), 2, "'drafts'"),
        (("drafts", "shwo", "1"), 2, "'show'"),
        (("help", "drafts", "shwo"), 2, "'show'"),
        (("submit", "x.json", "--dryrun"), 2, "'--dry-run'"),
        (("--templte", "x"), 2, "'--template'"),
        (("doctor", "--jsn"), 2, "'--json'"),
        (("fields", "--step", "voic"), 2, "did you mean 'voice'?"),
        (("voices", "--language", "end"), 2, "did you mean 'en'?"),
        (("sandbox", "--fault", "slwo"), 2, "did you mean 'slow'?"),
        (("export", "x.json", "--as", "yml"), 2, "did you mean 'yaml'?"),
        (("new", "--set", "voice_sped=1"), 2, "voice_speed"),
        (("new", "--template", "lead-qualifcation"), 1, "lead-qualification"),
        (("templates", "show", "winback"), 1, "win-back"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(
    arguments: tuple[str, ...], code: int, meant: str
) -> None:
    ran = run(*arguments)

    assert (ran.code, ran.out) == (code, "")
    assert meant in ran.err


def test_a_command_without_commands() -> None:
    ran = run("help", "submit", "now")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err_lines == [
        "qcall-wizard submit has no subcommands.",
        "Try: qcall-wizard submit --help",
    ]


# Speed


def test_the_main_help_imports_no_command() -> None:
    lines = run("--help", PYTHONPROFILEIMPORTTIME="1").err_lines
    imported = {line.rpartition("|")[2].strip() for line in lines}

    assert "wizard.cli" in imported
    used = modules(
        "wizard.commands.click_extensions",
        "wizard.commands.options",
        "wizard.commands.value_completion",
    )
    assert {name for name in imported if name.startswith("wizard.commands.")} == used
    assert not imported & modules("dataclasses", "json", "sqlite3", "pathlib", "wizard.settings")
