"""Turns whatever ends a command early into one sentence and an exit code."""

from pathlib import Path

import click

from wizard.commands.log import LogTrouble
from wizard.commands.output import drop, tell
from wizard.commands.start import NoTerminal
from wizard.errors import FAILED, FAULT, INTERRUPTED, WRONG_USAGE, BadTarget, WizardError


def tell_failure(error: BaseException) -> int:
    """Say on standard error what went wrong, where there is something to say."""
    match error:
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED
        case click.ClickException():
            tell(error.format_message())
            tell(f"Try: {_command(error)} --help")
            return error.exit_code
        case NoTerminal() | BadTarget() | LogTrouble():
            tell(str(error))
            return WRONG_USAGE
        case WizardError():
            tell(str(error))
        case BrokenPipeError():
            drop("stdout")  # the reader has seen enough
            return 0
        case OSError():
            drop("stdout")
            tell(f"qcall-wizard cannot go on: {error.strerror or error}")
        case _:
            tell(_own_mistake(error))
            return FAULT
    return FAILED


def _command(error: click.ClickException) -> str:
    """The command whose help tells how it is used."""
    context: click.Context | None = getattr(error, "ctx", None)
    return context.command_path if context else "qcall-wizard"


def _own_mistake(error: BaseException) -> str:
    """Say where the program failed, and nothing of what its variables held."""
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    place = f" in {Path(at.tb_frame.f_code.co_filename).name}, line {at.tb_lineno}" if at else ""
    kind = type(error).__name__
    return f"qcall-wizard failed by a mistake of its own ({kind}{place}): please report it"
