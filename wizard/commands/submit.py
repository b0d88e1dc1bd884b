"""The command `submit`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import (
    FILE,
    CommonOptions,
    app_form_option,
    common_options,
    json_option,
    pace_option,
)
from wizard.commands.value_completion import complete_source
from wizard.errors import Unreadable, WizardError
from wizard.formats.files import read_lines

if TYPE_CHECKING:
    from wizard.commands.create_batch import PayloadItem
    from wizard.commands.sources import PayloadSource


@click.command(cls=Command)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=FILE, shell_complete=complete_source
)
@click.option("--yes", is_flag=True, help="Send without asking.")
@json_option("payload")
@click.option("--dry-run", is_flag=True, help="Print the requests without the key; send nothing.")
@click.option("--again", is_flag=True, help="Also send what was created before.")
@pace_option("requests")
@app_form_option()
@common_options
def submit(
    options: CommonOptions,
    *,
    files: tuple[str, ...],
    yes: bool,
    as_json: bool,
    dry_run: bool,
    again: bool,
    pace: float,
    app_form: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard submit payload.json
      qcall-wizard submit --dry-run payload.yaml
      qcall-wizard submit --yes --json payloads.jsonl | jq -r .id
      qcall-wizard submit 4f1c

    Validates all payloads, shows what goes where, asks once, and sends them one after another.
    FILE is a file as for validate, or the id of a draft. If one payload is invalid, nothing is
    sent. Each attempt has a receipt, so you can stop the command and run it again: what was
    created is skipped.

    \b
    The exit code is that of the worst outcome:
      0  created; skipped payloads count only if nothing was created now
      1  a payload is invalid or cannot be read, and nothing was sent
      3  refused
      4  unknown: it may have been created
      5  not sent: no key, unreachable, rate limited, cancelled, created before
    """
    from wizard.commands.create_batch import CreateBatch

    home = options.settings().home
    items = [item for file in files for item in _read(file, home, app_form=app_form)]
    batch = CreateBatch(items, options, as_json=as_json, again=again, pace=pace)
    try:
        return batch.run(yes=yes, dry_run=dry_run)
    except KeyboardInterrupt:
        return batch.report_interrupted()


def _read(file: str, home: Path, *, app_form: bool) -> "Iterator[PayloadItem]":
    """Read and validate the payloads of a file, or the payload of a draft."""
    from wizard.commands.create_batch import PayloadItem
    from wizard.commands.sources import PayloadSource, read_source
    from wizard.exchange.envelope import payload_in

    try:
        if not file.lower().endswith(".jsonl"):
            yield _validated(file, 0, read_source(file, home), app_form=app_form)
            return
        for line, value in read_lines(file):
            try:
                if isinstance(value, Unreadable):
                    raise value
                source = PayloadSource(file, payload_in(value, file))
                yield _validated(file, line, source, app_form=app_form)
            except Unreadable as error:
                yield PayloadItem(
                    file, line, Unreadable(file, error.reason, line, error.column or 1)
                )
    except WizardError as error:
        yield PayloadItem(file, 0, error)


def _validated(file: str, line: int, source: "PayloadSource", *, app_form: bool) -> "PayloadItem":
    from wizard.commands.create_batch import PayloadItem
    from wizard.commands.sources import refuse_masked
    from wizard.contract.validation import find_errors

    if source.assistant:
        reason = f"it changes the assistant {source.assistant}; open it in the wizard to update it"
        raise Unreadable(source.name, reason)
    refuse_masked(source, line)
    return PayloadItem(file, line, source, tuple(find_errors(source.data, app_form=app_form)))
