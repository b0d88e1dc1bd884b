"""The bare command with `--plain`: the wizard as lines of text, on a terminal or over a pipe."""

import getpass
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, TextIO

from wizard.commands.output import tell, visible
from wizard.connection import connect
from wizard.files import write_new
from wizard.outcomes import NotSent
from wizard.plain import Conversation, Desk, Ended, Talk
from wizard.session import Session
from wizard.settings import Settings
from wizard.shelf import KeptShelf

if TYPE_CHECKING:
    from wizard.commands.log import DebugLog
    from wizard.imports import Report


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
    talk = _talk()
    shelf = KeptShelf(session)
    connected = partial(connect, log=log.exchange if log else None, shelf=shelf)
    desk = Desk(talk, session, settings, connected, write_new)
    if log:
        kept = "in memory alone" if session.trouble else "on disk"
        log.event(f"plain questions begin, target {settings.target.name}, drafts {kept}")
    conversation = Conversation(desk, welcome=welcome, notices=notices, report=report)
    try:
        code = conversation.run()
    except Ended:
        if not talk.heard and not talk.has_terminal:
            return None
        code = _ended_early(desk)
    except KeyboardInterrupt:
        desk.keep()
        tell(f"Interrupted. {_kept(desk)}")
        raise
    finally:
        desk.close()
    if log:
        log.event(f"plain questions end, exit code {code}")
    return code


def _talk() -> Talk:
    """A talk over the standard streams; where results go into a file, it is on the terminal."""
    typed = sys.stdin.isatty()
    out: TextIO = sys.stdout or sys.stderr
    if typed and not out.isatty() and sys.stderr and sys.stderr.isatty():
        out = sys.stderr
    return Talk(
        sys.stdin.buffer,
        out,
        columns=_columns(out),
        shown=visible,
        unseen=partial(_unseen, out) if typed else None,
        encoding=sys.stdin.encoding or "utf-8",
    )


def _columns(out: TextIO) -> int | None:
    """The width of a terminal; None where there is none, or where it does not say."""
    try:
        return os.get_terminal_size(out.fileno()).columns or None
    except OSError:
        return None


def _unseen(out: TextIO, prompt: str) -> str:
    return getpass.getpass(prompt, out)


def _ended_early(desk: Desk) -> int:
    """Say that the input ended, where the draft is, and what is missing."""
    desk.keep()
    sent = "" if desk.code else " Nothing was sent."
    tell(f"The input ended before the conversation did.{sent} {_kept(desk)}")
    problems = desk.draft.problems()
    if problems:
        count = len(problems)
        tell(f"{count} answer{'s are' if count > 1 else ' is'} missing or wrong:")
    for problem in problems:
        tell(f"  {problem}")
    return desk.code or NotSent.exit_code


def _kept(desk: Desk) -> str:
    """Where the draft is."""
    draft, trouble = desk.draft, desk.session.trouble
    if not draft.answers:
        return "There was no answer to keep."
    if trouble:
        return f"What was answered could not be saved. {trouble}"
    return f"The draft {draft.id} is kept: qcall-wizard --plain --draft {draft.id} goes on with it."
