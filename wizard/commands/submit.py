"""The command `submit`."""

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
    from wizard.commands.create_batch import CreateBatch, read_items

    home = options.settings().home
    items = [item for file in files for item in read_items(file, home, app_form=app_form)]
    batch = CreateBatch(items, options, as_json=as_json, again=again, pace=pace)
    try:
        return batch.run(yes=yes, dry_run=dry_run)
    except KeyboardInterrupt:
        return batch.report_interrupted()
