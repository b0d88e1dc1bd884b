"""Checks how a screen looks: contrasts, edges of fields, signs that ASCII has too."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.widget import Widget
from textual.widgets import Input, TextArea

from screens.form.choice_controls import SelectControl
from screens.terminal.ascii_fallback import _ASCII
from screens.terminal.themes import CONTRAST, contrast
from tests.person import in_sight, screen_lines, screen_strips, screen_text

# Lines, bars and arrows that say nothing by themselves.
DRAWN = re.compile(r"[\s\u2500-\u259f⎯▲▼]*")

# The sixteen colours as xterm has them.
SIXTEEN = {
    "black": "#000000", "red": "#cd0000", "green": "#00cd00", "brown": "#cdcd00",
    "blue": "#0000ee", "magenta": "#cd00cd", "cyan": "#00cdcd", "white": "#e5e5e5",
    "brightblack": "#7f7f7f", "brightred": "#ff0000", "brightgreen": "#00ff00",
    "brightbrown": "#ffff00", "brightblue": "#5c5cff", "bfightmagenta": "#ff00ff",
    "brightmagenta": "#ff00ff", "brightcyan": "#00ffff", "brightwhite": "#ffffff",
}  # fmt: skip


def low_contrast(app: App[Any]) -> Iterator[str]:
    """The texts on the screen on top that are hard to read."""
    screen = app.screen
    text, ground = ("#ffffff", "#000000") if app.current_theme.dark else ("#000000", "#ffffff")
    for y, x, segment in segments_of(app):
        style = segment.style
        if style is None or DRAWN.fullmatch(segment.text):
            continue
        seen = _contrast(style.color, style.bgcolor, text, ground)
        if (seen < CONTRAST or style.dim) and _is_on(screen, x, y):
            yield f"{segment.text.strip()!r} has {seen:.2f}"


@cache
def _contrast(color: RichColor | None, ground: RichColor | None, *defaults: str) -> float:
    return contrast(_shown(color, defaults[0]), _shown(ground, defaults[1]))


def segments_of(app: App[Any]) -> Iterator[tuple[int, int, Segment]]:
    """What is drawn, each piece with its row and its column."""
    for y, strip in enumerate(screen_strips(app)):
        x = 0
        for segment in strip:
            yield y, x, segment
            x += cell_len(segment.text)


def _shown(color: RichColor | None, default: str) -> Color:
    """A color as xterm shows it."""
    if color is None or color.is_default:
        return Color.parse(default)
    if color.triplet:
        return Color(*color.triplet)
    return Color.parse([*dict.fromkeys(SIXTEEN.values())][color.number or 0])


def lines_without_edges(app: App[Any]) -> Iterator[str]:
    """The lines of fields without a line at each side, as they have in few colours."""
    lines = screen_lines(app)
    for field in app.screen._compositor.visible_widgets:
        if isinstance(field, Input | TextArea | SelectControl) and in_sight(app, field):
            line = lines[field.region.y].ljust(app.size.width)
            if not {line[field.region.x], line[field.region.right - 1]} <= set("▏▕▌▐"):
                yield line


def edges(app: App[Any]) -> Iterator[tuple[Widget, float]]:
    """The fields on the screen, each with the contrast of its left edge with the cell beside."""
    cells = {(x, y): segment for y, x, segment in segments_of(app)}
    text, ground = ("#ffffff", "#000000") if app.current_theme.dark else ("#000000", "#ffffff")
    for field in app.screen._compositor.visible_widgets:
        if isinstance(field, Input | TextArea | SelectControl) and in_sight(app, field):
            edge = cells[field.region.x, field.region.y]
            assert edge.style
            assert isinstance(field.parent, Widget)
            around = field.parent.background_colors[1]
            inside = _contrast(edge.style.color, edge.style.bgcolor, text, ground)
            yield field, min(inside, contrast(_shown(edge.style.color, text), around))


def _is_on(screen: Any, x: int, y: int) -> bool:
    """Whether a cell belongs to the top screen; the one under a dialog is dimmed on purpose."""
    widget, _ = screen.get_widget_at(x, y)
    return widget is not screen or not screen.is_modal


def signs_without_ascii(app: App[Any]) -> set[str]:
    """The signs on the screen for which ASCII has nothing."""
    signs = {c for c in screen_text(app) if not (c.isascii() or c in _ASCII or c.isalpha())}
    # What is in a text of a language is a letter, or belongs to one.
    return {c for c in signs if ord(c) >= 0x2000 and cell_len(c) == 1}
