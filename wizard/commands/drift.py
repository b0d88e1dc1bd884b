"""The command `drift`."""

from typing import TYPE_CHECKING

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import FILE, CommonOptions, common_options, json_option
from wizard.commands.output import print_json, print_line, report
from wizard.formats.files import is_yaml, read_bytes, shown_name
from wizard.formats.json_text import parse_json
from wizard.formats.text import counted
from wizard.formats.yaml_text import parse_yaml

if TYPE_CHECKING:
    from wizard.drift.comparison import Drift


@click.command(cls=Command)
@click.argument("file", metavar="OPENAPIFILE", type=FILE)
@json_option("difference")
@common_options
def drift(_: CommonOptions, file: str, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard drift openapi.json
      curl -s https://example.com/openapi.yaml | qcall-wizard drift -
      qcall-wizard drift --json openapi.json | jq 'select(.drift != "known")'

    Compares an OpenAPI document, JSON or YAML, with the request that this program sends, and
    prints for each field if it is new, gone, narrower, wider, changed or renamed. The exit code
    is then 1. Known oddities of the document are printed with their explanation; they do not
    change the exit code.
    """
    from wizard.drift.comparison import DriftKind, drifts

    name, data = shown_name(file), read_bytes(file)
    yaml = is_yaml(data, name)
    document = parse_yaml(data, name, any_keys=True) if yaml else parse_json(data, name)
    found = drifts(document, name)
    for each in found:
        if as_json:
            print_json(each.as_json())
        else:
            print_line(f"{each.place}: {each.kind}: {each.message}")
    new = [each for each in found if each.kind is not DriftKind.KNOWN]
    report(_summary(name, new, len(found) - len(new)))
    return 1 if new else 0


def _summary(name: str, new: "list[Drift]", known: int) -> str:
    oddities = f"{known} known {'oddity' if known == 1 else 'oddities'}"
    if not new:
        return f"{name} matches this program, with {oddities}: nothing to do."
    count = counted(len(new), "difference")
    return (
        f"{name}: {count} beside {oddities}. Look for a newer qcall-wizard. Until then you can add "
        "a new field to the file of a payload; it is sent unchanged."
    )
