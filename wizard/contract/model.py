"""The base of the contract's models: strict as JSON is, with every error reported at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from wizard.formats.paths import Path

# An optional field that is left out. JSON's `null` is never allowed in its place, so the default
# must not widen the field's type.
ABSENT: Any = None


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """An error that a rule over several fields found, and the field it belongs to."""

    path: Path
    code: str
    message: str


# A rule gets the members before they are validated, so it must accept values of any type.
MemberRule: TypeAlias = Callable[[Mapping[str, Any]], Iterator[RuleViolation]]


class ContractModel(BaseModel):
    """A JSON object of the API: strict types, unknown members kept, rules over several members."""

    model_config = ConfigDict(
        strict=True, extra="allow", allow_inf_nan=False, hide_input_in_errors=True
    )
    rules: ClassVar[tuple[MemberRule, ...]] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _apply_rules(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Report the errors of the rules together with those of the fields, not after them."""
        flaws = [f for rule in cls.rules for f in rule(data)] if isinstance(data, dict) else []
        try:
            made = validate(data)
        except ValidationError as error:
            if not flaws:
                raise
            raise _joined(cls, flaws, error) from None
        if flaws:
            raise _joined(cls, flaws)
        return made


def _joined(
    model: type[ContractModel], flaws: list[RuleViolation], error: ValidationError | None = None
) -> ValidationError:
    found = [
        InitErrorDetails(
            type=PydanticCustomError(f.code, _plain(f.message)), loc=f.path, input=None
        )
        for f in flaws
    ]
    for line in error.errors(include_url=False) if error else ():
        # pydantic does not know our own error types: those are rebuilt from their messages.
        kind = PydanticCustomError(line["type"], _plain(line["msg"]), line.get("ctx"))
        found.append(InitErrorDetails(type=kind, loc=line["loc"], input=line["input"]))
    return ValidationError.from_exception_data(model.__name__, found)


def _plain(message: str) -> Any:
    """Return a message for a parameter that is typed as a literal string."""
    return message
