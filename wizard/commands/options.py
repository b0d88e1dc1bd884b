"""What the declarations of commands share: common options, lists read late, the help's layout."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import click

from wizard import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from wizard.commands.log import DebugLog
    from wizard.settings import Settings

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Record: TypeAlias = tuple[str, str]


class Common:
    """What the common options said, whichever side of the command they stood on.

    `log_file` is the debug log's name, `log` the log while the command runs.
    """

    # No dataclass: help would wait for the making of it.
    def __init__(
        self,
        *,
        sandbox: bool = False,
        base_url: str | None = None,
        home: str | None = None,
        log_file: str | None = None,
    ) -> None:
        self.sandbox, self.base_url, self.home = sandbox, base_url, home
        self.log_file = log_file
        self.log: DebugLog | None = None

    def settings(self) -> "Settings":
        """Target, key and home; BadTarget where the address will not be used."""
        from wizard.settings import read

        return read(sandbox=self.sandbox, base_url=self.base_url, home=self.home)

    def kept_in(self) -> "Path":
        """The folder of drafts and receipts, for commands that talk to no server."""
        from wizard.settings import find_home

        return find_home(self.home)


class _CommonOption(click.Option):
    """An option that stands before or after the command."""


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    if value not in (None, False) and option.name:
        setattr(context.ensure_object(Common), option.name, value)


def _drop_color(_: click.Context, __: click.Parameter, value: bool) -> None:
    if value:
        from wizard.settings import drop_colors

        drop_colors()


def _logged(command: _Function) -> _Function:
    """Open the debug log, where one is wanted, for as long as a command runs."""

    @wraps(command)
    def run(*values: Any, **named: Any) -> Any:
        context = click.get_current_context()
        told = context.ensure_object(Common)
        # A command of this one runs after it, and may name the log behind its own name.
        if context.invoked_subcommand is not None or told.log_file is None:
            return command(*values, **named)
        from wizard.commands.log import opened

        with opened(told.log_file, context.command_path) as told.log:
            return command(*values, **named)

    return cast(_Function, run)


def common(command: _Function) -> _Function:
    """Add the common options; what they say is in the context's `Common`."""
    command = _logged(command)
    options = (
        click.version_option(
            __version__,
            "--version",
            message="%(prog)s %(version)s",
            prog_name="qcall-wizard",
            cls=_CommonOption,
            help="Print the version.",
        ),
        _option(
            "--log",
            _keep,
            "Append a debug log to FILE: requests and times, no bodies, no headers.",
            metavar="FILE",
            dest="log_file",
            type=click.Path(dir_okay=False, readable=False),
        ),
        _option("--no-color", _drop_color, "Show no colours.", is_flag=True),
        _option(
            "--home",
            _keep,
            "Keep drafts and receipts in DIR.",
            metavar="DIR",
            type=click.Path(file_okay=False, readable=False),
        ),
        _option("--base-url", _keep, "Use the API at URL.", metavar="URL"),
        _option("--sandbox", _keep, "Use the sandbox, where nothing is real.", is_flag=True),
    )
    for option in options:
        command = option(command)
    return command


def _option(
    name: str, callback: Callable[..., Any], told: str, *, dest: str = "", **shape: Any
) -> Callable[[_Function], _Function]:
    names = filter(None, (name, dest))
    return click.option(
        *names, cls=_CommonOption, callback=callback, expose_value=False, help=told, **shape
    )


class LateChoice(click.ParamType[str]):
    """One of a list that takes long to read: `read` returns each value with its words."""

    def __init__(self, name: str, read: Callable[[], Mapping[str, str]]) -> None:
        self.name, self.read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return a value of the list; a wrong one is told with the right ones."""
        listed = list(self.read())
        try:
            return str(click.Choice(listed).convert(value, param, ctx))
        except click.BadParameter as error:
            from difflib import get_close_matches

            near = get_close_matches(str(value), listed, n=1)
            if not near:
                raise
            told = f"{error.message.removesuffix('.')}; did you mean {near[0]!r}?"
        raise click.BadParameter(told, ctx, param)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Complete to the values of the list."""
        from click.shell_completion import CompletionItem

        listed = self.read().items()
        return [CompletionItem(v, help=told) for v, told in listed if v.startswith(incomplete)]


class Command(click.Command):
    """A command: its help keeps the common options apart and has the lists that are read late."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write own options, then the common ones."""
        own: list[_Record] = []
        shared: list[_Record] = []
        for param in self.get_params(ctx):
            if record := param.get_help_record(ctx):
                (shared if isinstance(param, _CommonOption) else own).append(record)
        _section(formatter, "Options", own)
        for param in self.get_params(ctx):
            if isinstance(param.type, LateChoice):
                listed = list(param.type.read().items())
                _section(formatter, f"{param.type.name} is one of", listed)
        _section(formatter, "Common options, before or after the command", shared)


def _section(formatter: click.HelpFormatter, title: str, records: list[_Record]) -> None:
    if records:
        with formatter.section(title):
            formatter.write_dl(records)


class Group(Command, click.Group):
    """A command with commands."""

    command_class = Command
    # A group inside is of this class too.
    group_class = type

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of their declaration."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """End with 0 if help breaks off because its reader is gone; click would end with 1."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(0) from None


class LateGroup(Group):
    """A group whose commands are imported when they are called: their names are in a table.

    `late` has for each name the module of `wizard.declarations`, and what the command does.
    """

    def __init__(
        self, *values: Any, late: Mapping[str, tuple[str, str]] | None = None, **named: Any
    ) -> None:
        super().__init__(*values, **named)
        self._late = late or {}

    def make_context(self, *values: Any, **named: Any) -> click.Context:
        """Read the command line, and print help or version if that is wanted."""
        with _reader_may_leave():
            return super().make_context(*values, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called."""
        with _reader_may_leave():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        return list(self._late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is none of that name."""
        if cmd_name not in self._late:
            return None
        module, about = self._late[cmd_name]
        declared = vars(import_module(f"wizard.declarations.{module}")).values()
        command = next(
            each for each in declared if isinstance(each, click.Command) and each.name == cmd_name
        )
        command.short_help = about
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; a mistyped one is told with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # Not raised anew with the words of the first, which knows of no command.
            name = error.command_name
        raise click.NoSuchCommand(name, possibilities=self._late, ctx=ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and what each does, without any command."""
        _section(formatter, "Commands", [(name, about) for name, (_, about) in self._late.items()])
