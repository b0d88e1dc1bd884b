"""Compares two payloads field by field, and two texts word by word."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from wizard.contract.assistant import field_place
from wizard.contract.masking import MASK, SECRET, masked_at
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path

# Up to this number of pairs, list items are matched by similarity, beyond it by position.
_PAIRS: Final = 2_500


class DifferenceKind(StrEnum):
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
    kind: DifferenceKind
    before: Any = MISSING
    after: Any = MISSING

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        values = {"before": self.before, "after": self.after}
        present = {name: value for name, value in values.items() if value is not MISSING}
        return {"path": paths.write(self.path), "kind": self.kind} | present


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between two payloads, in the order of the contract's fields.

    `1` and `1.0` are equal. List items are matched even if they moved, so inserting an action does
    not change the ones behind it. A secret that is masked on one side counts as equal.
    """
    names = sorted(_both(before, after), key=field_place)
    found = (
        difference
        for name in names
        for difference in _compared(before.get(name, MISSING), after.get(name, MISSING), (name,))
    )
    return [_masked(difference) for difference in found if not _is_hidden(difference)]


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
    return difference.path == SECRET and difference.kind is DifferenceKind.CHANGED and masked


def _masked(difference: Difference) -> Difference:
    """Return the difference with a masked secret, also inside an object that contains it."""
    if difference.kind is DifferenceKind.MOVED:
        return difference
    before, after = (
        masked_at(difference.path, value) for value in (difference.before, difference.after)
    )
    return replace(difference, before=before, after=after)


# Values and lists


def _compared(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in _both(before, after):
            inner = before.get(name, MISSING), after.get(name, MISSING)
            yield from _compared(*inner, (*path, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif before is MISSING:
        yield Difference(path, DifferenceKind.ADDED, after=after)
    elif after is MISSING:
        yield Difference(path, DifferenceKind.REMOVED, before=before)
    elif not same(before, after):
        yield Difference(path, DifferenceKind.CHANGED, before, after)


def _lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    pairs = matched_items(before, after)
    matched = {new: old for old, new in sorted(pairs.items())}
    order = list(matched)
    blocks = SequenceMatcher(None, sorted(order), order, autojunk=False).get_matching_blocks()
    in_order = {new for block in blocks for new in order[block.b : block.b + block.size]}
    for old, item in enumerate(before):
        if old not in pairs:
            yield Difference((*path, old), DifferenceKind.REMOVED, before=item)
    for new, item in enumerate(after):
        if new not in matched:
            yield Difference((*path, new), DifferenceKind.ADDED, after=item)
            continue
        if new not in in_order:
            yield Difference((*path, new), DifferenceKind.MOVED, matched[new] + 1, new + 1)
        yield from _compared(before[matched[new]], item, (*path, new))


def matched_items(before: list[Any], after: list[Any]) -> dict[int, int]:
    """Match the items of two lists: equal items first, then the most similar ones.

    Values that are not objects, and very many items, are matched by position.
    """
    pairs = _equals(before, after)
    old = [place for place in range(len(before)) if place not in pairs]
    taken = set(pairs.values())
    new = [place for place in range(len(after)) if place not in taken]
    are_objects = all(isinstance(item, Mapping) for item in [*before, *after])
    if not are_objects or len(old) * len(new) > _PAIRS:
        return pairs | dict(zip(old, new, strict=False))
    similarities = ((_similarity(before[a], after[b]), -a, -b) for a in old for b in new)
    for similarity, a, b in sorted(similarities, reverse=True):
        if similarity and -a not in pairs and -b not in taken:
            pairs[-a] = -b
            taken.add(-b)
    return pairs


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


def _similarity(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    if one.get("type") != other.get("type"):
        return 0
    leaves, others = _leaves(one), _leaves(other)
    # Two actions of one type with nothing in common count as a rewritten one.
    return (1 + (leaves & others).total()) / (1 + leaves.total() + others.total())


def _leaves(value: Any, path: Path = ()) -> Counter[tuple[Path, str]]:
    if isinstance(value, Mapping) and value:
        return sum((_leaves(value[name], (*path, name)) for name in value), Counter())
    if isinstance(value, list) and value:
        return sum((_leaves(item, (*path, "")) for item in value), Counter())
    return Counter([(path, dump(value))])


# Texts


class RunKind(StrEnum):
    """Whether a run of words is in both texts, only in the first, or only in the second."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words, with the white space around them."""

    kind: RunKind
    text: str


# Texts that are longer, or have more than one line, are compared word by word.
_LONG: Final = 60
# More changed words in one place are shown as replaced: comparing them takes quadratic time.
_MOST_WORDS: Final = 50_000
# A word with the white space behind it; at the start of a text the word may be empty.
_WORD: Final = re.compile(r"(\S+|^)(\s*)")


def word_changes(before: str, after: str) -> list[Run]:
    """Return the words that were removed and added between two texts, as runs in order.

    The same and removed runs make up `before`. The same and added runs make up `after`.
    """
    runs = []
    for _, group in groupby(_line_changes(before, after), key=lambda run: run.kind is RunKind.SAME):
        joined = list(group)
        for kind in RunKind:
            text = "".join(run.text for run in joined if run.kind is kind)
            runs += [Run(kind, text)] if text else []
    return runs


def is_long(value: Any) -> bool:
    """Whether a value is a text to compare word by word."""
    return isinstance(value, str) and (len(value) > _LONG or "\n" in value)


def shortened(text: str, most: int) -> str:
    """Return a text without its middle if it is longer than `most` characters."""
    half = most // 2
    return text if len(text) <= most else f"{text[:half]} … {text[-half:]}"


def shown_value(value: Any) -> str:
    """Return a value as text: a text as it is, anything else as JSON; nothing for no value."""
    if value is MISSING:
        return ""
    return value if isinstance(value, str) and value else dump(value)


def changed_lines(before: str, after: str) -> Iterator[Run]:
    """Yield the lines that differ, with one equal line around them; `…` stands for the others.

    A text that is empty has no lines.
    """
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _MOST_WORDS)
    end = 0
    for group in matcher.get_grouped_opcodes(1):
        if group[0][1] > end:
            yield Run(RunKind.SAME, "…")
        for tag, start, end, other, other_end in group:
            if tag == "equal":
                yield from (Run(RunKind.SAME, line) for line in old[start:end])
            else:
                yield from (Run(RunKind.REMOVED, line) for line in old[start:end])
                yield from (Run(RunKind.ADDED, line) for line in new[other:other_end])
    if 0 < end < len(old):
        yield Run(RunKind.SAME, "…")


def _line_changes(before: str, after: str) -> Iterator[Run]:
    """Yield the equal lines, and the words of the others."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for tag, start, end, other, other_end in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield Run(RunKind.SAME, "".join(old[start:end]))
        else:
            yield from _words("".join(old[start:end]), "".join(new[other:other_end]))


def _words(before: str, after: str) -> Iterator[Run]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        yield from _replaced(before, after)
        return
    matcher = SequenceMatcher(None, [word for word, _ in old], [word for word, _ in new])
    for tag, start, end, other, other_end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(old[start:end], new[other:other_end], strict=True)
            for (word, space), (_, other_space) in pairs:
                yield Run(RunKind.SAME, word)
                yield from _replaced(space, other_space)
        else:
            yield from _replaced(_text(old[start:end]), _text(new[other:other_end]))


def _text(words: Iterable[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in words)


def _replaced(before: str, after: str) -> Iterator[Run]:
    """Yield a text and its replacement. White space at the end of both is the same."""
    space = before[len(before.rstrip()) :]
    space = space if after.endswith(space) else ""
    runs = (
        Run(RunKind.REMOVED, before.removesuffix(space)),
        Run(RunKind.ADDED, after.removesuffix(space)),
        Run(RunKind.SAME, space),
    )
    yield from (run for run in runs if run.text)
