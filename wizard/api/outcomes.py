"""Every outcome of a submission; the API contract's table of responses has a class for each row.

Those of an update are in `wizard.api.update_outcomes`.

Outcome
├── Created       an assistant exists, with its id if the server returned one
│   └── Found         no response confirmed it, but the list of assistants contains it
├── Refused       the server rejected the payload
│   └── Redirected    the server answered with a redirect, which is not followed
├── KeyRefused    the key is missing, wrong or revoked
├── RateLimited   too many requests, nothing was created
├── NotSent       the request never left in full, so nothing was created
├── Withheld      nothing was sent, deliberately
│   ├── CreatedBefore the same payload was created on this target before
│   ├── FoundEarlier  an earlier attempt without an answer did create it
│   ├── BeingSent     it is being sent right now
│   ├── LostReceipts  the file of receipts was damaged, so some may be lost
│   └── NoReceipt     the receipt could not be written before sending
└── Unknown       the request left, and its result is unknown
    ├── NotListed     the list of assistants does not contain it
    ├── Undecided     the list could not be read, or is inconclusive
    └── Unresolved    the result of an earlier attempt is unknown, so nothing was sent
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, TypeAlias

from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.formats.text import counted

Kind: TypeAlias = Literal["created", "updated", "refused", "unknown", "not_sent"]

MESSAGE_LENGTH: Final = 2_000
# Seconds to wait after too many requests, if the server names none.
DEFAULT_WAIT: Final = 30.0

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ESCAPES = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]")
# Control characters, bidirectional controls and lone surrogates.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
)


def plain(text: str) -> str:
    """Return a server's text with `\n` line ends and without control characters."""
    text = _ESCAPES.sub("", _LINE_ENDS.sub("\n", text))
    return _UNSHOWABLE.sub("", text).strip()


@dataclass(frozen=True)
class Outcome(ABC):
    """The result of a create request, or of an update if `is_update`.

    `status` is the HTTP status, or None if no response began. `message` is the server's message as
    plain text, cut to `MESSAGE_LENGTH` characters. `receipt` is the id of the receipt that records
    the attempt, or empty. `note` is an additional warning for the user, or empty. `again` is true
    if the user may send it once more, with a button or with `--again`.
    """

    status: int | None = field(default=None, kw_only=True)
    message: str = field(default="", kw_only=True)
    receipt: str = field(default="", kw_only=True, compare=False)
    note: str = field(default="", kw_only=True)
    is_update: bool = field(default=False, kw_only=True)

    kind: ClassVar[Kind]
    exit_code: ClassVar[int]
    again: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", plain(self.message)[:MESSAGE_LENGTH])

    @property
    @abstractmethod
    def title(self) -> str:
        """A short title."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The result, whether anything was created, and the next step."""

    @property
    def in_command(self) -> str:
        """The sentence for commands, which have options in place of buttons."""
        return self.sentence

    @property
    def _no_effect(self) -> str:
        """That the request had no effect, as the end of a sentence."""
        return ". Nothing was changed." if self.is_update else "; nothing was created."

    @property
    def _repeat(self) -> str:
        """The last words of the next step."""
        return "then try again" if self.is_update else "then submit again"


@dataclass(frozen=True)
class Created(Outcome):
    """An assistant was created. `assistant` is the server's object, or `{}` if it returned none."""

    assistant_id: str | None = None
    # The server may echo widget_config.api_key.
    assistant: dict[str, Any] = field(default_factory=dict, repr=False)

    kind = "created"
    exit_code = 0
    title = "Created"

    @property
    def sentence(self) -> str:
        """The confirmation, with the assistant's id."""
        if self.assistant_id is None:
            return (
                "The assistant was created. The server returned no id; look it up in your list of "
                "assistants."
            )
        return f"The assistant was created. Its id is {self.assistant_id}."


@dataclass(frozen=True)
class Found(Created):
    """No response confirmed the creation, but the list of assistants contains it."""

    title = "Created: found in your assistants"

    @property
    def sentence(self) -> str:
        """How the creation was confirmed, with the assistant's id."""
        named = f"Its id is {self.assistant_id}" if self.assistant_id else "It has no id there"
        return (
            "The server did not confirm it, but the assistant is in the list of your assistants: "
            f"it was created. {named}."
        )


@dataclass(frozen=True)
class Refused(Outcome):
    """The server refused the payload. `field` is the top-level field its message names, if any."""

    field: str | None = None

    kind = "refused"
    exit_code = 3
    title = "Refused"

    @property
    def sentence(self) -> str:
        """The refusal, and the field to fix."""
        if self.is_update and self.status == 404:
            return f"The server has no assistant with this id{self._no_effect}"
        sent = "update" if self.is_update else "assistant"
        name = self._field_name()
        fix = f"Fix {name}" if name else "Fix the problem that the server reports"
        if not (name or self.message):
            fix = "It gave no reason. Check the payload"
        return f"The server refused the {sent}{self._no_effect} {fix}, {self._repeat}."

    def _field_name(self) -> str | None:
        from wizard.contract.assistant import QUESTIONS  # noqa: PLC0415 - loads pydantic
        from wizard.contract.fields import find  # noqa: PLC0415 - loads pydantic

        question = find(QUESTIONS, (self.field,)) if self.field else None
        return question.label if question else self.field


@dataclass(frozen=True)
class Redirected(Refused):
    """A 3xx. It is never followed, because the key must not reach another host."""

    title = "Redirected"

    @property
    def sentence(self) -> str:
        """Why it was not followed, and what to check."""
        return (
            "The server redirected to another address. The wizard did not follow it, to keep the "
            f"key on this host{self._no_effect} Check the base URL, {self._repeat}."
        )


@dataclass(frozen=True)
class KeyRefused(Outcome):
    """401 or 403: the key is missing, wrong or revoked."""

    kind = "refused"
    exit_code = 3
    title = "Key refused"

    @property
    def sentence(self) -> str:
        """The refusal, and what to check."""
        return (
            "The server did not accept the API key (missing, wrong or revoked)"
            f"{self._no_effect} Check the key, {self._repeat}."
        )


@dataclass(frozen=True)
class RateLimited(Outcome):
    """429. `retry_after` is the number of seconds to wait, or None if the server names none."""

    retry_after: float | None = None

    kind = "not_sent"
    exit_code = 5
    title = "Rate limited"

    @property
    def wait(self) -> float:
        """The seconds to wait before the next request."""
        return DEFAULT_WAIT if self.retry_after is None else max(0.0, self.retry_after)

    @property
    def sentence(self) -> str:
        """The refusal, and how long to wait."""
        wait = "a while" if self.retry_after is None else duration(self.retry_after)
        return f"Too many requests{self._no_effect} Wait {wait}, {self._repeat}."


@dataclass(frozen=True)
class NotSent(Outcome):
    """The request did not leave in full, so nothing was created.

    `variable` names the invalid environment variable, if it is known.
    """

    reason: NotSentReason
    variable: str = field(default="", compare=False)

    kind = "not_sent"
    exit_code = 5

    @property
    def needs_key(self) -> bool:
        """Whether another API key is what helps."""
        return self.reason in (NotSentReason.NO_KEY, NotSentReason.BAD_KEY)

    @property
    def title(self) -> str:
        """A short title."""
        return f"Not sent: {self.reason.title}"

    @property
    def sentence(self) -> str:
        """The reason's sentence, or one that names the variable to correct."""
        if self.is_update:
            variable = f"{self.variable} cannot be used as it is set" if self.variable else ""
            why = variable or self.reason.title
            return f"The update was not sent: {why}{self._no_effect} Try again."
        if self.variable:
            return (
                f"The environment variable {self.variable} holds a setting that cannot be used, so "
                "nothing was sent. Correct it or unset it, then submit again."
            )
        return self.reason.sentence


@dataclass(frozen=True)
class Withheld(Outcome):
    """Nothing was sent, deliberately."""

    kind = "not_sent"
    exit_code = 5


@dataclass(frozen=True)
class CreatedBefore(Withheld):
    """The same payload was created on this target before. `receipt` is that attempt's receipt."""

    when: datetime
    place: str
    assistant_id: str | None = None

    again = True
    title = "Not sent: already created"

    @property
    def sentence(self) -> str:
        """When it was created, under which id, and how to create another."""
        return f"{self._created} Nothing was sent. {_CREATE_ANOTHER}"

    @property
    def risk(self) -> str:
        """When it was created, for the question before sending."""
        return f"{self._created} Creating it now makes a second one."

    @property
    def _created(self) -> str:
        named = f"with the id {self.assistant_id}" if self.assistant_id else "without a known id"
        when = local_time(self.when)
        return f"This assistant was already created {self.place} on {when}, {named}."

    @property
    def in_command(self) -> str:
        """The sentence with the option of `submit`."""
        return self.sentence.replace(_CREATE_ANOTHER, _WITH_AGAIN)


@dataclass(frozen=True)
class FoundEarlier(Withheld):
    """An earlier attempt (`receipt`) did create it. `same`: it sent the same payload."""

    when: datetime
    assistant_id: str | None = None
    same: bool = True

    again = True
    title = "Not sent: already exists"

    @property
    def sentence(self) -> str:
        """Which attempt created it, under which id, and how to create another."""
        named = f"with the id {self.assistant_id}" if self.assistant_id else "without an id"
        differs = f"The payload has changed since then. {_SUBMIT_AGAIN}"
        return (
            f"The attempt of {local_time(self.when)}, which had no answer, did create it: it is in "
            f"the list of your assistants, {named}. Nothing was sent now. "
            f"{_CREATE_ANOTHER if self.same else differs}"
        )

    @property
    def in_command(self) -> str:
        """The sentence with the option of `submit`."""
        sentence = self.sentence.replace(_CREATE_ANOTHER, _WITH_AGAIN)
        return sentence.replace(_SUBMIT_AGAIN, _WITH_AGAIN)


@dataclass(frozen=True)
class BeingSent(Withheld):
    """The same draft or payload is being sent right now, by this process or another one."""

    title = "Not sent: already being sent"
    sentence = (
        "This assistant is being sent right now, by this wizard or another one, so nothing was "
        "sent a second time. Wait for that attempt: its receipt shows the result."
    )


@dataclass(frozen=True)
class LostReceipts(Withheld):
    """The file of receipts was damaged: it may lack those of assistants that exist."""

    title = "Not sent: receipts may be lost"
    sentence = (
        "Receipts of assistants that were created may be lost, so nothing was sent. Look at the "
        "list of your assistants, then submit again."
    )


@dataclass(frozen=True)
class NoReceipt(Withheld):
    """The receipt cannot be written. Sending without one requires the user's consent."""

    trouble: str

    title = "Not sent: the receipt could not be written"

    @property
    def sentence(self) -> str:
        """Why the receipt failed, and the risk of sending without one."""
        return (
            f"The receipt could not be written, so nothing was sent. {self.trouble} Fix that and "
            "submit again, or send it without a receipt. If the answer is then lost, this machine "
            "has no record of the attempt."
        )

    @property
    def in_command(self) -> str:
        """The sentence without what only the wizard can do."""
        return (
            f"The receipt could not be written, so nothing was sent. {self.trouble} Fix that and "
            "submit again."
        )


@dataclass(frozen=True)
class Unknown(Outcome):
    """The request left, and the assistant may or may not exist."""

    reason: UnknownReason

    kind = "unknown"
    exit_code = 4
    again = True

    @property
    def title(self) -> str:
        """A short title."""
        return f"Unknown: {self.reason.title}"

    @property
    def sentence(self) -> str:
        """The reason's sentence, and the check to make before sending again."""
        return (
            f"{self.reason.sentence} The assistant may have been created: check the list of your "
            "assistants before you send it again."
        )


@dataclass(frozen=True)
class NotListed(Unknown):
    """The list of assistants does not contain it. `why` is a sentence."""

    why = "The assistant is not in the list of your assistants."
    title = "We couldn't confirm whether it was created"

    @property
    def sentence(self) -> str:
        """The reason's sentence, and how reliable the list is."""
        return (
            f"{self.reason.sentence} The assistant is not in the list of your assistants, so it "
            "was probably not created, but a slow server may still create it. "
            f"{_MAY_DUPLICATE}"
        )


@dataclass(frozen=True)
class Undecided(Unknown):
    """The list of assistants could not be read, or is inconclusive. `why` is a sentence."""

    why: str

    title = "Unknown: your list of assistants is inconclusive"

    @property
    def sentence(self) -> str:
        """The reason's sentence, why the list is inconclusive, and the risk."""
        return (
            f"{self.reason.sentence} {self.why} The assistant may have been created: look for it "
            f"in your account. {_MAY_DUPLICATE}"
        )


@dataclass(frozen=True)
class Unresolved(Unknown):
    """An earlier attempt (`receipt`) is unresolved, so nothing was sent. `why` is a sentence."""

    when: datetime
    why: str

    title = "Unknown: an earlier attempt is unresolved"

    @property
    def sentence(self) -> str:
        """Which attempt is unresolved, why, and the risk of another."""
        return (
            f"Nothing was sent now, because the attempt of {local_time(self.when)} to create an "
            f"assistant with this name and company had no answer. {self.why} It may have been "
            f"created. {_MAY_DUPLICATE}"
        )

    @property
    def in_command(self) -> str:
        """The sentence with the option of `submit`."""
        return f"{self.sentence} --again sends it all the same."


_CREATE_ANOTHER: Final = "Send it again to create another."
_SUBMIT_AGAIN: Final = "Submit again to create another."
_WITH_AGAIN: Final = "--again creates another."
_MAY_DUPLICATE: Final = "Sending it again may create a second one."


def duration(seconds: float) -> str:
    """Return how long something takes, in words."""
    whole = max(1, round(seconds))
    if whole < 120:
        return counted(whole, "second")
    return f"{round(whole / 60)} minutes" if whole < 7_200 else f"{round(whole / 3_600)} hours"


def local_time(when: datetime) -> str:
    """Format a time for display, in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
