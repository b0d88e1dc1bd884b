"""All that works on a draft, and the screens for it, as `screens.desk` hands it out."""

from screens.ask_line import AskLine
from screens.clipboard import UNSURE, copy
from screens.compare import CompareScreen
from screens.controls import WritingControl
from screens.done import DoneScreen, ReceiptScreen, SendingScreen, mark_of
from screens.editor import EditorScreen
from screens.key import KeyScreen
from screens.menus import Menu
from screens.preview import ConfirmScreen, PreviewScreen
from screens.question import QuestionRow
from screens.rail import SIGNS
from screens.report import ReportScreen
from screens.steps import StepsScreen
from wizard import attempts, exports, imports
from wizard.ask import Kind
from wizard.conditions import is_empty
from wizard.draft import Draft, step_of
from wizard.editing import edited
from wizard.next_steps import next_steps
from wizard.outcomes import Created, moment
from wizard.payloads import parse_json
from wizard.receipts import as_draft, key_end
from wizard.submission import Submission
from wizard.templates import all_templates, find_template, template_names
from wizard.templates.own import name_for, save_as_template

__all__ = [
    "SIGNS",
    "UNSURE",
    "AskLine",
    "CompareScreen",
    "ConfirmScreen",
    "Created",
    "DoneScreen",
    "Draft",
    "EditorScreen",
    "KeyScreen",
    "Kind",
    "Menu",
    "PreviewScreen",
    "QuestionRow",
    "ReceiptScreen",
    "ReportScreen",
    "SendingScreen",
    "StepsScreen",
    "Submission",
    "WritingControl",
    "all_templates",
    "as_draft",
    "attempts",
    "copy",
    "edited",
    "exports",
    "find_template",
    "imports",
    "is_empty",
    "key_end",
    "mark_of",
    "moment",
    "name_for",
    "next_steps",
    "parse_json",
    "save_as_template",
    "step_of",
    "template_names",
]
