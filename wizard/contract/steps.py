"""The steps in order, and the groups of fields that few people set."""

from enum import StrEnum
from typing import Final, NamedTuple


class Step(StrEnum):
    """The steps, by their names on the command line."""

    TYPE = "type"
    LANGUAGE = "language"
    VOICE = "voice"
    SCRIPT = "script"
    ACTIONS = "actions"
    ADVANCED = "advanced"


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


class StepInfo(NamedTuple):
    """The texts of a step."""

    step: Step
    title: str
    about: str


STEPS: Final = (
    StepInfo(Step.TYPE, "Type", "Who the assistant is and what it is for"),
    StepInfo(Step.LANGUAGE, "Language", "What it speaks"),
    StepInfo(Step.VOICE, "Voice", "How it sounds"),
    StepInfo(Step.SCRIPT, "Script", "What it says"),
    StepInfo(Step.ACTIONS, "Actions", "What it does while it talks"),
    StepInfo(Step.ADVANCED, "Tuning", "How it listens, waits and takes notes"),
)
STEP_TITLES: Final = {info.step: info.title for info in STEPS}
