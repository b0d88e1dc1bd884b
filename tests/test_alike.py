"""What draws nothing but its background: one line stands for all, and none looks otherwise."""

from pathlib import Path

import pytest
from textual.strip import Strip
from textual.widget import Widget

from screens.alike import Alike
from screens.editor import EditorScreen
from screens.preview import PreviewScreen
from screens.steps import StepsScreen
from tests.examples import full
from tests.person import Person, opened, press, wait_for_screen
from tests.test_welcome import welcomed
from wizard.draft import Draft

WAYS = {
    "steps": ("", StepsScreen),
    "payload": ("f8", StepsScreen),
    "preview": ("f9", PreviewScreen),
    "editor": ("f6", EditorScreen),
}


@pytest.mark.parametrize(
    ("size", "no_color"), [((80, 24), True), ((140, 40), False), ((40, 12), False)], ids=str
)
@pytest.mark.parametrize("way", WAYS)
async def test_it_looks_as_if_each_line_were_drawn(
    way: str, size: tuple[int, int], no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    key, screen = WAYS[way]
    async with opened(Draft(full(), focus=("script",)), size=size, step="script") as pilot:
        await press(pilot, *filter(None, [key]))
        if size != (40, 12) or way != "payload":  # there it is a screen of its own
            await wait_for_screen(pilot, screen)
        check(pilot, at_least=1)


async def test_so_does_the_first_screen(tmp_path: Path) -> None:
    async with welcomed(tmp_path) as pilot:
        check(pilot, at_least=3)


def check(pilot: Person, at_least: int) -> None:
    """Hold every one of them on the screen against what Textual draws line by line."""
    seen = [pilot.app.screen, *pilot.app.screen.query(Widget)]
    alike = [widget for widget in seen if isinstance(widget, Alike) and widget.size.area]
    assert len(alike) >= at_least
    for widget in alike:
        region = widget.outer_size.region
        drawn = super(Alike, widget).render_lines(region)
        shown = widget.render_lines(region)
        assert [_cells(line) for line in shown] == [_cells(line) for line in drawn], widget
        assert all(line is shown[0] for line in shown)


def _cells(line: Strip) -> list[tuple[str, object]]:
    return [(cell, style) for text, style, _ in line for cell in text]
