"""Commands that make, judge, send and compare payloads, as they are declared."""

import click

from wizard.commands.options import Command, LateChoice, common
from wizard.declarations.shared import (
    FILE,
    answers_like,
    files_or_ids,
    forms,
    home,
    templates_like,
    told_options,
)

# ruff: noqa: PLC0415 - help does without what the bodies need


@click.command(cls=Command)
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=templates_like,
    help="Begin with a template; `templates` lists them.",
)
@click.option(
    "--from", "file", metavar="FILE", type=FILE, help="Begin with the payload in FILE instead."
)
@click.option(
    "--set",
    "answers",
    metavar="FIELD=VALUE",
    multiple=True,
    shell_complete=answers_like,
    help="Answer a field (repeatable).",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(readable=False),
    help="Write to FILE, as YAML where its name ends so. A FILE that was read is rewritten.",
)
@click.option("--force", is_flag=True, help="Write over another file that is there.")
@common
def new(
    template: str | None,
    file: str | None,
    answers: tuple[str, ...],
    output: str | None,
    force: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard new --template lead-qualification --set name=Asha > payload.json
      qcall-wizard new --from payload.yaml --set voice_speed=1.2 -o payload.yaml
      qcall-wizard new --from payload.json --set script=@script.txt
      qcall-wizard new --set actions[0].type=sendMessage --set 'fillers=["umm"]'

    Prints the payload that the answers come to. FIELD is a path as `fields` lists them, with
    indexes; the index after the last adds an item. VALUE is text, or JSON where the field takes
    no text or where it stands in double quotes; @FILE is what FILE holds, @- standard input, and
    @@ begins a text with one @. What is missing, wrong or does not apply is told on standard
    error; the exit code is 1 while something is missing or wrong.
    """
    if template is not None and file is not None:
        raise click.UsageError("--template and --from exclude each other: name one.")
    from wizard.commands import new as command

    return command.run(home(), template, file, answers, output, over=force)


@click.command(cls=Command)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a payload.")
@click.option(
    "--lines", "in_lines", is_flag=True, help="Read one payload a line, whatever a FILE is called."
)
@click.option("--no-advice", is_flag=True, help="Tell errors alone, which is several times faster.")
@common
def validate(files: tuple[str, ...], as_json: bool, in_lines: bool, no_advice: bool) -> int:
    """\b
    Examples:
      qcall-wizard validate payload.json
      qcall-wizard validate --json payloads.jsonl | jq 'select(.valid | not)'
      curl -s https://example.com/payload.yaml | qcall-wizard validate -
      zcat payloads.gz | qcall-wizard validate --lines --no-advice -

    Judges payloads: JSON or YAML, bare or in the API's envelope. A FILE that ends in .jsonl holds
    one payload a line; - is standard input. An error makes a payload invalid, advice does not.
    The exit code is 0 where every payload is valid, else 1.
    """
    from wizard.commands import validate as command

    return command.run(files, as_json, in_lines=in_lines, advice=not no_advice)


@click.command(cls=Command)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=FILE, shell_complete=files_or_ids
)
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a payload.")
@click.option("--dry-run", is_flag=True, help="Print the requests, the keys out; send nothing.")
@click.option("--again", is_flag=True, help="Send also what was created before.")
@click.option(
    "--pace",
    metavar="SECONDS",
    type=click.FloatRange(0, 3600),
    default=1.0,
    help="Wait so long between two requests; 1 without this option.",
)
@common
def submit(
    *, files: tuple[str, ...], yes: bool, as_json: bool, dry_run: bool, again: bool, pace: float
) -> int:
    """\b
    Examples:
      qcall-wizard submit payload.json
      qcall-wizard submit --dry-run payload.yaml
      qcall-wizard submit --yes --json payloads.jsonl | jq -r .id
      qcall-wizard submit 4f1c

    Judges all payloads, shows what goes where, asks once, and sends one after another. FILE is
    one as for validate, or the id of a draft. Nothing is sent where one is invalid. Each attempt
    leaves a receipt, so the same command can be stopped and run again: what was created is passed
    over.

    \b
    The exit code is that of the gravest outcome:
      0  created; what was created before does not count where others were created now
      1  a payload is invalid or cannot be read, and nothing was sent
      3  refused
      4  unknown: it may have been created
      5  not sent: no key, unreachable, rate limited, not agreed to, created before
    """
    from wizard.commands import submit as command

    told = told_options()
    options = command.Options(yes, as_json, dry_run, again, pace)
    return command.run(told.settings(), files, options, told.log)


@click.command(cls=Command)
@click.argument("wanted", metavar="FILE|DRAFT", type=FILE, shell_complete=files_or_ids)
@click.option(
    "--as",
    "form",
    metavar="FORM",
    type=LateChoice("FORM", forms),
    required=True,
    help="The form to print it in.",
)
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(readable=False), help="Write it to FILE."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@common
def export(wanted: str, form: str, output: str | None, force: bool) -> int:
    """\b
    Examples:
      qcall-wizard export payload.json --as yaml
      qcall-wizard export 4f1c --as curl > create.sh
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1 export payload.json --as python

    Prints a payload in another form: that of a file, or of a draft, a receipt or a template by
    its id or name. The programs send the same bytes as the wizard; they take the API key from
    QCALL_API_KEY, and a key inside widget_config from QCALL_WIDGET_KEY. No key is in any form.
    """
    from wizard.commands import export as command
    from wizard.exchange.export_formats import ExportFormat

    told = told_options()
    return command.run(told.settings(), wanted, ExportFormat(form), output, over=force)


@click.command(cls=Command)
@click.argument("first", metavar="A", type=FILE, shell_complete=files_or_ids)
@click.argument("second", metavar="B", type=FILE, shell_complete=files_or_ids)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a difference.")
@common
def diff(first: str, second: str, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard diff old.json new.yaml
      qcall-wizard diff 4f1c payload.json
      qcall-wizard diff lead-qualification 4f1c --json | jq -r .path

    Prints what B has that A has not and the other way round, field by field, long texts word by
    word: [-removed-] and {+added+}. A and B are files, or drafts, receipts and templates by their
    id or name. Actions are followed where they moved. The key of a widget is masked.
    """
    from wizard.commands import diff as command

    return command.run(home(), first, second, as_json=as_json)
