"""The base of the contract's models: strict as JSON is, every flaw told at once, extras kept.

They are declared as pydantic's models are, work wherever pydantic takes a type and are judged by
its core; but the core's schema is made here. What `BaseModel` does beyond that takes 9 MB and
100 ms, and a wizard judges from its second screen on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import get_annotations
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, get_args, get_origin

from pydantic_core import (
    CoreSchema,
    InitErrorDetails,
    PydanticCustomError,
    SchemaValidator,
    ValidationError,
    core_schema,
)

from wizard.paths import Path
from wizard.values import Rule

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

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


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A member as it is declared: its bare type, what stands beside that, whether it is needed."""

    annotation: Any
    metadata: tuple[Any, ...]
    required: bool


class Model(type):
    """What a class of the contract is: it has read the fields that it and its bases declare."""

    model_fields: Mapping[str, Field]
    rules: tuple[MemberRule, ...] = ()

    def __init__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> None:
        super().__init__(name, bases, members)
        fields: dict[str, Field] = {}
        for base in reversed(bases):
            fields |= getattr(base, "model_fields", {})
        for field, declared in get_annotations(cls).items():
            fields[field] = Field(*_apart(declared), required=field not in members)
        cls.model_fields = fields


class Contract(metaclass=Model):
    """A JSON object of the API: strict types, unknown members kept, rules over several members."""

    @classmethod
    def model_validate(cls, payload: Any) -> dict[str, Any]:
        """Return the members of a payload that keeps the contract; else ValidationError."""
        members: dict[str, Any] = _validator(cls).validate_python(payload)
        return members

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: "GetCoreSchemaHandler"
    ) -> CoreSchema:
        return model_schema(cls)


_CONFIG: Final = core_schema.CoreConfig(
    strict=True,
    allow_inf_nan=False,
    hide_input_in_errors=True,
)


@cache
def model_schema(model: type[Contract]) -> CoreSchema:
    """Return the schema by which pydantic's core judges a model, made of what it declares."""
    members = {
        name: core_schema.typed_dict_field(
            _typed(field.annotation, field.metadata), required=field.required
        )
        for name, field in model.model_fields.items()
    }
    known = core_schema.typed_dict_schema(
        members,
        cls=model,
        extra_behavior="allow",
        config=_CONFIG,
        # By this name the JSON Schema defines it once for all places.
        ref=f"{model.__module__}.{model.__qualname__}:{id(model)}",
    )
    if not model.rules:
        return known

    def judged(data: Any, validate: Callable[[Any], Any]) -> Any:
        """Tell what the rules found together with what the fields found, not after it."""
        flaws = [f for rule in model.rules for f in rule(data)] if isinstance(data, dict) else []
        try:
            members = validate(data)
        except ValidationError as error:
            if not flaws:
                raise
            raise _joined(model, flaws, error) from None
        if flaws:
            raise _joined(model, flaws)
        return members

    return core_schema.no_info_wrap_validator_function(
        judged, known, metadata={"rules": model.rules}
    )


@cache
def _validator(model: type[Contract]) -> SchemaValidator:
    # Only the outermost configuration says whether an error shows what was given.
    return SchemaValidator(model_schema(model), _CONFIG)


_BARE: Final[Mapping[Any, CoreSchema]] = {
    str: core_schema.str_schema(),
    bool: core_schema.bool_schema(),
    float: core_schema.float_schema(),
    Any: core_schema.any_schema(),
}


def _typed(annotation: Any, metadata: tuple[Any, ...] = ()) -> CoreSchema:
    """The schema of a type, with the rules that stand beside it in their order."""
    made = _bare(annotation)
    for rule in metadata:
        if isinstance(rule, Rule):
            made = rule.over(made)
    return made


def _bare(annotation: Any) -> CoreSchema:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is list:
        return core_schema.list_schema(_typed(*_apart(parts[0])))
    if origin is dict:
        names, values = map(_bare, parts)
        return core_schema.dict_schema(names, values)
    if isinstance(annotation, type) and issubclass(annotation, Contract):
        return model_schema(annotation)
    try:
        return _BARE[annotation]
    except KeyError:
        raise TypeError(f"a contract has no values of the type {annotation}") from None


def _apart(declared: Any) -> tuple[Any, tuple[Any, ...]]:
    """A bare type and what stands beside it."""
    if get_origin(declared) is not Annotated:
        return declared, ()
    bare, *metadata = get_args(declared)
    return bare, tuple(metadata)


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
