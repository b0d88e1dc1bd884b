"""The command `drafts`."""

import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from wizard.commands.click_extensions import Group
from wizard.commands.local_store import all_drafts, find_draft, find_stored, local_store
from wizard.commands.options import (
    FILE_TO_WRITE,
    CommonOptions,
    common_options,
    is_list,
    json_option,
)
from wizard.commands.output import print_document, print_json, print_line, report, report_problems
from wizard.commands.table import print_table
from wizard.commands.value_completion import complete_deleted_draft, complete_draft
from wizard.contract.masking import masked
from wizard.errors import NoSuch, NotWritten
from wizard.formats.files import new_file
from wizard.formats.json_text import dump
from wizard.formats.text import counted

if TYPE_CHECKING:
    from wizard.storage.store import DraftLine


@click.group(cls=Group, invoke_without_command=True)
@click.option("--deleted", is_flag=True, help="List the deleted drafts that can be restored.")
@json_option("draft")
@common_options
def drafts(options: CommonOptions, deleted: bool, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard drafts
      qcall-wizard drafts show 4f1c > payload.json
      qcall-wizard drafts delete 4f1c
      qcall-wizard drafts --deleted
      qcall-wizard drafts --json | jq -r .id

    Lists the drafts on this machine, the last changed first. Any unique ID prefix works.
    """
    if not is_list(deleted=deleted, json=as_json):
        return 0

    with local_store(options.home_folder()) as store:
        lines, now = store.drafts(deleted=deleted), store.clock()
    if as_json:
        for line in lines:
            print_json(
                {
                    "id": line.id,
                    "name": line.name,
                    "step": line.step,
                    "created": line.created.isoformat(),
                    "updated": line.updated.isoformat(),
                    "deleted": line.deleted.isoformat() if line.deleted else None,
                }
            )
    elif lines:
        _print_drafts(lines, now, deleted=deleted)
    elif deleted:
        print_line("No draft was deleted in the last 30 days.")
    else:
        print_line("There are no drafts: start one with qcall-wizard.")
    return 0


@drafts.command("show", short_help="Print a draft's payload.")
@click.argument("prefix", metavar="ID", shell_complete=complete_draft)
@common_options
def show_draft(options: CommonOptions, prefix: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts show 4f1c
      qcall-wizard drafts show 4f1c | jq .script

    Prints the payload of a draft as JSON, with widget_config.api_key masked. Missing and invalid
    answers are reported on standard error.
    """
    with local_store(options.home_folder()) as store:
        draft = store.load(find_stored(prefix, all_drafts(store), "draft").id)
    print_document(dump(masked(draft.compose())))
    problems = draft.problems()
    if problems:
        report(f"The draft {draft.id} cannot be sent yet.")
        report_problems(problems)
    return 0


@drafts.command("delete", short_help="Delete a draft; it can be restored for 30 days.")
@click.argument("prefix", metavar="ID", shell_complete=complete_draft)
@common_options
def delete_draft(options: CommonOptions, prefix: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts delete 4f1c
      qcall-wizard drafts --deleted

    Deletes a draft. For 30 days `qcall-wizard drafts restore` restores it.
    """
    from wizard.storage.session import Session
    from wizard.storage.store import KEPT_DAYS, Opened

    home = options.home_folder()
    with local_store(home, to_change=True) as store:
        line = find_draft(store, prefix)
        session = Session(home, Opened(store))
        try:
            session.delete(line.id)
        finally:
            session.close()
    report(
        f"Deleted the draft {line.id} ({line.name}). For {KEPT_DAYS} days "
        f"`qcall-wizard drafts restore {line.id}` restores it."
    )
    return 0


@drafts.command("restore", short_help="Restore a deleted draft.")
@click.argument("prefix", metavar="ID", shell_complete=complete_deleted_draft)
@common_options
def restore_draft(options: CommonOptions, prefix: str) -> int:
    """\b
    Examples:
      qcall-wizard drafts restore 4f1c
      qcall-wizard drafts --deleted

    Restores a draft that was deleted in the last 30 days, with its history.
    """
    with local_store(options.home_folder(), to_change=True) as store:
        line = find_stored(prefix, store.drafts(deleted=True), "deleted draft")
        store.restore(line.id)
    report(
        f"Restored the draft {line.id} ({line.name}). `qcall-wizard --draft {line.id}` continues "
        "it."
    )
    return 0


@drafts.command("backup", short_help="Copy all drafts and receipts to one file.")
@click.argument("file", metavar="FILE", type=FILE_TO_WRITE)
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@common_options
def backup_drafts(options: CommonOptions, file: str, force: bool) -> int:
    """\b
    Examples:
      qcall-wizard drafts backup drafts.sqlite3
      qcall-wizard drafts backup --force ~/backups/drafts.sqlite3

    Copies all drafts, receipts and settings to one file, even while a wizard is open. To use the
    copy, put it into an empty folder as wizard.sqlite3, and name the folder with --home.
    """
    from wizard.storage.sqlite_file import FILE_NAME

    home = options.home_folder()
    with local_store(home) as store:
        if not os.path.lexists(home / FILE_NAME):
            raise NoSuch(f"there is nothing to back up: {home} has no drafts")
        if os.path.realpath(file).startswith(os.path.realpath(home / FILE_NAME)):
            raise NotWritten(f"{file} is the database itself: name a file in another folder")
        with new_file(file, over=force) as part:
            store.database.backup(part)
        count = len(store.drafts())
    report(f"Copied {counted(count, 'draft')} and the receipts to {file}.")
    return 0


def _print_drafts(lines: "list[DraftLine]", now: datetime, *, deleted: bool) -> None:
    from wizard.storage.session import ago

    titles = ("ID", "NAME", "STEP", *(("DELETED", "STORED FOR") if deleted else ("CHANGED",)))
    rows = []
    for line in lines:
        times: tuple[str, ...] = (ago(line.updated, now),)
        if line.deleted is not None:
            times = (ago(line.deleted, now), _time_left(line.deleted, now))
        rows.append((line.id, line.name, line.step.label, *times))
    print_table(titles, rows, {1: (48, 8), 2: (24, 6)})


def _time_left(deleted: datetime, now: datetime) -> str:
    from wizard.storage.store import KEPT_DAYS

    left = max(0, (deleted + timedelta(days=KEPT_DAYS) - now).days)
    return counted(left, "more day") if left else "less than a day"
