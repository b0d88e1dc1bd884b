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
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from wizard.contract.problems import Problem
from wizard.errors import Unreadable, WizardError
from wizard.formats.json_text import parse_json
from wizard.sandbox.sandbox_samples import NoSample, make_sample
from wizard.sandbox.sandbox_store import MemoryStore
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

# The maximum number of problems in a message.
_PROBLEMS_SHOWN: Final = 5
_RETRY_SECONDS: Final = 30
# More than the client reads.
_HUGE_BYTES: Final = 11_000_000


class PortTaken(WizardError):
    """The requested port cannot be used."""


class Fault(StrEnum):
    """A failure to simulate for requests that create or update; `about` describes it."""

    about: str

    def __new__(cls, value: str, about: str = "") -> "Fault":
        """Return a fault of this name on the command line."""
        fault = str.__new__(cls, value)
        fault._value_, fault.about = value, about
        return fault

    REFUSED_200 = "refused-200", "refuse with status 200 and success: false"
    BAD_REQUEST = "400", "refuse with status 400"
    UNAUTHORIZED = "401", "refuse the key with status 401"
    RATE_LIMITED = "429", "answer 429 with Retry-After in seconds"
    RATE_LIMITED_DATE = "429-date", "answer 429 with Retry-After as a date"
    SERVER_ERROR = "500", "fail with status 500, nothing created"
    SLOW = "slow", "create, and answer late"
    CUT = "cut", "create, and drop the connection before the answer"
    NOT_JSON = "not-json", "create, and answer with a page that is not JSON"
    EMPTY = "empty", "create, and answer with an empty body"
    REDIRECT = "redirect", "redirect to another address with status 307"
    NO_ID = "no-id", "create, and answer without an id"
    HUGE = "huge", "create, and answer with more than 10 MB"
    WRONG_SHAPE = "wrong-shape", "create, and answer with unexpected JSON"
    CONFLICT = "conflict", "change an assistant whenever it is read, as others would"
    NOT_KEPT = "not-kept", "update, and keep the old script"
    NOT_FOUND = "404", "answer 404 when one assistant is read or updated"


_REFUSED: Final = "name is refused, as configured in the sandbox"
_TOO_MANY: Final = "too many requests"
# Status, message and headers.
_REFUSALS: Final[Mapping[Fault | None, tuple[int, str, dict[str, str]]]] = {
    Fault.BAD_REQUEST: (400, _REFUSED, {}),
    Fault.UNAUTHORIZED: (401, "invalid API key", {}),
    Fault.RATE_LIMITED: (429, _TOO_MANY, {"retry-after": str(_RETRY_SECONDS)}),
    Fault.SERVER_ERROR: (500, "internal error", {}),
    Fault.REDIRECT: (307, "moved", {"location": f"{PREFIX}/elsewhere"}),
}


def build(
    validate: Validate,
    *,
    store: MemoryStore | None = None,
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

    store = MemoryStore() if store is None else store
    sandbox = _Sandbox(validate, store, fault, envelope, slow_seconds, new_id)
    app = Starlette(
        routes=[
            Route(f"{PREFIX}/user/createAssistant", _keyed(sandbox.create), methods=["POST"]),
            Route(f"{PREFIX}/user/updateAssistant", _keyed(sandbox.update), methods=["PUT"]),
            Route(f"{PREFIX}/user/getAssistant", _keyed(sandbox.assistant), methods=["GET"]),
            Route(f"{PREFIX}/user/listAssistant", _keyed(sandbox.assistants), methods=["GET"]),
            Route(f"{PREFIX}/getOwnVoices", _keyed(_voices), methods=["GET"]),
            # A sample is read without the key.
            Route(f"{PREFIX}/samples/{{voice_id}}.wav", _sample, methods=["GET"]),
        ],
        exception_handlers={status: _unknown_route(status) for status in (404, 405)},
    )
    # A redirect would hide a wrong path with a trailing slash.
    app.router.redirect_slashes = False
    return app


@dataclass(frozen=True)
class _Sandbox:
    """The handlers of the routes that use the store."""

    validate: Validate
    store: MemoryStore
    fault: Fault | None
    envelope: bool
    slow_seconds: float
    new_id: Callable[[], str]

    async def create(self, request: "Request") -> "ASGIApp":
        """Validate a payload, and create an assistant or simulate the fault."""
        body = await _body_of(request)
        if body is None:
            return _error(413, f"the body is larger than {BODY_BYTES // 1_000_000} MB")
        payload = await asyncio.to_thread(self._validated, body)
        if isinstance(payload, str):
            return _error(400, payload)
        if refusal := _refusal(self.fault):
            return refusal
        return await self._answer(
            request, payload, await asyncio.to_thread(self._put, payload, body)
        )

    async def update(self, request: "Request") -> "ASGIApp":
        """Replace an assistant by the body, without what the body leaves out, as QCall does."""
        body = await _body_of(request)
        if body is None:
            return _error(413, f"the body is larger than {BODY_BYTES // 1_000_000} MB")
        assistant_id = request.query_params.get("id", "")
        stored = None if self.fault is Fault.NOT_FOUND else self.store.find(assistant_id)
        if stored is None:
            return _error(404, f"there is no assistant with the id {assistant_id!r}")
        payload = await asyncio.to_thread(self._validated, body, stored)
        if isinstance(payload, str):
            return _error(400, payload)
        if refusal := _refusal(self.fault):
            return refusal
        kept = payload | {name: stored[name] for name in ("id", "hash_id") if name in stored}
        if self.fault is Fault.NOT_KEPT:
            kept["script"] = stored.get("script")
        await asyncio.to_thread(self.store.replace, assistant_id, kept, body)
        return await self._answer(request, payload, kept, "Assistant updated")

    async def assistant(self, request: "Request") -> "ASGIApp":
        """Answer with one assistant."""
        assistant_id = request.query_params.get("assistant_id", "")
        found = None if self.fault is Fault.NOT_FOUND else self.store.find(assistant_id)
        if found is None:
            return _error(404, f"there is no assistant with the id {assistant_id!r}")
        if self.fault is Fault.CONFLICT:
            goal = f"{found.get('goal', '')} (changed)"
            changed = found | {"goal": goal}
            self.store.replace(assistant_id, changed, _json(changed))
        if self.fault is Fault.NO_ID:
            found = _without_id(found)
        is_wrapped = self.enveloped(request) or _is_misleading(found)
        return _reply(200, {"success": True, "data": found} if is_wrapped else found)

    def _put(self, payload: dict[str, Any], body: bytes) -> dict[str, Any]:
        new_id = self.new_id()
        assistant = payload | {"id": new_id, "hash_id": new_id}
        self.store.put(assistant, body)
        return assistant

    async def _answer(
        self,
        request: "Request",
        payload: dict[str, Any],
        assistant: dict[str, Any],
        message: str = "Assistant created",
    ) -> "ASGIApp":
        """Confirm what was done, or simulate the fault of an assistant that was created."""
        data: dict[str, Any] = {"data": assistant}
        match self.fault:
            case Fault.SLOW:
                await asyncio.sleep(self.slow_seconds)
            case Fault.CUT:
                return _cut
            case Fault.HUGE:
                return _reply(200, assistant | {"padding": "x" * _HUGE_BYTES})
            case Fault.NO_ID:
                data, assistant = {}, _without_id(payload)
            case Fault.NOT_JSON | Fault.EMPTY | Fault.WRONG_SHAPE:
                return _reply(200, _USELESS[self.fault])
        if not self.enveloped(request) and not _is_misleading(assistant):
            return _reply(200, assistant)
        return _reply(200, {"success": True, **data, "message": message})

    def _validated(self, body: bytes, stored: dict[str, Any] | None = None) -> dict[str, Any] | str:
        """Return the payload of a body, or its problems. Runs in a thread to keep the loop free.

        What is wrong in the `stored` assistant already may be sent back.
        """
        try:
            payload = parse_json(body, "request body")
        except Unreadable as unreadable:
            return str(unreadable)
        problems = self.validate(payload)
        if stored is not None:
            from wizard.exchange.merging import is_untouched  # noqa: PLC0415 - loads pydantic

            known = self.validate(stored)
            problems = [
                each
                for each in problems
                if each not in known or not is_untouched(each.path, stored, payload)
            ]
        if problems:
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


def _is_misleading(assistant: Mapping[str, Any]) -> bool:
    """Return whether an assistant without an envelope would read as another answer."""
    return not assistant.keys().isdisjoint(("success", "error", "status", "message", "data"))


def _without_id(assistant: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in assistant.items() if name not in ("id", "hash_id")}


_USELESS: Final[Mapping[Fault, object]] = {
    Fault.NOT_JSON: b"<html>It works!</html>",
    Fault.EMPTY: b"",
    Fault.WRONG_SHAPE: ["?"],
}


def _refusal(fault: Fault | None) -> "Response | None":
    """Return the answer of a fault that creates nothing, None for any other."""
    if fault is Fault.REFUSED_200:
        return _reply(200, {"success": False, "message": _REFUSED, "status": 400})
    if fault is Fault.RATE_LIMITED_DATE:
        when = datetime.now(UTC) + timedelta(seconds=_RETRY_SECONDS)
        return _error(429, _TOO_MANY, {"retry-after": format_datetime(when, usegmt=True)})
    return _error(*_REFUSALS[fault]) if fault in _REFUSALS else None


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


async def _sample(request: "Request") -> "ASGIApp":
    from starlette.responses import Response  # noqa: PLC0415 - see build

    try:
        audio = await make_sample(request.path_params["voice_id"])
    except NoSample as trouble:
        return _error(trouble.status, str(trouble))
    return Response(audio, media_type="audio/wav")


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
