"""The plain questions rehearse the draft, and return to the question afterwards."""

import json
from pathlib import Path

import pytest

from tests.commands.test_cli import run
from tests.rehearsal.scripted_model import scripted_model
from tests.rehearsal.test_rehearse import PAYLOAD
from wizard.rehearsal.scenario import read_scenario
from wizard.storage.store import open_store


@pytest.fixture
def payload(tmp_path: Path) -> str:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(PAYLOAD))
    return str(file)


def test_the_draft_is_rehearsed_from_a_question(payload: str, tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    typed = f":rehearse\nWho is this?\n:save {file}\n:end\n:steps\n:leave\n"
    with scripted_model() as served:
        ran = run(
            *("--plain", "--from", payload, "--home", str(tmp_path / "home")),
            stdin=typed,
            QCALL_REHEARSAL_URL=served.url,
        )

    assert ran.code == 0, ran.out + ran.err
    assert "Nothing is sent to QCall." in ran.out
    assert "Assistant: This is Asha from Acme Dental, about your visit." in ran.out
    assert "Mood: neutral" in ran.out
    assert ran.out.index("Mood: neutral") < ran.out.index("Type :go and a number")
    assert read_scenario(str(file)).says == ("Who is this?",)
    # The screens show it as the last call of the draft.
    store = open_store(tmp_path / "home").store
    (draft,) = store.drafts()
    assert "This is Asha from Acme Dental" in (store.kept_call(draft.id) or "")
    store.close()


def test_without_a_model_the_draft_is_read_through(payload: str, tmp_path: Path) -> None:
    command = ("--plain", "--from", payload, "--home", str(tmp_path / "home"))
    ran = run(*command, stdin=":rehearse\n:leave\n")

    assert ran.code == 0, ran.out + ran.err
    assert "No model is set" in ran.out
    assert "SMS: Hi Asha, 1 High Street." in ran.out


def test_the_model_that_was_set_up_in_the_wizard_is_used(payload: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with scripted_model() as served:
        store = open_store(home).store
        store.remember("rehearsal_url", served.url)
        store.remember("rehearsal_model", "scripted-2")
        store.close()
        for command in (("--plain", "--from", payload), ("rehearse", payload)):
            typed = ":rehearse\n:end\n:leave\n" if "--plain" in command else ":end\n"
            ran = run(*command, "--home", str(home), stdin=typed)
            assert "scripted-2 at 127.0.0.1" in " ".join((ran.out + ran.err).split())
            assert "The caller hung up." in ran.out


def test_a_draft_without_a_script_is_reported(tmp_path: Path) -> None:
    ran = run("--plain", "--home", str(tmp_path / "home"), stdin="1\n:rehearse\n:leave\n")

    assert "There is no script yet" in ran.out


def test_an_unreachable_model_does_not_end_the_questions(payload: str, tmp_path: Path) -> None:
    command = ("--plain", "--from", payload, "--home", str(tmp_path / "home"))
    for url, expected in (
        ("http://127.0.0.1:1/v1", "No model could be reached"),
        ("http://models.example/v1", "would send the key unencrypted"),
    ):
        ran = run(*command, stdin=":rehearse\n:steps\n:leave\n", QCALL_REHEARSAL_URL=url)
        assert ran.code == 0, ran.out + ran.err
        assert expected in ran.out
        assert "Type :go and a number" in ran.out
