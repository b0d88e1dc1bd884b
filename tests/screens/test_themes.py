"""How the wizard looks: contrast, small terminals, few colours or none, ASCII, disputed widths."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest
from rich.cells import cell_len
from textual.app import App
from textual.color import Color
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static

from screens.dialogs.menu import Menu
from screens.pages.editor import EditorArea
from screens.terminal import themes
from screens.terminal.ascii_fallback import as_ascii
from screens.terminal.terminal_width import with_positions
from screens.terminal.themes import CONTRAST, DARK, LIGHT, VIOLET, contrast
from screens.widgets.signs import STEP_SIGNS
from tests.examples import minimal
from tests.person import (
    button,
    make_app,
    opened,
    press,
    screen_strips,
    screen_text,
    settle,
    type_text,
    wait_for,
)
from tests.screens.style_checks import (
    DRAWN,
    SIXTEEN,
    lines_without_edges,
    low_contrast,
    segments_of,
)
from tests.screens.test_pictures import MAIN_SCREENS, SCREENS, ready, show_editor, show_preview
from tests.terminal import Terminal
from wizard.draft.draft import Draft, StepState

THEMES = [theme.name for theme in themes.THEMES]
XTERM = {"TERM": "xterm", "COLORTERM": ""}
NO_COLOR = {"NO_COLOR": "1", "COLORTERM": "truecolor"}


# --- contrast


@pytest.mark.parametrize("term", ["", "xterm-256color"])
@pytest.mark.parametrize("theme", themes.THEMES, ids=THEMES)
def test_texts_have_contrast_on_every_background(
    theme: Any, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if term:
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("COLORTERM", "")
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
    if term:  # the nearest of 256 to the grounds of true colours are a glaring blue
        assert all(colors[ground].r == colors[ground].b for ground in _GROUNDS)


_TEXTS = {"foreground", "text-muted", "text-accent", "text-success", "text-warning", "text-error"}
_TEXTS |= {"footer-key-foreground"}
_GROUNDS = {"background", "surface", "panel"}


def test_the_accent_is_qcalls_violet() -> None:
    assert VIOLET == DARK.primary == LIGHT.primary == "#7C53FC"
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", sorted(SCREENS.keys() & set(MAIN_SCREENS)))
async def test_texts_and_fields_can_be_seen_in_16_colours(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in XTERM.items():
        monkeypatch.setenv(variable, value)
    draft, show = SCREENS[name]
    async with opened(draft()) as pilot:
        await show(pilot)
        for theme in (DARK.name, "ansi-light"):
            pilot.app.theme = theme
            await settle(pilot)
            assert not list(low_contrast(pilot.app)), theme
            # The accent of the top line is a colour there, and not the white that is nearest.
            found = (each.style.color for _, _, each in segments_of(pilot.app) if each.style)
            numbers = {color.number for color in found if color}
            assert numbers & {5, 13}, theme
        assert not list(lines_without_edges(pilot.app))


@pytest.mark.parametrize("theme", ["nord", "rose-pine-dawn"])
async def test_the_palette_can_be_read_in_a_pale_theme(theme: str) -> None:
    draft, show = SCREENS["palette"]
    async with opened(draft(), theme=theme) as pilot:
        await show(pilot)
        assert not list(low_contrast(pilot.app))


@pytest.mark.parametrize("name", ["type-problems", "preview-problems", "confirm"])
async def test_every_theme_can_be_chosen_and_read(name: str) -> None:
    draft, show = SCREENS[name]
    async with opened(draft()) as pilot:
        app = pilot.app
        await show(pilot)
        for theme in app.available_themes:
            app.choose_theme(theme)
            await settle(pilot)
            assert not list(low_contrast(app)), theme


# --- few colours, or none


def faint(screen: pyte.Screen, ground: str = "#000000", text: str = "#e5e5e5") -> Iterator[str]:
    """The characters in a terminal that are hard to make out, each with its colours."""
    for y, row in screen.buffer.items():
        for x, cell in row.items():
            if DRAWN.fullmatch(cell.data):
                continue
            fore, back = (_color(cell.fg, text), _color(cell.bg, ground))
            if contrast(fore, back) < CONTRAST:
                yield f"{cell.data} at {x},{y}: {cell.fg} on {cell.bg}"


def _color(name: str, default: str) -> Color:
    if name == "default":
        return Color.parse(default)
    return Color.parse(SIXTEEN.get(name, f"#{name}"))


FEW: dict[str, dict[str, str]] = {
    "16 colours": XTERM,
    "no colour": NO_COLOR,
    "no colour of 16": NO_COLOR | XTERM,
}


@pytest.mark.parametrize("environment", FEW.values(), ids=list(FEW))
def test_few_colours_are_enough(tmp_path: Path, environment: dict[str, str]) -> None:
    with Terminal("--sandbox", home=tmp_path, environment=environment) as terminal:
        terminal.wait_for("Lead qualification").wait_still()
        assert not list(faint(terminal.screen))
        terminal.type("scratch").press("enter").wait_for("Company").wait_still()
        assert not list(faint(terminal.screen))
        terminal.press("ctrl+n").wait_for("need attention").press("f2").wait_for("Go to")
        # The state has a symbol too, and the cursor is visible.
        assert STEP_SIGNS[StepState.WRONG] in terminal.text
        terminal.press("escape", "ctrl+q")
        assert terminal.wait_exit() == 0
        if "NO_COLOR" in environment:
            assert looks_of(terminal.raw) <= PLAIN_LOOKS


@pytest.mark.parametrize(
    ("theme", "ground", "text"),
    [("ansi-light", "#000000", "#e5e5e5"), ("ansi-dark", "#ffffff", "#000000")],
)
def test_an_ansi_theme_can_be_read_in_a_terminal_of_the_other_kind(
    tmp_path: Path, theme: str, ground: str, text: str
) -> None:
    with Terminal("--sandbox", home=tmp_path, environment={"COLORTERM": "truecolor"}) as terminal:
        terminal.begin().press("ctrl+p").wait_for("Search").type(theme).wait_for("in later")
        terminal.press("enter").wait_gone("in later").wait_still()
        assert not list(faint(terminal.screen, ground, text))
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


# None, bold, underline and reverse.
PLAIN_LOOKS = {b"0", b"1", b"4", b"7"}


def looks_of(raw: bytes | bytearray) -> set[bytes]:
    """The colours and styles that a terminal was sent."""
    sent = re.findall(rb"\x1b\[([0-9;:]*)m", raw)
    return {part or b"0" for each in sent for part in each.split(b";")}


def test_no_colour_is_written_from_the_first_screen_to_the_outcome(tmp_path: Path) -> None:
    payload = tmp_path / "assistant.json"
    payload.write_text(json.dumps(minimal()))
    arguments = ("--sandbox", "--no-color", "--from", str(payload))
    with Terminal(*arguments, home=tmp_path / "home") as terminal:
        terminal.wait_for("Company").press("f1").wait_for("close").press("escape")
        terminal.wait_gone("close").press("f8").wait_for('"name"')
        terminal.press("ctrl+p").type("back").wait_for("is_back_sound").press("escape")
        terminal.wait_gone("is_back_sound").press("f9").wait_for("Submit").press("ctrl+s")
        terminal.wait_for("Create (y)").press("y").wait_for("Created").press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert looks_of(terminal.raw) == PLAIN_LOOKS


def test_an_empty_no_color_does_not_count(tmp_path: Path) -> None:
    environment = {"NO_COLOR": "", "COLORTERM": "truecolor"}
    with Terminal("--sandbox", home=tmp_path, environment=environment) as terminal:
        terminal.begin().press("ctrl+q")
        assert terminal.wait_exit() == 0
        colors = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.raw)
        assert any(len(set(color)) > 1 for color in colors)


@pytest.mark.parametrize("name", sorted(SCREENS.keys() & set(MAIN_SCREENS)))
async def test_no_screen_has_a_colour_with_no_color(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    draft, show = SCREENS[name]
    async with opened(draft()) as pilot:
        await show(pilot)
        for theme in (DARK.name, "ansi-light") if name == "type-problems" else (DARK.name,):
            pilot.app.theme = theme
            await settle(pilot)
            strips = screen_strips(pilot.app)
            sent = "".join(strip.render(pilot.app.console) for strip in strips)
            assert looks_of(sent.encode()) <= PLAIN_LOOKS, theme
        assert not list(lines_without_edges(pilot.app))
        # Their edges make buttons wider than a background of another colour does.
        for each, (region, clip) in pilot.app.screen._compositor.visible_widgets.items():
            cut = isinstance(each, Button) and region.intersection(clip).width < region.width
            assert not cut, each


def drawn(app: App[Any], widget: Widget, text: str) -> tuple[str, set[str], Any]:
    """The sign at the left end of a widget, and the styles and the colours of a text in it."""
    region = widget.region
    strips = screen_strips(app)[region.y : region.bottom]
    strips = [strip.crop(region.x, region.right) for strip in strips]
    styles = [s.style for strip in strips for s in strip if text in s.text and s.style]
    assert styles, f"{text!r} is not on {widget}"
    names = {name for name in ("bold", "underline", "reverse") if getattr(styles[0], name)}
    return strips[0].text[0], names, (styles[0].color, styles[0].bgcolor)


@pytest.mark.parametrize("environment", [XTERM, NO_COLOR], ids=["16 colours", "no colour"])
@pytest.mark.parametrize("theme", [*THEMES, "ansi-light"])
async def test_states_differ_in_few_colours(
    environment: dict[str, str], theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with opened(ready()) as pilot:
        app = pilot.app
        app.theme = theme
        await show_preview(pilot)
        await settle(pilot)
        primary, plain = (button(app, name) for name in ("submit", "copy"))
        seen = {"primary": drawn(app, primary, "Create"), "plain": drawn(app, plain, "Copy")}
        for name, each, label in (("on primary", primary, "Create"), ("on plain", plain, "Copy")):
            each.focus()
            await settle(pilot)
            seen[name] = drawn(app, each, label)
        app.set_focus(None)
        plain.disabled = True
        await settle(pilot)
        seen["disabled"] = drawn(app, plain, "Copy")
        assert len({str(look) for look in seen.values()}) == len(seen), seen
        # By more than a shade: a line at the side, or a style.
        disabled = seen.pop("disabled")
        assert all(look[:2] != disabled[:2] for look in seen.values()), seen


@pytest.mark.parametrize("environment", [XTERM, NO_COLOR], ids=["16 colours", "no colour"])
async def test_selections_and_matches_are_visible_in_few_colours(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with opened(Draft(answers={"script": "alpha beta gamma"})) as pilot:
        app = pilot.app
        await show_editor(pilot)
        await press(pilot, "ctrl+home", *["shift+right"] * 5)
        area = app.screen.query_one(EditorArea)
        selected, plain = drawn(app, area, "alpha"), drawn(app, area, "beta")
        await press(pilot, "ctrl+f")
        await type_text(pilot, "beta")
        await wait_for(pilot, lambda: drawn(app, area, "beta") != plain, what="what was found")
        await press(pilot, "escape", "escape", "f2")
        await wait_for(pilot, lambda: isinstance(app.screen, Menu))
        listed = app.screen.query_one(OptionList)
        await wait_for(pilot, lambda: drawn(app, listed, "Voice") != drawn(app, listed, "Script"))
        assert selected != plain


# --- ASCII


def test_a_locale_without_utf8_gets_ascii_alone(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path, environment={"LC_ALL": "C"}) as terminal:
        terminal.begin().press("tab").type("Asha é").wait_for("Asha")
        terminal.press("ctrl+n").wait_for("x Type", "x 3 fields need attention")
        terminal.press("f8").wait_for('"name"').wait_still()
        terminal.wait_until(lambda: "?" not in terminal.text.replace("Asha ?", ""), "only signs")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert bytes(terminal.raw).isascii()


def test_the_ascii_fallback_keeps_the_width() -> None:
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
    """A terminal that counts every character as a cell, combining ones too."""

    def draw(self, data: str) -> None:
        """Draw each character in its own cell."""
        for character in data:
            if character.isprintable():
                super().draw(character if character.isascii() else "#")
            else:
                super().draw("#")


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=list(SCRIPTS))
def test_cells_behind_a_text_keep_their_position(text: str) -> None:
    line = f"{text}{' ' * (40 - cell_len(text))}"
    row = f"\x1b[2;1H\x1b[38;2;1;2;3m{line}\x1b[0m|pane|"
    for kind in (Differing, pyte.Screen):
        terminal = kind(80, 3)
        stream = pyte.Stream(terminal)
        stream.feed(with_positions(row))
        assert "".join(terminal.buffer[1][x].data for x in range(40, 46)) == "|pane|", kind
    # Without it, it moves: the test can fail.
    terminal = Differing(80, 3)
    pyte.Stream(terminal).feed(row)
    moved = "".join(terminal.buffer[1][x].data for x in range(40, 46)) != "|pane|"
    assert moved or len(text) == cell_len(text)


def test_text_of_certain_width_is_written_unchanged() -> None:
    for text in ("", "plain", "\x1b[1mÄ ✓ 你好 │\x1b[0m", "\x1b]52;c;aGk=\x07"):
        assert with_positions(text) == text


def test_escape_sequences_are_never_split() -> None:
    orders = ("\x1b]0;नमस्ते\x07", "\x1bPनमस्ते\x1b\\")
    for order in orders:
        assert with_positions(f"{order}é") == f"{order}é"


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
async def test_no_frame_is_cut_by_wide_texts(size: tuple[int, int]) -> None:
    """All scripts at once in the longest field, with the payload beside it."""
    text = "\n".join(f"{name}: {said * 6}" for name, said in SCRIPTS.items())
    async with opened(Draft(answers={"script": text}), size=size, step="script") as pilot:
        await press(pilot, "tab", "tab")
        await settle(pilot)
        widths = {strip.cell_length for strip in screen_strips(pilot.app)}
        assert widths == {size[0]}


# --- sizes and stillness


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (140, 40), (220, 70)])
async def test_nothing_is_wider_than_the_terminal(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        app = pilot.app
        app.push_screen(app.welcome_screen(is_lowest=False))
        await wait_for(pilot, lambda: "Start from scratch" in screen_text(app))
        await settle(pilot)
        for widget in app.screen.query("*"):
            region = widget.region
            if widget.display and region.area and not isinstance(widget.parent, Static):
                assert region.right <= size[0], widget


def test_nothing_moves_by_itself(tmp_path: Path) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().wait_still()
        drawn = len(terminal.raw)
        terminal.look(1.2)
        assert len(terminal.raw) == drawn
        terminal.press("ctrl+p").wait_for("Search").type("zzzz").wait_for("No matches").wait_still()
        drawn = len(terminal.raw)
        terminal.look(1.2)
        assert len(terminal.raw) == drawn
        terminal.press("escape")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


def test_a_wide_letter_keeps_its_width_in_ascii() -> None:
    assert as_ascii("Ａsha") == "??sha"


class Narrow(pyte.Screen):
    """A terminal that draws any text beyond ASCII in one cell."""

    def draw(self, data: str) -> None:
        """Draw a run of characters."""
        super().draw(data if data.isascii() else "#")


def test_a_narrower_text_leaves_no_cells_behind() -> None:
    text = SCRIPTS["Hindi"]
    terminal = Narrow(80, 1)
    stream = pyte.Stream(terminal)
    stream.feed("x" * cell_len(text))
    stream.feed(with_positions(f"\x1b[1;1H{text}"))
    assert terminal.display[0].strip() == "#"
