"""The sandbox as clients meet it: inside the program, and over real sockets with uvicorn."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from wizard.api.client import Client
from wizard.api.http_client import Limits
from wizard.api.outcomes import (
    Created,
    KeyRefused,
    NotSent,
    Outcome,
    RateLimited,
    Redirected,
    Refused,
    Unknown,
)
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.contract.problems import Problem
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault, PortTaken, build, listen
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr

KEY = {"x-api-key": "any key"}
PAYLOAD = {"name": "Asha", "company_name": "Acme नमस्ते", "extra": [1, None]}
BODY = json.dumps(PAYLOAD, ensure_ascii=False, indent=1).encode()
CREATED = PAYLOAD | {"id": "a1", "hash_id": "a1"}


def find_problems(payload: object) -> Sequence[Problem]:
    """Stand in for the contract: a name is needed."""
    named = isinstance(payload, dict) and "name" in payload
    return [] if named else [Problem(("name",), "missing", "is needed: text")]


def app(store: MemoryStore | None = None, **more: Any) -> Starlette:
    return build(find_problems, store=store, new_id=lambda: "a1", **more)


@asynccontextmanager
async def asking(served: Starlette, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(served)
    base = "http://sandbox/api/v1"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=KEY, **more) as asked:
        yield asked


@contextmanager
def served_by_uvicorn(served: Starlette) -> Iterator[str]:
    server, sock = listen(served)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1"
    finally:
        server.should_exit = True
        thread.join(20)
        sock.close()
        assert not thread.is_alive()


@asynccontextmanager
async def client_of(served: Starlette, way: str, **more: Any) -> AsyncIterator[Client]:
    """The program's own client on the sandbox, inside the program or over a socket."""
    key = SecretStr("sandbox-canary")
    if way == "inside":
        client = Client("http://sandbox/api/v1", key, transport=httpx.ASGITransport(served), **more)
        yield client
        await client.aclose()
        return
    with served_by_uvicorn(served) as url:
        client = Client(url, key, **more)
        yield client
        await client.aclose()


both_ways = pytest.mark.parametrize("way", ["inside", "socket"])


@both_ways
async def test_a_created_assistant_is_listed_and_kept_byte_for_byte(way: str) -> None:
    store = MemoryStore()
    async with client_of(app(store), way) as client:
        assert await client.create(BODY) == Created("a1", CREATED, status=200)
        second = {"name": "B", "id": "a1", "hash_id": "a1"}
        assert await client.create(b'{"name": "B"}') == Created("a1", second, status=200)
        assert await client.assistants() == store.all()
    assert [assistant["name"] for assistant in store.all()] == ["B", "Asha"]
    assert store.bodies() == [b'{"name": "B"}', BODY]
    store.clear()
    assert (store.all(), store.bodies()) == ([], [])


@both_ways
async def test_the_voices_are_the_sandboxs(way: str) -> None:
    async with client_of(app(), way) as client:
        voices = await client.voices()
    assert len(voices) > 100
    assert all("(sandbox)" in voice.name for voice in voices)


@pytest.mark.parametrize(
    ("more", "request_more"),
    [
        ({"envelope": True}, {}),
        ({}, {"params": {"envelope": "1"}}),
        ({}, {"headers": {"x-sandbox-answer": "envelope"}}),
    ],
)
async def test_the_envelope_is_sent_on_request(
    more: dict[str, Any], request_more: dict[str, Any]
) -> None:
    async with asking(app(**more)) as asked:
        created = await asked.post("/user/createAssistant", content=BODY, **request_more)
        listed = await asked.get("/user/listAssistant", **request_more)
    assert created.json() == {"success": True, "data": CREATED, "message": "Assistant created"}
    assert listed.json() == {"success": True, "data": [CREATED]}


async def test_the_published_form_otherwise() -> None:
    async with asking(app()) as asked:
        created = await asked.post("/user/createAssistant", content=BODY)
        listed = await asked.get("/user/listAssistant", params={"envelope": "0"})
    assert (created.status_code, created.json()) == (200, CREATED)
    assert listed.json() == [CREATED]
    assert created.headers["content-type"] == "application/json"


async def test_ids_differ_by_themselves() -> None:
    async with asking(build(find_problems)) as asked:
        ids = {(await asked.post("/user/createAssistant", content=BODY)).json()["id"] for _ in "ab"}
    assert len(ids) == 2


@pytest.mark.parametrize("key", [{}, {"x-api-key": " "}])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/user/createAssistant"),
        ("GET", "/user/listAssistant"),
        ("GET", "/getOwnVoices"),
    ],
)
async def test_every_route_wants_a_key(method: str, path: str, key: dict[str, str]) -> None:
    store = MemoryStore()
    async with asking(app(store)) as asked:
        asked.headers.pop("x-api-key")
        answer = await asked.request(method, path, headers=key)
    assert answer.status_code == 401
    assert answer.json() == {"error": 401, "message": "the header x-api-key is missing"}
    assert store.all() == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "name: is needed: text"),
        (b"[]", "name: is needed: text"),
        (b"", "request body"),
        (b"{", "request body, line 1"),
        (b'{"name": 1, "name": 2}', "request body, line 1"),
        (b'{"name": NaN}', "request body, line 1"),
        (b'{"name": "\xff"}', "request body"),
    ],
)
async def test_a_body_that_is_no_payload_is_refused(body: bytes, words: str) -> None:
    store = MemoryStore()
    async with asking(app(store)) as asked:
        answer = await asked.post("/user/createAssistant", content=body)
    assert answer.status_code == answer.json()["error"] == 400
    assert answer.json()["message"].startswith(words)
    assert store.all() == []


@pytest.mark.parametrize(
    ("count", "end"), [(5, "f4: is odd"), (6, "f4: is odd; and 1 more"), (54, "; and 49 more")]
)
async def test_five_problems_are_listed_and_the_rest_counted(count: int, end: str) -> None:
    problems = [Problem((f"f{n}",), "odd", "is odd") for n in range(count)]
    async with asking(build(lambda _: problems)) as asked:
        answer = await asked.post("/user/createAssistant", content=BODY)
    message = answer.json()["message"]
    assert message.startswith("f0: is odd; f1: is odd; ")
    assert message.endswith(end)
    assert message.count("is odd") == 5


async def test_a_problem_with_half_a_character_is_reported() -> None:
    problem = Problem(("\ud800",), "not_unicode", "has half a character")
    async with asking(build(lambda _: [problem])) as asked:
        answer = await asked.post("/user/createAssistant", content=BODY)
    assert answer.json()["message"] == "\ud800: has half a character"


async def test_only_objects_are_created_without_validation() -> None:
    async with asking(build(lambda _: [])) as asked:
        answer = await asked.post("/user/createAssistant", content=b"[]")
    assert (answer.status_code, answer.json()["message"]) == (400, "the body is not a JSON object")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("POST", "/user/createAssistant/", 404),
        ("GET", "/user/createAssistant", 405),
        ("DELETE", "/user/listAssistant", 405),
    ],
)
async def test_unknown_routes_are_answered_in_json(method: str, path: str, status: int) -> None:
    async with asking(app()) as asked:
        answer = await asked.request(method, path)
    message = f"{method} /api/v1{path} is not a request of this API"
    assert (answer.status_code, answer.json()) == (status, {"error": status, "message": message})


async def test_a_body_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sandbox_app.BODY_BYTES == 64_000_000
    monkeypatch.setattr(sandbox_app, "BODY_BYTES", len(BODY))
    store = MemoryStore()
    async with asking(app(store)) as asked:
        fits = await asked.post("/user/createAssistant", content=BODY)
        large = await asked.post("/user/createAssistant", content=BODY + b" ")
    assert (fits.status_code, large.status_code, large.json()["error"]) == (200, 413, 413)
    assert len(store.all()) == 1


REFUSAL = "name is refused, as configured in the sandbox"
# What the program makes of each fault, and whether the assistant exists all the same.
ACTED: dict[Fault, tuple[Outcome, bool]] = {
    Fault.REFUSED_200: (Refused("name", status=200, message=REFUSAL), False),
    Fault.BAD_REQUEST: (Refused("name", status=400, message=REFUSAL), False),
    Fault.UNAUTHORIZED: (KeyRefused(status=401, message="invalid API key"), False),
    Fault.RATE_LIMITED: (RateLimited(30.0, status=429, message="too many requests"), False),
    Fault.SERVER_ERROR: (
        Unknown(UnknownReason.SERVER_ERROR, status=500, message="internal error"),
        False,
    ),
    Fault.SLOW: (Created("a1", CREATED, status=200), True),
    Fault.CUT: (Unknown(UnknownReason.CUT_AFTER), True),
    Fault.NOT_JSON: (Unknown(UnknownReason.NOT_JSON, status=200), True),
    Fault.EMPTY: (Unknown(UnknownReason.EMPTY, status=200), True),
    Fault.REDIRECT: (Redirected(status=307, message="moved"), False),
    Fault.NO_ID: (Created(None, PAYLOAD, status=200), True),
    Fault.HUGE: (Unknown(UnknownReason.TOO_LARGE, status=200), True),
    Fault.WRONG_SHAPE: (Unknown(UnknownReason.WRONG_SHAPE, status=200), True),
}


@both_ways
@pytest.mark.parametrize("fault", ACTED)
async def test_each_fault_is_acted_out(
    fault: Fault, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    expected, is_created = ACTED[fault]
    store = MemoryStore()
    served = app(store, fault=fault, slow_seconds=0)
    async with client_of(served, way, fields=("name",)) as client:
        assert await client.create(BODY) == expected
        assert await client.assistants() == ([CREATED] if is_created else [])
        assert len(await client.voices()) > 100
    assert capfd.readouterr().err == ""


@both_ways
async def test_retry_after_as_a_date(way: str) -> None:
    async with client_of(app(fault=Fault.RATE_LIMITED_DATE), way) as client:
        outcome = await client.create(BODY)
    assert isinstance(outcome, RateLimited)
    assert outcome.retry_after is not None
    assert 20 < outcome.retry_after <= 30


async def test_the_date_is_an_http_date() -> None:
    async with asking(app(fault=Fault.RATE_LIMITED_DATE)) as asked:
        answer = await asked.post("/user/createAssistant", content=BODY)
    assert answer.headers["retry-after"].endswith(" GMT")
    assert isinstance(parsedate_to_datetime(answer.headers["retry-after"]), datetime)


async def test_no_id_in_the_envelope_either() -> None:
    async with asking(app(fault=Fault.NO_ID, envelope=True)) as asked:
        answer = await asked.post("/user/createAssistant", content=BODY)
    assert answer.json() == {"success": True, "message": "Assistant created"}


@both_ways
async def test_a_slow_answer_past_the_deadline_was_created(way: str) -> None:
    store = MemoryStore()
    served = app(store, fault=Fault.SLOW, slow_seconds=600)
    async with client_of(served, way, limits=Limits(total=0.5)) as client:
        assert await client.create(BODY) == Unknown(UnknownReason.DEADLINE)
    assert store.all() == [CREATED]


@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_does_not_hide_an_invalid_payload(fault: Fault) -> None:
    async with asking(app(fault=fault)) as asked:
        answer = await asked.post("/user/createAssistant", content=b"{}")
    assert (answer.status_code, answer.json()["message"]) == (400, "name: is needed: text")


def test_every_fault_has_a_line_of_its_own_for_help() -> None:
    lines = [fault.about for fault in Fault]
    assert len(set(lines)) == len(lines)
    assert all(0 < len(line) <= 60 and "\n" not in line for line in lines)


def test_the_words_of_the_command_line() -> None:
    words = "refused-200 400 401 429 429-date 500 slow cut not-json empty redirect no-id huge"
    assert [str(fault) for fault in Fault] == [
        *words.split(),
        *["wrong-shape", "conflict", "not-kept", "404"],
    ]


def request_head(length: int) -> bytes:
    return (
        "POST /api/v1/user/createAssistant HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\n"
        f"content-length: {length}\r\n\r\n"
    ).encode()


def test_a_cut_connection_carries_no_byte_of_an_answer() -> None:
    store = MemoryStore()
    with served_by_uvicorn(app(store, fault=Fault.CUT)) as url:
        sock = socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), 10)
        with sock, suppress(ConnectionResetError):
            sock.sendall(request_head(len(BODY)) + BODY)
            assert sock.recv(65_536) == b""
    assert store.all() == [CREATED]


async def test_the_server_survives_a_client_that_hangs_up() -> None:
    store = MemoryStore()
    with served_by_uvicorn(app(store)) as url:
        with socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0)) as sock:
            sock.sendall(request_head(len(BODY)) + BODY[:-1])
        client = Client(url, SecretStr("sandbox-canary"))
        assert isinstance(await client.create(BODY), Created)
        await client.aclose()
    assert store.all() == [CREATED]


def test_a_port_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} cannot be used: .*in use.* another"):
            listen(app(), port)


SERVE = """
from wizard.sandbox.sandbox_app import Fault, build, serve
serve(build(lambda payload: [], fault={fault}, slow_seconds=600), 0)
"""


@contextmanager
def sandbox_command(fault: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The sandbox as its own process, with the port that it prints."""
    command = [sys.executable, "-c", SERVE.format(fault=fault)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        try:
            assert ran.stderr is not None
            said = ran.stderr.readline()
            found = re.fullmatch(
                r"The sandbox listens on http://127\.0\.0\.1:(\d+)/api/v1 "
                r"\(press Ctrl\+C to stop\)\n",
                said,
            )
            assert found, said
            yield ran, int(found[1])
        finally:
            ran.kill()


async def test_served_on_a_free_port_until_ctrl_c() -> None:
    with sandbox_command("None") as (ran, port):
        client = Client(f"http://127.0.0.1:{port}/api/v1", SecretStr("sandbox-canary"))
        assert isinstance(await client.create(BODY), Created)
        await client.aclose()
        ran.send_signal(signal.SIGINT)
        out, err = ran.communicate(timeout=20)
    assert (ran.returncode, out, err) == (0, "", "")


async def test_ctrl_c_during_a_slow_answer_is_quiet_too() -> None:
    with sandbox_command("Fault.SLOW") as (ran, port):
        client = Client(f"http://127.0.0.1:{port}/api/v1", SecretStr("sandbox-canary"))
        sending = asyncio.create_task(client.create(BODY))
        while not await client.assistants():
            await asyncio.sleep(0.01)
        ran.send_signal(signal.SIGINT)
        out, err = await asyncio.to_thread(ran.communicate, timeout=20)
        outcome = await sending
        await client.aclose()
    assert (ran.returncode, out, err) == (0, "", "")
    # uvicorn answers for the task that it had to end.
    assert outcome.kind == "unknown"


async def test_the_port_is_closed_after_the_end() -> None:
    with served_by_uvicorn(app()) as url:
        pass
    client = Client(url, SecretStr("sandbox-canary"))
    assert await client.create(BODY) == NotSent(NotSentReason.CONNECTION_REFUSED)
    await client.aclose()
