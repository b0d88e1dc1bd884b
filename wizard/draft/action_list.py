"""Changes of the list of actions. Each action keeps the source of its values."""

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
    # A template would give its list again.
    sources: dict[Path, Source] = {
        ACTIONS: Source.TYPED if of_list in (None, Source.TEMPLATE) else of_list
    }
    for place, before in enumerate(order):
        for path, source in kept(draft, (*ACTIONS, before)).sources.items():
            sources[(*ACTIONS, place, *path[2:])] = source
    restore(draft, Kept(ACTIONS, [given[before] for before in order], sources))
    return at


class Kept(NamedTuple):
    """An answer as it was, with its source and those of what is in it."""

    path: Path
    value: Any
    sources: Mapping[Path, Source]


def kept(draft: Draft, path: Path) -> Kept:
    """Return the answer at a path, to restore it later."""
    own = draft.source_of_answer(path)
    inside = {p: source for p, source in draft.sources.items() if p[: len(path)] == path}
    return Kept(path, draft.get(path), ({path: own} if own else {}) | inside)


def restore(draft: Draft, before: Kept) -> None:
    """Store an answer with its sources; one edit."""
    with draft.history.together():
        draft.answer(before.path, before.value, before.sources.get(before.path, Source.TYPED))
        for at, source in sorted(before.sources.items(), key=lambda item: len(item[0])):
            if draft.get(at) is not MISSING and draft.source_of_answer(at) is not source:
                draft.set_source(at, source)
