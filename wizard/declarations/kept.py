"""Commands that list what there is: templates, voices, drafts and receipts."""

import click

from wizard.commands.options import Command, Group, LateChoice, common
from wizard.declarations.shared import (
    FILE,
    alone,
    deleted_like,
    drafts_like,
    flags,
    home,
    languages,
    receipts_like,
    templates_like,
    told_options,
)

# ruff: noqa: PLC0415 - help does without what the bodies need


@click.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a template.")
@click.pass_context
@common
def templates(context: click.Context, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard templates
      qcall-wizard templates show lead-qualification --language de
      qcall-wizard --template lead-qualification
      qcall-wizard templates --json | jq -r .name

    Lists the templates that an assistant can begin with: the program's, and your own. Yours are
    the files in the folder `templates` beside the drafts; to share one, give the file away. A file
    that does not fit is told with its line, and the exit code is 1.
    """
    if context.invoked_subcommand is not None:
        return alone(context, flags(json=as_json), "is for the list")
    from wizard.commands import templates as command

    return command.run(home(), as_json=as_json)


@templates.command("show", short_help="Print what a template says.")
@click.argument("name", metavar="NAME", shell_complete=templates_like)
@click.option(
    "--language",
    metavar="CODE",
    type=LateChoice("CODE", languages),
    help="What is said first and last in this language.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object with everything.")
@common
def show_template(name: str, language: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard templates show appointment-booking
      qcall-wizard templates show ./mine.yaml --language hi
      qcall-wizard templates show win-back --json | jq .answers

    Prints what a template answers, its sample contact, and whether a speaker has read its texts
    in that language. NAME is one of the list, or a file that ends in .yaml.
    """
    from wizard.commands import templates as command

    return command.show(home(), name, language, as_json=as_json)


@click.command(cls=Command)
@click.option(
    "--language",
    metavar="CODE",
    type=LateChoice("CODE", languages),
    help="Only the voices of a language.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a voice.")
@common
def voices(language: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard voices --language hi
      qcall-wizard voices --json | jq -r .voice_id
      qcall-wizard --sandbox voices

    Lists the voice catalogue of the target, or of the sandbox. The exit code is 3 where the
    server refuses the key, and 5 where no catalogue is to be had.
    """
    from wizard.commands import voices as command

    told = told_options()
    return command.run(told.settings(), language, as_json=as_json, log=told.log)


@click.group(cls=Group, invoke_without_command=True)
@click.option("--deleted", is_flag=True, help="List those that can be restored instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a draft.")
@click.pass_context
@common
def drafts(context: click.Context, deleted: bool, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard drafts
      qcall-wizard drafts show 4f1c > payload.json
      qcall-wizard drafts delete 4f1c
      qcall-wizard drafts --deleted
      qcall-wizard drafts --json | jq -r .id

    Lists the drafts that are kept on this machine, the one that was changed last first. An ID may
    be cut short as far as it stays the only one that begins so.
    """
    if context.invoked_subcommand is not None:
        return alone(context, flags(deleted=deleted, json=as_json), "is for the list")
    from wizard.commands import drafts as command

    return command.run(home(), deleted=deleted, as_json=as_json)


@drafts.command("show", short_help="Print a draft's payload.")
@click.argument("wanted", metavar="ID", shell_complete=drafts_like)
@common
def show_draft(wanted: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts show 4f1c
      qcall-wizard drafts show 4f1c | jq .script

    Prints the payload of a draft as it stands, as JSON; its widget_config.api_key is masked. What
    is missing or wrong is told on standard error.
    """
    from wizard.commands import drafts as command

    return command.show(home(), wanted)


@drafts.command("delete", short_help="Delete a draft, for 30 days not for good.")
@click.argument("wanted", metavar="ID", shell_complete=drafts_like)
@common
def delete_draft(wanted: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts delete 4f1c
      qcall-wizard drafts --deleted

    Deletes a draft. For 30 days `qcall-wizard drafts restore` brings it back.
    """
    from wizard.commands import drafts as command

    return command.delete(home(), wanted)


@drafts.command("restore", short_help="Bring a deleted draft back.")
@click.argument("wanted", metavar="ID", shell_complete=deleted_like)
@common
def restore_draft(wanted: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts restore 4f1c
      qcall-wizard drafts --deleted

    Brings back a draft that was deleted in the last 30 days, with its whole history.
    """
    from wizard.commands import drafts as command

    return command.restore(home(), wanted)


@drafts.command("backup", short_help="Copy all drafts and receipts to one file.")
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--force", is_flag=True, help="Write over FILE if it exists.")
@common
def backup_drafts(file: str, force: bool) -> int:
    """\b
    Examples:
      qcall-wizard drafts backup drafts.sqlite3
      qcall-wizard drafts backup --force ~/backups/drafts.sqlite3

    Copies everything that is kept, drafts, receipts and settings, to one whole file, also while a
    wizard is open. To use it, put it into an empty folder as wizard.sqlite3 and name this folder
    with --home.
    """
    from wizard.commands import drafts as command

    return command.backup(home(), file, over=force)


@click.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a receipt.")
@click.pass_context
@common
def receipts(context: click.Context, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard receipts
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts --json | jq 'select(.outcome == "unknown")'

    Lists what was sent, the newest first: when, where, and what came of it. An ID may be cut short
    as far as it stays the only one that begins so.
    """
    if context.invoked_subcommand is not None:
        return alone(context, flags(json=as_json), "is for the list")
    from wizard.commands import receipts as command

    return command.run(home(), as_json=as_json)


@receipts.command("show", short_help="Print a receipt.")
@click.argument("wanted", metavar="ID", shell_complete=receipts_like)
@click.option("--json", "as_json", is_flag=True, help="Print one object with everything.")
@click.option("--body", is_flag=True, help="Print the body alone.")
@common
def show_receipt(wanted: str, as_json: bool, body: bool) -> int:
    """\b
    Examples:
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts show 9ad0 --body > payload.json
      qcall-wizard receipts show 9ad0 --body | qcall-wizard --from -

    Prints everything that is known of one attempt to create an assistant. The body is that of the
    request, its widget_config.api_key masked.
    """
    if as_json and body:
        raise click.UsageError("--json and --body exclude each other: name one.")
    from wizard.commands import receipts as command

    return command.show(home(), wanted, as_json=as_json, body=body)
