"""What happens in a rehearsed call, in the order in which it is shown."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from wizard.rehearsal.model_client import Fault
from wizard.rehearsal.tools import Acted


class Speaker(StrEnum):
    """Who speaks."""

    ASSISTANT = "assistant"
    CALLER = "caller"


class EndedBy(StrEnum):
    """What ended a call."""

    ASSISTANT = "assistant"
    CALLER = "caller"
    TIME_LIMIT = "time_limit"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what is being said. The whole follows as `Utterance`."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """A line of the transcript. `at` is the clock when it begins; `turn` counts from 1.

    The opening line is in turn 0. A line is `cut` if the answer was stopped or broke off.
    """

    speaker: Speaker
    text: str
    turn: int
    at: float
    seconds: float
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ActionDone:
    """An action in a turn."""

    action: Acted
    turn: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The assistant waits for the other side to speak first."""

    sentence: str = "It waits for the other side to speak first."


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know, for example that the model takes no tools.

    It is `cut` if it is about an answer that the model did not end by itself.
    """

    sentence: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The model gave no whole answer. The call goes on: `Call.answer` asks once more.

    `speaker` is whom it should have played.
    """

    sentence: str
    fault: Fault
    turn: int
    speaker: Speaker = Speaker.ASSISTANT


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of the call."""

    by: EndedBy
    sentence: str


Event: TypeAlias = Piece | Utterance | ActionDone | Waiting | Note | Failed | Ended
