"""The command `completion`: the script that has a shell ask this program what completes a word."""

from typing import Final

import click
from click.shell_completion import BashComplete, ShellComplete, get_completion_class

from wizard.commands.output import say_exactly, tell
from wizard.errors import WizardError

# Each shell with what to do to have its completion at every start.
SHELLS: Final = {
    "bash": 'add this line to ~/.bashrc: eval "$(qcall-wizard completion bash)"',
    "zsh": 'add this line to ~/.zshrc, behind compinit: eval "$(qcall-wizard completion zsh)"',
    "fish": "write it to ~/.config/fish/completions/qcall-wizard.fish",
    "powershell": "add this line to the file that $PROFILE names: qcall-wizard completion"
    " powershell | Out-String | Invoke-Expression",
}
_PROGRAM: Final = "qcall-wizard"
_VARIABLE: Final = "_QCALL_WIZARD_COMPLETE"


class NoCompletion(WizardError):
    """The library beneath the commands has no completion for a shell."""


def run(shell: str, root: click.Context) -> int:
    """Print the script of a shell, and on standard error what to do with it; NoCompletion."""
    kind = _Bash if shell == "bash" else get_completion_class(shell)
    if kind is None:
        raise NoCompletion(f"the installed click has no completion for {shell}: update click")
    made: ShellComplete = kind(root.command, {}, _PROGRAM, _VARIABLE)
    say_exactly(made.source().rstrip("\n"))
    tell(f"To complete at every start, {SHELLS[shell]}")
    return 0


class _Bash(BashComplete):
    """As click's, but a name that a value follows gets no space, and no word is a pattern."""

    source_template = r"""%(complete_func)s() {
    local IFS=$'\n'
    local response kind value

    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
%(complete_var)s=bash_complete "$1")

    COMPREPLY=()
    while IFS=',' read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *= ]] && compopt -o nospace
                ;;
        esac
    done <<< "$response"

    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
