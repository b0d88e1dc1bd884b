"""The command `serve`: the wizard in a browser on this machine, by the optional textual-serve."""

from __future__ import annotations

import shlex
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.commands.output import tell
from wizard.errors import WizardError
from wizard.sandbox import PortTaken

if TYPE_CHECKING:
    from aiohttp import web

    from wizard.commands.options import Common

_HOST: Final = "127.0.0.1"
_PAGE: Final = Path(__file__).parent / "page"
_MISSING: Final = (
    "The browser needs a package that is not installed: pip install 'qcall-wizard[serve]'."
)


class NoBrowser(WizardError):
    """What serves a browser is not installed."""


def run(port: int, told: Common) -> int:
    """Serve the wizard until Ctrl+C; NoBrowser, PortTaken, and BadTarget before anything."""
    told.settings()
    try:
        from textual_serve.server import Server  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise NoBrowser(_MISSING) from None

    class OwnPage(Server):
        """Serves pages of this machine alone: other pages that a browser shows are refused."""

        def initialize_logging(self) -> None:
            """Log nothing: a log of what is typed would keep secrets."""

        async def on_startup(self, app: web.Application) -> None:
            """Say where it is."""
            tell(f"The wizard is at {self.public_url} until Ctrl+C.")

        async def handle_index(self, request: web.Request) -> web.StreamResponse:
            """Serve the page, with nothing taken from elsewhere."""
            _check(request, self.public_url)
            answer: web.StreamResponse = await super().handle_index(request)
            return answer

        async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
            """Run a wizard for a page of this server."""
            _check(request, self.public_url)
            return await super().handle_websocket(request)

        def serve(self, debug: bool = False) -> None:
            """Serve on the socket that is open already, until Ctrl+C."""
            from aiohttp import web  # noqa: PLC0415 - an optional extra

            web.run_app(self._make_app(), sock=listening, print=None, access_log=None)

    with _socket_at(port) as listening:
        free = listening.getsockname()[1]
        OwnPage(
            command(told), host=_HOST, port=free, title="qcall-wizard", templates_path=_PAGE
        ).serve()
    return 0


def command(told: Common) -> str:
    """The command line of one wizard; the key is in the environment and never here."""
    words = [sys.executable, "-m", "wizard"]
    if told.sandbox:
        words.append("--sandbox")
    for option, value in (("--base-url", told.base_url), ("--home", told.home)):
        if value is not None:
            words += [option, value]
    return shlex.join(words)


def _check(request: web.Request, own: str) -> None:
    """Refuse what another page, or another name for this machine, asks for.

    A page from anywhere may open a socket to this machine, and would work with the person's key.
    """
    from aiohttp import web  # noqa: PLC0415 - an optional extra

    origin = request.headers.get("Origin", own)
    if origin != own or f"http://{request.host}" != own:
        raise web.HTTPForbidden(text=f"The wizard answers at {own} alone.")


def _socket_at(port: int) -> socket.socket:
    """An open socket on a port, 0 picks a free one; PortTaken."""
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        raise PortTaken(f"Port {port} cannot be used: {error.strerror}. Name another.") from error
