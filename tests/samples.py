"""Samples of voices over HTTP, and programs that replace players and espeak-ng."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)


@dataclass
class Answer:
    """What is answered to a request for a sample."""

    body: bytes = WAV
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "audio/wav"})


@dataclass
class Asked:
    """The address of the server, and the headers of each request."""

    url: str = ""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    sent: int = 0


@contextmanager
def serving(answer: Callable[[str], Answer] = lambda _: Answer()) -> Iterator[Asked]:
    """Serve samples until the block is left; `answer` gets the path."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.headers.append({name.lower(): value for name, value in self.headers.items()})
            given = answer(self.path)
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for start in range(0, len(given.body), 65_536):
                    asked.sent += self.wfile.write(given.body[start : start + 65_536])
            except OSError:
                pass  # the reader has stopped

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    asked.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Player:
    """A program that notes its arguments, its process and its file, and then runs `then`."""

    def __init__(self, folder: Path, name: str = "mpv", then: str = "") -> None:
        self._notes = folder / f"{name}.notes"
        self._copy = folder / f"{name}.copy"
        self.path = program(
            folder,
            name,
            f"""
            for file; do :; done
            cat "$file" > {self._copy}
            {{ echo $$; echo "$*"; stat -c %a "$file"; echo "$file"; }} > {self._notes}.new
            mv {self._notes}.new {self._notes}
            {then}
            """,
        )

    @property
    def has_begun(self) -> bool:
        """Whether it was started."""
        return self._notes.exists()

    @property
    def process(self) -> int:
        """The id of its process."""
        return int(self._lines[0])

    @property
    def arguments(self) -> list[str]:
        """Its arguments."""
        return self._lines[1].split()

    @property
    def mode(self) -> str:
        """The permissions of the file that it was given."""
        return self._lines[2]

    @property
    def file(self) -> Path:
        """The file that it was given."""
        return Path(self._lines[3])

    @property
    def audio(self) -> bytes:
        """What was in that file."""
        return self._copy.read_bytes()

    @property
    def _lines(self) -> list[str]:
        return self._notes.read_text().splitlines()

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone."""
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        return False


def program(folder: Path, name: str, script: str) -> Path:
    """Make a program of a shell script."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def on_path(folder: Path) -> str:
    """A PATH with the programs of a folder and those that `program` needs, and no others.

    The system may have a player or espeak-ng, so its folders are not searched.
    """
    tools = folder / "tools"
    tools.mkdir()
    for name in ("cat", "mv", "sleep", "stat"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return f"{folder}:{tools}"
