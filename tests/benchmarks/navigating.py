"""Navigation: from step to step, among many voices and many actions."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.benchmarks.measure import Row, Table
from tests.benchmarks.screen import Screen, python, wizard
from tests.benchmarks.world import (
    PEERS,
    World,
    draft_with,
    environment,
    script_of,
    serving,
    without_voice,
)
from tests.examples import meeting
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft

_NEXT, _DOWN, _UP, _PAGE = "\x0e", "\x1b[B", "\x1b[A", ("\x1b[6~", "\x1b[5~")
_LOWER, _HIGHER = "\x1b[1;5B", "\x1b[1;5A"
_ESCAPE, _ENTER, _BACK_TAB, _BACKSPACE = "\x1b", "\r", "\x1b[Z", "\x7f"
_F2, _F9 = "\x1bOQ", "\x1b[20~"
# Nothing is drawn for so long before the next thing is done, in seconds.
_PAUSE = 0.15
# Before anything was built, the 95th percentile of such a page was 132 ms: 100 ms are 0.76 of it.
_MOST = 0.76
# The label of a field that depends on a switch.
_HANGING = "Which fillers"
# What a step is opened from the list of them by: so often down, from the first.
_PLACE = {step: place for place, step in enumerate(STEPS)}


def run(world: World) -> Iterator[Table]:
    """Steps, fields, voices, actions."""
    table = Table("Step to step", "ms")
    base = table.add(Row("Textual, a page of fifteen fields", pages(world), of="p95"))
    name = "Ctrl+N and Esc, visited steps"
    table.add(Row(name, steps(world), base, most=_MOST, limit=100.0, of="p95"))
    came, went = fields(world)
    table.add(Row("a field appears with its switch", came))
    table.add(Row("a field goes with its switch", went))
    yield table
    for title, found in (
        ("voices", _voices(world, 100 if world.small else 10_000)),
        ("actions", _actions(world, 20 if world.small else 1_000)),
    ):
        table = Table(f"Among many {title}", "ms")
        for name, values in found.items():
            limit = 50.0 if name.startswith("a key") else None
            table.add(Row(name, values, limit=limit, of="p95" if limit else "median"))
        yield table


def steps(world: World) -> list[float]:
    """The times of steps forth and back, each until the heading of the other shows."""
    draft = draft_with(script_of(1000))
    draft.step, draft.focus = Step.TYPE, ()
    headings = [step.about for step in STEPS]
    with opened(world, draft) as screen:
        screen.until_text(headings[0][:12])
        found: list[float] = []
        for lap in range(world.times(20) + 1):
            ways = [(_NEXT, heading) for heading in headings[1:]]
            ways += [(_ESCAPE, heading) for heading in reversed(headings[:-1])]
            for keys, heading in ways:
                screen.calm(_PAUSE)
                taken = screen.after(keys, lambda heading=heading: screen.has(heading[:12]))
                # The terminal's reader waits after Esc for a possible sequence.
                if lap and keys == _NEXT:
                    found.append(taken * 1000)
        return found


def pages(world: World) -> list[float]:
    """The times until the next page of a minimal app shows."""
    with Screen(python(str(PEERS / "fifteen_fields.py"))) as screen:
        screen.until_text("PAGE 1")
        found: list[float] = []
        for _ in range(world.times(20) * (len(STEPS) - 1)):
            screen.calm(_PAUSE)
            found.append(screen.after(_NEXT, lambda: screen.has("PAGE 2")) * 1000)
            screen.calm(_PAUSE)
            screen.after(_ESCAPE, lambda: screen.has("PAGE 1"))
        return found


def fields(world: World) -> tuple[list[float], list[float]]:
    """The times until a field shows that was switched on, and until it is gone again."""
    draft = draft_with(script_of(1000))
    draft.step, draft.focus = Step.VOICE, ("fillers",)
    with opened(world, draft) as screen:
        screen.until_text(_HANGING)
        screen.calm(_PAUSE)
        # To its switch, with the field below it in sight.
        screen.press(_BACK_TAB)
        came, went = [], []
        for _ in range(world.times(50)):
            screen.calm(_PAUSE)
            went.append(screen.after("n", lambda: not screen.has(_HANGING)) * 1000)
            screen.calm(_PAUSE)
            came.append(screen.after("y", lambda: screen.has(_HANGING)) * 1000)
        return came, went


def _voices(world: World, count: int) -> dict[str, list[float]]:
    """The times of opening the catalogue, searching it and scrolling in it."""
    listed = f"of {count:,} voices"
    opening: list[float] = []
    found: dict[str, list[float]] = {f"from the list of steps to {count:,} voices": opening}
    with serving(count) as address:
        variables = dict(environment(QCALL_API_KEY="benchmark"))
        times = 1 if world.small else 5
        for _ in range(times):
            draft = _at(Step.TYPE)
            without_voice(draft)
            with opened(world, draft, "--base-url", address, variables=variables) as screen:
                opening.append(_open_step(screen, Step.VOICE, listed))
                if len(opening) == times:
                    found |= _among_voices(world, screen)
    return found


def _among_voices(world: World, screen: Screen) -> dict[str, list[float]]:
    screen.calm(_PAUSE)
    searching = _there_and_back(world, screen, "indian", "voices ·")
    screen.press(_DOWN)
    screen.calm(_PAUSE)
    keys = [_DOWN] * 12 + [_UP] * 4 + list(_PAGE)
    moving = _moves(world, screen, keys)
    return {"a key in the search of them": searching, "a key that moves or scrolls": moving}


def _actions(world: World, count: int) -> dict[str, list[float]]:
    """The times of what can be done to a list of actions."""
    actions = [{**meeting(), "name": f"Meeting {number}"} for number in range(count)]
    with opened(world, _at(Step.TYPE, actions=actions)) as screen:
        opening = [_open_step(screen, Step.ACTIONS, f"{count} actions")]
        found = {f"from the list of steps to {count:,} actions": opening}
        keys = [_DOWN] * 12 + [_UP] * 4 + list(_PAGE)
        found["a key that moves or scrolls"] = _moves(world, screen, keys)
        found["moving one down, or up"] = _moves(world, screen, [_LOWER] * 6 + [_HIGHER] * 4)
        adding, previewing = [], []
        for _ in range(world.times(10)):
            previewing.append(_shows(screen, _F9, "Submit"))
            _leave(screen, "Submit")
            screen.press("a")
            adding.append(_shows(screen, _ENTER, "Done"))
            _leave(screen, "Done")
        return found | {"adding one": adding, "the preview": previewing}


def _at(step: Step, **answers: Any) -> Draft:
    draft = draft_with(script_of(1000), **answers)
    draft.step, draft.focus = step, ()
    return draft


def _open_step(screen: Screen, step: Step, text: str) -> float:
    """Go to a step that was not seen yet by the list of steps; until a text shows."""
    screen.until_text(STEPS[0].about[:12])
    screen.calm(_PAUSE)
    screen.press(_F2)
    screen.calm(_PAUSE)
    screen.press(_DOWN * _PLACE[step])
    return _shows(screen, _ENTER, text)


def _shows(screen: Screen, keys: str, text: str) -> float:
    screen.calm(_PAUSE)
    return screen.after(keys, lambda: screen.has(text), text) * 1000


def _leave(screen: Screen, text: str) -> None:
    screen.calm(_PAUSE)
    screen.after(_ESCAPE, lambda: not screen.has(text))


def _moves(world: World, screen: Screen, keys: Sequence[str]) -> list[float]:
    """The times of keys each of which changes how the screen looks."""
    found = []
    for number in range(world.times(100)):
        screen.calm(_PAUSE / 3)
        before = screen.picture()
        key = keys[number % len(keys)]
        found.append(screen.after(key, lambda b=before: screen.picture() != b, repr(key)) * 1000)
    return found


def opened(
    world: World, draft: Draft, *options: str, variables: dict[str, str] | None = None
) -> Screen:
    """The wizard in a terminal, at a draft."""
    command: Sequence[str] = wizard("--home", str(world.home(draft)), "--draft", draft.id, *options)
    return Screen(command, environment=variables)


def _there_and_back(world: World, screen: Screen, text: str, line: str) -> list[float]:
    """Type a text and take it back, each key until the field in focus, above a line, shows it."""
    field = max(y for y in screen.rows_of("▐") if y < screen.row_of(line))
    found: list[float] = []
    for _ in range(world.times(10)):
        for key in (*text, *(_BACKSPACE * len(text))):
            before = screen.row(field)
            taken = screen.after(
                key, lambda before=before: screen.row(field) != before, "the search field"
            )
            found.append(taken * 1000)
            screen.calm(_PAUSE / 3)
    return found
