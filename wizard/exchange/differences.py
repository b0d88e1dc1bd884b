"""Compares two payloads field by field, and two texts word by word."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from wizard.contract.assistant import QUESTIONS
from wizard.contract.masking import MASK, SECRET
from wizard.draft.history import shared_end, shared_start
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path

# Up to this number of pairs, list items are matched by similarity, beyond it by position.
_PAIRS: Final = 2_500
# Up to this number of pairs, the words in a gap are compared one by one, beyond it as a whole.
_WORD_PAIRS: Final = 10_000
# The maximum depth of splitting a gap at words that occur once in both texts.
_DIVISIONS: Final = 8
# The lengths of the sequences of words that are tried as anchors. White space counts as a word.
_SHINGLES: Final = (1, 9, 41)


class Sort(StrEnum):
    """The kind of a difference."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two payloads. A secret in it is masked.

    `path` is the place in the second payload, or in the first if it was removed. `before` and
    `after` are the values, or `MISSING`. For a list item that only moved they are its numbers, from
    1.
    """

    path: Path
    kind: Sort
    before: Any = MISSING
    after: Any = MISSING

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        values = {"before": self.before, "after": self.after}
        present = {name: value for name, value in values.items() if value is not MISSING}
        return {"path": paths.write(self.path), "kind": self.kind} | present


class Comparison:
    """Compares payloads with a fixed one.

    A value that is the same object as in the last comparison is not compared again. While the user
    types, only the edited field is compared.
    """

    def __init__(self, before: Mapping[str, Any]) -> None:
        self._before = before
        self._known: dict[str, tuple[Any, list[Difference]]] = {}

    def with_(self, after: Mapping[str, Any]) -> list[Difference]:
        """Return the differences of a payload, in the order of the contract's fields.

        `1` and `1.0` are equal. List items are matched even if they moved, so inserting an action
        does not change the ones behind it. A secret that is masked on one side counts as equal.
        """
        both = _both(self._before, after)
        order = sorted(both, key=lambda name: _ORDER.get(name, len(_ORDER)))
        self._known = {name: self._member(name, after.get(name, MISSING)) for name in order}
        return [difference for _, found in self._known.values() for difference in found]

    def _member(self, name: str, after: Any) -> tuple[Any, list[Difference]]:
        known = self._known.get(name)
        if known and known[0] is after:
            return known
        found = _compared(self._before.get(name, MISSING), after, (name,))
        return after, [_masked(difference) for difference in found if not _is_hidden(difference)]


_ORDER: Final = {question.name: place for place, question in enumerate(QUESTIONS)}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between two payloads, as `Comparison` does."""
    return Comparison(before).with_(after)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal in JSON: `true` is not a number, and `1.0` is `1`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _both(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Return the names of both, each once."""
    return list(dict.fromkeys([*before, *after]))


def _is_hidden(difference: Difference) -> bool:
    masked = MASK in (difference.before, difference.after)
    return difference.path == SECRET and difference.kind is Sort.CHANGED and masked


def _masked(difference: Difference) -> Difference:
    """Return the difference with a masked secret, also inside an object that contains it."""
    path, kind = difference.path, difference.kind
    if path != SECRET[: len(path)] or kind is Sort.MOVED:
        return difference
    inner = SECRET[len(path) :]
    before, after = (_without(value, inner) for value in (difference.before, difference.after))
    return Difference(path, kind, before, after)


def _without(value: Any, inner: Path) -> Any:
    return (
        value if paths.get(value, inner) in (MISSING, None, "") else paths.put(value, inner, MASK)
    )


# Values and lists


def _compared(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in _both(before, after):
            inner = before.get(name, MISSING), after.get(name, MISSING)
            yield from _compared(*inner, (*path, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif before is MISSING:
        yield Difference(path, Sort.ADDED, after=after)
    elif after is MISSING:
        yield Difference(path, Sort.REMOVED, before=before)
    elif not same(before, after):
        yield Difference(path, Sort.CHANGED, before, after)


def _lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    pairs = _pairs(before, after)
    kept = _rising([pairs[place] for place in sorted(pairs)])
    matched = {new: old for old, new in pairs.items()}
    for old, item in enumerate(before):
        if old not in pairs:
            yield Difference((*path, old), Sort.REMOVED, before=item)
    for new, item in enumerate(after):
        if new not in matched:
            yield Difference((*path, new), Sort.ADDED, after=item)
            continue
        if new not in kept:
            yield Difference((*path, new), Sort.MOVED, matched[new] + 1, new + 1)
        yield from _compared(before[matched[new]], item, (*path, new))


def _pairs(before: list[Any], after: list[Any]) -> dict[int, int]:
    """Match the items of two lists: equal items first, then the most similar ones."""
    pairs = _equals(before, after)
    old = [place for place in range(len(before)) if place not in pairs]
    taken = set(pairs.values())
    new = [place for place in range(len(after)) if place not in taken]
    if len(old) * len(new) > _PAIRS or not _are_objects([*before, *after]):
        return pairs | _in_place(old, new, pairs)
    for similarity, one, other in sorted(_similarities(before, after, old, new), reverse=True):
        if similarity and -one not in pairs and -other not in taken:
            pairs[-one] = -other
            taken.add(-other)
    return pairs


def _in_place(old: list[int], new: list[int], pairs: Mapping[int, int]) -> dict[int, int]:
    """Match the remaining items between the same matched neighbours, in order."""
    gaps: defaultdict[int, list[int]] = defaultdict(list)
    back = {new_place: place for place, new_place in pairs.items()}
    for place in new:
        gaps[_neighbour(place, back)].append(place)
    found = {}
    for place in old:
        neighbour = _neighbour(place, pairs)
        gap = gaps[pairs.get(neighbour, -1) if neighbour >= 0 else -1]
        if gap:
            found[place] = gap.pop(0)
    return found


def _neighbour(place: int, matched: Mapping[int, int]) -> int:
    """Return the nearest matched place at or before this one, or -1."""
    while place >= 0 and place not in matched:
        place -= 1
    return place


def _equals(before: list[Any], after: list[Any]) -> dict[int, int]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, item in reversed(list(enumerate(after))):
        places[dump(_sorted(item))].append(place)
    pairs = {}
    for place, item in enumerate(before):
        if candidates := places[dump(_sorted(item))]:
            pairs[place] = candidates.pop()
    return pairs


def _sorted(value: Any) -> Any:
    """Return a value with the names of its objects in order."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _are_objects(items: Iterable[Any]) -> bool:
    return all(isinstance(item, Mapping) for item in items)


def _similarities(
    before: list[Any], after: list[Any], old: list[int], new: list[int]
) -> Iterator[tuple[float, int, int]]:
    """Yield the similarity of each pair of items. Places are negative, so the first sort last."""
    leaves = {place: _leaves(before[place]) for place in old}
    others = {place: _leaves(after[place]) for place in new}
    for place in old:
        for other in new:
            if before[place].get("type") == after[other].get("type"):
                shared = (leaves[place] & others[other]).total()
                total = leaves[place].total() + others[other].total()
                # Two actions of one type with nothing in common count as a rewritten one.
                yield (1 + shared) / (1 + total), -place, -other


def _leaves(value: Any, path: Path = ()) -> Counter[tuple[Path, str]]:
    if isinstance(value, Mapping) and value:
        return sum((_leaves(value[name], (*path, name)) for name in value), Counter())
    if isinstance(value, list) and value:
        return sum((_leaves(item, (*path, "")) for item in value), Counter())
    return Counter([(path, dump(value))])


def _rising(numbers: Sequence[int]) -> set[int]:
    """Return the longest rising subsequence."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        before[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    found, last = set(), ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


# Texts


class Change(StrEnum):
    """Whether a run of words is in both texts, only in the first, or only in the second."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words, with the white space around them."""

    change: Change
    text: str


_Words: TypeAlias = Sequence[str]
_Match: TypeAlias = tuple[int, int]

_WORD: Final = re.compile(r"\s+|\S+")


def word_changes(before: str, after: str) -> list[Run]:
    """Return the words that were removed and added between two texts, as runs in order.

    The same and removed runs make up `before`. The same and added runs make up `after`. If long
    texts have too little in common, a whole stretch is removed and another added, to limit the
    time.
    """
    start, end = _same_around(before, after)
    old = _WORD.findall(before, start, len(before) - end)
    new = _WORD.findall(after, start, len(after) - end)
    runs: list[Run] = []
    _put(runs, Change.SAME, [before[:start]])
    at, other = 0, 0
    for one, two, length in _stretches([*sorted(_matches(old, new)), (len(old), len(new))]):
        _put(runs, Change.REMOVED, old[at:one])
        _put(runs, Change.ADDED, new[other:two])
        at, other = one + length, two + length
        _put(runs, Change.SAME, old[one:at])
    _put(runs, Change.SAME, [before[len(before) - end :]])
    return list(_merged(runs))


def _same_around(before: str, after: str) -> tuple[int, int]:
    """Return the lengths of the shared start and end of two texts, in whole words."""
    start = shared_start(before, after)
    end = shared_end(before, after, min(len(before), len(after)) - start)
    starts = (at for at in range(start - 1, 0, -1) if _is_edge(before[at - 1], before[at]))
    ends = (at for at in range(end - 1, 0, -1) if _is_edge(before[-at - 1], before[-at]))
    return next(starts, 0), next(ends, 0)


def _is_edge(one: str, next_one: str) -> bool:
    """Return whether a word starts or ends between two characters."""
    return one.isspace() != next_one.isspace()


def _stretches(matches: Sequence[_Match]) -> Iterator[tuple[int, int, int]]:
    """Join adjacent matches. Yields where each stretch begins in both texts, and its length."""
    first = 0
    for place in range(1, len(matches) + 1):
        one, two = matches[place - 1]
        if place == len(matches) or matches[place] != (one + 1, two + 1):
            yield *matches[first], place - first
            first = place


def _put(runs: list[Run], change: Change, words: _Words) -> None:
    if text := "".join(words):
        runs.append(Run(change, text))


def _merged(runs: list[Run]) -> Iterator[Run]:
    """Join runs of one kind. White space between two changes counts as changed."""
    pending = {Change.REMOVED: "", Change.ADDED: ""}
    same = ""
    for run, following in zip_longest(runs, runs[1:]):
        if run.change is not Change.SAME:
            if same:
                yield Run(Change.SAME, same)
                same = ""
            pending[run.change] += run.text
        elif any(pending.values()) and run.text.isspace() and following and _differs(following):
            pending = {change: text + run.text for change, text in pending.items()}
        else:
            yield from _changed(pending)
            pending = dict.fromkeys(pending, "")
            same += run.text
    if same:
        yield Run(Change.SAME, same)
    yield from _changed(pending)


def _differs(run: Run) -> bool:
    return run.change is not Change.SAME


def _changed(pending: Mapping[Change, str]) -> Iterator[Run]:
    for change, text in pending.items():
        if text:
            yield Run(change, text)


def _matches(old: _Words, new: _Words) -> Iterator[_Match]:
    """Yield the places of the words that two texts share."""
    gaps = [(0, len(old), 0, len(new), _DIVISIONS)]
    while gaps:
        low, high, start, end, divisions = gaps.pop()
        while low < high and start < end and old[low] == new[start]:
            yield low, start
            low, start = low + 1, start + 1
        while low < high and start < end and old[high - 1] == new[end - 1]:
            high, end = high - 1, end - 1
            yield high, end
        size = (high - low) * (end - start)
        if size == 0:
            continue
        if size <= _WORD_PAIRS:
            yield from _longest(old[low:high], new[start:end], low, start)
        elif divisions:
            anchors = _anchors(old[low:high], new[start:end], low, start)
            yield from anchors
            for one, two in [*anchors, (high, end)] if anchors else ():
                gaps.append((low, one, start, two, divisions - 1))
                low, start = one + 1, two + 1


def _anchors(old: _Words, new: _Words, low: int, start: int) -> list[_Match]:
    """Return words, or sequences of words, that occur once in both texts, in rising order."""
    for size in _SHINGLES:
        places, others = _once(old, size), _once(new, size)
        shared = [(places[words], others[words]) for words in places if words in others]
        rising = _rising([other for _, other in shared])
        if shared:
            return [(low + one, start + other) for one, other in shared if other in rising]
    return []


def _once(words: _Words, size: int) -> dict[tuple[str, ...], int]:
    """Return where each sequence of `size` words begins that occurs only once."""
    runs = list(zip(*(words[shift:] for shift in range(size)), strict=False))
    counts = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counts[run] == 1}


def _longest(old: _Words, new: _Words, low: int, start: int) -> Iterator[_Match]:
    """Yield the longest common subsequence of two short stretches."""
    lengths = [[0] * (len(new) + 1)]
    for word in reversed(old):
        row, below = [0] * (len(new) + 1), lengths[-1]
        for at in range(len(new) - 1, -1, -1):
            row[at] = below[at + 1] + 1 if word == new[at] else max(below[at], row[at + 1])
        lengths.append(row)
    lengths.reverse()
    at = other = 0
    while at < len(old) and other < len(new):
        if old[at] == new[other]:
            yield low + at, start + other
            at, other = at + 1, other + 1
        elif lengths[at + 1][other] >= lengths[at][other + 1]:
            at += 1
        else:
            other += 1
