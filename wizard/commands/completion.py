"""The command `completion`: the script that has a shell ask this program what completes a word."""

from typing import Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
)

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
    register()
    kind = get_completion_class(shell)
    if kind is None:
        raise NoCompletion(f"the installed click has no completion for {shell}: update click")
    made: ShellComplete = kind(root.command, {}, _PROGRAM, _VARIABLE)
    say_exactly(made.source().rstrip("\n"))
    tell(f"To complete at every start, {SHELLS[shell]}")
    return 0


class _Whole(ShellComplete):
    """Completes whole words: what is offered for --option=VALUE begins with the option too."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """As click's, with the option before each value."""
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if option.startswith("--") and equals:
            for item in found:
                if item.type == "plain":
                    item.value = f"{option}={item.value}"
        return found


class _Bash(_Whole, BashComplete):
    """As click's, but a name that a value follows gets no space, and no word is a pattern.

    Bash takes = and : for the ends of words: they are put together again, and what stands before
    the last of them is taken off what is offered.
    """

    source_template = r"""%(complete_func)s() {
    local IFS=$'\n'
    local response kind value word rest=$COMP_LINE current=${COMP_WORDS[COMP_CWORD]}
    local -a words=()

    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ -z $COMP_LINE || ${#words[@]} -eq 0 || $rest == [[:space:]]* ]]; then
            words+=("$word")
        else
            words[${#words[@]}-1]+=$word
        fi
        rest=${rest#"${rest%%%%[![:space:]]*}"}
        rest=${rest#"$word"}
    done
    word=${words[${#words[@]}-1]}
    [[ $current == *[^=:]* ]] || current=
    word=${word%%"$current"}

    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) \
%(complete_var)s=bash_complete "$1")

    COMPREPLY=()
    while IFS=',' read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("${value#"$word"}")
                [[ $value == *= ]] && compopt -o nospace
                ;;
        esac
    done <<< "$response"

    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Zsh(_Whole, ZshComplete):
    """As click's, but a name that a value follows gets no space."""

    source_template = ZshComplete.source_template.replace(
        "compadd -U -V unsorted -a completions",
        """local -a names=(${(M)completions:#*=})
        completions=(${completions:#*=})
        compadd -U -S '' -V unsorted -a names
        compadd -U -V unsorted -a completions""",
    )


class _Fish(_Whole, FishComplete):
    """As click's, with whole words."""


def register() -> None:
    """Have click answer the shells with these."""
    for kind in (_Bash, _Zsh, _Fish):
        add_completion_class(kind)
