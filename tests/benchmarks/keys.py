"""How long it takes from a key until the cell has changed, in a field and in long scripts."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.benchmarks.measure import Act, Row, Table, in_turn
from tests.benchmarks.screen import Screen, python, wizard
from tests.benchmarks.world import PEERS, World, draft_with, script_of
from wizard.contract.steps import Step
from wizard.draft.draft import Draft

F8 = "\x1b[19~"
_BACKSPACE = "\x7f"
_MARK = "zqzq"
_SIZES = {"1 KB": 1_000, "30 KB": 30_000, "100 KB": 100_000, "1 MB": 1_000_000}
_MOST = {"1 KB": 1.5, "30 KB": 1.5, "100 KB": 2.0, "1 MB": 2.0}


def run(world: World) -> Iterator[Table]:
    """Fields first, then the script at each size, each beside the bare widget."""
    yield _fields(world)
    sizes = dict(list(_SIZES.items())[:1]) if world.small else _SIZES
    for name, length in sizes.items():
        yield _scripts(world, f"Key to screen, script of {name}", script_of(length), _MOST[name])
    if not world.small:
        one_line = script_of(_SIZES["30 KB"], lines=False)
        yield _scripts(world, "Key to screen, 30 KB on one line", one_line, None)


def _fields(world: World) -> Table:
    draft = draft_with(script_of(1000))
    draft.step, draft.focus = Step.TYPE, ("name",)
    with ExitStack() as stack:
        acts = {
            "Textual, ten fields": _ten(stack),
            "wizard, live payload on": typing(stack, _opening(world, draft), "Acme Dental"),
            "wizard, live payload off": typing(stack, _opening(world, draft), "Acme Dental", F8),
        }
        found = in_turn(acts, world.times(200))
    table = Table("Key to screen, a field of one line", "ms")
    ten, shown, hidden = acts
    base = table.add(Row(ten, found[ten], of="p95"))
    table.add(Row(shown, found[shown], base, most=1.3, limit=16.0, of="p95"))
    table.add(Row(hidden, found[hidden], base, most=1.3, limit=16.0, of="p95"))
    return table


def _scripts(world: World, title: str, script: str, most: float | None) -> Table:
    file = world.folder / "script.txt"
    file.write_text(script, encoding="utf-8")
    draft = draft_with(script)
    area = python(str(PEERS / "area.py"), str(file))
    begin = script[:20]
    with ExitStack() as stack:
        acts = {
            "Textual, ten fields": _ten(stack),
            "Textual, text area": typing(stack, area, begin),
            "wizard, live payload on": typing(stack, _opening(world, draft), begin),
            "wizard, live payload off": typing(stack, _opening(world, draft), begin, F8),
        }
        found = in_turn(acts, world.times(200))
    table = Table(title, "ms")
    ten, bare, shown, hidden = acts
    base = table.add(Row(ten, found[ten], of="p95"))
    table.add(Row(bare, found[bare], base, of="p95"))
    table.add(Row(shown, found[shown], base, most=most, of="p95"))
    table.add(Row(hidden, found[hidden], base, most=most, of="p95"))
    return table


def _ten(stack: ExitStack) -> Act:
    return typing(stack, python(str(PEERS / "ten_fields.py")), "READY")


def _opening(world: World, draft: Draft) -> Sequence[str]:
    return wizard("--home", str(world.home(draft)), "--draft", draft.id)


def typing(stack: ExitStack, command: Sequence[str], text: str, first: str = "") -> Act:
    """A program that waits for keys; an act is a character, or its removal, and its repaint."""
    screen = stack.enter_context(Screen(command))
    screen.until_text(text)
    screen.calm()
    if first:
        screen.press(first)
        screen.calm()
    screen.press(_MARK)
    screen.until(lambda: screen.has(_MARK), "what was typed")
    screen.calm()
    # The typed text is in the live payload too, further right.
    column, row = min((screen.row(y).find(_MARK), y) for y in screen.rows_of(_MARK))
    typed = False

    def shows() -> bool:
        wanted = _MARK + "x"
        return screen.row(row)[column : column + len(wanted)] == wanted

    def act() -> float:
        nonlocal typed
        typed = not typed
        return screen.after("x", shows) if typed else screen.after(_BACKSPACE, lambda: not shows())

    return act
