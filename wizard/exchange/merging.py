"""Merges changes into a JSON text, and leaves everything that is untouched as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wizard.contract.masking import masked_at
from wizard.exchange.differences import matched_items, same
from wizard.formats import paths
from wizard.formats.json_members import Node, joined_items, joined_members
from wizard.formats.paths import MISSING, Path


def merged(theirs: str, base: Mapping[str, Any], mine: str, *, partial: bool = False) -> str:
    """Return `theirs` with what differs between `base` and `mine`.

    All are objects, `theirs` and `mine` as JSON texts. With `partial`, a member that `mine` lacks
    stays; otherwise it is removed if `base` has it. A list in `mine` replaces the whole list, but
    items that are equal keep their text.
    """
    return _merged(Node.of(theirs), base, Node.of(mine), partial)


def _merged(theirs: Node, base: Any, mine: Node, partial: bool) -> str:
    if same(base, mine.value) or same(theirs.value, mine.value):
        return theirs.raw
    if isinstance(theirs.value, dict) and isinstance(mine.value, dict):
        # Without a common origin only what the other side lacks or has differently is a change.
        origin = base if isinstance(base, Mapping) else theirs.value
        return _merged_objects(theirs, origin, mine, partial)
    if isinstance(theirs.value, list) and isinstance(mine.value, list):
        return _merged_lists(theirs, mine)
    return mine.raw


def _merged_objects(theirs: Node, base: Mapping[str, Any], mine: Node, partial: bool) -> str:
    wanted = {member.name: member.node for member in mine.members}
    kept = {}
    for number, member in enumerate(theirs.members):
        if node := wanted.get(member.name):
            kept[number] = _merged(member.node, base.get(member.name, MISSING), node, partial)
        elif partial or member.name not in base:
            kept[number] = member.node.raw
    added = {
        name: node.raw
        for name, node in wanted.items()
        if name not in theirs.value and not same(base.get(name, MISSING), node.value)
    }
    return joined_members(theirs, kept, added)


def _merged_lists(theirs: Node, mine: Node) -> str:
    pairs = {new: old for old, new in matched_items(theirs.value, mine.value).items()}
    raws = []
    for number, node in enumerate(mine.items):
        if number in pairs:
            old = theirs.items[pairs[number]]
            raws.append(_merged(old, old.value, node, False))
        else:
            raws.append(node.raw)
    return joined_items(theirs, raws)


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A member that changed on either side; `MISSING` where it does not exist.

    `is_conflict`: it changed on both sides, to different values.
    """

    name: str
    before: Any
    mine: Any
    theirs: Any

    def shown(self, value: Any) -> Any:
        """Return one of the values with the widget's key masked."""
        return masked_at((self.name,), value)

    @property
    def is_mine(self) -> bool:
        """Whether it was changed here."""
        return not same(self.before, self.mine)

    @property
    def is_theirs(self) -> bool:
        """Whether it was changed at QCall, and not to the same value as here."""
        return not same(self.before, self.theirs) and not same(self.mine, self.theirs)

    @property
    def is_conflict(self) -> bool:
        """Whether both sides changed it, to different values."""
        return self.is_mine and self.is_theirs


def member_changes(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> list[MemberChange]:
    """Return the members that changed on either side since `base`, in the order of the records."""
    names = dict.fromkeys([*base, *theirs, *mine])
    found = (
        MemberChange(n, base.get(n, MISSING), mine.get(n, MISSING), theirs.get(n, MISSING))
        for n in names
    )
    return [change for change in found if change.is_mine or change.is_theirs]


class Untouched:
    """Finds the equal members of two records; the items of a list are matched once.

    Use it for one pair of records, which must not change.
    """

    def __init__(self, before: Any, after: Any) -> None:
        self._before, self._after = before, after
        self._pairs: dict[Path, dict[int, int]] = {}

    def __call__(self, path: Path) -> bool:
        """Whether the value at a path of `after` is the one of `before`; items may have moved."""
        before, after = self._before, self._after
        for end, part in enumerate(path):
            if isinstance(part, int) and isinstance(before, list) and isinstance(after, list):
                at = path[:end]
                if at not in self._pairs:
                    self._pairs[at] = _matched(before, after)
                if part not in self._pairs[at]:
                    return False
                before, after = before[self._pairs[at][part]], paths.get(after, (part,))
            else:
                before, after = paths.get(before, (part,)), paths.get(after, (part,))
        return same(before, after)


def _matched(before: list[Any], after: list[Any]) -> dict[int, int]:
    """Match the items of two lists, each of `after` to one of `before`.

    Equal items at both ends are matched by position, which is fast: most edits change one item.
    """
    least = min(len(before), len(after))
    start = next((n for n in range(least) if not same(before[n], after[n])), least)
    rest = range(1, least - start + 1)
    end = next((n - 1 for n in rest if not same(before[-n], after[-n])), least - start)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    pairs = {n: n for n in range(start)}
    pairs |= {start + b: start + a for a, b in matched_items(old, new).items()}
    return pairs | {len(after) - n: len(before) - n for n in range(1, end + 1)}


def is_untouched(path: Path, before: Any, after: Any) -> bool:
    """Whether the value at a path of `after` is the one of `before`; list items may have moved."""
    return Untouched(before, after)(path)
