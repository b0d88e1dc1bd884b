"""Existing assistants in the plain questions, over a real server."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.plain.test_plain import Heard, hold
from tests.records_server import Records, records_at
from wizard.api.records import Record
from wizard.cli import qcall_wizard
from wizard.exchange.copying import opened_draft
from wizard.sandbox.app_form_examples import app_form_examples

ROHAN = app_form_examples()[1]
TEXT = json.dumps(ROHAN, indent=1)
CHANGE = (":go company_name", "New Dental", ":review", "1", "yes")


def held(records: Records, *lines: str, **options: Any) -> Heard:
    draft = opened_draft(Record.of(TEXT), records.url)
    return hold(*lines, draft=draft, url=records.url, **options)


def test_a_change_is_shown_first_and_kept() -> None:
    with records_at(Records(app2=TEXT)) as records:
        heard = held(records, ":go language", "", *CHANGE, "leave")
    said = heard.said
    assert "This changes the assistant Rohan." in said
    assert "An empty line keeps: en,hi, from: QCall. QCall's app: English and Hindi." in said
    review = said[said.rindex("Review.") :]
    assert review.startswith(
        "Review.\nWhat changes:\nCompany.\nBefore: Acme Dental\nNow: New Dental"
    )
    assert "Updated. The change was kept." in said
    assert records.bodies[0].decode() == TEXT.replace(
        '"company_name": "Acme Dental"', '"company_name": "New Dental"'
    )
    assert heard.code == 0


@pytest.mark.parametrize(("side", "company"), [("Mine", "New Dental"), ("2", "Zed")])
def test_a_conflict_is_shown_and_one_side_chosen(side: str, company: str) -> None:
    now = ROHAN | {"company_name": "Zed", "goal": "Sales"}
    with records_at(Records(app2=json.dumps(now))) as records:
        heard = held(records, ":go goal", "Surveys", *CHANGE, side, "Mine", "yes", "leave")
    said = heard.said
    assert "Both sides changed Company, Goal. Nothing was sent." in said
    assert "Yours:\nBefore: Acme Dental\nNow: New Dental\nAt QCall:" in said
    assert records.data("app2") == now | {"goal": "Surveys", "company_name": company}


def test_an_update_is_undone_from_its_outcome() -> None:
    with records_at(Records(app2=TEXT)) as records:
        heard = held(records, *CHANGE, "Put the old", "yes", "leave", unseen=str)
    assert len(records.puts) == 2
    assert records.texts["app2"] == TEXT
    assert heard.draft.answers["company_name"] == "Acme Dental"


def test_an_unchanged_or_missing_assistant_is_not_sent() -> None:
    with records_at(Records(app2=TEXT)) as records:
        assert "Nothing is changed yet." in held(records, "1", ":leave").said
        records.texts.clear()
        heard = held(records, *CHANGE, "leave")
    assert "no such assistant" in heard.said
    assert heard.code == 1
    assert not records.puts


def test_the_option_opens_an_assistant_or_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QCALL_API_KEY", "a-key")
    with records_at(Records(app2=TEXT)) as records:

        def run(*words: str) -> Any:
            options = ["--base-url", records.url, "--home", str(tmp_path), "--plain"]
            return CliRunner().invoke(qcall_wizard, [*options, *words], input="\n".join(CHANGE))

        kept = run("--assistant", "app2")
        assert "Updated. The change was kept." in kept.output
        assert kept.exit_code == 0
        missing = run("--assistant", "nobody")
        assert missing.exit_code != 0
        assert run("--assistant", "app2", "--draft", "x").exit_code == 2
    assert len(records.puts) == 1
