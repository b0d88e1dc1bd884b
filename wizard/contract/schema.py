"""Generates the payload's JSON Schema from the models, with labels and help."""

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from wizard.contract.assistant import Assistant
from wizard.contract.fields import Sent, questions
from wizard.contract.model import ContractModel, RuledModel, Schema


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
        of_model = model.rules if issubclass(model, RuledModel) else ()
        rules = [part for rule in of_model for part in rule.schema]
        return first | made | ({"allOf": rules} if rules else {})

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Return the schema unsorted, in the contract's order."""
        return value
