"""A starter template: answers to start from, and its spoken texts in each language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from wizard.contract.assistant import QUESTIONS
from wizard.contract.choices import LANGUAGES, TYPES
from wizard.contract.problems import Problem, refuse_first
from wizard.contract.rules import is_filled
from wizard.contract.validation import find_errors
from wizard.formats import paths
from wizard.formats.paths import Path
from wizard.formats.yaml_text import parse_yaml

OPENING: Final = ("start_speech", "end_call_message")
"""The answers that a template has in each language."""

_ACTION_TEXTS: Final[tuple[Path, ...]] = (("say",), ("sms", "content"))
"""The texts of an action that a template has in each language."""

NAMES: Final = {q.meta.template_variable: q.name for q in QUESTIONS if q.meta.template_variable}
"""The variables of a template that answers replace, with the names of their fields."""

_Check: TypeAlias = Callable[[Any, Path], Iterator[Problem]]

_STANDARD_LANGUAGE: Final = next(iter(LANGUAGES))


@dataclass(frozen=True, slots=True)
class Template:
    """Answers to start from. `name` is for the command line, `title` for the screen.

    `answers` is part of a payload. `openings` has by language code the opening line, the closing
    message and, in the order of the actions, the texts of each action. `sample` is a contact with
    a value for each variable. `expects` are the codes of advice that the template raises.
    `reviewed` are the languages in which a speaker has read the texts; all others are drafts.
    `own` is true for a template in the user's folder.
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
        """The type of assistant: inbound or outbound."""
        return str(self.answers["type"])

    @property
    def language(self) -> str:
        """The first language: the one in its answers, or English, or the first of its openings."""
        named = self.answers.get("language", _STANDARD_LANGUAGE)
        return named if named in self.openings else next(iter(self.openings), named)

    def answers_in(self, language: str) -> dict[str, Any]:
        """Its answers, with the texts in a language or else in its first one."""
        texts = self.openings.get(language, self.openings.get(self.language, {}))
        answers = {**self.answers, **texts}
        if "actions" in texts:
            answers["actions"] = _with_texts(self.answers["actions"], texts["actions"])
        return answers

    def answers_with_names(self, language: str, own: Mapping[str, Any]) -> dict[str, Any]:
        """Its answers in a language, with the names of the assistant and the company from `own`.

        QCall fills the variables of a contact only, so the template's own names must be replaced.
        """
        values = {variable: own.get(name) for variable, name in NAMES.items()}
        names = {f"{{{{{v}}}}}": str(value) for v, value in values.items() if is_filled(value)}

        def with_names(text: str) -> str:
            for variable, name in names.items():
                text = text.replace(variable, name.strip())
            return text

        return dict(_changed(self.answers_in(language), with_names))

    def with_texts(self, change: Callable[[str], str]) -> "Template":
        """The template with each text of its answers changed, in all languages."""
        answers, openings = _changed(self.answers, change), _changed(self.openings, change)
        return replace(self, answers=answers, openings=openings)

    def as_data(self) -> dict[str, Any]:
        """The members of its file, in order, without empty ones."""
        members = {
            "title": self.title,
            "about": self.about,
            "answers": dict(self.answers),
            "openings": {code: dict(texts) for code, texts in self.openings.items()},
            "sample": dict(self.sample),
            "expects": list(self.expects),
            "reviewed": list(self.reviewed),
        }
        return {name: value for name, value in members.items() if value or name in _NEEDED}


def _with_texts(actions: Sequence[Any], texts: Sequence[Any]) -> list[Any]:
    """The actions with the texts of a language. `texts` may have fewer members."""
    merged = list(actions)
    for index, action_texts in enumerate(texts):
        for path in _ACTION_TEXTS:
            if (text := paths.get(action_texts, path)) is not paths.MISSING:
                merged[index] = paths.put(merged[index], path, text)
    return merged


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """A value with each text inside it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _changed(member, change) for key, member in value.items()}
    return [_changed(item, change) for item in value] if isinstance(value, list) else value


def from_data(data: Mapping[str, Any], name: str, *, own: bool) -> Template:
    """The template of a file's members, which must be valid."""
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
    """Read a template. Raises Unreadable, with the line, if it is not valid."""
    lines: dict[Path, int] = {}
    value = parse_yaml(data, file, lines)
    refuse_first(problems_of(value), file, lines)
    # YAML adds a line end to a block.
    kept = value if own else _changed(value, lambda text: text.removesuffix("\n"))
    return from_data(kept, name, own=own)  # type: ignore[arg-type]  # problems_of found none


def problems_of(value: Any) -> Iterator[Problem]:
    """The errors of a template's data."""
    if not isinstance(value, Mapping):
        yield Problem((), "not_object", f"A template is an object with {', '.join(_PARTS)}.")
        return
    for name in value:
        if name not in _PARTS:
            message = f"Not a part of a template. The parts are {', '.join(_PARTS)}."
            yield Problem((name,), "unknown", message)
    for name, check in _PARTS.items():
        if name in value:
            yield from check(value[name], (name,))
        elif name in _NEEDED:
            yield Problem((name,), "missing", "Required.")
    yield from _texts_of_actions(value)


def _title(value: Any, at: Path) -> Iterator[Problem]:
    if not is_filled(value):
        yield Problem(at, "blank", "Required.")


def _text(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(at, "not_text", "Enter text in quotes.")


def _answers(value: Any, at: Path) -> Iterator[Problem]:
    """Validate a part of a payload, which must have the type."""
    if not isinstance(value, Mapping):
        yield Problem(at, "not_object", "Enter an object, as in {}.")
        return
    if "type" not in value:
        yield Problem((*at, "type"), "missing", f"Required. Enter one of {', '.join(TYPES)}.")
    yield from _errors(value, at)


def _errors(part: Mapping[str, Any], at: Path) -> Iterator[Problem]:
    for problem in find_errors(part):
        # The user answers the fields that the template lacks.
        if not (problem.code == "missing" and len(problem.path) == 1):
            yield Problem((*at, *problem.path), problem.code, problem.message)


def _openings(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(at, "not_object", "Enter an object with a member for each language.")
        return
    for code, texts in value.items():
        path = (*at, code)
        if code not in LANGUAGES:
            yield Problem(path, "not_allowed", _ONE_OF)
        elif not isinstance(texts, Mapping) or set(texts) - {*OPENING, "actions"}:
            message = f"Enter an object of {', '.join(OPENING)} and actions."
            yield Problem(path, "not_object", message)
        else:
            yield from _errors({name: texts[name] for name in OPENING if name in texts}, path)


def _texts_of_actions(template: Mapping[str, Any]) -> Iterator[Problem]:
    """Validate the texts of actions by language. Each must replace a text of an action."""
    openings, answers = template.get("openings"), template.get("answers")
    actions = answers.get("actions") if isinstance(answers, Mapping) else None
    for code, opening in openings.items() if isinstance(openings, Mapping) else ():
        texts = opening.get("actions", []) if isinstance(opening, Mapping) else []
        at: Path = ("openings", code, "actions")
        if not isinstance(texts, list):
            yield Problem(at, "not_list", "Enter a list, as in [].")
            continue
        for index, text in enumerate(texts):
            action = actions[index] if isinstance(actions, list) and index < len(actions) else None
            if not _fits(text, action):
                message = "Enter texts that the action has: say, or sms with content."
                yield Problem((*at, index), "not_object", message)


def _fits(texts: Any, action: Any) -> bool:
    """Whether `texts` has nothing but filled texts that the action has too."""
    rest = texts
    for path in _ACTION_TEXTS:
        text = paths.get(texts, path)
        if text is not paths.MISSING:
            if not (is_filled(text) and isinstance(paths.get(action, path), str)):
                return False
            rest = paths.put(rest, path, paths.MISSING)
    return rest in ({}, {"sms": {}})


def _sample(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(at, "not_object", "Enter an object with a text for each variable.")
        return
    for name, text in value.items():
        yield from _text(text, (*at, name))


def _list_of(check: _Check) -> _Check:
    def problems(value: Any, at: Path) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "not_list", "Enter a list, as in [].")
            return
        for index, item in enumerate(value):
            yield from check(item, (*at, index))

    return problems


def _language(value: Any, at: Path) -> Iterator[Problem]:
    if not isinstance(value, str) or value not in LANGUAGES:
        yield Problem(at, "not_allowed", _ONE_OF)


_ONE_OF: Final = f"Enter one of {', '.join(LANGUAGES)}."
_NEEDED: Final = ("title", "answers")
_PARTS: Final[Mapping[str, _Check]] = {
    "title": _title,
    "about": _text,
    "answers": _answers,
    "openings": _openings,
    "sample": _sample,
    "expects": _list_of(_text),
    "reviewed": _list_of(_language),
}
