"""Canary keys go through the screens; QCall's is found in the header that its server received."""

import os
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Input, Static

from screens.app import WizardApp
from screens.dialogs.api_key import KeyScreen
from screens.payload.preview import PreviewScreen
from screens.widgets.json_view import JsonView
from tests.examples import full, minimal, with_
from tests.person import json_text, make_app, opened, wait_for
from tests.rehearsal.scripted_model import scripted_model
from tests.terminal import MODULE, Terminal
from wizard.contract import validation
from wizard.contract.masking import MASK, masked
from wizard.draft.draft import Draft
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore

CANARY = "qk_live_CANARY_7f3a9c2e"
MODEL_CANARY = "mk_CANARY_2be95d01"
WIDGET_CANARY = "wk_CANARY_51d0aa37"


@contextmanager
def served(headers: list[dict[bytes, bytes]], fault: Fault | None = None) -> Iterator[str]:
    """A real server that notes the headers of its requests; yield the base URL."""
    inner = sandbox_app.build(validation.find_errors, store=MemoryStore(), fault=fault)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers.append(dict(scope["headers"]))
        await inner(scope, receive, send)

    server, listening = sandbox_app.listen(app)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)
        listening.close()


def files_with(folder: Path, text: str) -> list[str]:
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def in_base64(text: str) -> list[bytes]:
    """The base64 forms of a text at each offset in a longer text."""
    shifted = (b64encode(b" " * shift + text.encode()) for shift in range(3))
    return [coded[4:-4] for coded in shifted]


def test_base64_is_found_at_any_offset() -> None:
    for before in range(5):
        whole = b64encode(f"{'x' * before}{CANARY}{'y' * before}".encode())
        assert any(coded in whole for coded in in_base64(CANARY))


@pytest.mark.parametrize("fault", [None, Fault("401"), Fault("500"), Fault("redirect")])
def test_the_key_is_in_its_header_and_nowhere_else(tmp_path: Path, fault: Fault | None) -> None:
    headers: list[dict[bytes, bytes]] = []
    home, log = tmp_path / "home", tmp_path / "debug.log"
    payload = tmp_path / "payload.json"
    payload.write_text(dump(minimal()), encoding="utf-8")
    with (
        served(headers, fault) as url,
        scripted_model() as model,
        Terminal(
            *("--base-url", url, "--log", str(log), "--from", str(payload)),
            home=home,
            program=MODULE,
            environment={
                "QCALL_API_KEY": CANARY,
                "QCALL_REHEARSAL_URL": model.url,
                "QCALL_REHEARSAL_KEY": MODEL_CANARY,
            },
        ) as terminal,
    ):
        terminal.wait_for("Company")
        cmdline = Path(f"/proc/{terminal.process.pid}/cmdline")
        if cmdline.exists():
            assert CANARY.encode() not in cmdline.read_bytes()
            assert MODEL_CANARY.encode() not in cmdline.read_bytes()
        terminal.press("f7").wait_for("Your turn").type("Who is this?").press("enter")
        terminal.wait_for("This is Asha from Acme").wait_for("Your turn")
        assert not headers
        terminal.press("f9").wait_for("Ready for")
        terminal.press("ctrl+s").wait_for("Create this assistant").press("y")
        terminal.wait_for("Created" if fault is None else "Back to the answers")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert headers
    assert all(received[b"x-api-key"] == CANARY.encode() for received in headers)
    assert not [value for received in headers for value in received.values() if b"mk_CAN" in value]
    assert [body for _, _, body in model.requests if body]
    for _, received, _ in model.requests:
        assert received["authorization"] == f"Bearer {MODEL_CANARY}"
        assert not [value for value in received.values() if CANARY in value]
    for key in (CANARY, MODEL_CANARY):
        # Titles and other escape sequences; a text for the clipboard is in base64.
        assert key.encode() not in terminal.raw
        assert not [coded for coded in in_base64(key) if coded in terminal.raw]
        assert files_with(tmp_path, key) == []
    assert "/user/createAssistant" in log.read_text()


async def test_a_key_that_is_typed_is_shown_as_dots(tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_key()
        await wait_for(pilot, lambda: isinstance(app.screen, KeyScreen))
        await pilot.press(*CANARY)
        assert CANARY not in app.export_screenshot()
        await pilot.press("home", "shift+end", "ctrl+c", "ctrl+x")
        assert app.clipboard == ""
        assert app.screen.query_one(Input).value == CANARY
        await pilot.press("enter")
        await wait_for(pilot, lambda: not isinstance(app.screen, KeyScreen))
        assert CANARY not in app.export_screenshot()
        assert CANARY not in repr(app.settings)
        assert "api.qcall.ai" in str(app.screen.query_one("#target", Static).render())


async def test_the_widget_key_is_shown_on_request() -> None:
    payload = minimal() | {"widget_config": {"enabled": True, "api_key": WIDGET_CANARY}}
    async with opened(Draft.imported(payload)) as pilot:
        app: App[Any] = pilot.app
        await pilot.press("f9")
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await pilot.press("f8")
        view = app.screen.query_one("#bytes", JsonView)
        await wait_for(pilot, lambda: bool(json_text(view)))
        assert WIDGET_CANARY not in json_text(view)
        await pilot.press("ctrl+r")
        assert WIDGET_CANARY in json_text(view)


async def test_an_internal_error_is_reported_and_the_draft_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(home=tmp_path)
    secret = CANARY

    def broken(self: WizardApp) -> None:
        raise ValueError(f"a bug that knows {secret}")

    app.action_preview = broken.__get__(app)  # type: ignore[method-assign]

    async def meet_it() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, lambda: app.focused is not None)
            await pilot.press("tab", *"Asha", "f9")

    with pytest.raises(ValueError, match="a bug"):
        await meet_it()
    err = capsys.readouterr().err
    assert "an internal error" in err
    assert "Your answers are saved" in err
    assert CANARY not in err
    (report,) = tmp_path.glob("crash-*.txt")
    assert "in broken" in report.read_text()
    assert files_with(tmp_path, CANARY) == []
    assert os.stat(report).st_mode & 0o777 == 0o600
    assert files_with(tmp_path, "Asha")


def test_a_widget_key_of_a_wrong_type_is_not_repeated() -> None:
    problems = validation.find_errors(minimal() | {"widget_config": {"api_key": 73519204455}})
    assert [problem.code for problem in problems] == ["not_text"]
    assert "73519204455" not in problems[0].message


@pytest.mark.parametrize("key", [None, "", MISSING])
def test_an_empty_or_missing_key_is_not_masked(key: Any) -> None:
    payload = with_(full(), "widget_config.api_key", key)
    assert masked(payload) == payload
    assert masked(full())["widget_config"]["api_key"] == MASK
