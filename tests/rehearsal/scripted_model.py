"""A model server on 127.0.0.1 that plays a file of turns: it streams, calls tools and fails."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from wizard.formats.yaml_text import parse_yaml
from wizard.sandbox import sandbox_app

TURNS = Path(__file__).with_name("turns.yaml")
NAME = "scripted-1"


@dataclass
class Served:
    """A server that runs: its URL, and each request with path, headers and body."""

    url: str = ""
    requests: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        """The system prompt of each answer that was asked for."""
        return [body["messages"][0]["content"] for _, _, body in self.requests if body]


class ScriptedModel:
    """Answers with the first turn of its file that fits the last message.

    A turn has `hears` and `system`, regular expressions for the last message and for the system
    prompt, and `says`, `tools`, `fault`, `pause` (seconds between two words), `tokens`.
    """

    def __init__(self, turns: list[Any], served: Served) -> None:
        self._turns, self._served = turns, served
        routes = [
            Route("/v1/models", self.models),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)

    async def models(self, request: Request) -> Response:
        self._served.requests.append((request.url.path, dict(request.headers), None))
        return JSONResponse({"object": "list", "data": [{"id": NAME}, {"id": "scripted-2"}]})

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        assert body["stream"] is True
        self._served.requests.append((request.url.path, dict(request.headers), body))
        turn = self._turn(body["messages"])
        fault = str(turn.get("fault", ""))
        if fault == "no tools" and "tools" not in body:
            turn, fault = turn | {"says": turn["marked"]}, ""
        if failing := _failing(fault, str(request.headers.get("authorization"))):
            return failing
        if fault == "not streamed":
            return JSONResponse({"choices": [{"message": {"content": turn["says"]}}]})
        return StreamingResponse(_stream(turn, fault), media_type="text/event-stream")

    def _turn(self, messages: list[Any]) -> dict[str, Any]:
        system, last = messages[0]["content"], str(messages[-1]["content"])
        for turn in self._turns:
            if _fits(turn.get("hears"), last) and _fits(turn.get("system"), system):
                return dict(turn)
        return {"says": f"No turn fits: {last}"}


def _fits(expression: str | None, text: str) -> bool:
    return expression is None or bool(re.search(expression, text, re.DOTALL))


def _failing(fault: str, authorization: str) -> Response | None:
    """The answer of a server that fails at once; messages repeat the key, as some servers do."""
    if fault.isdecimal():
        message = f"failed for {authorization}"
        status, headers = int(fault), {"retry-after": "7"} if fault == "429" else {}
        if fault == "302":
            headers = {"location": "http://127.0.0.1:1/elsewhere"}
        return JSONResponse({"error": {"message": message}}, status, headers)
    if fault == "no tools":
        return JSONResponse({"error": {"message": "it does not support tools"}}, 400)
    if fault == "html":
        return Response("<html><body>Welcome!</body></html>", media_type="text/html")
    return None


async def _stream(turn: Mapping[str, Any], fault: str) -> AsyncIterator[bytes]:
    yield b": a comment\r\n\r\ndata:\r\n\r\n"
    for word in re.findall(r"\S+\s*", turn.get("says", "")):
        yield _event({"content": word})
        if pause := turn.get("pause"):
            await asyncio.sleep(pause)
    if fault == "cut":
        return
    if fault == "no json":
        yield b"data: {half of\n\n"
    if fault == "error in the stream":
        yield b'data: {"error": {"message": "out of memory"}}\n\n'
    if fault == "endless line":
        while True:
            yield b"data: " + b"x" * 100_000
            # Lets the server notice that the client is gone.
            await asyncio.sleep(0)
    if fault == "refusal":
        yield _event({"refusal": "I cannot do that."})
    for index, tool in enumerate(turn.get("tools", ())):
        for event in _tool_events(index, tool):
            yield event
    finish = {"too long": "length", "filtered": "content_filter"}.get(fault, "stop")
    yield b"data: " + json.dumps({"choices": [{"delta": {}, "finish_reason": finish}]}).encode()
    usage = {"prompt_tokens": turn.get("tokens", 100), "completion_tokens": 10}
    yield b"\n\ndata: " + json.dumps({"choices": [], "usage": usage}).encode()
    yield b"\n\ndata: [DONE]\n\n"


def _event(delta: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\r\n\r\n"


def _tool_events(index: int, tool: Mapping[str, Any]) -> Iterator[bytes]:
    """The arguments of a tool come in halves, as from real servers."""
    arguments = tool.get("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    first = {"name": tool["name"], "arguments": ""}
    yield _event({"tool_calls": [{"index": index, "id": f"c{index}", "function": first}]})
    for half in (text[: len(text) // 2], text[len(text) // 2 :]):
        yield _event({"tool_calls": [{"index": index, "function": {"arguments": half}}]})


@contextmanager
def scripted_model(turns: list[Any] | Path = TURNS) -> Iterator[Served]:
    """Serve a file of turns, or turns, until the block is left."""
    served = Served()
    read = parse_yaml(turns.read_bytes(), turns.name) if isinstance(turns, Path) else turns
    assert isinstance(read, list)
    server, listening = sandbox_app.listen(ScriptedModel(read, served).app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    try:
        yield served
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)
        listening.close()
