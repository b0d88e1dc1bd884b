"""The contract as an HTTP application, for trials and for simulated failures."""

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

Validate: TypeAlias = Callable[[object], Sequence[Problem]]
Handler: TypeAlias = "Callable[[Request], Awaitable[ASGIApp]]"
Act: TypeAlias = "Callable[[_Order], Awaitable[ASGIApp]]"

# The maximum number of problems in a message.
_PROBLEMS_SHOWN: Final = 5
_RETRY_SECONDS: Final = 30
# More than the client reads.
_HUGE_BYTES: Final = 11_000_000


class PortTaken(WizardError):
    """The requested port cannot be used."""


class AssistantStore(Protocol):
    """Stores the sandbox's assistants."""

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Store an assistant and the exact body of its request."""

    def all(self) -> list[dict[str, Any]]:
        """Return the assistants, newest first."""

    def clear(self) -> None:
        """Delete all assistants."""


class MemoryStore:
    """Stores the assistants in memory."""

    def __init__(self) -> None:
        self._kept: list[tuple[dict[str, Any], bytes]] = []

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Store an assistant and the exact body of its request."""
        self._kept.insert(0, (assistant, body))

    def all(self) -> list[dict[str, Any]]:
        """Return the assistants, newest first."""
        return [assistant for assistant, _ in self._kept]

    def bodies(self) -> list[bytes]:
        """Return the exact bodies of the requests, newest first."""
        return [body for _, body in self._kept]

    def clear(self) -> None:
        """Delete all assistants."""
        self._kept.clear()


class Fault(StrEnum):
    """A failure to simulate for create requests. `FAULTS` describes each."""

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
    validate: Validate,
    *,
    store: AssistantStore | None = None,
    fault: Fault | None = None,
    envelope: bool = False,
    slow_seconds: float = SLOW_SECONDS,
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
) -> "Starlette":
    """Return the application, with its routes under `PREFIX`.

    `validate` returns the errors of a payload. A payload without errors goes into `store`. With
    `envelope`, every answer is in the API's envelope, even if the request does not ask for one.
    """
    from starlette.applications import Starlette  # noqa: PLC0415 - takes 90 ms
    from starlette.routing import Route  # noqa: PLC0415

    sandbox = _SandboxApp(
        validate, MemoryStore() if store is None else store, envelope, slow_seconds, new_id
    )
    create = sandbox.creating(FAULTS[fault].act if fault else _create)
    app = Starlette(
        routes=[
            Route(f"{PREFIX}/user/createAssistant", _keyed(create), methods=["POST"]),
            Route(f"{PREFIX}/user/listAssistant", _keyed(sandbox.assistants), methods=["GET"]),
            Route(f"{PREFIX}/getOwnVoices", _keyed(_voices), methods=["GET"]),
        ],
        exception_handlers={status: _unknown_route(status) for status in (404, 405)},
    )
    # A redirect would hide a wrong path with a trailing slash.
    app.router.redirect_slashes = False
    return app


@dataclass(frozen=True)
class _SandboxApp:
    """The state that the routes share."""

    validate: Validate
    store: AssistantStore
    envelope: bool
    slow_seconds: float
    new_id: Callable[[], str]

    def creating(self, act: Act) -> Handler:
        """Return the route that validates a payload and passes a valid one to `act`."""

        async def create(request: "Request") -> "ASGIApp":
            body = await _body_of(request)
            if body is None:
                return _error(413, f"the body is larger than {BODY_BYTES // 1_000_000} MB")
            payload = await asyncio.to_thread(self._validated, body)
            if isinstance(payload, str):
                return _error(400, payload)
            return await act(_Order(self, request, payload, body))

        return create

    def _validated(self, body: bytes) -> dict[str, Any] | str:
        """Return the payload of a body, or its problems. Runs in a thread to keep the loop free."""
        try:
            payload = parse_json(body, "request body")
        except Unreadable as unreadable:
            return str(unreadable)
        if problems := self.validate(payload):
            return _summary(problems)
        return payload if isinstance(payload, dict) else "the body is not a JSON object"

    async def assistants(self, request: "Request") -> "ASGIApp":
        """Answer with the stored assistants, newest first."""
        found = self.store.all()
        return _reply(200, {"success": True, "data": found} if self.enveloped(request) else found)

    def enveloped(self, request: "Request") -> bool:
        """Return whether this request is answered in the API's envelope."""
        asked = request.headers.get("x-sandbox-answer") == "envelope"
        return self.envelope or asked or request.query_params.get("envelope") == "1"


@dataclass(frozen=True)
class _Order:
    """A valid payload to create."""

    sandbox: _SandboxApp
    request: "Request"
    payload: dict[str, Any]
    body: bytes

    def create(self) -> dict[str, Any]:
        """Store the assistant and return it."""
        new_id = self.sandbox.new_id()
        assistant = self.payload | {"id": new_id, "hash_id": new_id}
        self.sandbox.store.put(assistant, self.body)
        return assistant

    def answer(self, assistant: dict[str, Any]) -> "Response":
        """Confirm the creation, in the requested form."""
        if not self.sandbox.enveloped(self.request):
            return _reply(200, assistant)
        return _reply(200, {"success": True, "data": assistant, "message": "Assistant created"})


async def _body_of(request: "Request") -> bytes | None:
    """Return the request's body, or None if it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _summary(problems: Sequence[Problem]) -> str:
    shown = [str(problem) for problem in problems[:_PROBLEMS_SHOWN]]
    more = len(problems) - len(shown)
    return "; ".join([*shown, f"and {more} more"] if more else shown)


def _keyed(handler: Handler) -> Handler:
    """Require a key, any key, before a route answers."""

    async def keyed(request: "Request") -> "ASGIApp":
        if not request.headers.get("x-api-key", "").strip():
            return _error(401, "the header x-api-key is missing")
        return await handler(request)

    return keyed


async def _voices(_: "Request") -> "ASGIApp":
    return _reply(200, {"success": True, "data": {"voices": sandbox_voices()}})


def _unknown_route(status: int) -> "Callable[[Request, Exception], Response]":
    def answer(request: "Request", _: Exception) -> "Response":
        return _error(status, f"{request.method} {request.url.path} is not a request of this API")

    return answer


def _reply(
    status: int,
    content: object,
    headers: Mapping[str, str] | None = None,
) -> "Response":
    """Answer with JSON, or with bytes as an HTML page."""
    from starlette.responses import Response  # noqa: PLC0415 - see build

    if isinstance(content, bytes):
        return Response(content, status, headers, media_type="text/html")
    return Response(_json(content), status, headers, media_type="application/json")


def _json(content: object) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate in a quoted value
        return json.dumps(content).encode()


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> "Response":
    return _reply(status, {"error": status, "message": message}, headers)


async def _create(order: _Order) -> "ASGIApp":
    return await asyncio.to_thread(lambda: order.answer(order.create()))


async def _slow(order: _Order) -> "ASGIApp":
    assistant = order.create()
    await asyncio.sleep(order.sandbox.slow_seconds)
    return order.answer(assistant)


async def _cut_after_creating(order: _Order) -> "ASGIApp":
    order.create()
    return _cut


async def _cut(scope: "Scope", receive: "Receive", _: "Send") -> None:
    """Drop the connection without an answer."""
    drop = scope.get("state", {}).get("drop_connection")
    if drop is None:
        # Inside the process there is no connection, so the client gets this error instead.
        raise ConnectionResetError("the sandbox drops the connection, as configured")
    drop()
    # uvicorn answers 500 if the application returns before the disconnect.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _without_id(order: _Order) -> "ASGIApp":
    order.create()
    if order.sandbox.enveloped(order.request):
        return _reply(200, {"success": True, "message": "Assistant created"})
    return _reply(200, order.payload)


async def _huge(order: _Order) -> "ASGIApp":
    return _reply(200, order.create() | {"padding": "x" * _HUGE_BYTES})


def _created_but(content: object) -> Act:
    """Create the assistant, and answer with `content` instead of a confirmation."""

    async def act(order: _Order) -> "ASGIApp":
        order.create()
        return _reply(200, content)

    return act


def _refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> Act:
    async def act(_: _Order) -> "ASGIApp":
        return _error(status, message, headers)

    return act


async def _refused_200(_: _Order) -> "ASGIApp":
    message = "name is refused, as configured in the sandbox"
    return _reply(200, {"success": False, "message": message, "status": 400})


async def _wait_until(_: _Order) -> "ASGIApp":
    moment = datetime.now(UTC) + timedelta(seconds=_RETRY_SECONDS)
    return _error(429, "too many requests", {"retry-after": format_datetime(moment, usegmt=True)})


class FaultInfo(NamedTuple):
    """A fault's description for `--help`, and its implementation."""

    description: str
    act: Act


FAULTS: Final[Mapping[Fault, FaultInfo]] = {
    Fault.REFUSED_200: FaultInfo("refuse with status 200 and success: false", _refused_200),
    Fault.BAD_REQUEST: FaultInfo(
        "refuse with status 400", _refused(400, "name is refused, as configured in the sandbox")
    ),
    Fault.UNAUTHORIZED: FaultInfo(
        "refuse the key with status 401", _refused(401, "invalid API key")
    ),
    Fault.RATE_LIMITED: FaultInfo(
        "answer 429 with Retry-After in seconds",
        _refused(429, "too many requests", {"retry-after": str(_RETRY_SECONDS)}),
    ),
    Fault.RATE_LIMITED_DATE: FaultInfo("answer 429 with Retry-After as a date", _wait_until),
    Fault.SERVER_ERROR: FaultInfo(
        "fail with status 500, nothing created", _refused(500, "internal error")
    ),
    Fault.SLOW: FaultInfo("create, and answer late", _slow),
    Fault.CUT: FaultInfo("create, and drop the connection before the answer", _cut_after_creating),
    Fault.NOT_JSON: FaultInfo(
        "create, and answer with a page that is not JSON", _created_but(b"<html>It works!</html>")
    ),
    Fault.EMPTY: FaultInfo("create, and answer with an empty body", _created_but(b"")),
    Fault.REDIRECT: FaultInfo(
        "redirect to another address with status 307",
        _refused(307, "moved", {"location": f"{PREFIX}/elsewhere"}),
    ),
    Fault.NO_ID: FaultInfo("create, and answer without an id", _without_id),
    Fault.HUGE: FaultInfo("create, and answer with more than 10 MB", _huge),
    Fault.WRONG_SHAPE: FaultInfo("create, and answer with unexpected JSON", _created_but(["?"])),
}


def listen(app: "Starlette", port: int = 0) -> "tuple[uvicorn.Server, socket.socket]":
    """Return a server for `app` and its open socket on 127.0.0.1. Port 0 picks a free port.

    `server.run(sockets=[sock])` serves until `server.should_exit`. Raises PortTaken.
    """
    import uvicorn  # noqa: PLC0415 - only `qcall-wizard sandbox` needs it

    try:
        sock = _socket_at(port)
    except OSError as error:
        raise PortTaken(f"Port {port} cannot be used: {error.strerror}. Choose another.") from error
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
    """Return a listening socket with an explicit TCP protocol.

    Otherwise asyncio delays the second small write of an answer by 40 ms.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows it would let two servers share a port
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
    """Serve `app` on 127.0.0.1 until Ctrl+C, and print the address. Raises PortTaken."""
    server, sock = listen(app, port)
    with sock, suppress(KeyboardInterrupt):
        address = f"http://127.0.0.1:{sock.getsockname()[1]}{PREFIX}"
        print(
            f"The sandbox listens on {address} (press Ctrl+C to stop)", file=sys.stderr, flush=True
        )
        server.run(sockets=[sock])
