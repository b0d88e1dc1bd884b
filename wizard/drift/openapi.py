"""Reads the schema of a request's body from an OpenAPI document.

It supports OpenAPI 3.0 and 3.1, which differ in parts of JSON Schema: `nullable` or the type null,
and `exclusiveMinimum` as a switch or as a number.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from wizard.errors import Unreadable
from wizard.formats.json_text import is_number
from wizard.formats.text import shorten

Node: TypeAlias = Mapping[str, Any]
Types: TypeAlias = frozenset[str]

# The deepest allowed nesting of schemas, including references. Payloads have seven levels.
_DEEP: Final = 60
# The most schemas to read, as a few references can expand to billions.
_MANY: Final = 50_000
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Shape:
    """The values that a schema allows, with its parts combined.

    `types` are JSON's types; empty allows any. `enum` is None without a closed list. `limits` maps
    JSON Schema's keywords to bounds and other rules.
    """

    types: Types = frozenset()
    enum: tuple[Any, ...] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, "Shape"] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: "Shape | None" = None


def key(value: Any) -> str:
    """Return a text that is equal for values equal in JSON, such as 1 and 1.0 but not true."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def shape(node: Any, document: Node, name: str) -> Shape:
    """Read a schema of a document; `name` is the document's file name for errors.

    A recursive schema allows anything at its second level. Raises Unreadable for references that
    are broken or lead to another document, and for schemas that are nested too deep.
    """
    return _Reader(document, name).read(node, ())


def body(document: Any, path: str, method: str, name: str) -> Node:
    """Return the schema of an operation's JSON body. Raises Unreadable if there is none."""
    document = _checked(document, name)
    operation = _object(_object(document["paths"]).get(path)).get(method)
    if not isinstance(operation, Mapping):
        raise Unreadable(name, _no_operation(document, path, method))
    request = _Reader(document, name).resolved(operation.get("requestBody", {}))
    for kind, content in _object(request.get("content")).items():
        if kind.partition(";")[0].strip().lower() == "application/json":
            return _object(_object(content).get("schema"))
    message = f"its {method.upper()} {path} takes no JSON; is this the document of QCall's API?"
    raise Unreadable(name, message)


def _checked(given: Any, name: str) -> Node:
    """Return the document. Raises Unreadable if it is not OpenAPI 3."""
    document = _object(given)
    if "swagger" in document:
        raise Unreadable(name, "this is Swagger 2.0; convert it to OpenAPI 3 first")
    version = document.get("openapi")
    if not str(version).startswith("3."):
        message = (
            "this is not an OpenAPI document: it has no line such as openapi: 3.0.1 at the top"
        )
        raise Unreadable(
            name, message if version is None else f"OpenAPI {version!r:.40} is not supported"
        )
    if not isinstance(document.get("paths"), Mapping):
        raise Unreadable(name, "this OpenAPI document has no paths, so it describes no request")
    return document


def _no_operation(document: Node, path: str, method: str) -> str:
    found = document["paths"].items()
    others = [f"{m.upper()} {p}" for p, item in found for m in _METHODS if m in _object(item)]
    more = ", ..." if len(others) > 5 else ""
    only = f", only {', '.join(others[:5])}{more}" if others else ""
    return f"it has no {method.upper()} {path}{only}; is this the document of QCall's API?"


def _object(value: Any) -> Node:
    return value if isinstance(value, Mapping) else {}


class _Reader:
    """Reads the schemas of one document."""

    def __init__(self, document: Node, name: str) -> None:
        self._document, self._name = document, name
        self._room = _MANY

    def read(self, node: Any, inside: tuple[str, ...], deep: int = 0) -> Shape:
        """Return the shape of a schema; `inside` are the references on the way to it."""
        if deep > _DEEP:
            message = f"its schemas are nested more than {_DEEP} deep; flatten them"
            raise Unreadable(self._name, message)
        self._room -= 1
        if self._room < 0:
            message = f"its references expand to over {_MANY:,} schemas; a payload has far fewer"
            raise Unreadable(self._name, message)
        # In 3.1 a schema can be `true`, which allows anything.
        node = _object(node)
        parts = [self._own(node, inside, deep + 1)]
        if isinstance(reference := node.get("$ref"), str):
            parts.append(self._referred(reference, inside, deep + 1))
        parts += [self.read(part, inside, deep + 1) for part in as_list(node.get("allOf"))]
        for either in ("oneOf", "anyOf"):
            if others := as_list(node.get(either)):
                parts.append(_any_of([self.read(part, inside, deep + 1) for part in others]))
        found = reduce(_all_of, parts)
        if node.get("nullable") is True and found.types:
            enum = None if found.enum is None else (*found.enum, None)
            found = replace(found, types=found.types | {"null"}, enum=enum and _unique(enum))
        return found

    def resolved(self, node: Any) -> Node:
        """Return an object of the document with its reference resolved."""
        for _ in range(_DEEP):
            if not isinstance(reference := _object(node).get("$ref"), str):
                return _object(node)
            node = self._find(reference)
        raise Unreadable(self._name, "its references form a circle; remove one of them")

    def _referred(self, reference: str, inside: tuple[str, ...], deep: int) -> Shape:
        if reference in inside:
            return Shape()
        return self.read(self._find(reference), (*inside, reference), deep)

    def _find(self, reference: str) -> Any:
        if not reference.startswith("#"):
            message = (
                f"it refers to {shorten(reference)!r}, which is another file; bundle both into one"
            )
            raise Unreadable(self._name, message)
        found: Any = self._document
        for part in reference.removeprefix("#").split("/")[1:]:
            plain = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping) and plain in found:
                found = found[plain]
            elif isinstance(found, list) and plain in map(str, range(len(found))):
                found = found[int(plain)]
            else:
                message = (
                    f"it refers to {shorten(reference)!r}, which is missing; it may be truncated"
                )
                raise Unreadable(self._name, message)
        return found

    def _own(self, node: Node, inside: tuple[str, ...], deep: int) -> Shape:
        """Return the shape of a schema without its references and alternatives."""
        members = _object(node.get("properties"))
        read = {str(n): self.read(member, inside, deep) for n, member in members.items()}
        items = self.read(node["items"], inside, deep) if "items" in node else None
        enum = [node["const"]] if "const" in node else node.get("enum")
        return Shape(
            types=_types(node, enum, members, items),
            enum=tuple(enum) if isinstance(enum, list) else None,
            limits=_limits(node),
            properties=read,
            required=frozenset(filter(_is_text, as_list(node.get("required")))),
            items=items,
        )


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, and an empty one for any other value."""
    return value if isinstance(value, list) else []


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _types(node: Node, enum: Any, members: Node, items: Shape | None) -> Types:
    """Return the types of a schema, or those that its other keywords imply."""
    named = node.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list):
        return frozenset(filter(_is_text, named))
    if isinstance(enum, list):
        return frozenset(map(_type_of, enum))
    if members:
        return frozenset({"object"})
    return frozenset() if items is None else frozenset({"array"})


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return "null" if value is None else kinds.get(type(value), "object")


# The keywords to compare besides types, lists and members. Number formats such as int32 are left
# out, because they do not limit JSON's numbers.
_RULES: Final = (
    "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties", "multipleOf", "not",
)  # fmt: skip
_NUMBER_FORMATS: Final = {"int32", "int64", "float", "double"}


def _limits(node: Node) -> dict[str, Any]:
    found = {rule: node[rule] for rule in _RULES if _is_set(rule, node.get(rule, False))}
    for bound in ("minimum", "maximum"):
        strict = node.get(f"exclusive{bound.capitalize()}")
        if is_number(strict):
            found[bound] = (strict, True)
        elif is_number(node.get(bound)):
            found[bound] = (node[bound], strict is True)
    form = node.get("format")
    if isinstance(form, str) and form not in _NUMBER_FORMATS:
        found["format"] = form
    if node.get("additionalProperties") is False:
        found["additionalProperties"] = False
    return found


def _is_set(rule: str, value: Any) -> bool:
    return is_number(value) if rule.startswith(("min", "max")) else value is not False


def _unique(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({key(value): value for value in values}.values())


def _all_of(one: Shape, other: Shape) -> Shape:
    """Return the values that both allow."""
    enums = [enum for enum in (one.enum, other.enum) if enum is not None]
    keys = [set(map(key, enum)) for enum in enums]
    return Shape(
        types=one.types & other.types if one.types and other.types else one.types or other.types,
        enum=tuple(v for v in enums[0] if key(v) in keys[-1]) if enums else None,
        limits={**one.limits, **other.limits},
        properties=_members(one.properties, other.properties, _all_of),
        required=one.required | other.required,
        items=_all_of(one.items, other.items)
        if one.items and other.items
        else one.items or other.items,
    )


def _any_of(parts: Sequence[Shape]) -> Shape:
    """Return the values that any of them allows, as far as one shape can express that."""
    types = frozenset[str]().union(*(part.types for part in parts))
    # The alternative null does not widen the other alternatives.
    others = [part for part in parts if part.types != {"null"}] or [Shape()]
    found = reduce(_either, others)
    enum = found.enum
    if enum is not None and "null" in types:
        enum = _unique((*enum, None))
    return replace(found, types=types if all(part.types for part in parts) else Types(), enum=enum)


def _either(one: Shape, other: Shape) -> Shape:
    return Shape(
        enum=None if one.enum is None or other.enum is None else _unique(one.enum + other.enum),
        limits={
            rule: one.limits[rule]
            for rule in one.limits.keys() & other.limits.keys()
            if one.limits[rule] == other.limits[rule]
        },
        properties=_members(one.properties, other.properties, _either),
        required=one.required & other.required,
        items=_either(one.items, other.items) if one.items and other.items else None,
        types=one.types | other.types if one.types and other.types else Types(),
    )


def _members(
    one: Mapping[str, Shape], other: Mapping[str, Shape], join: Callable[[Shape, Shape], Shape]
) -> dict[str, Shape]:
    """Return the members of both in order, combined if both have one."""
    joined = {name: join(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **joined}
