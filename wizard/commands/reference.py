"""The commands `schema`, `fields` and `advice`: what a payload may hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from wizard.commands.click_extensions import Command, LazyChoice
from wizard.commands.options import CommonOptions, common_options, json_option
from wizard.commands.output import print_document, print_json, print_line
from wizard.commands.table import in_columns
from wizard.contract.steps import STEPS
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING

if TYPE_CHECKING:
    from wizard.contract.fields import Question
    from wizard.contract.model import ContractModel, Schema


@click.command(cls=Command)
@common_options
def schema(_: CommonOptions) -> int:
    """\b
    Examples:
      qcall-wizard schema > assistant.schema.json
      qcall-wizard schema | jq .required

    Prints the JSON Schema (2020-12) of a payload, for editors and other programs. Only `validate`
    checks rules that compare two values, such as that a day ends after it starts.
    """
    from wizard.contract.schema import payload_schema

    print_document(dump(payload_schema()))
    return 0


@click.command(cls=Command)
@json_option("code")
@common_options
def advice(_: CommonOptions, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard advice
      qcall-wizard advice --json | jq 'select(.code == "QW151").example'
      qcall-wizard validate --json payload.json | jq -r '.warnings[].code'

    Lists the codes of advice with their meaning, and with --json an example of each. `validate`
    and the screens show advice beside errors; it does not make a payload invalid.
    """
    from dataclasses import asdict

    from wizard.advice.registry import ADVICE

    for info in ADVICE.values():
        if as_json:
            print_json(asdict(info))
        else:
            print_line(f"{info.code}  {info.about}")
    return 0


def _steps() -> dict[str, str]:
    return {step.value: step.about for step in STEPS}


@click.command(cls=Command)
@click.option(
    "--step", metavar="STEP", type=LazyChoice("STEP", _steps), help="Only the fields of STEP."
)
@json_option("field")
@common_options
def fields(_: CommonOptions, step: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard fields
      qcall-wizard fields --step voice
      qcall-wizard fields --json | jq -r 'select(.required).field'

    Lists every field: its step and label, the values it takes, when it is asked and sent, and the
    default that is sent if there is no answer.
    """

    found = [field for field in list_fields() if step in (None, field.question.step)]
    if as_json:
        for field in found:
            print_json(field.as_json())
        return 0
    titles = ("STEP", "FIELD", "LABEL", "VALUES", "ASKED", "SENT", "DEFAULT")
    # The JSON has long values in full.
    limits = {2: (28, 12), 3: (56, 16), 4: (46, 16), 6: (24, 10)}
    lines = in_columns([titles, *map(_row, found)], limits)
    if lines is None:
        lines = [line for field in found for line in _stacked(field)]
    for line in lines:
        print_line(line)
    return 0


class Field(NamedTuple):
    """A question with its path, such as `actions[].sms.content`, and its JSON type."""

    path: str
    question: "Question"
    type: str
    required: bool

    @property
    def allowed(self) -> str:
        """The values it takes, in words."""
        from wizard.contract.fields import Kind

        if self.question.kind in (Kind.OBJECT, Kind.GROUP, Kind.LIST):
            return {"array": "a list"}.get(self.type, "an object")
        return self.question.allowed.removeprefix("one of ")

    @property
    def default(self) -> str:
        """The default as JSON; empty if there is none."""

        default = self.question.default
        return "" if default is MISSING else " ".join(dump(default).split())

    def as_json(self) -> dict[str, Any]:
        """Return the field as `fields --json` prints it; a member without a value is null."""

        question = self.question
        return {
            "field": self.path,
            "step": question.step,
            "label": question.label,
            "type": self.type,
            "values": list(question.options) or None,
            "allowed": self.allowed,
            "asked": question.meta.when.words,
            "sent": question.sent,
            "resting": None if question.default is MISSING else question.default,
            "required": self.required,
            "help": question.meta.help,
            "note": question.meta.note or None,
        }


def list_fields(model: "type[ContractModel] | None" = None) -> Iterator[Field]:
    """Yield the fields of a payload, each followed by its nested fields."""
    from wizard.contract.assistant import Assistant
    from wizard.contract.fields import questions
    from wizard.contract.schema import payload_schema

    model = model or Assistant
    made = payload_schema(model)
    yield from _walk(questions(model), made, made["$defs"], "")


def _walk(
    asked: "Sequence[Question]", node: "Schema", definitions: "Mapping[str, Schema]", at: str
) -> Iterator[Field]:
    """Yield the fields of questions, with the types that their schema names."""
    from wizard.contract.fields import Sent

    for question in asked:
        if question.sent is Sent.NEVER:
            continue
        member = _resolved(node["properties"][question.name], definitions)
        path, required = at + question.name, question.name in node.get("required", ())
        yield Field(path, question, member["type"], required)
        if question.children and member["type"] == "array":
            item = _resolved(member["items"], definitions)
            yield from _walk(question.children, item, definitions, f"{path}[].")
        elif question.children:
            yield from _walk(question.children, member, definitions, f"{path}.")


def _resolved(node: "Schema", definitions: "Mapping[str, Schema]") -> "Schema":
    return definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def _row(field: Field) -> tuple[str, ...]:
    question = field.question
    return (
        question.step or "",
        field.path,
        question.label,
        field.allowed,
        question.meta.when.words,
        question.sent,
        field.default,
    )


def _stacked(field: Field) -> Iterator[str]:
    """Yield the lines of a field for a narrow terminal."""
    question = field.question
    yield f"{field.path}: {question.label}"
    yield f"  {field.allowed}"
    yield f"  step: {question.step}; asked: {question.meta.when.words}; sent: {question.sent}"
    if field.default:
        yield f"  default: {field.default}"
