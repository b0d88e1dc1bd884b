"""The command `update`."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

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
from wizard.errors import AssistantsUnavailable, WizardError

if TYPE_CHECKING:
    from wizard.commands.update_batch import UpdateItem


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
    from wizard.commands.update_batch import UpdateBatch

    if restore is not None:
        if file is not None:
            raise click.UsageError("--restore takes no FILE: its receipt has the assistant.")
        items = [_read_receipt(options, restore, first or "")]
    elif first is None:
        raise click.UsageError("Name an ID and a FILE, or a folder of `assistants save`.")
    elif file is not None:
        items = [_read(file, first)]
    elif os.path.isdir(first):
        items = list(_read_folder(first))
    else:
        raise click.UsageError(f"Name the FILE with the new content of {first}.")
    batch = UpdateBatch(items, options, as_json=as_json, force=force, pace=pace)
    try:
        return batch.run(yes=yes, dry_run=dry_run)
    except KeyboardInterrupt:
        return batch.report_interrupted()


def _read(file: str, assistant_id: str) -> "UpdateItem":
    """Read the file with the new content of an assistant."""
    from wizard.api.records import Record
    from wizard.commands.saved_records import AS_READ, load
    from wizard.commands.sources import raw_text
    from wizard.commands.update_batch import UpdateItem
    from wizard.formats.files import shown_name

    shown = shown_name(file)
    try:
        folder, name = os.path.split(file)
        if file != "-" and os.path.isfile(os.path.join(folder, AS_READ, name)):
            saved = load(file)
            item = UpdateItem(shown, assistant_id, saved.record.text, saved.base, saved)
            if saved.base and assistant_id not in saved.base.ids:
                # What was read of another assistant says nothing about changes to this one.
                item.base = item.saved = None
        else:
            item = UpdateItem(shown, assistant_id, raw_text(file))
        named = Record.of(item.text).ids
    except WizardError as error:
        return UpdateItem(shown, assistant_id, trouble=str(error))
    if named and assistant_id not in named:
        item.trouble = f"{shown}: it is the assistant {named[0]}, not {assistant_id}"
    return item


def _read_folder(folder: str) -> "Iterator[UpdateItem]":
    from wizard.api.update_outcomes import NotUpdatable, Unchanged
    from wizard.commands.saved_records import files_of, load
    from wizard.commands.update_batch import UpdateItem

    seen: dict[str, str] = {}
    for file in files_of(folder):
        try:
            saved = load(file)
        except WizardError as error:
            yield UpdateItem(file, "", trouble=str(error))
            continue
        item = UpdateItem(file, saved.record.id, saved.record.text, saved.base, saved)
        is_changed = saved.base is None or saved.base.text != saved.record.text
        other = seen.setdefault(item.assistant_id, file) if item.assistant_id else ""
        # A folder of `save` may have files without an id or with the id of another one: while they
        # are unchanged, they must not stop the others.
        if other != file and not is_changed:
            item.outcome = Unchanged(item.assistant_id)
        elif not other:
            item.outcome = NotUpdatable("it has no id")
        elif other != file:
            item.trouble = f"{file}: it has the id of {other}; keep one of the two"
        elif saved.base and item.assistant_id not in saved.base.ids:
            own = saved.base.id or "an assistant without an id"
            wrong = f"it has the id {item.assistant_id}, but was saved for {own}"
            item.trouble = f"{file}: {wrong}; correct the id"
        yield item


def _read_receipt(options: CommonOptions, prefix: str, assistant_id: str) -> "UpdateItem":
    """Return the assistant before the update of a receipt."""
    from wizard.api.updates import previous_version
    from wizard.commands.local_store import find_stored, local_store, updates_in
    from wizard.commands.update_batch import UpdateItem
    from wizard.formats.payload_identity import normalized_url

    with local_store(options.home_folder()) as store:
        receipt = find_stored(prefix, updates_in(store).all(), "receipt of an update")
    if assistant_id and assistant_id != receipt.assistant:
        message = f"The receipt {receipt.id} is of {receipt.assistant}, not of {assistant_id}."
        raise click.UsageError(message)
    target = options.settings().target
    if normalized_url(target.base_url) != receipt.target:
        raise AssistantsUnavailable(
            f"The receipt {receipt.id} is of {receipt.host}, and the target is {target.name}: "
            "nothing was sent."
        )
    wanted = previous_version(receipt)
    item = UpdateItem("", receipt.assistant, wanted.text, wanted.base, partial=False)
    item.has_lost_key = wanted.has_lost_key
    return item
