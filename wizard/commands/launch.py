"""Opens the wizard: the screens, or the plain questions if there is no terminal for screens."""

import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from wizard.commands.output import report, visible
from wizard.errors import FAULT, WRONG_USAGE, InUse, StoreTrouble, Unreadable, WizardError
from wizard.keyring_store import with_stored_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.api.client import Client
    from wizard.commands.debug_log import DebugLog
    from wizard.draft.draft import Draft
    from wizard.exchange.importing import Candidates, Imported, Report
    from wizard.settings import Settings
    from wizard.storage.session import Session
    from wizard.storage.store import Store

_INSTEAD = (
    "Start it in a terminal window, or pipe answers into qcall-wizard --plain. "
    "qcall-wizard validate FILE asks nothing."
)
_STOPPED = (
    "A request was stopped before the answer and may have taken effect: qcall-wizard receipts "
    "shows it, and sending it again checks that first."
)
_NO_ANSWERS = "The wizard asks questions, and standard input ends without an answer"


class NoTerminal(WizardError):
    """There is no terminal for the screens, and no input for plain questions."""

    exit_code = WRONG_USAGE


def open_wizard(
    settings: "Settings",
    *,
    payload: str | None = None,
    draft: str | None = None,
    receipt: str | None = None,
    template: str | None = None,
    assistant: str | None = None,
    plain: bool = False,
    log: "DebugLog | None" = None,
) -> int:
    """Open the wizard with a file, template or receipt, on a draft, or on its first screen.

    `assistant` is the id of an existing assistant to change. Without a terminal for the screens it
    asks in plain lines, as with `plain`. Raises Unreadable, NoTerminal, NoSuch, InUse, Damaged,
    NewerFile, NoAssistant and AssistantsUnavailable.
    """
    imported = None if payload is None else _import(payload)
    started = imported.draft if imported else _from_template(template, settings.home)
    reason = "" if plain else _why_no_screens()
    plain = plain or bool(reason)
    if plain and not _can_answer():
        raise NoTerminal(f"{reason or _NO_ANSWERS}. {_INSTEAD}")
    if not plain:
        # Imports create no garbage to collect. The app enables it again after the first paint.
        gc.disable()
    from wizard.storage.session import Session
    from wizard.storage.store import open_store

    opened = open_store(settings.home)
    session = Session(settings.home, opened)
    is_named = draft is not None or receipt is not None
    try:
        if is_named and opened.trouble:
            report(opened.trouble)
        with suppress(StoreTrouble):
            opened.store.purge()
        if draft is not None:
            _open_draft(session, draft)
        elif started or receipt is not None:
            session.begin(started or _from_receipt(opened.store, receipt or ""))
            session.changed()
        settings, warning = with_stored_key(settings, session)
        notices = [f"{reason}, so it asks in plain lines."] if reason else []
        notices += [warning] if warning else []
        if assistant is not None:
            notices += _open_assistant(session, settings, assistant, log)
        if plain:
            from wizard.commands.plain import run
        else:
            run = _show_screens
        code = run(
            session,
            settings,
            log,
            welcome=not (is_named or started or assistant is not None),
            notices=notices,
            report=imported.report if imported else None,
        )
        if code is None:
            raise NoTerminal(f"{_NO_ANSWERS}. {_INSTEAD}")
        return code
    finally:
        session.close()


# What the wizard starts with


def _import(name: str) -> "Imported":
    """Read a file; if it holds several assistants, ask which one to use."""
    from wizard.exchange import importing
    from wizard.formats.files import is_standard_input

    found = importing.read(name)
    if is_standard_input(name):
        _reopen_keyboard()
    return importing.take(found, choose_assistant(found))


def choose_assistant(found: "Candidates") -> int:
    """Return the index of an assistant. Raises Unreadable if nobody can be asked."""
    count = len(found.candidates)
    if count == 1:
        return 0
    if not (sys.stdin and sys.stdin.isatty()):
        raise Unreadable(found.name, f"it holds {count} assistants; keep exactly one of them")
    report(f"{found.name} holds {count} assistants:")
    for number, candidate in enumerate(found.candidates, 1):
        report(f"{number:>5}  {candidate.title}")
    import click

    return int(click.prompt("Which one", type=click.IntRange(1, count), err=True)) - 1


def _reopen_keyboard() -> None:
    """Read keys from the terminal again after standard input was read to its end."""
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return  # `_why_no_screens` reports it
    os.dup2(terminal, 0)
    os.close(terminal)


def _from_template(name: str | None, home: "Path") -> "Draft | None":
    if name is None:
        return None
    from wizard.draft.draft import Draft
    from wizard.templates.library import find_template

    draft = Draft()
    draft.start_from(find_template(name, home))
    draft.go_to_first_gap()
    return draft


def _from_receipt(store: "Store", prefix: str) -> "Draft":
    from wizard.api.receipt_store import as_draft
    from wizard.commands.local_store import find_stored, receipts_in

    return as_draft(find_stored(prefix, receipts_in(store).all(), "receipt"))


def _open_assistant(
    session: "Session", settings: "Settings", assistant_id: str, log: "DebugLog | None"
) -> list[str]:
    """Open an assistant of the account, and return sentences about it."""
    from wizard.commands.account import ask_once, client_of
    from wizard.exchange.copying import opened_draft

    record = ask_once(client_of(log, session, settings), lambda each: each.record(assistant_id))
    session.begin(opened_draft(record, settings.target.base_url))
    earlier = session.drafts_of(settings.target.base_url, record.id)
    about = "You have unsent changes to it in another draft: see Continue on the start page."
    return [*filter(None, [record.warning]), *([about] if earlier else [])]


def _open_draft(session: "Session", prefix: str) -> None:
    """Open the draft whose id begins with `prefix`."""
    from wizard.commands.local_store import find_draft

    draft_id = find_draft(session.store, prefix).id
    try:
        session.open(draft_id)
    except InUse:
        raise InUse(
            f"the draft {draft_id} is open in another wizard: continue there, or start "
            "qcall-wizard without --draft and choose it in the list, which offers a copy"
        ) from None


# The screens and the plain questions


def _show_screens(
    session: "Session",
    settings: "Settings",
    log: "DebugLog | None",
    *,
    welcome: bool,
    notices: "Sequence[str]",
    report: "Report | None",
) -> int:
    # Textual reads this when it is imported. A key's change waits for the next frame: at 60 frames
    # a second, one key in twenty waits for most of 16 ms.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    # A thread writes to the terminal; by default it waits up to 5 ms while others work.
    sys.setswitchinterval(0.0005)
    from screens.app import WizardApp
    from wizard.sandbox.sandbox_store import SandboxStore
    from wizard.settings import is_in_browser, is_utf8

    sandbox_store = SandboxStore(session)

    def connect_to(settings: "Settings") -> "Client":
        from wizard.api.connection import connect

        return connect(
            settings, on_exchange=log.exchange if log else None, sandbox_store=sandbox_store
        )

    app = WizardApp(
        session,
        settings,
        connect_to,
        welcome=welcome,
        sandbox_store=sandbox_store,
        notices=notices,
        report=report,
        on_exchange=log.exchange if log else None,
    )
    if log:
        place = "in memory alone" if session.trouble else "on disk"
        log.event(f"screens begin, target {settings.target.name}, drafts {place}")
    app.run()
    line = session.closing_line(f"qcall-wizard{settings.options}")
    code = app.return_code or 0
    if session.has_stopped_request:
        from wizard.api.outcomes import Unknown

        line, code = f"{_STOPPED} {line}".strip(), code or Unknown.exit_code
    if line and app.return_code != FAULT and not is_in_browser():
        # Not by click, which is not imported for the screens.
        with suppress(OSError):
            shown = line if is_utf8() else line.encode("ascii", "replace").decode()
            print(visible(shown), file=sys.stderr, flush=True)
    if log:
        log.event(f"screens end, exit code {code}")
    return code


def _why_no_screens() -> str:
    """Return why the screens cannot be shown, as a sentence without a full stop."""
    from wizard.settings import is_dumb_terminal, is_in_browser

    if is_in_browser():
        return ""
    # Textual draws on standard error, and reports on standard output.
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    for name, stream in streams.items():
        if stream is None or not stream.isatty():
            return f"The screens need a terminal, and standard {name} is not one"
    if is_dumb_terminal():
        return "The screens need a terminal that can draw, and TERM is dumb"
    return ""


def _can_answer() -> bool:
    """Whether standard input may hold answers: a terminal, or a pipe that is not at its end."""
    import select

    if sys.stdin is None or sys.stdin.closed:
        return False
    if sys.stdin.isatty():
        return True
    try:
        ready, _, _ = select.select([sys.stdin], [], [], 0)
    except (OSError, ValueError):
        return True  # Windows cannot check a pipe without waiting
    try:
        # A pipe without data may wait for the first question.
        return not ready or bool(sys.stdin.buffer.peek(1))  # type: ignore[union-attr]
    except OSError:
        return False
