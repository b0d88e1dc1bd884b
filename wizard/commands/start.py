"""The bare command: opens the wizard's screens, where there is a terminal to show them on."""

import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from wizard import keyring_store
from wizard.errors import InUse, StoreTrouble, Unreadable, WizardError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.api.client import Client
    from wizard.commands.log import DebugLog
    from wizard.draft.draft import Draft
    from wizard.exchange.importing import Found, Imported, Report
    from wizard.settings import Settings
    from wizard.storage.session import Session
    from wizard.storage.store import Store

# How long one thread works while another waits for its turn, in seconds; Python's own is 5 ms.
_TURN_SECONDS = 0.0005

_INSTEAD = "or pipe answers into qcall-wizard --plain; qcall-wizard validate FILE asks nothing"


class NoTerminal(WizardError):
    """There is no terminal that screens could be shown on, and nobody to answer otherwise."""


def run(
    settings: "Settings",
    *,
    payload: str | None = None,
    draft: str | None = None,
    receipt: str | None = None,
    template: str | None = None,
    plain: bool = False,
    log: "DebugLog | None" = None,
) -> int:
    """Open the wizard: on what a file, a receipt or a template has, on a draft, or on a new one.

    `plain` asks in lines of text; so it is done too where there is no terminal for screens, as
    long as somebody can answer.

    Raises Unreadable, NoTerminal, NoSuch, InUse, Damaged and NewerFile.
    """
    read = None if payload is None else _read(payload)
    begun = read.draft if read else _of_template(template, settings.home)
    why = "" if plain else without_screens()
    plain = plain or bool(why)
    if plain and not can_answer():
        raise NoTerminal(f"{why or _NO_ANSWERS}: start it in a terminal window, {_INSTEAD}.")
    if not plain:
        # Nothing of what is made from here to the first screen is garbage; the app begins it again.
        gc.disable()
    # Imported late: nothing of it is needed to say that there is no terminal.
    from wizard.storage.session import Session
    from wizard.storage.store import open_store

    opened = open_store(settings.home)
    session = Session(settings.home, opened)
    named = draft is not None or receipt is not None
    try:
        if named and opened.trouble:
            _tell(opened.trouble)
        with suppress(StoreTrouble):
            opened.store.purge()
        if draft is not None:
            _go_on(session, draft)
        elif begun or receipt is not None:
            session.begin(begun or _of_receipt(opened.store, receipt))
            session.changed()
        settings, told = with_stored_key(settings, session)
        notices = list(filter(None, (f"{why}: so it asks in plain lines." if why else "", told)))
        offer = not named and begun is None
        report = read.report if read else None
        show = _ask if plain else _show
        return show(session, settings, log, welcome=offer, notices=notices, report=report)
    finally:
        session.close()


def _go_on(session: "Session", wanted: str) -> None:
    """Open the draft whose id begins so; InUse with the way to a copy."""
    from wizard.commands.kept import find_draft

    draft_id = find_draft(session.store, wanted).id
    try:
        session.open(draft_id)
    except InUse:
        raise InUse(
            f"the draft {draft_id} is open in another wizard: go on there, or start qcall-wizard "
            "without --draft and choose it in the list, which offers a copy"
        ) from None


def _of_receipt(store: "Store", wanted: str | None) -> "Draft":
    """A new draft of what was sent once."""
    from wizard.api.receipt_store import as_draft
    from wizard.commands.receipts import find_receipt

    return as_draft(find_receipt(store, wanted or ""))


def _of_template(name: str | None, home: "Path") -> "Draft | None":
    """A new draft that begins with a template, None where none was named."""
    if name is None:
        return None
    from wizard.draft.draft import Draft
    from wizard.templates import find_template

    draft = Draft()
    draft.start_from(find_template(name, home))
    draft.go_to_first_gap()
    return draft


def with_stored_key(settings: "Settings", session: "Session") -> "tuple[Settings, str]":
    """The settings with the key of the system's keyring, where it is remembered that one is there.

    The environment's key wins, and then no keyring is asked. Where the keyring fails, the second
    value says so in a sentence, and the wizard goes on without a key on the server that it is for.
    """
    url = settings.keyless_url
    try:
        if url is None or session.setting(keyring_store.SETTING) != url:
            return settings, ""
        found = keyring_store.stored_key(url)
    except StoreTrouble:
        return settings, ""  # told by the session, which meets it too
    except keyring_store.KeyTrouble as trouble:
        return settings.with_key(None), str(trouble)
    return (settings.with_key(found) if found else settings), ""


def _show(
    session: "Session",
    settings: "Settings",
    log: "DebugLog | None",
    *,
    welcome: bool,
    notices: "Sequence[str]",
    report: "Report | None",
) -> int:
    # Read by Textual when it is imported: what a key changed waits for the next frame, and one key
    # in twenty for most of it. Still more frames only take time from the keys.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    # What is drawn goes out through a thread, which would wait 5 ms for its turn while others work.
    sys.setswitchinterval(_TURN_SECONDS)
    from screens.app import WizardApp
    from wizard.sandbox.sandbox_store import SandboxStore

    sandbox_store = SandboxStore(session)

    def connected(settings: "Settings") -> "Client":
        from wizard.api.connection import connect

        return connect(settings, log=log.exchange if log else None, sandbox_store=sandbox_store)

    app = WizardApp(
        session,
        settings,
        connected,
        welcome=welcome,
        sandbox_store=sandbox_store,
        notices=notices,
        report=report,
    )
    if log:
        kept = "in memory alone" if session.trouble else "on disk"
        log.event(f"screens begin, target {settings.target.name}, drafts {kept}")
    app.run()
    if log:
        log.event(f"screens end, exit code {app.return_code or 0}")
    return app.return_code or 0


def _ask(
    session: "Session",
    settings: "Settings",
    log: "DebugLog | None",
    *,
    welcome: bool,
    notices: "Sequence[str]",
    report: "Report | None",
) -> int:
    """Ask in lines of text; NoTerminal where nobody ever answers."""
    from wizard.commands import plain

    code = plain.run(session, settings, log, welcome=welcome, notices=notices, report=report)
    if code is None:
        raise NoTerminal(f"{_NO_ANSWERS}: start it in a terminal window, {_INSTEAD}.")
    return code


def _read(name: str) -> "Imported":
    """Read what a file holds; where that is several assistants, ask which one is meant."""
    from wizard.exchange import importing
    from wizard.formats.files import is_standard_input

    found = importing.read(name)
    if is_standard_input(name):
        _give_back_keyboard()
    return importing.take(found, _pick(found))


def _pick(found: "Found") -> int:
    """The number of a candidate, from 0; Unreadable where there is nobody to ask."""
    count = len(found.candidates)
    if count == 1:
        return 0
    if not (sys.stdin and sys.stdin.isatty()):
        raise Unreadable(found.name, f"it holds {count} assistants; keep exactly one of them")
    _tell(f"{found.name} holds {count} assistants:")
    for number, candidate in enumerate(found.candidates, 1):
        _tell(f"{number:>5}  {candidate.title}")
    import click

    return int(click.prompt("Which one", type=click.IntRange(1, count), err=True)) - 1


def _tell(line: str) -> None:
    from wizard.commands.output import tell

    tell(line)


def _give_back_keyboard() -> None:
    """Let the keys come from the terminal again, after standard input was read to its end."""
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return  # what is missing is told when the screens, or the answers, do not come
    os.dup2(terminal, 0)
    os.close(terminal)


_NO_ANSWERS = "The wizard has questions, and standard input ends without an answer"


def without_screens() -> str:
    """Why screens cannot be shown or keys cannot be read, as a clause; empty where they can."""
    from wizard.settings import is_dumb_terminal, is_in_browser

    if is_in_browser():
        return ""
    # Textual draws on standard error; an error in a file and screens in a pipe help nobody.
    ends = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    for name, stream in ends.items():
        if stream is None or not stream.isatty():
            return f"The wizard needs a terminal for its screens, and standard {name} is none"
    if is_dumb_terminal():
        return "The wizard needs a terminal that can draw screens, and TERM says this one is dumb"
    return ""


def can_answer() -> bool:
    """Whether somebody may answer: false where standard input is at its end already."""
    import select

    if sys.stdin is None or sys.stdin.closed:
        return False
    if sys.stdin.isatty():
        return True
    try:
        ready, _, _ = select.select([sys.stdin], [], [], 0)
    except (OSError, ValueError):
        return True  # it cannot be looked into without waiting, as on Windows
    try:
        # Whoever has not written yet may be waiting for the first question.
        return not ready or bool(sys.stdin.buffer.peek(1))  # type: ignore[union-attr]
    except OSError:
        return False
