"""The command `export`."""

import click

from wizard.commands.click_extensions import Command, LazyChoice
from wizard.commands.options import FILE, CommonOptions, common_options, output_option
from wizard.commands.output import print_payload, print_unchanged, report
from wizard.commands.value_completion import complete_source
from wizard.contract.masking import masked
from wizard.exchange.export_formats import ExportFormat
from wizard.formats.files import write_new
from wizard.formats.json_text import dump

_FORMATS = {form.value: form.about for form in ExportFormat}


@click.command(cls=Command)
@click.argument("name", metavar="FILE|DRAFT", type=FILE, shell_complete=complete_source)
@click.option(
    "--as",
    "form",
    metavar="FORM",
    type=LazyChoice("FORM", lambda: _FORMATS),
    required=True,
    help="The format to print.",
)
@output_option("Write it to FILE.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@common_options
def export(options: CommonOptions, name: str, form: str, output: str | None, force: bool) -> int:
    """\b
    Examples:
      qcall-wizard export payload.json --as yaml
      qcall-wizard export 4f1c --as curl > create.sh
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1 export payload.json --as python

    Prints a payload in another format. It is read from a file, or from a draft, receipt or
    template by its id or name. The exported programs send the same bytes as the wizard; they read
    the API key from QCALL_API_KEY, and a key inside widget_config from QCALL_WIDGET_KEY. An export
    never contains a key. An invalid payload is exported only as JSON or YAML.
    """
    from wizard.commands.sources import read_source
    from wizard.contract.validation import find_errors
    from wizard.draft.draft import Payload
    from wizard.exchange import exporting

    settings, kind = options.settings(), ExportFormat(form)
    source = read_source(name, settings.home)
    errors = find_errors(source.data)
    address = exporting.address(settings.target)
    if note := exporting.note(source.data, kind):
        report(note)
    is_exported = not (errors and kind.sends)
    if is_exported:
        if kind.sends and settings.target.is_sandbox:
            report(
                f"It sends to {address}, because the sandbox is inside this program. To reach one "
                "from other programs, run `qcall-wizard sandbox --port 8700`, and export with "
                "--base-url in place of --sandbox."
            )
        text = source.with_comments(masked(source.data)) if kind is ExportFormat.YAML else None
        if text is None:
            payload = Payload(source.data, dump(dict(source.data)))
            text = exporting.export(payload, kind, address)
        if output is not None:
            write_new(output, f"{text}\n", over=force)
        elif kind in (ExportFormat.PYTHON, ExportFormat.YAML):
            print_unchanged(text)
        else:
            print_payload(text)
    for error in errors:
        report(f"{source.name}: {error}")
    if not is_exported:
        report("Nothing was exported: an invalid payload is exported only as JSON or YAML.")
    return 1 if errors else 0
