"""What the declarations of commands share: common options, lists read late, the help's layout."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from wizard import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wizard.settings import Settings

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Record: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Common:
    """What the common options said, whichever side of the command they stood on."""

    sandbox: bool = False
    base_url: str | None = None
    home: str | None = None

    def settings(self) -> "Settings":
        """Target, key and home; BadTarget where the address will not be used."""
        from wizard.settings import read  # noqa: PLC0415 - needs pydantic, which help does not

        return read(sandbox=self.sandbox, base_url=self.base_url, home=self.home)


class _CommonOption(click.Option):
    """An option that stands before or after the command."""


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    if value and option.name:
        setattr(context.ensure_object(Common), option.name, value)


def _drop_color(_: click.Context, __: click.Parameter, value: bool) -> None:
    if value:
        # Textual and click both go by it.
        os.environ["NO_COLOR"] = "1"


def common(command: _Function) -> _Function:
    """Add the common options; what they say is in the context's `Common`."""
    options = (
        click.version_option(
            __version__,
            "--version",
            message="%(prog)s %(version)s",
            prog_name="qcall-wizard",
            cls=_CommonOption,
            help="Print the version.",
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
    name: str, callback: Callable[..., Any], told: str, **shape: Any
) -> Callable[[_Function], _Function]:
    return click.option(
        name, cls=_CommonOption, callback=callback, expose_value=False, help=told, **shape
    )


class LateChoice(click.ParamType[str]):
    """One of a list that takes long to read: `read` returns each value with its words."""

    def __init__(self, name: str, read: Callable[[], Mapping[str, str]]) -> None:
        self.name, self.read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return a value of the list; a wrong one is told with the right ones."""
        return str(click.Choice(list(self.read())).convert(value, param, ctx))

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Complete to the values of the list."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - rarely needed

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

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of their declaration."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)
