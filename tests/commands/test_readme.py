"""The README's commands work as they are written."""

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual.binding import Binding

import screens
from screens.keys.keymap import binding_ids

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.strip().splitlines()
]


@pytest.mark.parametrize("line", [line for line in LINES if "&&" not in line])
def test_a_command_of_the_readme_runs(line: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(line)
    assert program == ".venv/bin/qcall-wizard"
    run = subprocess.run(
        [sys.executable, "-m", "wizard", *arguments],
        cwd=ROOT,
        env={**os.environ, "QCALL_WIZARD_HOME": str(tmp_path / "home")},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout


def test_ci_runs_the_set_up_commands_of_the_readme() -> None:
    """CI runs the same steps one by one: set up in `.venv` with the extra, then pytest."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (tests,) = [line for line in LINES if "[dev]" in line]
    for step in ("python3 -m venv .venv", "pip install", "-e '.[dev]'", ".venv/bin/pytest -n auto"):
        assert step in tests
        assert step in script


def test_every_picture_of_the_readme_is_an_approved_one() -> None:
    for picture in re.findall(r"!\[[^]]*\]\((.*?\.svg)\)", README):
        assert (ROOT / picture).is_file(), picture


def test_the_readme_names_no_key_that_the_wizard_lacks() -> None:
    modules = [import_module(info.name) for info in walk_packages(screens.__path__, "screens.")]
    bindings = {
        binding
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type)
        for binding in getattr(kind, "BINDINGS", ())
    }
    keys = {key for binding in bindings if isinstance(binding, Binding) for key in _keys(binding)}
    bound = keys | {"ctrl+p", "tab", "shift+tab"}
    for key in re.findall(r"`(Ctrl\+.|F\d+|Esc)`", README):
        named = key.lower().replace("esc", "escape")
        assert named in bound, key


def test_the_readme_lists_the_ids_of_all_keys() -> None:
    section = README[README.index("## Change keys") :].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+\.[a-z_-]+)`", section)) - {"keys.toml"}
    ids = {name for name, about in binding_ids().items() if about}
    assert named == ids, f"missing: {sorted(ids - named)}, unknown: {sorted(named - ids)}"


def _keys(binding: Binding) -> list[str]:
    return binding.key.split(",")


def test_the_files_to_edit_exist() -> None:
    table = README[README.index("| to add | edit |") :]
    for path in re.findall(r"`((?:wizard|screens)/[\w/.]+)`", table):
        assert (ROOT / path).exists(), path
