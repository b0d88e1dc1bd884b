"""The lines of JSON as a screen shows them, each with the place it stands for."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from wizard import paths
from wizard.differences import Difference, Sort
from wizard.history import shared_start
from wizard.paths import MISSING, Path
from wizard.payloads import dump

# What stands in the place of a secret.
DOTS = "••••••••"
# Of a text that is longer than this only so much is shown, around the place that changed last:
# it fits on the few rows that a text in focus has.
_LONGEST = 180
_HEAD, _BEFORE, _AFTER = 36, 100, 24


class Line(NamedTuple):
    """One line of JSON.

    `path` is the place of the value that begins or ends on it, `leaf` whether it holds the whole
    of a value. `tail` is said behind a text that is not shown whole. `sign` is what became of the
    value, in a list of differences: one of `+`, `-`, `~` and nothing.
    """

    path: Path
    text: str
    leaf: bool = True
    tail: str = ""
    sign: str = ""


def masked(value: Any, secrets: Collection[Path]) -> Any:
    """A value with dots in place of its secrets."""
    for path in secrets:
        if paths.get(value, path) not in (MISSING, ""):
            value = paths.put(value, path, DOTS)
    return value


def whole_lines(value: Any) -> list[Line]:
    """The lines of `dump(value)`."""
    return list(_lines(value, (), "", 0, None))


class LiveLines:
    """Makes the lines of a payload that is being typed; what did not change costs nothing.

    Long texts are not shown whole, so that the cost of a key does not grow with the script.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, list[Line]]] = {}
        self._texts = _Texts()

    def of(self, payload: Mapping[str, Any]) -> list[Line]:
        """The lines of a payload as it is now."""
        if not payload:
            return [Line((), "{}")]
        lines = [Line((), "{", leaf=False)]
        kept: dict[str, tuple[Any, list[Line]]] = {}
        for name, value in payload.items():
            held = self._kept.get(name)
            if held is None or held[0] is not value:
                made = _lines(value, (name,), f"{dump(name)}: ", 2, self._texts)
                held = (value, list(made))
            kept[name] = held
            lines += held[1]
            lines[-1] = _with_comma(lines[-1])
        self._kept = kept
        lines[-1] = _without_comma(lines[-1])
        lines.append(Line((), "}", leaf=False))
        return lines


def difference_lines(found: Iterable[Difference]) -> Iterator[Line]:
    """The lines of differences, each with its whole path as the name: first before, then after."""
    for each in found:
        if each.kind is Sort.MOVED:
            told = f"{paths.write(each.path)}: was number {each.before}, is number {each.after}"
            yield Line(each.path, told, sign="~")
            continue
        for value, sign in ((each.before, "-"), (each.after, "+")):
            texts = _Texts()
            if isinstance(each.before, str) and isinstance(each.after, str):
                texts.begin_at(each.path, value, shared_start(each.before, each.after))
            if value is not MISSING:
                for line in _lines(value, each.path, f"{paths.write(each.path)}: ", 0, texts):
                    yield line._replace(sign=sign)


class _Texts:
    """Where each long text changed last."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[str, int]] = {}

    def begin_at(self, path: Path, text: str, place: int) -> None:
        """Show a text around a place."""
        self._known[path] = text, place

    def shown(self, path: Path, text: str) -> str:
        """So much of a long text as is shown."""
        before, place = self._known.get(path, (text, 0))
        if before is not text and before != text:
            place = shared_start(before, text)
        self._known[path] = text, place
        if place + _AFTER <= _LONGEST:
            return text[:_LONGEST]
        return f"{text[:_HEAD]} … {text[max(_HEAD, place - _BEFORE) : place + _AFTER]}"


def _lines(value: Any, path: Path, key: str, indent: int, texts: _Texts | None) -> Iterator[Line]:
    margin = " " * indent + key
    if isinstance(value, Mapping) and value:
        inner = ((name, f"{dump(name)}: ", member) for name, member in value.items())
        yield from _container(Line(path, margin + "{", leaf=False), inner, indent, texts)
    elif isinstance(value, list) and value:
        items = ((place, "", item) for place, item in enumerate(value))
        yield from _container(Line(path, margin + "[", leaf=False), items, indent, texts)
    elif texts and isinstance(value, str) and len(value) > _LONGEST:
        shown = dump(texts.shown(path, value))[:-1]
        yield Line(path, margin + shown, tail=f"… {len(value):,} characters")
    else:
        yield Line(path, margin + dump(dict(value) if isinstance(value, Mapping) else value))


def _container(
    opening: Line, inner: Iterable[tuple[str | int, str, Any]], indent: int, texts: _Texts | None
) -> Iterator[Line]:
    """The lines of an object or a list: what is inside it stands between its ends."""
    yield opening
    held: Line | None = None
    for part, key, value in inner:
        if held:
            yield _with_comma(held)
        *before, held = _lines(value, (*opening.path, part), key, indent + 2, texts)
        yield from before
    if held:
        yield held
    yield opening._replace(text=" " * indent + _CLOSING[opening.text[-1]])


_CLOSING = {"{": "}", "[": "]"}


def _with_comma(line: Line) -> Line:
    return line._replace(tail=line.tail + ",") if line.tail else line._replace(text=line.text + ",")


def _without_comma(line: Line) -> Line:
    if line.tail:
        return line._replace(tail=line.tail.removesuffix(","))
    return line._replace(text=line.text.removesuffix(","))
