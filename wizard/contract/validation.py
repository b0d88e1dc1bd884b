"""Validates payloads against the contract and reports every error with its path."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import ValidationError, to_json

from wizard.contract.app_forms import allows
from wizard.contract.applicability import in_use
from wizard.contract.assistant import QUESTIONS, Assistant, field_place
from wizard.contract.fields import Kind, Question, find
from wizard.contract.problems import Problem
from wizard.contract.rules import REQUIRED
from wizard.formats.json_text import kind as kind_of
from wizard.formats.paths import Path, get
from wizard.formats.text import shorten


def find_errors(payload: Any, *, app_form: bool = False) -> list[Problem]:
    """Return the errors of a payload in the order of the contract's fields.

    `app_form` allows the forms of QCall's own clients.
    """
    if not isinstance(payload, Mapping):
        message = f"A payload must be a JSON object, not {kind_of(payload)}."
        return [Problem((), "not_object", message)]
    found = [] if _is_unicode(payload) else list(_lone_surrogates(payload))
    try:
        Assistant.model_validate(payload)
    except ValidationError as error:
        # Report a text with a lone surrogate once, without further errors about the same text.
        not_unicode = {problem.path for problem in found}
        found += [
            _problem(line)
            for line in error.errors(include_url=False)
            if line["loc"] not in not_unicode and _is_reported(payload, line)
        ]
    if app_form:
        # An empty answer to a field that is required is wrong in any form.
        found = [e for e in found if e.code == "blank" or not (e.path and allows(payload, e.path))]
    return sorted(found, key=lambda problem: _position(problem.path))


def _is_reported(payload: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Whether to report an error of pydantic.

    Fields that do not apply only have to match the published document. An empty optional text
    counts as absent.
    """
    path, kind = line["loc"], line["type"]
    if kind in _PUBLISHED or (kind == "not_whole" and line["input"] != int(line["input"])):
        return True
    question = find(QUESTIONS, path) if path and isinstance(path[-1], str) else None
    if kind != "blank" and question and question.kind in _TEXTS and get(payload, path) == "":
        return False
    return in_use(QUESTIONS, payload, path)


_TEXTS = (Kind.TEXT, Kind.LONG_TEXT, Kind.SECRET, Kind.SEVERAL)


def _position(path: Path) -> int:
    return field_place(str(path[0])) if path else -1


# pydantic's message for a missing field. The contract's own rules have a longer message.
_PYDANTIC_MISSING = "Field required"
# The contract's code for each error type of pydantic.
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
# Errors against the published document: missing fields, wrong types and values not in a list.
_PUBLISHED = frozenset(("not_allowed", *(name for name in _CODES if name != "finite_number")))
_EXPECTED = {
    "not_text": "text",
    "not_number": "a number",
    "not_boolean": "true or false",
    "not_list": "a list, for example []",
    "not_object": "an object, for example {}",
}


def _problem(line: Mapping[str, Any]) -> Problem:
    path: Path = line["loc"]
    kind: str = line["type"]
    code = _CODES.get(kind, kind)
    if line["msg"] == _PYDANTIC_MISSING:
        return Problem(path, code, REQUIRED)
    if code not in _EXPECTED:
        return Problem(path, code, line["msg"])
    question, value = find(QUESTIONS, path), line["input"]
    shown = "this" if question and question.meta.secret else _shown(value)
    found = ", not null" if value is None else f"; {shown} is {_mismatch(value, code)}"
    message = f"Enter {_expected(question, path, code)}{found}."
    return Problem(path, code, message)


def _expected(question: Question | None, path: Path, code: str) -> str:
    """Describe the expected value, by the field's rule if it has a more precise one."""
    if question and isinstance(path[-1], str) and code in ("not_text", "not_number"):
        return question.allowed
    return _EXPECTED[code]


def _mismatch(value: Any, code: str) -> str:
    """Describe a value of the wrong type; a rejected number is always too large."""
    name = kind_of(value)
    return "too large" if code == "not_number" and name == "a number" else name


def _shown(value: Any) -> str:
    if isinstance(value, list | dict):
        return "this"
    return shorten(json.dumps(value, ensure_ascii=False), 40)


def _is_unicode(payload: Mapping[str, Any]) -> bool:
    """Whether a payload can be encoded as UTF-8. May be false for one that is nested too deep."""
    try:
        to_json(payload)
    except (ValueError, RecursionError):
        return False
    return True


def _lone_surrogates(value: Any, path: Path = ()) -> Iterator[Problem]:
    """Yield a problem for each text and name that UTF-8 cannot encode, at any depth."""
    if isinstance(value, str):
        if not _encodes(value):
            message = (
                "Contains half a character (a lone surrogate), which cannot be sent. Type it again."
            )
            yield Problem(path, "not_unicode", message)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if not _encodes(name):
                message = "Has a name that contains half a character (a lone surrogate)."
                yield Problem(path, "not_unicode", message)
            yield from _lone_surrogates(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lone_surrogates(item, (*path, index))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
