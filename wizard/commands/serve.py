"""The command `serve`: the wizard in a browser, with the optional package textual-serve."""

import shlex
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import CommonOptions, common_options
from wizard.commands.output import report
from wizard.errors import WizardError
from wizard.settings import Settings, Target, drop_key

_SANDBOX_NOTICE = (
    "Each browser works on the sandbox, and its drafts are removed when the server stops. "
    "Use --live to create real assistants."
)


class NoBrowser(WizardError):
    """The package for serving a browser is not installed."""


@click.command(cls=Command)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8701,
    show_default=True,
    help="Listen on port N; 0 picks a free one.",
)
@click.option(
    "--live", is_flag=True, help="Use your API key: assistants that pages create are real."
)
@common_options
def serve(options: CommonOptions, port: int, live: bool) -> int:
    """\b
    Examples:
      qcall-wizard serve
      qcall-wizard serve --port 8800
      qcall-wizard serve --live

    Serves the wizard to browsers on this machine, for example in a workshop, until Ctrl+C. The
    address is printed and contains a token: only a browser that opens it is admitted. Each
    browser has its own drafts, which are removed at the end, and works on the sandbox. With
    --live, everyone with the address works with your API key on the real API; their drafts and
    receipts are stored in the folder `served` of your home. It needs the extra `serve`:
    pip install 'qcall-wizard[serve]'.
    """
    if live and options.sandbox:
        raise click.UsageError("Use --live or --sandbox, not both.")
    if options.base_url and not live:
        raise click.UsageError("--base-url needs --live: without it, pages use the sandbox.")
    settings = options.settings()
    try:
        from wizard.commands.token_server import TokenServer
    except ImportError:
        raise NoBrowser(
            "The browser needs a package that is not installed: pip install 'qcall-wizard[serve]'."
        ) from None
    if not live:
        options.sandbox = True
        drop_key()
    with _listen(port) as listening, _homes(settings.home if live else None) as homes:

        def announce(address: str) -> None:
            report(f"Open {address} in a browser. Ctrl+C stops the server.")
            report(_live_notice(settings, homes) if live else _SANDBOX_NOTICE)

        TokenServer(listening, homes, lambda home: wizard_command(options, home), announce).serve()
    return 0


def wizard_command(options: CommonOptions, home: Path) -> str:
    """Return the command line of one wizard. The key is in the environment, never here."""
    words = [sys.executable, "-m", "wizard", "--home", str(home)]
    if options.sandbox:
        words.append("--sandbox")
    if options.base_url is not None:
        words += ["--base-url", options.base_url]
    return shlex.join(words)


def _live_notice(settings: Settings, homes: Path) -> str:
    target = Target(settings.key_url or "")
    real = "real assistants" if target.is_live else "assistants"
    key = "your API key" if settings.key else "the key of your keyring, or one that they enter"
    return (
        f"--live: anyone with this address can create {real} {target.place} with {key}. Drafts "
        f"and receipts are stored in {homes}."
    )


@contextmanager
def _homes(home: Path | None) -> Iterator[Path]:
    """Provide the folder of the homes: one that stays, in `home`, or a temporary one."""
    if home is None:
        with tempfile.TemporaryDirectory(prefix="qcall-wizard-") as temporary:
            yield Path(temporary)
    else:
        folder = home / "served"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder


def _listen(port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one. Raises PortTaken."""
    from wizard.sandbox.sandbox_app import PortTaken

    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise PortTaken(f"Port {port} cannot be used: {error.strerror}. Name another.") from error
