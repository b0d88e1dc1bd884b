"""The output for a terminal on a slow line: changed cells, and nothing else."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

from screens.terminal.cell_diff import CellDiff
from screens.terminal.terminal_width import new_cells
from tests.examples import minimal
from tests.terminal import Terminal
from wizard.contract.steps import STEPS
from wizard.formats.json_text import dump

# The most bytes at 80x24.
KEY, STEP, DIALOG = 300, 8_000, 8_000


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    (payload := tmp_path / "assistant.json").write_text(dump(minimal()))
    environment = {"COLORTERM": "truecolor"}
    arguments = ("--sandbox", "--from", str(payload))
    with Terminal(*arguments, home=tmp_path / "home", environment=environment) as opened:
        opened.wait_for("Company").wait_still()
        yield opened
        opened.press("ctrl+q")
        assert opened.wait_exit() == 0


def written(terminal: Terminal, key: str, *wanted: str, gone: str = "") -> int:
    """The bytes that are written for a key."""
    before = len(terminal.raw)
    terminal.press(key).wait_for(*wanted)
    if gone:
        terminal.wait_gone(gone)
    terminal.wait_until(lambda: len(terminal.raw) > before, "something")
    return len(terminal.wait_still().raw) - before


def test_a_key_writes_less_than_300_bytes(terminal: Terminal) -> None:
    terminal.press("tab").wait_still()
    assert written(terminal, "Z", "Z") < KEY
    assert written(terminal, "backspace", gone="Z") < KEY
    # The second key of a field, when its help has become an error.
    terminal.press("tab", "tab").wait_still()
    terminal.type("x").wait_still()
    assert written(terminal, "q", "xq") < KEY


def test_a_dialog_draws_itself_alone(terminal: Terminal) -> None:
    for key, title in (("f1", "Esc"), ("f2", "Go to"), ("ctrl+p", "Search")):
        assert written(terminal, key, title) < DIALOG, key
        assert written(terminal, "escape", gone="Go to") < DIALOG, key
    terminal.press("f2").wait_for("Go to").wait_still()
    assert written(terminal, "down") < KEY
    terminal.press("escape").wait_gone("Go to").press("tab", "tab", "tab").wait_still()
    assert written(terminal, "down", "Retention") < DIALOG
    assert written(terminal, "escape", gone="Retention") < DIALOG


def test_a_step_change_writes_less_than_a_screen(terminal: Terminal) -> None:
    for step in STEPS[1:]:
        assert written(terminal, "ctrl+n", step.about) < STEP, step.label
    assert written(terminal, "escape", STEPS[-2].about) < STEP


def test_the_screen_equals_a_full_redraw(terminal: Terminal) -> None:
    terminal.press("tab")
    for key, wanted in (("Z", "Z"), ("f2", "Go to"), ("enter", "Company")):
        terminal.press(key).wait_for(wanted)
        assert_drawn_anew(terminal)
    terminal.press("ctrl+p").wait_for("Review the payload")
    assert_drawn_anew(terminal)
    terminal.press("escape").wait_gone("Review the payload")


def assert_drawn_anew(terminal: Terminal) -> None:
    """The window gets another size and back, for which everything is written again."""
    before = seen(terminal.wait_still().screen)
    terminal.resize(80, 23).wait_still()
    terminal.resize(80, 24).wait_until(lambda: seen(terminal.screen) == before, "the same screen")


def test_a_terminal_with_synchronized_output_gets_each_change_at_once(terminal: Terminal) -> None:
    terminal.send("\x1b[?2026;2$y")
    terminal.look(0.2)
    terminal.press("f2").wait_for("Go to").wait_still()
    drawn = bytes(terminal.raw)[terminal.raw.find(b"\x1b[?2026h") :]
    assert drawn
    outside = re.sub(rb"\x1b\[\?2026h.*?\x1b\[\?2026l", b"", drawn, flags=re.DOTALL)
    assert b"Go to" not in outside
    assert not re.search(rb"\x1b\[\d+;\d+H", outside)


# --- the output itself


def cells_of(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    """All cells of a terminal with their styles."""
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def seen(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    """All cells, without styles that are invisible on spaces."""
    plain = {"fg": "default", "bold": False, "italics": False}
    return [
        [c if c.data != " " or c.reverse or c.underscore else c._replace(**plain) for c in row]
        for row in cells_of(screen)
    ]


_STYLES = ("", "1", "1;38;2;1;2;3;48;5;7", "38;2;1;2;3;48;5;7", "4;31;44", "7;97;100", "39;49")
_TEXTS = ("   ", "a line of text", "other", "你好 wide", "✓ é", "a" * 9)


def drawing(seed: int) -> str:
    """An output as Textual writes it."""
    chance = random.Random(seed)
    parts = []
    for _ in range(chance.randint(1, 8)):
        parts.append(f"\x1b[{chance.randint(1, 5)};{chance.randint(1, 20)}H")
        for _ in range(chance.randint(1, 4)):
            style, text = chance.choice(_STYLES), chance.choice(_TEXTS)
            parts.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
        parts.append("\n" * chance.randint(0, 1))
    return "".join([*parts, "\x1b[1;1H"])


def test_skipped_output_changes_nothing() -> None:
    whole, short = (pyte.Screen(80, 6) for _ in range(2))
    cells, saved = new_cells(), 0
    for seed in range(300):
        data = drawing(seed)
        changed = cells.changes(data)
        saved += len(data) - len(changed)
        pyte.Stream(whole).feed(data)
        pyte.Stream(short).feed(changed)
        assert seen(short) == seen(whole), seed
        assert (short.cursor.x, short.cursor.y) == (whole.cursor.x, whole.cursor.y)
    assert saved > 0


@pytest.fixture
def cells() -> CellDiff:
    return new_cells()


def test_unchanged_cells_are_not_written_again(cells: CellDiff) -> None:
    row = "\x1b[2;3H\x1b[1;38;2;1;2;3mtitle\x1b[0m\x1b[38;2;1;2;3m text \x1b[0m\n\x1b[1;1H"
    assert "title" in cells.changes(row)
    assert cells.changes(row) == ""
    assert cells.changes(row.replace("text", "test")) == (
        "\x1b[2;11H\x1b[38;2;1;2;3ms\x1b[m\x1b[1;1H"
    )


@pytest.mark.parametrize("other", ["\x1b[2J", "\x1b[?1049h", "\x1b[?1049l", "text\r\n"])
def test_after_other_output_all_is_written_again(cells: CellDiff, other: str) -> None:
    row = "\x1b[1;1Htext\x1b[1;1H"
    cells.changes(row)
    assert cells.changes(other) == other
    assert cells.changes(row) == row


@pytest.mark.parametrize("other", ["\x1b[?2026h", "\x1b]52;c;aGk=\x07", "\x07", "\x1b[?25l"])
def test_output_that_draws_nothing_is_passed_on(cells: CellDiff, other: str) -> None:
    row = "\x1b[1;1Htext\x1b[1;1H"
    cells.changes(row)
    assert cells.changes(other) == other
    assert "text" not in cells.changes(row)


def test_behind_a_text_of_disputed_width_all_is_written_again(cells: CellDiff) -> None:
    row = "\x1b[1;1Hname नमस्ते\x1b[1;20Hbehind\x1b[1;1H"
    cells.changes(row)
    again = cells.changes(row)
    assert "नमस्ते" in again
    assert "behind" in again
