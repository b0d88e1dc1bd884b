"""How the wizard looks: contrast, small terminals, few colours or none, ASCII, disputed widths."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest
from rich.cells import cell_len
from textual.app import App
from textual.color import Color
from textual.widgets import Static

from screens.form.rail import SIGNS
from screens.terminal.ascii_fallback import as_ascii, has_sign
from screens.terminal.terminal_width import held
from screens.terminal.themes import CONTRAST, DARK, LIGHT, VIOLET, contrast
from tests.person import make_app, opened, press, screen_text, settle, wait_for
from tests.terminal import Terminal
from tests.test_pictures import SCREENS
from wizard.draft.draft import Draft

THEMES = [DARK.name, LIGHT.name]
# Lines, bars and arrows that say nothing by themselves.
_DRAWN = re.compile(r"[\s\u2500-\u259f⎯▲▼]*")


# --- contrast


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=THEMES)
def test_texts_stand_out_from_every_ground_of_a_theme(theme: Any) -> None:
    app = make_app()
    app.theme = theme.name
    colors = {
        name: Color.parse(value)
        for name, value in app.get_css_variables().items()
        if name in _TEXTS | _GROUNDS
    }
    for text in _TEXTS:
        for ground in _GROUNDS:
            seen = colors[ground].blend(colors[text], colors[text].a, alpha=1)
            assert contrast(seen, colors[ground]) >= CONTRAST, (text, ground)


_TEXTS = {"foreground", "text-muted", "text-accent", "text-success", "text-warning", "text-error"}
_TEXTS |= {"footer-key-foreground"}
_GROUNDS = {"background", "surface", "panel"}


def test_the_accent_is_qcalls_violet() -> None:
    assert VIOLET == DARK.primary == LIGHT.primary == "#7C53FC"
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


def pale(app: App[Any]) -> Iterator[str]:
    """The texts on the screen on top that are hard to read."""
    screen = app.screen
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            text, style, at = segment.text, segment.style, x
            x += cell_len(text)
            if style is None or _DRAWN.fullmatch(text) or not _is_on(screen, at, y):
                continue
            pair = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
            assert pair[0] is not None, text
            assert pair[1] is not None, text
            seen = contrast(Color.from_rich_color(pair[0]), Color.from_rich_color(pair[1]))
            if seen < CONTRAST:
                yield f"{text.strip()!r} has {seen:.2f}"


def _is_on(screen: Any, x: int, y: int) -> bool:
    """Whether a cell is the top screen's: what lies under a dialog is dimmed on purpose."""
    widget, _ = screen.get_widget_at(x, y)
    return widget is not screen or not screen.is_modal


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
async def test_every_text_on_every_screen_can_be_read(theme: str, size: tuple[int, int]) -> None:
    for name, (draft, show) in SCREENS.items():
        async with opened(draft(), size=size) as pilot:
            pilot.app.theme = theme
            await show(pilot)
            await settle(pilot)
            assert not list(pale(pilot.app)), name


async def test_every_theme_can_be_chosen() -> None:
    async with opened() as pilot:
        app = pilot.app
        for name in app.available_themes:
            app.choose_theme(name)
            await settle(pilot)
            assert "Company" in screen_text(app), name


# --- few colours, or none


# The sixteen colours as xterm has them.
_SIXTEEN = {
    "black": "#000000", "red": "#cd0000", "green": "#00cd00", "brown": "#cdcd00",
    "blue": "#0000ee", "magenta": "#cd00cd", "cyan": "#00cdcd", "white": "#e5e5e5",
    "brightblack": "#7f7f7f", "brightred": "#ff0000", "brightgreen": "#00ff00",
    "brightbrown": "#ffff00", "brightblue": "#5c5cff", "brightmagenta": "#ff00ff",
    "bfightmagenta": "#ff00ff", "brightcyan": "#00ffff", "brightwhite": "#ffffff",
}  # fmt: skip
# Large enough to be made out where the terminal has no better.
_PLAIN = 3.0


def faint(screen: pyte.Screen, ground: str = "#000000", text: str = "#e5e5e5") -> Iterator[str]:
    """The characters in a terminal that are hard to make out, each with its colours."""
    for y, row in screen.buffer.items():
        for x, cell in row.items():
            if _DRAWN.fullmatch(cell.data):
                continue
            fore, back = (_color(cell.fg, text), _color(cell.bg, ground))
            if contrast(fore, back) < _PLAIN:
                yield f"{cell.data} at {x},{y}: {cell.fg} on {cell.bg}"


def _color(name: str, default: str) -> Color:
    if name == "default":
        return Color.parse(default)
    return Color.parse(_SIXTEEN.get(name, f"#{name}"))


FEW = {
    "16 colours": {"TERM": "xterm", "COLORTERM": ""},
    "no colour": {"NO_COLOR": "1", "COLORTERM": "truecolor"},
    "no colour of 16": {"NO_COLOR": "1", "TERM": "xterm", "COLORTERM": ""},
}


@pytest.mark.parametrize("environment", FEW.values(), ids=list(FEW))
def test_few_colours_are_enough(tmp_path: Path, environment: dict[str, str]) -> None:
    with Terminal("--sandbox", home=tmp_path, environment=environment) as terminal:
        terminal.wait_for("Lead qualification").wait_still()
        assert not list(faint(terminal.screen))
        terminal.type("scratch").press("enter").wait_for("Company").wait_still()
        assert not list(faint(terminal.screen))
        if "NO_COLOR" in environment:
            assert not _hues(bytes(terminal.raw))
        terminal.press("ctrl+n").wait_for("missing or wrong here").press("f2").wait_for("Go to")
        # The state is told by a sign too, and the cursor can be seen.
        assert SIGNS["wrong"] in terminal.text
        terminal.press("escape", "ctrl+q")
        assert terminal.wait_exit() == 0


def _hues(raw: bytes) -> set[tuple[str, ...]]:
    """The true colours that were sent and are no grey."""
    sent = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", raw)
    return {tuple(map(bytes.decode, color)) for color in sent if len(set(color)) > 1}


def test_no_color_can_be_asked_for_by_an_option(tmp_path: Path) -> None:
    with Terminal("--sandbox", "--no-color", home=tmp_path) as terminal:
        terminal.begin().press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert not _hues(bytes(terminal.raw))


# --- ASCII


def test_a_locale_without_utf8_gets_ascii_alone(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path, environment={"LC_ALL": "C"}) as terminal:
        terminal.begin().press("tab").type("Asha é").wait_for("Asha")
        terminal.press("ctrl+n").wait_for("x Type", "x 3 answers are missing or wrong here")
        terminal.press("f8").wait_for('"name"').wait_still()
        assert "?" not in terminal.text.replace("Asha ?", "").replace("Asha e", "")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert bytes(terminal.raw).isascii()


@pytest.mark.parametrize("name", SCREENS)
async def test_every_sign_on_a_screen_has_one_in_ascii(name: str) -> None:
    draft, show = SCREENS[name]
    async with opened(draft(), size=(140, 40)) as pilot:
        await show(pilot)
        await settle(pilot)
        text = screen_text(pilot.app)
    signs = {c for c in text if not has_sign(c) and not c.isalpha() and cell_len(c) == 1}
    # What is in a text of a language is a letter, or belongs to one.
    assert not {c for c in signs if ord(c) >= 0x2000}, signs


def test_ascii_is_as_wide_as_what_it_stands_for() -> None:
    text = "✓ ◐ … ▀ é ñ नमस्ते 你好 \u200d"
    assert as_ascii(text).isascii()
    assert cell_len(as_ascii("✓ ◐ … ▀ é ñ 你好")) == cell_len("✓ ◐ … ▀ é ñ 你好")
    assert as_ascii("✓ é 你") == "+ e ??"


# --- widths on which terminals differ


SCRIPTS = {
    "Hindi": "क्षमा कीजिए",
    "Marathi": "तुम्ही कसे आहात",
    "Tamil": "வணக்கம், எப்படி",
    "Telugu": "నమస్కారం అండి",
    "Kannada": "ನಮಸ್ಕಾರ ಹೇಗಿದ್ದೀರಿ",
    "Bengali": "নমস্কার কেমন",
    "Gujarati": "નમસ્તે કેમ છો",
    "Arabic": "مرحبا كيف حالك",
    "emoji": "a 👨‍👩‍👧 b ❤️",
}


class Differing(pyte.Screen):
    """A terminal that counts every letter as a cell, those that join and stand above too."""

    def draw(self, data: str) -> None:
        """Draw each character in a cell of its own."""
        for character in data:
            if character.isprintable():
                super().draw(character if character.isascii() else "#")
            else:
                super().draw("#")


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=list(SCRIPTS))
def test_what_stands_behind_a_text_stays_in_its_place(text: str) -> None:
    line = f"{text}{' ' * (40 - cell_len(text))}"
    row = f"\x1b[2;1H\x1b[38;2;1;2;3m{line}\x1b[0m|pane|"
    for kind in (Differing, pyte.Screen):
        terminal = kind(80, 3)
        stream = pyte.Stream(terminal)
        stream.feed(held(row))
        assert "".join(terminal.buffer[1][x].data for x in range(40, 46)) == "|pane|", kind
    # Without it, it moves: the test can fail.
    terminal = Differing(80, 3)
    pyte.Stream(terminal).feed(row)
    moved = "".join(terminal.buffer[1][x].data for x in range(40, 46)) != "|pane|"
    assert moved or len(text) == cell_len(text)


def test_what_is_not_disputed_is_written_as_it_is() -> None:
    for text in ("", "plain", "\x1b[1mÄ ✓ 你好 │\x1b[0m", "\x1b]52;c;aGk=\x07"):
        assert held(text) == text


def test_orders_to_the_terminal_are_never_taken_apart() -> None:
    orders = ("\x1b]0;नमस्ते\x07", "\x1bPनमस्ते\x1b\\")
    for order in orders:
        assert held(f"{order}é") == f"{order}é"


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
async def test_no_frame_is_cut_where_texts_are_wide(size: tuple[int, int]) -> None:
    """All scripts at once in the longest field, with the payload beside it."""
    text = "\n".join(f"{name}: {said * 6}" for name, said in SCRIPTS.items())
    async with opened(Draft(answers={"script": text}), size=size, step="script") as pilot:
        await press(pilot, "tab", "tab")
        await settle(pilot)
        widths = {strip.cell_length for strip in pilot.app.screen._compositor.render_strips()}
        assert widths == {size[0]}


# --- sizes and stillness


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (140, 40), (220, 70)])
async def test_nothing_is_wider_than_the_terminal(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        app = pilot.app
        app.push_screen(app._welcome())
        await wait_for(pilot, lambda: "Start from scratch" in screen_text(app))
        await settle(pilot)
        for widget in app.screen.query("*"):
            region = widget.region
            if widget.display and region.area and not isinstance(widget.parent, Static):
                assert region.right <= size[0], widget


def test_nothing_moves_by_itself(tmp_path: Path) -> None:
    environment = {"TEXTUAL_ANIMATIONS": "none"}
    with Terminal("--sandbox", home=tmp_path, environment=environment) as terminal:
        terminal.begin().wait_still()
        drawn = len(terminal.raw)
        terminal.look(1.5)
        assert len(terminal.raw) == drawn
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
