"""The command `serve`: the wizard in a browser on this machine, by the optional textual-serve."""

from __future__ import annotations

import shlex
import socket
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from wizard import settings
from wizard.commands.output import tell
from wizard.errors import WizardError
from wizard.sandbox.sandbox_app import PortTaken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.commands.options import Common

_SANDBOX_NOTICE: Final = (
    "Each browser works on the sandbox, and its drafts are removed when the server stops. "
    "Use --live to create real assistants."
)


class NoBrowser(WizardError):
    """What serves a browser is not installed."""


def run(port: int, told: Common, *, live: bool) -> int:
    """Serve the wizard until Ctrl+C; NoBrowser, PortTaken, and BadTarget before anything."""
    if live and told.sandbox:
        raise click.UsageError("Use --live or --sandbox, not both.")
    if told.base_url and not live:
        raise click.UsageError("--base-url needs --live: without it, pages use the sandbox.")
    found = told.settings()
    try:
        from wizard.commands.token_server import TokenServer
    except ImportError:
        raise NoBrowser(
            "The browser needs a package that is not installed: pip install 'qcall-wizard[serve]'."
        ) from None
    if not live:
        told.sandbox = True
        settings.drop_key()
    with _socket_at(port) as listening, _homes(found.home if live else None) as homes:
        notice = _live_notice(found, homes) if live else _SANDBOX_NOTICE

        def announce(address: str) -> None:
            tell(f"Open {address} in a browser. Ctrl+C stops the server.")
            tell(notice)

        TokenServer(listening, homes, partial(command, told), announce).serve()
    return 0


def command(told: Common, home: Path) -> str:
    """The command line of one wizard; a key is in the environment and never here."""
    words = [sys.executable, "-m", "wizard", "--home", str(home)]
    if told.sandbox:
        words.append("--sandbox")
    if told.base_url is not None:
        words += ["--base-url", told.base_url]
    return shlex.join(words)


def _live_notice(found: settings.Settings, homes: Path) -> str:
    host = urlsplit(found.key_url or "").netloc
    return (
        f"--live: anyone with this address can create real assistants on {host} with your API "
        f"key. Drafts and receipts are stored in {homes}."
    )


@contextmanager
def _homes(kept_in: Path | None) -> Iterator[Path]:
    """The folder of the homes: a temporary one, or one that keeps the receipts of real sends."""
    if kept_in is None:
        with tempfile.TemporaryDirectory(prefix="qcall-wizard-") as temporary:
            yield Path(temporary)
    else:
        folder = kept_in / "served"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder


def _socket_at(port: int) -> socket.socket:
    """An open socket on a port, 0 picks a free one; PortTaken."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise PortTaken(f"Port {port} cannot be used: {error.strerror}. Name another.") from error
