"""Parses answers of the form `FIELD=VALUE` and suggests names for misspelled fields."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from wizard.contract.assistant import QUESTIONS
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question, find, walk
from wizard.draft.draft import Draft
from wizard.errors import Unreadable, WizardError
from wizard.formats import paths
from wizard.formats.json_text import parse_json
from wizard.formats.paths import MISSING, Path
from wizard.formats.text import normal_newlines, too_long
from wizard.formats.yaml_text import parse_yaml

Read = Callable[[str], str]

_TEXTS: Final = (Kind.TEXT, Kind.LONG_TEXT, Kind.SECRET)
_OBJECTS: Final = (Kind.OBJECT, Kind.GROUP, Kind.LIST, Kind.LINES)


class BadAssignment(WizardError):
    """An assignment that is invalid. The message explains the problem."""


def set_answer(draft: Draft, written: str, read: Read) -> None:
    """Answer a field of a draft from `FIELD=VALUE`.

    FIELD is a dotted path with indexes, such as `actions[0].say`. An index one past the end adds an
    item, and a new action gets its starting values. VALUE is text or JSON, depending on the field.
    `@NAME` is replaced by the result of `read` for NAME, and `@@` starts a text with a literal @.
    Raises BadAssignment, and the errors of `read`.
    """
    name, equals, value = written.partition("=")
    if not equals:
        raise BadAssignment(f"{written!r} has no value; use the form FIELD=VALUE")
    path = _path(name)
    question = _question(path, name)
    _check_indexes(draft, path)
    answer = _value(question, path, value, read)
    draft.answer(path, answer)


# The field


def _path(name: str) -> Path:
    path = paths.parse(name)
    if not path or not isinstance(path[0], str) or paths.write(path) != name:
        raise BadAssignment(f"{name!r} is not a field; use a form like name or actions[0].say")
    return path


def _question(path: Path, name: str) -> Question | None:
    """Return the question of a path, or None for an unknown one in a free-form object."""
    for length in range(1, len(path) + 1):
        question = find(QUESTIONS, path[:length])
        if question is None:
            raise BadAssignment(f"there is no field {name!r}{_nearest(name)}")
        if question.kind is Kind.OBJECT:
            break  # free-form objects may contain lists
        listed = question.kind in (Kind.LIST, Kind.LINES) or (
            question.kind is Kind.SEVERAL and not question.joined
        )
        behind = path[length : length + 1]
        if behind and listed != isinstance(behind[0], int) and isinstance(path[length - 1], str):
            raise BadAssignment(_wrong_step(path[:length], listed=listed, name=name))
    return find(QUESTIONS, path)


def _wrong_step(path: Path, *, listed: bool, name: str) -> str:
    place = paths.write(path)
    if listed:
        return f"{place} is a list; choose one of its items, such as {place}[0], not {name}"
    return f"{place} is not a list, so {name} is not a field{_nearest(name)}"


def _nearest(name: str) -> str:
    """Return a suggestion for a misspelled field, with its indexes."""
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    plain = re.sub(r"\[\d+\]", "[0]", name)
    fields = list(_fields())
    near = get_close_matches(plain.casefold(), [field.casefold() for field in fields], n=1)
    if not near:
        near = get_close_matches(name.casefold(), [f.rpartition(".")[2] for f in fields], n=1)
    meant = next((f for f in fields if near and f.casefold() == near[0]), near[0] if near else "")
    indexes = iter(re.findall(r"\[\d+\]", name))
    nearest = re.sub(r"\[0\]", lambda found: next(indexes, found[0]), meant)
    listed = "`qcall-wizard fields` lists them all"
    return f": did you mean {nearest}? {listed}" if nearest else f": {listed}"


def _fields() -> Iterator[str]:
    """Yield all fields as they are written, those of lists in their first item."""
    for path, _ in walk(QUESTIONS):
        written: Path = ()
        for end, part in enumerate(path, 1):
            parent = find(QUESTIONS, path[:end])
            is_list = end < len(path) and parent and parent.kind is Kind.LIST
            written = (*written, part, 0) if is_list else (*written, part)
        yield paths.write(written)


def _check_indexes(draft: Draft, path: Path) -> None:
    """Raise BadAssignment for an index that would leave a gap."""
    for place, index in enumerate(path):
        if not isinstance(index, int):
            continue
        items = draft.get(path[:place])
        count = len(items) if isinstance(items, list) else 0
        if index > count:
            written = paths.write(path[: place + 1])
            following = paths.write((*path[:place], count))
            raise BadAssignment(f"{written} leaves a gap; the next one is {following}")


# The value


def _value(question: Question | None, path: Path, value: str, read: Read) -> Any:
    text, named = value, paths.write(path)
    is_file = value.startswith("@") and not value.startswith("@@")
    if is_file:
        text = normal_newlines(read(value[1:]))
    elif value.startswith("@@"):
        text = value[1:]
    kind = _kind(question, path)
    if kind is Kind.TEXT or kind is Kind.LONG_TEXT:
        if reason := too_long(len(text)):
            raise BadAssignment(f"{named}: {reason}")
        return _text(text, whole=is_file and kind is Kind.LONG_TEXT, is_file=is_file)
    return _data(text, kind, f"the value of {named}", value[1:] if is_file else "")


def _kind(question: Question | None, path: Path) -> Kind:
    """Return how a value is parsed: as text or as JSON."""
    if question is None:
        return Kind.OBJECT
    if question.kind in _TEXTS or question.joined:
        return Kind.LONG_TEXT if question.kind is Kind.LONG_TEXT else Kind.TEXT
    if question.kind is Kind.CHOICE and all(isinstance(value, str) for value in question.options):
        return Kind.TEXT
    if isinstance(path[-1], int) and question.kind in (Kind.LINES, Kind.SEVERAL):
        return Kind.TEXT  # one of several texts
    return Kind.GROUP if isinstance(path[-1], int) else question.kind


def _text(text: str, *, whole: bool, is_file: bool) -> str:
    """Return a text as written, or unquoted if it is a JSON string."""
    if is_file:
        return text if whole else text.removesuffix("\n")
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        try:
            value = parse_json(text, "")
        except Unreadable:
            return text
        return value if isinstance(value, str) else text
    return text


def _data(text: str, kind: Kind, name: str, file: str) -> Any:
    """Parse a value as JSON. Other words stay text, for validation to report."""
    if kind is Kind.SEVERAL and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        if file.endswith((".yaml", ".yml")):
            return parse_yaml(text, file)
        return parse_json(text, file or name)
    except Unreadable:
        if file or (kind in _OBJECTS and text.lstrip()[:1] in ("{", "[")):
            raise
    return text if not is_empty(text) else MISSING
