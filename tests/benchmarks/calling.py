"""A rehearsed call: from the key to the first word of an answer, and keys while one streams."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.benchmarks.measure import Act, Row, Table
from tests.benchmarks.screen import Screen, wizard
from tests.benchmarks.world import World, draft_with, script_of
from tests.rehearsal.scripted_model import scripted_model

_F7 = "\x1b[18~"
# 200 pieces a second.
_PAUSE = 0.005
# A turn of a call ends at 4,000 characters.
_PIECES = 799
_TURNS: list[Any] = [
    {"hears": "stream", "says": "word " * _PIECES, "pause": _PAUSE},
    {"hears": "(?i)answer", "says": "At once."},
]


def run(world: World) -> Iterator[Table]:
    """The first word, then the keys."""
    draft = draft_with(script_of(1000), is_wait_start_speech=False)
    command = wizard("--home", str(world.home(draft)), "--draft", draft.id)
    with scripted_model(_TURNS) as served:
        environment = {"QCALL_REHEARSAL_URL": served.url, "QCALL_REHEARSAL_KEY": ""}
        with Screen(command, environment=environment) as screen:
            screen.until_text("Ask one thing")
            screen.calm()
            screen.press(_F7)
            screen.until_text("Your turn")
            screen.calm()
            yield _first_word(world, screen)
            yield _keys(world, screen)


def _first_word(world: World, screen: Screen) -> Table:
    values = []
    for number in range(1, world.times(30) + 1):
        screen.press(f"answer {number}")
        screen.until(lambda n=number: screen.has(f"▌answer {n}"), "what was typed")
        screen.calm()
        shown = sum(1 for _ in screen.rows_of("At once."))
        values.append(screen.after("\r", lambda n=number: _answers(screen, n)) * 1000)
        screen.calm()
        assert shown <= len(list(screen.rows_of("At once.")))
    table = Table("Key to the first word of a model that answers at once", "ms")
    table.add(Row("wizard", values, limit=100.0, of="p95"))
    return table


def _answers(screen: Screen, number: int) -> bool:
    """Whether the line of a number has its answer below it."""
    said = list(screen.rows_of(f"Caller     answer {number}"))
    return bool(said) and "At once." in screen.row(said[-1] + 1)


def _keys(world: World, screen: Screen) -> Table:
    """Keys in the caller's line, idle and while 200 pieces a second arrive."""
    act = _typing(screen)
    still = [act() * 1000 for _ in range(world.times(100))]
    screen.press("\x15stream\r")
    screen.until(lambda: screen.has("The assistant speaks"), "the stream")
    act = _typing(screen)
    streaming = [act() * 1000 for _ in range(world.times(100))]
    screen.press("\x1b")
    table = Table("Key to screen in the caller's line", "ms")
    base = table.add(Row("while idle", still, of="p95"))
    table.add(Row("while 200 pieces a second arrive", streaming, base, of="p95"))
    return table


def _typing(screen: Screen) -> Act:
    """Type one character more at each act."""
    letters = (chr(ord("a") + number % 26) for number in count())
    typed = ""

    def act() -> float:
        nonlocal typed
        if len(typed) > 60:
            screen.press("\x15")
            screen.until(lambda: not screen.has(typed), "an empty line")
            typed = ""
        typed += next(letters)
        return screen.after(typed[-1], lambda: bool(re.search(f"▌{typed}", screen.text())))

    return act
