"""The command `export`: writes a payload in another form, the keys left out."""

from wizard.commands.output import is_terminal, say_document, say_exactly, tell
from wizard.commands.sources import Source, from_named, text_of
from wizard.contract.masking import masked
from wizard.contract.validation import find_errors
from wizard.draft.draft import Payload
from wizard.exchange.export_formats import ExportFormat
from wizard.exchange.exporting import address, export, note, rewritten
from wizard.formats.files import write_new
from wizard.settings import Settings


def run(
    settings: Settings, wanted: str, form: ExportFormat, output: str | None, *, over: bool = False
) -> int:
    """Print a payload in another form, or write it to a file; 1 where it is not valid.

    What is not valid is written all the same as JSON or YAML, to be mended there; a program that
    would send it is not. Raises Unreadable, NoSuch, NotWritten, StoreTrouble and Damaged.
    """
    source = from_named(wanted, settings.home)
    errors = find_errors(source.data)
    _tell_notes(settings, source, form)
    if not (errors and form.sends):
        text = _text(source, form, address(settings.target))
        if output is not None:
            write_new(output, f"{text}\n", over=over)
        elif form in (ExportFormat.PYTHON, ExportFormat.YAML) or not is_terminal():
            say_exactly(text)
        else:
            say_document(text)
    for error in errors:
        tell(f"{source.name}: {error}")
    return 1 if errors else 0


def _text(source: Source, form: ExportFormat, base_url: str) -> str:
    if form is ExportFormat.YAML and source.yaml:
        kept = rewritten(source.yaml, masked(source.data), source.name)
        if kept is not None:
            return kept
        tell(f"{source.name}: its comments could not be kept.")
    return export(Payload(source.data, text_of(source.data)), form, base_url)


def _tell_notes(settings: Settings, source: Source, form: ExportFormat) -> None:
    if told := note(source.data, form):
        tell(told)
    if form.sends and settings.target.is_sandbox:
        tell(
            f"It names {address(settings.target)}: the sandbox is inside this program. For one "
            "that others reach start `qcall-wizard sandbox --port 8700` and export with --base-url."
        )
