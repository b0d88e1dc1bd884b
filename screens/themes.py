"""The wizard's own themes, around QCall's violet."""

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
    variables={"footer-key-foreground": "#B9A5FF", "border": "#3A3456"},
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
    variables={"footer-key-foreground": "#5B35D5", "border": "#CFC6EE"},
)
