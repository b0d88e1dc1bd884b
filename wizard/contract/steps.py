"""The six steps in order, and the groups of fields that few people set."""

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
    """The texts of a step; `group` is the group of its answers in the review."""

    step: Step
    title: str
    about: str
    group: str


STEPS: Final = (
    StepInfo(Step.TYPE, "Type", "Who the assistant is and what it is for", "Who"),
    StepInfo(Step.LANGUAGE, "Language", "What it speaks", "Voice"),
    StepInfo(Step.VOICE, "Voice", "How it sounds", "Voice"),
    StepInfo(Step.SCRIPT, "Script", "What it says", "What it says"),
    StepInfo(Step.ACTIONS, "Actions", "What it does while it talks", "What it does"),
    StepInfo(Step.ADVANCED, "Advanced tuning", "How it listens, waits and takes notes", "Tuning"),
)
