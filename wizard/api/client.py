"""All uses of httpx: sends requests to the API and returns outcomes."""

import asyncio
import ipaddress
import logging
import socket
import ssl
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from urllib.parse import urlsplit

from wizard import __version__
from wizard.api.outcomes import (
    NOT_JSON,
    Answer,
    NotSent,
    NotSentReason,
    Outcome,
    Reason,
    Unknown,
    UnknownReason,
    parse,
    plain,
    sort_answer,
    verdict,
    words,
)
from wizard.api.voice_catalogue import Voice, read_voice
from wizard.errors import CatalogueUnavailable, WizardError
from wizard.secret import SecretStr
from wizard.settings import certificates, proxies

if TYPE_CHECKING:
    import httpx


Transport: TypeAlias = "httpx.AsyncBaseTransport | Callable[[], httpx.AsyncBaseTransport]"

CREATE: Final = "/user/createAssistant"
ASSISTANTS: Final = "/user/listAssistant"
VOICES: Final = "/getOwnVoices"

# Seconds before a read is retried. The create request is never retried.
_PAUSES: Final = (0.3, 0.9)
# Larger answers are parsed in a thread, so that the screen stays responsive.
_PARSE_INLINE: Final = 100_000
_RETRYABLE: Final = {
    NotSentReason.NAME_NOT_FOUND,
    NotSentReason.CONNECTION_REFUSED,
    NotSentReason.NO_CONNECTION,
    UnknownReason.CUT_AFTER,
    UnknownReason.CUT_SHORT,
}
# Many servers close an idle connection after 5 s, httpx's default limit too. A create request sent
# on a closing connection would end as unknown, so the client closes idle connections first.
_KEEP_ALIVE_SECONDS: Final = 2.0
# A server's message may repeat the key. A shorter key is a word like "test", not a secret.
_SECRET_LENGTH: Final = 8


class ListUnavailable(WizardError):
    """The list of assistants could not be read."""


@dataclass(frozen=True)
class Limits:
    """The time limits of a request in seconds, and the size limits of its answer in bytes.

    `connect`, `write` and `read` limit one wait each. `total` limits the whole exchange. A voice
    takes at least 400 bytes, so the voice catalogue has a larger limit.
    """

    connect: float = 10.0
    write: float = 30.0
    read: float = 60.0
    total: float = 90.0
    answer_bytes: int = 10_000_000
    voices_bytes: int = 128_000_000


LIMITS: Final = Limits()


@dataclass(frozen=True)
class Exchange:
    """One request for a debug log, without body and headers. `status` is None without an answer."""

    method: str
    path: str
    status: int | None
    seconds: float


@dataclass(frozen=True)
class Reached:
    """The server answered. `status` is its status, `date` its Date header or empty."""

    status: int
    date: str


@dataclass
class Delivery:
    """The progress of a request, for a caller that cancels `Client.create`.

    `begun`: connected, and httpx has started to read the body. `left`: the last byte of the body
    was handed to the network, so the server may have received all of it.
    """

    begun: bool = False
    left: bool = False

    def stopped(self) -> Outcome:
        """Return the outcome of a request that was cancelled at this point."""
        if self.left:
            return Unknown(UnknownReason.INTERRUPTED)
        return NotSent(NotSentReason.CANCELLED)


@dataclass
class _Response:
    """The part of an answer received so far, up to `limit` bytes; `status` 0 means none."""

    limit: int
    status: int = 0
    retry_after: str = ""
    chunks: deque[bytes] = field(default_factory=deque, repr=False)
    flaw: UnknownReason | None = None

    def answer(self) -> Answer:
        """Return the received part as one answer."""
        return Answer(self.status, b"".join(self.chunks), self.retry_after, self.flaw)


class Client:
    """The API at `base_url`, with one connection pool for all requests.

    `transport` replaces the network (for the sandbox). If it is a function, it is called before the
    first request. `fields` are the names that a refusal may mention. `on_exchange` is called after
    every request. `sleep` waits before a retry.
    """

    def __init__(
        self,
        base_url: str,
        key: SecretStr | None,
        *,
        transport: "Transport | None" = None,
        limits: Limits = LIMITS,
        fields: Collection[str] = (),
        on_exchange: Callable[[Exchange], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._transport = transport
        self._limits = limits
        self._fields = fields
        self._on_exchange = on_exchange
        self._sleep = sleep
        self._http: httpx.AsyncClient | None = None
        self._building = asyncio.Lock()
        # The variable of the environment that httpx cannot use.
        self.unusable = ""

    async def warm(self) -> None:
        """Import httpx and load the certificates in a thread, before the first request.

        Invalid settings are reported by the request that meets them.
        """
        await self._ready()

    async def aclose(self) -> None:
        """Close the connections. A later request opens new ones."""
        if self._http is not None:
            http, self._http = self._http, None
            await http.aclose()

    async def create(self, body: bytes, delivery: Delivery | None = None) -> Outcome:
        """Send exactly these bytes, JSON, once, and return the outcome.

        Raises only CancelledError. `delivery` then shows whether the request had left.
        """
        delivery = delivery or Delivery()
        response = await self._exchange("POST", CREATE, delivery, _Body(body, delivery))
        if isinstance(response, _Response):
            answer = response.answer()
            sort = partial(sort_answer, answer, body, fields=self._fields, redact=self._redact)
            return sort() if len(answer.body) <= _PARSE_INLINE else await asyncio.to_thread(sort)
        if isinstance(response, NotSentReason):
            return NotSent(response, self.unusable if response is NotSentReason.SETUP else "")
        return Unknown(response)

    async def voices(self) -> list[Voice]:
        """Return the voices of the target's catalogue, in its order.

        `GET /getOwnVoices` is not documented. QCall's own clients read it as `{"success": true,
        "data": {"voices": [...]}}`. Raises CatalogueUnavailable.
        """
        found = await self._read_list(VOICES, ("voices",))
        if isinstance(found, str):
            raise CatalogueUnavailable(
                f"The voices could not be loaded: {found}. Fill in the voice fields by hand."
            )
        return [voice for item in found if (voice := read_voice(item))]

    async def assistants(self) -> list[dict[str, Any]]:
        """Return the assistants of the account, bare or enveloped. Raises ListUnavailable."""
        found = await self._read_list(ASSISTANTS, ("assistants", "list"))
        if isinstance(found, str):
            raise ListUnavailable(f"Your assistants could not be loaded: {found}.")
        return [item for item in found if isinstance(item, dict)]

    async def reach(self) -> "Reached | Reason":
        """Request the list of assistants once, without its body. Returns why if none answered."""
        if (trouble := self._key_trouble()) is NotSentReason.BAD_KEY:
            return trouble
        http = await self._ready()
        if http is None:
            return NotSentReason.SETUP
        request = http.stream("GET", self._base_url + ASSISTANTS, headers=self._key_header())
        status, started = None, time.monotonic()
        try:
            async with asyncio.timeout(self._limits.total), request as response:
                status = response.status_code
                return Reached(status, response.headers.get("date", ""))
        except Exception as error:
            return _reason(error, Delivery(begun=True, left=True))
        finally:
            self._report("GET", ASSISTANTS, status, time.monotonic() - started)

    async def _read_list(self, path: str, names: Collection[str]) -> list[object] | str:
        """GET a list. Return its items, or a clause that explains the failure."""
        answer = await self._read(path)
        if answer is NotSentReason.SETUP and self.unusable:
            return f"{self.unusable} cannot be used as it is set"
        if not isinstance(answer, _Response):
            return answer.title
        if answer.flaw:
            return answer.flaw.title
        return await asyncio.to_thread(self._parse_list, answer, names)

    def _parse_list(self, answer: _Response, names: Collection[str]) -> list[object] | str:
        value = parse(b"".join(answer.chunks))
        code = verdict(answer.status, value)
        if code != 200:
            return _why_not(code, self._redact(plain(words(value, b"")))[:200])
        if value is NOT_JSON:
            return UnknownReason.NOT_JSON.title
        found = _list_in(value, names)
        return UnknownReason.WRONG_SHAPE.title if found is None else found

    async def _read(self, path: str) -> "_Response | NotSentReason | UnknownReason":
        """GET `path`, and retry after a pause if the connection or the server failed."""
        for pause in _PAUSES:
            answer = await self._exchange("GET", path, Delivery(begun=True, left=True))
            if not _is_retryable(answer):
                return answer
            await self._sleep(pause)
        return await self._exchange("GET", path, Delivery(begun=True, left=True))

    async def _exchange(
        self, method: str, path: str, delivery: Delivery, content: "_Body | None" = None
    ) -> "_Response | NotSentReason | UnknownReason":
        """Send one request and return its answer as far as it was read, or the reason for none."""
        if (trouble := self._key_trouble()) is not None:
            return trouble
        http = await self._ready()
        if http is None:
            return NotSentReason.SETUP
        request = http.stream(
            method,
            self._base_url + path,
            content=content,
            # Not in a local variable: crash reports print those.
            headers=self._key_header() | (content.headers if content else {}),
        )
        limit = self._limits.voices_bytes if path == VOICES else self._limits.answer_bytes
        answer, started = _Response(limit), time.monotonic()
        try:
            return await self._receive(request, answer, delivery)
        finally:
            self._report(method, path, answer.status or None, time.monotonic() - started)

    async def _receive(
        self,
        request: "AbstractAsyncContextManager[httpx.Response]",
        answer: _Response,
        delivery: Delivery,
    ) -> "_Response | NotSentReason | UnknownReason":
        try:
            async with asyncio.timeout(self._limits.total), request as response:
                await self._receive_body(response, answer)
        # The request may have left, so every error needs an outcome, also inside the sandbox.
        except Exception as error:
            if not answer.status:
                return _reason(error, delivery)
            answer.flaw = _flaw(error)
        return answer

    async def _receive_body(self, response: "httpx.Response", answer: _Response) -> None:
        """Read an answer into `answer`, up to its limit."""
        answer.status = response.status_code
        answer.retry_after = response.headers.get("retry-after", "")
        chunks, length = cast("AsyncGenerator[bytes]", response.aiter_bytes()), 0
        async with aclosing(chunks):
            async for chunk in chunks:
                answer.chunks.append(chunk)
                length += len(chunk)
                if length > answer.limit:
                    answer.chunks.clear()
                    answer.flaw = UnknownReason.TOO_LARGE
                    return

    async def _ready(self) -> "httpx.AsyncClient | None":
        """Return the AsyncClient, built off the event loop, or None if the settings are invalid."""
        async with self._building:
            if self._http is None:
                self._http = await asyncio.to_thread(self._build)
            return self._http

    def _build(self) -> "httpx.AsyncClient | None":
        import httpx  # noqa: PLC0415 - takes 140 ms, so it waits until after the first paint

        # An unknown proxy scheme, socks without its library, a certificate file that is not there:
        # settings from the environment that httpx tells only by raising.
        try:
            return self._built()
        except (ValueError, ImportError, OSError, httpx.InvalidURL):
            found = (name for name, value in proxies().items() if proxy_trouble(name, value))
            self.unusable = next(found, certificates())
            return None

    def _built(self) -> "httpx.AsyncClient":
        import httpx  # noqa: PLC0415 - see _build

        # At DEBUG httpcore logs the headers of answers.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        limits = self._limits
        return httpx.AsyncClient(
            transport=self._transport() if callable(self._transport) else self._transport,
            timeout=httpx.Timeout(limits.connect, write=limits.write, read=limits.read),
            limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_SECONDS),
            headers={"user-agent": f"qcall-wizard/{__version__}", "accept": "application/json"},
            follow_redirects=False,
            trust_env=not _is_loopback(self._base_url),
        )

    def _key_trouble(self) -> NotSentReason | None:
        if self._key is None or not self._key.get_secret_value():
            return NotSentReason.NO_KEY
        fits = _fits_a_header(self._key.get_secret_value())
        return None if fits else NotSentReason.BAD_KEY

    def _key_header(self) -> dict[str, str]:
        return {"x-api-key": self._key.get_secret_value()} if self._key else {}

    def _redact(self, text: str) -> str:
        if self._key is None or len(self._key) < _SECRET_LENGTH:
            return text
        return text.replace(self._key.get_secret_value(), "[key]")

    def _report(self, method: str, path: str, status: int | None, seconds: float) -> None:
        if self._on_exchange is not None:
            # A log that cannot be written must not hide the outcome of a request.
            with suppress(Exception):
                full = urlsplit(self._base_url).path + path
                self._on_exchange(Exchange(method, full, status, seconds))


def proxy_trouble(variable: str, value: str) -> str:
    """Why httpx cannot use a variable about proxies, as a clause; empty if it can."""
    import httpx  # noqa: PLC0415 - see Client._build

    if variable.upper() == "NO_PROXY":
        for host in filter(None, map(str.strip, value.split(","))):
            try:
                httpx.URL(_direct(host))
            except (ValueError, httpx.InvalidURL):
                return f"{host!r} is no host"
        return ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    address = value if "://" in value else f"http://{value}"
    try:
        proxy = httpx.Proxy(address)
        httpx.AsyncHTTPTransport(verify=context, proxy=proxy)
    except ImportError:
        return "it needs a package"
    except (ValueError, httpx.InvalidURL):
        return "it names no proxy"
    return "" if proxy.url.host else "it names no proxy"


def _direct(host: str) -> str:
    """A host of NO_PROXY as httpx reads it."""
    if "://" in host:
        return host
    with suppress(ValueError):
        ipaddress.IPv6Address(host.split("/", maxsplit=1)[0])
        return f"all://[{host}]"
    return f"all://{host}"


def _fits_a_header(text: str) -> bool:
    """Return whether httpx and h11 accept `text`. If they do not, their errors repeat it."""
    return text.isascii() and text.isprintable() and text == text.strip()


class _Body:
    """A request body that sends its last byte separately, to know whether the body was sent.

    Until that byte is sent, the server cannot have the whole request. This holds for sockets, for
    proxy tunnels and inside the process. httpx's trace events do not cover all of these.
    """

    def __init__(self, body: bytes, delivery: Delivery) -> None:
        self._body, self._delivery = body, delivery
        # Without the length httpx would send a body that it iterates over in chunked encoding.
        self.headers = {"content-type": "application/json", "content-length": str(len(body))}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._delivery.begun = True
        yield self._body[:-1]
        self._delivery.left = True
        yield self._body[-1:]


def _reason(error: Exception, delivery: Delivery) -> NotSentReason | UnknownReason:
    """Return the reason for an exception before any answer. httpx's messages are often empty."""
    import httpx  # noqa: PLC0415 - already imported by the request

    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return NotSentReason.CONNECT_TIMEOUT
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return _unreached(error)
    late = isinstance(error, httpx.TimeoutException | TimeoutError)
    if not delivery.begun:
        return NotSentReason.CONNECT_TIMEOUT if late else NotSentReason.NO_CONNECTION
    if not delivery.left:
        return NotSentReason.STALLED if late else NotSentReason.CUT_BEFORE
    if isinstance(error, httpx.ReadTimeout):
        return UnknownReason.READ_TIMEOUT
    return UnknownReason.DEADLINE if late else UnknownReason.CUT_AFTER


def _unreached(error: Exception) -> NotSentReason:
    """Return why there is no connection, from the system errors behind httpx's."""
    for cause in _causes(error):
        match cause:
            case socket.gaierror():
                return NotSentReason.NAME_NOT_FOUND
            case ssl.SSLError():
                return NotSentReason.TLS_FAILURE
            case ConnectionRefusedError():
                return NotSentReason.CONNECTION_REFUSED
    return NotSentReason.NO_CONNECTION


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__


def _flaw(error: Exception) -> UnknownReason:
    """Return the reason for an exception in the middle of an answer."""
    import httpx  # noqa: PLC0415 - already imported by the request

    if isinstance(error, httpx.ReadTimeout):
        return UnknownReason.READ_TIMEOUT
    if isinstance(error, TimeoutError):
        return UnknownReason.DEADLINE
    return (
        UnknownReason.NOT_JSON
        if isinstance(error, httpx.DecodingError)
        else UnknownReason.CUT_SHORT
    )


def _is_retryable(answer: _Response | Reason) -> bool:
    if isinstance(answer, _Response):
        return answer.status >= 500 or answer.flaw in _RETRYABLE
    return answer in _RETRYABLE


def _why_not(code: int, message: str) -> str:
    """Return a clause that explains why a read failed."""
    quoted = f' ("{message}")' if message else ""
    if code == 400:
        return f"the server refused{quoted}"
    if code in {401, 403}:
        return f"the server did not accept the API key{quoted}"
    if code == 404:
        return "the server does not offer them (404)"
    if code == 429:
        return "too many requests; wait a while"
    if 300 <= code < 400:
        return "the server redirected to another address, which is not followed"
    return f"the server answered {code}{quoted}"


def _list_in(value: object, names: Collection[str]) -> list[object] | None:
    """Return the list in a value: bare, in an envelope's `data`, or under one of `names` in it."""
    if isinstance(value, dict):
        value = value.get("data", value)
    if isinstance(value, dict):
        value = next((value[name] for name in names if name in value), None)
    return value if isinstance(value, list) else None


def _is_loopback(url: str) -> bool:
    """Return whether a URL is on this machine. Proxies are not used for it."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
