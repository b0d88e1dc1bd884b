"""The payload's JSON Schema, made from the models, with the words of their questions."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from wizard.api.voice_catalogue import NATIVE
from wizard.contract.actions import Action, Slot, Sms, Whatsapp, Zeplo
from wizard.contract.assistant import Assistant
from wizard.contract.choices import SECTIONS
from wizard.contract.fields import Sent, questions
from wizard.contract.model import ContractModel
from wizard.contract.rules import NOT_BLANK

Schema: TypeAlias = dict[str, Any]


def payload_schema(model: type[ContractModel] = Assistant) -> Schema:
    """Return the schema of a payload, in the dialect of 2020-12."""
    made = model.model_json_schema(schema_generator=_Worded)
    return {"$schema": _Worded.schema_dialect, **made}


class _Worded(GenerateJsonSchema):
    """Schemas in the models' order, with labels and help, and the models' rules over members."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Add labels and help to the members of a model, and its rules beside them."""
        made = super().model_schema(schema)
        members = made["properties"]
        model: type[ContractModel] = schema["cls"]
        for question in questions(model):
            member = members.pop(question.name)
            # A field of the draft alone is in no payload.
            if question.sent is not Sent.NEVER:
                words = {"title": question.label, "description": question.ask.help}
                members[question.name] = words | {
                    n: v for n, v in member.items() if n not in ("title", "default")
                }
        first = {name: made[name] for name in ("title", "description")}
        rules = next((_RULES[kind] for kind in model.__mro__ if kind in _RULES), None)
        return first | made | ({"allOf": rules} if rules else {})

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Keep the order of the contract."""
        return value


def _members(**members: Schema) -> Schema:
    return {"properties": members}


def _having(**members: Schema) -> Schema:
    """Objects that have these members, each as its schema says."""
    return {"properties": members, "required": list(members)}


def _while(condition: Schema, then: Schema) -> Schema:
    return {"if": condition, "then": then}


_ON: Final[Schema] = {"const": True}
_SAID: Final[Schema] = dict(NOT_BLANK.schema)
_PLACED: Final[Schema] = {"enum": [section for section in SECTIONS if section != "button"]}

# The rules of the models that a schema can say; a test holds each against the judge. Those that
# compare two values are not among them: a start with an end, slots with hints.
_RULES: Final[Mapping[type, list[Schema]]] = {
    Assistant: [
        _while(_having(is_voice_note=_ON), _members(voice_note=_SAID)),
        _while(_having(is_filler=_ON), _members(fillers={"minItems": 1})),
        _while(_having(ai_modal={"const": NATIVE}), {"required": ["voice_data"]}),
    ],
    Action: [
        _while(
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
    Sms: [_while(_having(is_sms=_ON), _members(description=_SAID, content=_SAID))],
    Whatsapp: [_while(_having(is_whatsapp=_ON), _members(description=_SAID))],
    Zeplo: [
        _while(
            _having(is_zeplo=_ON),
            _members(description=_SAID, content=_members(templateName=_SAID)),
        )
    ],
    Slot: [
        _members(index={"minimum": 0}, sub_index={"minimum": 1}),
        _while(
            _having(section=_PLACED),
            _members(index={"minimum": 1}) | {"not": {"required": ["sub_index"]}},
        ),
    ],
}
