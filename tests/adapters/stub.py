"""An OpenAI-compatible endpoint that plays proven solutions, with the standard library alone."""

import json
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from envscaler.load import LoadedScenario
from tests.adapters.example import solution

Policy = Callable[[list[dict]], dict]
"""From the messages of a request to the assistant's message."""


def solver(scenarios: Iterable[LoadedScenario], *, solved: Callable[[str], bool]) -> Policy:
    """Make a policy that plays the solution of the scenarios it is to solve, call by call."""
    known = {row.task: row for row in scenarios}

    def act(messages: list[dict]) -> dict:
        task = next(_text(one) for one in messages if one["role"] == "user")
        scenario = next((row for text, row in known.items() if text in task), None)
        turn = sum(one["role"] == "assistant" for one in messages)
        if scenario is None or not solved(scenario.id) or turn >= len(solution(scenario)):
            return {"role": "assistant", "content": "That is all I did."}
        call = solution(scenario)[turn]
        function = {"name": call.name, "arguments": json.dumps(call.arguments)}
        made = {"id": f"call_{turn}", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [made]}

    return act


def _text(message: dict) -> str:
    content = message["content"]
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


@contextmanager
def endpoint(policy: Policy) -> Generator[tuple[str, list[dict]]]:
    """Serve a policy.

    Yields:
        Its base URL, and the bodies of all requests so far.
    """
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": "stub", "object": "model"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(body)
            message = policy(body["messages"])
            reason = "tool_calls" if message.get("tool_calls") else "stop"
            choice = {"index": 0, "message": message, "finish_reason": reason}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            head = {"id": "1", "object": "chat.completion", "created": 1, "model": "stub"}
            if body.get("stream"):
                calls = [{"index": n, **one} for n, one in enumerate(message.get("tool_calls", ()))]
                delta = message | ({"tool_calls": calls} if calls else {})
                part = {"index": 0, "delta": delta, "finish_reason": reason}
                head["object"] = "chat.completion.chunk"
                chunks = (json.dumps({**head, "choices": [part], "usage": usage}), "[DONE]")
                data = "".join(f"data: {chunk}\n\n" for chunk in chunks)
                self._send_bytes(data.encode(), "text/event-stream")
            else:
                self._send({**head, "choices": [choice], "usage": usage})

        def _send(self, body: object) -> None:
            self._send_bytes(json.dumps(body).encode(), "application/json")

        def _send_bytes(self, data: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
