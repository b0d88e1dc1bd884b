"""How long it takes to go about: from step to step, among many voices and many actions."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.benchmarks.measure import Row, Table
from tests.benchmarks.screen import Screen, wizard
from tests.benchmarks.world import World, draft_with, environment, script_of, serving
from tests.examples import meeting
from wizard.draft import Draft
from wizard.steps import STEPS, Step

_NEXT, _DOWN, _UP = "\x0e", "\x1b[B", "\x1b[A"
_ESCAPE = "\x1b"


def run(world: World) -> Iterator[Table]:
    """Steps, voices, actions."""
    table = Table("Step to step", "ms")
    table.add(Row("Ctrl+N and Esc, visited steps", steps(world), limit=100.0, of="p95"))
    yield table
    table = Table("Among many", "ms")
    voices = 100 if world.small else 10_000
    name = f"a key in the search of {voices:,} voices"
    table.add(Row(name, searching(world, voices), limit=50.0, of="p95"))
    actions = 20 if world.small else 1_000
    name = f"an arrow key among {actions:,} actions"
    table.add(Row(name, moving(world, actions), limit=50.0, of="p95"))
    yield table


def steps(world: World) -> list[float]:
    """The times of steps forth and back, each until the heading of the other shows."""
    draft = draft_with(script_of(1000))
    draft.step, draft.focus = Step.TYPE, ()
    headings = [info.about for info in STEPS]
    with opened(world, draft) as screen:
        screen.until_text(headings[0][:12])
        found: list[float] = []
        for lap in range(world.times(20) + 1):
            ways = [(_NEXT, heading) for heading in headings[1:]]
            ways += [(_ESCAPE, heading) for heading in reversed(headings[:-1])]
            for keys, heading in ways:
                screen.calm(0.15)
                taken = screen.after(keys, lambda heading=heading: screen.has(heading[:12]))
                # Esc by itself waits in the terminal's reader for what might follow it.
                if lap and keys == _NEXT:
                    found.append(taken * 1000)
        return found


def searching(world: World, count: int) -> list[float]:
    """The times of keys in the search field of the voices."""
    draft = draft_with(script_of(1000))
    draft.step, draft.focus = Step.VOICE, ()
    with ExitStack() as stack:
        address = stack.enter_context(serving(count))
        told = environment(QCALL_API_KEY="benchmark")
        screen = stack.enter_context(opened(world, draft, "--base-url", address, told=told))
        screen.until_text(f"of {count:,} voices")
        screen.calm()
        return _there_and_back(world, screen, "indian", "voices ·")


def moving(world: World, count: int) -> list[float]:
    """The times of arrow keys in the list of actions."""
    actions = [{**meeting(), "name": f"Meeting {number}"} for number in range(count)]
    draft = draft_with(script_of(1000), actions=actions)
    draft.step, draft.focus = Step.ACTIONS, ("actions",)
    with opened(world, draft) as screen:
        screen.until_text("Actions")
        screen.calm()
        found = []
        for number in range(world.times(100)):
            before = _picture(screen)
            taken = screen.after(
                _DOWN if number % 50 < 40 else _UP,
                lambda before=before: _picture(screen) != before,
                "another action",
            )
            found.append(taken * 1000)
            screen.calm(0.05)
        return found


def opened(world: World, draft: Draft, *options: str, told: dict[str, str] | None = None) -> Screen:
    """The wizard in a terminal, at a draft."""
    command: Sequence[str] = wizard("--home", str(world.home(draft)), "--draft", draft.id, *options)
    return Screen(command, environment=told)


def _there_and_back(world: World, screen: Screen, text: str, line: str) -> list[float]:
    """Type a text and take it back, each key until the line that counts what is found differs."""
    row = screen.row_of(line)
    field = row - 1
    found: list[float] = []
    for _ in range(world.times(10)):
        for key in (*text, *("\x7f" * len(text))):
            before = screen.row(field)
            taken = screen.after(
                key, lambda before=before: screen.row(field) != before, "the search field"
            )
            found.append(taken * 1000)
            screen.calm(0.05)
    return found


def _picture(screen: Screen) -> tuple[tuple[str, bool, str], ...]:
    """The screen with its colours, which is how a list shows its cursor."""
    cells = screen.screen.buffer
    return tuple(
        (cells[y][x].data, cells[y][x].bold, cells[y][x].bg)
        for y in range(screen.screen.lines)
        for x in range(24, 80)
    )
