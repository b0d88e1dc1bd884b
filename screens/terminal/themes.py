"""The wizard's themes, around QCall's violet, and their contrast."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

VIOLET = "#7C53FC"


def _branded(
    name: str, accent: str, border: str, cursor: tuple[str, str], *, dark: bool, **colors: Any
) -> Theme:
    """A theme around the violet; `cursor` has the text and the background of a list's cursor."""
    variables = {
        "footer-key-foreground": accent,
        "border": border,
        "block-cursor-foreground": cursor[0],
        "block-cursor-background": cursor[1],
    }
    return Theme(
        name,
        primary=VIOLET,
        secondary=accent,
        accent=accent,
        dark=dark,
        variables=variables,
        **colors,
    )


DARK = _branded(
    "qcall-dark",
    "#B9A5FF",
    "#3A3456",
    ("#FFFFFF", "#43308C"),
    dark=True,
    foreground="#E9E6F5",
    background="#13111C",
    surface="#1B1828",
    panel="#252137",
    success="#5BD6A0",
    warning="#F2C35B",
    error="#FF7A8A",
)
LIGHT = _branded(
    "qcall-light",
    "#5B35D5",
    "#CFC6EE",
    ("#1B1433", "#D8CCFF"),
    dark=False,
    foreground="#221C38",
    background="#FAF9FE",
    surface="#F1EEFB",
    panel="#E5E0F6",
    success="#0E7A4B",
    warning="#8A5A00",
    error="#B4243A",
)
# All themes of the wizard; the first is the one to begin with.
THEMES: Final = (DARK, LIGHT)

# The least contrast of text with its background, by WCAG 2, level AA.
CONTRAST: Final = 4.5
# The least contrast of a field's edge with its background, by WCAG 2.
EDGE_CONTRAST: Final = 3.0
# The most that quiet text and edges are blended into their backgrounds.
_QUIETEST, _QUIETEST_EDGE = 0.35, 0.65
# The backgrounds of texts; the first two are a screen's and a list's cursor.
_GROUNDS = ("background", "block-cursor-background", "surface", "panel")
_MIXED = ("foreground", "background", "block-cursor-background", "secondary")
_TEXTS = ("foreground", "text-accent", "text-success", "text-warning", "text-error")
_FOOTER_TEXTS = (
    "footer-foreground",
    "footer-description-foreground",
    "footer-key-foreground",
)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two opaque colours, from 1 to 21, as WCAG 2 computes it."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    parts = (part / 255 for part in (color.r, color.g, color.b))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(variables: dict[str, str]) -> dict[str, str]:
    """A theme's variables, with texts and edges of fields that can be seen everywhere.

    Textual's own muted colour is translucent, which does not work for texts with a style. Some of
    its themes have texts that are too pale, and lists with a cursor as bright as their texts.
    """
    text, ground, cursor, secondary = (Color.parse(variables[name]) for name in _MIXED)
    if contrast(text, cursor) < CONTRAST:
        cursor = cursor.blend(ground, 0.7)
    variables = variables | {"block-cursor-background": cursor.hex}
    variables |= {name: _legible(variables[name], _grounds(variables)) for name in _TEXTS}
    footer = [Color.parse(variables["footer-background"])]
    variables |= {name: _legible(variables[name], footer) for name in _FOOTER_TEXTS}
    return variables | {
        "text-muted": _quiet(variables, _QUIETEST, CONTRAST),
        "field-edge": _quiet(variables, _QUIETEST_EDGE, EDGE_CONTRAST),
        "field-edge-focus": variables["accent"],
        "block-cursor-foreground": _on(cursor, variables["block-cursor-foreground"]),
        "on-primary": _on(Color.parse(variables["primary"])),
        "on-secondary": _on(_in_focus(secondary, text), variables["background"]),
        "on-error": _on(Color.parse(variables["error"]), variables["background"]),
    }


def _grounds(variables: dict[str, str]) -> list[Color]:
    """The backgrounds of texts."""
    grounds = [Color.parse(variables[name]) for name in _GROUNDS]
    return [*grounds, _in_focus(grounds[-1], Color.parse(_on(grounds[-1])))]


def _in_focus(ground: Color, text: Color) -> Color:
    """A background as Textual tints it in the widget with the focus."""
    return ground.tint(text.with_alpha(0.05))


def _quiet(variables: dict[str, str], quietest: float, least: float) -> str:
    """The text's colour, blended into the background as far as it stays readable on every one."""
    grounds = _grounds(variables)
    text = Color.parse(variables["foreground"])
    factors = (quietest - step / 50 for step in range(int(quietest * 50) + 1))
    return _first(grounds, least, (*(text.blend(grounds[0], each) for each in factors), text))


def _legible(text: str, grounds: list[Color]) -> str:
    """A text's colour, blended into white or black as far as it must to be readable."""
    color, strongest = Color.parse(text), Color.parse(_on(grounds[0]))
    return _first(grounds, CONTRAST, (color.blend(strongest, step / 50) for step in range(51)))


def _on(ground: Color, *preferred: str) -> str:
    """The first colour that is readable on a background, of those preferred, white and black."""
    tried = (*preferred, "#FFFFFF", "#000000")
    return _first([ground], CONTRAST, (Color.parse(each) for each in tried if each[0] == "#"))


def _first(grounds: list[Color], least: float, tried: Iterable[Color]) -> str:
    """The first of the colours with enough contrast on every background, or the last one."""
    for color in tried:
        if all(contrast(color, ground) >= least for ground in grounds):
            break
    return color.hex


# The backgrounds of the themes in 256 colours: the nearest to their own are a bright blue.
_GREYS: Final = {
    DARK.name: {
        DARK.background: "#121212",
        DARK.surface: "#1C1C1C",
        DARK.panel: "#303030",
        DARK.variables["block-cursor-background"]: "#5F00AF",
    },
    LIGHT.name: {
        LIGHT.background: "#FFFFFF",
        LIGHT.surface: "#EEEEEE",
        LIGHT.panel: "#E4E4E4",
        LIGHT.variables["block-cursor-background"]: "#D7D7FF",
    },
}


def in_256(variables: dict[str, str], theme: str) -> dict[str, str]:
    """A theme's variables with grounds that a terminal with 256 colours has."""
    greys = _GREYS.get(theme, {})
    return {name: greys.get(value, value) for name, value in variables.items()}


# --- few colours, or none

# The sixteen colours as xterm shows them.
_SIXTEEN: Final = [Color.parse(f"#{code}") for code in (
    "000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5",
    "7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff",
)]  # fmt: skip
_BLACK, _WHITE = 0, 15
# The nearest of the sixteen to most of a theme's colours is white, or black: these are in their
# place. No green and no yellow can be read on white.
_DARK_SIXTEEN: Final = {
    "accent": "#FF55FF",
    "success": "#55FF55",
    "warning": "#FFFF55",
    "error": "#FF5555",
    "background": "#000000",
}
_LIGHT_SIXTEEN: Final = {
    "accent": "#AA00AA",
    "success": "#0000AA",
    "warning": "#000000",
    "error": "#AA0000",
    "background": "#FFFFFF",
}
# The variables with each of them, besides the one of its name.
_SAME_COLORS: Final = {
    "accent": ("primary", "secondary", "text-accent", "text-primary", "footer-key-foreground"),
    "success": ("text-success",),
    "warning": ("text-warning",),
    "error": ("text-error",),
    "background": ("surface", "panel"),
}
# In few colours a highlight is black on white, or white on black.
_HIGHLIGHTS: Final = ("block-cursor", "input-cursor", "input-selection", "screen-selection")


def highlighted(variables: dict[str, str], *, dark: bool) -> dict[str, str]:
    """A theme's variables with colours and highlights that are visible in few colours, or none."""
    ground, text = ("#FFFFFF", "#000000") if dark else ("#000000", "#FFFFFF")
    sixteen = _DARK_SIXTEEN if dark else _LIGHT_SIXTEEN
    colors = {
        each: color for name, color in sixteen.items() for each in (name, *_SAME_COLORS[name])
    }
    colors |= {f"{name}-background": ground for name in _HIGHLIGHTS}
    colors |= {f"{name}-foreground": text for name in _HIGHLIGHTS}
    # A line below it shows the cursor of a list without the focus.
    colors["block-cursor-blurred-background"] = sixteen["background"]
    colors["block-cursor-blurred-foreground"] = variables["foreground"]
    colors |= dict.fromkeys(("field-edge", "field-edge-focus"), variables["foreground"])
    styles = {"input-cursor-text-style": "none", "block-cursor-blurred-text-style": "underline"}
    return variables | colors | styles


class FewColors(LineFilter):
    """Shows the sixteen colours alone, or none; without colours a highlight is in reverse.

    Italic and dim are left out: many terminals do not show them, or make texts hard to read.
    """

    def __init__(self, *, dark: bool, no_color: bool) -> None:
        super().__init__()
        self._ground, self._text = (_BLACK, _WHITE) if dark else (_WHITE, _BLACK)
        self._change = lru_cache(1024)(self._without_color if no_color else self._readable)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Change the styles of a line; see `LineFilter.apply`."""
        return [
            Segment(text, style and self._change(style), control)
            for text, style, control in segments
        ]

    def _without_color(self, style: Style) -> Style:
        ground = _number(style.bgcolor)
        text = _SIXTEEN[self._text]
        is_highlight = ground is not None and contrast(_SIXTEEN[ground], text) < 2
        return _lines_of(style, reverse=bool(style.reverse) != is_highlight)

    def _readable(self, style: Style) -> Style:
        text, ground = map(_number, (style.color, style.bgcolor))
        # The terminal's own colours may be of the other kind, light or dark.
        text = self._text if text is None else text
        ground = self._ground if ground is None else ground
        on = _SIXTEEN[ground]
        if contrast(on, _SIXTEEN[text]) < CONTRAST:
            text = max(_BLACK, _WHITE, key=lambda number: contrast(on, _SIXTEEN[number]))
        colors = Style(color=f"color({text})", bgcolor=f"color({ground})")
        return _lines_of(style, reverse=style.reverse) + colors


def _number(color: RichColor | None) -> int | None:
    """The nearest of the sixteen colours; None is the terminal's own."""
    return color.downgrade(ColorSystem.STANDARD).number if color else None


def _lines_of(style: Style, *, reverse: bool | None) -> Style:
    """A style without colours and without the attributes that many terminals do not show."""
    meta = style.meta or None
    return Style(
        bold=style.bold, underline=style.underline, reverse=reverse, link=style.link, meta=meta
    )
