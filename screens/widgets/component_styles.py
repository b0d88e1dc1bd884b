"""How the parts look that widgets draw inside themselves: a screen keeps the styles for all on it.

Textual makes and styles a node for every component class of every widget, whenever it styles the
widget: eleven for a text field, which were most of what a step's styling took. Kept by the screen
they are styled once.
"""

from typing import Final

from textual.style import Style
from textual.widget import Widget

# What a screen with questions or texts names as its COMPONENT_CLASSES.
LOOKS: Final = {
    "question--label",
    "question--here",
    "question--needed",
    "question--hint",
    "question--wrong",
    "question--advised",
    "question--idle",
    "question--link",
    "question--link-over",
    "question--count",
    "marks--on",
    "marks--here",
    "marks--default",
    "text--cursor",
    "text--selection",
    "text--behind",
    "text--gutter",
    "text--gutter-here",
    "text--found",
    "variable--known",
    "variable--own",
    "variable--wrong",
}


def look(widget: Widget, name: str) -> Style:
    """What the stylesheet says of a drawn part, to be laid over the style of what is around it."""
    rules = widget.screen.get_component_styles(name)
    text = rules.text_style
    return Style(
        background=rules.background if rules.has_rule("background") else None,
        foreground=rules.color if rules.has_rule("color") else None,
        bold=text.bold,
        italic=text.italic,
        underline=text.underline,
        reverse=text.reverse,
    )
