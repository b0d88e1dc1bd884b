"""Styles of the parts that widgets draw inside themselves, kept by the screen.

Textual makes and styles a node for every component class of every widget, eleven for a text field:
with them ten fields take twice as long to mount. Here the screen has the nodes, once.
"""

from typing import Final

from textual.style import Style
from textual.widget import Widget

# The COMPONENT_CLASSES of screens with questions or texts.
FIELD_COMPONENTS: Final = {
    "question--label",
    "question--here",
    "question--needed",
    "question--hint",
    "question--wrong",
    "question--advised",
    "question--hidden",
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


def component_style(widget: Widget, name: str) -> Style:
    """The style of a drawn part, to be added to the style around it."""
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
