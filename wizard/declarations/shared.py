"""What declarations share: lists that are read late, completion, and how a context is asked."""

from typing import TYPE_CHECKING

import click

from wizard.commands.options import Common

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

# ruff: noqa: PLC0415 - help does without what the bodies need

FILE = click.Path(readable=False, allow_dash=True)


def told_options() -> Common:
    """What the common options said."""
    return click.get_current_context().ensure_object(Common)


def home() -> "Path":
    """The folder of drafts and receipts."""
    return told_options().kept_in()


def flags(**given: bool) -> list[str]:
    """The names of the flags that were given."""
    return [f"--{name}" for name, value in given.items() if value]


def alone(context: click.Context, named: list[str], does: str) -> int:
    """Refuse options of a command where one of its own commands is called."""
    if named:
        told = f"{named[0]} {does}; it does not go with {context.invoked_subcommand}."
        raise click.UsageError(told, context)
    return 0


# Lists


def steps() -> dict[str, str]:
    """The steps with what they are about."""
    from wizard.contract.steps import STEPS

    return {info.step.value: info.about for info in STEPS}


def faults() -> dict[str, str]:
    """The failures that the sandbox acts out."""
    from wizard.sandbox.sandbox_app import FAULTS

    return {fault.value: description for fault, description in FAULTS.items()}


def languages() -> dict[str, str]:
    """The languages by their codes."""
    from wizard.contract.choices import LANGUAGES

    return dict(LANGUAGES)


def forms() -> dict[str, str]:
    """The forms that a payload is exported in."""
    from wizard.exchange.export_formats import ExportFormat

    return {form.value: form.about for form in ExportFormat}


def shells() -> dict[str, str]:
    """The shells that have completion, with how each gets it at every start."""
    from wizard.commands.completion import SHELLS

    return dict(SHELLS)


# Completion


def templates_like(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names that complete what was typed; none of their files is read."""
    from wizard.templates import template_names

    home = context.ensure_object(Common).kept_in()
    return [name for name in template_names(home) if name.startswith(incomplete)]


def answers_like(_: click.Context, __: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The fields that complete the FIELD of FIELD=VALUE, or the values of a closed list."""
    from wizard.commands import completing

    return completing.answers(incomplete)


def drafts_like(
    context: click.Context, _: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """The ids of drafts, with their names."""
    from wizard.commands import completing

    return completing.drafts(context.ensure_object(Common).kept_in(), incomplete)


def deleted_like(
    context: click.Context, _: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """The ids of deleted drafts, with their names."""
    from wizard.commands import completing

    home = context.ensure_object(Common).kept_in()
    return completing.drafts(home, incomplete, deleted=True)


def receipts_like(
    context: click.Context, _: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """The ids of receipts, with the names of what was sent."""
    from wizard.commands import completing

    return completing.receipts(context.ensure_object(Common).kept_in(), incomplete)


def files_or_ids(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """The ids that begin so, else files."""
    from click.shell_completion import CompletionItem

    ids = incomplete and [
        *drafts_like(context, parameter, incomplete),
        *receipts_like(context, parameter, incomplete),
        *map(CompletionItem, templates_like(context, parameter, incomplete)),
    ]
    return ids or [CompletionItem(incomplete, type="file")]


def commands_like(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names of commands, those of a command where one was named."""
    from wizard.commands.manual import below

    named = context.params.get("names") or ()
    return [name for name in below(context.find_root(), named) if name.startswith(incomplete)]
