"""What click's completion lacks: values after an equals sign, and no space after `FIELD=`.

Bash splits words at = and :, so click's own script offers nothing for `--set language=`; in the
other shells a value would replace its option.
"""

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class _WholeWord(ShellComplete):
    """Offers --option=VALUE as one word."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return click's completions, with the option before each value."""
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if option.startswith("--") and equals:
            for item in found:
                if item.type == "plain":
                    item.value = f"{option}={item.value}"
        return found


class _Bash(_WholeWord, BashComplete):
    """Joins the words that bash splits at = and :, and adds no space after a name with =."""

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


class _Zsh(_WholeWord, ZshComplete):
    """Adds no space after a name with =."""

    source_template = ZshComplete.source_template.replace(
        "compadd -U -V unsorted -a completions",
        """local -a names=(${(M)completions:#*=})
        completions=(${completions:#*=})
        compadd -U -S '' -V unsorted -a names
        compadd -U -V unsorted -a completions""",
    )


class _Fish(_WholeWord, FishComplete):
    """Offers whole words."""


def register() -> None:
    """Have click use these classes."""
    for kind in (_Bash, _Zsh, _Fish):
        add_completion_class(kind)
