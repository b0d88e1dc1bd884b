"""Why a request was not sent, and why the result of a sent one is unknown."""

import socket
import ssl
from collections.abc import Iterator
from enum import Enum

from wizard.api.proxies import uses_proxy


class Reason(Enum):
    """Why there is no usable answer, as a short `title` and a full `sentence`."""

    def __init__(self, title: str, sentence: str) -> None:
        self.title, self.sentence = title, sentence


class NotSentReason(Reason):
    """Why a request did not leave this machine in full."""

    NO_KEY = (
        "no API key",
        "There is no API key, so nothing was sent. Set QCALL_API_KEY or enter the key, then submit "
        "again.",
    )
    BAD_KEY = (
        "unusable API key",
        "The API key contains a line break or another character that a header cannot contain, so "
        "nothing was sent. Copy the key again, then submit again.",
    )
    KEY_IN_BODY = (
        "the payload contains your API key",
        "The payload contains your API key, which would then be stored with the assistant, so "
        "nothing was sent. Remove the key from its texts, then submit again.",
    )
    SETUP = (
        "unusable network settings",
        "A proxy or certificate setting of this machine (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, "
        "NO_PROXY, SSL_CERT_FILE) is invalid, so nothing was sent. Correct it, then submit "
        "again.",
    )
    NAME_NOT_FOUND = (
        "server name not found",
        "The server's name was not found, so nothing was sent. Check the address and the network, "
        "then submit again.",
    )
    CONNECTION_REFUSED = (
        "connection refused",
        "The server refused the connection, so nothing was sent. Check the address and that the "
        "server is running, then submit again.",
    )
    TLS_FAILURE = (
        "no secure connection",
        "A secure connection (TLS) could not be established, so nothing was sent. Check the "
        "address, this machine's clock and the server's certificate, then submit again.",
    )
    CONNECT_TIMEOUT = (
        "connection timed out",
        "The connection to the server timed out, so nothing was sent. Check the network, then "
        "submit again.",
    )
    PROXY_FAILED = (
        "no connection through the proxy",
        "The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names could not be used, so nothing "
        "was sent. Correct the variable, or name the server in NO_PROXY, then submit again.",
    )
    NO_CONNECTION = (
        "no connection",
        "The server could not be reached, so nothing was sent. Check the address, the network and "
        "the proxy, then submit again.",
    )
    CUT_BEFORE = (
        "connection lost while sending",
        "The connection was lost before the whole request was sent, so nothing was created. Submit "
        "again.",
    )
    STALLED = (
        "the server stopped reading",
        "The server stopped reading before the whole request was sent, so nothing was created. "
        "Submit again.",
    )
    CANCELLED = (
        "stopped before sending",
        "You stopped before the whole request was sent, so nothing was created. Submit again when "
        "you are ready.",
    )


class UnknownReason(Reason):
    """Why the result of a request that left in full is unknown."""

    CUT_AFTER = (
        "connection lost before the answer",
        "The request was sent, but the connection was lost before the server answered.",
    )
    READ_TIMEOUT = (
        "no answer in time",
        "The request was sent, but the server did not answer in time.",
    )
    DEADLINE = (
        "the answer took too long",
        "The request was sent, but the server's answer was not complete in time.",
    )
    CUT_SHORT = ("incomplete answer", "The server's answer is incomplete.")
    NOT_JSON = ("the answer is not JSON", "The server's answer is not JSON.")
    EMPTY = ("empty answer", "The server's answer was empty.")
    ANOTHER = (
        "the answer is about another assistant",
        "The server's answer names a different assistant from the one that was sent.",
    )
    WRONG_SHAPE = (
        "unexpected answer",
        "The server's answer is JSON, but it neither confirms nor refuses the assistant.",
    )
    TOO_LARGE = (
        "the answer is too large",
        "The server's answer was too large to read.",
    )
    SERVER_ERROR = (
        "server error",
        "The server failed while processing the request.",
    )
    OTHER_STATUS = (
        "unexpected status",
        "The server answered with an undocumented status.",
    )
    INTERRUPTED = (
        "stopped while waiting",
        "You stopped after the request was sent, before the server answered.",
    )
    EARLIER = (
        "an attempt without an answer",
        "An attempt to create the assistant ended without an answer.",
    )


def reason_for(
    error: Exception, url: str, *, begun: bool, left: bool
) -> NotSentReason | UnknownReason:
    """Return the reason for an exception before any answer. httpx's messages are often empty.

    `url` is that of the server. `begun` and `left` are the fields of `wizard.api.client.Delivery`.
    """
    import httpx  # noqa: PLC0415 - already imported by the request

    if isinstance(error, httpx.PoolTimeout):
        return NotSentReason.CONNECT_TIMEOUT
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError | httpx.ProxyError):
        is_late = isinstance(error, httpx.ConnectTimeout)
        reason = NotSentReason.CONNECT_TIMEOUT if is_late else _unreached(error)
        # A certificate is the server's, also behind a proxy.
        is_server = reason is NotSentReason.TLS_FAILURE or not uses_proxy(url)
        return reason if is_server else NotSentReason.PROXY_FAILED
    late = isinstance(error, httpx.TimeoutException | TimeoutError)
    if not begun:
        return NotSentReason.CONNECT_TIMEOUT if late else NotSentReason.NO_CONNECTION
    if not left:
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


def flaw_for(error: Exception) -> UnknownReason:
    """Return the reason for an exception in the middle of an answer."""
    import httpx  # noqa: PLC0415 - already imported by the request

    match error:
        case httpx.ReadTimeout():
            return UnknownReason.READ_TIMEOUT
        case TimeoutError():
            return UnknownReason.DEADLINE
        case httpx.DecodingError():
            return UnknownReason.NOT_JSON
    return UnknownReason.CUT_SHORT
