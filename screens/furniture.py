"""What every draft is worked on with, as `screens.desk` hands it out once a first screen stands."""

from screens.clipboard import UNSURE, copy
from screens.controls import WritingControl
from screens.menus import Menu
from screens.question import QuestionRow
from screens.rail import SIGNS
from screens.steps import StepsScreen
from wizard.ask import Kind
from wizard.draft import Draft, step_of
from wizard.editing import edited
from wizard.payloads import parse_json
from wizard.templates import all_templates, find_template, template_names

__all__ = [
    "SIGNS",
    "UNSURE",
    "Draft",
    "Kind",
    "Menu",
    "QuestionRow",
    "StepsScreen",
    "WritingControl",
    "all_templates",
    "copy",
    "edited",
    "find_template",
    "parse_json",
    "step_of",
    "template_names",
]
