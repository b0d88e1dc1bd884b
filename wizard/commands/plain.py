"""The wizard as lines of text, on a terminal or over a pipe."""

import getpass
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TextIO

from wizard.api.connection import connect
from wizard.api.outcomes import NotSent
from wizard.commands import interruption
from wizard.commands.output import drop, report_problems, visible
from wizard.commands.output import report as report_line
from wizard.formats.files import write_new
from wizard.plain.console import Console, EndOfInput, InvalidLine
from wizard.plain.conversation import Conversation
from wizard.plain.conversation_state import Context
from wizard.plain.wording import outcome_lines
from wizard.sandbox.sandbox_store import SandboxStore
from wizard.settings import Settings
from wizard.storage.session import Session

if TYPE_CHECKING:
    from wizard.commands.debug_log import DebugLog
    from wizard.exchange.importing import Report


_UNDER_WAY: Final = "A request was in progress. The next start checks its outcome."


def run(
    session: Session,
    settings: Settings,
    log: "DebugLog | None",
    *,
    welcome: bool,
    notices: Sequence[str],
    report: "Report | None",
) -> int | None:
    """Ask the questions, and return the exit code; None if there was no input at all.

    If the input ends early, the draft is saved, the missing answers are reported, and the exit
    code is that of the last submission, or of nothing sent.
    """
    console = open_console()
    sandbox_store = SandboxStore(session)
    connected = partial(
        connect, on_exchange=log.exchange if log else None, sandbox_store=sandbox_store
    )
    context = Context(console, session, settings, connected, write_new)
    if log:
        place = "in memory alone" if session.trouble else "on disk"
        log.event(f"plain questions begin, target {settings.target.name}, drafts {place}")
    interruption.stop_on_signals()
    conversation = Conversation(context, welcome=welcome, notices=notices, report=report)
    try:
        code = _converse(conversation, context)
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone
            context.keep()
        sent = f" {_UNDER_WAY}" if context.is_sending else ""
        report_line(f"Interrupted.{sent} {_draft_state(context)}")
        code = interruption.exit_code()
    finally:
        context.close()
    if log:
        log.event(f"plain questions end, exit code {code}")
    return code


def _converse(conversation: Conversation, context: Context) -> int | None:
    """Ask the questions until the person or the input ends them; return the exit code."""
    console = context.console
    try:
        code = conversation.run()
        console.flush()
    except OSError as error:
        console.mute()
        return _report_broken_output(context, error)
    except EndOfInput:
        if not console.lines_read and not console.has_terminal:
            return None
        reason = "The input ended." if console.has_terminal else "The input ended too early."
        return _report_early_end(context, reason)
    except InvalidLine as misfit:
        return _report_early_end(
            context, f"Line {console.lines_read} of the input is wrong: {misfit}"
        )
    return code


def open_console() -> Console:
    """Return a console on the standard streams.

    If only standard output is no terminal, the questions go to standard error.
    """
    typed = sys.stdin.isatty()
    out: TextIO = sys.stdout or sys.stderr or io.StringIO()
    if typed and not out.isatty() and sys.stderr and sys.stderr.isatty():
        out = sys.stderr
    return Console(
        sys.stdin.buffer,
        out,
        edited=_edited() if typed and out is sys.stdout else None,
        columns=_columns(out),
        shown=visible,
        unseen=partial(getpass.getpass, stream=out) if typed else None,
        encoding=sys.stdin.encoding or "utf-8",
        stops=not typed,
    )


def _edited() -> Callable[[str], str] | None:
    """Return what reads a line with the keys of readline, where it and the terminal can."""
    try:
        import readline
    except ImportError:
        return None
    if os.environ.get("TERM", "dumb") == "dumb":
        return None
    readline.parse_and_bind("set enable-bracketed-paste on")
    readline.parse_and_bind("tab: self-insert")
    return input


def _columns(out: TextIO) -> int | None:
    """Return the width of the terminal, or None if it is unknown."""
    try:
        return os.get_terminal_size(out.fileno()).columns or None
    except OSError:
        return None


def _report_broken_output(context: Context, error: OSError) -> int:
    """Report the outcome on standard error, because standard output failed."""
    drop("stdout")
    if context.outcome is None:
        reason = error.strerror or error
        return _report_early_end(context, f"The questions cannot be printed: {reason}.")
    context.keep()
    for line in outcome_lines(context.outcome):
        report_line(line)
    return context.code


def _report_early_end(context: Context, reason: str) -> int:
    """Report why the questions ended, the draft, and what is missing."""
    context.keep()
    outcome = context.outcome
    nothing_sent = " Nothing was sent." if outcome is None else ""
    report_line(f"{reason}{nothing_sent} {_draft_state(context)}")
    report_problems(context.draft.problems())
    return outcome.exit_code if outcome else NotSent.exit_code


def _draft_state(context: Context) -> str:
    draft, trouble = context.draft, context.session.trouble
    if not draft.answers:
        return "There were no answers to save."
    if trouble:
        return f"The answers could not be saved. {trouble}"
    command = context.session.resuming(f"qcall-wizard --plain{context.settings.options}")
    saved = f"The draft is saved. Continue it: {command}"
    if not context.replaced:
        return saved
    return (
        f"The lines that you typed last are now the answer to {context.replaced}. Type :undo to "
        f"restore the old answer. {saved}"
    )
