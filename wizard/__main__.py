"""Starts the command line and ends the process with its exit code."""

import gc
import io
import sys

from wizard import __version__

# Nothing else is imported here: a version is answered in the time that Python takes to start.
PROGRAM = "qcall-wizard"


def main() -> None:
    """Run the command that the process was started with; whatever fails ends as a sentence."""
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
        # What another encoding cannot hold, and half a character, is shown as its escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # An answer in another encoding is no reason to fail: it is not a yes.
        sys.stdin.reconfigure(errors="replace")
    # None of what is imported is garbage, and looking for it takes a twentieth of the time.
    gc.disable()
    if not arguments:
        from wizard.settings import is_completing, read  # noqa: PLC0415 - see above

        # Nothing is told, so there is nothing that the command line would have to be read for.
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
