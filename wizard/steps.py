"""The six steps in order; it reads like the table of contents."""

from dataclasses import dataclass
from typing import Final

from wizard.ask import Question, Step


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step as a person meets it; `group` is where its answers stand in the review."""

    step: Step
    title: str
    about: str
    group: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """The top-level questions of the step, in order."""
        from wizard.assistant import QUESTIONS  # noqa: PLC0415 - the first screen asks none of them

        return tuple(question for question in QUESTIONS if question.step is self.step)


STEPS: Final = (
    StepInfo(Step.TYPE, "Type", "Who the assistant is and what it is for", "Who"),
    StepInfo(Step.LANGUAGE, "Language", "What it speaks", "Voice"),
    StepInfo(Step.VOICE, "Voice", "How it sounds", "Voice"),
    StepInfo(Step.SCRIPT, "Script", "What it says", "What it says"),
    StepInfo(Step.ACTIONS, "Actions", "What it does while it talks", "What it does"),
    StepInfo(Step.ADVANCED, "Advanced tuning", "How it listens, waits and takes notes", "Tuning"),
)
