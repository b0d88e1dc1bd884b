"""The command `assistants`."""

from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Group
from wizard.commands.options import CommonOptions, PathName, common_options, is_list, json_option
from wizard.commands.output import print_json, print_line, print_payload, report
from wizard.commands.table import print_table

if TYPE_CHECKING:
    from wizard.api.records import Record


@click.group(cls=Group, invoke_without_command=True)
@json_option("assistant")
@common_options
def assistants(options: CommonOptions, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard assistants
      qcall-wizard assistants --json | jq -r 'select(.language == "hi") | .id'
      qcall-wizard assistants show 9f2c41 > asha.json
      qcall-wizard assistants save backup

    Lists the assistants of the account, as QCall returns them. What cannot be read is reported. The
    exit code is 3 if the server refuses the key, and 5 if there is no key or no answer.
    """
    if not is_list(json=as_json):
        return 0
    from wizard.commands.account import read_records

    records = read_records(options).records
    if as_json:
        for record in records:
            print_json(_as_json(record))
    elif records:
        titles = ("ID", "NAME", "COMPANY", "TYPE", "LANGUAGE", "CHANGED")
        limits = {0: (40, 8), 1: (32, 8), 2: (28, 6), 4: (16, 5), 5: (24, 10)}
        print_table(titles, [_row(record) for record in records], limits)
    else:
        print_line("There are no assistants in this account.")
    return 0


@assistants.command("show", short_help="Print an assistant.")
@click.argument("assistant_id", metavar="ID")
@common_options
def show_assistant(options: CommonOptions, assistant_id: str) -> int:
    """\b
    Examples:
      qcall-wizard assistants show 9f2c41 > asha.json
      qcall-wizard assistants show 9f2c41 | jq .script

    Prints an assistant as QCall returned it, byte for byte: unknown members, the order and the
    forms of numbers are kept. The key of its widget is masked; `update` leaves a masked key as it
    is.
    """
    from wizard.commands.account import read_record

    record = read_record(options, assistant_id)
    print_payload(record.masked_text)
    if record.flaw:
        report(f"This assistant cannot be updated: {record.flaw}.")
    return 0


@assistants.command("save", short_help="Write assistants to a folder.")
@click.argument("folder", metavar="DIR", type=PathName(file_okay=False))
@click.argument("ids", metavar="[ID]...", nargs=-1)
@common_options
def save_assistants(options: CommonOptions, folder: str, ids: tuple[str, ...]) -> int:
    """\b
    Examples:
      qcall-wizard assistants save backup
      qcall-wizard assistants save backup 9f2c41 77ab02

    Writes assistants to a folder, each to a file of its own: all, or those with the given ids. An
    assistant that has a file there already is written to it, also when its name has changed. The
    folder .as-read in it has the same files: leave them unchanged, so that `update DIR` can tell
    your changes from those made at QCall meanwhile. A file that exists already is kept if it was
    changed.
    """
    from wizard.commands.account import read_record, read_records
    from wizard.commands.saved_records import SavedFolder

    asked = [read_record(options, each) for each in dict.fromkeys(ids)]
    records = asked or read_records(options, whole=True).records
    saved = SavedFolder(folder)
    written = kept = 0
    for record in records:
        name, is_written = saved.save(record)
        if is_written:
            print_line(name)
            written += 1
        else:
            report(f"{name} has changes of yours: it was kept.")
            kept += 1
    report(f"{written} written to {folder}" + (f", {kept} kept." if kept else "."))
    return 1 if kept else 0


def _row(record: "Record") -> tuple[str, ...]:
    return (
        record.id or "(none)",
        record.name,
        record.shown("company_name"),
        record.shown("type"),
        record.shown("language"),
        record.changed,
    )


def _as_json(record: "Record") -> dict[str, Any]:
    return {
        "id": record.id or None,
        "name": record.shown("name"),
        "company_name": record.shown("company_name"),
        "type": record.shown("type"),
        "language": record.shown("language"),
        "changed": record.changed or None,
        "flaw": record.flaw or None,
    }
