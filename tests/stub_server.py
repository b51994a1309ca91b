"""An OpenAI-compatible endpoint that behaves as badly as it is told to.

In a test it runs in a thread: `with StubServer(Behaviour(faults=("500", "ok"))) as stub: stub.url`.
For benchmarks it runs in a process of its own: `with stub_process(Behaviour(latency=0.2)) as url`.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
from aiohttp import web
from pydantic import TypeAdapter

from envscaler.records import JsonObject, JsonValue

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the endpoint does."""

    latency: float = 0.0
    """Seconds before each answer."""
    capacity: int | None = None
    """Requests in flight beyond which it answers 429."""
    retry_after: float | None = None
    """`Retry-After` of its 429; None: without."""
    faults: tuple[str, ...] = ()
    """What it does with each request in turn, a name of `ANSWERS`; `ok` when they are used up."""
    content: str = "ok"
    contents: tuple[tuple[str, str], ...] = ()
    """What it says instead, each where the messages hold a text."""
    recording: str | None = None
    """Answer from this file, by the request's key."""
    models: tuple[JsonObject, ...] = ()
    """What it lists below `/models`."""
    calls: int = 0
    """Calls that it makes of the tools it is offered, one a reply, before it says `content`."""


_BEHAVIOUR = TypeAdapter(Behaviour)


def completion(message: JsonObject, finish_reason: str = "stop") -> JsonObject:
    """Build a chat completion around a message."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub-model",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "completion_tokens_details": {"reasoning_tokens": 7},
        },
    }


def _ok(message: JsonObject, finish_reason: str = "stop") -> web.Response:
    body = completion({"role": "assistant"} | message, finish_reason)
    return web.json_response(body=orjson.dumps(body))


def _error(status: int, message: str, code: str = "", **headers: str) -> web.Response:
    body = orjson.dumps({"error": {"message": message, "type": "error", "code": code}})
    return web.json_response(body=body, status=status, headers=headers)


TOOL_CALL: JsonObject = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "find", "arguments": '{"id": "O1"}'},
}

LOOK_UP: JsonObject = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "look_up", "arguments": '{"id": "A1"}'},
}

ANSWERS: dict[str, Callable[[], web.Response]] = {
    "400": lambda: _error(400, "messages: roles must alternate"),
    "400-seed": lambda: _error(400, "Unrecognized request argument supplied: seed"),
    "400-schema": lambda: _error(400, "This response_format type is unavailable now"),
    "400-stream": lambda: _error(400, "This model only support stream mode"),
    "400-tools": lambda: _error(400, "gemma does not support tools"),
    "401": lambda: _error(401, "Incorrect API key provided: sk-test-secret"),
    "402": lambda: _error(402, "Insufficient Balance"),
    "403": lambda: _error(403, "your input was flagged"),
    "404": lambda: _error(404, "The model does not exist", "model_not_found"),
    "429": lambda: _error(429, "slow down"),
    "429-wait": lambda: _error(429, "slow down", **{"Retry-After": "0.2"}),
    "429-tomorrow": lambda: _error(429, "daily limit", **{"Retry-After": "86400"}),
    "500": lambda: _error(500, "oops"),
    "502-html": lambda: web.Response(status=502, text="<html>\n<b>Bad\nGateway</b>"),
    "503": lambda: _error(503, "Loading model", "unavailable_error"),
    "inside-429": lambda: web.json_response({"error": {"code": 429, "message": "upstream busy"}}),
    "quota": lambda: _error(429, "You exceeded your quota", "insufficient_quota"),
    "too-long": lambda: _error(400, "maximum context length is 9", "context_length_exceeded"),
    "nonsense": lambda: web.Response(text='{"choices": [', content_type="application/json"),
    "no-choices": lambda: web.json_response({"choices": []}),
    "empty": lambda: _ok({"content": ""}),
    "length": lambda: _ok({"content": None, "reasoning_content": "hmm"}, "length"),
    "reasoning": lambda: _ok({"content": "42", "reasoning_content": "six times seven"}),
    "tool-call": lambda: _ok({"content": None, "tool_calls": [TOOL_CALL]}, "tool_calls"),
    "look-up": lambda: _ok({"content": None, "tool_calls": [LOOK_UP]}, "tool_calls"),
    "look-up-twice": lambda: _ok({"content": None, "tool_calls": [LOOK_UP, LOOK_UP]}, "tool_calls"),
    "colour": lambda: _ok({"content": '{"colour": "red", "number": 3}'}),
    "embeddings": lambda: web.json_response(
        {"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]}
    ),
}


class Stub:
    """The endpoint's request handler."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.requests: list[JsonObject] = []
        """Bodies, in the order in which they came."""
        self.headers: list[dict[str, str]] = []
        self.refused = 0
        self.most_in_flight = 0
        self._in_flight = 0
        self._behaviour = behaviour
        self._faults = iter(behaviour.faults)
        self._recorded = _load(behaviour.recording)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            return await self._answer(request)
        finally:
            self._in_flight -= 1

    async def list_models(self, request: web.Request) -> web.Response:
        """Say which models there are."""
        del request
        return web.json_response(body=orjson.dumps({"data": self._behaviour.models}))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        capacity = self._behaviour.capacity
        if capacity is not None and self._in_flight > capacity:
            self.refused += 1
            wait = self._behaviour.retry_after
            return _error(429, "busy", **({} if wait is None else {"Retry-After": str(wait)}))
        if self._behaviour.calls:
            self.requests.clear()  # a benchmark sends more than memory holds
        self.requests.append(orjson.loads(raw))
        self.headers.append(dict(request.headers))
        await asyncio.sleep(self._behaviour.latency)
        if self._behaviour.recording is not None:
            return self._replay(request.headers["X-Client-Request-Id"], orjson.loads(raw))
        fault = next(self._faults, "ok")
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "cut":
            return await self._cut(request)
        return _act(orjson.loads(raw), self._behaviour) if fault == "ok" else ANSWERS[fault]()

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices":')
        if request.transport is not None:
            request.transport.abort()
        return response

    def _replay(self, key: str, body: JsonValue) -> web.Response:
        row = self._recorded.get(key)
        if row is None or row.get("request", body) != body:
            return _error(400, f"the recording has no answer to request {key}")
        return web.json_response(body=orjson.dumps(row["response"]))


def _act(request: JsonObject, behaviour: Behaviour) -> web.Response:
    """Call the tools in turn, without arguments, as often as it shall; then say something."""
    tools, messages = request.get("tools"), request.get("messages")
    if not isinstance(tools, list) or not isinstance(messages, list) or not tools:
        return _ok({"content": _said(str(messages), behaviour)})
    made = sum(isinstance(each, dict) and each.get("role") == "tool" for each in messages)
    if made >= behaviour.calls:
        return _ok({"content": behaviour.content})
    tool = tools[made % len(tools)]
    function = tool.get("function") if isinstance(tool, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    call: JsonObject = {
        "id": f"call_{made}",
        "type": "function",
        "function": {"name": name, "arguments": "{}"},
    }
    return _ok({"content": None, "tool_calls": [call]}, "tool_calls")


def _said(messages: str, behaviour: Behaviour) -> str:
    found = (content for text, content in behaviour.contents if text in messages)
    return next(found, behaviour.content)


def _load(recording: str | None) -> dict[str, JsonObject]:
    if recording is None:
        return {}
    lines = Path(recording).read_bytes().splitlines()
    rows: list[JsonObject] = [orjson.loads(line) for line in lines]
    return {str(row["key"]): row for row in rows}


@dataclass
class StubServer:
    """The endpoint in a thread, with its requests at hand."""

    behaviour: Behaviour = field(default_factory=Behaviour)

    def __enter__(self) -> Self:
        self.stub = Stub(self.behaviour)
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    @property
    def requests(self) -> list[JsonObject]:
        """Bodies, in the order in which they came."""
        return self.stub.requests

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()

        async def ready(url: str) -> None:
            self.url = url
            self._ready.set()
            await self._stop.wait()

        await serve(self.stub, ready)


async def serve(stub: Stub, ready: Callable[[str], Awaitable[None]]) -> None:
    """Serve at a free port of this machine until `ready`, called with the base URL, returns."""
    app = web.Application(client_max_size=2**26)
    app.router.add_get("/v1/models", stub.list_models)
    app.router.add_post("/v1/{path:.*}", stub.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
    await site.start()
    try:
        address: tuple[str, int] = runner.addresses[0]
        await ready(f"http://127.0.0.1:{address[1]}/v1")
    finally:
        await runner.cleanup()


@contextmanager
def stub_process(behaviour: Behaviour) -> Generator[str]:
    """Run the endpoint in a process of its own and yield its base URL."""
    command = [sys.executable, "-m", "tests.stub_server", _BEHAVIOUR.dump_json(behaviour)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()  # the server ends with its input


async def _main(behaviour: Behaviour) -> None:
    async def ready(url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)

    await serve(Stub(behaviour), ready)


if __name__ == "__main__":
    asyncio.run(_main(_BEHAVIOUR.validate_json(sys.argv[1])))
