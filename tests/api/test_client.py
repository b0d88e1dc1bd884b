"""Each row of the contract's table of answers, over real sockets on 127.0.0.1."""

import asyncio
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import trustme

from tests.imports import modules
from wizard.api.client import Client, Delivery, ListUnavailable
from wizard.api.http_client import Exchange, Limits
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
from wizard.api.responses import Answer
from wizard.api.voice_catalogue import Voice
from wizard.errors import CatalogueUnavailable
from wizard.secret import SecretStr

CANARY = "canary-5f1c7a90"
BODY = '{"name": "Asha नमस्ते", "company_name": "Acme"}'.encode()
# More than the kernel takes in for a peer that does not read.
BIG_BODY = b'{"name": "Asha", "script": "' + b"x" * 32_000_000 + b'"}'
ASSISTANT = {"company_name": "Acme", "hash_id": "h1"}


@dataclass
class Seen:
    """What a server saw: the heads and bodies of its requests."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    canaries: int = 0


@dataclass
class Wire:
    """One connection, for a server to misbehave on; the request's head has been read."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    length: int

    async def read_body(self) -> None:
        self.seen.bodies.append(await self.reader.readexactly(self.length))

    def cut(self) -> None:
        self.writer.transport.abort()

    async def until_hung_up(self) -> None:
        await self.reader.read()


Behaviour = Callable[[Wire], Awaitable[None]]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """Serve on a free port, which is given; leave when every connection is closed."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def whole() -> None:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await serve(reader, writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

        tasks.add(asyncio.create_task(whole()))

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


@asynccontextmanager
async def server(behave: Behaviour) -> AsyncIterator[Seen]:
    """Read the head of each request, then let `behave` answer."""
    seen = Seen()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.heads.append(head)
        seen.canaries += head.count(CANARY)
        await behave(Wire(seen, reader, writer, _length(head)))

    async with listening(serve) as port:
        seen.url = f"http://127.0.0.1:{port}/api/v1"
        yield seen


def _length(head: str) -> int:
    lines = [line.partition(":") for line in head.lower().splitlines()]
    return next((int(value) for name, _, value in lines if name == "content-length"), 0)


def http(status: int, said: object = b"", **headers: str) -> bytes:
    """A whole answer as it goes over the wire."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    named = {"content_length": str(len(body)), "set_cookie": "hush=hush"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "", ""]).encode() + body


def answers(raw: bytes) -> Behaviour:
    async def behave(wire: Wire) -> None:
        await wire.read_body()
        wire.writer.write(raw)
        await wire.writer.drain()

    return behave


def client(url: str, key: str | None = CANARY, **more: Any) -> Client:
    """Return a client that is closed when the test ends."""
    made = Client(url, key if key is None else SecretStr(key), **more)
    CLIENTS.append(made)
    return made


CLIENTS: list[Client] = []


@pytest.fixture(autouse=True)
async def clients_are_closed() -> AsyncIterator[None]:
    yield
    while CLIENTS:
        await CLIENTS.pop().aclose()


async def create(
    url: str, body: bytes = BODY, delivery: Delivery | None = None, **more: Any
) -> Outcome:
    """Create with a new client, as a command does."""
    asked = client(url, **more)
    try:
        return await asked.create(body, delivery)
    finally:
        await asked.aclose()


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Log all there is, also of the libraries; `hush` is in a header of every answer."""
    caplog.set_level(logging.DEBUG)
    yield
    logged = " ".join(record.getMessage() for record in caplog.get_records("call"))
    assert CANARY not in logged
    assert "hush" not in logged


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(http(200, ASSISTANT), Created("h1", ASSISTANT, status=200), id="published"),
        pytest.param(
            http(200, {"success": True, "data": {"id": 7}, "message": "ok"}),
            Created("7", {"id": 7}, status=200, message="ok"),
            id="envelope",
        ),
        pytest.param(
            http(200, {"success": False, "message": "goal: no", "status": 400}),
            Refused("goal", status=200, message="goal: no"),
            id="200 success false",
        ),
        pytest.param(
            http(200, {"success": False, "message": "no", "status": 401}),
            KeyRefused(status=200, message="no"),
            id="200 with 401 inside",
        ),
        pytest.param(
            http(400, {"error": 400, "message": "voice_id: is needed"}),
            Refused("voice_id", status=400, message="voice_id: is needed"),
            id="400",
        ),
        pytest.param(
            http(401, {"error": 401, "message": f"who is {CANARY}?"}),
            KeyRefused(status=401, message="who is [key]?"),
            id="401 that repeats the key",
        ),
        pytest.param(http(403), KeyRefused(status=403), id="403"),
        pytest.param(
            http(404, {"error": 404, "message": "no path"}),
            Unknown(UnknownReason.OTHER_STATUS, status=404, message="no path"),
            id="404",
        ),
        pytest.param(
            http(429, {"message": "slow down"}, retry_after="30"),
            RateLimited(30.0, status=429, message="slow down"),
            id="429 in seconds",
        ),
        pytest.param(http(429), RateLimited(None, status=429), id="429 without a time"),
        pytest.param(
            http(500, {"message": "oops"}),
            Unknown(UnknownReason.SERVER_ERROR, status=500, message="oops"),
            id="500",
        ),
        pytest.param(
            http(503, b"<html>"), Unknown(UnknownReason.SERVER_ERROR, status=503), id="503"
        ),
        pytest.param(http(200), Unknown(UnknownReason.EMPTY, status=200), id="empty"),
        pytest.param(
            http(200, b"<html>It works!"),
            Unknown(UnknownReason.NOT_JSON, status=200),
            id="not JSON",
        ),
        pytest.param(
            http(200, b"not gzip", content_encoding="gzip"),
            Unknown(UnknownReason.NOT_JSON, status=200),
            id="not even gzip",
        ),
        pytest.param(
            http(200, ["?"]), Unknown(UnknownReason.WRONG_SHAPE, status=200), id="wrong shape"
        ),
        pytest.param(
            http(200, b'{"success": true', content_length="500"),
            Unknown(UnknownReason.CUT_SHORT, status=200),
            id="cut short by its length",
        ),
        pytest.param(
            b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"\r\n',
            Unknown(UnknownReason.CUT_SHORT, status=200),
            id="cut short between chunks",
        ),
        pytest.param(b"", Unknown(UnknownReason.CUT_AFTER), id="closed without an answer"),
        pytest.param(b"HTTP/1.1 2", Unknown(UnknownReason.CUT_AFTER), id="cut in the status line"),
        pytest.param(b"SSH-2.0-x\r\n\r\n", Unknown(UnknownReason.CUT_AFTER), id="not HTTP"),
    ],
)
async def test_each_answer_is_an_outcome_of_its_own(raw: bytes, expected: Outcome) -> None:
    async with server(answers(raw)) as seen:
        outcome = await create(seen.url, fields=("goal", "voice_id"))
    assert outcome == expected
    assert (len(seen.heads), seen.bodies) == (1, [BODY])
    assert CANARY not in repr(outcome)


async def test_retry_after_as_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    async with server(answers(http(429, retry_after=moment))) as seen:
        outcome = await create(seen.url)
    assert isinstance(outcome, RateLimited)
    assert outcome.retry_after is not None
    assert 500 < outcome.retry_after <= 600
    assert len(seen.heads) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    async with server(answers(http(200, ASSISTANT))) as other:
        moved = answers(http(status, location=f"{other.url}/there"))
        async with server(moved) as seen:
            outcome = await create(seen.url)
    assert outcome == Redirected(status=status)
    assert (len(seen.heads), len(other.heads)) == (1, 0)


async def test_the_request_has_the_expected_headers_and_body() -> None:
    async with server(answers(http(200, ASSISTANT))) as seen:
        await create(seen.url + "/")
    head = seen.heads[0]
    assert head.startswith("POST /api/v1/user/createAssistant HTTP/1.1\r\n")
    assert "content-type: application/json\r\n" in head.lower()
    assert f"content-length: {len(BODY)}\r\n" in head.lower()
    assert "transfer-encoding" not in head.lower()
    assert f"x-api-key: {CANARY}\r\n" in head
    assert seen.canaries == 1
    assert seen.bodies == [BODY]


async def test_a_big_body_arrives_byte_for_byte() -> None:
    async with server(answers(http(200, {"id": 1}))) as seen:
        outcome = await create(seen.url, BIG_BODY)
    assert isinstance(outcome, Created)
    assert seen.bodies == [BIG_BODY]


async def test_a_cut_before_the_request_was_out_sent_nothing() -> None:
    async def behave(wire: Wire) -> None:
        await wire.reader.readexactly(1_000)
        wire.cut()

    delivery = Delivery()
    async with server(behave) as seen:
        outcome = await create(seen.url, BIG_BODY, delivery)
    assert outcome == NotSent(NotSentReason.CUT_BEFORE)
    assert delivery == Delivery(begun=True, left=False)
    assert (len(seen.heads), seen.bodies) == (1, [])


async def test_an_answer_before_the_end_of_the_request_counts() -> None:
    async def behave(wire: Wire) -> None:
        await wire.reader.readexactly(1_000)
        wire.writer.write(http(401))
        await wire.writer.drain()
        wire.writer.write_eof()
        await wire.until_hung_up()

    async with server(behave) as seen:
        outcome = await create(seen.url, BIG_BODY)
    assert outcome == KeyRefused(status=401)
    assert len(seen.heads) == 1


@pytest.mark.parametrize("limits", [Limits(write=0.2), Limits(total=0.2)])
async def test_a_server_that_stops_reading_was_sent_nothing(limits: Limits) -> None:
    answered = asyncio.Event()

    async def behave(_: Wire) -> None:
        await answered.wait()

    async with server(behave) as seen:
        outcome = await create(seen.url, BIG_BODY, limits=limits)
        answered.set()
    assert outcome == NotSent(NotSentReason.STALLED)
    assert (len(seen.heads), seen.bodies) == (1, [])


async def test_a_cut_after_the_request_is_unknown() -> None:
    async def behave(wire: Wire) -> None:
        await wire.read_body()
        wire.cut()

    delivery = Delivery()
    async with server(behave) as seen:
        outcome = await create(seen.url, delivery=delivery)
    assert outcome == Unknown(UnknownReason.CUT_AFTER)
    assert delivery.left
    assert (len(seen.heads), seen.bodies) == (1, [BODY])


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"])
async def test_a_server_that_falls_silent_is_a_read_timeout(begun: bytes) -> None:
    async def behave(wire: Wire) -> None:
        await wire.read_body()
        wire.writer.write(begun)
        await wire.until_hung_up()

    async with server(behave) as seen:
        outcome = await create(seen.url, limits=Limits(read=0.2))
    assert outcome == Unknown(UnknownReason.READ_TIMEOUT, status=200 if begun else None)
    assert (len(seen.heads), seen.bodies) == (1, [BODY])


async def _drip(wire: Wire, raw: bytes) -> None:
    for place in range(len(raw)):
        wire.writer.write(raw[place : place + 1])
        await wire.writer.drain()
        await asyncio.sleep(0.01)
    await wire.until_hung_up()


@pytest.mark.parametrize("raw", [http(200, b" " * 10_000), b"HTTP/1.1 200 " + b"O" * 10_000])
async def test_a_slow_drip_meets_the_total_deadline(raw: bytes) -> None:
    in_body = raw.startswith(b"HTTP/1.1 200 Said")
    head = raw[: raw.find(b"\r\n\r\n") + 4] if in_body else b""

    async def behave(wire: Wire) -> None:
        await wire.read_body()
        wire.writer.write(head)
        await _drip(wire, raw[len(head) :])

    async with server(behave) as seen:
        outcome = await create(seen.url, limits=Limits(read=30, total=0.5))
    assert outcome == Unknown(UnknownReason.DEADLINE, status=200 if in_body else None)
    assert (len(seen.heads), seen.bodies) == (1, [BODY])


async def test_a_huge_answer_is_read_to_the_limit_and_no_further() -> None:
    written = 0

    async def behave(wire: Wire) -> None:
        nonlocal written
        await wire.read_body()
        wire.writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 900000000000\r\n\r\n")
        while True:
            wire.writer.write(b" " * 65_536)
            await wire.writer.drain()
            written += 65_536

    async with server(behave) as seen:
        outcome = await create(seen.url)
    assert outcome == Unknown(UnknownReason.TOO_LARGE, status=200)
    assert len(seen.heads) == 1
    # The buffers of the kernel are added to the bytes that are read.
    assert 10_000_000 <= written < 40_000_000


@pytest.mark.parametrize(("spare", "cls"), [(0, Created), (-1, Unknown)])
async def test_the_limit_itself_may_be_read(spare: int, cls: type[Outcome]) -> None:
    body = json.dumps(ASSISTANT).encode().ljust(100_000)
    async with server(answers(http(200, body))) as seen:
        outcome = await create(seen.url, limits=Limits(answer_bytes=len(body) + spare))
    assert type(outcome) is cls


def test_the_limits_are_the_contracts() -> None:
    assert Limits() == Limits(10, 30, 60, 90, 10_000_000, 128_000_000)


def closed_port() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port: int = closed.getsockname()[1]
        return port


async def test_connection_refused() -> None:
    outcome = await create(f"http://127.0.0.1:{closed_port()}/api/v1")
    assert outcome == NotSent(NotSentReason.CONNECTION_REFUSED)


async def test_connection_refused_at_each_address_of_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = closed_port()
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
        for address in ("127.0.0.1", "127.0.0.2")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    outcome = await create(f"http://localhost:{port}/api/v1")
    assert outcome == NotSent(NotSentReason.CONNECTION_REFUSED)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b"])
async def test_name_not_found(host: str) -> None:
    delivery = Delivery()
    outcome = await create(f"https://{host}/api/v1", delivery=delivery)
    assert isinstance(outcome, NotSent)
    expected = {NotSentReason.NAME_NOT_FOUND, NotSentReason.NO_CONNECTION}
    assert outcome.reason in (expected if ".." in host else {NotSentReason.NAME_NOT_FOUND})
    assert delivery == Delivery()


@asynccontextmanager
async def raw_server(answer: bytes | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that answers any first bytes; None answers nothing."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read(65_536))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
            await writer.drain()

    async with listening(serve) as port:
        yield port, got


async def test_tls_failure() -> None:
    async with raw_server(http(400)) as (port, got):
        outcome = await create(f"https://127.0.0.1:{port}/api/v1")
    assert outcome == NotSent(NotSentReason.TLS_FAILURE)
    assert len(got) == 1
    assert CANARY.encode() not in got[0]


async def test_an_untrusted_certificate_is_a_tls_failure() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await create(f"https://127.0.0.1:{port}/api/v1")
    assert outcome == NotSent(NotSentReason.TLS_FAILURE)
    assert got == []


async def test_a_connection_that_is_not_accepted_in_time() -> None:
    async with raw_server(None) as (port, got):
        outcome = await create(f"https://127.0.0.1:{port}/api/v1", limits=Limits(connect=0.2))
    assert outcome == NotSent(NotSentReason.CONNECT_TIMEOUT)
    assert len(got) == 1


async def test_a_deadline_during_the_connection_sent_nothing() -> None:
    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    outcome = await create("http://sandbox", transport=Hanging(), limits=Limits(total=0.1))
    assert outcome == NotSent(NotSentReason.CONNECT_TIMEOUT)


async def test_a_request_cancelled_while_waiting_is_unknown() -> None:
    arrived = asyncio.Event()

    async def behave(wire: Wire) -> None:
        await wire.read_body()
        arrived.set()
        await wire.until_hung_up()

    delivery = Delivery()
    async with server(behave) as seen:
        sending = asyncio.create_task(create(seen.url, delivery=delivery))
        await arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    assert delivery.stopped() == Unknown(UnknownReason.INTERRUPTED)
    assert (len(seen.heads), seen.bodies) == (1, [BODY])


async def test_a_request_cancelled_while_sending_is_not_sent() -> None:
    arrived, stopped = asyncio.Event(), asyncio.Event()

    async def behave(_: Wire) -> None:
        arrived.set()
        await stopped.wait()

    delivery = Delivery()
    async with server(behave) as seen:
        sending = asyncio.create_task(create(seen.url, BIG_BODY, delivery))
        await arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        stopped.set()
    assert delivery.stopped() == NotSent(NotSentReason.CANCELLED)
    assert seen.bodies == []


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, NotSentReason.NO_KEY),
        ("", NotSentReason.NO_KEY),
        (" ", NotSentReason.BAD_KEY),
        (CANARY + "\n", NotSentReason.BAD_KEY),
        (CANARY + "\r\nx: y", NotSentReason.BAD_KEY),
        (CANARY + "ключ", NotSentReason.BAD_KEY),
    ],
)
async def test_without_a_usable_key_nothing_is_sent(key: str | None, reason: NotSentReason) -> None:
    async with server(answers(http(200, ASSISTANT))) as seen:
        asked = client(seen.url, key)
        assert await asked.create(BODY) == NotSent(reason)
        with pytest.raises(CatalogueUnavailable, match=reason.title) as failed:
            await asked.voices()
    assert CANARY not in repr(failed.value)
    assert seen.heads == []


async def test_a_short_key_is_an_ordinary_word_in_the_servers_mouth() -> None:
    async with server(answers(http(401, {"message": "a test key"}))) as seen:
        outcome = await client(seen.url, "test").create(BODY)
    assert outcome.message == "a test key"


async def test_loopback_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with server(answers(http(200, ASSISTANT))) as seen:
        for host in ("127.0.0.1", "localhost", "LOCALHOST"):
            outcome = await create(seen.url.replace("127.0.0.1", host))
            assert isinstance(outcome, Created)
    assert len(seen.heads) == 3


async def test_a_proxy_that_refuses_is_named_and_never_sees_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with server(answers(http(502))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.removesuffix("/api/v1"))
        outcome = await create("https://nowhere.invalid/api/v1")
    assert outcome == NotSent(NotSentReason.PROXY_FAILED)
    assert [head.partition(" ")[0] for head in proxy.heads] == ["CONNECT"]
    assert proxy.canaries == 0


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", ["http://nowhere.invalid:3128", "http://user:pw@127.0.0.1:1"])
async def test_a_proxy_that_cannot_be_reached_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    outcome = await create("https://nowhere.invalid/api/v1")
    assert outcome == NotSent(NotSentReason.PROXY_FAILED)
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
    outcome = await create("https://nowhere.invalid/api/v1")
    assert outcome == NotSent(NotSentReason.NAME_NOT_FOUND)


async def test_an_id_that_repeats_the_key_is_masked() -> None:
    # The second is cut in the middle of the key.
    for before, shown in (("x-", "x-[key]"), ("x" * 195, "x" * 195 + "[key]")):
        answer = {"success": True, "data": {"id": f"{before}{CANARY}"}}
        async with server(answers(http(200, json.dumps(answer).encode()))) as seen:
            outcome = await create(seen.url)
        assert isinstance(outcome, Created)
        assert outcome.assistant_id == shown


async def test_voices_that_repeat_the_key_are_left_out() -> None:
    voices = [
        {"voice_id": CANARY},
        {"voice_id": "v1", "name": f"is {CANARY}"},
        {"voice_id": "v2"},
    ]
    body = json.dumps({"data": {"voices": voices}}).encode()
    async with server(answers(http(200, body))) as seen:
        assert [voice.voice_id for voice in await client(seen.url).voices()] == ["v2"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("HTTPS_PROXY", "gopher://127.0.0.1:1"),
        ("http_proxy", "http://[::1"),
        ("Https_Proxy", "http://proxy.example:port"),
        ("all_proxy", ":::"),
        ("ALL_PROXY", "http://\u20ac"),
        ("NO_PROXY", "localhost,[::1"),
        ("no_proxy", "a.example,fe80::/10"),
        ("No_Proxy", "b\x01d"),
        ("SSL_CERT_FILE", "/nowhere/at/all.pem"),
    ],
)
async def test_settings_that_cannot_be_used_send_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    asked = client("https://nowhere.invalid/api/v1")
    outcome = await asked.create(BODY)
    assert outcome == NotSent(NotSentReason.SETUP)
    assert f"The environment variable {name} holds a setting that cannot be used" in (
        outcome.sentence
    )
    assert value not in outcome.sentence
    with pytest.raises(CatalogueUnavailable, match=f"{name} cannot be used as it is set"):
        await asked.voices()


async def test_one_client_serves_all_requests() -> None:
    async with server(answers(http(200, ASSISTANT))) as seen:
        asked = client(seen.url)
        outcomes = await asyncio.gather(*(asked.create(BODY) for _ in range(3)))
        await asked.aclose()
        await asked.aclose()
    assert all(isinstance(outcome, Created) for outcome in outcomes)
    assert len(seen.heads) == 3


async def test_each_exchange_is_passed_to_the_debug_log() -> None:
    exchanges: list[Exchange] = []
    async with server(answers(http(200, ASSISTANT))) as seen:
        await create(seen.url, on_exchange=exchanges.append)
    await create(seen.url, on_exchange=exchanges.append)
    assert [(x.method, x.path, x.status) for x in exchanges] == [
        ("POST", "/api/v1/user/createAssistant", 200),
        ("POST", "/api/v1/user/createAssistant", None),
    ]
    assert all(0 < x.seconds < 30 for x in exchanges)


async def test_a_log_that_fails_hides_no_outcome() -> None:
    def full(_: Exchange) -> None:
        raise OSError("disk full")

    async with server(answers(http(200, ASSISTANT))) as seen:
        assert isinstance(await create(seen.url, on_exchange=full), Created)


class Pauses(list[float]):
    """A sleep that only writes down how long it would have been."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def in_turn(*raws: bytes) -> Behaviour:
    """Answer with one after another; the last is repeated."""
    left = list(raws)

    async def behave(wire: Wire) -> None:
        wire.writer.write(left.pop(0) if len(left) > 1 else left[0])
        await wire.writer.drain()

    return behave


VOICE = {"voice_id": "v1", "name": "Asha नमस्ते"}


def objects(listed: list[Voice]) -> list[Any]:
    """Voices as the server wrote them."""
    return [voice.data for voice in listed]


@pytest.mark.parametrize(
    "said",
    [
        {"success": True, "data": {"voices": [VOICE, None]}},
        {"success": True, "data": [VOICE]},
        {"voices": [VOICE]},
        [VOICE, "odd"],
    ],
)
async def test_voices_in_every_form(said: object) -> None:
    async with server(in_turn(http(200, said))) as seen:
        assert objects(await client(seen.url).voices()) == [VOICE]
    assert seen.heads[0].startswith("GET /api/v1/getOwnVoices HTTP/1.1\r\n")
    assert seen.canaries == len(seen.heads) == 1


@pytest.mark.parametrize(
    "said",
    [
        [ASSISTANT],
        {"success": True, "data": [ASSISTANT]},
        {"success": True, "data": {"assistants": [ASSISTANT]}},
        {"success": True, "data": {"list": [ASSISTANT]}},
    ],
)
async def test_assistants_in_every_form(said: object) -> None:
    async with server(in_turn(http(200, said))) as seen:
        assert await client(seen.url).assistants() == [ASSISTANT]
    assert seen.heads[0].startswith("GET /api/v1/user/listAssistant HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("raw", "words", "requests"),
    [
        (http(401), "did not accept the API key", 1),
        (http(403, {"message": f"who is {CANARY}?"}), r"who is \[key\]\?", 1),
        (http(404), r"does not offer them \(404\)", 1),
        (http(429), "too many requests", 1),
        (http(302, location="http://127.0.0.1:1/"), "redirected to another address", 1),
        (http(418), "the server answered 418", 1),
        (http(200, {"success": False, "message": "no plan"}), 'refused \\("no plan"\\)', 1),
        (http(200, {"success": False, "status": 401}), "did not accept the API key", 1),
        (http(200, b"<html>"), "not JSON", 1),
        (http(200, {"success": True, "data": {"voice": 1}}), "unexpected answer", 1),
        (http(200, "voices"), "unexpected answer", 1),
        (http(500), "the server answered 500", 3),
        (http(200, b"[", content_length="9"), "incomplete answer", 3),
        (b"", "connection lost before the answer", 3),
    ],
)
async def test_an_unavailable_list_has_a_reason_and_may_be_retried(
    raw: bytes, words: str, requests: int
) -> None:
    pauses = Pauses()
    async with server(in_turn(raw)) as seen:
        asked = client(seen.url, sleep=pauses)
        with pytest.raises(CatalogueUnavailable, match=words) as voices:
            await asked.voices()
        with pytest.raises(ListUnavailable, match=words) as listed:
            await asked.assistants()
    assert CANARY not in repr(voices.value) + repr(listed.value)
    assert len(seen.heads) == 2 * requests
    assert pauses == [0.3, 0.9][: requests - 1] * 2


async def test_a_read_that_works_at_the_third_try() -> None:
    pauses = Pauses()
    async with server(in_turn(http(503), b"", http(200, [VOICE]))) as seen:
        assert objects(await client(seen.url, sleep=pauses).voices()) == [VOICE]
    assert (len(seen.heads), pauses) == (3, [0.3, 0.9])


async def test_a_read_is_not_tried_again_after_a_timeout() -> None:
    pauses = Pauses()
    async with server(Wire.until_hung_up) as seen:
        asked = client(seen.url, sleep=pauses, limits=Limits(read=0.2))
        with pytest.raises(CatalogueUnavailable, match="no answer in time"):
            await asked.voices()
    assert (len(seen.heads), pauses) == (1, [])


async def test_a_read_of_a_closed_port_is_tried_again() -> None:
    pauses = Pauses()
    async with server(Wire.until_hung_up) as seen:
        pass
    with pytest.raises(CatalogueUnavailable, match="connection refused"):
        await client(seen.url, sleep=pauses).voices()
    assert pauses == [0.3, 0.9]


def app_that(fails_before_reading: bool) -> httpx.ASGITransport:
    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        while not fails_before_reading and (await receive())["more_body"]:
            pass
        raise RuntimeError(f"a bug near {CANARY}")

    return httpx.ASGITransport(app)


@pytest.mark.parametrize(
    ("fails_before_reading", "expected"),
    [
        (False, Unknown(UnknownReason.CUT_AFTER)),
        (True, NotSent(NotSentReason.NO_CONNECTION)),
    ],
)
async def test_an_application_inside_the_program_that_breaks(
    fails_before_reading: bool, expected: Outcome
) -> None:
    transport = app_that(fails_before_reading)
    assert await create("http://sandbox", transport=transport) == expected


async def test_the_transport_is_made_at_the_first_request() -> None:
    made: list[httpx.MockTransport] = []

    def make() -> httpx.MockTransport:
        made.append(httpx.MockTransport(lambda _: httpx.Response(200, json=ASSISTANT)))
        return made[0]

    asked = client("http://sandbox", transport=make)
    assert made == []
    assert isinstance(await asked.create(BODY), Created)
    assert isinstance(await asked.create(BODY), Created)
    assert len(made) == 1


def test_nothing_about_a_client_shows_its_key() -> None:
    asked = client("http://sandbox")
    assert CANARY not in repr(asked) + repr(vars(asked))
    assert "body" not in repr(Answer(200, b"body-bytes"))


def test_the_client_is_imported_without_httpx_and_without_screens() -> None:
    code = (
        "import sys, wizard.api.client, wizard.api.voice_catalogue, wizard.sandbox.sandbox_app;"
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = modules("httpx", "starlette", "uvicorn", "pydantic", "textual")
    assert not heavy & set(ran.stdout.split())


@pytest.mark.parametrize("spare", [0, -1])
async def test_a_catalogue_has_a_limit_of_its_own(spare: int) -> None:
    body = json.dumps([VOICE | {"name": "x" * 12_000_000}]).encode()
    limits = Limits(voices_bytes=len(body) + spare)
    async with server(in_turn(http(200, body))) as seen:
        asked = client(seen.url, limits=limits)
        with pytest.raises(ListUnavailable, match="the answer is too large"):
            await asked.assistants()
        if spare < 0:
            with pytest.raises(CatalogueUnavailable, match="the answer is too large"):
                await asked.voices()
        else:
            assert len(await asked.voices()) == 1
