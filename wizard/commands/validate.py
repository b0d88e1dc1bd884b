"""The command `validate`: judges the payloads in files, one after another, and counts them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from wizard import payloads
from wizard.commands.output import say, say_json, tell
from wizard.errors import Unreadable
from wizard.judge import Judgement, find_errors, judge
from wizard.payloads import Json

_Judge: TypeAlias = Callable[[Any], Judgement]


@dataclass(frozen=True, slots=True)
class _Judged:
    """One payload, judged or unreadable; `line` is 0 outside of JSON Lines."""

    file: str
    line: int
    finding: Judgement | Unreadable

    @property
    def valid(self) -> bool:
        return isinstance(self.finding, Judgement) and self.finding.valid

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
        self.valid += judged.valid
        self.unreadable += isinstance(judged.finding, Unreadable)
        self.invalid += not judged.valid and isinstance(judged.finding, Judgement)

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
    tally, judged_by = _Tally(), judge if advice else _strictly
    for file in files:
        for judged in _judged(file, judged_by, in_lines=in_lines):
            tally.add(judged)
            if as_json:
                say_json(_as_json(judged))
            else:
                _report(judged)
    if tally.worth_telling:
        tell(str(tally))
    return 1 if tally.invalid or tally.unreadable else 0


def _strictly(payload: Any) -> Judgement:
    """Judge without advice, which takes most of the time."""
    return Judgement(tuple(find_errors(payload)))


def _judged(file: str, judged_by: _Judge, *, in_lines: bool) -> Iterator[_Judged]:
    """Judge one file's payloads while they are read: there may be more than memory holds."""
    name = _shown(file)
    try:
        if in_lines or file.lower().endswith(".jsonl"):
            for line, value in payloads.read_lines(file):
                yield _Judged(file, line, _finding(value, judged_by, name, line))
        else:
            yield _Judged(file, 0, _finding(payloads.load(file), judged_by, name))
    except Unreadable as error:
        yield _Judged(file, 0, error)


def _finding(
    value: Json | Unreadable, judged_by: _Judge, name: str, line: int = 0
) -> Judgement | Unreadable:
    if isinstance(value, Unreadable):
        return value
    try:
        # Whatever is no object at all is left to the judge, who says so with a code.
        return judged_by(payloads.unwrap(value, name) if isinstance(value, dict) else value)
    except Unreadable as error:
        return Unreadable(name, error.reason, line, 1 if line else 0)


def _shown(file: str) -> str:
    return payloads.STANDARD_INPUT if file == "-" else file


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
