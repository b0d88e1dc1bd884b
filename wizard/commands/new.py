"""The command `new`: makes a payload of answers on the command line, without questions."""

from collections.abc import Sequence
from pathlib import Path

import click

from wizard.commands.output import is_terminal, say_document, say_exactly, tell
from wizard.commands.sources import Source, from_file
from wizard.contract.masking import is_masked
from wizard.contract.validation import validate
from wizard.draft.draft import Draft
from wizard.errors import Unreadable
from wizard.exchange.exporting import as_yaml, rewritten
from wizard.exchange.set_expression import BadAssignment, assign
from wizard.formats.files import STANDARD_INPUT, read_text, write_new
from wizard.formats.paths import write

_YAML = (".yaml", ".yml")


def run(
    home: Path,
    template: str | None,
    file: str | None,
    answers: Sequence[str],
    output: str | None,
    *,
    over: bool = False,
) -> int:
    """Print the payload that the answers come to, or write it to a file.

    The exit code is 1 where something is missing or wrong. Raises Unreadable, NoSuch, NotWritten
    and click's UsageError.
    """
    source = from_file(file) if file is not None else None
    draft = Draft.imported(source.data) if source else Draft()
    if template is not None:
        from wizard.templates.library import find_template

        draft.start_from(find_template(template, home))
    _assign_all(draft, answers, taken=file == "-")
    if is_masked(draft.answers):
        told = "the key of its widget is only stars: --set widget_config.api_key=@FILE gives it"
        raise Unreadable(source.name if source else "the payload", told)
    _write(draft, source, file, output, over=over)
    return _tell_rest(draft)


def _assign_all(draft: Draft, answers: Sequence[str], *, taken: bool) -> None:
    reader = _Reader(taken)
    for written in answers:
        try:
            assign(draft, written, reader.read)
        except (BadAssignment, Unreadable) as error:
            if isinstance(error, Unreadable) and error.name in reader.names:
                raise
            raise click.UsageError(f"--set: {error}") from None


class _Reader:
    """Reads the files that values name; standard input once. `names` are those it has read."""

    def __init__(self, taken: bool) -> None:
        self._taken = taken
        self.names: set[str] = set()

    def read(self, name: str) -> str:
        """The text in a file; Unreadable, BadAssignment."""
        self.names.update((name, STANDARD_INPUT) if name == "-" else (name,))
        if name == "-" and self._taken:
            raise BadAssignment("@-: standard input can be read once; name a file instead")
        self._taken = self._taken or name == "-"
        return read_text(name)


def _write(
    draft: Draft, source: Source | None, file: str | None, output: str | None, *, over: bool
) -> None:
    text = _text(draft, source, output)
    if output is None:
        # It is for another program; a terminal is shown escapes of what it would obey.
        (say_document if is_terminal() else say_exactly)(text)
        return
    rewrites = output == file
    write_new(output, f"{text}\n", over=over or rewrites)


def _text(draft: Draft, source: Source | None, output: str | None) -> str:
    """JSON, or YAML for a file that ends so; the comments of one that was read are kept."""
    if output is None or not output.lower().endswith(_YAML):
        return draft.preview()
    if source and source.yaml:
        kept = rewritten(source.yaml, draft.compose(), source.name)
        if kept is not None:
            return kept
        tell(f"{source.name}: its comments could not be kept.")
    return as_yaml(draft.compose())


def _tell_rest(draft: Draft) -> int:
    """Tell what is missing, what is wrong, what does not apply and what is advised."""
    judgement = validate(draft.compose())
    for left in draft.left_out():
        tell(f"not sent: {write(left.path)} does not apply: {left.why}")
    for warning in judgement.warnings:
        tell(f"advice: {warning}")
    if judgement.errors:
        count = len(judgement.errors)
        tell(f"{count} answer{'s are' if count > 1 else ' is'} missing or wrong:")
    for error in judgement.errors:
        tell(f"  {error}")
    return 1 if judgement.errors else 0
