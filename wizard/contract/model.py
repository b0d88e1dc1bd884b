"""The base class of the contract's models. It reports all errors at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from wizard.contract.rules import NOT_BLANK, REQUIRED, is_blank
from wizard.formats import paths
from wizard.formats.paths import Path

# The default of an optional field. It is `Any` because `null` is not a valid value, so the field's
# type must not include it.
ABSENT: Any = None


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """An error found by a rule that involves several fields, and the field to report it at."""

    path: Path
    code: str
    message: str


Schema: TypeAlias = dict[str, Any]

ON: Final[Schema] = {"const": True}


@dataclass(frozen=True, slots=True)
class MemberRule:
    """A rule that involves several fields. `schema` has the same in JSON Schema.

    `check` runs before the members are validated, so it must accept values of any type. The schema
    is empty if JSON Schema cannot express the rule, because it compares two values.
    """

    check: Callable[[Mapping[str, Any]], Iterator[RuleViolation]]
    schema: Sequence[Schema] = ()


def having(**members: Schema) -> Schema:
    """Return a schema of objects that have all these members."""
    return {"properties": members, "required": list(members)}


def if_then(condition: Schema, then: Schema) -> Schema:
    """Return a schema of objects that fit `then` if they fit the condition."""
    return {"if": condition, "then": then}


def not_blank_if(switch: str, *names: str) -> MemberRule:
    """Return a rule: if the switch is on, these texts must not be blank. They may be absent."""
    places = [paths.parse(name) for name in names]
    filled: Schema = {}
    for path in places:
        inside = [step for part in path for step in ("properties", part)]
        filled = paths.put(filled, inside, dict(NOT_BLANK.schema))

    def check(members: Mapping[str, Any]) -> Iterator[RuleViolation]:
        for path in places if members.get(switch) is True else ():
            text = paths.get(members, path)
            if isinstance(text, str) and is_blank(text):
                yield RuleViolation(path, "blank", REQUIRED)

    return MemberRule(check, [if_then(having(**{switch: ON}), filled)])


class ContractModel(BaseModel):
    """A JSON object of the API with strict types. It keeps unknown members."""

    model_config = ConfigDict(
        strict=True, extra="allow", allow_inf_nan=False, hide_input_in_errors=True
    )


class RuledModel(ContractModel):
    """A JSON object with rules that involve several fields."""

    rules: ClassVar[tuple[MemberRule, ...]]

    @model_validator(mode="wrap")
    @classmethod
    def _apply_rules(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Validate the fields, and report errors of the rules together with theirs."""
        rules = cls.rules if isinstance(data, dict) else ()
        found = [violation for rule in rules for violation in rule.check(data)]
        try:
            instance = validate(data)
        except ValidationError as error:
            if not found:
                raise
            raise _joined(cls, found, error) from None
        if found:
            raise _joined(cls, found)
        return instance


def _joined(
    model: type[ContractModel],
    violations: list[RuleViolation],
    error: ValidationError | None = None,
) -> ValidationError:
    details = [
        InitErrorDetails(
            type=PydanticCustomError(v.code, _plain(v.message)), loc=v.path, input=None
        )
        for v in violations
    ]
    for line in error.errors(include_url=False) if error else ():
        # pydantic rejects unknown error types, so rebuild each error from its message.
        kind = PydanticCustomError(line["type"], _plain(line["msg"]), line.get("ctx"))
        details.append(InitErrorDetails(type=kind, loc=line["loc"], input=line["input"]))
    return ValidationError.from_exception_data(model.__name__, details)


def _plain(message: str) -> Any:
    """Return the message for a parameter typed as a literal string."""
    return message
