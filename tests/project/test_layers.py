"""The core runs without a screen: nothing under `wizard` imports Textual or `screens`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

IMPORT_ALL = """
import importlib, pkgutil, sys
import wizard
# The server of `serve` needs an optional package, which imports rich.
found = [each.name for each in pkgutil.walk_packages(wizard.__path__, "wizard.")]
names = [name for name in found if not name.endswith("token_server")]
for name in names:
    importlib.import_module(name)
print(len(names), *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_wizard_imports_no_screen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, *imported = done.stdout.split()

    assert int(count) > 20
    assert "pydantic" in imported
    assert not {"textual", "screens", "rich"} & set(imported)
