"""Imports payloads, API responses, curl commands and plain scripts.

Each assistant in a text is a candidate. Taking one returns a draft and a report: the used fields,
the unknown fields that were kept, the parts that were left out, and the values that were converted
to the contract's form.
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
from typing import Any, BinaryIO, Final
from urllib.parse import unquote

from wizard.advice.variables import texts
from wizard.contract.assistant import FIELD_ORDER, QUESTIONS
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.contract.masking import MASK, SECRET
from wizard.draft.draft import Draft, Source
from wizard.errors import Unreadable
from wizard.exchange.envelope import refuse_answer
from wizard.formats import curl, json_text, paths
from wizard.formats.files import parse, read_bytes, shown_name
from wizard.formats.json_text import Json, parse_json, unwrap
from wizard.formats.paths import MISSING, Path
from wizard.formats.shell import UNKNOWN
from wizard.formats.text import counted, decode, normal_newlines, shorten, too_long

MAX_ACTIONS: Final = 1_000
"""The maximum number of actions of an import."""


class TextKind(StrEnum):
    """The kind of a text."""

    PAYLOAD = "a payload"
    ANSWER = "an API response"
    CURL = "a curl command"
    SCRIPT = "a script"
    COPY = "copied"


@dataclass(frozen=True, slots=True)
class Left:
    """A part that was left out, and the reason."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Converted:
    """A value that was converted without changing its meaning."""

    path: Path
    before: Any
    after: Any

    def __str__(self) -> str:
        before, after = (
            shorten(json.dumps(value, ensure_ascii=False), 40)
            for value in (self.before, self.after)
        )
        return f"{paths.write(self.path)}: {before} was read as {after}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One assistant in a text. `title` distinguishes it from the others."""

    kind: TextKind
    payload: Mapping[str, Any] = field(repr=False)
    left: tuple[Left, ...] = ()

    @property
    def title(self) -> str:
        """Its name, company and type, if present."""
        parts = (self.payload.get(part) for part in ("name", "company_name", "type"))
        texts = [" ".join(part.split()) for part in parts if isinstance(part, str) and part.strip()]
        return " · ".join(texts) or "unnamed"


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates in a text, at least one, in order."""

    name: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an import. `used` and `kept` are names of top-level fields."""

    name: str
    kind: TextKind
    used: tuple[str, ...]
    kept: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    changed: tuple[Converted, ...] = ()

    @property
    def says_more(self) -> bool:
        """Whether anything but a plain payload was read, or anything was changed."""
        return self.kind is not TextKind.PAYLOAD or bool(self.kept or self.left or self.changed)

    @property
    def sentence(self) -> str:
        """The report in one sentence."""
        parts = [f"{self.name} is {self.kind}: {counted(len(self.used), 'answer')} used"]
        if self.kept:
            parts.append(f"{counted(len(self.kept), 'unknown field')} kept")
        if self.left:
            parts.append(f"{len(self.left)} left out")
        if self.changed:
            parts.append(f"{len(self.changed)} converted")
        return ", ".join(parts) + "."

    def lines(self) -> Iterator[str]:
        """Yield the whole report, one line per item."""
        yield self.sentence
        if self.used:
            yield f"Used: {', '.join(self.used)}"
        if self.kept:
            yield f"Kept (undocumented): {', '.join(self.kept)}"
        yield from self.losses()

    def losses(self) -> Iterator[str]:
        """Yield what was left out and what was converted, one line per item."""
        yield from (f"Left out: {left}" for left in self.left)
        yield from (f"Converted: {changed}" for changed in self.changed)


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft, and the report of its import."""

    draft: Draft
    report: Report


def read(name: str, stdin: BinaryIO | None = None) -> Candidates:
    """Read the file `name`, or standard input if it is `-`. Raises Unreadable.

    A curl command may refer to a data file. It is searched beside the file, then in the current
    directory.
    """
    name = name if name == "-" else dropped_file(name)
    shown = shown_name(name)
    folder = FilePath() if name == "-" else FilePath(name).parent
    return read_text(read_bytes(name, stdin), shown, folder)


def dropped_file(typed: str) -> str:
    """Return the file that a typed name means, also for a file that was dropped on the terminal.

    Terminals write such a name in quotes, with backslashes, as a file:// URL or with a trailing
    space.
    """
    plain = typed.strip()
    names = [typed, plain]
    with suppress(ValueError):
        words = shlex.split(plain)
        names += words if len(words) == 1 else []
    urls = [name for name in names[1:] if name.lower().startswith("file://")]
    names += [unquote(url[7:].removeprefix("localhost")) for url in urls]
    names = [os.path.expanduser(name) for name in names if name]
    return next(filter(os.path.lexists, names), os.path.expanduser(plain))


def read_text(data: bytes | str, name: str, folder: FilePath = FilePath()) -> Candidates:
    """Return the assistants in a text. `name` is its name in errors. Raises Unreadable."""
    encoded = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    ending = os.path.splitext(name)[1].lower()
    candidates = [c for c in _candidates(encoded, name, ending, folder) if _is_assistant(c.payload)]
    if not candidates:
        raise Unreadable(name, "no assistant was found in it")
    for candidate in candidates:
        if reason := too_large(candidate.payload):
            more = ". `qcall-wizard submit` sends any number" if reason.startswith("there") else ""
            raise Unreadable(name, reason + more)
    return Candidates(name, tuple(candidates))


def too_large(payload: Mapping[str, Any]) -> str:
    """Return a clause that says why a payload is too large for the form; empty if it is not."""
    for path, text in texts(payload):
        if reason := too_long(len(text)):
            return f"{paths.write(path)}: {reason}"
    actions = payload.get("actions")
    if isinstance(actions, list) and len(actions) > MAX_ACTIONS:
        return f"there are {len(actions):,} actions; the limit is {MAX_ACTIONS:,}"
    return ""


# Fields of an assistant that other objects have too.
_COMMON: Final = frozenset(
    ("type", "name", "language", "gender", "goal", "script", "actions", "temperature", "accent")
)


def _is_assistant(payload: Mapping[str, Any]) -> bool:
    """Return whether an object has fields of an assistant. A name and a type are not enough."""
    known, unknown = payload.keys() & FIELD_ORDER, payload.keys() - FIELD_ORDER
    is_typed = str(payload.get("type")).casefold() in ("inbound", "outbound")
    if known - _COMMON or is_typed or not unknown:
        return bool(known)
    return len(known - {"type"}) > len(unknown)


def take(found: Candidates, number: int = 0) -> Imported:
    """Return a draft of a candidate, counted from 0."""
    candidate = found.candidates[number]
    if candidate.kind is TextKind.SCRIPT:
        draft = Draft()
        draft.answer(("script",), candidate.payload["script"], Source.IMPORTED)
        return Imported(draft, Report(found.name, candidate.kind, ("script",)))
    changed: list[Converted] = []
    payload = _members(QUESTIONS, candidate.payload, (), changed)
    payload, left = _without_mask(payload)
    empty = [n for n, value in payload.items() if value is None]
    left += [Left(n, "null has no meaning") for n in empty]
    given = [n for n, value in payload.items() if not is_empty(value)]
    draft = Draft.imported({n: v for n, v in payload.items() if n not in empty})
    hidden = [*draft.left_out()]
    unused = {out.path[0] for out in hidden if len(out.path) == 1}
    report = Report(
        found.name,
        candidate.kind,
        tuple(n for n in given if n in FIELD_ORDER and n not in unused),
        tuple(n for n in given if n not in FIELD_ORDER),
        (*candidate.left, *left, *(Left(paths.write(out.path), out.why) for out in hidden)),
        tuple(changed),
    )
    return Imported(draft, report)


# Recognizing a text

_PLAIN: Final = (".txt", ".md", ".markdown")


def _candidates(data: bytes, name: str, ending: str, folder: FilePath) -> Iterator[Candidate]:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if ending not in (".json", ".jsonl", ".yaml", ".yml") and not _is_json(data, name):
        if curl.is_curl(text):
            of_curl = list(_of_curl(decode(data, name), name, folder))
            if of_curl or ending not in _PLAIN or curl.begins_with_curl(text):
                if not of_curl:
                    reason = "this curl command sends no data; add -d, --data or --json"
                    raise Unreadable(name, reason)
                yield from of_curl
                return
        curl.refuse_other_requests(text, name)
        if ending in _PLAIN:
            script = normal_newlines(decode(data, name))
            if not script.strip():
                raise Unreadable(name, "the file is empty")
            yield Candidate(TextKind.SCRIPT, {"script": script})
            return
    if ending == ".jsonl":
        for number, line in enumerate(data.splitlines(), 1):
            if line.strip():
                try:
                    yield from _of_value(parse_json(line, name), name)
                except Unreadable as error:
                    column = max(error.column, 1)
                    raise Unreadable(name, error.reason, number, column) from None
    else:
        yield from _of_value(parse(data, name), name)


def _is_json(data: bytes, name: str) -> bool:
    """Return whether a plain text is JSON. A script may begin with a brace too."""
    try:
        return isinstance(parse_json(data, name), dict | list)
    except Unreadable:
        return False


def _of_curl(text: str, name: str, folder: FilePath) -> Iterator[Candidate]:
    def read_file(name: str) -> bytes:
        beside = folder / name
        return read_bytes(str(beside if beside.exists() else name))

    for request in curl.requests(text, name, read_file):
        data = f"the data of the curl command in {name}"
        try:
            value = parse_json(request.data, data)
        except Unreadable:
            _refuse_unknown(request.data.decode("utf-8", "replace"), data)
            raise
        for found in _of_value(value, data):
            without_secret = paths.put(found.payload, SECRET, MISSING)
            _refuse_unknown(json.dumps(without_secret, ensure_ascii=False), data)
            payload = _unknown_masked(found.payload)
            yield Candidate(TextKind.CURL, payload, (*_left_of(request), *found.left))


def _refuse_unknown(text: str, name: str) -> None:
    """Raise Unreadable if a text contains a part that only a running shell can expand."""
    if found := _UNKNOWN.search(text):
        reason = f"only a shell can expand {found[1]}; write the value out, in single quotes"
        raise Unreadable(name, reason)


_UNKNOWN: Final = re.compile(UNKNOWN + r"(.?[\w{(]{0,2}[\w]{0,40}[)}]?)")


def _unknown_masked(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mask a secret that only a running shell knows; `_without_mask` leaves it out."""
    value = paths.get(payload, SECRET)
    is_unknown = isinstance(value, str) and UNKNOWN in value
    return paths.put(payload, SECRET, MASK) if is_unknown else payload


def _left_of(request: curl.Request) -> Iterator[Left]:
    if request.host:
        yield Left(request.host, "the wizard uses its own target")
    for header in request.headers:
        yield Left(f"the header {header}", "the wizard sends its own headers and keeps no key")


# API responses

# Members that a server adds to an assistant and no request has.
_ADDED_BY_SERVER: Final = re.compile(
    r"_?id|hash_?id|__v|(?:user|org|organi[sz]ation|account|workspace|company)_?id|status"
    r"|(?:created|updated|deleted)_?(?:at|on|by)|is_?(?:active|deleted)",
    re.IGNORECASE,
)
_SERVER_ONLY: Final = re.compile("_id|hash_?id|__v|(?:created|updated)_?at", re.IGNORECASE)


def _of_value(value: Json, name: str) -> Iterator[Candidate]:
    """Yield the assistants in a value: bare or in the API's envelope, one or a list."""
    refuse_answer(value, name)
    if isinstance(value, dict) and not value.keys() & {"type", "name"}:
        inner = value.get("data", MISSING) if "data" in value else _listed(value)
        if inner is not MISSING:
            yield from _of_answer(inner, name)
            return
    if isinstance(value, list):
        yield from _of_answer(value, name)
        return
    if isinstance(value, dict) and {"title", "answers"} <= value.keys() - FIELD_ORDER:
        raise Unreadable(name, f"this is a template; open it with `qcall-wizard --template {name}`")
    payload = unwrap(value, name)
    if any(map(_SERVER_ONLY.fullmatch, payload)):
        yield _answered(payload)
    else:
        yield Candidate(TextKind.PAYLOAD, payload)


def _of_answer(data: Any, name: str) -> Iterator[Candidate]:
    if isinstance(data, dict) and not data.keys() & FIELD_ORDER and (found := _listed(data)):
        data = found
    items = data if isinstance(data, list) else [data]
    for item in items:
        if not isinstance(item, dict):
            raise Unreadable(name, f"an assistant is a JSON object, this is {json_text.kind(item)}")
        yield _answered(item)


def _listed(value: Mapping[str, Any]) -> Any:
    """Return the only list of objects among the members, as under `assistants`, or `MISSING`."""
    lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return lists[0] if len(lists) == 1 and not value.keys() & FIELD_ORDER else MISSING


def is_added_by_server(name: str) -> bool:
    """Whether a server adds this member to an assistant, and no request has it."""
    return name not in FIELD_ORDER and bool(_ADDED_BY_SERVER.fullmatch(name))


def _answered(item: Mapping[str, Any]) -> Candidate:
    added = [n for n in item if is_added_by_server(n)]
    left = tuple(Left(n, "added by the server") for n in added)
    return Candidate(TextKind.ANSWER, {n: v for n, v in item.items() if n not in added}, left)


# A masked secret

_PLACEHOLDER: Final = re.compile(rf"{re.escape(MASK)}|\$\{{?\w+.*", re.DOTALL)


def _without_mask(payload: dict[str, Any]) -> tuple[dict[str, Any], list[Left]]:
    value = paths.get(payload, SECRET)
    if not (isinstance(value, str) and _PLACEHOLDER.fullmatch(value)):
        return payload, []
    left = [Left(paths.write(SECRET), "it is masked; enter the key")]
    return paths.put(payload, SECRET, MISSING), left


# Values in other forms


def _members(
    asked: tuple[Question, ...], members: Mapping[str, Any], at: Path, changed: list[Converted]
) -> dict[str, Any]:
    named = {question.name: question for question in asked}
    return {
        name: _corrected(named[name], value, (*at, name), changed) if name in named else value
        for name, value in members.items()
    }


def _corrected(question: Question, value: Any, at: Path, changed: list[Converted]) -> Any:
    """Return a value in the contract's form if its meaning is clear, otherwise unchanged."""
    meant = _meant(question, value)
    if meant is not value:
        changed.append(Converted(at, value, meant))
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
    """Return the option that a value means in capitals, in words or as text."""
    if not isinstance(value, str | int | float):
        return value
    if any(
        value == one and isinstance(one, str) == isinstance(value, str) for one in question.options
    ):
        return value
    wanted = str(value).strip().casefold()
    for option, words in question.options.items():
        # The words of a language are its English name and its own name.
        if wanted in {str(option).casefold(), *map(str.casefold, re.split(" · |: ", words))}:
            return option
    return value


def _joined(question: Question, value: Any) -> Any:
    """Return comma-separated names in the contract's order and spelling."""
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else []
    spelled = {name.casefold(): name for name in question.options}
    if not parts or not all(isinstance(p, str) and p.strip().casefold() in spelled for p in parts):
        return value
    named = {spelled[part.strip().casefold()] for part in parts}
    joined = ",".join(name for name in question.options if name in named)
    return value if joined == value else joined


def _unpacked(text: str, wanted: type | None) -> Any:
    """Parse a list or object that was stored as text, as databases do."""
    if wanted is None:
        return text
    with suppress(Unreadable):
        value = parse_json(text, "")
        if isinstance(value, wanted):
            return value
    return text
