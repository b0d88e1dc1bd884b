"""How the slowest interaction grows with what there is: script, actions, voices, drafts."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks.going import moving, searching
from tests.benchmarks.keys import typing
from tests.benchmarks.measure import Row, Table
from tests.benchmarks.screen import Screen, wizard
from tests.benchmarks.world import World, draft_with, script_of

_SCRIPTS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_ACTIONS = (2, 10, 100, 1_000, 10_000)
_VOICES = (10, 100, 1_000, 10_000, 100_000)
_DRAFTS = (1, 10, 100, 1_000, 10_000)


def run(world: World) -> Iterator[Table]:
    """One table a kind; each row's base is the smallest."""
    reach = 1 if world.small else None
    yield _grown(
        "Script, characters: a key in it", {n: _script(world, n) for n in _SCRIPTS[:reach]}
    )
    yield _grown("Actions: an arrow key", {n: moving(world, n) for n in _ACTIONS[:reach]})
    yield _grown("Voices: a key in the search", {n: searching(world, n) for n in _VOICES[:reach]})
    yield _grown("Drafts: from exec to the list", {n: _drafts(world, n) for n in _DRAFTS[:reach]})


def _grown(title: str, found: dict[int, list[float]]) -> Table:
    table = Table(title, "ms")
    base: Row | None = None
    for count, values in found.items():
        row = table.add(Row(f"{count:,}", values, base, of="p95"))
        base = base or row
    return table


def _script(world: World, length: int) -> list[float]:
    draft = draft_with(script_of(length))
    with ExitStack() as stack:
        command = wizard("--home", str(world.home(draft)), "--draft", draft.id)
        act = typing(stack, command, script_of(20))
        return [act() * 1000 for _ in range(world.times(60))]


def _drafts(world: World, count: int) -> list[float]:
    drafts = (draft_with(script_of(1000), name=f"Draft {number}") for number in range(count))
    home = world.home(*drafts)
    found = []
    for _ in range(world.times(10)):
        with Screen(wizard("--home", str(home))) as screen:
            found.append(screen.until_text("Draft ") * 1000)
    return found
