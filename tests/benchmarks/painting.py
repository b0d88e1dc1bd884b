"""How long it takes from exec until something can be read, and from quit to the prompt."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.measure import Act, Row, Table, in_turn
from tests.benchmarks.screen import Screen, python, wizard
from tests.benchmarks.world import PEERS, World, draft_with, script_of

_QUIT = "\x11"


def run(world: World) -> Iterator[Table]:
    """First paint, then the way back to the prompt."""
    home = world.home(*(draft_with(script_of(1000), name=f"Draft {n}") for n in range(5)))
    ten = "Textual, ten fields"
    acts = {
        ten: _painting(python(str(PEERS / "ten_fields.py")), "READY"),
        "wizard, five drafts": _painting(wizard(), "Draft 4", home),
        "wizard, one draft opened": _painting(_opening(world), "Script"),
        "Textual, hello": _painting(python(str(PEERS / "hello.py")), "READY"),
    }
    if asking := world.peer("python"):
        acts["questionary"] = _painting([str(asking), str(PEERS / "ask.py")], "READY")
    if posting := world.peer("posting"):
        acts["posting"] = _painting([str(posting)], "Send")
    found = in_turn(acts, world.times(30))
    table = Table("First paint", "ms")
    base = table.add(Row(ten, found.pop(ten)))
    for name, values in found.items():
        most = 1.2 if name == "wizard, five drafts" else None
        table.add(Row(name, values, base, most=most))
    yield table
    yield _quitting(world)


def _opening(world: World) -> Sequence[str]:
    draft = draft_with(script_of(1000))
    return wizard("--home", str(world.home(draft)), "--draft", draft.id)


def _painting(command: Sequence[str], text: str, home: Path | None = None) -> Act:
    def act() -> float:
        with Screen(command, environment=_living(home)) as screen:
            return screen.until_text(text)

    return act


def _quitting(world: World) -> Table:
    home = world.home()
    ten, ours = "Textual, ten fields", "wizard"
    acts = {
        ten: _ending(python(str(PEERS / "ten_fields.py")), "READY"),
        ours: _ending(wizard(), "qcall-wizard", home),
    }
    found = in_turn(acts, world.times(20))
    table = Table("From quit to the prompt", "ms")
    base = table.add(Row(ten, found[ten]))
    table.add(Row(ours, found[ours], base, most=1.3))
    return table


def _ending(command: Sequence[str], text: str, home: Path | None = None) -> Act:
    def act() -> float:
        with Screen(command, environment=_living(home)) as screen:
            screen.until_text(text)
            screen.calm()
            return screen.ended(_QUIT)

    return act


def _living(home: Path | None) -> dict[str, str]:
    """The environment of a wizard that is started as people do, without options."""
    return {} if home is None else {"QCALL_WIZARD_HOME": str(home)}
