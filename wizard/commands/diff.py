"""The command `diff`: what two payloads differ in, field by field, long texts word by word."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from wizard.commands.output import say, say_json, tell
from wizard.commands.sources import Source, from_named
from wizard.contract.masking import SECRET, has_secret, is_masked
from wizard.errors import Unreadable
from wizard.exchange.differences import Change, Difference, Run, Sort, differences, word_changes
from wizard.formats import paths
from wizard.formats.json_text import dump

# Texts from this length on, or of more than one line, are compared by their words.
_LONG: Final = 60
# So much of what is the same is shown around a change, in characters.
_AROUND: Final = 30
_SHOWN: Final = 400


def run(home: Path, first: str, second: str, *, as_json: bool) -> int:
    """Print what two payloads differ in.

    Raises Unreadable, NoSuch, StoreTrouble and Damaged.
    """
    if first == second == "-":
        raise Unreadable("standard input", "it can be read once; name a file for one of the two")
    one, other = from_named(first, home), from_named(second, home)
    found = differences(one.data, other.data)
    for difference in found:
        if as_json:
            say_json(difference.as_json())
        else:
            for line in _told(difference):
                say(line)
    _tell_what_was_not_compared(one, other)
    tell(_summary(len(found), one, other))
    return 0


def _summary(count: int, one: Source, other: Source) -> str:
    if not count:
        return f"{one.name} and {other.name} are the same."
    places = "1 place" if count == 1 else f"{count} places"
    return f"{one.name} and {other.name} differ in {places}."


def _tell_what_was_not_compared(one: Source, other: Source) -> None:
    if has_secret(one.data) and has_secret(other.data):
        masked = [source.name for source in (one, other) if is_masked(source.data)]
        if masked:
            tell(f"{paths.write(SECRET)} was not compared: it is masked in {' and '.join(masked)}.")


def _told(difference: Difference) -> Iterator[str]:
    """A difference for people: the place, and one line or more of what it was and is."""
    place, before, after = paths.write(difference.path), difference.before, difference.after
    match difference.kind:
        case Sort.ADDED:
            yield f"{place}: added {_value(after)}"
        case Sort.REMOVED:
            yield f"{place}: removed {_value(before)}"
        case Sort.MOVED:
            yield f"{place}: moved from place {before} to place {after}"
        case Sort.CHANGED if _is_long(before) and _is_long(after):
            yield f"{place}: changed"
            yield from (f"  {line}" for line in _words(word_changes(before, after)))
        case Sort.CHANGED:
            yield f"{place}: changed from {_value(before)} to {_value(after)}"


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and (len(value) > _LONG or "\n" in value)


def _value(value: Any) -> str:
    """A value on one line, as JSON; its middle is left out where it is long."""
    text = " ".join(dump(value).split()) if isinstance(value, dict | list) else dump(value)
    return _cut(text, _SHOWN)


def _cut(text: str, length: int) -> str:
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} … {text[-half:]}"


def _words(runs: list[Run]) -> Iterator[str]:
    """Each change with what stands around it, in marks that need no colour."""
    line = ""
    for place, run in enumerate(runs):
        text = dump(run.text)[1:-1]
        if run.change is Change.REMOVED:
            line += f"[-{_cut(text, _SHOWN)}-]"
        elif run.change is Change.ADDED:
            line += f"{{+{_cut(text, _SHOWN)}+}}"
        elif place == 0:
            line = _end(text)
        elif place == len(runs) - 1:
            line += _start(text)
        elif len(text) <= 2 * _AROUND:
            line += text
        else:
            yield line + _start(text)
            line = _end(text)
    if line:
        yield line


def _start(text: str) -> str:
    return text if len(text) <= _AROUND else f"{text[:_AROUND]}…"


def _end(text: str) -> str:
    return text if len(text) <= _AROUND else f"…{text[-_AROUND:]}"
