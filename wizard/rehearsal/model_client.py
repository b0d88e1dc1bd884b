"""Requests to an OpenAI-compatible server: streamed answers, tool calls, the list of models."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, cast

from wizard.api.http_client import Exchange, HttpClient, Limits, fits_a_header, read_body
from wizard.api.reasons import reason_for
from wizard.api.responses import redact
from wizard.errors import WizardError
from wizard.settings import ModelServer

if TYPE_CHECKING:
    import httpx

CHAT: Final = "/chat/completions"
MODELS: Final = "/models"

# A model of this machine may be loaded from disk before its first word, which takes a minute.
LIMITS: Final = Limits(connect=10.0, write=30.0, read=120.0, total=300.0)
_LINE_BYTES: Final = 1_000_000
_ERROR_BYTES: Final = 64_000
# No turn of a call is so long; some models never stop by themselves.
_MOST_CHARACTERS: Final = 4000
_MOST_TOKENS: Final = 1_000_000_000
_SHOWN: Final = 200
_MOST_NAMES: Final = 8
# What servers answer if a model takes no tools: Ollama 400, llama.cpp 500.
_WITHOUT_TOOLS: Final = (400, 404, 422, 500, 501)

NO_MODEL_SET: Final = (
    "No model is set, so the call cannot be rehearsed: start a model server, for example Ollama, "
    "and set QCALL_REHEARSAL_URL=http://127.0.0.1:11434/v1"
)


class Fault(Enum):
    """Why there is no whole answer."""

    UNREACHABLE = auto()
    KEY = auto()
    MODEL = auto()
    BUSY = auto()
    REFUSED = auto()
    SERVER = auto()
    NO_TOOLS = auto()
    SLOW = auto()
    NOT_A_STREAM = auto()
    CUT = auto()
    EMPTY = auto()
    TOO_LARGE = auto()


class ModelTrouble(WizardError):
    """The model gave no whole answer."""

    def __init__(self, fault: Fault, sentence: str) -> None:
        self.fault = fault
        super().__init__(sentence)


@dataclass(slots=True)
class ToolCall:
    """A tool that the model calls. `arguments` is JSON as the model wrote it."""

    name: str = ""
    arguments: str = ""
    id: str = ""


@dataclass(slots=True)
class Answer:
    """A whole answer. `tokens` are those of the request and of the answer, 0 if not reported."""

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    finish: str = ""
    refused: bool = False
    tokens: tuple[int, int] = (0, 0)


class ModelClient(HttpClient):
    """A model server, with one connection pool.

    Cancelling a request closes its connection, which stops the model. `on_exchange` is called after
    every request.
    """

    def __init__(
        self,
        server: ModelServer,
        *,
        limits: Limits = LIMITS,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        super().__init__(server.base_url, limits, on_exchange=on_exchange)
        self.server = server
        self._model = server.model
        # Whether the model takes tools; False once the server has refused them.
        self.takes_tools = True
        self.tokens = (0, 0)

    async def model(self) -> str:
        """Return the model's name: as set, or the first that the server lists."""
        if not self._model:
            names = await self.models()
            if not names:
                raise ModelTrouble(
                    Fault.MODEL, f"The server at {self.server.name} has no model. Load one there."
                )
            self._model = names[0]
        return self._model

    async def disclosure(self) -> str:
        """Return what is sent where, to be shown before the first call. Raises ModelTrouble."""
        return (
            "The script, the messages and the values of the variables are sent to "
            f"{await self.model()} at {self.server.name}. Nothing is sent to QCall."
        )

    async def models(self) -> list[str]:
        """Return the names of the server's models. Raises ModelTrouble."""
        async with self._request("GET", MODELS) as response:
            if response.status_code != 200:
                raise await self._refusal(response, MODELS)
            body, _ = await read_body(response, self._limits.answer_bytes)
        value = _json(body)
        found = value.get("data") if isinstance(value, dict) else None
        if not isinstance(found, list):
            raise ModelTrouble(
                Fault.NOT_A_STREAM,
                f"The server at {self.server.name} lists no models. Set QCALL_REHEARSAL_MODEL, or "
                "check QCALL_REHEARSAL_URL: it usually ends in /v1.",
            )
        names = [item["id"] for item in found if isinstance(_in(item, "id"), str)]
        return [name for name in names if self._redact(name) == name]

    async def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] = (),
        *,
        temperature: float | None = None,
        on_text: Callable[[str], None] = lambda _: None,
    ) -> Answer:
        """Request an answer; each piece of its text is passed to `on_text` as it arrives.

        Raises ModelTrouble. `Fault.NO_TOOLS` means that the model takes none.
        """
        body: dict[str, Any] = {
            "model": await self.model(),
            "messages": list(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if temperature is not None:
            body["temperature"] = temperature
        if tools:
            body["tools"] = list(tools)
        answer = await self._stream(body, on_text)
        self.tokens = (self.tokens[0] + answer.tokens[0], self.tokens[1] + answer.tokens[1])
        if not (answer.text.strip() or answer.calls):
            raise ModelTrouble(Fault.EMPTY, "The model answered nothing.")
        return answer

    async def _stream(self, body: dict[str, Any], on_text: Callable[[str], None]) -> Answer:
        reader = _AnswerReader(on_text, self._secret)
        async with self._request("POST", CHAT, body) as response:
            if response.status_code != 200:
                raise await self._refusal(response, CHAT, has_tools="tools" in body)
            values = cast("AsyncGenerator[Any]", _values(response, self._limits.answer_bytes))
            async with aclosing(values):
                async for value in values:
                    if message := _error_message(value):
                        raise ModelTrouble(Fault.SERVER, self._failed(message))
                    reader.read(value)
                    if len(reader.answer.text) > _MOST_CHARACTERS:
                        reader.answer.finish = "length"
                        return reader.answer
        if not reader.is_whole:
            raise ModelTrouble(Fault.CUT, "The model's answer was cut before its end.")
        return reader.answer

    @asynccontextmanager
    async def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> "AsyncIterator[httpx.Response]":
        """Send a request; every failure of the connection becomes ModelTrouble."""
        http = await self._ready()
        import httpx  # noqa: PLC0415 - takes 140 ms, but opening has imported it in a thread

        started, status = time.monotonic(), None
        try:
            async with (
                asyncio.timeout(self._limits.total),
                http.stream(
                    method,
                    self._base_url + path,
                    content=None if body is None else json.dumps(body).encode(),
                    headers=self._headers(),
                ) as response,
            ):
                status = response.status_code
                yield response
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise self._unreached(error, answered=status is not None) from None
        finally:
            self._report(method, path, status, time.monotonic() - started)

    async def _ready(self) -> "httpx.AsyncClient":
        key = self.server.key
        if key and not fits_a_header(key.get_secret_value()):
            raise ModelTrouble(
                Fault.KEY,
                "QCALL_REHEARSAL_KEY contains a line break or another character that a header "
                "cannot contain. Copy the key again.",
            )
        http = await super()._ready()
        if http is None:
            sentence = f"{self.unusable} cannot be used as it is set. Correct it."
            raise ModelTrouble(Fault.UNREACHABLE, sentence)
        return http

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        key = self.server.key
        return headers | ({"authorization": f"Bearer {key.get_secret_value()}"} if key else {})

    def _unreached(self, error: Exception, *, answered: bool) -> ModelTrouble:
        name = self.server.name
        if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
            if "Connect" not in type(error).__name__:
                return ModelTrouble(Fault.SLOW, f"The model at {name} took too long to answer.")
        elif answered:
            return ModelTrouble(Fault.CUT, "The model's answer was cut before its end.")
        why = reason_for(error, self._base_url, begun=True, left=True).title
        return ModelTrouble(
            Fault.UNREACHABLE,
            f"No model could be reached at {name}: {why}. Start the server, or check "
            "QCALL_REHEARSAL_URL.",
        )

    async def _refusal(
        self, response: "httpx.Response", path: str, *, has_tools: bool = False
    ) -> ModelTrouble:
        """Return the trouble of a status that is not 200."""
        status, name = response.status_code, self.server.name
        body, _ = await read_body(response, _ERROR_BYTES)
        message = _error_message(_json(body)) or body[:_SHOWN].decode("utf-8", "replace").strip()
        if status in (401, 403):
            sentence = f"The server at {name} did not accept the key. Set QCALL_REHEARSAL_KEY."
            return ModelTrouble(Fault.KEY, sentence)
        if status == 429:
            wait = response.headers.get("retry-after", "")
            when = f"in {wait} seconds" if wait.isdecimal() else "later"
            sentence = f"The server at {name} has too many requests. Try again {when}."
            return ModelTrouble(Fault.BUSY, sentence)
        if has_tools and status in _WITHOUT_TOOLS and "tool" in message.lower():
            return ModelTrouble(Fault.NO_TOOLS, "This model does not support tools.")
        if status == 404 and path == CHAT:
            return ModelTrouble(Fault.MODEL, await self._no_model())
        if 300 <= status < 400:
            message = "it redirects to another address, which is not followed"
        fault = Fault.SERVER if status >= 500 else Fault.REFUSED
        return ModelTrouble(fault, self._failed(message, status))

    async def _no_model(self) -> str:
        """Return the sentence for a model that the server does not have."""
        name = self.server.name
        with suppress(ModelTrouble):
            if names := await self.models():
                listed = ", ".join(names[:_MOST_NAMES])
                more = ", ..." if len(names) > _MOST_NAMES else ""
                return (
                    f"The server at {name} has no model {self._model!r}. Set QCALL_REHEARSAL_MODEL "
                    f"to one of: {listed}{more}"
                )
        return (
            f"The server at {name} has no model {self._model!r}, or is no OpenAI-compatible "
            "server. Check QCALL_REHEARSAL_MODEL and QCALL_REHEARSAL_URL."
        )

    @property
    def _secret(self) -> str:
        return self.server.key.get_secret_value() if self.server.key else ""

    def _redact(self, text: str) -> str:
        return redact(text, self._secret, "[key]")

    def _failed(self, message: str, status: int = 0) -> str:
        shown = self._redact(message)[:_SHOWN]
        code = f" with {status}" if status else ""
        quoted = f": {shown}" if shown else "."
        return f"The server at {self.server.name} failed{code}{quoted}"


class _Thoughts:
    """Takes out what a reasoning model thinks before it speaks, in servers that leave it in."""

    def __init__(self) -> None:
        self._held = ""
        self._are_over = False

    def feed(self, piece: str) -> str:
        """Return what is spoken."""
        if self._are_over:
            return piece
        self._held += piece
        begun = self._held.lstrip()
        if begun.startswith("<think>"):
            _, mark, spoken = begun.partition("</think>")
            self._are_over = bool(mark)
            return spoken.lstrip()
        return "" if "<think>".startswith(begun) else self.rest()

    def rest(self) -> str:
        """Return what was held back and is no thought."""
        rest, self._held = self._held, ""
        self._are_over = True
        return "" if rest.lstrip().startswith("<think>") else rest


class _AnswerReader:
    """Puts an answer together from the values of its stream, without the secret."""

    def __init__(self, on_text: Callable[[str], None], secret: str) -> None:
        self.answer = Answer()
        self.is_whole = False
        self._on_text = on_text
        self._secret = secret
        self._thoughts = _Thoughts()
        # The end of the text that may be the beginning of the secret.
        self._held = ""
        self._calls: dict[int, ToolCall] = {}

    def read(self, value: Any) -> None:
        """Read one value; None is the end."""
        if value is None:
            self._end()
            return
        self._read_usage(_in(value, "usage"))
        choices = _in(value, "choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        for part in (_in(choice, "delta"), _in(choice, "message")):
            self._read_part(part)
        if finish := _in(choice, "finish_reason"):
            self._end()
            self.answer.finish = str(finish)
            self.answer.refused |= finish == "content_filter"

    def _end(self) -> None:
        self.is_whole = True
        self._speak(self._thoughts.rest())
        self._say(self._held)
        self._held = ""
        for call in self.answer.calls:
            call.name, call.arguments = self._redact(call.name), self._redact(call.arguments)

    def _speak(self, text: str) -> None:
        text = self._redact(self._held + text)
        end = len(text) - _begun(self._secret, text)
        self._held = text[end:]
        self._say(text[:end])

    def _say(self, text: str) -> None:
        if text:
            self.answer.text += text
            self._on_text(text)

    def _redact(self, text: str) -> str:
        return redact(text, self._secret, "[key]")

    def _read_part(self, part: Any) -> None:
        for name in ("content", "refusal"):
            text = _in(part, name)
            if isinstance(text, str) and text:
                self.answer.refused |= name == "refusal"
                self._speak(self._thoughts.feed(text))
        calls = _in(part, "tool_calls")
        for place, call in enumerate(calls if isinstance(calls, list) else ()):
            index = _in(call, "index")
            self._read_call(call, index if isinstance(index, int) else place)

    def _read_call(self, call: Any, index: int) -> None:
        if index not in self._calls:
            self._calls[index] = ToolCall()
            self.answer.calls.append(self._calls[index])
        known, function = self._calls[index], _in(call, "function")
        known.id = known.id or str(_in(call, "id") or "")
        known.name = known.name or str(_in(function, "name") or "")
        arguments = _in(function, "arguments")
        if isinstance(arguments, str):
            known.arguments += arguments
        elif arguments is not None:
            known.arguments += json.dumps(arguments)

    def _read_usage(self, usage: Any) -> None:
        counts = [_in(usage, name) for name in ("prompt_tokens", "completion_tokens")]
        if all(isinstance(count, int) and 0 <= count < _MOST_TOKENS for count in counts):
            self.answer.tokens = (counts[0], counts[1])


def _begun(secret: str, text: str) -> int:
    """Return how many of the secret's first characters the text ends with."""
    return next((n for n in range(len(secret) - 1, 0, -1) if text.endswith(secret[:n])), 0)


async def _values(response: "httpx.Response", limit: int) -> AsyncIterator[Any]:
    """Yield the JSON values of a stream of events, then None if its end was marked.

    A server that does not stream answers with one JSON value, which is yielded too.
    """
    data: list[str] = []
    plain: list[str] = []
    lines = cast("AsyncGenerator[str]", _lines(response, limit))
    async with aclosing(lines):
        async for line in lines:
            if plain or not (line == "" or _is_field(line)):
                plain.append(line)
            elif line == "" and data:
                text, data = "\n".join(data), []
                if text.strip() == "[DONE]":
                    yield None
                    return
                if text.strip():  # an empty event only keeps the connection open
                    yield _event_value(text)
            elif line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
    if plain:
        yield _plain_value("\n".join(plain))
        yield None


def _is_field(line: str) -> bool:
    """Whether a line belongs to a stream of events: a field or a comment."""
    return line.startswith(("data:", "event:", "id:", "retry:", ":"))


async def _lines(response: "httpx.Response", limit: int) -> AsyncIterator[str]:
    """Yield the lines of an answer, each and all of them limited."""
    rest, total = b"", 0
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_bytes())) as chunks:
        async for chunk in chunks:
            total += len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            if total > limit or len(rest) > _LINE_BYTES:
                raise ModelTrouble(Fault.TOO_LARGE, "The model's answer is too large.")
            for line in whole:
                yield line.decode("utf-8", "replace").removesuffix("\r")
    if rest:
        yield rest.decode("utf-8", "replace").removesuffix("\r")
    yield ""


def _event_value(text: str) -> Any:
    value = _json(text.encode())
    if not isinstance(value, dict):
        raise ModelTrouble(
            Fault.NOT_A_STREAM, "The server's answer is not in OpenAI's form: an event is not JSON."
        )
    return value


def _plain_value(text: str) -> Any:
    value = _json(text.encode())
    if not (isinstance(value, dict) and (_in(value, "choices") or _error_message(value))):
        raise ModelTrouble(
            Fault.NOT_A_STREAM,
            "The server's answer is no stream of events. Check QCALL_REHEARSAL_URL: it mostly ends "
            "in /v1.",
        )
    return value


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _in(value: Any, name: str) -> Any:
    """Return a member of an object, None for anything else."""
    return value.get(name) if isinstance(value, dict) else None


def _error_message(value: Any) -> str:
    """Return the message of an error object; empty if the value is none."""
    error = _in(value, "error")
    if isinstance(error, str):
        return error
    if isinstance(error, dict):
        return str(error.get("message") or error.get("type") or "unknown error")
    return ""
