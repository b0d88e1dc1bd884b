"""The control of each kind of question."""

from collections.abc import Callable
from typing import Final

from textual.widget import Widget

from screens.form.choice_controls import CheckboxControl, RadioControl, SelectControl, SwitchControl
from screens.form.text_controls import LineControl, SecretControl, SpokenControl, TextControl
from wizard.contract.fields import Kind, Question

# Up to this number of options are shown side by side; longer lists open under the field.
_SIDE_BY_SIDE: Final = 4
_CONTROLS: Final[dict[Kind, Callable[[Question], Widget]]] = {
    Kind.TEXT: LineControl,
    Kind.NUMBER: LineControl,
    Kind.SECRET: SecretControl,
    Kind.FLAG: SwitchControl,
    Kind.SEVERAL: CheckboxControl,
}


def control_for(question: Question) -> Widget:
    """Return a control for a question."""
    if question.kind is Kind.LONG_TEXT and question.meta.spoken:
        return SpokenControl(question)
    if question.kind is not Kind.CHOICE:
        return _CONTROLS.get(question.kind, TextControl)(question)
    if len(question.options) <= _SIDE_BY_SIDE:
        return RadioControl(question)
    return SelectControl(question)
