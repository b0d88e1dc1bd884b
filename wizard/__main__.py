"""Starts the command line and ends the process with its exit code."""

import gc
import io
import sys

from wizard import __version__

# Nothing else is imported here, so `--version` takes no longer than Python's own start.
PROGRAM = "qcall-wizard"


def main() -> None:
    """Run the command line; an error ends as a sentence and an exit code."""
    arguments, code = sys.argv[1:], 0
    try:
        code = _version() if arguments == ["--version"] else _command(arguments)
        if sys.stdout:
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        if sys.flags.dev_mode:
            raise
        from wizard.commands.failure import tell_failure  # noqa: PLC0415 - rarely needed

        # If only the reader of a pipe is gone, the code of the command stays.
        code = tell_failure(error) or code
    sys.exit(code)


def _version() -> int:
    print(f"{PROGRAM} {__version__}")
    return 0


def _command(arguments: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the encoding does not have is printed as its escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # Input in another encoding must not end the program; the question is asked again.
        sys.stdin.reconfigure(errors="replace")
    # Imports leave no garbage, and a collection would take a twentieth of the start.
    gc.disable()
    if not arguments:
        from wizard.settings import is_completing, read  # noqa: PLC0415 - see above

        # Without arguments the command line need not be parsed.
        if not is_completing():
            from wizard.commands.start import run  # noqa: PLC0415

            gc.enable()
            return run(read())
        from wizard.commands.completion import register  # noqa: PLC0415 - see above

        register()
    from wizard.cli import qcall_wizard  # noqa: PLC0415

    gc.enable()
    return qcall_wizard.main(arguments, prog_name=PROGRAM, standalone_mode=False) or 0


if __name__ == "__main__":
    main()
