"""Turns the exception that ends a command into one sentence and an exit code."""

from pathlib import Path

import click

from wizard.commands import interruption
from wizard.commands.output import drop, report
from wizard.errors import FAILED, FAULT, WizardError


def report_failure(error: BaseException) -> int:
    """Report an error on standard error, and return the exit code."""
    match error:
        case KeyboardInterrupt() | click.Abort():
            report("Interrupted.")
            return interruption.exit_code()
        case click.ClickException():
            report(error.format_message())
            context: click.Context | None = getattr(error, "ctx", None)
            report(f"Try: {context.command_path if context else 'qcall-wizard'} --help")
            return error.exit_code
        case WizardError():
            report(str(error))
            return error.exit_code
        case BrokenPipeError():
            drop("stdout")  # the reader needs no more
            return 0
        case OSError():
            drop("stdout")
            report(f"qcall-wizard cannot continue: {error.strerror or error}")
        case _:
            report(_internal_error(error))
            return FAULT
    return FAILED


def _internal_error(error: BaseException) -> str:
    """Name the place of the error, without the values of variables."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    place = ""
    if last:
        place = f" in {Path(last.tb_frame.f_code.co_filename).name}, line {last.tb_lineno}"
    kind = type(error).__name__
    return f"qcall-wizard failed because of an internal error ({kind}{place}). Please report it."
