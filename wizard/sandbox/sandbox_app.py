"""The contract as a real HTTP application, for trying things out and for acting out failures."""

import asyncio
import json
import os
import socket
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

from wizard.contract.problems import Problem
from wizard.errors import Unreadable, WizardError
from wizard.formats.json_text import parse_json
from wizard.sandbox.sandbox_voices import sandbox_voices

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX: Final = "/api/v1"
BODY_BYTES: Final = 64_000_000
SLOW_SECONDS: Final = 30.0

Judge: TypeAlias = Callable[[object], Sequence[Problem]]
Handler: TypeAlias = "Callable[[Request], Awaitable[ASGIApp]]"
Act: TypeAlias = "Callable[[_Order], Awaitable[ASGIApp]]"

# More problems than these tell nobody more.
_PROBLEMS_TOLD: Final = 5
_RETRY_SECONDS: Final = 30
# Over what the client reads of an answer.
_HUGE_BYTES: Final = 11_000_000


class PortTaken(WizardError):
    """The port asked for cannot be listened on."""


class AssistantStore(Protocol):
    """Where the sandbox keeps what was created."""

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Keep an assistant as it was answered, and the request's body byte for byte."""

    def all(self) -> list[dict[str, Any]]:
        """Return the assistants, newest first."""

    def clear(self) -> None:
        """Forget them."""


class MemoryStore:
    """A shelf that lasts as long as the program."""

    def __init__(self) -> None:
        self._kept: list[tuple[dict[str, Any], bytes]] = []

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Keep an assistant as it was answered, and the request's body byte for byte."""
        self._kept.insert(0, (assistant, body))

    def all(self) -> list[dict[str, Any]]:
        """Return the assistants, newest first."""
        return [assistant for assistant, _ in self._kept]

    def bodies(self) -> list[bytes]:
        """Return the bodies as they came in, newest first."""
        return [body for _, body in self._kept]

    def clear(self) -> None:
        """Forget them."""
        self._kept.clear()


class Fault(StrEnum):
    """A failure to act out when an assistant is to be created; `FAULTS` says what each does."""

    REFUSED_200 = "refused-200"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    RATE_LIMITED = "429"
    RATE_LIMITED_DATE = "429-date"
    SERVER_ERROR = "500"
    SLOW = "slow"
    CUT = "cut"
    NOT_JSON = "not-json"
    EMPTY = "empty"
    REDIRECT = "redirect"
    NO_ID = "no-id"
    HUGE = "huge"
    WRONG_SHAPE = "wrong-shape"


def build(
    judge: Judge,
    *,
    shelf: AssistantStore | None = None,
    fault: Fault | None = None,
    envelope: bool = False,
    slow_seconds: float = SLOW_SECONDS,
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
) -> "Starlette":
    """Return the application, with its routes under `PREFIX`.

    `judge` returns the errors of a payload, none for a valid one; what passes it goes on `shelf`.
    `envelope` answers in the API's envelope where the request does not ask for it itself.
    """
    from starlette.applications import Starlette  # noqa: PLC0415 - takes 90 ms
    from starlette.routing import Route  # noqa: PLC0415

    desk = _SandboxApp(
        judge, MemoryStore() if shelf is None else shelf, envelope, slow_seconds, new_id
    )
    create = desk.creating(FAULTS[fault].act if fault else _create)
    app = Starlette(
        routes=[
            Route(f"{PREFIX}/user/createAssistant", _keyed(create), methods=["POST"]),
            Route(f"{PREFIX}/user/listAssistant", _keyed(desk.assistants), methods=["GET"]),
            Route(f"{PREFIX}/getOwnVoices", _keyed(_voices), methods=["GET"]),
        ],
        exception_handlers={status: _unknown_route(status) for status in (404, 405)},
    )
    # A path with one slash too many is unknown; a redirect would hide that.
    app.router.redirect_slashes = False
    return app


@dataclass(frozen=True)
class _SandboxApp:
    """What the routes share."""

    judge: Judge
    shelf: AssistantStore
    envelope: bool
    slow_seconds: float
    new_id: Callable[[], str]

    def creating(self, act: Act) -> Handler:
        """Return the route that judges a payload and leaves a valid one to `act`."""

        async def create(request: "Request") -> "ASGIApp":
            body = await _body_of(request)
            if body is None:
                return _error(413, f"the body is larger than {BODY_BYTES // 1_000_000} MB")
            payload = await asyncio.to_thread(self._judged, body)
            if isinstance(payload, str):
                return _error(400, payload)
            return await act(_Order(self, request, payload, body))

        return create

    def _judged(self, body: bytes) -> dict[str, Any] | str:
        """The payload of a body, or what is wrong with it; in a thread, for where the wizard asks
        its own sandbox, its keys wait for both.
        """
        try:
            payload = parse_json(body, "request body")
        except Unreadable as unreadable:
            return str(unreadable)
        if problems := self.judge(payload):
            return _told(problems)
        return payload if isinstance(payload, dict) else "the body is no JSON object"

    async def assistants(self, request: "Request") -> "ASGIApp":
        """Answer with what is on the shelf, newest first."""
        found = self.shelf.all()
        return _reply(200, {"success": True, "data": found} if self.enveloped(request) else found)

    def enveloped(self, request: "Request") -> bool:
        """Whether this request is answered in the API's envelope."""
        asked = request.headers.get("x-sandbox-answer") == "envelope"
        return self.envelope or asked or request.query_params.get("envelope") == "1"


@dataclass(frozen=True)
class _Order:
    """A valid payload that waits to be created."""

    desk: _SandboxApp
    request: "Request"
    payload: dict[str, Any]
    body: bytes

    def create(self) -> dict[str, Any]:
        """Put the assistant on the shelf and return it."""
        new_id = self.desk.new_id()
        assistant = self.payload | {"id": new_id, "hash_id": new_id}
        self.desk.shelf.put(assistant, self.body)
        return assistant

    def answer(self, assistant: dict[str, Any]) -> "Response":
        """Say that it was created, in the form that is asked for."""
        if not self.desk.enveloped(self.request):
            return _reply(200, assistant)
        return _reply(200, {"success": True, "data": assistant, "message": "Assistant created"})


async def _body_of(request: "Request") -> bytes | None:
    """Return the request's body, None where it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _told(problems: Sequence[Problem]) -> str:
    told = [str(problem) for problem in problems[:_PROBLEMS_TOLD]]
    more = len(problems) - len(told)
    return "; ".join([*told, f"and {more} more"] if more else told)


def _keyed(handler: Handler) -> Handler:
    """Ask for a key, any key, before a route answers."""

    async def keyed(request: "Request") -> "ASGIApp":
        if not request.headers.get("x-api-key", "").strip():
            return _error(401, "the header x-api-key is missing")
        return await handler(request)

    return keyed


async def _voices(_: "Request") -> "ASGIApp":
    return _reply(200, {"success": True, "data": {"voices": sandbox_voices()}})


def _unknown_route(status: int) -> "Callable[[Request, Exception], Response]":
    def answer(request: "Request", _: Exception) -> "Response":
        return _error(status, f"{request.method} {request.url.path} is no request of this API")

    return answer


def _reply(
    status: int,
    content: object,
    headers: Mapping[str, str] | None = None,
) -> "Response":
    """Answer with JSON; bytes go out as they are, as a page."""
    from starlette.responses import Response  # noqa: PLC0415 - see build

    if isinstance(content, bytes):
        return Response(content, status, headers, media_type="text/html")
    return Response(_json(content), status, headers, media_type="application/json")


def _json(content: object) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate, in a message that quotes what is wrong
        return json.dumps(content).encode()


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> "Response":
    return _reply(status, {"error": status, "message": message}, headers)


async def _create(order: _Order) -> "ASGIApp":
    return await asyncio.to_thread(lambda: order.answer(order.create()))


async def _slow(order: _Order) -> "ASGIApp":
    assistant = order.create()
    await asyncio.sleep(order.desk.slow_seconds)
    return order.answer(assistant)


async def _cut_after_creating(order: _Order) -> "ASGIApp":
    order.create()
    return _cut


async def _cut(scope: "Scope", receive: "Receive", _: "Send") -> None:
    """Answer nothing and drop the connection."""
    drop = scope.get("state", {}).get("drop_connection")
    if drop is None:
        # Inside the program there is no connection; the client meets this in its place.
        raise ConnectionResetError("the sandbox cuts the connection, as it was told to")
    drop()
    # uvicorn answers 500 for an application that returns before it knows that nobody listens.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _without_id(order: _Order) -> "ASGIApp":
    order.create()
    if order.desk.enveloped(order.request):
        return _reply(200, {"success": True, "message": "Assistant created"})
    return _reply(200, order.payload)


async def _huge(order: _Order) -> "ASGIApp":
    return _reply(200, order.create() | {"padding": "x" * _HUGE_BYTES})


def _created_but(content: object) -> Act:
    """Create, and answer something that does not say so."""

    async def act(order: _Order) -> "ASGIApp":
        order.create()
        return _reply(200, content)

    return act


def _refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> Act:
    async def act(_: _Order) -> "ASGIApp":
        return _error(status, message, headers)

    return act


async def _refused_200(_: _Order) -> "ASGIApp":
    message = "name is refused, as the sandbox was told to"
    return _reply(200, {"success": False, "message": message, "status": 400})


async def _wait_until(_: _Order) -> "ASGIApp":
    moment = datetime.now(UTC) + timedelta(seconds=_RETRY_SECONDS)
    return _error(429, "too many requests", {"retry-after": format_datetime(moment, usegmt=True)})


class Acting(NamedTuple):
    """A fault in words for `--help`, and how it is done."""

    says: str
    act: Act


FAULTS: Final[Mapping[Fault, Acting]] = {
    Fault.REFUSED_200: Acting("refuse with status 200 and success: false", _refused_200),
    Fault.BAD_REQUEST: Acting(
        "refuse with status 400", _refused(400, "name is refused, as the sandbox was told to")
    ),
    Fault.UNAUTHORIZED: Acting("refuse the key with status 401", _refused(401, "invalid API key")),
    Fault.RATE_LIMITED: Acting(
        "say 429 with Retry-After in seconds",
        _refused(429, "too many requests", {"retry-after": str(_RETRY_SECONDS)}),
    ),
    Fault.RATE_LIMITED_DATE: Acting("say 429 with Retry-After as a date", _wait_until),
    Fault.SERVER_ERROR: Acting(
        "fail with status 500, nothing created", _refused(500, "internal error")
    ),
    Fault.SLOW: Acting("create, and answer late", _slow),
    Fault.CUT: Acting("create, and cut the connection before the answer", _cut_after_creating),
    Fault.NOT_JSON: Acting(
        "create, and answer a page that is not JSON", _created_but(b"<html>It works!</html>")
    ),
    Fault.EMPTY: Acting("create, and answer nothing at all", _created_but(b"")),
    Fault.REDIRECT: Acting(
        "point to another address with status 307",
        _refused(307, "moved", {"location": f"{PREFIX}/elsewhere"}),
    ),
    Fault.NO_ID: Acting("create, and answer without an id", _without_id),
    Fault.HUGE: Acting("create, and answer more than 10 MB", _huge),
    Fault.WRONG_SHAPE: Acting("create, and answer JSON of an unknown shape", _created_but(["?"])),
}


def listen(app: "Starlette", port: int = 0) -> "tuple[uvicorn.Server, socket.socket]":
    """Return a server for `app` and its open socket on 127.0.0.1; 0 picks a free port.

    `server.run(sockets=[sock])` serves until `server.should_exit`. Raises PortTaken.
    """
    import uvicorn  # noqa: PLC0415 - only `qcall-wizard sandbox` needs it

    try:
        sock = _socket_at(port)
    except OSError as error:
        raise PortTaken(f"Port {port} cannot be used: {error.strerror}. Name another.") from error
    config = uvicorn.Config(
        app,
        http=_droppable(),
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        # Ctrl+C during a slow answer is logged as an error with a traceback.
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config), sock


def _socket_at(port: int) -> socket.socket:
    """A listening socket that is known to be TCP: only then asyncio sends small writes at once.

    With `socket.create_server` the second write of an answer waits 40 ms for the first to be
    acknowledged.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        sock.listen()
    except OSError:
        sock.close()
        raise
    return sock


def _droppable() -> "type[asyncio.Protocol]":
    """Return uvicorn's protocol with a way for the application to drop the connection."""
    from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 - see listen

    class Droppable(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.app_state = {**self.app_state, "drop_connection": transport.abort}

    return Droppable


def serve(app: "Starlette", port: int = 0) -> None:
    """Serve `app` on 127.0.0.1 until Ctrl+C; the address goes to standard error.

    Raises PortTaken.
    """
    server, sock = listen(app, port)
    with sock, suppress(KeyboardInterrupt):
        address = f"http://127.0.0.1:{sock.getsockname()[1]}{PREFIX}"
        print(f"The sandbox listens on {address} (Ctrl+C ends it)", file=sys.stderr, flush=True)
        server.run(sockets=[sock])
