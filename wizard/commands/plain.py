"""The bare command with `--plain`: the wizard as lines of text, on a terminal or over a pipe."""

import getpass
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TextIO

from wizard.api.connection import connect
from wizard.api.outcomes import NotSent
from wizard.commands.output import drop, tell, visible
from wizard.formats.files import write_new
from wizard.plain import Console, Context, Conversation, Ended, Misfit
from wizard.plain.sending import outcome_lines
from wizard.sandbox.sandbox_store import SandboxStore
from wizard.settings import Settings
from wizard.storage.session import Session

if TYPE_CHECKING:
    from wizard.commands.log import DebugLog
    from wizard.exchange.importing import Report


# What a shell reports for a program that a signal ended.
_SIGNALLED: Final = 128


class _Stopped(BaseException):
    """The system asks the program to end."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def run(
    session: Session,
    settings: Settings,
    log: "DebugLog | None",
    *,
    welcome: bool,
    notices: Sequence[str],
    report: "Report | None",
) -> int | None:
    """Hold the conversation; the exit code, None where nobody ever said anything.

    Input that ends early leaves the draft kept, tells what is missing, and ends with the code of
    what was sent last, or with that of nothing sent.
    """
    console = _console()
    sandbox_store = SandboxStore(session)
    connected = partial(connect, log=log.exchange if log else None, sandbox_store=sandbox_store)
    context = Context(console, session, settings, connected, write_new)
    if log:
        kept = "in memory alone" if session.trouble else "on disk"
        log.event(f"plain questions begin, target {settings.target.name}, drafts {kept}")
    handlers = _stop_on_signals()
    conversation = Conversation(context, welcome=welcome, notices=notices, report=report)
    try:
        code = conversation.run()
        console.flush()
    except OSError as error:
        console.mute()
        code = _without_output(context, error)
    except Ended:
        if not console.heard and not console.has_terminal:
            return None
        code = _ended_early(context, "The input ended before the conversation did.")
    except Misfit as misfit:
        code = _ended_early(context, f"Line {console.heard} of the input does not fit: {misfit}")
    except (KeyboardInterrupt, _Stopped) as stop:
        with suppress(OSError):  # the terminal may be gone
            context.keep()
        tell(f"Interrupted. {_kept(context)}")
        if isinstance(stop, KeyboardInterrupt):
            raise
        code = _SIGNALLED + stop.number
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        context.close()
    if log:
        log.event(f"plain questions end, exit code {code}")
    return code


def _stop_on_signals() -> dict[int, Any]:
    """Have the signals that end a program raise _Stopped; the handlers that were there before.

    A program that was started to ignore one keeps to that. Windows has no SIGHUP.
    """
    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    heeded = [n for n in numbers if n is not None and signal.getsignal(n) is not signal.SIG_IGN]
    return {number: signal.signal(number, _stop) for number in heeded}


def _stop(number: int, _: object) -> None:
    raise _Stopped(number)


def _console() -> Console:
    """A talk over the standard streams; where results go into a file, it is on the terminal."""
    typed = sys.stdin.isatty()
    out: TextIO = sys.stdout or sys.stderr or io.StringIO()
    if typed and not out.isatty() and sys.stderr and sys.stderr.isatty():
        out = sys.stderr
    return Console(
        sys.stdin.buffer,
        out,
        columns=_columns(out),
        shown=visible,
        unseen=partial(_unseen, out) if typed else None,
        encoding=sys.stdin.encoding or "utf-8",
        stops=not typed,
    )


def _columns(out: TextIO) -> int | None:
    """The width of a terminal; None where there is none, or where it does not say."""
    try:
        return os.get_terminal_size(out.fileno()).columns or None
    except OSError:
        return None


def _unseen(out: TextIO, prompt: str) -> str:
    return getpass.getpass(prompt, out)


def _without_output(context: Context, error: OSError) -> int:
    """Say on standard error what came of sending, after the questions could not be written."""
    drop("stdout")
    if context.outcome is None:
        return _ended_early(context, f"The questions cannot be written: {error.strerror or error}.")
    context.keep()
    for line in outcome_lines(context.outcome):
        tell(line)
    return context.code


def _ended_early(context: Context, why: str) -> int:
    """Say why the conversation ended, where the draft is, and what is missing."""
    context.keep()
    sent = " Nothing was sent." if context.outcome is None else ""
    tell(f"{why}{sent} {_kept(context)}")
    problems = context.draft.problems()
    if problems:
        count = len(problems)
        tell(f"{count} answer{'s are' if count > 1 else ' is'} missing or wrong:")
    for problem in problems:
        tell(f"  {problem}")
    return context.code or NotSent.exit_code


def _kept(context: Context) -> str:
    """Where the draft is."""
    draft, trouble = context.draft, context.session.trouble
    if not draft.answers:
        return "There was no answer to keep."
    if trouble:
        return f"What was answered could not be saved. {trouble}"
    return f"The draft {draft.id} is kept: qcall-wizard --plain --draft {draft.id} goes on with it."
