"""Completion: the Tab key in a real bash, and in other shells if installed."""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pexpect
import pytest
from click.testing import CliRunner

from tests.commands.test_cli import Ran, environment, run
from tests.examples import full
from wizard.cli import qcall_wizard
from wizard.commands.completion import SHELLS
from wizard.commands.reference import list_fields
from wizard.commands.value_completion import complete_answer
from wizard.contract.choices import LANGUAGES
from wizard.contract.steps import STEPS
from wizard.draft.draft import Draft
from wizard.exchange.export_formats import ExportFormat
from wizard.formats.json_text import Json
from wizard.sandbox.sandbox_app import Fault
from wizard.storage.store import open_store, snapshot
from wizard.templates.library import template_names

BASH = shutil.which("bash")
PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"

# What bash does at the Tab key: it fills these three and calls the function.
AT_TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
compopt() { echo "compopt ${@: -1}"; }
_qcall_wizard_completion qcall-wizard
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script for bash, as it is printed."""
    path = tmp_path_factory.mktemp("bash") / "script"
    path.write_text(run("completion", "bash").out, "utf-8")
    return path


def tab(script: Path, *words: str) -> list[str]:
    """What bash offers behind these words, the last of which is typed in part."""
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", AT_TAB, "bash", str(script), "qcall-wizard", *words],
        env=environment(PATH=PATH, LC_ALL="C.UTF-8"),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def home_with(tmp_path: Path) -> tuple[str, str]:
    """A home with one draft, and one that was deleted; their ids."""
    store = open_store(tmp_path).store
    with closing(store):
        made = [Draft(answers=dict(full())), Draft(answers=dict(full()))]
        for draft in made:
            store.save(snapshot(draft, 0))
        store.delete(made[1].id)
    return made[0].id, made[1].id


# A real bash


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_bash_completes(script: Path, tmp_path: Path) -> None:
    kept, deleted = home_with(tmp_path)
    at_home = ("--home", str(tmp_path))

    assert tab(script, "va") == ["validate"]
    assert tab(script, "drafts", "r") == ["restore"]
    assert tab(script, "submit", "--dr") == ["--dry-run"]
    assert tab(script, "--templ") == ["--template"]
    assert tab(script, "new", "--template", "lead") == ["lead-qualification"]
    # The value follows at once, and brackets are no pattern of file names.
    assert tab(script, "new", "--set", "voice_s") == ["compopt nospace", "voice_speed="]
    assert "actions[2].say=" in tab(script, "new", "--set", "actions[2].s")
    assert tab(script, "sandbox", "--fault", "sl") == ["slow"]
    assert tab(script, *at_home, "drafts", "show", "") == [kept]
    assert tab(script, *at_home, "drafts", "restore", deleted[:2]) == [deleted]
    assert tab(script, *at_home, "export", kept[:3]) == [kept]
    assert tab(script, "export", "./pay") == ["compopt default", ""]


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_an_interactive_bash_completes_a_typed_line(script: Path, tmp_path: Path) -> None:
    assert BASH is not None
    variables = environment(PATH=PATH, LC_ALL="C.UTF-8", TERM="dumb", PS1="$ ", HISTFILE="")
    shell = pexpect.spawn(BASH, ["--norc", "--noprofile", "-i"], env=variables, encoding="utf-8")
    try:
        shell.sendline(f"PS1='READY '; source {script}; bind 'set enable-bracketed-paste off'")
        shell.expect("\r\nREADY ", timeout=20)
        shell.send("qcall-wizard sch\t")
        shell.expect("schema ", timeout=20)
        shell.sendline("| grep -c qmodel")
        shell.expect(r"\r\n[1-9]\d*\r\n", timeout=20)
    finally:
        shell.close(force=True)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_an_interactive_zsh_completes(tmp_path: Path) -> None:
    script, home = tmp_path / "script", tmp_path / "home"
    script.write_text(run("completion", "zsh").out, "utf-8")
    kept, _ = home_with(home)
    variables = environment(PATH=PATH, LC_ALL="C.UTF-8", TERM="dumb", QCALL_WIZARD_HOME=str(home))
    shell = pexpect.spawn("zsh", ["-f", "-i"], env=variables, encoding="utf-8", timeout=20)
    prompt = "READY \x1b[?2004h"  # zsh reads keys after this sequence
    try:
        shell.sendline(f"PS1='READY '; autoload -U compinit; compinit -u -D; source {script}")
        shell.expect_exact(prompt)
        for typed, shown in {
            "va": "validate",
            "submit --dr": "--dry-run",
            "new --template lead": "lead-qualification",
            "new --set type=out": "type=outbound",
            f"drafts show {kept[:3]}": kept,
        }.items():
            shell.send(f"qcall-wizard {typed}\t")
            shell.expect_exact(f"{shown} ")
            shell.sendline("\x15")  # clears the line
            shell.expect_exact(prompt)
    finally:
        shell.close(force=True)


EQUALS = {
    "new --set language=\t\t": ["language=en", "en"],
    "new --set type=out\t": ["type=outbound"],
    "new --set=type=out\t": ["--set=type=outbound"],
    "new --template=lead\t": ["--template=lead-qualification"],
    "--template=lead\t": ["--template=lead-qualification"],
    "sandbox --fault=sl\t": ["--fault=slow"],
}


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_bash_completes_after_an_equals_sign(script: Path) -> None:
    assert BASH is not None
    variables = environment(PATH=PATH, LC_ALL="C.UTF-8", TERM="dumb", HISTFILE="")
    shell = pexpect.spawn(BASH, ["--norc", "--noprofile", "-i"], env=variables, encoding="utf-8")
    shell.timeout = 20
    try:
        shell.sendline(f"PS1='READY '; source {script}; bind 'set enable-bracketed-paste off'")
        shell.expect("\r\nREADY ")
        for typed, shown in EQUALS.items():
            shell.send(f"qcall-wizard {typed}")
            shell.expect_exact(shown[-1])
            shell.sendline("\x15")  # clears the line; Ctrl+C could end a completion
            shell.expect("READY ")
    finally:
        shell.close(force=True)


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_completes_after_an_equals_sign(tmp_path: Path) -> None:
    path = tmp_path / "qcall-wizard.fish"
    path.write_text(run("completion", "fish").out, "utf-8")
    for typed, shown in EQUALS.items():
        line = f"qcall-wizard {typed.rstrip()}"
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {path}; complete -C '{line}'"],
            env=environment(PATH=PATH),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert shown[0] in done.stdout.split()


def completed(*words: str) -> list[str]:
    """What the program answers to a shell, without the shell."""
    variables = {
        "_QCALL_WIZARD_COMPLETE": "bash_complete",
        "COMP_WORDS": "\n".join(["qcall-wizard", *words]),
        "COMP_CWORD": str(len(words)),
    }
    runner = CliRunner(env=variables)
    done = runner.invoke(qcall_wizard, [], prog_name="qcall-wizard")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_closed_lists_complete() -> None:
    assert completed("voices", "--language", "") == list(LANGUAGES)
    assert completed("sandbox", "--fault", "") == [fault.value for fault in Fault]
    assert completed("export", "x.json", "--as", "") == [form.value for form in ExportFormat]
    assert completed("fields", "--step", "") == [step.value for step in STEPS]
    assert completed("completion", "") == list(SHELLS)
    assert completed("templates", "show", "") == list(template_names(None))
    assert completed("help", "drafts", "") == ["show", "delete", "restore", "backup"]
    assert completed("help", "sub") == ["submit"]


def test_every_field_that_can_be_answered_completes() -> None:
    offered = set(complete_answer(None, None, ""))

    assert {f"{field.path.replace('[]', '[0]')}=" for field in list_fields()} <= offered
    assert all(name.endswith("=") for name in offered)


def test_values_of_a_closed_list_complete() -> None:
    assert completed("new", "--set", "type=") == ["type=inbound", "type=outbound"]
    assert completed("new", "--set", "actions[3].type=s") == [
        "actions[3].type=scheduleMeeting",
        "actions[3].type=sendMessage",
    ]
    assert completed("new", "--set", "name=") == []


def test_receipts_complete(tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(full()), "utf-8")
    sent = run("submit", "--yes", "--json", "--sandbox", "--home", str(tmp_path), str(payload))
    receipt: Json = sent.objects[0]["receipt"]

    assert completed("--home", str(tmp_path), "receipts", "show", "") == [receipt]
    assert completed("--home", str(tmp_path), "--receipt", "") == [receipt]


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert completed("--home", str(home), "drafts", "show", "") == []
    assert not home.exists()

    (tmp_path / "wizard.sqlite3").write_bytes(b"\xff" * 5000)
    assert completed("--home", str(tmp_path), "drafts", "show", "") == []


def test_completion_imports_nothing_slow() -> None:
    variables = {"_QCALL_WIZARD_COMPLETE": "bash_complete", "PYTHONPROFILEIMPORTTIME": "1"}
    words = "qcall-wizard\nnew\n--set\nvoice"
    ran = run(COMP_WORDS=words, COMP_CWORD="3", **variables)
    imported = {line.rpartition("|")[2].strip() for line in ran.err_lines}

    assert "plain,voice_speed=" in ran.lines
    assert not imported & {"pydantic", "textual", "httpx", "asyncio", "ruamel.yaml"}


# The scripts


def test_each_shell_gets_a_script_and_how_to_install_it() -> None:
    for shell, how in SHELLS.items():
        ran = run("completion", shell)
        assert ran.code == 0
        assert "qcall-wizard" in ran.out
        assert "_QCALL_WIZARD_COMPLETE" in ran.out
        assert ran.err == f"To complete at every start, {how}\n"

    ran = run("completion", "bsh")
    assert ran.code == 2
    assert "did you mean 'bash'?" in ran.err


CHECKS = {
    "bash": ["bash", "-n"],
    "zsh": ["zsh", "-n"],
    "fish": ["fish", "--no-execute"],
    "powershell": ["pwsh", "-NoProfile", "-File"],
}


@pytest.mark.parametrize("shell", CHECKS)
def test_the_shell_itself_takes_its_script(shell: str, tmp_path: Path) -> None:
    if shutil.which(CHECKS[shell][0]) is None:
        pytest.skip(f"there is no {shell}")
    path = tmp_path / ("script.ps1" if shell == "powershell" else "script")
    path.write_text(run("completion", shell).out, "utf-8")
    done = subprocess.run(
        [*CHECKS[shell], str(path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert Ran(done.returncode, "", done.stderr) == (0, "", "")


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_completes(tmp_path: Path) -> None:
    path = tmp_path / "qcall-wizard.fish"
    path.write_text(run("completion", "fish").out, "utf-8")
    asked = f"source {path}; complete -C 'qcall-wizard schem'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", asked],
        env=environment(PATH=PATH),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["schema"]


def test_a_folder_without_drafts_stays_empty(tmp_path: Path) -> None:
    assert completed("--home", str(tmp_path), "drafts", "show", "") == []
    assert list(tmp_path.iterdir()) == []
