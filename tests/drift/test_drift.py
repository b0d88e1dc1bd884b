"""`drift`: reports each change of the published document, and nothing else."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import published
from tests.commands.test_cli import Ran, run
from wizard.drift.comparison import Drift, DriftKind, drifts
from wizard.errors import Unreadable

PUBLISHED = json.loads(published.DOCUMENT.read_text(encoding="utf-8"))
# The places that are odd in the document of today: no other is called so.
ODD = {
    "knowledge_base_Id",
    "is_back_sound",
    "is_filler",
    "fillers",
    "assistant_image",
    "ai_modal",
    "is_sensitivity",
    "is_opt_out",
    "is_wait_start_speech",
    "eleven_lab_modal",
    "voice_data",
}


def document() -> dict[str, Any]:
    return deepcopy(PUBLISHED)


def request(of: dict[str, Any]) -> dict[str, Any]:
    """The schema of the request in a document."""
    return dict_of(of["components"]["schemas"]["Assistant"])


def dict_of(value: Any) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def found(of: Any) -> list[Drift]:
    """What is no known oddity."""
    return [drift for drift in drifts(of, "new.json") if drift.kind is not DriftKind.KNOWN]


def summary(of: Any) -> list[tuple[str, str]]:
    return [(drift.place, drift.kind.value) for drift in found(of)]


class Spot(NamedTuple):
    """A field of the document: its path in reports, the object that holds it, its name."""

    path: str
    holder: dict[str, Any]
    name: str

    @property
    def field(self) -> dict[str, Any]:
        return dict_of(self.holder["properties"][self.name])


def spots(schema: dict[str, Any], at: str = "") -> Iterator[Spot]:
    for name, part in schema.get("properties", {}).items():
        yield Spot(at + name, schema, name)
        yield from spots(part, f"{at}{name}.")
        yield from spots(part.get("items", {}), f"{at}{name}[].")


# One field of each type, at each depth.
SOME = list(
    {
        (spot.path.count("."), spot.field["type"]): spot.path for spot in spots(request(PUBLISHED))
    }.values()
)
CLOSED = [
    spot.path
    for spot in spots(request(PUBLISHED))
    if spot.field["type"] in ("string", "number") and len(spot.field.get("enum", ())) > 2
]


def spot(of: dict[str, Any], path: str) -> Spot:
    return next(spot for spot in spots(request(of)) if spot.path == path)


# The document of today


def test_the_current_document_has_only_the_known_oddities() -> None:
    all_of_it = drifts(PUBLISHED, "today.json")

    assert {drift.place for drift in all_of_it} == ODD
    assert len(all_of_it) == len(ODD)
    assert all(drift.kind is DriftKind.KNOWN and drift.message.endswith(".") for drift in all_of_it)


def test_a_corrected_oddity_is_not_reported() -> None:
    new = document()
    fields = request(new)["properties"]
    fields["fillers"]["items"] = {"type": "string", "enum": fields["fillers"].pop("enum")}
    del fields["is_filler"]["enum"]
    fields["assistant_image"]["enum"] = list(dict.fromkeys(fields["assistant_image"]["enum"]))
    places = {drift.place for drift in drifts(new, "new.json")}

    assert found(new) == []
    assert places == ODD - {"fillers", "is_filler", "assistant_image"}


# One change, named exactly


@pytest.mark.parametrize("path", SOME)
def test_a_field_that_is_gone(path: str) -> None:
    new = document()
    place = spot(new, path)
    del place.holder["properties"][place.name]

    assert summary(new) == [(path, "gone")]


def renamed(name: str) -> str:
    """A name in another way of writing; one word is made longer."""
    first, *rest = name.split("_")
    if not rest:
        return f"{name}s"
    return first + "".join(part.capitalize() for part in rest)


@pytest.mark.parametrize("path", SOME)
def test_a_field_that_was_renamed(path: str) -> None:
    new = document()
    place = spot(new, path)
    called = renamed(place.name)
    place.holder["properties"][called] = place.holder["properties"].pop(place.name)
    place.holder["required"] = [
        called if name == place.name else name for name in place.holder.get("required", [])
    ]
    [drift] = found(new)

    assert (drift.place, drift.kind, drift.after) == (path, DriftKind.RENAMED, called)
    assert f"called {called} now" in drift.message


@pytest.mark.parametrize("path", SOME)
def test_a_field_that_has_become_required_or_optional(path: str) -> None:
    new = document()
    place = spot(new, path)
    required = place.holder.setdefault("required", [])
    if place.name in required:
        required.remove(place.name)
        assert summary(new) == [(path, "wider")]
    else:
        required.append(place.name)
        assert summary(new) == [(path, "narrower")]


@pytest.mark.parametrize("path", SOME)
def test_a_field_of_another_type(path: str) -> None:
    new = document()
    field = spot(new, path).field
    other = "boolean" if field["type"] != "boolean" else "string"
    field.clear()
    field["type"] = other

    assert summary(new) == [(path, "changed")]


NAMES = st.from_regex(r"\A[a-z][a-zA-Z0-9_]{0,12}\Z")
SCHEMAS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": 1},
        {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {},
    ]
)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(data=st.data(), name=NAMES, schema=SCHEMAS, needed=st.booleans())
def test_a_field_that_is_new(data: st.DataObject, name: str, schema: Any, needed: bool) -> None:
    new = document()
    objects = [request(new)]
    objects += [s.field for s in spots(request(new)) if s.field["type"] == "object"]
    place = objects[data.draw(st.integers(0, len(objects) - 1))]
    if name in place.get("properties", {}):
        name += "_of_another_kind"
    before = {spot.path for spot in spots(request(new))}
    place.setdefault("properties", {})[name] = schema
    if needed:
        place.setdefault("required", []).append(name)
    added = {spot.path for spot in spots(request(new))} - before
    [drift] = found(new)

    assert (drift.place, drift.kind) == (min(added, key=len), DriftKind.NEW)
    assert ("required" if needed else "optional") in drift.message


@FEW
@given(data=st.data(), path=st.sampled_from(CLOSED))
def test_a_closed_list_that_lost_and_gained(data: st.DataObject, path: str) -> None:
    new = document()
    field = spot(new, path).field
    values = list(dict.fromkeys(field["enum"]))
    lost = data.draw(st.lists(st.sampled_from(values), max_size=len(values) - 1, unique=True))
    more = ["another", "one more"] if field["type"] == "string" else [7.25, 99]
    gained = data.draw(st.lists(st.sampled_from(more), unique=True))
    field["enum"] = [v for v in values if v not in lost] + gained

    kinds = {
        (True, False): "narrower",
        (False, True): "wider",
        (True, True): "changed",
    }
    wanted = kinds.get((bool(lost), bool(gained)))
    assert summary(new) == ([(path, wanted)] if wanted else [])
    for drift in found(new):
        assert ("no longer allowed" in drift.message) == bool(lost)
        assert ("allowed now" in drift.message) == bool(gained)


@pytest.mark.parametrize(
    ("path", "change", "drift"),
    [
        ("voice_speed", {"enum": None}, "wider"),
        ("voice_speed", {"enum": None, "minimum": 1, "maximum": 2}, "wider"),
        ("name", {"enum": ["Asha"]}, "narrower"),
        ("name", {"maxLength": 40}, "narrower"),
        ("name", {"minLength": 1}, None),  # it is not blank anyway
        ("name", {"minLength": 2}, "narrower"),
        ("name", {"type": ["string", "null"]}, "wider"),
        ("name", {"nullable": True}, "wider"),
        ("name", {"pattern": "^[a-z]+$"}, "changed"),
        ("stability", {"minimum": 0, "maximum": 1}, None),
        ("stability", {"maximum": 100}, "wider"),
        ("stability", {"maximum": 1, "exclusiveMaximum": True}, "narrower"),
        ("stability", {"exclusiveMinimum": 0}, "narrower"),
        ("stability", {"format": "double"}, None),
        ("stability", {"type": "integer"}, "narrower"),
        ("actions[].length", {"type": "number"}, "wider"),
        ("actions", {"maxItems": 5}, "narrower"),
        ("actions[].zeplo.content", {"additionalProperties": False}, "narrower"),
        ("call_flow", {"type": None}, "wider"),
        ("sentiment", {"description": "How it felt.", "example": {}}, None),
    ],
)
def test_rules_of_a_field(path: str, change: dict[str, Any], drift: str | None) -> None:
    new = document()
    field = spot(new, path).field
    for rule, value in change.items():
        if value is None:
            del field[rule]
        else:
            field[rule] = value

    assert summary(new) == ([(path, drift)] if drift else [])


def test_the_items_of_a_list() -> None:
    new = document()
    fields = request(new)["properties"]
    fields["voice_data"]["properties"]["categories"]["items"] = {"type": "integer"}
    fields["fillers"]["enum"] = ["umm", "uhh", "ehm"]

    assert set(summary(new)) == {("fillers[]", "wider"), ("voice_data.categories[]", "changed")}


def test_changes_outside_the_request_are_reported() -> None:
    new = document()
    new["servers"] = [{"url": "https://api.qcall.ai/api/v2"}]
    new["components"]["securitySchemes"]["apiKeyAuth"]["name"] = "authorization"

    assert summary(new) == [("servers", "changed"), ("securitySchemes", "changed")]


# One thing written in different ways


def inlined(new: dict[str, Any]) -> None:
    operation = new["paths"]["/user/createAssistant"]["post"]
    operation["requestBody"]["content"]["application/json"]["schema"] = request(new)


def split_up(new: dict[str, Any]) -> None:
    """Every other field in a separate part."""
    whole = request(new)
    names = list(whole["properties"])[::2]
    part = {"properties": {name: whole["properties"].pop(name) for name in names}}
    new["components"]["schemas"]["Assistant"] = {
        "allOf": [{"$ref": "#/components/schemas/P"}, whole]
    }
    new["components"]["schemas"]["P"] = part


def alternatives(new: dict[str, Any]) -> None:
    """The two types of actions as oneOf."""
    item = request(new)["properties"]["actions"]["items"]
    kinds = item["properties"].pop("type")["enum"]
    meeting = {n: p for n, p in item["properties"].items() if "type" in p and p["type"] != "object"}
    sending = {n: p for n, p in item["properties"].items() if n not in meeting}
    for kind, members in zip(kinds, (meeting, sending), strict=True):
        members["type"] = {"const": kind}
    item.clear()
    item["oneOf"] = [
        {"type": "object", "properties": meeting, "required": ["type"]},
        {"type": "object", "properties": sending, "required": ["type"]},
    ]


def referred(new: dict[str, Any]) -> None:
    """A field behind two references, one with escapes."""
    fields = request(new)["properties"]
    schemas = new["components"]["schemas"]
    schemas["a/b~c d"] = fields["sentiment"]
    schemas["Two"] = {"$ref": "#/components/schemas/a~1b~0c%20d"}
    fields["sentiment"] = {"$ref": "#/components/schemas/Two"}


def body_referred(new: dict[str, Any]) -> None:
    operation = new["paths"]["/user/createAssistant"]["post"]
    new["components"]["requestBodies"] = {"New": operation["requestBody"]}
    operation["requestBody"] = {"$ref": "#/components/requestBodies/New"}


@pytest.mark.parametrize("rewrite", [inlined, split_up, alternatives, referred, body_referred])
def test_the_same_thing_written_differently_is_no_drift(
    rewrite: Callable[[dict[str, Any]], None],
) -> None:
    new = document()
    rewrite(new)
    assert new != PUBLISHED

    assert {drift.place for drift in drifts(new, "new.json")} == ODD
    assert found(new) == []


def test_a_recursive_schema_ends() -> None:
    new = document()
    new["components"]["schemas"]["Flow"] = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Flow"}},
    }
    request(new)["properties"]["call_flow"] = {"$ref": "#/components/schemas/Flow"}

    assert summary(new) == [("call_flow.next", "new")]


# What is no such document


def swollen(new: dict[str, Any]) -> None:
    schemas = new["components"]["schemas"]
    for n in range(20):
        both = {"$ref": f"#/components/schemas/s{n + 1}"}
        schemas[f"s{n}"] = {"type": "object", "properties": {"a": both, "b": both}}
    schemas["s20"] = {"type": "string"}
    request(new)["properties"]["more"] = {"$ref": "#/components/schemas/s0"}


def chained(new: dict[str, Any]) -> None:
    schemas = new["components"]["schemas"]
    for n in range(5000):
        schemas[f"s{n}"] = {"$ref": f"#/components/schemas/s{n + 1}"}
    schemas["s5000"] = {"type": "string"}
    request(new)["properties"]["more"] = {"$ref": "#/components/schemas/s0"}


def lost(new: dict[str, Any]) -> None:
    del new["components"]["schemas"]["Assistant"]


def elsewhere(new: dict[str, Any]) -> None:
    request(new)["properties"]["name"] = {"$ref": "other.yaml#/Name"}


def in_a_circle(new: dict[str, Any]) -> None:
    new["components"]["requestBodies"] = {"A": {"$ref": "#/components/requestBodies/A"}}
    new["paths"]["/user/createAssistant"]["post"]["requestBody"] = {
        "$ref": "#/components/requestBodies/A"
    }


def other_path(new: dict[str, Any]) -> None:
    new["paths"]["/v2/assistants"] = new["paths"].pop("/user/createAssistant")


def no_json(new: dict[str, Any]) -> None:
    content = new["paths"]["/user/createAssistant"]["post"]["requestBody"]["content"]
    content["text/plain"] = content.pop("application/json")


def no_paths(new: dict[str, Any]) -> None:
    del new["paths"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (swollen, "expand to over"),
        (chained, "deep"),
        (lost, "which is missing"),
        (elsewhere, "another file"),
        (in_a_circle, "circle"),
        (other_path, "only POST /v2/assistants"),
        (no_json, "takes no JSON"),
        (no_paths, "no paths"),
    ],
)
def test_a_document_that_cannot_be_compared(
    spoil: Callable[[dict[str, Any]], None], words: str
) -> None:
    new = document()
    spoil(new)
    with pytest.raises(Unreadable, match=words) as caught:
        drifts(new, "new.json")

    assert str(caught.value).startswith("new.json: ")


SCRAPS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "enum", "properties", "items", "$ref", "allOf"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("scrap", [None, True, 7, "x", [], {}])
@pytest.mark.parametrize("name", ["components", "paths", "servers"])
def test_a_part_of_another_type_is_compared_or_refused(name: str, scrap: Any) -> None:
    new: Any = document()
    for holder, spot in [(new, name), *((new[name], inner) for inner in _names(new[name]))]:
        before, holder[spot] = holder[spot], scrap
        with suppress(Unreadable):
            assert all(drift.message and drift.place for drift in drifts(new, "new.json"))
        holder[spot] = before


def _names(part: Any) -> Iterable[str]:
    return tuple(part) if isinstance(part, dict) else ()


def test_a_field_without_a_name_is_reported() -> None:
    new: Any = document()
    new["components"]["schemas"]["NewAssistant"] = {"properties": {"": None}}
    assert '""' in [drift.place for drift in drifts(new, "new.json")]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), scrap=SCRAPS)
def test_any_document_is_compared_or_refused(data: st.DataObject, scrap: Any) -> None:
    new: Any = document()
    at, spot_in = new, data.draw(st.integers(0, 9))
    for _ in range(spot_in):
        inside = [n for n in at if isinstance(at[n], dict) and at[n]]
        if not inside:
            break
        at = at[data.draw(st.sampled_from(inside))]
    at[data.draw(st.sampled_from(list(at)))] = scrap
    with suppress(Unreadable):
        assert all(drift.message and drift.place for drift in drifts(new, "new.json"))


# The command


def drift(file: Path, *options: str) -> Ran:
    return run("drift", *options, str(file))


def test_the_command_on_the_document_of_today() -> None:
    ran = drift(published.DOCUMENT)

    assert ran.code == 0
    assert {line.split(": ")[0] for line in ran.lines} == ODD
    assert all(line.split(": ")[1] == "known" for line in ran.lines)
    assert "11 known oddities: nothing to do" in ran.err


def test_the_command_on_a_newer_document(tmp_path: Path) -> None:
    new = document()
    fields = request(new)["properties"]
    fields["mood"] = {"type": "string", "enum": ["calm", "[lively]"]}
    fields["knowledgeBaseId"] = fields.pop("knowledge_base_Id")
    fields["voice_speed"]["enum"].remove(2)
    file = tmp_path / "new.json"
    file.write_text(json.dumps(new), "utf-8")
    ran = drift(file, "--json")
    changed = {line["field"]: line for line in ran.objects if line["drift"] != "known"}

    assert ran.code == 1
    assert changed.keys() == {"mood", "knowledge_base_Id", "voice_speed"}
    assert changed["mood"]["message"] == "a text: calm, [lively], optional"
    assert changed["knowledge_base_Id"]["after"] == "knowledgeBaseId"
    assert changed["voice_speed"]["message"] == "2 is no longer allowed"
    assert 2 in changed["voice_speed"]["before"]
    assert "3 differences" in ran.err

    plain = drift(file)
    assert plain.code == 1
    assert "voice_speed: narrower: 2 is no longer allowed" in plain.lines


def test_the_command_on_yaml_from_a_pipe() -> None:
    # Most documents write a status without quotes, so YAML reads a number.
    text = json.dumps(PUBLISHED, indent=1).replace('"200":', "200:")
    ran = run("drift", "-", stdin=f"# as YAML\n{text}")

    assert (ran.code, len(ran.lines)) == (0, len(ODD))
    assert ran.err.startswith("standard input matches this program")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "it is empty"),
        (b"{", "cut off"),
        (b"[]", "not an OpenAPI document"),
        (b'{"swagger": "2.0"}', "Swagger 2.0"),
        (b'{"openapi": "4.0.0"}', "'4.0.0' is not supported"),
        (b'{"a": NaN}', "NaN"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_file_that_is_no_document_is_an_error(tmp_path: Path, text: bytes, words: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(text)
    ran = drift(file)

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert ran.err.startswith(str(file))
    assert words in ran.err


def test_a_slash_at_the_end_of_the_address_is_no_drift() -> None:
    new = document()
    new["servers"] = [{"url": "https://api.qcall.ai/api/v1/"}]
    assert summary(new) == []


def test_an_oddity_of_a_field_that_changed_is_not_called_known() -> None:
    new = document()
    required = request(new)["required"]
    change = required.remove if "is_filler" in required else required.append
    change("is_filler")
    kinds = [drift.kind for drift in drifts(new, "new.json") if drift.place == "is_filler"]
    assert len(kinds) == 1
    assert DriftKind.KNOWN not in kinds


def test_the_encoding_may_be_named_with_the_type_of_the_body() -> None:
    new = document()
    content = new["paths"]["/user/createAssistant"]["post"]["requestBody"]["content"]
    content["application/json; charset=utf-8"] = content.pop("application/json")
    assert summary(new) == []


def test_a_field_missing_from_one_alternative_is_optional() -> None:
    new = document()
    whole = request(new)
    required = whole.pop("required")
    whole["oneOf"] = [{"required": required}, {"required": [n for n in required if n != "name"]}]
    assert summary(new) == [("name", "wider")]


def test_a_tilde_in_a_name_is_found() -> None:
    new = document()
    fields = request(new)["properties"]
    new["components"]["schemas"]["a~1b"] = fields["sentiment"]
    fields["sentiment"] = {"$ref": "#/components/schemas/a~01b"}
    assert summary(new) == []
