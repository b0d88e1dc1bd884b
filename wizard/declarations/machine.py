"""Commands about the program and its machine: sandbox, serve, doctor, completion, help."""

import click

from wizard.commands.options import Command, LateChoice, common
from wizard.declarations.shared import commands_like, faults, shells, told_options

# ruff: noqa: PLC0415 - help does without what the bodies need


@click.command(cls=Command)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    help="Listen on port N; without it, or with 0, on a free one.",
)
@click.option(
    "--fault",
    metavar="KIND",
    type=LateChoice("KIND", faults),
    help="Act out a failure whenever an assistant is to be created.",
)
@click.option("--envelope", is_flag=True, help="Answer in the API's envelope.")
@common
def sandbox(port: int, fault: str | None, envelope: bool) -> int:
    """\b
    Examples:
      qcall-wizard sandbox --port 8700
      qcall-wizard sandbox --port 8700 --fault slow
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1

    Serves the API as the contract describes it, on this machine alone, until Ctrl+C: it judges
    requests, keeps what was created until it ends, and takes any key. The address is printed.
    """
    from wizard.commands import sandbox as command

    return command.run(port, fault, envelope)


@click.command(cls=Command)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8701,
    show_default=True,
    help="Listen on port N; 0 picks a free one.",
)
@click.option(
    "--live", is_flag=True, help="Use your API key: assistants that pages create are real."
)
@common
def serve(port: int, live: bool) -> int:
    """\b
    Examples:
      qcall-wizard serve
      qcall-wizard serve --port 8800
      qcall-wizard serve --live

    Serves the same wizard to a browser on this machine, as for a workshop, until Ctrl+C. The
    address is printed and holds a token: only a browser that opens it is let in. Each browser
    has its own drafts, which are removed at the end, and works on the sandbox. With --live, all
    who have the address work with your API key on the real API; their drafts and receipts are
    stored in the folder `served` of your home. It needs the extra `serve`:
    pip install 'qcall-wizard[serve]'.
    """
    from wizard.commands import serve as command

    return command.run(port, told_options(), live=live)


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a finding.")
@click.option("--no-keys", is_flag=True, help="Ask for no keys to be pressed.")
@common
def doctor(as_json: bool, no_keys: bool) -> int:
    """\b
    Examples:
      qcall-wizard doctor
      qcall-wizard doctor --no-keys --sandbox
      qcall-wizard doctor --json | jq 'select(.grade != "good")'

    Looks at what the wizard needs: terminal, colours, widths of characters, keys that arrive,
    folders, free space, database, keyring, proxy, target and clock. Each line is good, doubtful
    or bad, with what to do. One request is made, to the target alone; it creates nothing. The
    key's value is told nowhere. The exit code is 1 where something is bad, else 0.
    """
    from wizard.commands import doctor as command

    told = told_options()
    return command.run(told.settings(), as_json=as_json, ask=not no_keys, log=told.log)


@click.command(cls=Command)
@click.argument("shell", metavar="SHELL", type=LateChoice("SHELL", shells))
@common
def completion(shell: str) -> int:
    """\b
    Examples:
      eval "$(qcall-wizard completion bash)"
      qcall-wizard completion zsh > ~/.zfunc/_qcall-wizard
      qcall-wizard completion fish > ~/.config/fish/completions/qcall-wizard.fish
      qcall-wizard completion powershell | Out-String | Invoke-Expression

    Prints a script that has a shell complete commands, options, fields, templates, and the ids of
    drafts and receipts at the Tab key. How to have it at every start is told on standard error.
    """
    from wizard.commands import completion as command

    return command.run(shell, click.get_current_context().find_root())


@click.command("help", cls=Command)
@click.argument("names", metavar="[COMMAND]...", nargs=-1, shell_complete=commands_like)
@common
def show_help(names: tuple[str, ...]) -> int:
    """\b
    Examples:
      qcall-wizard help
      qcall-wizard help submit
      qcall-wizard help drafts show

    Prints the help of a command, as --help behind its name does.
    """
    from wizard.commands import manual

    return manual.show_help(click.get_current_context().find_root(), names)


@click.command(cls=Command)
@click.argument("names", metavar="[COMMAND]...", nargs=-1, shell_complete=commands_like)
@common
def man(names: tuple[str, ...]) -> int:
    """\b
    Examples:
      qcall-wizard man submit | man -l -
      qcall-wizard man > ~/.local/share/man/man1/qcall-wizard.1
      qcall-wizard man drafts show | groff -man -Tutf8 -Kutf8

    Prints the manual page of a command, or of the whole program, in the form that `man` reads.
    """
    from wizard.commands import manual

    return manual.show_page(click.get_current_context().find_root(), names)
