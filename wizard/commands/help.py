"""The command `help`."""

from collections.abc import Sequence

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import CommonOptions, common_options


def _complete_command(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a command, or of its subcommand."""
    try:
        found = _find(context.find_root(), context.params.get("names") or ())
    except click.UsageError:
        return []
    if not isinstance(found.command, click.Group):
        return []
    names = found.command.list_commands(found)
    return [name for name in names if name.startswith(incomplete)]


@click.command(cls=Command)
@click.argument("names", metavar="[COMMAND]...", nargs=-1, shell_complete=_complete_command)
@common_options
def help(_: CommonOptions, names: tuple[str, ...]) -> int:  # noqa: A001 - the command's name
    """\b
    Examples:
      qcall-wizard help
      qcall-wizard help submit
      qcall-wizard help drafts show

    Prints the help of a command, like --help after its name.
    """
    click.echo(_find(click.get_current_context().find_root(), names).get_help())
    return 0


def _find(root: click.Context, names: Sequence[str]) -> click.Context:
    """Return the context of a command. Raises UsageError, with the nearest name."""
    context = click.Context(
        root.command,
        info_name=root.info_name,
        help_option_names=root.help_option_names,
        max_content_width=root.max_content_width,
    )
    for name in names:
        group = context.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{context.command_path} has no subcommands.", context)
        _, command, _ = group.resolve_command(context, [name])
        if command is None:  # when completing, which does not raise
            raise click.NoSuchCommand(name, ctx=context)
        context = click.Context(command, parent=context, info_name=name)
    return context
