"""The wizard's themes, around QCall's violet, and their contrast."""

from typing import Final

from textual.color import Color
from textual.theme import Theme

VIOLET = "#7C53FC"

DARK = Theme(
    name="qcall-dark",
    dark=True,
    primary=VIOLET,
    secondary="#B9A5FF",
    accent="#B9A5FF",
    foreground="#E9E6F5",
    background="#13111C",
    surface="#1B1828",
    panel="#252137",
    success="#5BD6A0",
    warning="#F2C35B",
    error="#FF7A8A",
    variables={
        "footer-key-foreground": "#B9A5FF",
        "border": "#3A3456",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-background": "#43308C",
    },
)

LIGHT = Theme(
    name="qcall-light",
    dark=False,
    primary=VIOLET,
    secondary="#5B35D5",
    accent="#5B35D5",
    foreground="#221C38",
    background="#FAF9FE",
    surface="#F1EEFB",
    panel="#E5E0F6",
    success="#0E7A4B",
    warning="#8A5A00",
    error="#B4243A",
    variables={
        "footer-key-foreground": "#5B35D5",
        "border": "#CFC6EE",
        "block-cursor-foreground": "#1B1433",
        "block-cursor-background": "#D8CCFF",
    },
)

# The least contrast of text with its background, by WCAG 2, level AA.
CONTRAST: Final = 4.5
# The most that quiet text is blended into its background.
_QUIETEST = 0.35
# The backgrounds of muted text; the last is a list's cursor.
_GROUNDS = ("background", "surface", "panel", "block-cursor-background")


def contrast(one: Color, other: Color) -> float:
    """The contrast of two opaque colours, from 1 to 21, as WCAG 2 computes it."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    parts = (part / 255 for part in (color.r, color.g, color.b))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(variables: dict[str, str]) -> dict[str, str]:
    """A theme's variables with a muted colour that is readable on all its backgrounds.

    Textual's own is translucent, which does not work for texts with a style.
    """
    grounds = [Color.parse(variables[name]) for name in _GROUNDS]
    text = Color.parse(variables["foreground"])
    steps = (_QUIETEST - step / 50 for step in range(int(_QUIETEST * 50) + 1))
    tried = (text.blend(grounds[0], max(0.0, factor)) for factor in steps)
    quiet = next((c for c in tried if all(contrast(c, g) >= CONTRAST for g in grounds)), text)
    return variables | {"text-muted": quiet.hex}
