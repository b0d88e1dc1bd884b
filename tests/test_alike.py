"""What draws nothing but its background: one line stands for all, and none looks otherwise."""

import pytest
from textual.strip import Strip
from textual.widget import Widget

from screens.alike import Alike
from tests.examples import full
from tests.person import opened, press
from wizard.draft import Draft


@pytest.mark.parametrize("no_color", [False, True], ids=["colours", "no-colours"])
@pytest.mark.parametrize("size", [(80, 24), (140, 40), (40, 12)], ids=str)
async def test_it_looks_as_if_each_line_were_drawn(
    size: tuple[int, int], no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with opened(Draft(full()), size=size) as pilot:
        if size == (80, 24):
            await press(pilot, "f8")  # a large screen has the payload beside the form anyhow
        seen = [pilot.app.screen, *pilot.app.screen.query(Widget)]
        alike = [widget for widget in seen if isinstance(widget, Alike) and widget.size.area]
        assert len(alike) >= 5
        for widget in alike:
            region = widget.size.region if widget.is_scrollable else widget.outer_size.region
            drawn = super(Alike, widget).render_lines(region)
            shown = widget.render_lines(region)
            assert [_cells(line) for line in shown] == [_cells(line) for line in drawn], widget
            assert all(line is shown[0] for line in shown)


def _cells(line: Strip) -> list[tuple[str, object]]:
    return [(cell, style) for text, style, _ in line for cell in text]
