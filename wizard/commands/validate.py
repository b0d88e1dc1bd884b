"""The command `validate`: judges the payloads in files, one after another, and counts them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from wizard.advice import advise
from wizard.commands.output import say, say_json, tell
from wizard.contract.problems import Problem
from wizard.contract.validation import ValidationResult, find_errors
from wizard.errors import Unreadable
from wizard.formats.files import STANDARD_INPUT, load, read_lines
from wizard.formats.json_text import Json, parse_json, unwrap


class _Judged(NamedTuple):
    """One payload, judged or unreadable; `line` is 0 outside of JSON Lines."""

    file: str
    line: int
    finding: ValidationResult | Unreadable

    @property
    def valid(self) -> bool:
        return isinstance(self.finding, ValidationResult) and self.finding.valid

    @property
    def name(self) -> str:
        """What people call it."""
        shown = _shown(self.file)
        return f"{shown}, line {self.line}" if self.line else shown


@dataclass(slots=True)
class _Tally:
    """How many payloads there were of each sort."""

    valid: int = 0
    invalid: int = 0
    unreadable: int = 0

    def add(self, judged: _Judged) -> None:
        """Count a payload."""
        if isinstance(judged.finding, Unreadable):
            self.unreadable += 1
        elif judged.finding.valid:
            self.valid += 1
        else:
            self.invalid += 1

    def __str__(self) -> str:
        total = self.valid + self.invalid + self.unreadable
        told = f"{_count(total, 'payload')}: {self.valid} valid, {self.invalid} invalid"
        return f"{told}, {self.unreadable} unreadable" if self.unreadable else told

    @property
    def worth_telling(self) -> bool:
        """Whether the count adds anything: one error has said all about one unreadable file."""
        return (self.valid, self.invalid, self.unreadable) != (0, 0, 1)


def run(files: Sequence[str], as_json: bool, *, in_lines: bool = False, advice: bool = True) -> int:
    """Judge the files; 0 where every payload is valid, else 1.

    `in_lines`: each holds one payload a line, whatever its name. `advice`: tell that too.
    """
    tally, judge = _Tally(), _Judge(advice)
    report = _report_as_json if as_json else _report
    for file in files:
        for judged in _judged(file, judge, in_lines=in_lines):
            tally.add(judged)
            report(judged)
    if tally.worth_telling:
        tell(str(tally))
    return 1 if tally.invalid or tally.unreadable else 0


class _Judge:
    """Judges payloads, with advice where that is wanted."""

    def __init__(self, advice: bool) -> None:
        self._advice = advice

    def value(self, value: Json, name: str) -> ValidationResult:
        """Judge the payload in a JSON value; Unreadable where it holds none, or several."""
        # Whatever is no object at all is left to the judge, who says so with a code.
        payload: Any = unwrap(value, name) if isinstance(value, dict) else value
        return ValidationResult(tuple(find_errors(payload)), self._advised(payload))

    def text(self, text: bytes, name: str) -> ValidationResult:
        """Validate the payload in a JSON text, as `value` does."""
        return self.value(parse_json(text, name), name)

    def _advised(self, payload: Any) -> tuple[Problem, ...]:
        return tuple(advise(payload)) if self._advice and isinstance(payload, dict) else ()


def _judged(file: str, judge: _Judge, *, in_lines: bool) -> Iterator[_Judged]:
    """Judge one file's payloads while they are read: there may be more than memory holds."""
    try:
        if in_lines or file.lower().endswith(".jsonl"):
            for line, finding in read_lines(file, None, judge.text):
                yield _Judged(file, line, finding)
        else:
            yield _Judged(file, 0, judge.value(load(file), _shown(file)))
    except Unreadable as error:
        yield _Judged(file, 0, error)


def _shown(file: str) -> str:
    return STANDARD_INPUT if file == "-" else file


def _report_as_json(judged: _Judged) -> None:
    """Say it to a program."""
    say_json(_as_json(judged))


def _as_json(judged: _Judged) -> dict[str, Any]:
    told: dict[str, Any] = {"file": judged.file}
    if judged.line:
        told["line"] = judged.line
    if isinstance(judged.finding, Unreadable):
        error = {"path": "", "code": "unreadable", "message": str(judged.finding)}
        return told | {"valid": False, "errors": [error], "warnings": []}
    return told | {
        "valid": judged.valid,
        "errors": [problem.as_json() for problem in judged.finding.errors],
        "warnings": [problem.as_json() for problem in judged.finding.warnings],
    }


def _report(judged: _Judged) -> None:
    """Say it to a person: what is wrong with the payload, then what could be better."""
    if isinstance(judged.finding, Unreadable):
        tell(str(judged.finding))
        return
    errors, warnings = judged.finding.errors, judged.finding.warnings
    say(f"{judged.name}: {_count(len(errors), 'error') if errors else 'valid'}")
    for error in errors:
        say(f"  {error}")
    for warning in warnings:
        say(f"  advice: {warning}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
