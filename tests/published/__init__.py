"""The published document as an independent validator: jsonschema, without the wizard's code."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

DOCUMENT = Path(__file__).with_name("createAssistant.openapi.json")


@cache
def as_published() -> dict[str, Any]:
    """The schema of the request's body word for word, with its references resolved."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return dict(_resolved(document["components"]["schemas"]["NewAssistant"], document))


@cache
def schema() -> dict[str, Any]:
    """The schema that validates payloads: the published one with its one repair.

    `fillers` is published as an array with the enum `["umm", "uhh"]` on the array itself: the whole
    list would have to equal the text "umm" or the text "uhh", which no list does, so no request at
    all could be valid. The enum is meant for the items, and there it is moved to.
    """
    repaired = json.loads(json.dumps(as_published()))
    fillers = repaired["properties"]["fillers"]
    fillers["items"] = {"type": "string", "enum": fillers.pop("enum")}
    return dict(repaired)


def published_errors(payload: Any) -> list[str]:
    """Return the errors of a payload by the published document, each with its path in front."""
    return [f"{_written(path)}: {error.message}" for path, error in _errors(payload)]


def places_forbidden(payload: Any) -> set[str]:
    """The paths at which the published document reports an error, missing fields included."""
    return {_written(path) for path, _ in _errors(payload)}


def properties(at: dict[str, Any]) -> dict[str, Any]:
    """The fields of an object, or of the objects in a list; nothing for any other schema."""
    return dict(at.get("items", at).get("properties", {}))


def _errors(payload: Any) -> Iterator[tuple[list[str | int], ValidationError]]:
    for error in Draft202012Validator(schema()).iter_errors(payload):
        path = list(error.absolute_path)
        if error.validator == "required":
            path.append(
                next(name for name in error.validator_value if f"'{name}'" in error.message)
            )
        yield path, error


def _written(path: list[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _resolved(schema: Any, document: dict[str, Any]) -> Any:
    """Inline each `$ref` and join the parts of `allOf` into one object."""
    if isinstance(schema, list):
        return [_resolved(item, document) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target: Any = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return _resolved(target, document)
    joined = {name: _resolved(part, document) for name, part in schema.items() if name != "allOf"}
    for part in schema.get("allOf", []):
        joined |= _resolved(part, document)
    return joined
