"""The first screen is painted before other modules are imported, and other styles read."""

from pathlib import Path

from tests.benchmarks.screen import Screen, python
from tests.imports import modules
from wizard.draft.draft import Draft
from wizard.storage.session import Session
from wizard.storage.store import open_store

# Notes the modules and the styles that were read when the list of drafts is first written to the
# terminal.
AT_FIRST_PAINT = """
import os, sys
from pathlib import Path
from textual.drivers.linux_driver import LinuxDriver
plainly, note = LinuxDriver.write, Path(os.environ["QCALL_WIZARD_HOME"], "imported")
def write(driver, data):
    if "Asha of Acme" in data and not note.exists():
        styles = (place for place, _ in driver._app.stylesheet.source)
        note.write_text(" ".join([*sys.modules, *styles]))
    plainly(driver, data)
LinuxDriver.write = write
sys.argv = ["qcall-wizard"]
from wizard.__main__ import main
main()
"""


def test_the_drafts_are_listed_before_the_models_are_imported(tmp_path: Path) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    session.begin(Draft({"name": "Asha of Acme"}))
    session.changed()
    session.close()

    environment = {"QCALL_WIZARD_HOME": str(tmp_path), "QCALL_API_KEY": ""}
    with Screen(python("-c", AT_FIRST_PAINT), environment=environment) as screen:
        screen.until_text("Asha of Acme")
        # The details of a draft come when the rest is loaded.
        screen.until_text("Tuning")
        screen.press("\r")
        screen.until_text("Company")
        screen.ended("\x11")

    imported = (tmp_path / "imported").read_text().split()
    assert {"textual", "screens.pages.welcome", "wizard.storage.store"} <= set(imported)
    packages = {name.partition(".")[0] for name in imported}
    assert not packages & modules("pydantic", "pydantic_core", "httpx", "starlette", "click")
    models = modules(
        "wizard.contract.assistant",
        "wizard.draft.draft",
        "wizard.api.client",
        "screens.form.steps_screen",
    )
    assert not models & set(imported)
    styles = {Path(name).name for name in imported if name.endswith(".tcss")}
    assert styles == {"start.tcss"}
