"""Changes of the list of actions. Each action keeps the source of its values."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from wizard.draft.draft import ACTIONS, Draft, Source
from wizard.formats.paths import MISSING, Path


def add_action(draft: Draft, kind: str) -> int:
    """Add an action with its starting values, of which only the type is the person's; one edit.

    Return its index.
    """
    with draft.history.together():
        if not isinstance(draft.get(ACTIONS), list):
            draft.answer(ACTIONS, [])
        index = len(draft.get(ACTIONS))
        draft.answer((*ACTIONS, index), draft.starting_action(kind), Source.DEFAULT)
        draft.answer((*ACTIONS, index, "type"), kind)
    return index


def rearrange(draft: Draft, operation: str, index: int) -> int:
    """Copy, remove or move the action at an index, by `copy`, `remove`, `up` or `down`; one edit.

    Return the index of the copy, of the moved action, or of what follows the removed one.
    """
    given = draft.get(ACTIONS)
    order = list(range(len(given)))
    at = index
    if operation == "copy":
        order.insert(at := index + 1, index)
    elif operation == "remove":
        del order[index]
    else:
        at = max(0, min(len(order) - 1, index + (1 if operation == "down" else -1)))
        order.insert(at, order.pop(index))
    of_list = draft.source_of_answer(ACTIONS)
    if len(order) == len(given) and of_list not in (None, Source.TEMPLATE):
        # Of 1,000 actions only the two that change places are stored.
        places = [place for place, before in enumerate(order) if place != before]
        moved = [kept(draft, (*ACTIONS, order[place])).at((*ACTIONS, place)) for place in places]
        with draft.history.together():
            for each in moved:
                restore(draft, each)
        return at
    # A template would give its list again.
    sources: dict[Path, Source] = {
        ACTIONS: Source.TYPED if of_list in (None, Source.TEMPLATE) else of_list
    }
    own: dict[Path, Source] = {(): of_list} if of_list else {}
    inside: defaultdict[str | int, dict[Path, Source]] = defaultdict(own.copy)
    for path, source in draft.sources.items():
        if path[:1] == ACTIONS and path != ACTIONS:
            inside[path[1]][path[2:]] = source
    for place, before in enumerate(order):
        sources |= {(*ACTIONS, place, *path): source for path, source in inside[before].items()}
    restore(draft, Kept(ACTIONS, [given[before] for before in order], sources))
    return at


class Kept(NamedTuple):
    """An answer as it was, with its source and those of what is in it."""

    path: Path
    value: Any
    sources: Mapping[Path, Source]

    def at(self, path: Path) -> "Kept":
        """The same answer at another path."""
        end = len(self.path)
        return Kept(path, self.value, {(*path, *p[end:]): s for p, s in self.sources.items()})


def kept(draft: Draft, path: Path) -> Kept:
    """Return the answer at a path, to restore it later."""
    own = draft.source_of_answer(path)
    inside = {p: source for p, source in draft.sources.items() if p[: len(path)] == path}
    return Kept(path, draft.get(path), ({path: own} if own else {}) | inside)


def restore(draft: Draft, before: Kept) -> None:
    """Store an answer with its sources; one edit."""
    with draft.history.together():
        draft.answer(before.path, before.value, before.sources.get(before.path, Source.TYPED))
        sources: dict[Path, Source] = {}
        for at, source in sorted(before.sources.items(), key=lambda item: len(item[0])):
            above = (sources[at[:end]] for end in range(len(at), 0, -1) if at[:end] in sources)
            known = next(above, None) or draft.source_of_answer(at)
            if draft.get(at) is not MISSING and known is not source:
                sources[at] = source
        draft.set_sources(sources)
