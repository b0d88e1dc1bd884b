"""The sandbox as a real server on this machine, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wizard.contract import validation
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application; the base URL."""
    server, listening = sandbox_app.listen(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}{sandbox_app.PREFIX}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)
        listening.close()


@contextmanager
def served(store: MemoryStore, fault: Fault | None = None) -> Iterator[str]:
    """Serve the sandbox, which stores assistants in `store`; yield the base URL."""
    with serving(sandbox_app.build(validation.find_errors, store=store, fault=fault)) as url:
        yield url
