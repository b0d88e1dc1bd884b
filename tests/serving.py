"""The sandbox as a real server on this machine, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wizard import judge, sandbox
from wizard.sandbox import Fault, MemoryShelf


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application; the base URL."""
    server, listening = sandbox.listen(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}{sandbox.PREFIX}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)
        listening.close()


@contextmanager
def served(shelf: MemoryShelf, fault: Fault | None = None) -> Iterator[str]:
    """Serve the sandbox, which keeps what it creates on `shelf`; the base URL."""
    with serving(sandbox.build(judge.find_errors, shelf=shelf, fault=fault)) as url:
        yield url
