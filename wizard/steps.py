"""The six steps in order; it reads like the table of contents."""

from dataclasses import dataclass
from typing import Final

from wizard.ask import Question, Step
from wizard.assistant import QUESTIONS


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step as a person meets it."""

    step: Step
    title: str
    about: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """The top-level questions of the step, in order."""
        return tuple(question for question in QUESTIONS if question.step is self.step)


STEPS: Final = (
    StepInfo(Step.TYPE, "Type", "Who the assistant is and what it is for"),
    StepInfo(Step.LANGUAGE, "Language", "What it speaks"),
    StepInfo(Step.VOICE, "Voice", "How it sounds"),
    StepInfo(Step.SCRIPT, "Script", "What it says"),
    StepInfo(Step.ACTIONS, "Actions", "What it does while it talks"),
    StepInfo(Step.ADVANCED, "Advanced tuning", "How it listens, waits and takes notes"),
)
