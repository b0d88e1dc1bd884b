"""The bare command: opens the wizard's screens, where there is a terminal to show them on."""

import os
import sys
from typing import TYPE_CHECKING, Any

from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.settings import Settings

_INSTEAD = "qcall-wizard validate FILE works without one"


class NoTerminal(WizardError):
    """There is no terminal that screens could be shown on."""


def run(settings: "Settings", payload_file: str | None = None) -> int:
    """Open the wizard, with the answers of a payload where one is named.

    Raises Unreadable and NoTerminal.
    """
    payload = _read(payload_file) if payload_file else None
    check_terminal()
    # Imported late: nothing of it is needed to say that there is no terminal.
    from screens.app import WizardApp  # noqa: PLC0415
    from wizard.connection import connect  # noqa: PLC0415
    from wizard.draft import Draft  # noqa: PLC0415
    from wizard.session import Session  # noqa: PLC0415
    from wizard.store import open_store  # noqa: PLC0415

    session = Session(settings.home, open_store(settings.home))
    if payload is not None:
        session.begin(Draft.imported(payload))
        session.changed()
    app = WizardApp(session, settings, connect, offer_drafts=payload is None)
    app.run()
    return app.return_code or 0


def _read(name: str) -> dict[str, Any]:
    from wizard import payloads  # noqa: PLC0415 - see run

    shown = payloads.STANDARD_INPUT if name == "-" else name
    payload = payloads.unwrap(payloads.load(name), shown)
    if name == "-":
        _give_back_keyboard()
    return payload


def _give_back_keyboard() -> None:
    """Let the keys come from the terminal again, after standard input was read to its end."""
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return  # check_terminal says what is missing
    os.dup2(terminal, 0)
    os.close(terminal)


def check_terminal() -> None:
    """Raise NoTerminal where screens cannot be shown or keys cannot be read."""
    # Textual draws on standard error; an error in a file and screens in a pipe help nobody.
    ends = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    for name, stream in ends.items():
        if stream is None or not stream.isatty():
            raise NoTerminal(
                f"The wizard needs a terminal, and standard {name} is none: start it in a terminal "
                f"window, without a pipe or a file; {_INSTEAD}."
            )
    if os.environ.get("TERM") == "dumb":
        raise NoTerminal(
            "The wizard needs a terminal that can draw screens, and TERM says that this one is "
            f"dumb: start it in another, or set TERM to what it really is; {_INSTEAD}."
        )
