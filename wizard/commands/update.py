"""The command `update`."""

import os

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import (
    FILE,
    CommonOptions,
    common_options,
    json_option,
    pace_option,
)
from wizard.commands.value_completion import complete_receipt


@click.command(cls=Command)
@click.argument("first", metavar="[ID|DIR]", required=False)
@click.argument("file", metavar="[FILE]", type=FILE, required=False)
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--dry-run", is_flag=True, help="Print what would change; send nothing.")
@json_option("assistant")
@click.option(
    "--force",
    is_flag=True,
    help="Also update what was changed at QCall since it was read: your changes win.",
)
@click.option(
    "--restore",
    metavar="RECEIPT",
    shell_complete=complete_receipt,
    help="Put back the assistant as it was before the update of a receipt.",
)
@pace_option("updates")
@common_options
def update(
    options: CommonOptions,
    *,
    first: str | None,
    file: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    force: bool,
    restore: str | None,
    pace: float,
) -> int:
    """\b
    Examples:
      qcall-wizard update 9f2c41 asha.json
      qcall-wizard update 9f2c41 asha.yaml --dry-run
      qcall-wizard update backup --dry-run
      qcall-wizard update --restore 4f1c77aa

    Changes an existing assistant to the payload in FILE: shows what changes, asks, sends it, and
    reads it back. Members that FILE lacks stay as they are, at the top and in objects such as
    widget_config; a list, such as actions, is replaced by that of FILE as a whole. What is the same
    stays byte for byte. With a folder of `assistants save`, all its files are updated, one after
    another; run it again after any stop. If an assistant was changed at QCall since it was read,
    nothing is sent without --force. Each update has a receipt with the assistant before.
    What QCall did not keep is reported; the exit code is 0 even if it kept none of the changes.

    \b
    The exit code is that of the worst outcome:
      0  updated, or there is nothing to change
      1  a file is invalid, or no assistant with the id can be read
      3  refused, also if the server has no such assistant when it is sent
      4  unknown: it may have been changed
      5  not sent: no key, unreachable, cancelled, changed at QCall
    """
    from wizard.commands.update_batch import UpdateBatch, read_file, read_folder, read_receipt

    if restore is not None:
        if file is not None:
            raise click.UsageError("--restore takes no FILE: its receipt has the assistant.")
        items = [read_receipt(options, restore, first or "")]
    elif first is None:
        raise click.UsageError("Name an ID and a FILE, or a folder of `assistants save`.")
    elif file is not None:
        items = [read_file(file, first)]
    elif os.path.isdir(first):
        items = list(read_folder(first))
    else:
        raise click.UsageError(f"Name the FILE with the new content of {first}.")
    batch = UpdateBatch(items, options, as_json=as_json, force=force, pace=pace)
    try:
        return batch.run(yes=yes, dry_run=dry_run)
    except KeyboardInterrupt:
        return batch.report_interrupted()
