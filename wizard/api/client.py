"""Sends requests to the API and returns outcomes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from wizard.api.http_client import (
    LIMITS,
    Exchange,
    HttpClient,
    Limits,
    Transport,
    fits_a_header,
    read_body,
)
from wizard.api.outcomes import Created, KeyRefused, NotSent, Outcome, Unknown
from wizard.api.reasons import NotSentReason, Reason, UnknownReason, flaw_for, reason_for
from wizard.api.records import Listing, Record, listing_in, record_in
from wizard.api.responses import (
    NOT_JSON,
    Answer,
    effective_status,
    ids_of,
    outcome_of,
    parse,
    redact,
    server_message,
)
from wizard.api.voice_catalogue import Voice, read_voice
from wizard.api.voice_sample import (
    NO_SPEECH,
    NOT_MADE,
    Sample,
    check_address,
    read_sample,
    sandbox_address,
)
from wizard.contract.masking import masked
from wizard.errors import (
    AssistantsUnavailable,
    CatalogueUnavailable,
    NoAssistant,
    SampleUnavailable,
)
from wizard.formats.json_members import Node
from wizard.secret import SecretStr
from wizard.settings import SANDBOX

CREATE: Final = "/user/createAssistant"
ASSISTANTS: Final = "/user/listAssistant"
ASSISTANT: Final = "/user/getAssistant?assistant_id="
UPDATE: Final = "/user/updateAssistant?id="
VOICES: Final = "/getOwnVoices"

# Seconds before a read is retried. The create request is never retried.
_PAUSES: Final = (0.3, 0.9)
_RETRYABLE: Final = {
    NotSentReason.NAME_NOT_FOUND,
    NotSentReason.CONNECTION_REFUSED,
    NotSentReason.PROXY_FAILED,
    NotSentReason.NO_CONNECTION,
    UnknownReason.CUT_AFTER,
    UnknownReason.CUT_SHORT,
}


class ListUnavailable(AssistantsUnavailable):
    """The list of assistants could not be read."""


@dataclass
class Delivery:
    """The progress of a request, for a caller that cancels `Client.create`.

    `begun`: connected, and httpx has started to read the body. `left`: the last byte of the body
    was handed to the network, so the server may have received all of it.
    """

    begun: bool = False
    left: bool = False

    def stopped(self) -> Outcome:
        """Return the outcome of a request that was cancelled at this point."""
        if self.left:
            return Unknown(UnknownReason.INTERRUPTED)
        return NotSent(NotSentReason.CANCELLED)


class Client(HttpClient):
    """The API at `base_url`, with one connection pool for all requests.

    `transport` replaces the network (for the sandbox). If it is a function, it is called before the
    first request. `fields` are the names that a refusal may mention. `on_exchange` is called after
    every request. `sleep` waits before a retry.
    """

    def __init__(
        self,
        base_url: str,
        key: SecretStr | None,
        *,
        transport: "Transport | None" = None,
        limits: Limits = LIMITS,
        fields: Collection[str] = (),
        on_exchange: Callable[[Exchange], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(base_url.rstrip("/"), limits, transport, on_exchange)
        self._key = key
        self._fields = fields
        self._sleep = sleep

    async def create(self, body: bytes, delivery: Delivery | None = None) -> Outcome:
        """Send exactly these bytes, JSON, once, and return the outcome.

        Raises only CancelledError. `delivery` then shows whether the request had left.
        """
        return await self._send("POST", CREATE, body, delivery)

    async def update(
        self, assistant_id: str, body: bytes, delivery: Delivery | None = None
    ) -> Outcome:
        """Replace an assistant by exactly these bytes, once, as `create` does.

        Returns the outcomes of `create`: `Created` means that the server confirmed the update.
        """
        path = UPDATE + quote(assistant_id, safe="")
        outcome = await self._send("PUT", path, body, delivery)
        if isinstance(outcome, Created) and _is_another(outcome, assistant_id, body):
            words: dict[str, Any] = {"status": outcome.status, "message": outcome.message}
            return Unknown(UnknownReason.ANOTHER, **words)
        return outcome

    async def _send(
        self, method: str, path: str, body: bytes, delivery: Delivery | None
    ) -> Outcome:
        answer = self._key_trouble() or await self._exchange(
            method, path, self._limits.answer_bytes, delivery or Delivery(), body
        )
        if isinstance(answer, Answer):
            return outcome_of(answer, body, fields=self._fields, redact=self._redact)
        if isinstance(answer, NotSentReason):
            return NotSent(answer, self.unusable if answer is NotSentReason.SETUP else "")
        return Unknown(answer)

    async def voices(self) -> list[Voice]:
        """Return the voices of the target's catalogue, in its order.

        `GET /getOwnVoices` is not documented. QCall's own clients read it as `{"success": true,
        "data": {"voices": [...]}}`. Raises CatalogueUnavailable.
        """
        answer = await self._get(VOICES, self._limits.voices_bytes)
        found = await asyncio.to_thread(self._parse_list, answer, ("voices",))
        if isinstance(found, str):
            message = f"The voices could not be loaded: {found}."
            raise CatalogueUnavailable(message, _exit_code(answer))
        voices = filter(None, map(read_voice, found))
        return [voice for voice in voices if not self._has_key(voice.voice_id, voice.name)]

    def sample_address(self, voice: Voice) -> str:
        """Return the address of a voice's sample; empty if this program alone can read it.

        Raises SampleUnavailable if there is none.
        """
        in_sandbox = sandbox_address(voice, self._base_url)
        address = voice.preview_url or in_sandbox
        if not address:
            raise SampleUnavailable(f"The catalogue has no sample of {voice.title}.")
        if in_sandbox and self._base_url == SANDBOX:
            return ""
        check_address(address)
        return address

    async def sample(self, voice: Voice) -> Sample:
        """Read a voice's sample, without the key. Raises SampleUnavailable."""
        try:
            if address := self.sample_address(voice):
                return await read_sample(address)
            if http := await self._ready():
                return await read_sample(sandbox_address(voice, self._base_url), http)
        except SampleUnavailable as error:
            if voice.is_sandbox and error.status == NOT_MADE:
                raise SampleUnavailable(NO_SPEECH, NOT_MADE) from None
            raise
        raise SampleUnavailable(f"{self.unusable} cannot be used as it is set.")

    async def assistants(self) -> list[dict[str, Any]]:
        """Return the assistants of the account, bare or enveloped. Raises ListUnavailable."""
        answer = await self._get(ASSISTANTS, self._limits.answer_bytes)
        found = await asyncio.to_thread(self._parse_list, answer, ("assistants", "list"))
        if isinstance(found, str):
            raise ListUnavailable(f"Your assistants could not be loaded: {found}.")
        return [item for item in found if isinstance(item, dict)]

    async def records(self) -> Listing:
        """Return the assistants of the account with their texts. Raises ListUnavailable."""
        answer = await self._get(ASSISTANTS, self._limits.records_bytes)
        found = await asyncio.to_thread(self._parse_records, answer)
        if isinstance(found, str):
            code = _exit_code(answer)
            raise ListUnavailable(f"Your assistants could not be loaded: {found}.", code)
        return found

    async def record(self, assistant_id: str) -> Record:
        """Return one assistant with its text.

        `GET /user/getAssistant` is not documented. It falls back to the list if the server has no
        such request, or returns it without an id. Raises NoAssistant and AssistantsUnavailable.
        """
        record = await self._single(assistant_id)
        if record is not None and record.ids:
            return record
        return _only(await self.records(), assistant_id).as_listed(record)

    async def whole_records(self) -> Listing:
        """Return the assistants of the account, each as `record` returns it.

        Raises AssistantsUnavailable.
        """
        listing = await self.records()
        found = []
        for listed_one in listing.records:
            record = None
            if listed_one.id and listed_one.id not in listing.repeated:
                # An assistant that cannot be asked for does not stop the others.
                with suppress(NoAssistant):
                    record = await self._single(listed_one.id)
            is_whole = record is not None and bool(record.ids)
            found.append(record if record and is_whole else listed_one.as_listed(record))
        return listing._replace(records=tuple(found))

    async def _single(self, assistant_id: str) -> Record | None:
        """Return what getAssistant returns; None if the server does not have it, or the request.

        It has the id, or none at all. Raises NoAssistant and AssistantsUnavailable.
        """
        if not assistant_id.strip():
            raise NoAssistant("The id of the assistant is missing.")
        if not _is_unicode(assistant_id):
            raise NoAssistant(f"The id {assistant_id!r} is not Unicode text: it cannot be sent.")
        path = ASSISTANT + quote(assistant_id, safe="")
        answer = await self._get(path, self._limits.record_bytes)
        record = await asyncio.to_thread(self._parse_record, answer)
        if isinstance(record, str):
            if _status(answer) in {404, 405}:
                return None
            raise AssistantsUnavailable(
                f"The assistant could not be loaded: {record}.", _exit_code(answer)
            )
        if record.ids and assistant_id not in record.ids:
            raise NoAssistant(
                f"The server returned an assistant with another id for {assistant_id!r}."
            )
        return record

    def _parse_records(self, answer: Answer | Reason) -> Listing | str:
        node = self._node(answer)
        if isinstance(node, str):
            return node
        found = listing_in(node, ("assistants", "list"))
        if found is None:
            return UnknownReason.WRONG_SHAPE.title
        safe = tuple(each for each in found.records if not self.repeats_key(each.data))
        repeats = [_REPEATS_KEY] * (len(found.records) - len(safe))
        return Listing(safe, (*found.unread, *repeats))

    def _parse_record(self, answer: Answer | Reason) -> Record | str:
        node = self._node(answer)
        if isinstance(node, str):
            return node
        found = record_in(node)
        if found is None:
            return UnknownReason.WRONG_SHAPE.title
        return _REPEATS_KEY if self.repeats_key(found.data) else found

    def _node(self, answer: Answer | Reason) -> Node | str:
        """Return the JSON value of a read with its text, or a clause that explains the failure."""
        if not isinstance(answer, Answer) or answer.flaw:
            return self._unread(answer)
        try:
            node = Node.of(answer.body.decode(json.detect_encoding(answer.body)))
        except (ValueError, RecursionError):
            node = None
        value = NOT_JSON if node is None else node.value
        code = effective_status(answer.status, value)
        if code != 200:
            return _why_not(code, self._redact(server_message(value, answer.body))[:200])
        return UnknownReason.NOT_JSON.title if node is None else node

    def _unread(self, answer: Answer | Reason) -> str:
        """Return a clause that explains why there is no whole answer."""
        if answer is NotSentReason.SETUP and self.unusable:
            return f"{self.unusable} cannot be used as it is set"
        reason = answer.flaw if isinstance(answer, Answer) else answer
        return reason.title if reason else ""

    async def reach(self) -> Answer | Reason:
        """Request the list of assistants once, without requiring a key."""
        if (trouble := self._key_trouble()) is NotSentReason.BAD_KEY:
            return trouble
        return await self._exchange("GET", ASSISTANTS, self._limits.records_bytes)

    async def _get(self, path: str, limit: int) -> Answer | Reason:
        """GET, and retry after a pause if the connection or the server failed."""
        answer = self._key_trouble() or await self._exchange("GET", path, limit)
        for pause in _PAUSES:
            if not _is_retryable(answer):
                break
            await self._sleep(pause)
            answer = await self._exchange("GET", path, limit)
        return answer

    def _parse_list(self, answer: Answer | Reason, names: Collection[str]) -> list[object] | str:
        """Return the items of a list, or a clause that explains the failure."""
        if not isinstance(answer, Answer) or answer.flaw:
            return self._unread(answer)
        value = parse(answer.body)
        code = effective_status(answer.status, value)
        if code != 200:
            return _why_not(code, self._redact(server_message(value))[:200])
        if value is NOT_JSON:
            return UnknownReason.NOT_JSON.title
        found = _list_in(value, names)
        return UnknownReason.WRONG_SHAPE.title if found is None else found

    async def _exchange(
        self,
        method: str,
        path: str,
        limit: int,
        delivery: Delivery | None = None,
        body: bytes | None = None,
    ) -> Answer | NotSentReason | UnknownReason:
        """Send one request and return its answer as far as it was read, or the reason for none.

        An answer of more than `limit` bytes has no body. `delivery` is None for a read.
        """
        http = await self._ready()
        if http is None:
            return NotSentReason.SETUP
        delivery = delivery or Delivery(begun=True, left=True)
        content = None if body is None else _Body(body, delivery)
        request = http.stream(
            method,
            self._base_url + path,
            content=content,
            # Not in a local variable: crash reports print those.
            headers=self._key_header() | (content.headers if content else {}),
        )
        answer, started = Answer(), time.monotonic()
        try:
            async with asyncio.timeout(self._limits.total), request as response:
                answer.status = response.status_code
                answer.retry_after = response.headers.get("retry-after", "")
                answer.date = response.headers.get("date", "")
                answer.body, is_whole = await read_body(response, limit)
                if not is_whole:
                    answer.body, answer.flaw = b"", UnknownReason.TOO_LARGE
        # The request may have left, so every error needs an outcome, also inside the sandbox.
        except Exception as error:
            if not answer.status:
                return reason_for(error, self._base_url, begun=delivery.begun, left=delivery.left)
            answer.flaw = flaw_for(error)
        finally:
            self._report(method, path, answer.status or None, time.monotonic() - started)
        return answer

    def _key_trouble(self) -> NotSentReason | None:
        if self._key is None or not self._key.get_secret_value():
            return NotSentReason.NO_KEY
        fits = fits_a_header(self._key.get_secret_value())
        return None if fits else NotSentReason.BAD_KEY

    def _key_header(self) -> dict[str, str]:
        return {"x-api-key": self._key.get_secret_value()} if self._key else {}

    def _redact(self, text: str) -> str:
        return redact(text, self._key.get_secret_value() if self._key else "", "[key]")

    def _has_key(self, *texts: str) -> bool:
        return any(self._redact(text) != text for text in texts)

    def repeats_key(self, payload: Mapping[str, Any]) -> bool:
        """Return whether a payload contains the API key elsewhere than as the widget's key."""
        return self._has_key(json.dumps(masked(payload), ensure_ascii=False))


# What is shown and stored about an assistant must not have the key.
_REPEATS_KEY: Final = "it contains the API key"


def _is_unicode(text: str) -> bool:
    """Return whether a text has no lone surrogate, which no address can hold."""
    return text.encode("utf-8", "ignore").decode() == text


class _Body:
    """A request body that sends its last byte separately, to know whether the body was sent.

    Until that byte is sent, the server cannot have the whole request. This holds for sockets, for
    proxy tunnels and inside the process. httpx's trace events do not cover all of these.
    """

    def __init__(self, body: bytes, delivery: Delivery) -> None:
        self._body, self._delivery = body, delivery
        # Without the length httpx would send a body that it iterates over in chunked encoding.
        self.headers = {"content-type": "application/json", "content-length": str(len(body))}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._delivery.begun = True
        yield self._body[:-1]
        self._delivery.left = True
        yield self._body[-1:]


def _is_retryable(answer: Answer | Reason) -> bool:
    if isinstance(answer, Answer):
        return answer.status >= 500 or answer.flaw in _RETRYABLE
    return answer in _RETRYABLE


def _is_another(created: Created, assistant_id: str, sent: bytes) -> bool:
    """Whether the server confirmed an update with an assistant that has other ids."""
    answered, request = ids_of(created.assistant), parse(sent)
    known = {assistant_id, *ids_of(request if isinstance(request, dict) else {})}
    return bool(answered) and known.isdisjoint(answered)


def _only(listing: Listing, assistant_id: str) -> Record:
    """Return the one assistant of a list with an id. Raises NoAssistant."""
    found = [each for each in listing.records if assistant_id in each.ids]
    if len(found) > 1:
        raise NoAssistant(
            f"{len(found)} assistants have the id {assistant_id!r}, so it is not clear which one "
            "is meant.",
            is_ambiguous=True,
        )
    if not found:
        raise NoAssistant(
            f"There is no assistant with the id {assistant_id!r}: `qcall-wizard assistants` lists "
            "yours."
        )
    return found[0]


def _status(answer: Answer | Reason) -> int:
    """Return the status of an answer, or the one inside a 200; 0 without an answer."""
    if not isinstance(answer, Answer):
        return 0
    return answer.status if answer.flaw else effective_status(answer.status, parse(answer.body))


def _exit_code(answer: Answer | Reason) -> int:
    """Return the exit code of a command that could not read."""
    return KeyRefused.exit_code if _status(answer) in {401, 403} else NotSent.exit_code


def _why_not(code: int, message: str) -> str:
    """Return a clause that explains why a read failed."""
    quoted = f' ("{message}")' if message else ""
    if code == 400:
        return f"the server refused{quoted}"
    if code in {401, 403}:
        return f"the server did not accept the API key{quoted}"
    if code == 404:
        return "the server does not offer them (404)"
    if code == 429:
        return "too many requests; wait a while"
    if 300 <= code < 400:
        return "the server redirected to another address, which is not followed"
    return f"the server answered {code}{quoted}"


def _list_in(value: object, names: Collection[str]) -> list[object] | None:
    """Return the list in a value: bare, in an envelope's `data`, or under one of `names` in it."""
    if isinstance(value, dict):
        value = value.get("data", value)
    if isinstance(value, dict):
        value = next((value[name] for name in names if name in value), None)
    return value if isinstance(value, list) else None
