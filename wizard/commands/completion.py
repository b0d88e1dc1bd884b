"""The command `completion`."""

import click

from wizard.commands.click_extensions import Command, LazyChoice
from wizard.commands.options import CommonOptions, common_options
from wizard.commands.output import print_unchanged, report

# How to have the completion of each shell at every start.
SHELLS = {
    "bash": 'add this line to ~/.bashrc: eval "$(qcall-wizard completion bash)"',
    "zsh": 'add this line to ~/.zshrc, after compinit: eval "$(qcall-wizard completion zsh)"',
    "fish": "write it to ~/.config/fish/completions/qcall-wizard.fish",
    "powershell": "add this line to the file that $PROFILE names: qcall-wizard completion"
    " powershell | Out-String | Invoke-Expression",
}


@click.command(cls=Command)
@click.argument("shell", metavar="SHELL", type=LazyChoice("SHELL", lambda: SHELLS))
@common_options
def completion(_: CommonOptions, shell: str) -> int:
    """\b
    Examples:
      eval "$(qcall-wizard completion bash)"
      qcall-wizard completion zsh > ~/.zfunc/_qcall-wizard
      qcall-wizard completion fish > ~/.config/fish/completions/qcall-wizard.fish
      qcall-wizard completion powershell | Out-String | Invoke-Expression

    Prints a script for a shell. With it, the Tab key completes commands, options, fields,
    templates, and the ids of drafts and receipts. Standard error shows how to install it.
    """
    from click.shell_completion import get_completion_class

    from wizard.commands.shell_completion import register

    register()
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has a class for each of SHELLS
    root = click.get_current_context().find_root().command
    script = kind(root, {}, "qcall-wizard", "_QCALL_WIZARD_COMPLETE").source()
    print_unchanged(script.rstrip("\n"))
    report(f"To complete at every start, {SHELLS[shell]}")
    return 0
