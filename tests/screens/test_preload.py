"""Only modules that the steps need are imported while answers are typed."""

from pathlib import Path

from tests.benchmarks.screen import Screen, python
from tests.imports import modules
from wizard.draft.draft import Draft
from wizard.storage.session import Session
from wizard.storage.store import open_store

# Notes the imported modules when the wizard ends.
AT_THE_END = """
import os, sys
from pathlib import Path
sys.argv = ["qcall-wizard"]
from wizard.__main__ import main
try:
    main()
finally:
    Path(os.environ["QCALL_WIZARD_HOME"], "imported").write_text(" ".join(sys.modules))
"""


def test_modules_for_sending_and_comparing_are_not_imported_for_typing(tmp_path: Path) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    session.begin(Draft({"name": "Asha of Acme"}, focus=("name",)))
    session.changed()
    session.close()

    environment = {"QCALL_WIZARD_HOME": str(tmp_path), "QCALL_API_KEY": ""}
    with Screen(python("-c", AT_THE_END), environment=environment) as screen:
        screen.until_text("Asha of Acme")
        # The details of a draft come when the rest is loaded.
        screen.until_text("Tuning")
        screen.press("\r")
        screen.until_text("Company")
        screen.press(" and Sons")
        screen.until_text("Asha of Acme and Sons")
        screen.calm(0.5)
        screen.ended("\x11")

    imported = set((tmp_path / "imported").read_text().split())
    assert {
        "screens.form.steps_screen",
        "wizard.contract.validation",
        "wizard.storage.locks",
        "pydantic_core",
    } <= imported
    assert not imported & modules("httpx", "click")
    assert not imported & modules(
        "screens.payload.preview",
        "screens.dialogs.result",
        "screens.pages.editor",
        "screens.payload.compare",
    )
    assert not imported & modules(
        "wizard.api.submission",
        "wizard.api.unanswered",
        "wizard.exchange.exporting",
        "wizard.exchange.importing",
        "wizard.api.client",
        "wizard.api.receipt_store",
    )
