"""The bare command: opens the wizard's screens, where there is a terminal to show them on."""

import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from wizard import keys
from wizard.commands.output import tell
from wizard.errors import InUse, StoreTrouble, WizardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.commands.log import DebugLog
    from wizard.draft import Draft
    from wizard.session import Session
    from wizard.settings import Settings
    from wizard.store import Store

_INSTEAD = "qcall-wizard validate FILE works without one"


class NoTerminal(WizardError):
    """There is no terminal that screens could be shown on."""


def run(
    settings: "Settings",
    *,
    payload: str | None = None,
    draft: str | None = None,
    receipt: str | None = None,
    log: "DebugLog | None" = None,
) -> int:
    """Open the wizard: with the answers of a payload or of a receipt, on a draft, or on a new one.

    Raises Unreadable, NoTerminal, NoSuch, InUse, Damaged and NewerFile.
    """
    read = None if payload is None else _read(payload)
    check_terminal()
    # Imported late: nothing of it is needed to say that there is no terminal.
    from wizard.session import Session  # noqa: PLC0415
    from wizard.store import open_store  # noqa: PLC0415

    opened = open_store(settings.home)
    session = Session(settings.home, opened)
    named = draft is not None or receipt is not None
    try:
        if named and opened.trouble:
            tell(opened.trouble)
        with suppress(StoreTrouble):
            opened.store.purge()
        if draft is not None:
            _go_on(session, draft)
        elif (begun := _beginning(opened.store, read, receipt)) is not None:
            session.begin(begun)
            session.changed()
        settings, told = with_stored_key(settings, session)
        offer = not named and payload is None
        return _show(session, settings, log, welcome=offer, notices=[told] if told else [])
    finally:
        session.close()


def _go_on(session: "Session", wanted: str) -> None:
    """Open the draft whose id begins so; InUse with the way to a copy."""
    from wizard.commands.drafts import find_draft  # noqa: PLC0415 - see run

    draft_id = find_draft(session.store, wanted)
    try:
        session.open(draft_id)
    except InUse:
        raise InUse(
            f"the draft {draft_id} is open in another wizard: go on there, or start qcall-wizard "
            "without --draft and choose it in the list, which offers a copy"
        ) from None


def _beginning(
    store: "Store", payload: dict[str, Any] | None, receipt: str | None
) -> "Draft | None":
    """A new draft of what was named to begin with, None where nothing was."""
    from wizard.commands.receipts import find_receipt  # noqa: PLC0415 - see run
    from wizard.draft import Draft  # noqa: PLC0415
    from wizard.receipts import as_draft  # noqa: PLC0415

    if receipt is not None:
        return as_draft(find_receipt(store, receipt))
    return None if payload is None else Draft.imported(payload)


def with_stored_key(settings: "Settings", session: "Session") -> "tuple[Settings, str]":
    """The settings with the key of the system's keyring, where it is remembered that one is there.

    The environment's key wins, and then no keyring is asked. Where the keyring fails, the second
    value says so in a sentence, and the wizard goes on without a key on the server that it is for.
    """
    url = settings.keyless_url
    try:
        if url is None or session.setting(keys.SETTING) != url:
            return settings, ""
        found = keys.stored_key(url)
    except StoreTrouble:
        return settings, ""  # told by the session, which meets it too
    except keys.KeyTrouble as trouble:
        return settings.with_key(None), str(trouble)
    return (settings.with_key(found) if found else settings), ""


def _show(
    session: "Session",
    settings: "Settings",
    log: "DebugLog | None",
    *,
    welcome: bool,
    notices: "Sequence[str]",
) -> int:
    from screens.app import WizardApp  # noqa: PLC0415 - see run
    from wizard.connection import connect  # noqa: PLC0415
    from wizard.shelf import KeptShelf  # noqa: PLC0415

    shelf = KeptShelf(session)
    app = WizardApp(
        session,
        settings,
        partial(connect, log=log.exchange if log else None, shelf=shelf),
        welcome=welcome,
        shelf=shelf,
        notices=notices,
    )
    if log:
        kept = "in memory alone" if session.trouble else "on disk"
        log.event(f"screens begin, target {settings.target.name}, drafts {kept}")
    app.run()
    if log:
        log.event(f"screens end, exit code {app.return_code or 0}")
    return app.return_code or 0


def _read(name: str) -> dict[str, Any]:
    from wizard import payloads  # noqa: PLC0415 - see run

    shown = payloads.STANDARD_INPUT if name == "-" else name
    payload = payloads.unwrap(payloads.load(name), shown)
    if name == "-":
        _give_back_keyboard()
    return unmasked(payload)


def unmasked(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload without the stars that stood for its secret where it was printed by a command."""
    from wizard import paths  # noqa: PLC0415 - see run
    from wizard.receipts import MASK, SECRET  # noqa: PLC0415

    hidden = paths.get(payload, SECRET) == MASK
    return paths.put(payload, SECRET, paths.MISSING) if hidden else payload


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
    from wizard.settings import is_dumb_terminal  # noqa: PLC0415 - see run

    if is_dumb_terminal():
        raise NoTerminal(
            "The wizard needs a terminal that can draw screens, and TERM says that this one is "
            f"dumb: start it in another, or set TERM to what it really is; {_INSTEAD}."
        )
