"""The next steps after an assistant was created."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.examples import minimal
from wizard.api.next_steps import NextStep, next_steps
from wizard.settings import API, SANDBOX, Target

LIVE = Target(API)


def text_of(steps: tuple[NextStep, ...]) -> str:
    return "\n".join(f"{step.text}\n{step.command}" for step in steps)


def test_an_inbound_assistant_wants_a_number() -> None:
    text = text_of(next_steps(minimal() | {"type": "inbound"}, LIVE))
    assert "Link a phone number" in text
    assert "campaign" not in text


def test_an_outbound_assistant_wants_a_test_call_and_a_campaign() -> None:
    text = text_of(next_steps(minimal(), LIVE))
    assert text.index("test call") < text.index("campaign")
    assert "Link a phone number" not in text


def test_the_columns_of_the_contacts_are_those_of_the_texts(tmp_path: Path) -> None:
    payload = minimal() | {"script": "You call {{order_item}} and {{order_day}}."}
    (command,) = [s.command for s in next_steps(payload, LIVE) if "contacts.csv" in s.command]
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    header = (tmp_path / "contacts.csv").read_text()
    assert {"first_name", "order_item", "order_day"} <= set(header.strip().split(","))


def test_texts_without_variables_need_no_columns() -> None:
    steps = next_steps(minimal() | {"start_speech": "Hello."}, LIVE)
    assert "contacts.csv" not in text_of(steps)
    assert "nothing but each contact's phone number" in text_of(steps)


@pytest.mark.parametrize(
    ("url", "badge", "place"),
    [
        (SANDBOX, "Sandbox", "in the sandbox"),
        (API, "Live · api.qcall.ai", "at api.qcall.ai"),
        ("http://127.0.0.1:8080/v1", "Local · 127.0.0.1:8080", "at 127.0.0.1:8080 (local)"),
        ("http://localhost/v1", "Local · localhost", "at localhost (local)"),
        ("https://qcall.example.com", "qcall.example.com", "at qcall.example.com"),
        ("https://api.qcall.ai.example.com", "api.qcall.ai.example.com", None),
    ],
)
def test_only_qcalls_own_server_is_live(url: str, badge: str, place: str | None) -> None:
    target = Target(url)
    assert target.badge == badge
    assert target.is_live == (url == API)
    assert place is None or target.place == place


def test_the_next_steps_name_the_columns() -> None:
    payload = minimal() | {"script": "You call {{order_item}}."}
    words = " ".join(step.text for step in next_steps(payload, LIVE))
    assert "its texts use the columns first_name, order_item." in words
    assert "https://qcall.ai" in words
    assert "not QCall's own server" not in words
    local = " ".join(step.text for step in next_steps(payload, Target("http://127.0.0.1:1")))
    assert "not QCall's own server" in local


@pytest.mark.parametrize("kind", ["inbound", "outbound"])
@pytest.mark.parametrize("url", [API, SANDBOX, "http://127.0.0.1:8700/api/v1"])
def test_the_command_lists_assistants_with_the_key_of_the_environment(kind: str, url: str) -> None:
    steps = next_steps(minimal() | {"type": kind}, Target(url))
    (command,) = [step.command for step in steps if "curl" in step.command]
    words = shlex.split(command)
    assert words[-1] == ("https://api.qcall.ai" if url == SANDBOX else url[: -len("/api/v1")]) + (
        "/api/v1/user/listAssistant"
    )
    assert words[-2] == "x-api-key: $QCALL_API_KEY"
    assert ("sandbox" in text_of(steps)) == (url == SANDBOX)


def test_no_text_claims_that_only_listing_is_published() -> None:
    root = Path(__file__).parents[2]
    sources = [path for room in ("wizard", "screens") for path in (root / room).rglob("*.py")]
    files = [root / "README.md", *sources]
    claim = r"\b(?:only|one|single)(?: \w+)? (?:request|call|endpoint)\b[^.]*\bpublish"
    false = [path for path in files if re.search(claim, path.read_text("utf-8"))]
    assert len(files) > 100
    assert not false
    assert "lists and updates assistants" in str(next_steps.__doc__)
