"""The command `new`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import FILE, CommonOptions, common_options, output_option
from wizard.commands.output import (
    is_terminal,
    print_document,
    print_unchanged,
    report,
    report_problems,
)
from wizard.commands.value_completion import complete_answer, complete_template
from wizard.contract.masking import is_masked
from wizard.errors import Unreadable
from wizard.formats.files import STANDARD_INPUT, read_text, write_new
from wizard.formats.paths import write

if TYPE_CHECKING:
    from wizard.commands.sources import Source
    from wizard.draft.draft import Draft


@click.command(cls=Command)
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=complete_template,
    help="Start with a template that `templates` lists.",
)
@click.option(
    "--from", "file", metavar="FILE", type=FILE, help="Start with the payload in FILE instead."
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
) -> int:
    """\b
    Examples:
      qcall-wizard new --template lead-qualification --set name=Asha > payload.json
      qcall-wizard new --from payload.yaml --set voice_speed=1.2 -o payload.yaml
      qcall-wizard new --from payload.json --set script=@script.txt
      qcall-wizard new --template inbound-receptionist --fill opening_hours='9 to 5'
      qcall-wizard new --set actions[0].type=sendMessage --set 'fillers=["umm"]'

    Prints the payload with the given answers. FIELD is a path as `fields` lists it, with indexes;
    the index after the last adds an item. VALUE is text; it is JSON if it is in double quotes or
    the field takes no text. @FILE reads the value from a file, @- from standard input; a text that
    begins with @ is written with @@. A blank is a variable that QCall does not fill; --fill writes
    its VALUE into every text, after all of --set. Missing, invalid and unused answers are reported
    on standard error. The exit code is 1 if an answer is missing or invalid.
    """
    if template is not None and file is not None:
        raise click.UsageError("--template and --from cannot be combined: use one of them.")
    from wizard.commands.sources import read_file
    from wizard.draft.draft import Draft
    from wizard.templates.library import find_template

    source = read_file(file) if file is not None else None
    draft = Draft.imported(source.data) if source else Draft()
    if template is not None:
        draft.start_from(find_template(template, options.home_folder()))
    _answer_all(draft, answers, stdin_used=file == "-")
    _fill_blanks(draft, fills)
    if is_masked(draft.answers):
        advice = "the key of its widget is masked: set it with --set widget_config.api_key=@FILE"
        raise Unreadable(source.name if source else "the payload", advice)
    _write(draft, source, output, overwrite=force or output == file)
    return _report_problems(draft)


def _answer_all(draft: "Draft", answers: Sequence[str], *, stdin_used: bool) -> None:
    from wizard.exchange.set_expression import BadAssignment, assign

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
            assign(draft, answer, read)
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


def _write(draft: "Draft", source: "Source | None", output: str | None, *, overwrite: bool) -> None:
    from wizard.exchange.exporting import as_yaml

    if output is None:
        (print_document if is_terminal() else print_unchanged)(draft.preview())
        return
    text = draft.preview()
    if output.lower().endswith((".yaml", ".yml")):
        data = draft.compose()
        text = (source.with_comments(data) if source else None) or as_yaml(data)
    write_new(output, f"{text}\n", over=overwrite)


def _report_problems(draft: "Draft") -> int:
    from wizard.contract.validation import validate

    result = validate(draft.compose())
    for left in draft.left_out():
        report(f"not sent: {write(left.path)} does not apply: {left.why}")
    for warning in result.warnings:
        report(f"advice: {warning}")
    report_problems(result.errors)
    return 1 if result.errors else 0
