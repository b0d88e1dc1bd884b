"""Connects a client to its target: the API over the network, or the built-in sandbox."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from wizard.api.client import Client
from wizard.api.http_client import LIMITS, Exchange, Limits
from wizard.contract.assistant import FIELD_ORDER
from wizard.settings import Settings

if TYPE_CHECKING:
    import httpx

    from wizard.sandbox.sandbox_store import MemoryStore


def connect(
    settings: Settings,
    on_exchange: Callable[[Exchange], None] | None = None,
    sandbox_store: "MemoryStore | None" = None,
    limits: Limits = LIMITS,
) -> Client:
    """Return a client for the target. Nothing is imported or opened before its first request.

    `on_exchange` is called after every request. `sandbox_store` stores the assistants of the
    sandbox; without it they are lost when the process ends. `limits` apply to each request.
    """
    return Client(
        settings.target.base_url,
        settings.key,
        transport=partial(_in_sandbox, sandbox_store) if settings.target.is_sandbox else None,
        fields=[*FIELD_ORDER],
        on_exchange=on_exchange,
        limits=limits,
    )


def _in_sandbox(sandbox_store: "MemoryStore | None") -> "httpx.AsyncBaseTransport":
    import httpx  # noqa: PLC0415 - takes 140 ms, too slow for the first paint

    from wizard.contract import validation  # noqa: PLC0415 - loads pydantic
    from wizard.sandbox import sandbox_app  # noqa: PLC0415 - loads starlette

    return httpx.ASGITransport(app=sandbox_app.build(validation.find_errors, store=sandbox_store))
