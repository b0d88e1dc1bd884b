"""Extends click: commands that are imported late, choices that are read late, grouped help."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyChoice(click.ParamType[str]):
    """A choice whose values are slow to import; `read` returns each value with its description."""

    def __init__(self, name: str, read: Callable[[], Mapping[str, str]]) -> None:
        self.name, self.read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value; an error lists the valid values and suggests the nearest."""
        values = list(self.read())
        try:
            return str(click.Choice(values).convert(value, param, ctx))
        except click.BadParameter as error:
            from difflib import get_close_matches

            near = get_close_matches(str(value), values, n=1)
            if not near:
                raise
            message = f"{error.message.removesuffix('.')}; did you mean {near[0]!r}?"
        raise click.BadParameter(message, ctx, param)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Complete the value."""
        from click.shell_completion import CompletionItem

        values = self.read().items()
        return [CompletionItem(v, help=about) for v, about in values if v.startswith(incomplete)]


class Command(click.Command):
    """A command whose help lists the values of lazy choices, and the common options last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, the values of its choices, then the common options."""
        params = self.get_params(ctx)
        # Only the common options are not passed to the function.
        own = [param for param in params if param.expose_value]
        options = [param for param in own if isinstance(param, click.Option)]
        _write_section(formatter, "Options", _records(options, ctx))
        for param in own:
            if isinstance(param.type, LazyChoice):
                values = list(param.type.read().items())
                _write_section(formatter, f"{param.type.name} is one of", values)
        common = [param for param in params if not param.expose_value]
        title = "Common options, before or after the command"
        _write_section(formatter, title, _records(common, ctx))


def _records(params: Sequence[click.Parameter], ctx: click.Context) -> list[tuple[str, str]]:
    return list(filter(None, (param.get_help_record(ctx) for param in params)))


def _write_section(
    formatter: click.HelpFormatter, title: str, records: list[tuple[str, str]]
) -> None:
    if records:
        with formatter.section(title):
            formatter.write_dl(records)


class Group(Command, click.Group):
    """A command with subcommands, listed in the order of their declaration."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the subcommands, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)


class LazyGroup(Group):
    """A group that imports a subcommand only when it is called.

    `lazy` maps the name of each subcommand to the module in `wizard.commands` that declares it,
    and to its one-line help.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy
        # Only the names are read, for lists and suggestions.
        self.commands = {name: click.Command(name) for name in lazy}

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line, and print help or version if asked for."""
        with _closed_pipe_allowed():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called."""
        with _closed_pipe_allowed():
            return super().invoke(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand; returns None if the name is unknown."""
        if cmd_name not in self._lazy:
            return None
        module, about = self._lazy[cmd_name]
        command: click.Command = getattr(import_module(f"wizard.commands.{module}"), cmd_name)
        command.short_help = about
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and the one-line help, without importing a subcommand."""
        _write_section(
            formatter, "Commands", [(name, about) for name, (_, about) in self._lazy.items()]
        )


@contextmanager
def _closed_pipe_allowed() -> Iterator[None]:
    """Exit with 0 if the reader of the help has closed the pipe; click would exit with 1."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(0) from None
