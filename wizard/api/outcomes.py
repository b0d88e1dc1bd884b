"""Every outcome of a submission; the API contract's table of responses has a class for each row.

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
│   └── NoReceipt     the receipt could not be written before sending
└── Unknown       the request left, and its result is unknown
    ├── NotListed     the list of assistants does not contain it
    ├── Undecided     the list could not be read, or is inconclusive
    └── Unresolved    the result of an earlier attempt is unknown, so nothing was sent
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
# Control characters, bidirectional controls and lone surrogates.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
)


def plain(text: str) -> str:
    """Return a server's text with `\n` line ends and without control characters."""
    text = _ESCAPES.sub("", _LINE_ENDS.sub("\n", text))
    return _UNSHOWABLE.sub("", text).strip()


class Reason(Enum):
    """Why there is no usable answer, as a short `title` and a full `sentence`."""

    def __init__(self, title: str, sentence: str) -> None:
        self.title, self.sentence = title, sentence


class NotSentReason(Reason):
    """Why a request did not leave this machine in full."""

    NO_KEY = (
        "no API key",
        "There is no API key, so nothing was sent. Set QCALL_API_KEY or enter the key, then submit "
        "again.",
    )
    BAD_KEY = (
        "unusable API key",
        "The API key contains a line break or another character that a header cannot contain, so "
        "nothing was sent. Copy the key again, then submit again.",
    )
    SETUP = (
        "unusable network settings",
        "A proxy or certificate setting of this machine (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, "
        "NO_PROXY, SSL_CERT_FILE) is invalid, so nothing was sent. Correct it, then submit "
        "again.",
    )
    NAME_NOT_FOUND = (
        "server name not found",
        "The server's name was not found, so nothing was sent. Check the address and the network, "
        "then submit again.",
    )
    CONNECTION_REFUSED = (
        "connection refused",
        "The server refused the connection, so nothing was sent. Check the address and that the "
        "server is running, then submit again.",
    )
    TLS_FAILURE = (
        "no secure connection",
        "A secure connection (TLS) could not be established, so nothing was sent. Check the "
        "address, this machine's clock and the server's certificate, then submit again.",
    )
    CONNECT_TIMEOUT = (
        "connection timed out",
        "The connection to the server timed out, so nothing was sent. Check the network, then "
        "submit again.",
    )
    NO_CONNECTION = (
        "no connection",
        "The server could not be reached, so nothing was sent. Check the address, the network and "
        "the proxy, then submit again.",
    )
    CUT_BEFORE = (
        "connection lost while sending",
        "The connection was lost before the whole request was sent, so nothing was created. Submit "
        "again.",
    )
    STALLED = (
        "the server stopped reading",
        "The server stopped reading before the whole request was sent, so nothing was created. "
        "Submit again.",
    )
    CANCELLED = (
        "stopped before sending",
        "You stopped before the whole request was sent, so nothing was created. Submit again when "
        "you are ready.",
    )


class UnknownReason(Reason):
    """Why the result of a request that left in full is unknown."""

    CUT_AFTER = (
        "connection lost before the answer",
        "The request was sent, but the connection was lost before the server answered.",
    )
    READ_TIMEOUT = (
        "no answer in time",
        "The request was sent, but the server did not answer in time.",
    )
    DEADLINE = (
        "the answer took too long",
        "The request was sent, but the server's answer was not complete in time.",
    )
    CUT_SHORT = ("incomplete answer", "The server's answer is incomplete.")
    NOT_JSON = ("the answer is not JSON", "The server's answer is not JSON.")
    EMPTY = ("empty answer", "The server's answer was empty.")
    ANOTHER = (
        "the answer is about another assistant",
        "The server's answer names a different assistant from the one that was sent.",
    )
    WRONG_SHAPE = (
        "unexpected answer",
        "The server's answer is JSON, but it neither confirms nor refuses the assistant.",
    )
    TOO_LARGE = (
        "the answer is too large",
        "The server's answer was too large to read.",
    )
    SERVER_ERROR = (
        "server error",
        "The server failed while processing the request.",
    )
    OTHER_STATUS = (
        "unexpected status",
        "The server answered with an undocumented status.",
    )
    INTERRUPTED = (
        "stopped while waiting",
        "You stopped after the request was sent, before the server answered.",
    )
    EARLIER = (
        "an attempt without an answer",
        "An attempt to create the assistant ended without an answer.",
    )


@dataclass(frozen=True)
class Outcome(ABC):
    """The result of a create request.

    `status` is the HTTP status, or None if no response began. `message` is the server's message as
    plain text, cut to `MESSAGE_LENGTH` characters. `receipt` is the id of the receipt that records
    the attempt, or empty. `note` is an additional warning for the user, or empty. `again` is true
    if the user may send it once more, with a button or with `--again`.
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
        """A short title."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The result, whether anything was created, and the next step."""


@dataclass(frozen=True)
class Created(Outcome):
    """An assistant was created. `assistant` is the server's object, or `{}` if it returned none."""

    assistant_id: str | None = None
    # The server may echo widget_config.api_key.
    assistant: dict[str, Any] = field(default_factory=dict, repr=False)

    kind = "created"
    exit_code = 0

    @property
    def title(self) -> str:
        """A short title."""
        return "Created"

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

    @property
    def title(self) -> str:
        """A short title."""
        return "Created: found in your assistants"

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

    @property
    def title(self) -> str:
        """A short title."""
        return "Refused"

    @property
    def sentence(self) -> str:
        """The refusal, and the field to fix."""
        from wizard.contract.assistant import QUESTIONS  # noqa: PLC0415 - loads pydantic
        from wizard.contract.fields import find  # noqa: PLC0415 - loads pydantic

        question = find(QUESTIONS, (self.field,)) if self.field else None
        name = question.label if question else self.field
        fix = f"Fix {name}" if name else "Fix the problem that the server reports"
        return f"The server refused the assistant; nothing was created. {fix}, then submit again."


@dataclass(frozen=True)
class Redirected(Refused):
    """A 3xx. It is never followed, because the key must not reach another host."""

    @property
    def title(self) -> str:
        """A short title."""
        return "Redirected"

    @property
    def sentence(self) -> str:
        """Why nothing was created, and the setting to check."""
        return (
            "The server redirected to another address. The wizard did not follow it, to keep the "
            "key on this host; nothing was created. Check the base URL, then submit again."
        )


@dataclass(frozen=True)
class KeyRefused(Outcome):
    """401 or 403: the key is missing, wrong or revoked."""

    kind = "refused"
    exit_code = 3

    @property
    def title(self) -> str:
        """A short title."""
        return "Key refused"

    @property
    def sentence(self) -> str:
        """Why nothing was created, and the key to check."""
        return (
            "The server did not accept the API key (missing, wrong or revoked); nothing was "
            "created. Check the key, then submit again."
        )


@dataclass(frozen=True)
class RateLimited(Outcome):
    """429. `retry_after` is the number of seconds to wait, or None if the server names none."""

    retry_after: float | None = None

    kind = "not_sent"
    exit_code = 5

    @property
    def title(self) -> str:
        """A short title."""
        return "Rate limited"

    @property
    def sentence(self) -> str:
        """The refusal, and how long to wait."""
        wait = "a while" if self.retry_after is None else _duration(self.retry_after)
        return f"Too many requests; nothing was created. Wait {wait}, then submit again."


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
    def title(self) -> str:
        """A short title."""
        return f"Not sent: {self.reason.title}"

    @property
    def sentence(self) -> str:
        """The reason's sentence, or one that names the variable to correct."""
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
    host: str
    assistant_id: str | None = None

    again = True

    @property
    def title(self) -> str:
        """A short title."""
        return "Not sent: already created"

    @property
    def sentence(self) -> str:
        """When it was created, under which id, and how to create another."""
        named = f"with the id {self.assistant_id}" if self.assistant_id else "without a known id"
        return (
            f"This assistant was already created on {self.host} on {moment(self.when)}, {named}. "
            f"Nothing was sent. {_CREATE_ANOTHER}"
        )


@dataclass(frozen=True)
class FoundEarlier(Withheld):
    """An earlier attempt (`receipt`) did create it. `same`: it sent the same payload."""

    when: datetime
    assistant_id: str | None = None
    same: bool = True

    again = True

    @property
    def title(self) -> str:
        """A short title."""
        return "Not sent: already exists"

    @property
    def sentence(self) -> str:
        """Which attempt created it, under which id, and how to create another."""
        named = f"with the id {self.assistant_id}" if self.assistant_id else "without an id"
        differs = "Your draft has changed since then. Submit again to create another."
        return (
            f"The attempt of {moment(self.when)}, which had no answer, did create it: it is in the "
            f"list of your assistants, {named}. Nothing was sent now. "
            f"{_CREATE_ANOTHER if self.same else differs}"
        )


@dataclass(frozen=True)
class BeingSent(Withheld):
    """The same draft or payload is being sent right now, by this process or another one."""

    @property
    def title(self) -> str:
        """A short title."""
        return "Not sent: already being sent"

    @property
    def sentence(self) -> str:
        """That the payload is sent only once."""
        return (
            "This assistant is being sent right now, by this wizard or another one, so nothing was "
            "sent a second time. Wait for that attempt: its receipt shows the result."
        )


@dataclass(frozen=True)
class NoReceipt(Withheld):
    """The receipt cannot be written. Sending without one requires the user's consent."""

    trouble: str

    @property
    def title(self) -> str:
        """A short title."""
        return "Not sent: the receipt could not be written"

    @property
    def sentence(self) -> str:
        """Why the receipt failed, and the risk of sending without one."""
        return (
            f"The receipt could not be written, so nothing was sent. {self.trouble} Fix that and "
            "submit again, or send it without a receipt. If the answer is then lost, this machine "
            "has no record of the attempt."
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
    """The list of assistants does not contain it."""

    @property
    def title(self) -> str:
        """A short title."""
        return "We couldn't confirm whether it was created"

    @property
    def sentence(self) -> str:
        """The reason's sentence, and how reliable the list is."""
        return (
            f"{self.reason.sentence} It is not in the list of your assistants, so it was probably "
            f"not created, but a slow server may still create it. {_MAY_DUPLICATE}"
        )


@dataclass(frozen=True)
class Undecided(Unknown):
    """The list of assistants could not be read, or is inconclusive. `why` is a sentence."""

    why: str

    @property
    def title(self) -> str:
        """A short title."""
        return "Unknown: your list of assistants is inconclusive"

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

    @property
    def title(self) -> str:
        """A short title."""
        return "Unknown: an earlier attempt is unresolved"

    @property
    def sentence(self) -> str:
        """Which attempt is unresolved, why, and the risk of another."""
        return (
            f"Nothing was sent now, because the attempt of {moment(self.when)} to create an "
            f"assistant with this name and company had no answer. {self.why} It may have been "
            f"created. {_MAY_DUPLICATE}"
        )


_CREATE_ANOTHER: Final = "Send it again to create another."
_MAY_DUPLICATE: Final = "Sending it again may create a second one."


def moment(when: datetime) -> str:
    """Format a time for display, in the local time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Answer:
    """An HTTP response as far as it was read. `flaw` is the reason if reading stopped early."""

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
    """Return the outcome for a response, following the contract's table of responses.

    `sent` is the request's body. `fields` are the top-level names that a refusal may mention.
    `redact` removes secrets from the server's message. `now` is the reference time for a
    Retry-After date.
    """
    value = None if answer.flaw else parse(answer.body)
    message = redact(plain(words(value, answer.body)))
    code = verdict(answer.status, value)
    if code in {200, 201}:
        return _sort_success(answer, value, sent, message)
    refusal = _sort_refusal(answer, code, message, now or datetime.now(UTC))
    if refusal is not None:
        return refusal
    if code == 400 or (code < 500 and _is_refusal(value)):
        return Refused(named_field(message, fields), status=answer.status, message=message)
    reason = UnknownReason.SERVER_ERROR if code >= 500 else UnknownReason.OTHER_STATUS
    return Unknown(reason, status=answer.status, message=message)


def _sort_refusal(answer: Answer, code: int, message: str, now: datetime) -> Outcome | None:
    """Return the outcome of a refusal that the status alone decides."""
    if 300 <= code < 400:
        return Redirected(status=answer.status, message=message)
    if code in {401, 403}:
        return KeyRefused(status=answer.status, message=message)
    if code == 429:
        wait = seconds_to_wait(answer.retry_after, now)
        return RateLimited(wait, status=answer.status, message=message)
    return None


def _sort_success(answer: Answer, value: object, sent: bytes, message: str) -> Outcome:
    """Return the outcome of a 200 without `success: false`."""

    def unknown(reason: UnknownReason) -> Unknown:
        return Unknown(reason, status=answer.status, message=message)

    if answer.flaw:
        return unknown(answer.flaw)
    if not answer.body.strip():
        return unknown(UnknownReason.EMPTY)
    if value is NOT_JSON:
        return unknown(UnknownReason.NOT_JSON)
    request = parse(sent)
    assistant = _assistant_in(value, request)
    if assistant is None:
        return unknown(UnknownReason.WRONG_SHAPE)
    if _is_different(assistant, request):
        return unknown(UnknownReason.ANOTHER)
    return Created(id_of(assistant), assistant, status=answer.status, message=message)


class _NotJson(Enum):
    NOT_JSON = "not JSON"


NOT_JSON: Final = _NotJson.NOT_JSON


def parse(body: bytes) -> Any:
    """Return the JSON value of a body, or `NOT_JSON`."""
    try:
        return json.loads(body, parse_constant=refuse_constant, object_pairs_hook=members)
    except (ValueError, RecursionError):
        return NOT_JSON


def members(pairs: list[tuple[str, Any]]) -> Any:
    """Build an object, or return the pairs if a name occurs twice, which makes it ambiguous."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else pairs


def refuse_constant(name: str) -> object:
    """Raise ValueError for NaN and Infinity, which Python accepts and JSON does not."""
    raise ValueError(f"{name} is not JSON")


def verdict(status: int, value: object) -> int:
    """Return the effective status: the inner one if a 200 has `success: false`."""
    if status not in {200, 201} or not _is_refusal(value):
        return status
    inner = value.get("status") if isinstance(value, dict) else None
    return inner if isinstance(inner, int) and 400 <= inner < 600 else 400


def _is_refusal(value: object) -> bool:
    return isinstance(value, dict) and value.get("success") is False


def _assistant_in(value: object, request: object) -> dict[str, Any] | None:
    """Return the assistant in the body of a 200, or None if it holds something else."""
    if not isinstance(value, dict):
        return None
    if "success" in value:
        data = value.get("data")
        created = value["success"] is True
        return (data if isinstance(data, dict) else {}) if created else None
    is_assistant = not value.get("error") and (id_of(value) or _echoes(value, request))
    return value if is_assistant else None


def id_of(assistant: Mapping[str, Any]) -> str | None:
    """Return the assistant's id, or None."""
    return next(iter(ids_of(assistant)), None)


def ids_of(assistant: Mapping[str, Any]) -> list[str]:
    """Return all ids of an assistant, the main one first."""
    values = (assistant.get(name) for name in ("hash_id", "id", "_id"))
    ids = (str(v) for v in values if isinstance(v, str | int) and not isinstance(v, bool))
    return [text[:200] for text in map(plain, ids) if text]


def _echoes(answer: Mapping[str, Any], request: object) -> bool:
    """Return whether the response repeats the name of the request, which an error does not."""
    name = request.get("name") if isinstance(request, dict) else None
    return isinstance(name, str) and answer.get("name") == name


def _is_different(assistant: Mapping[str, Any], request: object) -> bool:
    """Return whether the response has a different name or company than the request."""
    return isinstance(request, dict) and any(
        isinstance(assistant.get(name), str) and folded(assistant[name]) != folded(request[name])
        for name in ("name", "company_name")
        if name in request
    )


def folded(text: object) -> str:
    """Normalize a name for comparison: servers trim white space and compose accents."""
    return " ".join(unicodedata.normalize("NFC", str(text)).split())


def words(value: object, body: bytes) -> str:
    """Return the server's message: its `message`, or a plain text body, or an empty string."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next(filter(None, (_text(value.get(key)) for key in ("message", "error"))), "")
    return _page(body) if value is NOT_JSON else ""


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _page(body: bytes) -> str:
    """Return a body that is plain text, or an empty string for markup and binary data."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return ""
    return "" if text.lstrip().startswith(("<", "{", "[")) else text


def named_field(message: str, names: Collection[str]) -> str | None:
    """Return the longest of `names` that occurs in the message as a whole word.

    A name after a dot belongs to another field: `actions[0].zeplo.content.language` is `actions`.
    """
    found = (n for n in names if re.search(rf"(?<![\w.]){re.escape(n)}(?!\w)", message, re.I))
    return max(found, key=len, default=None)


def seconds_to_wait(retry_after: str, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or an HTTP date (RFC 9110, 10.2.3).

    None if it is missing or invalid, 0 if the time has passed.
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


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return f"{whole} second{'s' * (whole != 1)}"
    return f"{round(whole / 60)} minutes" if whole < 7_200 else f"{round(whole / 3_600)} hours"
