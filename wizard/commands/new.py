"""The command `new`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import (
    FILE,
    CommonOptions,
    app_form_option,
    common_options,
    output_option,
)
from wizard.commands.output import print_payload, report, report_problems
from wizard.commands.value_completion import complete_answer, complete_template
from wizard.contract.masking import is_masked
from wizard.errors import Unreadable
from wizard.formats import paths
from wizard.formats.files import STANDARD_INPUT, read_bytes, read_text, shown_name, write_new
from wizard.formats.json_text import dump

if TYPE_CHECKING:
    from wizard.commands.sources import PayloadSource
    from wizard.draft.draft import Draft
    from wizard.exchange.importing import Imported


@click.command(cls=Command)
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=complete_template,
    help="Start with a template that `templates` lists.",
)
@click.option(
    "--from",
    "file",
    metavar="FILE",
    type=FILE,
    help="Start with FILE instead: a payload, a response of the API, a curl command, or a script.",
)
@click.option(
    "--set",
    "answers",
    metavar="FIELD=VALUE",
    multiple=True,
    shell_complete=complete_answer,
    help="Answer a field (repeatable).",
)
@click.option(
    "--fill",
    "fills",
    metavar="NAME=VALUE",
    multiple=True,
    help="Fill in a blank of the texts, such as {{opening_hours}} (repeatable).",
)
@output_option("Write to FILE, as YAML if it ends in .yaml or .yml. It may be the FILE of --from.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@app_form_option()
@common_options
def new(
    options: CommonOptions,
    *,
    template: str | None,
    file: str | None,
    answers: tuple[str, ...],
    fills: tuple[str, ...],
    output: str | None,
    force: bool,
    app_form: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard new --template lead-qualification --set name=Asha > payload.json
      qcall-wizard new --from payload.yaml --set voice_speed=1.2 -o payload.yaml
      qcall-wizard new --from payload.json --set script=@script.txt
      qcall-wizard new --template inbound-receptionist --fill opening_hours='9 to 5'
      qcall-wizard new --from create.sh -o payload.json
      qcall-wizard new --from qcall:9f2c41 --set name=Mira -o copy.json
      qcall-wizard new --set actions[0].type=sendMessage --set 'fillers=["umm"]'

    Prints the payload with the given answers. FIELD is a path as `fields` lists it, with indexes;
    the index after the last adds an item. VALUE is text; it is JSON if it is in double quotes or
    the field takes no text. @FILE reads the value from a file, @- from standard input; a text that
    begins with @ is written with @@. --from qcall:ID starts with a copy of an assistant of the
    account, converted to the form of the published document. A blank is a variable that QCall does
    not fill; --fill writes its VALUE into every text, after all of --set. Missing, invalid and
    unused answers are reported on standard error. The exit code is 1 if an answer is missing or
    invalid.
    """
    if template is not None and file is not None:
        raise click.UsageError("--template and --from cannot be combined: use one of them.")
    from wizard.draft.draft import Draft
    from wizard.templates.library import find_template

    draft, source = _start(options, file) if file is not None else (Draft(), None)
    if template is not None:
        draft.start_from(find_template(template, options.home_folder()))
    _answer_all(draft, answers, stdin_used=file == "-")
    _fill_blanks(draft, fills)
    if is_masked(draft.answers):
        advice = "the key of its widget is masked: set it with --set widget_config.api_key=@FILE"
        raise Unreadable(source.name if source else "the payload", advice)
    data = _with_app_forms(draft) if app_form else draft.compose()
    _write(data, source, output, overwrite=force or output == file)
    return _report_problems(draft, data, app_form=app_form)


def _start(options: CommonOptions, file: str) -> "tuple[Draft, PayloadSource | None]":
    """Return a draft of a file that the screens can read; a payload stays as it is written."""
    from wizard.commands.account import QCALL, read_record
    from wizard.commands.launch import choose_assistant
    from wizard.commands.sources import source_of
    from wizard.draft.draft import Draft
    from wizard.exchange import importing

    if file.startswith(QCALL):
        from wizard.exchange.copying import copied

        return _reported(copied(read_record(options, file.removeprefix(QCALL)))), None
    data, name = read_bytes(file), shown_name(file)
    found = importing.read_text(data, name, Path() if file == "-" else Path(file).parent)
    if found.candidates[0].kind is importing.TextKind.PAYLOAD:
        source = source_of(data, name)
        return Draft.imported(source.data), source
    return _reported(importing.take(found, choose_assistant(found))), None


def _reported(imported: "Imported") -> "Draft":
    if imported.report.says_more:
        for line in imported.report.lines():
            report(line)
    return imported.draft


def _with_app_forms(draft: "Draft") -> "Mapping[str, Any]":
    """Return the payload with the values that only QCall's own app has, such as its languages."""
    from wizard.contract.app_forms import app_forms_in

    own = [path[0] for path in app_forms_in(draft.answers) if len(path) == 1]
    return {**draft.compose(), **{str(name): draft.answers[str(name)] for name in own}}


def _answer_all(draft: "Draft", answers: Sequence[str], *, stdin_used: bool) -> None:
    from wizard.exchange.set_expression import BadAssignment, set_answer

    files: set[str] = set()

    def read(name: str) -> str:
        nonlocal stdin_used
        files.update((name, STANDARD_INPUT) if name == "-" else (name,))
        if name == "-" and stdin_used:
            raise BadAssignment("@-: standard input can be read only once; name a file instead")
        stdin_used = stdin_used or name == "-"
        return read_text(name)

    for answer in answers:
        try:
            set_answer(draft, answer, read)
        except (BadAssignment, Unreadable) as error:
            # An unreadable file is not a mistake in the command line.
            if isinstance(error, Unreadable) and error.name in files:
                raise
            raise click.UsageError(f"--set: {error}") from None


def _fill_blanks(draft: "Draft", fills: Sequence[str]) -> None:
    from wizard.contract.rules import is_blank
    from wizard.draft.blanks import blanks, fill, why_not_blank

    names, values = {blank.name for blank in blanks(draft)} if fills else set(), {}
    for written in fills:
        name, _, value = written.partition("=")
        if is_blank(value):
            message = f"{written!r} has no value; use the form NAME=VALUE"
            raise click.UsageError(f"--fill: {message}")
        if name not in names:
            raise click.UsageError(f"--fill: {name!r} {why_not_blank(draft, name)}")
        values[name] = value
    fill(draft, values)


def _write(
    data: "Mapping[str, Any]",
    source: "PayloadSource | None",
    output: str | None,
    *,
    overwrite: bool,
) -> None:
    from wizard.exchange.exporting import as_yaml

    text = dump(dict(data))
    if output is None:
        print_payload(text)
        return
    if output.lower().endswith((".yaml", ".yml")):
        text = (source.with_comments(data) if source else None) or as_yaml(data)
    write_new(output, f"{text}\n", over=overwrite)


def _report_problems(draft: "Draft", data: "Mapping[str, Any]", *, app_form: bool) -> int:
    from wizard.advice import advise
    from wizard.contract.validation import find_errors

    for left in draft.left_out():
        if app_form and paths.get(data, left.path) == draft.get(left.path):
            continue
        report(f"not sent: {paths.write(left.path)}: {left.why}")
    for warning in advise(data):
        report(f"advice: {warning}")
    errors = find_errors(data, app_form=app_form)
    report_problems(errors)
    return 1 if errors else 0
