"""The command `validate`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import (
    FILE,
    CommonOptions,
    app_form_option,
    common_options,
    json_option,
)
from wizard.commands.output import print_json, print_line, report
from wizard.errors import Unreadable
from wizard.formats.files import load, read_lines, shown_name
from wizard.formats.json_text import Json, parse_json
from wizard.formats.text import counted

if TYPE_CHECKING:
    from wizard.contract.problems import Problem


@click.command(cls=Command)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@json_option("payload")
@click.option(
    "--lines", "in_lines", is_flag=True, help="Read one payload per line, whatever the file name."
)
@click.option("--no-advice", is_flag=True, help="Report only errors; this is much faster.")
@app_form_option()
@common_options
def validate(
    _: CommonOptions,
    *,
    files: tuple[str, ...],
    as_json: bool,
    in_lines: bool,
    no_advice: bool,
    app_form: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard validate payload.json
      qcall-wizard validate --json payloads.jsonl | jq 'select(.valid | not)'
      curl -s https://example.com/payload.yaml | qcall-wizard validate -
      zcat payloads.gz | qcall-wizard validate --lines --no-advice -

    Validates payloads: JSON or YAML, bare or in the API's envelope. A FILE that ends in .jsonl
    has one payload per line; - is standard input. An error makes a payload invalid, advice does
    not. The exit code is 0 if every payload is valid, else 1.
    """

    valid = invalid = unreadable = 0
    check = _validator(with_advice=not no_advice, app_form=app_form)
    for file in files:
        for checked in _check_file(file, check, in_lines=in_lines):
            if isinstance(checked.result, Unreadable):
                unreadable += 1
            elif checked.result.errors:
                invalid += 1
            else:
                valid += 1
            if as_json:
                print_json(checked.as_json())
            else:
                _print(checked)
    # For one unreadable file, its error says it all.
    if (valid, invalid, unreadable) != (0, 0, 1):
        total = counted(valid + invalid + unreadable, "payload")
        message = f"{total}: {valid} valid, {invalid} invalid"
        report(f"{message}, {unreadable} unreadable" if unreadable else message)
    return 1 if invalid or unreadable else 0


class _Result(NamedTuple):
    """The problems of a payload: errors make it invalid, warnings are advice."""

    errors: "tuple[Problem, ...]"
    warnings: "tuple[Problem, ...]"


class _Checked(NamedTuple):
    """The result of one payload; `line` is 0 outside of JSON Lines."""

    file: str
    line: int
    result: _Result | Unreadable

    def as_json(self) -> dict[str, Any]:
        place: dict[str, Any] = {"file": self.file} | ({"line": self.line} if self.line else {})
        if isinstance(self.result, Unreadable):
            error = {"path": "", "code": "unreadable", "message": str(self.result)}
            return place | {"valid": False, "errors": [error], "warnings": []}
        return place | {
            "valid": not self.result.errors,
            "errors": [problem.as_json() for problem in self.result.errors],
            "warnings": [problem.as_json() for problem in self.result.warnings],
        }


def _check_file(
    file: str, check: "Callable[[Json, str], _Result]", *, in_lines: bool
) -> Iterator[_Checked]:
    """Validate the payloads of a file while it is read, because it may not fit in memory."""
    try:
        if in_lines or file.lower().endswith(".jsonl"):
            lines = read_lines(file, None, lambda text, name: check(parse_json(text, name), name))
            for line, result in lines:
                yield _Checked(file, line, result)
        else:
            yield _Checked(file, 0, check(load(file), shown_name(file)))
    except Unreadable as error:
        yield _Checked(file, 0, error)


def _validator(*, with_advice: bool, app_form: bool) -> "Callable[[Json, str], _Result]":
    """Return a function that validates a payload. It raises Unreadable for an unusable envelope."""
    from wizard.advice import advise
    from wizard.contract.validation import find_errors
    from wizard.exchange.envelope import payload_in

    def check(value: Json, name: str) -> _Result:
        # A value that is not an object is an error with a code.
        payload: Any = payload_in(value, name) if isinstance(value, dict) else value
        warnings: tuple[Problem, ...] = ()
        if with_advice and isinstance(payload, dict):
            warnings = tuple(advise(payload))
        return _Result(tuple(find_errors(payload, app_form=app_form)), warnings)

    return check


def _print(checked: _Checked) -> None:
    result = checked.result
    if isinstance(result, Unreadable):
        report(str(result))
        return
    name = shown_name(checked.file)
    if checked.line:
        name += f", line {checked.line}"
    print_line(f"{name}: {counted(len(result.errors), 'error') if result.errors else 'valid'}")
    for error in result.errors:
        print_line(f"  {error}")
    for warning in result.warnings:
        print_line(f"  advice: {warning}")
