"""The web server of `serve`: lets in browsers that were opened with the token of the address."""

import asyncio
import copy
import hmac
import logging
import secrets
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web
from textual_serve.server import Server

_PAGE: Final = Path(__file__).parent / "page"
_HEADERS: Final = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class TokenServer(Server):
    """Runs wizards for the browsers that hold its token or a cookie that was given for it.

    Each browser session has its own folder in `homes`; `command` returns the command line of a
    wizard with that home. `announce` is called with the address, once the server is up.
    """

    def __init__(
        self,
        listening: socket.socket,
        homes: Path,
        command: Callable[[Path], str],
        announce: Callable[[str], None],
    ) -> None:
        host, port = listening.getsockname()
        super().__init__("", host=host, port=port, title="qcall-wizard", templates_path=_PAGE)
        self._socket, self._homes, self._command_for = listening, homes, command
        self._announce = announce
        self._token = secrets.token_urlsafe(32)
        self._origin = f"http://{host}:{port}"
        # The name has the port, because browsers send a cookie to every port of a host.
        self._cookie = f"qcall-wizard-{port}"
        self._sessions: dict[str, Path] = {}
        self._pages: set[asyncio.Task[None]] = set()

    def serve(self, debug: bool = False) -> None:
        """Serve until Ctrl+C; nothing is logged, because a log would hold what is typed."""
        logging.disable()  # both servers log the traceback of each request that is not in order
        web.run_app(self._make_app(), sock=self._socket, print=None, access_log=None)

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._admit)
        app.on_response_prepare.append(self._complete)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Announce the address, and stop on SIGHUP as on SIGTERM: homes are removed then."""
        self._announce(f"{self._origin}/?token={self._token}")
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.request_exit)

    async def on_shutdown(self, app: web.Application) -> None:
        """End the wizards, because the server waits for its open connections."""
        for page in self._pages:
            page.cancel()

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run a wizard in the home of this browser session."""
        # The command is an attribute of the server, but each session needs another one.
        server = copy.copy(self)
        server.command = self._command_for(request["home"])
        self._pages.add(request.task)
        try:
            return await Server.handle_websocket(server, request)
        finally:
            self._pages.discard(request.task)

    @web.middleware
    async def _admit(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse other pages, other names of this machine, and requests without a secret."""
        if not self._is_own(request):
            raise web.HTTPForbidden(text=f"The wizard answers only at {self._origin}.")
        cookie, token = request.cookies.get(self._cookie, ""), request.query.get("token")
        session = next((each for each in self._sessions if _is_same(each, cookie)), None)
        if not (session if token is None else _is_same(token, self._token)):
            raise web.HTTPForbidden(
                text="Open the address that `qcall-wizard serve` printed, with its token."
            )
        if session is None:
            session = request["new_session"] = secrets.token_urlsafe(32)
            self._sessions[session] = Path(tempfile.mkdtemp(dir=self._homes))
        request["home"] = self._sessions[session]
        return await handler(request)

    def _is_own(self, request: web.Request) -> bool:
        """Whether a request is for this address, and comes from its own page or from a person.

        Browsers name the origin of a websocket, but not of a page, script or download that they
        get; there they say how the page that asks is related to this address.
        """
        if [f"http://{host}" for host in request.headers.getall("Host", [])] != [self._origin]:
            return False
        origins = request.headers.getall("Origin", [])
        if origins or request.path == "/ws":
            return origins == [self._origin]
        site = request.headers.get("Sec-Fetch-Site", "none")
        return site in ("none", "same-origin") or "token" in request.query

    async def _complete(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add the headers of every response, and the cookie of a new session."""
        response.headers.update(_HEADERS)
        if session := request.get("new_session"):
            # When this is called, aiohttp has written `response.cookies` to the headers already.
            cookie = f"{self._cookie}={session}; HttpOnly; Path=/; SameSite=Strict"
            response.headers.add("Set-Cookie", cookie)


def _is_same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not depend on what they hold."""
    # Bytes of a header that are not UTF-8 are surrogates.
    return hmac.compare_digest(*(each.encode(errors="surrogateescape") for each in (one, other)))
