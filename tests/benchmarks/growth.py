"""How cost grows with what there is: script, actions, voices, drafts; every interaction of each.

An interaction is a row of a small table: keys, and what shows when it is done. Each is compared
with the same at the size before, and may not grow more than what there is of it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.benchmarks.measure import Row, Table
from tests.benchmarks.navigating import opened
from tests.benchmarks.screen import Screen, wizard
from tests.benchmarks.world import (
    World,
    draft_with,
    environment,
    script_of,
    serving,
    without_voice,
)
from tests.examples import meeting
from wizard.contract.steps import STEPS, Step

_SIZES = {
    "script": (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    "actions": (1, 10, 100, 1_000, 10_000),
    "voices": (10, 100, 1_000, 10_000, 100_000),
    "drafts": (1, 10, 100, 1_000, 10_000),
}
# So often is an interaction done at each size, and from here on less often.
_TIMES, _FEWER, _FEWER_FROM = 4, 2, {"script": 10_000_000, "actions": 10_000}

_UP, _DOWN, _PAGE_UP, _PAGE_DOWN = "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~"
_LOWER, _HIGHER, _DELETE = "\x1b[1;5B", "\x1b[1;5A", "\x1b[3~"
_F2, _F6, _F9 = "\x1bOQ", "\x1b[17~", "\x1b[20~"
_ESCAPE, _ENTER, _BACKSPACE, _TAB = "\x1b", "\r", "\x7f", "\t"
_HOME = "\x1b[H"
_NEXT, _QUIT, _UNDO = "\x0e", "\x11", "\x1a"
_PASTE = "\x1b[200~A pasted line.\r\x1b[201~"
_STEP = {info.step: info.about[:12] for info in STEPS}
# What is typed where it cannot be found, and what says so.
_NOWHERE = "#"


class Deed(NamedTuple):
    """Something that a person does: `keys`, and the text that shows when it is done.

    Without a text it is done when the screen looks different. `back` are keys that undo it; that
    is measured too, until the text is gone, where it has a name. `first` are keys that lead to it.
    """

    name: str
    keys: str
    shows: str = ""
    back: str = ""
    named: str = ""
    first: str = ""


Found = dict[str, list[float]]
"""The times of each interaction, in milliseconds."""


def run(world: World) -> Iterator[Table]:
    """One table a kind, and one of what is slowest at each size."""
    slowest = Table("How cost grows: the slowest interaction at each size", "ms")
    kinds: Mapping[str, Callable[[World, int, int], Found]] = {
        "script": _script,
        "actions": _actions,
        "voices": _voices,
        "drafts": _drafts,
    }
    for kind, measured in kinds.items():
        sizes = _SIZES[kind][:1] if world.small else _SIZES[kind]
        found = {}
        for size in sizes:
            often = _FEWER if size >= _FEWER_FROM.get(kind, size + 1) else _TIMES
            found[size] = measured(world, size, 1 if world.small else often)
        yield grown(kind, found, slowest)
    yield slowest


def grown(kind: str, found: Mapping[int, Found], slowest: Table) -> Table:
    """Each interaction beside itself at the size before; the slowest go into the other table."""
    table = Table(f"How cost grows: {kind}", "ms")
    before: dict[str, Row] = {}
    earlier, last = 0, None
    for size, times in found.items():
        most = size / earlier if earlier else None
        rows = {}
        for name, values in times.items():
            base = before.get(name)
            row = Row(f"{size:,} · {name}", values, base, most=most if base else None)
            rows[name] = table.add(row)
        name, worst = max(rows.items(), key=lambda each: each[1].figures["median"])
        note = f"{name}, {_growth(worst.ratio, most)}" if worst.ratio else name
        last = slowest.add(Row(f"{kind}, {size:,}", worst.values, last, most=most, note=note))
        before, earlier = rows, size
    return table


def _growth(ratio: float, inputs: float | None) -> str:
    return f"x{inputs:g} of it, x{ratio:.2f} its time before"


# --- what is done


def _script(world: World, length: int, times: int) -> Found:
    draft, begin = draft_with(script_of(length)), script_of(20)
    with Screen(wizard("--home", str(world.home(draft)))) as screen:
        screen.until_text("Continue")
        hand = Hand(screen, times, _pause(world))
        hand.once(Deed("opening the draft", _ENTER, _STEP[Step.SCRIPT]))
        hand.press("zqzq")
        hand.all(
            Deed("a key", "x", f"zqzqx{begin[:6]}", _BACKSPACE),
            Deed("a pasted line", _PASTE, "A pasted line.", _UNDO, "undo"),
            Deed("the editor", _F6, "Line 1 of", _ESCAPE),
            Deed("the preview", _F9, "Submit", _ESCAPE),
            Deed("to the next step", _NEXT, _STEP[Step.ACTIONS], _ESCAPE),
        )
        hand.leave("x")
    return hand.found


def _actions(world: World, count: int, times: int) -> Found:
    given = [{**meeting(), "name": f"Meeting {number}"} for number in range(count)]
    draft = draft_with(script_of(1_000), actions=given)
    draft.step, draft.focus = Step.TYPE, ()
    with opened(world, draft) as screen:
        screen.until_text(_STEP[Step.TYPE])
        hand = Hand(screen, times, _pause(world))
        told = "1 action" if count == 1 else f"{count} actions"
        hand.once(Deed("opening the step", _DOWN * 4 + _ENTER, told, first=_F2))
        hand.all(
            Deed("duplicating one", "c", f"{count + 1} actions", _DELETE, "removing one"),
            Deed("the form of one", "e", "Done", _ESCAPE),
            Deed("the preview", _F9, "Submit", _ESCAPE),
        )
        if count > 1:
            hand.all(
                Deed("an arrow key", _DOWN, "", _UP),
                Deed("moving one down", _LOWER, "", _HIGHER),
            )
        for _ in range(times):
            hand.once(Deed("adding one", _ENTER, "Done", first="a"))
            hand.press(_ESCAPE)
        hand.leave("c")
    return hand.found


def _voices(world: World, count: int, times: int) -> Found:
    draft = draft_with(script_of(1_000))
    without_voice(draft)
    draft.step, draft.focus = Step.TYPE, ()
    key = environment(QCALL_API_KEY="benchmark")
    listed = f"of {count:,} voices"
    with (
        serving(count) as address,
        opened(world, draft, "--base-url", address, told=dict(key)) as screen,
    ):
        screen.until_text(_STEP[Step.TYPE])
        hand = Hand(screen, times, _pause(world))
        hand.once(Deed("opening the step", _DOWN * 2 + _ENTER, listed, first=_F2))
        hand.once(Deed("the languages", _ENTER, "All languages", first=_TAB))
        hand.once(Deed("all languages", _ENTER, f"{count:,} {listed}", first=_HOME))
        hand.all(
            Deed("a key that finds none", _NOWHERE, "none found", _BACKSPACE, "one that finds all")
        )
        hand.press(_DOWN)
        hand.all(
            Deed("an arrow key", _DOWN, "", _UP),
            Deed("page down", _PAGE_DOWN, "", _PAGE_UP),
        )
        hand.once(Deed("choosing one", _ENTER))
    return hand.found


def _drafts(world: World, count: int, times: int) -> Found:
    home = str(world.home_of(draft_with(script_of(1_000), name="Draft"), count))
    starts = []
    for _ in range(times):
        with Screen(wizard("--home", home)) as screen:
            starts.append(screen.until_text("Draft") * 1000)
    with Screen(wizard("--home", home)) as screen:
        screen.until_text("Draft")
        hand = Hand(screen, times, _pause(world))
        hand.all(
            Deed("a key of the search", _NOWHERE, "No matches", _BACKSPACE, "taking it back"),
            Deed("an arrow key", _DOWN, "", _UP),
        )
        hand.once(Deed("opening one", _ENTER, _STEP[Step.SCRIPT]))
    return {"from exec to the list": starts, **hand.found}


def _pause(world: World) -> float:
    """How long nothing is drawn before the next thing is done, in seconds."""
    return 0.1 if world.small else 0.25


# --- how it is done


@dataclass(slots=True)
class Hand:
    """Does deeds at a screen and notes how long they take; each so often, with a pause before."""

    screen: Screen
    times: int
    pause: float
    found: Found = field(default_factory=dict)

    def once(self, deed: Deed) -> None:
        """Do a thing to which there is no way back."""
        self._lead(deed.first)
        self._note(deed.name, self.screen.after(deed.keys, self._done(deed), deed.name))

    def all(self, *deeds: Deed) -> None:
        """Do things and undo them; the first time, in which much is made, counts as well."""
        for deed in (deed for deed in deeds for _ in range(self.times)):
            self.once(deed)
            self._lead()
            gone = (lambda deed=deed: not self.screen.has(deed.shows)) if deed.shows else None
            taken = self.screen.after(deed.back, gone or self._done(deed), f"{deed.name}, undone")
            if deed.named:
                self._note(deed.named, taken)

    def leave(self, keys: str) -> None:
        """Change something, and leave at once: it is saved before."""
        self._lead()
        self.screen.press(keys)
        self._note("saved, and the way out", self.screen.ended(_QUIT))

    def press(self, keys: str) -> None:
        """Press keys of which nothing is noted."""
        self._lead(keys)

    def _lead(self, keys: str = "") -> None:
        self.screen.calm(self.pause)
        if keys:
            self.screen.press(keys)
            self.screen.calm(self.pause)

    def _note(self, name: str, seconds: float) -> None:
        self.found.setdefault(name, []).append(seconds * 1000)

    def _done(self, deed: Deed) -> Callable[[], bool]:
        if deed.shows:
            return lambda: self.screen.has(deed.shows)
        before = self.screen.picture()
        return lambda: self.screen.picture() != before
