"""Runs the command line, and exits with its exit code."""

import io
import sys

from wizard import __version__

# Nothing else is imported here, so `--version` takes no longer than Python's own start.
PROGRAM = "qcall-wizard"


def main() -> None:
    """Run the command line; an exception becomes a sentence and an exit code."""
    arguments, code = sys.argv[1:], 0
    try:
        if arguments == ["--version"]:
            print(f"{PROGRAM} {__version__}")
        else:
            code = _run(arguments)
        if sys.stdout:
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        if sys.flags.dev_mode:
            raise
        from wizard.commands.failure import report_failure  # noqa: PLC0415 - rarely needed

        # If only the reader of a pipe is gone, the code of the command stays.
        code = report_failure(error) or code
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the encoding does not have is printed as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # Input in another encoding must not end the program.
        sys.stdin.reconfigure(errors="replace")
    if not arguments:
        from wizard.settings import is_completing, read  # noqa: PLC0415 - see above

        # The screens open sooner without importing click.
        if not is_completing():
            from wizard.commands.launch import open_wizard  # noqa: PLC0415

            return open_wizard(read())
        from wizard.commands.shell_completion import register  # noqa: PLC0415

        register()
    from wizard.cli import qcall_wizard  # noqa: PLC0415

    return qcall_wizard.main(arguments, prog_name=PROGRAM, standalone_mode=False) or 0


if __name__ == "__main__":
    main()
