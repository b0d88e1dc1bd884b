"""A starter template: answers to begin with, and in every language what is said word for word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wizard.contract.choices import LANGUAGES, TYPES
from wizard.contract.problems import Problem
from wizard.contract.rules import is_blank
from wizard.contract.validation import find_errors
from wizard.errors import Unreadable
from wizard.formats import paths
from wizard.formats.paths import Path
from wizard.formats.payload_text import parse_yaml

OPENING: Final = ("start_speech", "end_call_message")
"""The answers that a template has for each language by itself."""

_SAID_BY_ACTIONS: Final[tuple[Path, ...]] = (("say",), ("sms", "content"))
"""The texts of an action that a template has for each language by itself."""

_OWN: Final = {"assistant_name": "name", "company_name": "company_name"}
"""The variables of a template that one's own answers stand for, by the field."""

_STANDARD_LANGUAGE: Final = next(iter(LANGUAGES))


@dataclass(frozen=True, slots=True)
class Template:
    """Answers to begin with. `name` is what the command line takes, `title` what a person reads.

    `answers` is a part of a payload, `openings` has by language code what is said first and last
    and, in the order of the actions, the texts of each action.
    `sample` is a contact with a value for each variable of the texts. `expects` are the codes of
    advice that it is known to raise, `reviewed` the languages whose texts a speaker has read: all
    others are drafts. `own` tells a person's own from those of the program.
    """

    name: str
    title: str
    about: str
    answers: Mapping[str, Any]
    openings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sample: Mapping[str, str] = field(default_factory=dict)
    expects: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    own: bool = False

    @property
    def type(self) -> str:
        """Whether it is for an inbound or an outbound assistant, by the API's word."""
        return str(self.answers["type"])

    @property
    def language(self) -> str:
        """The language to begin with: the one it names, or English, or the first it has."""
        named = self.answers.get("language", _STANDARD_LANGUAGE)
        return named if named in self.openings else next(iter(self.openings), named)

    def answers_in(self, language: str) -> dict[str, Any]:
        """What it answers in a language; what it does not have in that one stays in its own."""
        said = self.openings.get(language, self.openings.get(self.language, {}))
        answers = {**self.answers, **said}
        if "actions" in said:
            answers["actions"] = _with_texts(self.answers["actions"], said["actions"])
        return answers

    def said_by(self, language: str, own: Mapping[str, Any]) -> dict[str, Any]:
        """What it answers in a language, said with one's `own` answers where these are texts.

        QCall fills in what a contact brings. Who calls, and for whom, the assistant knows itself.
        """
        said = {variable: own.get(name) for variable, name in _OWN.items()}
        names = {f"{{{{{v}}}}}": name for v, name in said.items() if _is_said(name)}
        answers: dict[str, Any] = _with_names(self.answers_in(language), names)
        return answers

    def is_read_in(self, language: str) -> bool:
        """Whether a speaker has read its texts in a language."""
        return language in self.reviewed

    def as_data(self) -> dict[str, Any]:
        """The members of its file, in order, the empty ones left out."""
        members = {
            "title": self.title,
            "about": self.about,
            "answers": dict(self.answers),
            "openings": {code: dict(said) for code, said in self.openings.items()},
            "sample": dict(self.sample),
            "expects": list(self.expects),
            "reviewed": list(self.reviewed),
        }
        return {name: value for name, value in members.items() if value or name in _NEEDED}


def _with_texts(actions: Sequence[Any], texts: Sequence[Any]) -> list[Any]:
    """The actions with the texts of a language; `texts` may have fewer members."""
    made = list(actions)
    for index, said in enumerate(texts):
        for path in _SAID_BY_ACTIONS:
            if (text := paths.get(said, path)) is not paths.MISSING:
                made[index] = paths.put(made[index], path, text)
    return made


def _is_said(value: Any) -> bool:
    return isinstance(value, str) and not is_blank(value)


def _with_names(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        for variable, name in names.items():
            value = value.replace(variable, name.strip())
        return value
    if isinstance(value, Mapping):
        return {key: _with_names(member, names) for key, member in value.items()}
    return [_with_names(item, names) for item in value] if isinstance(value, list) else value


def from_data(data: Mapping[str, Any], name: str, *, own: bool) -> Template:
    """The template of a file's members, which were checked before."""
    return Template(
        name=name,
        title=data["title"],
        about=data.get("about", ""),
        answers=data["answers"],
        openings=data.get("openings", {}),
        sample=data.get("sample", {}),
        expects=tuple(data.get("expects", ())),
        reviewed=tuple(data.get("reviewed", ())),
        own=own,
    )


def read_template(data: bytes | str, file: str, name: str, *, own: bool) -> Template:
    """Read a template; Unreadable with the line where it is no template or breaks the contract."""
    lines: dict[Path, int] = {}
    value = parse_yaml(data, file, lines)
    for problem in problems_of(value):
        line = next((lines[p] for p in _upwards(problem.path) if p in lines), 1)
        raise Unreadable(file, str(problem), line, 1)
    kept = value if own else _without_last_line_ends(value)
    return from_data(kept, name, own=own)  # type: ignore[arg-type]  # problems_of saw to it


def problems_of(value: Any) -> Iterator[Problem]:
    """What keeps a value from being a template."""
    if not isinstance(value, Mapping):
        yield Problem((), "not_object", f"a template is an object with {', '.join(_PARTS)}")
        return
    for name in value:
        if name not in _PARTS:
            yield Problem((name,), "unknown", f"is no part of a template: {', '.join(_PARTS)}")
    for name, look in _PARTS.items():
        if name in value:
            yield from look(value[name], (name,))
        elif name in _NEEDED:
            yield Problem((name,), "missing", "is needed")
    yield from _texts_of_actions(value)


def _without_last_line_ends(value: Any) -> Any:
    """The texts as they were meant: a block of YAML has a line end behind its last line."""
    if isinstance(value, str):
        return value.removesuffix("\n")
    if isinstance(value, dict):
        return {name: _without_last_line_ends(member) for name, member in value.items()}
    return [_without_last_line_ends(item) for item in value] if isinstance(value, list) else value


def _upwards(path: Path) -> Iterator[Path]:
    return (path[:end] for end in range(len(path), 0, -1))


def _title(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, str) or is_blank(value):
        yield Problem(at, "blank", "must be some text, not blank")


def _text(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(at, "not_text", "must be text; put it in quotes")


def _answers(value: Any, at: Path) -> Iterator[Problem]:
    """A part of a payload: what is there keeps the contract, and the type is there."""
    if not isinstance(value, Mapping):
        yield Problem(at, "not_object", "must be an object, as in {}")
        return
    if "type" not in value:
        yield Problem((*at, "type"), "missing", f"is needed: one of {', '.join(TYPES)}")
    yield from _broken(value, at)


def _broken(part: Mapping[str, Any], at: Path) -> Iterator[Problem]:
    for problem in find_errors(part):
        # What a part does not have is answered by the person.
        if not (problem.code == "missing" and len(problem.path) == 1):
            yield Problem((*at, *problem.path), problem.code, problem.message)


def _openings(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(at, "not_object", "must be an object with a member for each language")
        return
    for code, said in value.items():
        here = (*at, code)
        if code not in LANGUAGES:
            yield Problem(here, "not_allowed", _ONE_OF)
        elif not isinstance(said, Mapping) or set(said) - {*OPENING, "actions"}:
            told = f"must be an object of {', '.join(OPENING)} and actions"
            yield Problem(here, "not_object", told)
        else:
            yield from _broken({name: said[name] for name in OPENING if name in said}, here)


def _texts_of_actions(template: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems with the texts of actions by language: each belongs to an action that has it."""
    openings, answers = template.get("openings"), template.get("answers")
    actions = answers.get("actions") if isinstance(answers, Mapping) else None
    for code, said in openings.items() if isinstance(openings, Mapping) else ():
        texts = said.get("actions", []) if isinstance(said, Mapping) else []
        at: Path = ("openings", code, "actions")
        if not isinstance(texts, list):
            yield Problem(at, "not_list", "must be a list, as in []")
            continue
        for index, text in enumerate(texts):
            has = actions[index] if isinstance(actions, list) and index < len(actions) else None
            if not _fits(text, has):
                told = "must hold texts that the action has: say, or sms with content"
                yield Problem((*at, index), "not_object", told)


def _fits(texts: Any, action: Any) -> bool:
    """Whether `texts` holds nothing but texts that are said, for texts that the action has."""
    rest = texts
    for path in _SAID_BY_ACTIONS:
        text = paths.get(texts, path)
        if text is not paths.MISSING:
            if not (_is_said(text) and isinstance(paths.get(action, path), str)):
                return False
            rest = paths.put(rest, path, paths.MISSING)
    return rest in ({}, {"sms": {}})


def _sample(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(at, "not_object", "must be an object with a text for each variable")
        return
    for name, text in value.items():
        yield from _text(text, (*at, name))


def _codes(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(at, "not_list", "must be a list, as in []")
        return
    for index, code in enumerate(value):
        yield from _text(code, (*at, index))


def _languages(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(at, "not_list", "must be a list, as in []")
        return
    for index, code in enumerate(value):
        if code not in LANGUAGES:
            yield Problem((*at, index), "not_allowed", _ONE_OF)


_ONE_OF = f"must be one of {', '.join(LANGUAGES)}"
_NEEDED = ("title", "answers")
_PARTS = {
    "title": _title,
    "about": _text,
    "answers": _answers,
    "openings": _openings,
    "sample": _sample,
    "expects": _codes,
    "reviewed": _languages,
}
