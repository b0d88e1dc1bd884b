"""Judges a payload by the contract: every error at its path, in words that say what is allowed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import ValidationError, to_json

from wizard.advice import advise
from wizard.contract.applicability import in_use
from wizard.contract.assistant import QUESTIONS, Assistant
from wizard.contract.fields import Kind, Question, find
from wizard.contract.problems import Problem
from wizard.formats.paths import Path, get


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What was found: errors make a payload invalid, warnings are advice."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())

    @property
    def valid(self) -> bool:
        """Whether the payload keeps the contract."""
        return not self.errors


def judge(payload: Any) -> ValidationResult:
    """Judge a payload as it came: any JSON value, judged whole, every error told."""
    errors = tuple(find_errors(payload))
    return ValidationResult(errors, tuple(advise(payload)) if isinstance(payload, Mapping) else ())


def find_errors(payload: Any) -> list[Problem]:
    """Return the errors of a payload, in the order of the contract's fields."""
    if not isinstance(payload, Mapping):
        told = f"a payload is a JSON object, this is {_sort_of(payload)}"
        return [Problem((), "not_object", told)]
    found = [] if _is_unicode(payload) else list(_stray_surrogates(payload))
    try:
        Assistant.model_validate(payload)
    except ValidationError as error:
        # A text with half a character is told as that alone, whatever else its field is tested for.
        halves = {problem.path for problem in found}
        lines = error.errors(include_url=False)
        found += [
            _problem(line) for line in lines if line["loc"] not in halves and _counts(payload, line)
        ]
    return sorted(found, key=lambda problem: _place(problem.path))


def _counts(payload: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Whether an error breaks the contract: what is not in use breaks only what is published.

    An optional text that is empty counts as left out.
    """
    path, kind = line["loc"], line["type"]
    if kind in _PUBLISHED or (kind == "not_whole" and line["input"] != int(line["input"])):
        return True
    question = find(QUESTIONS, path) if path and isinstance(path[-1], str) else None
    if kind != "blank" and question and question.kind in _TEXTS and get(payload, path) == "":
        return False
    return in_use(QUESTIONS, payload, path)


_TEXTS = (Kind.TEXT, Kind.LONG_TEXT, Kind.SECRET, Kind.SEVERAL)


_ORDER = {question.name: place for place, question in enumerate(QUESTIONS)}


def _place(path: Path) -> int:
    return _ORDER.get(str(path[0]), len(_ORDER)) if path else -1


# pydantic's message for a required field; a rule of ours says more of what it misses.
_LEFT_OUT = "Field required"
# pydantic's names for an error, by the contract's code for it.
_CODES = {
    "missing": "missing",
    "string_type": "not_text",
    "float_type": "not_number",
    "finite_number": "not_number",
    "bool_type": "not_boolean",
    "list_type": "not_list",
    "model_type": "not_object",
    "dict_type": "not_object",
}
# What the published document forbids: a type, a value that is not in a list, a gap.
_PUBLISHED = frozenset(("not_allowed", *(name for name in _CODES if name != "finite_number")))
_TYPE_WORDS = {
    "not_text": "text",
    "not_number": "a number",
    "not_boolean": "true or false",
    "not_list": "a list, as in []",
    "not_object": "an object, as in {}",
}


def _problem(line: Mapping[str, Any]) -> Problem:
    path: Path = line["loc"]
    kind: str = line["type"]
    code = _CODES.get(kind, kind)
    question = find(QUESTIONS, path)
    if line["msg"] == _LEFT_OUT:
        message = "is needed" + (f": {question.allowed}" if question else "")
    elif code in _TYPE_WORDS:
        told, value = _expected(question, path, code), line["input"]
        secret = question is not None and question.ask.secret
        message = f"must be {told}; {'this' if secret else _shown(value)} is {_misfit(value, code)}"
    else:
        message = line["msg"]
    return Problem(path, code, message)


def _expected(question: Question | None, path: Path, code: str) -> str:
    """What is allowed where the type is wrong: the field's rule says more than the type."""
    ruled = (
        question is not None and isinstance(path[-1], str) and code in ("not_text", "not_number")
    )
    return question.allowed if question and ruled else _TYPE_WORDS[code]


def _misfit(value: Any, code: str) -> str:
    """What a value of the wrong type is; a number where one belongs can only be too large."""
    sort = _sort_of(value)
    return "too large" if code == "not_number" and sort == "a number" else sort


def _sort_of(value: Any) -> str:
    """The JSON type of a value, in words; `bool` stands before `int`, which it is one of."""
    sorts = {bool: "a boolean", str: "text", list: "a list", dict: "an object", type(None): "null"}
    return sorts.get(type(value), "a number")


def _shown(value: Any, width: int = 40) -> str:
    if isinstance(value, list | dict):
        return "this"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else text[: width - 1] + "…"


def _is_unicode(payload: Mapping[str, Any]) -> bool:
    """Whether all of a payload can be written as UTF-8; false where it cannot be told so fast."""
    try:
        to_json(payload)
    except (ValueError, RecursionError):
        return False
    return True


def _stray_surrogates(value: Any, path: Path = ()) -> Iterator[Problem]:
    """Find half characters, which no UTF-8 can hold, in texts and in names, at any depth."""
    if isinstance(value, str):
        if not _encodes(value):
            told = "holds half a character (a lone surrogate), which cannot be sent: type it anew"
            yield Problem(path, "not_unicode", told)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if not _encodes(name):
                told = "has a name that holds half a character (a lone surrogate)"
                yield Problem(path, "not_unicode", told)
            yield from _stray_surrogates(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _stray_surrogates(item, (*path, index))


def _encodes(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
