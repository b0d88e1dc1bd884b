"""The options that commands share."""

import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from wizard import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.commands.debug_log import DebugLog
    from wizard.settings import Settings


class PathName(click.Path):
    """The name of a file or folder, which is not empty as that of an unset variable.

    `-` is standard input or output with `allow_dash`, and an error without it.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name."""
        if value == "-" and not self.allow_dash:
            self.fail("- is no file here: give a name, such as ./-", param, ctx)
        return super().convert(_not_empty(ctx, param, value), param, ctx)


def _not_empty(context: click.Context | None, option: click.Parameter | None, value: Any) -> Any:
    if value == "":
        raise click.BadParameter("it is empty.", context, option)
    return value


class Seconds(click.FloatRange):
    """A number of seconds. click takes NaN for any range, because no comparison with it holds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


FILE = PathName(readable=False, allow_dash=True)
# A file that is written, and cannot be standard output.
FILE_TO_WRITE = PathName(readable=False)


class CommonOptions:
    """The values of the common options, which may be before or after the command.

    `log_file` is the name of the debug log; `log` is the open log while the command runs.
    """

    sandbox: bool = False
    base_url: str | None = None
    home: str | None = None
    log_file: str | None = None
    log: "DebugLog | None" = None

    def settings(self) -> "Settings":
        """Return target, key and home. Raises BadTarget."""
        from wizard.settings import read

        return read(sandbox=self.sandbox, base_url=self.base_url, home=self.home)

    def home_folder(self) -> "Path":
        """Return the folder of drafts and receipts."""
        from wizard.settings import find_home

        return find_home(self.home)


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Declare the common options; the command gets their values as its first argument.

    The debug log is open while the command runs.
    """

    @wraps(command)
    def run(**values: Any) -> Any:
        context = click.get_current_context()
        options = context.ensure_object(CommonOptions)
        # A subcommand opens the log itself, because --log may be after its name.
        if context.invoked_subcommand is not None or options.log_file is None:
            return command(options, **values)
        from wizard.commands.debug_log import open_log

        with open_log(options.log_file, context.command_path) as options.log:
            return command(options, **values)

    declared: Callable[..., Any] = run
    for option in _COMMON_OPTIONS:
        declared = option(declared)
    return declared


def _store(context: click.Context, option: click.Parameter, value: Any) -> None:
    if _not_empty(context, option, value) not in (None, False) and option.name:
        setattr(context.ensure_object(CommonOptions), option.name, value)


def _drop_color(_: click.Context, __: click.Parameter, value: bool) -> None:
    if value:
        from wizard.settings import drop_colors

        drop_colors()


# In the reverse order of the help.
_COMMON_OPTIONS = (
    click.version_option(
        __version__,
        message="%(prog)s %(version)s",
        prog_name="qcall-wizard",
        help="Print the version.",
    ),
    click.option(
        "--log",
        "log_file",
        metavar="FILE",
        type=PathName(dir_okay=False, readable=False),
        expose_value=False,
        callback=_store,
        help="Append a debug log to FILE: requests and times, without bodies and headers.",
    ),
    click.option(
        "--no-color",
        is_flag=True,
        expose_value=False,
        callback=_drop_color,
        help="Show no colours.",
    ),
    click.option(
        "--home",
        metavar="DIR",
        type=PathName(file_okay=False, readable=False),
        expose_value=False,
        callback=_store,
        help="Store drafts and receipts in DIR.",
    ),
    click.option(
        "--base-url",
        metavar="URL",
        expose_value=False,
        callback=_store,
        help="Use the API at URL.",
    ),
    click.option(
        "--sandbox",
        is_flag=True,
        expose_value=False,
        callback=_store,
        help="Use the sandbox, where nothing reaches QCall.",
    ),
)


def json_option(each: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare --json for a list with one object for `each`."""
    help_text = f"Print JSON Lines, one object for each {each}."
    return click.option("--json", "as_json", is_flag=True, help=help_text)


def pace_option(sent: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare --pace, the pause between two of what is `sent`."""
    return click.option(
        "--pace",
        metavar="SECONDS",
        type=Seconds(0, 3600),
        default=1.0,
        show_default=True,
        help=f"Wait this long between two {sent}.",
    )


def app_form_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare --app-form."""
    help_text = "Allow the forms of QCall's own app, which the published document does not have."
    return click.option("--app-form", "app_form", is_flag=True, help=help_text)


def language_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare --language."""
    from wizard.commands.click_extensions import LazyChoice

    choice = LazyChoice("CODE", _languages)
    return click.option("--language", metavar="CODE", type=choice, help=help_text)


def _languages() -> dict[str, str]:
    from wizard.contract.choices import LANGUAGES

    return dict(LANGUAGES)


def output_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare --output; `-` is standard output, as without it."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=FILE,
        callback=lambda _, __, value: None if value == "-" else value,
        help=f"{help_text} - is standard output.",
    )


def refuse_list_options(context: click.Context, given: Mapping[str, bool], purpose: str) -> None:
    """Raise UsageError if an option of a group is given together with a subcommand."""
    subcommand = context.invoked_subcommand
    for option, value in given.items():
        if value and subcommand:
            message = f"{option} {purpose}; it cannot be combined with {subcommand}."
            raise click.UsageError(message, context)


def is_list(**options: bool) -> bool:
    """Whether a group is called without a subcommand, so that it prints its list.

    Raises UsageError if one of its options is given together with a subcommand.
    """
    context = click.get_current_context()
    given = {f"--{name}": value for name, value in options.items()}
    refuse_list_options(context, given, "only works with the list")
    return context.invoked_subcommand is None
