"""Generates the payload's JSON Schema from the models, with labels and help."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from wizard.contract.actions import Action, Slot, Sms, Whatsapp, Zeplo
from wizard.contract.assistant import Assistant
from wizard.contract.choices import NATIVE, SECTIONS
from wizard.contract.fields import Sent, questions
from wizard.contract.model import ContractModel
from wizard.contract.rules import NOT_BLANK

Schema: TypeAlias = dict[str, Any]


def payload_schema(model: type[ContractModel] = Assistant) -> Schema:
    """Return the JSON Schema (2020-12) of a payload."""
    made = model.model_json_schema(schema_generator=_LabelledSchema)
    return {"$schema": _LabelledSchema.schema_dialect, **made}


class _LabelledSchema(GenerateJsonSchema):
    """Keeps the order of fields and adds labels, help and the rules of each model."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Add labels and help to the members of a model, and its rules to the object."""
        made = super().model_schema(schema)
        members = made["properties"]
        model: type[ContractModel] = schema["cls"]
        for question in questions(model):
            member = members.pop(question.name)
            # A field that only drafts have is never in a payload.
            if question.sent is not Sent.NEVER:
                words = {"title": question.label, "description": question.meta.help}
                members[question.name] = words | {
                    n: v for n, v in member.items() if n not in ("title", "default")
                }
        first = {name: made[name] for name in ("title", "description")}
        rules = next((_RULES[kind] for kind in model.__mro__ if kind in _RULES), None)
        return first | made | ({"allOf": rules} if rules else {})

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Return the schema unsorted, in the contract's order."""
        return value


def _members(**members: Schema) -> Schema:
    return {"properties": members}


def _having(**members: Schema) -> Schema:
    """Return a schema of objects that have all these members."""
    return {"properties": members, "required": list(members)}


def _if(condition: Schema, then: Schema) -> Schema:
    return {"if": condition, "then": then}


_ON: Final[Schema] = {"const": True}
_NOT_BLANK: Final[Schema] = dict(NOT_BLANK.schema)
_HEADER_OR_BODY: Final[Schema] = {"enum": [section for section in SECTIONS if section != "button"]}

# The rules of the models in JSON Schema. Rules that compare two values cannot be expressed: the
# start with the end, and the number of slots with that of hints. A test compares the rest.
_RULES: Final[Mapping[type, list[Schema]]] = {
    Assistant: [
        _if(_having(is_voice_note=_ON), _members(voice_note=_NOT_BLANK)),
        _if(_having(is_filler=_ON), _members(fillers={"minItems": 1})),
        _if(_having(ai_modal={"const": NATIVE}), {"required": ["voice_data"]}),
    ],
    Action: [
        _if(
            _having(type={"const": "sendMessage"}),
            {
                "anyOf": [
                    _having(sms=_having(is_sms=_ON)),
                    _having(whatsapp=_having(is_whatsapp=_ON)),
                    _having(zeplo=_having(is_zeplo=_ON)),
                ]
            },
        )
    ],
    Sms: [_if(_having(is_sms=_ON), _members(description=_NOT_BLANK, content=_NOT_BLANK))],
    Whatsapp: [_if(_having(is_whatsapp=_ON), _members(description=_NOT_BLANK))],
    Zeplo: [
        _if(
            _having(is_zeplo=_ON),
            _members(description=_NOT_BLANK, content=_members(templateName=_NOT_BLANK)),
        )
    ],
    Slot: [
        _members(index={"minimum": 0}, sub_index={"minimum": 1}),
        _if(
            _having(section=_HEADER_OR_BODY),
            _members(index={"minimum": 1}) | {"not": {"required": ["sub_index"]}},
        ),
    ],
}
