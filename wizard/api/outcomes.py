"""What can come of submitting: a class for each row of the contract's table of answers, and more.

Outcome
├── Created       an assistant exists; its id where the server gave one
│   └── Found         no answer said so, but the list of assistants has it
├── Refused       the server judged the payload and said no
│   └── Redirected    it pointed elsewhere; redirects are not followed
├── KeyRefused    the key is missing, wrong or revoked
├── RateLimited   too many requests; nothing was created
├── NotSent       the request never left in full, so nothing can have been created
├── Withheld      nothing was sent, on purpose
│   ├── CreatedBefore exactly this was created on the target before
│   ├── FoundEarlier  an earlier attempt without an answer turns out to have created it
│   ├── BeingSent     it is being sent at this moment
│   └── NoReceipt     the receipt, which comes first, cannot be written
└── Unknown       it left, and what became of it cannot be told
    ├── NotListed     the list of assistants was asked, and does not have it
    ├── Undecided     the list could not be asked, or cannot tell
    └── Unresolved    that is so of an earlier attempt, and nothing was sent now
"""

import json
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, ClassVar, Final, Literal, TypeAlias

Kind: TypeAlias = Literal["created", "refused", "unknown", "not_sent"]

MESSAGE_LENGTH: Final = 2_000

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ESCAPES = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]")
# Control characters, the marks that turn text around, and halves of surrogate pairs.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
)


def plain(text: str) -> str:
    """Return a server's words as plain text: one kind of line end, nothing a terminal obeys."""
    text = _ESCAPES.sub("", _LINE_ENDS.sub("\n", text))
    return _UNSHOWABLE.sub("", text).strip()


class Reason(Enum):
    """Why there is no usable answer; the words a person reads stand beside each member.

    `title` is a few words that also fit into another sentence; `sentence` says what happened.
    """

    def __init__(self, title: str, sentence: str) -> None:
        self.title, self.sentence = title, sentence


class NotSentReason(Reason):
    """Why a request did not leave this machine in full."""

    NO_KEY = (
        "no API key",
        "There is no API key, so nothing was sent. Set QCALL_API_KEY or type the key, then submit "
        "again.",
    )
    BAD_KEY = (
        "unusable API key",
        "The API key holds a line break or another character that no header can carry, so nothing "
        "was sent. Copy the key again, then submit again.",
    )
    SETUP = (
        "unusable network settings",
        "A proxy or certificate setting of this machine (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, "
        "NO_PROXY, SSL_CERT_FILE) cannot be used, so nothing was sent. Correct it, then submit "
        "again.",
    )
    NAME_NOT_FOUND = (
        "server name not found",
        "The server's name was not found, so nothing was sent. Check the address and the network, "
        "then submit again.",
    )
    CONNECTION_REFUSED = (
        "connection refused",
        "Nothing answers at the server's address: the connection was refused and nothing was sent. "
        "Check the address and whether the server runs, then submit again.",
    )
    TLS_FAILURE = (
        "no secure connection",
        "No secure connection (TLS) could be made, so nothing was sent. Check the address, the "
        "clock of this machine and the server's certificate, then submit again.",
    )
    CONNECT_TIMEOUT = (
        "no connection in time",
        "The server did not take the connection in time, so nothing was sent. Check the network, "
        "then submit again.",
    )
    NO_CONNECTION = (
        "no connection",
        "No connection to the server could be made, so nothing was sent. Check the address, the "
        "network and the proxy, then submit again.",
    )
    CUT_BEFORE = (
        "cut before the request was out",
        "The connection broke before the whole request had left, so nothing can have been "
        "created. Submit again.",
    )
    STALLED = (
        "the server stopped reading",
        "The server stopped reading before the whole request had left, so nothing can have been "
        "created. Submit again.",
    )
    CANCELLED = (
        "stopped before sending",
        "You stopped before the whole request had left, so nothing can have been created. Submit "
        "again when you like.",
    )


class UnknownReason(Reason):
    """Why it cannot be told what became of a request that left in full."""

    CUT_AFTER = (
        "cut before the answer",
        "The request had left when the connection broke, before an answer could be read.",
    )
    READ_TIMEOUT = (
        "no answer in time",
        "The request had left, and the server fell silent for longer than it is waited for.",
    )
    DEADLINE = (
        "the answer took too long",
        "The request had left, and its answer was not complete when the time for all of it was up.",
    )
    CUT_SHORT = ("answer cut short", "The server's answer broke off in the middle.")
    NOT_JSON = ("the answer is not JSON", "The server answered something that is not JSON.")
    EMPTY = ("empty answer", "The server's answer was empty.")
    ANOTHER = (
        "the answer is about another assistant",
        "The server's answer names another assistant than the one that was sent.",
    )
    WRONG_SHAPE = (
        "the answer has an unknown shape",
        "The server's answer is JSON, but says neither that it created nor that it refused.",
    )
    TOO_LARGE = (
        "the answer is too large",
        "The server's answer was larger than is read, and was left there.",
    )
    SERVER_ERROR = (
        "server error",
        "The server failed while it worked on the request.",
    )
    OTHER_STATUS = (
        "unexpected status",
        "The server answered with a status that its documentation does not know.",
    )
    INTERRUPTED = (
        "stopped while waiting",
        "You stopped after the request had left and before the answer was in.",
    )
    EARLIER = (
        "an attempt without an answer",
        "An attempt to create the assistant ended without an answer.",
    )


@dataclass(frozen=True)
class Outcome(ABC):
    """What came of a create request.

    `status` is the HTTP status, None where no answer began. `message` is the server's own words,
    made plain and cut at `MESSAGE_LENGTH` characters here, so that no outcome can carry more.
    `receipt` is the id of the receipt that tells of it, empty where there is none, and `note` a
    sentence more that the person has to be told, empty where all is well. `again` tells whether it
    can be sent once more on purpose: by a button, or by `--again` on the command line.
    """

    status: int | None = field(default=None, kw_only=True)
    message: str = field(default="", kw_only=True)
    receipt: str = field(default="", kw_only=True, compare=False)
    note: str = field(default="", kw_only=True)

    kind: ClassVar[Kind]
    exit_code: ClassVar[int]
    again: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", plain(self.message)[:MESSAGE_LENGTH])

    @property
    @abstractmethod
    def title(self) -> str:
        """The outcome in a few words."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What happened, whether anything was created, and what to do."""


@dataclass(frozen=True)
class Created(Outcome):
    """An assistant was created. `assistant` is the server's object, `{}` where it gave none."""

    assistant_id: str | None = None
    # The server may echo widget_config.api_key.
    assistant: dict[str, Any] = field(default_factory=dict, repr=False)

    kind = "created"
    exit_code = 0

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Created"

    @property
    def sentence(self) -> str:
        """What was created and under which id."""
        if self.assistant_id is None:
            return "The assistant was created. The server did not say its id: see your list."
        return f"The assistant was created. Its id is {self.assistant_id}."


@dataclass(frozen=True)
class Found(Created):
    """No answer said that it was created, but the list of assistants has it."""

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Created: it is in the list"

    @property
    def sentence(self) -> str:
        """How it is known that it was created, and under which id."""
        told = f"Its id is {self.assistant_id}" if self.assistant_id else "It has no id there"
        return (
            "No usable answer came, so the list of your assistants was asked, and it has the "
            f"assistant: it was created. {told}."
        )


@dataclass(frozen=True)
class Refused(Outcome):
    """The server refused the payload; `field` is the top-level field its words name, if any."""

    field: str | None = None

    kind = "refused"
    exit_code = 3

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Refused"

    @property
    def sentence(self) -> str:
        """That nothing was created, and what to mend."""
        what = f"Mend {self.field}" if self.field else "Mend what the server names"
        return f"The server refused the assistant; nothing was created. {what}, then submit again."


@dataclass(frozen=True)
class Redirected(Refused):
    """A 3xx. It is never followed: the key must not travel to another host."""

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Redirected"

    @property
    def sentence(self) -> str:
        """That nothing was created, and what to check."""
        return (
            "The server pointed to another address. It was not followed, because the key must not "
            "travel there; nothing was created. Check the base URL, then submit again."
        )


@dataclass(frozen=True)
class KeyRefused(Outcome):
    """401 or 403: the key is missing, wrong or revoked."""

    kind = "refused"
    exit_code = 3

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Key refused"

    @property
    def sentence(self) -> str:
        """That nothing was created, and what to check."""
        return (
            "The server did not accept the API key (missing, wrong or revoked); nothing was "
            "created. Check the key, then submit again."
        )


@dataclass(frozen=True)
class RateLimited(Outcome):
    """429. `retry_after` is the seconds the server asks to wait, None where it does not say."""

    retry_after: float | None = None

    kind = "not_sent"
    exit_code = 5

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Rate limited"

    @property
    def sentence(self) -> str:
        """That nothing was created, and how long to wait."""
        wait = "a while" if self.retry_after is None else _spell(self.retry_after)
        return f"Too many requests; nothing was created. Wait {wait}, then submit again."


@dataclass(frozen=True)
class NotSent(Outcome):
    """The request did not leave in full: nothing can have been created.

    `variable` names the setting of the environment that cannot be used, if it is known.
    """

    reason: NotSentReason
    variable: str = field(default="", compare=False)

    kind = "not_sent"
    exit_code = 5

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return f"Not sent: {self.reason.title}"

    @property
    def sentence(self) -> str:
        """The reason's own sentence, or the variable that has to be corrected."""
        if self.variable:
            return (
                f"The environment variable {self.variable} holds a setting that cannot be used, so "
                "nothing was sent. Correct it or unset it, then submit again."
            )
        return self.reason.sentence


@dataclass(frozen=True)
class Withheld(Outcome):
    """Nothing was sent this time, on purpose."""

    kind = "not_sent"
    exit_code = 5


@dataclass(frozen=True)
class CreatedBefore(Withheld):
    """Exactly this was created on the same target before; `receipt` tells of that time."""

    when: datetime
    host: str
    assistant_id: str | None = None

    again = True

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Not sent: created before"

    @property
    def sentence(self) -> str:
        """When it was created and under which id, and how to send it all the same."""
        named = f"with the id {self.assistant_id}" if self.assistant_id else "without a known id"
        return (
            f"Exactly this assistant was created on {self.host} before, on {moment(self.when)}, "
            f"{named}. Nothing was sent. {_ON_PURPOSE}"
        )


@dataclass(frozen=True)
class FoundEarlier(Withheld):
    """An earlier attempt without an answer has created it; `receipt` tells of that attempt.

    `same` tells whether that attempt sent exactly what would be sent now.
    """

    when: datetime
    assistant_id: str | None = None
    same: bool = True

    again = True

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Not sent: it exists already"

    @property
    def sentence(self) -> str:
        """Which attempt created it and under which id, and how to send it all the same."""
        named = f"with the id {self.assistant_id}" if self.assistant_id else "without an id"
        differs = "What was sent then differs from what stands here now: submit again for a second"
        return (
            f"The attempt of {moment(self.when)}, which had no answer, did create it: the list of "
            f"your assistants has it, {named}. Nothing was sent now. "
            f"{_ON_PURPOSE if self.same else f'{differs} one.'}"
        )


@dataclass(frozen=True)
class BeingSent(Withheld):
    """The same draft or the same body is under way at this moment, in this program or another."""

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Not sent: it is being sent already"

    @property
    def sentence(self) -> str:
        """That it goes out once, and where to read what comes of it."""
        return (
            "This assistant is being sent at this moment, by this wizard or another one, and "
            "nothing was sent a second time. Wait for that one: its receipt tells what came of it."
        )


@dataclass(frozen=True)
class NoReceipt(Withheld):
    """The receipt cannot be written, and without one nothing is sent unasked."""

    trouble: str

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Not sent: the receipt cannot be written"

    @property
    def sentence(self) -> str:
        """What is in the way, and what it means to send without a receipt."""
        return (
            f"The receipt could not be written, so nothing was sent. {self.trouble} Mend that and "
            "submit again, or send it without a receipt: should the answer then be lost, nothing "
            "on this machine knows of the attempt."
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
        """The outcome in a few words."""
        return f"Unknown: {self.reason.title}"

    @property
    def sentence(self) -> str:
        """The reason's own sentence, and what to do before sending again."""
        return (
            f"{self.reason.sentence} The assistant may have been created: look at the list of your "
            "assistants before you send it again."
        )


@dataclass(frozen=True)
class NotListed(Unknown):
    """The list of assistants was asked after it, and does not have it."""

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Unknown: not in the list"

    @property
    def sentence(self) -> str:
        """The reason's own sentence, what the list says and what that is worth."""
        return (
            f"{self.reason.sentence} The list of your assistants was asked and does not have it: "
            "it was probably not created, but a slow server may still do it. "
            f"{_AT_A_RISK}"
        )


@dataclass(frozen=True)
class Undecided(Unknown):
    """Whether it was created cannot be told; `why` is a sentence."""

    why: str

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Unknown: the list cannot tell"

    @property
    def sentence(self) -> str:
        """The reason's own sentence, why the list does not help, and the risk."""
        return (
            f"{self.reason.sentence} {self.why} So it may have been created or not: look for it "
            f"in your account. {_AT_A_RISK}"
        )


@dataclass(frozen=True)
class Unresolved(Unknown):
    """What became of an earlier attempt cannot be told, so nothing was sent; `why` is a sentence.

    `receipt` tells of that attempt.
    """

    when: datetime
    why: str

    @property
    def title(self) -> str:
        """The outcome in a few words."""
        return "Unknown: an earlier attempt; none was sent now"

    @property
    def sentence(self) -> str:
        """Which attempt it is, what the list says, and the risk of another."""
        return (
            f"Nothing was sent now, because the attempt of {moment(self.when)} to create an "
            f"assistant of this name and company had no answer. {self.why} It may have been "
            f"created or not. {_AT_A_RISK}"
        )


_ON_PURPOSE: Final = "To create a second one on purpose, send it again."
_AT_A_RISK: Final = "Sending it again may create a second one."


def moment(when: datetime) -> str:
    """A moment as a person reads it, in the time of this machine."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as far as it was read; `flaw` is why no more of it was."""

    status: int
    body: bytes = field(default=b"", repr=False)
    retry_after: str = ""
    flaw: UnknownReason | None = None


def sort_answer(
    answer: Answer,
    sent: bytes,
    *,
    fields: Collection[str] = (),
    now: datetime | None = None,
    redact: Callable[[str], str] = str,
) -> Outcome:
    """Sort an answer by the contract's table of answers.

    `sent` is the request's body, `fields` the top-level names a refusal may name, `redact` takes
    secrets out of the server's words, and `now` is what a Retry-After date is measured against.
    """
    said = None if answer.flaw else parse(answer.body)
    message = redact(plain(words(said, answer.body)))
    code = verdict(answer.status, said)
    if code in {200, 201}:
        return _sort_success(answer, said, sent, message)
    refusal = _sort_refusal(answer, code, message, now or datetime.now(UTC))
    if refusal is not None:
        return refusal
    if code == 400 or (code < 500 and _says_no(said)):
        return Refused(named_field(message, fields), status=answer.status, message=message)
    reason = UnknownReason.SERVER_ERROR if code >= 500 else UnknownReason.OTHER_STATUS
    return Unknown(reason, status=answer.status, message=message)


def _sort_refusal(answer: Answer, code: int, message: str, now: datetime) -> Outcome | None:
    """Sort the refusals that are told by the status alone, whatever the answer says."""
    if 300 <= code < 400:
        return Redirected(status=answer.status, message=message)
    if code in {401, 403}:
        return KeyRefused(status=answer.status, message=message)
    if code == 429:
        wait = seconds_to_wait(answer.retry_after, now)
        return RateLimited(wait, status=answer.status, message=message)
    return None


def _sort_success(answer: Answer, said: object, sent: bytes, message: str) -> Outcome:
    """Sort a 200 that does not say `success: false`."""

    def unknown(reason: UnknownReason) -> Unknown:
        return Unknown(reason, status=answer.status, message=message)

    if answer.flaw:
        return unknown(answer.flaw)
    if not answer.body.strip():
        return unknown(UnknownReason.EMPTY)
    if said is NOT_JSON:
        return unknown(UnknownReason.NOT_JSON)
    request = parse(sent)
    assistant = _assistant_in(said, request)
    if assistant is None:
        return unknown(UnknownReason.WRONG_SHAPE)
    if _is_anothers(assistant, request):
        return unknown(UnknownReason.ANOTHER)
    return Created(id_of(assistant), assistant, status=answer.status, message=message)


class _NotJson(Enum):
    NOT_JSON = "not JSON"


NOT_JSON: Final = _NotJson.NOT_JSON


def parse(body: bytes) -> Any:
    """Return the JSON value of an answer, or `NOT_JSON`."""
    try:
        return json.loads(body, parse_constant=refuse_constant, object_pairs_hook=members)
    except (ValueError, RecursionError):
        return NOT_JSON


def members(pairs: list[tuple[str, Any]]) -> Any:
    """Make an object of its members; one that names a member twice stays a list of pairs.

    Nobody can say which of the two values is meant, so it is no assistant and no envelope.
    """
    made = dict(pairs)
    return made if len(made) == len(pairs) else pairs


def refuse_constant(name: str) -> object:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def verdict(status: int, said: object) -> int:
    """Return the status an answer means: the one inside where a 200 says `success: false`."""
    if status not in {200, 201} or not _says_no(said):
        return status
    inner = said.get("status") if isinstance(said, dict) else None
    return inner if isinstance(inner, int) and 400 <= inner < 600 else 400


def _says_no(said: object) -> bool:
    return isinstance(said, dict) and said.get("success") is False


def _assistant_in(said: object, request: object) -> dict[str, Any] | None:
    """Return the assistant that a 200 speaks of, None where it speaks of something else."""
    if not isinstance(said, dict):
        return None
    if "success" in said:
        data = said.get("data")
        created = said["success"] is True
        return (data if isinstance(data, dict) else {}) if created else None
    is_assistant = not said.get("error") and (id_of(said) or _echoes(said, request))
    return said if is_assistant else None


def id_of(assistant: Mapping[str, Any]) -> str | None:
    """Return the id of an assistant as the API gives it, None where it has none."""
    return next(iter(ids_of(assistant)), None)


def ids_of(assistant: Mapping[str, Any]) -> list[str]:
    """Return all ids of an assistant, the one it is known by first."""
    values = (assistant.get(name) for name in ("hash_id", "id", "_id"))
    ids = (str(v) for v in values if isinstance(v, str | int) and not isinstance(v, bool))
    return [told[:200] for told in map(plain, ids) if told]


def _echoes(said: Mapping[str, Any], request: object) -> bool:
    """Tell whether the answer repeats the name that was sent: an error's `name` does not."""
    name = request.get("name") if isinstance(request, dict) else None
    return isinstance(name, str) and said.get("name") == name


def _is_anothers(assistant: Mapping[str, Any], request: object) -> bool:
    """Tell whether the answer has another name or company than was sent, where it has them."""
    return isinstance(request, dict) and any(
        isinstance(assistant.get(name), str) and folded(assistant[name]) != folded(request[name])
        for name in ("name", "company_name")
        if name in request
    )


def folded(text: object) -> str:
    """A name as two of them are compared: servers trim white space and compose accents."""
    return " ".join(unicodedata.normalize("NFC", str(text)).split())


def words(said: object, body: bytes) -> str:
    """Return the server's own words: its `message`, or a body that is plain text, else nothing."""
    if isinstance(said, str):
        return said
    if isinstance(said, dict):
        return next(filter(None, (_text(said.get(key)) for key in ("message", "error"))), "")
    return _page(body) if said is NOT_JSON else ""


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _page(body: bytes) -> str:
    """Return a body that reads as text; a page of markup or bytes tells a person nothing."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return ""
    return "" if text.lstrip().startswith(("<", "{", "[")) else text


def named_field(message: str, names: Collection[str]) -> str | None:
    """Return the longest of `names` that stands in the message as a word of its own.

    A name behind a dot belongs to another field: `actions[0].zeplo.content.language` is `actions`.
    """
    found = (n for n in names if re.search(rf"(?<![\w.]){re.escape(n)}(?!\w)", message, re.I))
    return max(found, key=len, default=None)


def seconds_to_wait(retry_after: str, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date (RFC 9110, 10.2.3), as seconds from now.

    None where it is missing or makes no sense; 0 where the moment has passed.
    """
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - a dozen modules, rarely needed

    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _spell(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return f"{whole} second{'s' * (whole != 1)}"
    return f"{round(whole / 60)} minutes" if whole < 7_200 else f"{round(whole / 3_600)} hours"
