"""A server of assistants on 127.0.0.1 that keeps their texts byte for byte, and counts."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.listener import whole_body


class Records:
    """The texts by their ids, and every body that was put; hooks act before an answer.

    `on_read` is called before each reading, `on_put` after a body came and before it is kept: what
    it returns is the answer, None for the usual one, and `keeps` is what is kept of it.
    """

    def __init__(self, **texts: str) -> None:
        self.texts = dict(texts)
        self.puts: list[tuple[str, bytes]] = []
        self.reads: list[str] = []
        self.keys: set[str | None] = set()
        self.url = ""
        self.listing: bytes | None = None
        self.on_read: Callable[[str], tuple[int, Any] | None] = lambda _: None
        self.on_put: Callable[[str, bytes], tuple[int, Any] | None] = lambda _, __: None
        self.keeps: Callable[[str], str] = str
        self.after_put: Callable[[], None] = lambda: None
        self.cut = False
        self.arrived = Event()
        self.lock = Lock()

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, body in self.puts]

    def data(self, name: str) -> Any:
        return json.loads(self.texts[name])


@contextmanager
def records_at(records: Records) -> Iterator[Records]:
    """Serve until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            records.keys.add(self.headers["x-api-key"])
            wanted = parse_qs(parts.query).get("assistant_id", [""])[0]
            records.reads.append(wanted or "list")
            if said := records.on_read(wanted):
                self.reply(said[0], json.dumps(said[1]).encode())
            elif parts.path.endswith("/listAssistant"):
                listing = f"[{', '.join(records.texts.values())}]".encode()
                self.reply(200, listing if records.listing is None else records.listing)
            elif wanted in records.texts:
                text = records.texts[wanted]
                self.reply(200, f'{{"success": true, "data": {text}}}'.encode())
            else:
                self.reply(404, b'{"error": 404, "message": "none"}')

        def do_PUT(self) -> None:
            body = whole_body(self)
            if body is None:
                return
            wanted = parse_qs(urlsplit(self.path).query)["id"][0]
            with records.lock:
                records.puts.append((wanted, body))
            records.keys.add(self.headers["x-api-key"])
            said = records.on_put(wanted, body)
            records.arrived.set()
            if said is None:
                records.texts[wanted] = records.keeps(body.decode())
            records.after_put()
            if records.cut:
                self.close_connection = True
            elif said is None:
                self.reply(200, records.texts[wanted].encode())
            else:
                self.reply(said[0], json.dumps(said[1]).encode())

        def reply(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Say nothing of a client that was killed."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    records.url = f"http://127.0.0.1:{server.server_port}/api/v1"
    try:
        yield records
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
