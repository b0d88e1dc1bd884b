"""The lines of JSON on the screen, each with its path."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

from screens.widgets.inputs import escaped
from wizard.draft.history import shared_start
from wizard.exchange.differences import Difference, Sort
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path

# Shown in place of a secret.
DOTS = "••••••••"
# Of a longer text only this number of characters is shown, around the last change: it fits on the
# rows of a focused text.
_LONGEST = 180
_HEAD, _BEFORE, _AFTER = 36, 100, 24
# Of a list that is longer than this only some items are shown, around the one that changed last.
_MOST, _AROUND = 100, 20


class Line(NamedTuple):
    """One line of JSON.

    `path` is the path of the value that begins or ends on it, `leaf` whether it has the whole
    value. `tail` follows a text that is cut. `sign` is `+`, `-`, `~` or empty in a list of
    differences.
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


def masked_text(text: str, value: Any, secrets: Collection[Path]) -> str:
    """Return `dump(masked(value, secrets))` from the text of `dump(value)`, which is much faster.

    A quotation mark inside a string is escaped, so no string can look like a member. Another member
    with the same name and secret is masked, too.
    """
    for path in secrets:
        secret = paths.get(value, path)
        if secret not in (MISSING, ""):
            if not isinstance(secret, str):
                return dump(masked(value, secrets))
            member = f"{dump(path[-1])}: "
            text = text.replace(f"{member}{dump(secret)}", f"{member}{dump(DOTS)}")
    return text


def _shown_json(value: Any) -> str:
    """The JSON of a value, in which everything can be seen."""
    return escaped(dump(value))


def whole_lines(value: Any, text: str | None = None) -> "Lines":
    """The lines of `dump(value)`, which is `text` if it is known."""
    return Lines(value, dump(value) if text is None else text)


class Lines(Sequence[Line]):
    """The lines of `dump(value)`; the path of a line is computed when it is needed.

    The path is found by the indent, two spaces for each container.
    """

    def __init__(self, value: Any, text: str) -> None:
        self._value = value
        # The garbage collector looks through a list each time, through a tuple of texts once.
        self.texts: Sequence[str] = tuple(escaped(text).split("\n"))
        # The names of a container's members and the lines at which they begin, by its first line.
        self._inside: dict[int, tuple[Sequence[str | int], list[int]]] = {}
        self._known: dict[int, Line] = {}

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, number: int) -> Line: ...

    @overload
    def __getitem__(self, number: slice) -> list[Line]: ...

    def __getitem__(self, number: int | slice) -> Line | list[Line]:
        if isinstance(number, slice):
            return [self[each] for each in range(len(self))[number]]
        line = self._known.get(number)
        if line is None:
            line = self._known[number] = self._line(range(len(self))[number])
        return line

    def _line(self, number: int) -> Line:
        path: Path = ()
        value, first, last = self._value, 0, len(self) - 1
        while first < number < last:
            names, starts = self._members(value, first, last, 2 * len(path) + 2)
            place = bisect_right(starts, number) - 1
            first, last = starts[place], starts[place + 1] - 1
            path, value = (*path, names[place]), value[names[place]]
        return Line(path, self.texts[number], leaf=first == last)

    def _members(
        self, value: Any, first: int, last: int, indent: int
    ) -> tuple[Sequence[str | int], list[int]]:
        """The members of the container on these lines; behind the last begin it ends."""
        if first not in self._inside:
            names = range(len(value)) if isinstance(value, list) else list(value)
            within = enumerate(self.texts[first + 1 : last], first + 1)
            starts = [number for number, text in within if text[indent] not in " ]}"]
            self._inside[first] = names, [*starts, last]
        return self._inside[first]


def texts_of(lines: Sequence[Line]) -> Sequence[str]:
    """The texts of lines, without computing their paths."""
    return lines.texts if isinstance(lines, Lines) else [line.text for line in lines]


class LiveLines:
    """Makes the lines of a payload while it is typed; unchanged parts are reused.

    Long texts and long lists are cut, so the cost of a key does not grow with the script.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, list[Line]]] = {}
        self._shown = _Shown()

    def of(self, payload: Mapping[str, Any]) -> list[Line]:
        """The lines of a payload as it is now."""
        if not payload:
            return [Line((), "{}")]
        lines = [Line((), "{", leaf=False)]
        kept: dict[str, tuple[Any, list[Line]]] = {}
        for name, value in payload.items():
            held = self._kept.get(name)
            if held is None or held[0] is not value:
                made = _json_lines(value, (name,), f"{_shown_json(name)}: ", 2, self._shown)
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
            message = f"{paths.write(each.path)}: was number {each.before}, is number {each.after}"
            yield Line(each.path, message, sign="~")
            continue
        for value, sign in ((each.before, "-"), (each.after, "+")):
            shown = _Shown()
            if isinstance(each.before, str) and isinstance(each.after, str):
                shown.begin_at(each.path, value, shared_start(each.before, each.after))
            if value is not MISSING:
                for line in _json_lines(value, each.path, f"{paths.write(each.path)}: ", 0, shown):
                    yield line._replace(sign=sign)


class _Shown:
    """The shown part of long texts and long lists: around the last change."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[str, int]] = {}
        self._lists: dict[Path, tuple[list[Any], int]] = {}

    def begin_at(self, path: Path, text: str, place: int) -> None:
        """Show a text around a place."""
        self._known[path] = text, place

    def items(self, path: Path, items: list[Any]) -> range:
        """The places of those items of a list that are shown."""
        if len(items) <= _MOST:
            return range(len(items))
        before, place = self._lists.get(path, (items, 0))
        if before is not items:
            end = place if len(before) == len(items) else min(len(before), len(items) - 1)
            pairs = enumerate(zip(before, items, strict=False))
            place = next((n for n, pair in pairs if _differ(*pair)), end)
        self._lists[path] = items, place
        start = max(0, min(place - _AROUND // 2, len(items) - _AROUND))
        return range(start, start + _AROUND)

    def text(self, path: Path, text: str) -> str:
        """The shown part of a long text."""
        before, place = self._known.get(path, (text, 0))
        if before is not text and before != text:
            place = shared_start(before, text)
        self._known[path] = text, place
        if place + _AFTER <= _LONGEST:
            return text[:_LONGEST]
        return f"{text[:_HEAD]} … {text[max(_HEAD, place - _BEFORE) : place + _AFTER]}"


def _differ(one: Any, other: Any) -> bool:
    return one is not other and bool(one != other)


def _json_lines(value: Any, path: Path, key: str, indent: int, shown: _Shown) -> Iterator[Line]:
    margin = " " * indent + key
    if isinstance(value, Mapping) and value:
        inner = ((name, f"{_shown_json(name)}: ", member) for name, member in value.items())
        yield from _container(Line(path, margin + "{", leaf=False), inner, indent, shown)
    elif isinstance(value, list) and value:
        places = shown.items(path, value)
        items = ((place, "", value[place]) for place in places)
        rest = len(value) - places.stop
        opening = Line(path, margin + "[", leaf=False)
        yield from _container(opening, items, indent, shown, (places.start, rest))
    elif isinstance(value, str) and len(value) > _LONGEST:
        message = _shown_json(shown.text(path, value))[:-1]
        yield Line(path, margin + message, tail=f"… {len(value):,} characters")
    else:
        yield Line(path, margin + _shown_json(dict(value) if isinstance(value, Mapping) else value))


def _container(
    opening: Line,
    inner: Iterable[tuple[str | int, str, Any]],
    indent: int,
    shown: _Shown,
    hidden: tuple[int, int] = (0, 0),
) -> Iterator[Line]:
    """The lines of an object or a list.

    `hidden` is the number of items before and after the shown ones.
    """
    yield opening
    before, behind = (
        [Line(opening.path, f"{' ' * indent}  … {count:,} more", leaf=False)] if count else []
        for count in hidden
    )
    yield from before
    held: Line | None = None
    for part, key, value in inner:
        if held:
            yield _with_comma(held)
        *lines, held = _json_lines(value, (*opening.path, part), key, indent + 2, shown)
        yield from lines
    if held:
        yield _with_comma(held) if behind else held
    yield from behind
    yield opening._replace(text=" " * indent + _CLOSING[opening.text[-1]])


_CLOSING = {"{": "}", "[": "]"}


def _with_comma(line: Line) -> Line:
    return line._replace(tail=line.tail + ",") if line.tail else line._replace(text=line.text + ",")


def _without_comma(line: Line) -> Line:
    if line.tail:
        return line._replace(tail=line.tail.removesuffix(","))
    return line._replace(text=line.text.removesuffix(","))
