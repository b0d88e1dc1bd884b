"""The six steps in order; it reads like the table of contents."""

from enum import StrEnum
from typing import Final, NamedTuple


class Step(StrEnum):
    """The six steps, by the word the command line takes."""

    TYPE = "type"
    LANGUAGE = "language"
    VOICE = "voice"
    SCRIPT = "script"
    ACTIONS = "actions"
    ADVANCED = "advanced"


class StepInfo(NamedTuple):
    """A step as a person meets it; `group` is where its answers stand in the review."""

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
