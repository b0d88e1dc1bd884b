"""Brings in what others wrote: payloads, answers of the API, curl commands and plain scripts.

A text is looked at for what it is; each assistant in it is a candidate. Taking one gives a draft
and a report: what was used, what was kept although nobody documents it, what was left, and what was
written otherwise than the contract wants it and could be put right without a guess.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Any, BinaryIO, Final, NoReturn
from urllib.parse import unquote

from wizard.contract.assistant import QUESTIONS, SECRETS
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.contract.masking import MASK
from wizard.draft.draft import Draft, Source
from wizard.errors import Unreadable
from wizard.formats import curl, paths
from wizard.formats.files import STANDARD_INPUT, parse, read_bytes
from wizard.formats.json_text import Json, kind, parse_json, unwrap
from wizard.formats.paths import MISSING, Path
from wizard.formats.shell import UNKNOWN
from wizard.formats.text import normal_newlines, refuse_utf_16


class Sort(StrEnum):
    """What a text turned out to be."""

    PAYLOAD = "a payload"
    ANSWER = "an answer of the API"
    CURL = "a curl command"
    SCRIPT = "a script"


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not taken over, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class DraftChanged:
    """A value that was put right: it meant the same before."""

    path: Path
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{paths.write(self.path)}: {_short(self.before)} was read as {_short(self.after)}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One assistant that was found. `title` tells it from others."""

    sort: Sort
    payload: Mapping[str, Any] = field(repr=False)
    left: tuple[Left, ...] = ()

    @property
    def title(self) -> str:
        """Its name, its company and its type, as far as it has them."""
        parts = (self.payload.get(part) for part in ("name", "company_name", "type"))
        told = [" ".join(part.split()) for part in parts if isinstance(part, str) and part.strip()]
        return " · ".join(told) or "unnamed"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a text: at least one candidate, in its order."""

    name: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of what was read. `used` and `kept` are names of top-level fields."""

    name: str
    sort: Sort
    used: tuple[str, ...]
    kept: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    changed: tuple[DraftChanged, ...] = ()

    @property
    def says_more(self) -> bool:
        """Whether there is more to tell than that a payload was taken as it is."""
        return self.sort is not Sort.PAYLOAD or bool(self.kept or self.left or self.changed)

    @property
    def sentence(self) -> str:
        """The report in one sentence."""
        told = [f"{self.name} is {self.sort}: {_count(len(self.used), 'answer')} used"]
        if self.kept:
            told.append(f"{_count(len(self.kept), 'unknown field')} kept")
        if self.left:
            told.append(f"{len(self.left)} left")
        if self.changed:
            told.append(f"{len(self.changed)} put right")
        return ", ".join(told) + "."

    def lines(self) -> Iterator[str]:
        """The whole report, a line for each thing."""
        yield self.sentence
        if self.used:
            yield f"Used: {', '.join(self.used)}"
        if self.kept:
            yield f"Kept, though not documented: {', '.join(self.kept)}"
        yield from (f"Left: {left}" for left in self.left)
        yield from (f"Put right: {changed}" for changed in self.changed)


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft of what was read, and what became of it."""

    draft: Draft
    report: Report


def read(name: str, stdin: BinaryIO | None = None) -> Found:
    """Read the file `name`, or standard input where it is `-`; Unreadable where nothing is in it.

    A curl command may name a file with its data, which is looked for beside the file and then in
    the folder at hand.
    """
    name = name if name == "-" else dropped_file(name)
    shown = STANDARD_INPUT if name == "-" else name
    folder = FilePath() if name == "-" else FilePath(name).parent
    return read_text(read_bytes(name, stdin), shown, folder)


def dropped_file(typed: str) -> str:
    """The file that a typed name means, also as terminals write a file that is dropped on them.

    That is in quotes, with backslashes, as a file:// address, and with a blank at the end.
    """
    plain = typed.strip()
    names = [typed, plain]
    with suppress(ValueError):
        names += shlex.split(plain)[:1] if len(shlex.split(plain)) == 1 else []
    names += [unquote(name[7:].removeprefix("localhost")) for name in names[1:] if _is_url(name)]
    names = [os.path.expanduser(name) for name in names if name]
    return next(filter(os.path.lexists, names), os.path.expanduser(plain))


def _is_url(name: str) -> bool:
    return name.lower().startswith("file://")


def read_text(data: bytes | str, name: str, folder: FilePath = FilePath()) -> Found:
    """Find the assistants in a text; `name` is what it is called in errors. Raises Unreadable."""
    encoded = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    ending = os.path.splitext(name)[1].lower()
    candidates = [c for c in _candidates(encoded, name, ending, folder) if _is_assistant(c.payload)]
    if not candidates:
        raise Unreadable(name, "there is no assistant in it")
    return Found(name, tuple(candidates))


# Fields of an assistant that other things have too.
_COMMON: Final = frozenset(
    ("type", "name", "language", "gender", "goal", "script", "actions", "temperature", "accent")
)


def _is_assistant(payload: Mapping[str, Any]) -> bool:
    """Whether an object has fields of an assistant; a name and a type alone are not enough."""
    known, unknown = payload.keys() & _NAMES, payload.keys() - _NAMES
    is_typed = str(payload.get("type")).casefold() in ("inbound", "outbound")
    if known - _COMMON or is_typed or not unknown:
        return bool(known)
    return len(known - {"type"}) > len(unknown)


def take(found: Found, number: int = 0) -> Imported:
    """Make a draft of a candidate, counted from 0."""
    candidate = found.candidates[number]
    if candidate.sort is Sort.SCRIPT:
        draft = Draft()
        draft.answer(("script",), candidate.payload["script"], Source.IMPORTED)
        return Imported(draft, Report(found.name, candidate.sort, ("script",)))
    changed: list[DraftChanged] = []
    payload = _members(QUESTIONS, candidate.payload, (), changed)
    payload, left = _without_masks(payload)
    empty = [n for n, value in payload.items() if value is None]
    left += [Left(n, "null says nothing") for n in empty]
    known = {question.name for question in QUESTIONS}
    given = [n for n, value in payload.items() if not is_empty(value)]
    draft = Draft.imported({n: v for n, v in payload.items() if n not in empty})
    idle = [Left(paths.write(out.path), out.why) for out in draft.left_out()]
    report = Report(
        found.name,
        candidate.sort,
        tuple(n for n in given if n in known),
        tuple(n for n in given if n not in known),
        (*candidate.left, *left, *idle),
        tuple(changed),
    )
    return Imported(draft, report)


# What a text is

_PLAIN: Final = (".txt", ".md", ".markdown")


def _candidates(data: bytes, name: str, ending: str, folder: FilePath) -> Iterator[Candidate]:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if ending not in (".json", ".jsonl", ".yaml", ".yml") and not _is_json(data, name):
        if curl.is_curl(text):
            of_curl = list(_of_curl(_checked(data, name), name, folder))
            if of_curl or ending not in _PLAIN or curl.begins_with_curl(text):
                yield from of_curl or _no_data(name)
                return
        curl.refuse_other_requests(text, name)
        if ending in _PLAIN:
            yield _of_script(_checked(data, name), name)
            return
    if ending == ".jsonl":
        for number, line in enumerate(data.splitlines(), 1):
            if line.strip():
                yield from _of_value(parse_json(line, f"{name}, line {number}"), name)
    else:
        yield from _of_value(parse(data, name), name)


def _is_json(data: bytes, name: str) -> bool:
    """Whether a plain text is JSON all the same; a script may well begin with a brace."""
    try:
        return isinstance(parse_json(data, name), dict | list)
    except Unreadable:
        return False


def _checked(data: bytes, name: str) -> str:
    """The text; Unreadable where it is not UTF-8."""
    refuse_utf_16(data, name)
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
    raise Unreadable(name, "this byte is not UTF-8; save the text as UTF-8", line, column)


def _no_data(name: str) -> NoReturn:
    raise Unreadable(name, "this curl command sends no data: it has no -d, --data or --json")


def _of_script(text: str, name: str) -> Candidate:
    if not text.strip():
        raise Unreadable(name, "there is no script in it: the file is empty")
    return Candidate(Sort.SCRIPT, {"script": normal_newlines(text)})


def _of_curl(text: str, name: str, folder: FilePath) -> Iterator[Candidate]:
    for request in curl.requests(text, name, _beside(folder)):
        data = f"the data of the curl command in {name}"
        try:
            value = parse_json(request.data, data)
        except Unreadable:
            _refuse_unknown(request.data.decode("utf-8", "replace"), data)
            raise
        for found in _of_value(value, data):
            _refuse_unknown(json.dumps(_without_secrets(found.payload), ensure_ascii=False), data)
            payload = _unknown_masked(found.payload)
            yield Candidate(Sort.CURL, payload, (*_left_of(request), *found.left))


def _refuse_unknown(text: str, name: str) -> None:
    """Raise Unreadable where a part of a text is known only when the command runs."""
    if found := _UNKNOWN.search(text):
        told = f"only a running shell knows {found[1]}: write out what it is, in single quotes"
        raise Unreadable(name, told)


_UNKNOWN: Final = re.compile(UNKNOWN + r"(.?[\w{(]{0,2}[\w]{0,40}[)}]?)")


def _without_secrets(payload: Mapping[str, Any]) -> Any:
    for path in SECRETS:
        payload = paths.put(payload, path, MISSING)
    return payload


def _unknown_masked(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mask a secret that only a running shell knows; `_without_masks` leaves it out."""
    for path in SECRETS:
        value = paths.get(payload, path)
        if isinstance(value, str) and UNKNOWN in value:
            payload = paths.put(payload, path, MASK)
    return payload


def _left_of(request: curl.Request) -> Iterator[Left]:
    if request.host:
        yield Left(request.host, "where it is sent is settled by the wizard")
    for header in request.headers:
        yield Left(f"the header {header}", "the wizard has its own; no key is kept from it")


def _beside(folder: FilePath) -> Any:
    def read_file(name: str) -> bytes:
        beside = folder / name
        return read_bytes(str(beside if beside.exists() else name))

    return read_file


# The answers of the API

# What a server notes of an assistant, and what no request has.
_NOTED: Final = re.compile(
    r"_?id|hash_?id|__v|(?:user|org|organi[sz]ation|account|workspace|company)_?id|status"
    r"|(?:created|updated|deleted)_?(?:at|on|by)|is_?(?:active|deleted)",
    re.IGNORECASE,
)
_SURELY_NOTED: Final = re.compile("_id|hash_?id|__v|(?:created|updated)_?at", re.IGNORECASE)
_NAMES: Final = frozenset(question.name for question in QUESTIONS)


def _of_value(value: Json, name: str) -> Iterator[Candidate]:
    """The assistants in a value: bare, in the API's envelope, one or a list."""
    if isinstance(value, dict) and not value.keys() & {"type", "name"}:
        if value.get("success") is False or "error" in value.keys() - _NAMES:
            raise Unreadable(name, "this is an answer that refuses: there is no assistant in it")
        inner = value.get("data", MISSING) if "data" in value else _listed(value)
        if inner is not MISSING:
            yield from _of_answer(inner, name)
            return
    if isinstance(value, list):
        yield from _of_answer(value, name)
        return
    if isinstance(value, dict) and {"title", "answers"} <= value.keys() - _NAMES:
        raise Unreadable(name, f"this is a template: `qcall-wizard --template {name}` opens it")
    payload = unwrap(value, name)
    if any(map(_SURELY_NOTED.fullmatch, payload)):
        yield _answered(payload)
    else:
        yield Candidate(Sort.PAYLOAD, payload)


def _of_answer(data: Any, name: str) -> Iterator[Candidate]:
    if isinstance(data, dict) and not data.keys() & _NAMES and (found := _listed(data)):
        data = found
    items = data if isinstance(data, list) else [data]
    for item in items:
        if not isinstance(item, dict):
            raise Unreadable(name, f"an assistant is a JSON object, this is {kind(item)}")
        yield _answered(item)


def _listed(value: Mapping[str, Any]) -> Any:
    """The one list of objects among the members, as under `assistants`; `MISSING` else."""
    lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return lists[0] if len(lists) == 1 and not value.keys() & _NAMES else MISSING


def _answered(item: Mapping[str, Any]) -> Candidate:
    noted = [n for n in item if n not in _NAMES and _NOTED.fullmatch(n)]
    left = tuple(Left(n, "the server's own note of that assistant") for n in noted)
    return Candidate(Sort.ANSWER, {n: v for n, v in item.items() if n not in noted}, left)


# Secrets that were printed

_STAND_IN: Final = re.compile(rf"{re.escape(MASK)}|\$\{{?\w+.*", re.DOTALL)


def _without_masks(payload: dict[str, Any]) -> tuple[dict[str, Any], list[Left]]:
    left = []
    for path in SECRETS:
        value = paths.get(payload, path)
        if isinstance(value, str) and _STAND_IN.fullmatch(value):
            payload = paths.put(payload, path, MISSING)
            left.append(Left(paths.write(path), "it is masked; type the key in"))
    return payload, left


# Values that are written otherwise


def _members(
    asked: tuple[Question, ...], members: Mapping[str, Any], at: Path, changed: list[DraftChanged]
) -> dict[str, Any]:
    named = {question.name: question for question in asked}
    return {
        name: _right(named[name], value, (*at, name), changed) if name in named else value
        for name, value in members.items()
    }


def _right(question: Question, value: Any, at: Path, changed: list[DraftChanged]) -> Any:
    """A value as the contract wants it, where it plainly means that; else as it came."""
    meant = _meant(question, value)
    if meant is not value:
        changed.append(DraftChanged(at, value, meant))
    if question.kind is Kind.GROUP and isinstance(meant, dict):
        return _members(question.children, meant, at, changed)
    if question.kind is Kind.LIST and isinstance(meant, list):
        return [
            _members(question.children, item, (*at, n), changed) if isinstance(item, dict) else item
            for n, item in enumerate(meant)
        ]
    return meant


def _meant(question: Question, value: Any) -> Any:
    kind = question.kind
    if kind is Kind.SEVERAL and question.joined:
        return _joined(question, value)
    if kind is Kind.CHOICE:
        return _choice(question, value)
    if kind is Kind.FLAG:
        return _flag(value)
    if not isinstance(value, str):
        return value
    return _number(value) if kind is Kind.NUMBER else _unpacked(value, _HOLDS.get(kind))


_HOLDS: Final = {
    Kind.SEVERAL: list,
    Kind.LINES: list,
    Kind.LIST: list,
    Kind.GROUP: dict,
    Kind.OBJECT: dict,
}


def _number(text: str) -> Any:
    if not re.fullmatch(r"\s*-?\d{1,15}(\.\d{1,15})?\s*", text):
        return text
    number = float(text)
    return int(number) if number.is_integer() else number


_FLAGS: Final = dict.fromkeys(("true", "yes", "y", "on", "1"), True) | dict.fromkeys(
    ("false", "no", "n", "off", "0"), False
)


def _flag(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    return _FLAGS.get(str(value).strip().casefold(), value)


def _choice(question: Question, value: Any) -> Any:
    """A value of the list that is written in another way: in capitals, in words, as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if any(
        value == one and isinstance(one, str) == isinstance(value, str) for one in question.options
    ):
        return value
    wanted = str(value).strip().casefold()
    for option, words in question.options.items():
        # The words of a language are its name in English and in itself.
        if wanted in {str(option).casefold(), *map(str.casefold, re.split(" · |: ", words))}:
            return option
    return value


def _joined(question: Question, value: Any) -> Any:
    """Names with commas between, in their order and spelled as they are."""
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else []
    spelled = {name.casefold(): name for name in question.options}
    if not parts or not all(isinstance(p, str) and p.strip().casefold() in spelled for p in parts):
        return value
    named = {spelled[part.strip().casefold()] for part in parts}
    told = ",".join(name for name in question.options if name in named)
    return value if told == value else told


def _unpacked(text: str, wanted: type | None) -> Any:
    """A list or an object that was written into a text, as databases keep it."""
    if wanted is None:
        return text
    with suppress(Unreadable):
        value = parse_json(text, "")
        if isinstance(value, wanted):
            return value
    return text


def _short(value: Any, width: int = 40) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else text[: width - 1] + "…"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
