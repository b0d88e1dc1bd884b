"""What is used of the desk now and then; `screens.desk` hands each out by itself, never this."""

from screens.ask_line import AskLine
from screens.compare import CompareScreen
from screens.done import DoneScreen, ReceiptScreen, SendingScreen, mark_of
from screens.editor import EditorScreen
from screens.key import KeyScreen
from screens.preview import ConfirmScreen, PreviewScreen, looked_over
from screens.report import ReportScreen
from wizard import attempts, exports, imports
from wizard.next_steps import next_steps
from wizard.outcomes import Created, moment
from wizard.receipts import as_draft, key_end
from wizard.submission import Submission
from wizard.templates.own import name_for, save_as_template

__all__ = [
    "AskLine",
    "CompareScreen",
    "ConfirmScreen",
    "Created",
    "DoneScreen",
    "EditorScreen",
    "KeyScreen",
    "PreviewScreen",
    "ReceiptScreen",
    "ReportScreen",
    "SendingScreen",
    "Submission",
    "as_draft",
    "attempts",
    "exports",
    "imports",
    "key_end",
    "looked_over",
    "mark_of",
    "moment",
    "name_for",
    "next_steps",
    "save_as_template",
]
