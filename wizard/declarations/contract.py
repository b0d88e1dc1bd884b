"""Commands that tell of the contract: schema, fields, advice, drift."""

import click

from wizard.commands.options import Command, LateChoice, common
from wizard.declarations.shared import FILE, steps

# ruff: noqa: PLC0415 - help does without what the bodies need


@click.command(cls=Command)
@common
def schema() -> int:
    """\b
    Examples:
      qcall-wizard schema > assistant.schema.json
      qcall-wizard schema | jq .required

    Prints the JSON Schema (2020-12) of a payload, for editors and other programs. Rules that
    compare two values, as that a day's end comes after its start, are judged by validate alone.
    """
    from wizard.commands import describe

    return describe.schema()


@click.command(cls=Command)
@click.option(
    "--step", metavar="STEP", type=LateChoice("STEP", steps), help="Only the fields of STEP."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a field.")
@common
def fields(step: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard fields
      qcall-wizard fields --step voice
      qcall-wizard fields --json | jq -r 'select(.required).field'

    Lists every field: its step and label, what is allowed, when it is asked and when it is sent,
    and the resting value that is sent while there is no answer.
    """
    from wizard.commands import describe

    return describe.fields(step, as_json)


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a code.")
@common
def advice(as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard advice
      qcall-wizard advice --json | jq 'select(.code == "QW151").example'
      qcall-wizard validate --json payload.json | jq -r '.warnings[].code'

    Lists the codes of advice: what each stands for, and in the JSON an example that raises it.
    Advice is what `validate` and the screens tell beside errors; it makes no payload invalid.
    """
    from wizard.commands import advice as command

    return command.run(as_json)


@click.command(cls=Command)
@click.argument("file", metavar="OPENAPIFILE", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a difference.")
@common
def drift(file: str, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard drift openapi.json
      curl -s https://example.com/openapi.yaml | qcall-wizard drift -
      qcall-wizard drift --json openapi.json | jq 'select(.drift != "known")'

    Compares an OpenAPI document, JSON or YAML, with what this program knows of the request, and
    says field by field what is new, gone, narrower, wider, changed or renamed. The exit code is 1
    on any of these. Oddities of the document that are known are told with their explanation; by
    themselves they leave the exit code at 0.
    """
    from wizard.commands import drift as command

    return command.run(file, as_json=as_json)
