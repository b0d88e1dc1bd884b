"""The lines of JSON on the screen, each with its path."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from screens.widgets.inputs import escaped
from screens.widgets.json_view import Line
from wizard.contract.masking import SECRET
from wizard.draft.history import shared_start
from wizard.exchange.differences import Difference, DifferenceKind
from wizard.formats import paths
from wizard.formats.json_members import Node
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path

# Shown in place of a secret.
DOTS = "••••••••"
# The most characters of a text that are shown, around its last change: they fit on the rows of one
# in focus.
_LONGEST = 180
_HEAD, _BEFORE, _AFTER = 36, 100, 24


def with_dots(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payload with dots in place of its secret."""
    has_secret = paths.get(payload, SECRET) not in (MISSING, "")
    return paths.put(payload, SECRET, DOTS) if has_secret else payload


def _shown_json(value: Any) -> str:
    """The JSON of a value, in which every character can be seen."""
    return escaped(dump(value))


def whole_lines(value: Any) -> list[Line]:
    """The lines of `dump(value)`, in which every character can be seen."""
    return list(_json_lines(value, (), "", 0))


def written_lines(text: str) -> list[Line]:
    """The lines of a JSON text with its numbers and escapes as they are written.

    Raises ValueError and RecursionError.
    """
    return list(_node_lines(Node.of(text), (), "", 0))


def _node_lines(
    node: Node, path: Path, key: str, indent: int, *, comma: str = ""
) -> Iterator[Line]:
    margin = " " * indent
    inner: list[tuple[str | int, Node]] = [(each.name, each.node) for each in node.members]
    inner += enumerate(node.items)
    if not inner:
        yield Line(path, f"{margin}{key}{escaped(node.raw)}{comma}")
        return
    opening, closing = "[]" if node.items else "{}"
    yield Line(path, f"{margin}{key}{opening}", leaf=False)
    for place, (name, member) in enumerate(inner, 1):
        end = "," if place < len(inner) else ""
        yield from _node_lines(member, (*path, name), _key(name), indent + 2, comma=end)
    yield Line(path, f"{margin}{closing}{comma}", leaf=False)


class LiveLines:
    """Makes the lines of a payload while it is typed; of long texts it shows the last change."""

    def __init__(self) -> None:
        # Each long text and the place of its last change.
        self._known: dict[Path, tuple[str, int]] = {}

    def of(self, payload: Mapping[str, Any]) -> list[Line]:
        """The lines of a payload as it is now."""
        return list(_json_lines(payload, (), "", 0, shown=self))

    def begin_at(self, path: Path, text: str, place: int) -> None:
        """Show a text around a place."""
        self._known[path] = text, place

    def part_of(self, path: Path, text: str) -> str:
        """The shown part of a long text."""
        before, place = self._known.get(path, (text, 0))
        if before is not text and before != text:
            place = shared_start(before, text)
        self._known[path] = text, place
        if place + _AFTER <= _LONGEST:
            return text[:_LONGEST]
        return f"{text[:_HEAD]} … {text[max(_HEAD, place - _BEFORE) : place + _AFTER]}"


def difference_lines(found: Iterable[Difference]) -> Iterator[Line]:
    """The lines of differences, each with its whole path as the name: first before, then after."""
    for each in found:
        if each.kind is DifferenceKind.MOVED:
            message = f"{paths.write(each.path)}: moved from {each.before} to {each.after}"
            yield Line(each.path, message, sign="~")
            continue
        for value, sign in ((each.before, "-"), (each.after, "+")):
            shown = LiveLines()
            if isinstance(each.before, str) and isinstance(each.after, str):
                shown.begin_at(each.path, value, shared_start(each.before, each.after))
            if value is not MISSING:
                key = f"{paths.write(each.path)}: "
                for line in _json_lines(value, each.path, key, 0, shown=shown):
                    yield line._replace(sign=sign)


def _json_lines(
    value: Any,
    path: Path,
    key: str,
    indent: int,
    *,
    comma: str = "",
    shown: LiveLines | None = None,
) -> Iterator[Line]:
    """The lines of a value behind its key; without `shown` long texts are whole."""
    margin = " " * indent
    if value and isinstance(value, Mapping | list):
        members = enumerate(value) if isinstance(value, list) else value.items()
        opening, closing = "[]" if isinstance(value, list) else "{}"
        yield Line(path, f"{margin}{key}{opening}", leaf=False)
        for place, (name, member) in enumerate(members, 1):
            end = "," if place < len(value) else ""
            yield from _json_lines(
                member, (*path, name), _key(name), indent + 2, comma=end, shown=shown
            )
        yield Line(path, f"{margin}{closing}{comma}", leaf=False)
    elif shown and isinstance(value, str) and len(value) > _LONGEST:
        text = f"{margin}{key}{_shown_json(shown.part_of(path, value))[:-1]}"
        yield Line(path, text, tail=f"… {len(value):,} characters{comma}")
    else:
        text = _shown_json(dict(value) if isinstance(value, Mapping) else value)
        yield Line(path, f"{margin}{key}{text}{comma}")


# Half of the texts of a payload are names, and the same names.
@lru_cache(maxsize=1_000)
def _key(name: str | int) -> str:
    return f"{_shown_json(name)}: " if isinstance(name, str) else ""
