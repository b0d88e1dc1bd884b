"""A server on 127.0.0.1 that keeps the requests and sends scripted answers."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

KEY = "key-of-the-tests-1234"


@dataclass
class Answer:
    """What is answered to a create request; `hold` keeps it back until it is set."""

    status: int = 200
    said: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hold: Event | None = None
    cut: bool = False


@dataclass
class Heard:
    """What came: bodies and keys of the create requests, and the assistants that were made."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)
    created: list[dict[str, Any]] = field(default_factory=list)
    arrived: Event = field(default_factory=Event)

    @property
    def names(self) -> list[str]:
        return [json.loads(body)["name"] for body in self.bodies]


def whole_body(handler: BaseHTTPRequestHandler) -> bytes | None:
    """Read the body of a request; None if its sender was killed before all of it was sent.

    That is no request, as on any server.
    """
    length = int(handler.headers["content-length"])
    body = handler.rfile.read(length)
    if len(body) == length:
        return body
    handler.close_connection = True
    return None


@contextmanager
def listening(
    answer: Callable[[int], Answer | None] = lambda _: None, *, refusing: bool = False
) -> Iterator[Heard]:
    """Serve until the block is left; `answer` returns the answer to the nth create request.

    `refusing`: whoever asks for a list has the wrong key.
    """
    heard = Heard()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = whole_body(self)
            if body is None:
                return
            number = len(heard.bodies)
            heard.bodies.append(body)
            heard.keys.append(self.headers["x-api-key"])
            heard.types.append(self.headers["content-type"])
            reply = answer(number)
            heard.arrived.set()
            if reply is None:
                made = json.loads(body) | {"id": f"a{number}"}
                heard.created.append(made)
                self.reply(200, made)
                return
            if reply.hold:
                reply.hold.wait(20)
            if reply.cut:
                self.close_connection = True
                return
            self.reply(reply.status, reply.said, reply.headers)

        def do_GET(self) -> None:
            self.reply(401 if refusing else 200, {} if refusing else heard.created)

        def reply(self, status: int, said: Any, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_port}/api/v1"
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
