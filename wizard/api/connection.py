"""Connects a client to its target: the API over the network, or the sandbox inside the program."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from wizard.api.client import LIMITS, Client, Exchange, Limits
from wizard.contract.assistant import QUESTIONS
from wizard.settings import Settings

if TYPE_CHECKING:
    import httpx

    from wizard.sandbox.sandbox_app import AssistantStore


def connect(
    settings: Settings,
    log: Callable[[Exchange], None] | None = None,
    shelf: "AssistantStore | None" = None,
    limits: Limits = LIMITS,
) -> Client:
    """A client for the target; nothing is imported or opened before its first request.

    `log` is told of every request: method, path, status and time. `shelf` keeps what the sandbox
    creates; without one it is gone with the program. `limits` bound each request.
    """
    return Client(
        settings.target.base_url,
        settings.key,
        transport=partial(_inside, shelf) if settings.target.is_sandbox else None,
        fields=[question.name for question in QUESTIONS],
        on_exchange=log,
        limits=limits,
    )


def _inside(shelf: "AssistantStore | None") -> "httpx.AsyncBaseTransport":
    import httpx  # noqa: PLC0415 - takes 140 ms: the first screen is painted before

    from wizard.contract import validation  # noqa: PLC0415 - so does the server's framework
    from wizard.sandbox import sandbox_app  # noqa: PLC0415 - so does the server's framework

    return httpx.ASGITransport(app=sandbox_app.build(validation.find_errors, shelf=shelf))
