"""Attempts without an answer: looked up at a start, reported once, shown on request."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from screens.dialogs.menu import Menu
from screens.dialogs.result import ReceiptScreen
from tests.examples import minimal
from tests.person import (
    button,
    choose_option,
    client_over,
    flowing_text,
    imported,
    make_client,
    opened,
    press,
    row,
    screen_text,
    text_of,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    walk_to,
)
from wizard.api.client import Client
from wizard.api.outcomes import Outcome
from wizard.api.receipt_store import Known, Receipt
from wizard.api.submission import Submission
from wizard.api.unanswered import report_submissions
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.settings import SANDBOX, Target
from wizard.storage.session import Session
from wizard.storage.store import open_store

ELSEWHERE = "https://qcall.example/api/v1"
MADE = {"id": "a-7", "name": minimal()["name"], "company_name": minimal()["company_name"]}


def leave_open(home: Path, target: str = SANDBOX) -> str:
    """Leave an attempt behind, as a program does that was killed while it waited; its receipt."""
    session = Session(home, open_store(home))
    payload = imported(minimal()).payload()
    receipt = replace(Receipt.of(payload, "d-1", target, datetime.now(UTC)), known=Known())
    session.receipts.begin(receipt)
    session.close()
    return receipt.id


def store_with(*assistants: dict[str, Any]) -> MemoryStore:
    store = MemoryStore()
    for assistant in assistants:
        store.put(assistant, b"{}")
    return store


def without_a_list() -> Client:
    """A client on a server that has no list of assistants."""
    return client_over(httpx.MockTransport(lambda _: httpx.Response(404)))


async def titles_at_start(home: Path, client: Client, target: str = SANDBOX) -> list[str]:
    """Return the titles of the outcomes that a start on a target reports."""
    session = Session(home, open_store(home))
    titles: list[str] = []

    def report(_: Receipt, outcome: Outcome) -> None:
        titles.append(outcome.title)

    submission = Submission(client, session.receipts, Target(target), home=home)
    await report_submissions(submission, session, report)
    session.close()
    return titles


async def test_an_attempt_on_another_target_is_looked_up_there(
    tmp_path: Path,
) -> None:
    leave_open(tmp_path, ELSEWHERE)
    there = make_client(store_with(MADE))

    assert await titles_at_start(tmp_path, make_client()) == [
        "Unknown: your list of assistants is inconclusive"
    ]
    assert await titles_at_start(tmp_path, make_client()) == []
    assert await titles_at_start(tmp_path, there, ELSEWHERE) == [
        "Created: found in your assistants"
    ]
    assert await titles_at_start(tmp_path, there, ELSEWHERE) == []


async def test_without_a_list_an_attempt_is_reported_once(
    tmp_path: Path,
) -> None:
    leave_open(tmp_path)

    assert await titles_at_start(tmp_path, without_a_list()) == [
        "Unknown: your list of assistants is inconclusive"
    ]
    assert await titles_at_start(tmp_path, without_a_list()) == []
    leave_open(tmp_path)
    assert await titles_at_start(tmp_path, without_a_list()) == [
        "Unknown: your list of assistants is inconclusive"
    ]
    assert (
        await titles_at_start(tmp_path, make_client())
        == ["We couldn't confirm whether it was created"] * 2
    )
    assert await titles_at_start(tmp_path, make_client()) == []


async def test_a_lookup_is_reported_while_typing(tmp_path: Path) -> None:
    leave_open(tmp_path)
    async with opened(store=store_with(MADE), home=tmp_path) as pilot:
        app = pilot.app
        await walk_to(pilot, row(app, "name").control)
        await type_text(pilot, "Asha")
        await wait_for(pilot, lambda: "Created: found in your assistants" in toasts(app))
        assert "with the id a-7" in toasts(app)
        await type_text(pilot, " of Acme")
        assert text_of(app, "name") == "Asha of Acme"
    async with opened(store=store_with(MADE), home=tmp_path) as pilot:
        app = pilot.app
        app.action_receipts()
        await wait_for_screen(pilot, Menu)
        assert "✓ Created: found in your assistants" in screen_text(app)
        assert "had no answer" not in toasts(app)


@pytest.mark.parametrize(
    ("made", "words"), [((), "is not in the list"), ((MADE,), "Its id is a-7")]
)
async def test_a_receipt_shows_its_outcome_and_can_look_it_up(
    tmp_path: Path, made: tuple[dict[str, Any], ...], words: str
) -> None:
    store = MemoryStore()
    receipt = leave_open(tmp_path, ELSEWHERE)
    there = {"client": make_client(store), "target": Target(ELSEWHERE)}
    async with opened(**there, home=tmp_path) as pilot:
        app = pilot.app
        await wait_for(pilot, lambda: "couldn't confirm" in toasts(app))
        for assistant in made:
            store.put(assistant, b"{}")
        app.action_receipts()
        await wait_for_screen(pilot, Menu)
        assert "? We couldn't confirm whether it was created" in screen_text(app)
        await choose_option(pilot, 0)
        shown = await wait_for_screen(pilot, ReceiptScreen)
        assert receipt in flowing_text(app)
        assert "sent to qcall.example on" in flowing_text(app)
        await walk_to(pilot, button(app, "ask"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.screen is not shown, what="the answer of the list")
        await wait_for(pilot, lambda: words in flowing_text(app), what=words)
        assert "--again" not in flowing_text(app)
        await walk_to(pilot, button(app, "begin"))
        await press(pilot, "enter")
        await wait_for(pilot, lambda: app.draft.get(("name",)) == minimal()["name"])
