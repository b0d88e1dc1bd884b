"""Compares a newer OpenAPI document with the request that this program knows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, Final

from wizard.api.client import CREATE
from wizard.contract import openapi_facts
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Question, find
from wizard.contract.rules import NOT_BLANK
from wizard.contract.schema import payload_schema
from wizard.drift.openapi import Shape, as_list, body, key, shape
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.settings import API

# The most characters of a list of values to show.
_SHOWN: Final = 200
_HEADER: Final = "x-api-key"


class DriftKind(StrEnum):
    """How a field of the document differs from the known one.

    A narrower field accepts fewer values, a wider one accepts more, and a changed one does both.
    `KNOWN` is a known oddity of the document.
    """

    NEW = "new"
    GONE = "gone"
    NARROWER = "narrower"
    WIDER = "wider"
    CHANGED = "changed"
    RENAMED = "renamed"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference; `message` describes it.

    `place` is a field, such as `actions[].say`, or a part of the document. `before` is the known
    value and `after` the document's, or `MISSING`.
    """

    place: str
    kind: DriftKind
    message: str
    before: Any = MISSING
    after: Any = MISSING

    def as_json(self) -> dict[str, Any]:
        """Return the difference as `drift --json` prints it."""
        values = {"before": self.before, "after": self.after}
        present = {name: value for name, value in values.items() if value is not MISSING}
        return {"field": self.place, "drift": self.kind, "message": self.message} | present


def drifts(document: Any, name: str) -> list[Drift]:
    """Compare a document with the known request and return the differences in its order.

    `name` is the file name for errors. Titles, descriptions, examples and defaults are not
    compared, nor are rules that the contract adds to the document. Raises Unreadable if this is
    not an OpenAPI document of this API.
    """
    theirs = shape(body(document, CREATE, "post", name), document, name)
    return [*_around(document), *_members(_ours(), theirs, ()), *_oddities(theirs, ())]


@cache
def _ours() -> Shape:
    made = payload_schema()
    return shape(made, made, "the program's own schema")


# Around the request


def _around(document: Mapping[str, Any]) -> Iterator[Drift]:
    """Compare the address and the header of the key."""
    servers = [
        server["url"].rstrip("/")
        for server in as_list(document.get("servers"))
        if isinstance(server, Mapping) and isinstance(server.get("url"), str)
    ]
    if servers and API not in servers:
        message = f"the address is {_written(servers)}, and was {API}; --base-url names another"
        yield Drift("servers", DriftKind.CHANGED, message, API, servers)
    declared = paths.get(document, ("components", "securitySchemes"))
    named = declared.values() if isinstance(declared, Mapping) else ()
    schemes = [scheme for scheme in named if isinstance(scheme, Mapping)]
    headers = [str(s["name"]) for s in schemes if s.get("in") == "header" and "name" in s]
    if schemes and _HEADER not in map(str.lower, headers):
        message = f"the key is no longer sent in the header {_HEADER}"
        yield Drift("securitySchemes", DriftKind.CHANGED, message, _HEADER, headers)


# Fields


def _members(ours: Shape, theirs: Shape, at: Path) -> Iterator[Drift]:
    """Compare the fields of an object, known fields first and new ones last."""
    gone = [name for name in ours.properties if name not in theirs.properties]
    new = [name for name in theirs.properties if name not in ours.properties]
    renamed = _renamed(
        {name: ours.properties[name] for name in gone},
        {name: theirs.properties[name] for name in new},
    )
    for name, mine in ours.properties.items():
        called = renamed.get(name, name)
        if called not in theirs.properties:
            message = "the document no longer has it; a server may reject or ignore it"
            yield Drift(_place((*at, name)), DriftKind.GONE, message, _describe(mine))
            continue
        if called != name:
            message = f"it is probably called {called} now, as that new field is similar"
            yield Drift(_place((*at, name)), DriftKind.RENAMED, message, name, called)
        place = (*at, called)
        yield from _required(name in ours.required, called in theirs.required, place)
        yield from _field(mine, theirs.properties[called], place)
    for name in new:
        if name not in renamed.values():
            needed = "required" if name in theirs.required else "optional"
            kind = _describe(theirs.properties[name])
            yield Drift(_place((*at, name)), DriftKind.NEW, f"{kind}, {needed}", after=kind)


def _required(before: bool, after: bool, at: Path) -> Iterator[Drift]:
    if after and not before:
        yield Drift(_place(at), DriftKind.NARROWER, "it is required now", "optional", "required")
    elif before and not after:
        yield Drift(_place(at), DriftKind.WIDER, "it is optional now", "required", "optional")


def _field(ours: Shape, theirs: Shape, at: Path) -> Iterator[Drift]:
    """Compare one field with its members and items."""
    theirs = _as_meant(theirs)
    differing = list(_types(ours, theirs, at))
    yield from differing
    if any(drift.kind is DriftKind.CHANGED for drift in differing):
        # Nothing else can be compared if the type differs.
        return
    yield from _enums(ours, theirs, at)
    yield from _limits(ours, theirs, at)
    yield from _members(ours, theirs, at)
    if ours.items and theirs.items:
        yield from _field(ours.items, theirs.items, (*at, 0))
    elif ours.items and ours.items.types:
        yield Drift(_place((*at, 0)), DriftKind.WIDER, "the list may contain anything now")
    elif theirs.items and theirs.items != Shape():
        message = f"the list may only contain {_describe(theirs.items)} now"
        yield Drift(_place((*at, 0)), DriftKind.NARROWER, message)


def _types(ours: Shape, theirs: Shape, at: Path) -> Iterator[Drift]:
    before, after = _kinds(ours), _kinds(theirs)
    if _all_types(ours) == _all_types(theirs):
        return
    message = f"it is {after} now, and was {before}"
    yield Drift(_place(at), _set_kind(_all_types(ours), _all_types(theirs)), message, before, after)


def _all_types(of: Shape) -> frozenset[str]:
    """Return all types, including those that another type implies."""
    if not of.types:
        return frozenset(_ALL)
    return of.types | {"integer"} if "number" in of.types else of.types


_ALL: Final = ("array", "boolean", "integer", "null", "number", "object", "string")


def _set_kind(before: frozenset[str], after: frozenset[str]) -> DriftKind:
    """Return how a set of allowed values changed."""
    if after < before:
        return DriftKind.NARROWER
    return DriftKind.WIDER if before < after else DriftKind.CHANGED


def _enums(ours: Shape, theirs: Shape, at: Path) -> Iterator[Drift]:
    place, before, after = _place(at), ours.enum, theirs.enum
    if after is None and before is not None:
        yield Drift(place, DriftKind.WIDER, "the closed list is gone", list(before))
    elif after is not None and before is None:
        yield Drift(
            place, DriftKind.NARROWER, f"only {_written(after)} is allowed now", after=[*after]
        )
    elif after is not None and before is not None:
        mine, theirs_too = _keyed(before), _keyed(after)
        lost = [value for text, value in mine.items() if text not in theirs_too]
        more = [value for text, value in theirs_too.items() if text not in mine]
        parts = [f"{_written(lost)} is no longer allowed"] if lost else []
        parts += [f"{_written(more)} is allowed now"] if more else []
        if parts:
            kind = _set_kind(frozenset(mine), frozenset(theirs_too))
            yield Drift(place, kind, " and ".join(parts), [*before], [*after])


def _keyed(values: Sequence[Any]) -> dict[str, Any]:
    return {key(value): value for value in values}


def _limits(ours: Shape, theirs: Shape, at: Path) -> Iterator[Drift]:
    """Compare the document's rules. The contract's additional rules are not differences."""
    known = _implied(ours)
    for rule, after in theirs.limits.items():
        before = known.get(rule, MISSING)
        if before is MISSING:
            yield Drift(
                _place(at), DriftKind.NARROWER, f"{rule} is {_bound(after)}", after=_bound(after)
            )
        elif key(before) != key(after):
            message = f"{rule} is {_bound(after)}, and was {_bound(before)}"
            kind = _bound_kind(rule, before, after)
            yield Drift(_place(at), kind, message, _bound(before), _bound(after))


def _implied(ours: Shape) -> dict[str, Any]:
    """Return the known rules and those that follow from them."""
    known = dict(ours.limits)
    if known.get("pattern") == NOT_BLANK.schema["pattern"]:
        known["minLength"] = 1
    numbers = [value for value in ours.enum or () if isinstance(value, int | float)]
    if numbers and "boolean" not in ours.types:
        known |= {"minimum": (min(numbers), False), "maximum": (max(numbers), False)}
    return known


def _bound_kind(rule: str, before: Any, after: Any) -> DriftKind:
    """Return how a rule changed. Two patterns or formats cannot be compared."""
    if rule.startswith("min"):
        return DriftKind.NARROWER if after > before else DriftKind.WIDER
    if rule.startswith("max"):
        return DriftKind.NARROWER if _upper(after) < _upper(before) else DriftKind.WIDER
    return DriftKind.CHANGED


def _upper(bound: Any) -> Any:
    """Return a bound to compare. Of two equal ones the exclusive one is lower."""
    return (bound[0], not bound[1]) if isinstance(bound, tuple) else bound


def _bound(value: Any) -> str:
    if isinstance(value, tuple):
        return f"{dump(value[0])}, exclusive" if value[1] else dump(value[0])
    return " ".join(dump(value).split())


def _renamed(gone: Mapping[str, Shape], new: Mapping[str, Shape]) -> dict[str, str]:
    """Map each missing field to the new one of its type with the most similar name."""
    found: dict[str, str] = {}
    for was, before in gone.items():
        others = [n for n in new if new[n].types == before.types and n not in found.values()]
        plain = {_plain(name): name for name in others}
        for near in get_close_matches(_plain(was), plain, n=1):
            found[was] = plain[near]
    return found


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


# Oddities


def _as_meant(theirs: Shape) -> Shape:
    """Return the intended schema if the document has one of its known oddities."""
    if theirs.enum is None:
        return theirs
    if _is_on_the_list(theirs.types, theirs.enum):
        items = replace(theirs.items or Shape(), enum=theirs.enum)
        are_texts = all(isinstance(value, str) for value in theirs.enum)
        kinds = items.types or frozenset({"string"} if are_texts else ())
        return replace(theirs, enum=None, items=replace(items, types=kinds))
    if _is_both(theirs.types, theirs.enum):
        return replace(theirs, enum=None)
    return theirs


def _is_on_the_list(types: frozenset[str], enum: Sequence[Any]) -> bool:
    return types == {"array"} and not any(isinstance(value, list) for value in enum)


def _is_both(types: frozenset[str], enum: Sequence[Any]) -> bool:
    return types == {"boolean"} and _keyed(enum).keys() == {"true", "false"}


def _odd(types: frozenset[str], enum: Sequence[Any] | None) -> str:
    """Describe the oddity of a schema; empty if it has none."""
    if enum is None:
        return ""
    if _is_on_the_list(types, enum):
        return "Its closed list is on the list instead of its items."
    if _is_both(types, enum):
        return "A closed list of true and false adds nothing to the type."
    if len(_keyed(enum)) < len(enum):
        return "Its closed list has a duplicate value."
    return ""


def _oddities(theirs: Shape, at: Path) -> Iterator[Drift]:
    """Yield the known oddities of the document with their explanations."""
    for name, part in theirs.properties.items():
        place = (*at, name)
        question, fact = find(QUESTIONS, place), openapi_facts.fact(place)
        if question is None or fact is None:
            continue
        if note := _known_oddity(question, fact, part, name in theirs.required):
            yield Drift(_place(place), DriftKind.KNOWN, note)
        yield from _oddities(part, place)
        if part.items:
            yield from _oddities(part.items, (*place, 0))


def _known_oddity(question: Question, fact: openapi_facts.Fact, part: Shape, required: bool) -> str:
    """Return the explanation of an oddity that has not changed."""
    before = _odd(frozenset({fact.type}), fact.enum or None)
    if before != _odd(part.types, part.enum) or fact.required is not required:
        return ""
    return question.meta.note or before


# Descriptions


def _place(path: Path) -> str:
    written = ("[]" if isinstance(p, int) else f".{paths.write((p,))}" for p in path)
    return "".join(written).removeprefix(".")


_WORDS: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}


def _kinds(of: Shape) -> str:
    types = sorted(of.types - {"integer"} if "number" in of.types else of.types)
    return " or ".join(_WORDS.get(kind, kind) for kind in types) or "anything"


def _describe(of: Shape) -> str:
    """Describe the values of a field."""
    return f"{_kinds(of)}: {_written(of.enum)}" if of.enum else _kinds(of)


def _written(values: Sequence[Any]) -> str:
    """Return values as a list, or their number if the list is too long."""
    texts = [v if isinstance(v, str) and v else " ".join(dump(v).split()) for v in values]
    shown = ", ".join(texts)
    return shown if len(shown) <= _SHOWN else f"one of {len(values)} values"
