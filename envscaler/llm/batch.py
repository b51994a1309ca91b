"""Batch files: requests to be answered later, and their answers.

`requests.jsonl` is in the OpenAI Batch format, which `vllm run-batch` reads too. Answers are read
from what either of them writes, and from lines that a person wrote: `{custom_id, content}` or
`{custom_id, message}`.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson
from pydantic import JsonValue

from envscaler.errors import ProviderError
from envscaler.llm.requests import CHAT, Request
from envscaler.llm.responses import MalformedError, normalise, read_reply
from envscaler.llm.rows import BadLineError, ImportCounts, read_lines, write_lines
from envscaler.llm.store import Store, Stored
from envscaler.records import JsonObject

REQUESTS = "requests.jsonl"
"""Beside the store."""


def write_requests(store: Store, path: Path) -> int:
    """Write the waiting requests of a store to a batch file, by prompt and key.

    The file is replaced as a whole; it goes away when nothing waits.

    Returns:
        The number of requests.
    """
    count = write_lines(path, map(_request_line, store.waiting()))
    if not count:
        path.unlink()
    return count


def import_responses(path: Path, store: Store) -> ImportCounts:
    """Put the answers of a batch file into the store, and rewrite `requests.jsonl` beside it.

    A request whose answer is missing, failed or of no use goes on waiting.

    Args:
        path: What the batch service wrote, in any order.
        store: Where the requests wait.

    Raises:
        ArtifactError: The file cannot be read, or the store cannot be written.
    """
    counts = ImportCounts()
    store.put_all(_answers(path, store, counts))
    write_requests(store, store.path.with_name(REQUESTS))
    return counts


def _answers(path: Path, store: Store, counts: ImportCounts) -> Iterator[Stored]:
    for number, row in read_lines(path, counts):
        key = str(row.get("custom_id", ""))
        request = store.waiting_for(key)
        if request is None and store.get(key) is not None:
            counts.known += 1
            continue
        try:
            answer = _answer(row, request)
        except (BadLineError, MalformedError, ProviderError) as error:
            counts.problems.append(f"{path}:{number}: {error}")
            continue
        counts.added += 1
        yield answer


def _answer(row: JsonObject, request: Request | None) -> Stored:
    """Return what a line answers.

    Raises:
        BadLineError: It is an error, or of another shape, or nobody asked for it.
        MalformedError: It holds a response that cannot be read.
        ProviderError: It holds a reply that was cut off before anything was said.
    """
    if request is None:
        raise BadLineError(f"no request waits under custom_id {str(row.get('custom_id'))[:80]!r}")
    response = normalise(orjson.dumps(_body(row, request.model)))
    if request.path == CHAT:
        read_reply(response, request.model)
    return Stored(
        request.key, request.prompt, request.sample, request.model, response, request.body
    )


def _body(row: JsonObject, model: str) -> JsonObject:
    """Return the response in a line of any of the shapes."""
    if isinstance(content := row.get("content"), str):
        return _response({"role": "assistant", "content": content}, model)
    if isinstance(message := row.get("message"), dict):
        return _response(message, model)
    response, error = row.get("response"), row.get("error")
    if isinstance(response, dict):
        status, body = response.get("status_code"), response.get("body")
        if status in {None, 200} and isinstance(body, dict) and not error:
            return body
        error = error or f"status {status}: {body}"
    raise BadLineError(f"the request failed: {_short(error)}" if error else _WANTED)


_WANTED = "expected 'response' with a 'body', or 'content', or 'message'"


def _response(message: JsonObject, model: str) -> JsonObject:
    reason = "tool_calls" if message.get("tool_calls") else "stop"
    choice: JsonObject = {"index": 0, "message": message, "finish_reason": reason}
    return {"object": "chat.completion", "model": model, "choices": [choice]}


def _request_line(request: Request) -> bytes:
    line = {
        "custom_id": request.key,
        "method": "POST",
        "url": f"/v1{request.path}",
        "body": orjson.Fragment(request.body),
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _short(error: JsonValue) -> str:
    said = error.get("message") if isinstance(error, dict) else None
    return " ".join(str(said or error).split())[:200]
