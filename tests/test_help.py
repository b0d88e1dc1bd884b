"""Help: every example works, every page is sound, every slip is told with what was meant."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache

import click
import pytest

from tests.imports import modules
from tests.test_cli import run
from wizard.cli import qcall_wizard
from wizard.commands import manual
from wizard.commands.options import Command

ROOT = click.Context(
    qcall_wizard,
    info_name="qcall-wizard",
    help_option_names=["-h", "--help"],
    max_content_width=100,
)


def walked(names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The names of every command, those of a command behind it."""
    yield names
    for name in manual.below(ROOT, names):
        yield from walked((*names, name))


COMMANDS = tuple(walked())


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


every_command = pytest.mark.parametrize("names", COMMANDS, ids=" ".join)


def test_every_command_is_walked() -> None:
    assert len(COMMANDS) > 20
    assert {(), ("drafts", "show"), ("drift",), ("doctor",), ("help",)} < set(COMMANDS)


@every_command
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
    """Read a command line to its end, without running what it says."""
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


@every_command
def test_every_option_says_what_it_does(names: tuple[str, ...]) -> None:
    command = context(names).command

    assert isinstance(command, Command)
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, param.name
            assert param.help.endswith(".")


@pytest.mark.parametrize("names", [(), ("submit",), ("drafts", "show")], ids=" ".join)
def test_the_command_help_prints_what_the_option_prints(names: tuple[str, ...]) -> None:
    by_command, by_option = run("help", *names), run(*names, "--help")

    assert by_command == by_option
    assert by_command.code == 0


# Manual pages


@every_command
def test_a_manual_page_has_all_of_the_help(names: tuple[str, ...]) -> None:
    text = "\n".join(manual.page(context(names)))

    assert text.startswith('.TH "QCALL')
    assert [line for line in text.splitlines() if line.startswith(".SH")][:3] == [
        ".SH NAME",
        ".SH SYNOPSIS",
        ".SH DESCRIPTION",
    ]
    # The same words in the same number, but for what roff writes otherwise and the layout.
    shown = plain(text)
    for option in re.findall(r"(?m)^  (--?[a-z][a-z-]*)", help_of(names)):
        # A bare hyphen may be printed as another character, which no shell takes.
        assert option.replace("-", "\\-") in text, option
    for word in re.findall(r"\b[a-z]{4,}\b", help_of(names).partition("Options")[0]):
        assert word in shown, word


def plain(text: str) -> str:
    for escaped, meant in {"\\-": "-", "\\(ga": "`", "\\(aq": "'", "\\(ha": "^"}.items():
        text = text.replace(escaped, meant)
    return text


@every_command
@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff")
def test_groff_has_nothing_against_a_manual_page(names: tuple[str, ...]) -> None:
    text = "\n".join(manual.page(context(names)))
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbou"],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    words = "".join(done.stdout.split())

    assert done.stderr == ""
    # What a shell would obey is printed as it must be typed.
    examples = manual._parts(context(names).command)[0]
    assert all("".join(example.split()) in words for example in examples)


@pytest.mark.skipif(shutil.which("man") is None, reason="there is no man")
def test_man_shows_the_page_that_the_command_prints() -> None:
    page = run("man", "receipts", "show").out
    done = subprocess.run(
        ["man", "--warnings", "-l", "-"],
        input=page,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
    )

    assert done.stderr == ""
    assert "qcall-wizard-receipts-show - Print a receipt" in done.stdout


# Slips


@pytest.mark.parametrize(
    ("arguments", "code", "meant"),
    [
        (("valdate",), 2, "'validate'"),
        (("recipts",), 2, "'receipts'"),
        (("help", "sumbit"), 2, "'submit'"),
        (("man", "draft"), 2, "'drafts'"),
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
def test_a_slip_is_told_with_what_was_meant(
    arguments: tuple[str, ...], code: int, meant: str
) -> None:
    ran = run(*arguments)

    assert (ran.code, ran.out) == (code, "")
    assert meant in ran.err


def test_a_command_without_commands() -> None:
    ran = run("help", "submit", "now")

    assert (ran.code, ran.out) == (2, "")
    assert ran.told == [
        "qcall-wizard submit has no commands of its own.",
        "Try: qcall-wizard submit --help",
    ]


# Speed


def test_help_of_the_whole_builds_no_command() -> None:
    told = run("--help", PYTHONPROFILEIMPORTTIME="1").told
    imported = {line.rpartition("|")[2].strip() for line in told}

    assert "wizard.cli" in imported
    declared = {name for name in imported if name.startswith("wizard.declarations.")}
    assert not declared - modules("wizard.declarations.shared")
    assert not imported & modules("dataclasses", "json", "sqlite3", "pathlib", "wizard.settings")
