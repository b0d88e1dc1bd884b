"""The base of the contract's models: strict as JSON is, every flaw told at once, extras kept."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from wizard.paths import Path

# An optional field that is left out. JSON's `null` is never allowed in its place, so the default
# must not widen the field's type.
ABSENT: Any = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a rule over several fields found wrong, and the field where it is told."""

    path: Path
    code: str
    message: str


# A rule looks at the members as they came, so it must bear values of any type.
MemberRule: TypeAlias = Callable[[Mapping[str, Any]], Iterator[Flaw]]


class Contract(BaseModel):
    """A JSON object of the API: strict types, unknown members kept, rules over several members."""

    # Built at the first judgement, not at import: the first screen needs the questions alone.
    model_config = ConfigDict(
        strict=True, extra="allow", allow_inf_nan=False, defer_build=True, hide_input_in_errors=True
    )

    rules: ClassVar[tuple[MemberRule, ...]] = ()

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        made = handler(source)
        if not cls.rules:
            return made
        return core_schema.no_info_wrap_validator_function(
            cls._with_rules, made, metadata={"rules": cls.rules}
        )

    @classmethod
    def _with_rules(cls, data: Any, validate: Callable[[Any], Any]) -> Any:
        """Tell what the rules found together with what the fields found, not after it."""
        flaws = [f for rule in cls.rules for f in rule(data)] if isinstance(data, dict) else []
        try:
            model = validate(data)
        except ValidationError as error:
            if not flaws:
                raise
            raise _joined(cls, flaws, error) from None
        if flaws:
            raise _joined(cls, flaws)
        return model


def _joined(
    model: type[Contract], flaws: list[Flaw], error: ValidationError | None = None
) -> ValidationError:
    found = [
        InitErrorDetails(
            type=PydanticCustomError(f.code, _plain(f.message)), loc=f.path, input=None
        )
        for f in flaws
    ]
    for line in error.errors(include_url=False) if error else ():
        # An error of ours inside is no type that pydantic knows: it is rebuilt by its words.
        kind = PydanticCustomError(line["type"], _plain(line["msg"]), line.get("ctx"))
        found.append(InitErrorDetails(type=kind, loc=line["loc"], input=line["input"]))
    return ValidationError.from_exception_data(model.__name__, found)


def _plain(message: str) -> Any:
    return message
