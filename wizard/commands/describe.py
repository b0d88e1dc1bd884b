"""The commands `schema` and `fields`: what the models declare, for programs and for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wizard.commands.output import say, say_document, say_json
from wizard.commands.table import in_columns
from wizard.contract.assistant import Assistant
from wizard.contract.fields import Kind, Question, Sent, questions
from wizard.contract.model import ContractModel
from wizard.contract.schema import Schema, payload_schema
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING


def schema() -> int:
    """Print the payload's JSON Schema."""
    say_document(dump(payload_schema()))
    return 0


def fields(step: str | None, as_json: bool) -> int:
    """Print every field, or those of a step."""
    found = [field for field in list_fields() if step in (None, field.question.step)]
    if as_json:
        for field in found:
            say_json(field.as_json())
        return 0
    for line in _table(found):
        say(line)
    return 0


@dataclass(frozen=True, slots=True)
class Field:
    """A question with its path, as in `actions[].sms.content`, and its JSON type."""

    path: str
    question: Question
    type: str
    required: bool

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.question.kind in (Kind.OBJECT, Kind.GROUP, Kind.LIST):
            return {"array": "a list"}.get(self.type, "an object")
        return self.question.allowed.removeprefix("one of ")

    @property
    def default(self) -> str:
        """The resting value as JSON; nothing where there is none."""
        return "" if self.question.default is MISSING else _one_line(self.question.default)

    def as_json(self) -> dict[str, Any]:
        """The field for programs; all members are there, null if there is no value."""
        question = self.question
        return {
            "field": self.path,
            "step": question.step,
            "label": question.label,
            "type": self.type,
            "values": list(question.options) or None,
            "allowed": self.allowed,
            "asked": question.ask.when.words,
            "sent": question.sent,
            "resting": None if question.default is MISSING else question.default,
            "required": self.required,
            "help": question.ask.help,
            "note": question.ask.note or None,
        }


def list_fields(model: type[ContractModel] = Assistant) -> Iterator[Field]:
    """Walk the fields of a payload, nested ones after the one that holds them."""
    made = payload_schema(model)
    yield from _walk(questions(model), made, made["$defs"], "")


def _walk(
    asked: Sequence[Question], node: Schema, definitions: Mapping[str, Schema], at: str
) -> Iterator[Field]:
    """Walk the questions along the schema that the same models made."""
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


def _resolved(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    return definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else node


_TITLES: Final = ("STEP", "FIELD", "LABEL", "VALUES", "ASKED", "SENT", "RESTING")
# Long values are whole in the JSON alone.
_CUT: Final = {2: (28, 12), 3: (56, 16), 4: (46, 16), 6: (24, 10)}


def _table(found: Sequence[Field]) -> Iterator[str]:
    """The fields in columns, or one below the other where those do not fit on the terminal."""
    lines = in_columns([_TITLES, *map(_row, found)], _CUT)
    if lines is not None:
        yield from lines
        return
    for field in found:
        yield from _stacked(field)


def _row(field: Field) -> tuple[str, ...]:
    question = field.question
    return (
        question.step or "",
        field.path,
        question.label,
        field.allowed,
        question.ask.when.words,
        question.sent,
        field.default,
    )


def _stacked(field: Field) -> Iterator[str]:
    question = field.question
    yield f"{field.path}: {question.label}"
    yield f"  {field.allowed}"
    yield f"  step: {question.step}; asked: {question.ask.when.words}; sent: {question.sent}"
    if field.default:
        yield f"  resting: {field.default}"


def _one_line(value: Any) -> str:
    return " ".join(dump(value).split())
