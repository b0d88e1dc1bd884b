"""The steps in order, and the groups of fields that few people set."""

from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """The steps in order, by their names on the command line; `label` and `about` are shown."""

    label: str
    about: str

    def __new__(cls, value: str, label: str = "", about: str = "") -> "Step":
        """Return a step with its texts."""
        step = str.__new__(cls, value)
        step._value_, step.label, step.about = value, label, about
        return step

    TYPE = "type", "Type", "Who the assistant is and what it is for"
    LANGUAGE = "language", "Language", "What it speaks"
    VOICE = "voice", "Voice", "How it sounds"
    SCRIPT = "script", "Script", "What it says"
    ACTIONS = "actions", "Actions", "What it does while it talks"
    ADVANCED = "advanced", "Tuning", "How it listens, waits and takes notes"


STEPS: Final = tuple(Step)


class FieldGroup(StrEnum):
    """The groups of fields that few people set, by their titles; each belongs to one step."""

    PROFILE = "Website and portrait"
    FINE_TUNING = "Fine-tune the voice"
    CALL_FLOW = "Call flow and knowledge base"
    ZAPIER = "Zapier"
    ANSWERING = "How it listens and answers"
    TIMING = "Timing"
    AFTERWARDS = "Prompts after the call"
    WIDGET = "Widget on a website"
