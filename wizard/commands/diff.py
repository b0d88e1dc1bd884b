"""The command `diff`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import FILE, CommonOptions, common_options, json_option
from wizard.commands.output import print_json, print_line, report
from wizard.commands.value_completion import complete_source
from wizard.contract.masking import SECRET, has_secret, is_masked
from wizard.errors import Unreadable
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.text import counted

if TYPE_CHECKING:
    from wizard.commands.sources import PayloadSource
    from wizard.exchange.differences import Difference, Run

# The number of unchanged characters shown around a change.
_CONTEXT = 30
_MAX_SHOWN = 400


@click.command(cls=Command)
@click.argument("first", metavar="A", type=FILE, shell_complete=complete_source)
@click.argument("second", metavar="B", type=FILE, shell_complete=complete_source)
@json_option("difference")
@common_options
def diff(options: CommonOptions, first: str, second: str, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard diff old.json new.yaml
      qcall-wizard diff 4f1c payload.json
      qcall-wizard diff lead-qualification 4f1c --json | jq -r .path
      qcall-wizard diff qcall:9f2c41 payload.json

    Prints the differences field by field, and those of long texts word by word: [-removed-] and
    {+added+}. A and B are files, the ids or names of drafts, receipts and templates, or qcall:ID
    for an assistant of the account. An action that was moved is still compared. The key of a widget
    is masked.
    """
    from wizard.exchange.differences import differences

    if first == second == "-":
        raise Unreadable("standard input", "it can be read only once; name a file for A or B")
    one, other = _source(options, first), _source(options, second)
    found = differences(one.data, other.data)
    for difference in found:
        if as_json:
            print_json(difference.as_json())
        else:
            for line in difference_lines(difference):
                print_line(line)
    _report_masked_keys(one, other)
    if found:
        places = counted(len(found), "place")
        report(f"{one.name} and {other.name} differ in {places}.")
    else:
        report(f"{one.name} and {other.name} are the same.")
    return 0


def _source(options: CommonOptions, name: str) -> "PayloadSource":
    """Read a payload by its name; `qcall:ID` is an assistant of the account."""
    from wizard.commands.account import QCALL, read_record
    from wizard.commands.sources import PayloadSource, read_source

    if not name.startswith(QCALL):
        return read_source(name, options.home_folder())
    record = read_record(options, name.removeprefix(QCALL))
    return PayloadSource(f"the assistant {record.id or record.name}", record.data)


def _report_masked_keys(one: "PayloadSource", other: "PayloadSource") -> None:
    if has_secret(one.data) and has_secret(other.data):
        masked = [source.name for source in (one, other) if is_masked(source.data)]
        if masked:
            names = " and ".join(masked)
            report(f"{paths.write(SECRET)} was not compared: it is masked in {names}.")


def difference_lines(difference: "Difference") -> Iterator[str]:
    """Yield a difference as lines for people, a long text word by word."""
    from wizard.exchange.differences import DifferenceKind, is_long, word_changes

    path, before, after = paths.write(difference.path), difference.before, difference.after
    match difference.kind:
        case DifferenceKind.ADDED:
            yield f"{path}: added {_value(after)}"
        case DifferenceKind.REMOVED:
            yield f"{path}: removed {_value(before)}"
        case DifferenceKind.MOVED:
            yield f"{path}: moved from place {before} to place {after}"
        case DifferenceKind.CHANGED if is_long(before) and is_long(after):
            yield f"{path}: changed"
            yield from (f"  {line}" for line in _word_lines(word_changes(before, after)))
        case DifferenceKind.CHANGED:
            yield f"{path}: changed from {_value(before)} to {_value(after)}"


def _value(value: Any) -> str:
    """Return a value as JSON on one line, shortened in the middle."""
    from wizard.exchange.differences import shortened

    text = " ".join(dump(value).split()) if isinstance(value, dict | list) else dump(value)
    return shortened(text, _MAX_SHOWN)


def _word_lines(runs: "list[Run]") -> Iterator[str]:
    """Yield each change with the text around it."""
    from wizard.exchange.differences import RunKind, shortened

    line = ""
    for place, run in enumerate(runs):
        text = dump(run.text)[1:-1]
        if run.kind is RunKind.REMOVED:
            line += f"[-{shortened(text, _MAX_SHOWN)}-]"
        elif run.kind is RunKind.ADDED:
            line += f"{{+{shortened(text, _MAX_SHOWN)}+}}"
        elif place == 0:
            line = _end(text)
        elif place == len(runs) - 1:
            line += _start(text)
        elif len(text) <= 2 * _CONTEXT:
            line += text
        else:
            yield line + _start(text)
            line = _end(text)
    if line:
        yield line


def _start(text: str) -> str:
    return text if len(text) <= _CONTEXT else f"{text[:_CONTEXT]}…"


def _end(text: str) -> str:
    return text if len(text) <= _CONTEXT else f"…{text[-_CONTEXT:]}"
