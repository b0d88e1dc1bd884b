"""One connection pool of httpx, its limits, and the log of its requests."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, cast
from urllib.parse import urlsplit

from wizard import __version__
from wizard.api.proxies import is_loopback, proxy_trouble
from wizard.settings import certificates, proxies

if TYPE_CHECKING:
    import httpx

Transport: TypeAlias = "httpx.AsyncBaseTransport | Callable[[], httpx.AsyncBaseTransport]"

# Many servers close an idle connection after 5 s, httpx's default limit too. A create request sent
# on a closing connection would end as unknown, so the client closes idle connections first.
_KEEP_ALIVE_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Limits:
    """The time limits of a request in seconds, and the size limits of its answer in bytes.

    `connect`, `write` and `read` limit one wait each. `total` limits the whole exchange. A voice
    takes at least 400 bytes, so the voice catalogue has a larger limit, and so have the assistants
    of an account with their scripts.
    """

    connect: float = 10.0
    write: float = 30.0
    read: float = 60.0
    total: float = 90.0
    answer_bytes: int = 10_000_000
    voices_bytes: int = 128_000_000
    record_bytes: int = 64_000_000
    records_bytes: int = 256_000_000


LIMITS: Final = Limits()


@dataclass(frozen=True)
class Exchange:
    """One request for a debug log, without body and headers. `status` is None without an answer."""

    method: str
    path: str
    status: int | None
    seconds: float


class HttpClient:
    """A server at `base_url`, with one connection pool for all requests.

    `transport` replaces the network. `on_exchange` is called after every request.
    """

    def __init__(
        self,
        base_url: str,
        limits: Limits,
        transport: "Transport | None" = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._base_url = base_url
        self._limits = limits
        self._transport = transport
        self._on_exchange = on_exchange
        self._http: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        # The variable of the environment that httpx cannot use.
        self.unusable = ""

    async def aclose(self) -> None:
        """Close the connections. A later request opens new ones."""
        if self._http is not None:
            http, self._http = self._http, None
            await http.aclose()

    async def _ready(self) -> "httpx.AsyncClient | None":
        """Return the AsyncClient, opened off the event loop; None if the settings are invalid."""
        async with self._opening:
            if self._http is None:
                self._http = await asyncio.to_thread(self._open)
            return self._http

    def _open(self) -> "httpx.AsyncClient | None":
        import httpx  # noqa: PLC0415 - takes 140 ms, so it waits until after the first paint

        # At DEBUG httpcore logs the headers of answers.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            return httpx.AsyncClient(
                transport=self._transport() if callable(self._transport) else self._transport,
                timeout=httpx.Timeout(
                    self._limits.connect, write=self._limits.write, read=self._limits.read
                ),
                limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_SECONDS),
                headers={"user-agent": f"qcall-wizard/{__version__}", "accept": "application/json"},
                follow_redirects=False,
                trust_env=not is_loopback(self._base_url),
            )
        # An unknown proxy scheme, SOCKS without its library, a missing certificate file: httpx
        # raises for these settings from the environment.
        except (ValueError, ImportError, OSError, httpx.InvalidURL):
            found = (name for name, value in proxies().items() if proxy_trouble(name, value))
            self.unusable = next(found, certificates())
            return None

    def _report(self, method: str, path: str, status: int | None, seconds: float) -> None:
        if self._on_exchange is not None:
            # A log that cannot be written must not hide the outcome of a request.
            with suppress(Exception):
                full = urlsplit(self._base_url).path + path
                self._on_exchange(Exchange(method, full, status, seconds))


async def read_body(response: "httpx.Response", limit: int) -> tuple[bytes, bool]:
    """Read a body until its end or just beyond the limit. Returns whether it is whole, too."""
    body = bytearray()
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_bytes())) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                return bytes(body), False
    return bytes(body), True


def fits_a_header(text: str) -> bool:
    """Return whether httpx and h11 accept `text`. If they do not, their errors repeat it."""
    return text.isascii() and text.isprintable() and text == text.strip()
