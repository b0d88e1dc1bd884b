"""The commands `help` and `man`: both told from the declarations, so that no text is written twice.

The form of a manual page is man(7): https://man7.org/linux/man-pages/man7/man.7.html
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import click

from wizard import __version__
from wizard.commands.options import Command
from wizard.commands.output import say_exactly

_AS_IT_STANDS: Final = "\b\n"
_EXAMPLES: Final = "Examples:"


def show_help(root: click.Context, names: Sequence[str]) -> int:
    """Print the help of a command; UsageError with the nearest name where there is none."""
    click.echo(_context(root, names).get_help())
    return 0


def show_page(root: click.Context, names: Sequence[str]) -> int:
    """Print the manual page of a command; UsageError with the nearest name where there is none."""
    say_exactly("\n".join(page(_context(root, names))))
    return 0


def below(root: click.Context, names: Sequence[str]) -> list[str]:
    """The names of the commands of a command; none where it has none, or is none itself."""
    try:
        context = _context(root, names)
    except click.UsageError:
        return []
    return _names(context)


def _context(root: click.Context, names: Sequence[str]) -> click.Context:
    """The context of a command by its names, as if it had been called."""
    context = click.Context(
        root.command,
        info_name=root.info_name,
        help_option_names=root.help_option_names,
        max_content_width=root.max_content_width,
    )
    for name in names:
        group = context.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{context.command_path} has no commands of its own.", context)
        _, command, _ = group.resolve_command(context, [name])
        if command is None:
            raise click.NoSuchCommand(name, possibilities=_names(context), ctx=context)
        context = click.Context(command, parent=context, info_name=name)
    return context


def _names(context: click.Context) -> list[str]:
    group = context.command
    return group.list_commands(context) if isinstance(group, click.Group) else []


def page(context: click.Context) -> Iterator[str]:
    """The lines of a command's manual page."""
    command = context.command
    title = context.command_path.replace(" ", "-")
    examples, paragraphs = _parts(command)
    about = command.short_help or " ".join(paragraphs[0].split()).partition(":")[0]
    yield f'.TH {_quoted(title.upper())} 1 "" {_quoted(f"qcall-wizard {__version__}")}'
    yield ".SH NAME"
    yield f"{_plain(title)} \\- {_plain(about.rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield f".B {_plain(context.command_path)}"
    yield _plain(" ".join(command.collect_usage_pieces(context)))
    yield ".SH DESCRIPTION"
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        yield from _paragraph(paragraph)
    for heading, records in _sections(context):
        yield f".SH {_quoted(heading.upper())}"
        for term, told in records:
            yield ".TP"
            yield f".B {_plain(term)}"
            yield _plain(told)
    yield ".SH EXAMPLES"
    yield from _as_it_stands(examples)
    if related := _related(context):
        yield ".SH SEE ALSO"
        yield ", ".join(f"\\fB{_plain(name)}\\fP(1)" for name in related)


def _parts(command: click.Command) -> tuple[list[str], list[str]]:
    """The lines of the examples, and the paragraphs behind them."""
    first, *paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    lines = first.removeprefix(_AS_IT_STANDS).splitlines()
    return [line.strip() for line in lines if line.strip() != _EXAMPLES], paragraphs


def _paragraph(text: str) -> Iterator[str]:
    if text.startswith(_AS_IT_STANDS):
        yield from _as_it_stands(text.removeprefix(_AS_IT_STANDS).splitlines())
    else:
        yield _plain(" ".join(text.split()))


def _as_it_stands(lines: Sequence[str]) -> Iterator[str]:
    yield ".nf"
    yield from map(_plain, lines)
    yield ".fi"


def _sections(context: click.Context) -> list[tuple[str, list[tuple[str, str]]]]:
    """The lists that help has below its text: commands, options, and values of options."""
    command = context.command
    kept = _Kept()
    if isinstance(command, Command):
        command.format_options(context, kept)
    return kept.sections


class _Kept(click.HelpFormatter):
    """A formatter that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[tuple[str, list[tuple[str, str]]]] = []

    def write_heading(self, heading: str) -> None:
        """Begin a section."""
        self.sections.append((heading, []))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Keep the terms of a section of which something is told."""
        self.sections[-1][1].extend((term, told) for term, told in rows if told)


def _related(context: click.Context) -> list[str]:
    title = context.command_path.replace(" ", "-")
    above = [context.parent.command_path.replace(" ", "-")] if context.parent else []
    return above + [f"{title}-{name}" for name in _names(context)]


def _plain(text: str) -> str:
    """A line of text that roff prints as it stands."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    text = text.replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    # A dot at the start of a line would be an instruction.
    return re.sub(r"^(?=\.)", r"\\&", text)


def _quoted(text: str) -> str:
    """An argument of an instruction that may hold spaces."""
    return '"' + _plain(text).replace('"', "\\(dq") + '"'
