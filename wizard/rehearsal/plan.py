"""What a call is made of: the texts of a payload, filled in, with its limits and its language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from wizard.advice import speech
from wizard.advice.variables import KNOWN, render
from wizard.contract.choices import LANGUAGES
from wizard.contract.rules import is_filled
from wizard.draft.draft import Draft
from wizard.errors import WizardError
from wizard.formats import paths
from wizard.formats.json_text import is_number
from wizard.templates.template import NAMES

_DEFAULT_MINUTES: Final = 10


class NothingToSay(WizardError):
    """The payload has no text that a call could be made of."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A payload to be rehearsed. It may be incomplete or invalid; what is unusable is left out.

    `values` are the values of variables; the others have sample values. `now` is the time of the
    call.
    """

    payload: Mapping[str, Any]
    values: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now().astimezone())

    def text(self, *path: str | int) -> str:
        """Return a text of the payload with its variables filled; empty if there is none."""
        return self.filled(paths.get(self.payload, path))

    def filled(self, text: Any) -> str:
        """Return a text with its variables filled; empty if it is no text."""
        if not is_filled(text):
            return ""
        names = {variable: self.payload.get(name) for variable, name in NAMES.items()}
        own = {variable: name for variable, name in names.items() if isinstance(name, str)}
        return render(text, {**own, **self.values}).strip()

    def is_on(self, name: str) -> bool:
        """Whether a switch of the payload is on."""
        return self.payload.get(name) is True

    @property
    def contact(self) -> dict[str, str]:
        """The values that belong to the person at the other end.

        All values of an outbound call do, except the assistant's and the company's names. Of an
        inbound call only those that QCall knows of a contact do: the others are about the company.
        """
        own = (name for name in self.values if name not in NAMES)
        return {name: self.values[name] for name in own if self.is_outbound or name in KNOWN}

    @property
    def is_outbound(self) -> bool:
        """Whether the assistant makes the call."""
        return self.payload.get("type") != "inbound"

    @property
    def opening(self) -> str:
        """The opening line."""
        return self.text("start_speech")

    @property
    def waits(self) -> bool:
        """Whether the assistant waits for the other side to speak first."""
        return self.is_outbound and self.is_on("is_wait_start_speech")

    @property
    def closing(self) -> str:
        """What is said before hanging up."""
        return self.text("end_call_message")

    @property
    def voice_note(self) -> str:
        """What is left as a message if nobody answers."""
        leaves = self.is_outbound and self.is_on("is_voice_note")
        return self.text("voice_note") if leaves else ""

    @property
    def language(self) -> str:
        """The name of the language in English. QCall's own app knows several at once."""
        named = self.payload.get("language")
        codes = named.split(",") if isinstance(named, str) else []
        names = [LANGUAGES.get(code.strip(), code.strip()).split(" · ")[0] for code in codes]
        return " or ".join(filter(None, names)) or "English"

    @property
    def limit(self) -> float:
        """The longest call in seconds."""
        minutes = self.payload.get("maximum_time_per_call")
        return 60.0 * (minutes if is_number(minutes) and minutes > 0 else _DEFAULT_MINUTES)

    @property
    def temperature(self) -> float | None:
        """The temperature of the model, None if the payload has none."""
        value = self.payload.get("temperature")
        return float(value) if is_number(value) and 0 <= value <= 2 else None

    @property
    def actions(self) -> list[Mapping[str, Any]]:
        """The actions."""
        actions = self.payload.get("actions")
        listed = actions if isinstance(actions, list) else []
        return [action for action in listed if isinstance(action, Mapping)]

    def seconds(self, text: str) -> float:
        """Estimate the seconds that the assistant takes to say a text."""
        return speech.seconds(text, self.payload.get("language"), self.payload.get("voice_speed"))

    def require_texts(self) -> None:
        """Raise NothingToSay if there is nothing to rehearse."""
        if not self.text("script"):
            raise NothingToSay(
                "There is no script yet, so the call cannot be rehearsed. Write the script first."
            )


def plan_of(draft: Draft) -> CallPlan:
    """Return the call of a draft, with the sample values of its template."""
    template = draft.based_on
    return CallPlan(draft.compose(), template.sample if template else {})


def spoken_day(day: datetime) -> str:
    """Return a day as it is said: Thursday, 3 December 2026."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def spoken_now(now: datetime) -> str:
    """Return a day and a time, and the day after, which models otherwise count wrongly."""
    tomorrow = spoken_day(now + timedelta(days=1))
    return f"{spoken_day(now)}, {now:%H:%M} ({now:%Y-%m-%d}); tomorrow is {tomorrow}"
