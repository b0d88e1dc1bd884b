"""Scenarios: what the other side says, and what is expected of the call, as YAML files."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any, Final

from wizard.contract.problems import Problem, refuse_first
from wizard.contract.rules import is_filled
from wizard.errors import NoSuch
from wizard.exchange.exporting import as_yaml
from wizard.formats.files import read_bytes, shown_name
from wizard.formats.paths import Path
from wizard.formats.yaml_text import parse_yaml
from wizard.rehearsal.expectations import Expectation, problem_of

_ENDINGS: Final = (".yaml", ".yml")
_SIDES: Final = ("caller", "says", "nobody_answers")
_MEMBERS: Final = ("name", "variables", *_SIDES, "expect")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call to be played. The other side is one of three.

    `caller` is a person whom the model plays: a name in `callers.yaml`, or a description. `says`
    are the lines, word for word. With `nobody_answers` the call is not taken.
    """

    name: str
    caller: str = ""
    says: tuple[str, ...] = ()
    nobody_answers: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    expect: tuple[Expectation, ...] = ()

    @property
    def turn_limit(self) -> int | None:
        """The turns after which it has failed, None without a limit."""
        limits = [int(each.value) for each in self.expect if each.kind == "turns_at_most"]
        return min(limits) + 1 if limits else None

    def as_data(self) -> dict[str, Any]:
        """The members of its file, in order, without empty ones."""
        members = {
            "name": self.name,
            "variables": dict(self.variables),
            "caller": self.caller,
            "says": list(self.says),
            "nobody_answers": self.nobody_answers,
            "expect": [{each.kind: each.value} for each in self.expect],
        }
        return {name: value for name, value in members.items() if value}

    def as_yaml(self) -> str:
        """The text of its file."""
        return f"{as_yaml(self.as_data())}\n"


def find_scenarios(name: str, templates: Sequence[str]) -> list[Scenario]:
    """Read a scenario file, all files of a folder, or the scenarios of a template by its name.

    Raises Unreadable and NoSuch.
    """
    path = FilePath(os.path.expanduser(name))
    if name != "-" and path.is_dir():
        found = sorted(each for each in path.iterdir() if each.suffix in _ENDINGS)
        if not found:
            raise NoSuch(f"the folder {name} has no scenario: a scenario is a .yaml file")
        return [read_scenario(str(each)) for each in found]
    if name in templates and not path.exists():
        return scenarios_of(name)
    return [read_scenario(name)]


def scenarios_of(template: str) -> list[Scenario]:
    """Read the scenarios of a template of the program. Raises NoSuch if it has none."""
    folder = files("wizard.templates").joinpath("scenarios", template)
    if not folder.is_dir():
        raise NoSuch(f"the template {template!r} has no scenarios: name a scenario file")
    found = sorted(folder.iterdir(), key=lambda each: each.name)
    return [parse_scenario(each.read_bytes(), f"{template}/{each.name}") for each in found]


def read_scenario(file: str) -> Scenario:
    """Read a scenario file. Raises Unreadable, with the line."""
    return parse_scenario(read_bytes(file), shown_name(file))


def parse_scenario(data: bytes | str, file: str) -> Scenario:
    """Read the text of a scenario file. Raises Unreadable, with the line."""
    lines: dict[Path, int] = {}
    value = parse_yaml(data, file, lines)
    refuse_first(_problems(value), file, lines)
    assert isinstance(value, dict)  # noqa: S101 - _problems found none
    return _from_data(value)


def _from_data(data: Mapping[str, Any]) -> Scenario:
    return Scenario(
        name=data["name"].strip(),
        caller=data.get("caller", ""),
        says=tuple(data.get("says", ())),
        nobody_answers=data.get("nobody_answers", False),
        variables={name: str(value) for name, value in data.get("variables", {}).items()},
        expect=tuple(
            Expectation(kind, value)
            for each in data.get("expect", ())
            for kind, value in each.items()
        ),
    )


def _problems(value: Any) -> Iterator[Problem]:
    """The errors of a scenario's data."""
    if not isinstance(value, Mapping):
        yield Problem((), "not_object", f"A scenario is an object with {', '.join(_MEMBERS)}.")
        return
    for name in value:
        if name not in _MEMBERS:
            message = f"Not a part of a scenario. The parts are {', '.join(_MEMBERS)}."
            yield Problem((name,), "unknown", message)
    if not is_filled(value.get("name")):
        yield Problem(("name",), "missing", "Required. Enter a text.")
    yield from _side_problems(value)
    yield from _variable_problems(value.get("variables", {}))
    yield from _expect_problems(value.get("expect", []))


def _side_problems(value: Mapping[str, Any]) -> Iterator[Problem]:
    given = [name for name in _SIDES if value.get(name) not in (None, False)]
    if len(given) != 1:
        at: Path = (given[1],) if given else ()
        yield Problem(at, "one_side", "Enter one of caller, says and nobody_answers.")
        return
    (side,) = given
    found = value[side]
    if side == "caller" and not is_filled(found):
        yield Problem((side,), "not_text", "Describe the caller, or enter a caller's name.")
    if side == "says" and not (isinstance(found, list) and found and all(map(is_filled, found))):
        yield Problem((side,), "not_list", 'Enter a list of texts, as in ["Who is this?"].')
    if side == "nobody_answers" and found is not True:
        yield Problem((side,), "not_boolean", "Enter true or false.")


def _variable_problems(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(("variables",), "not_object", "Enter an object, as in {first_name: Priya}.")
        return
    for name, text in value.items():
        if not isinstance(text, str | int | float) or isinstance(text, bool):
            yield Problem(("variables", name), "not_text", "Enter a text in quotes.")


def _expect_problems(value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(("expect",), "not_list", "Enter a list, as in [{ends: true}].")
        return
    for index, each in enumerate(value):
        if not isinstance(each, Mapping) or len(each) != 1:
            yield Problem(
                ("expect", index), "not_object", "Enter one expectation, as in ends: true."
            )
            continue
        for kind, wanted in each.items():
            if message := problem_of(kind, wanted):
                yield Problem(("expect", index, kind), "not_allowed", message)
