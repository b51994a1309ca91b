"""Batch files: requests to be answered later, and their answers.

`requests.jsonl` is in the OpenAI Batch format, which `vllm run-batch` reads too. Answers are read
from what either of them writes, and from lines that a person wrote: `{custom_id, content}` or
`{custom_id, message}`.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
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
"""Beside the store; with more than one file, the others are `requests-2.jsonl` and so on."""
MOST_LINES = 50_000
MOST_BYTES = 200_000_000
"""Of one file, as batch services have it. They also want one model and one address in each."""


def write_requests(
    store: Store, path: Path, *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES
) -> int:
    """Write the waiting requests of a store to batch files, by model, prompt and key.

    Each file is replaced as a whole; those that are not needed go away.

    Args:
        store: Where the requests wait.
        path: Of the first file.
        most_lines: Of one file.
        most_bytes: Of one file.

    Returns:
        The number of requests.
    """
    count, written = 0, set[Path]()
    cutter = _Cutter(most_lines, most_bytes)
    lines = ((cutter.file_of(request, line), line) for request, line in _lines(store))
    for number, group in groupby(lines, key=itemgetter(0)):
        file = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        count += write_lines(file, (line for _, line in group))
        written.add(file)
    for old in set(request_files(path)) - written:
        old.unlink()
    return count


def request_files(path: Path) -> list[Path]:
    """Return the batch files of requests that are there, in order; `path` is the first."""
    others = path.parent.glob(f"{path.stem}-*{path.suffix}")
    numbered = sorted((len(other.name), other) for other in others)
    return [*([path] if path.is_file() else []), *(other for _, other in numbered)]


def import_responses(paths: Sequence[Path], store: Store) -> list[ImportCounts]:
    """Put the answers of batch files into the store, and write the request files anew.

    A request whose answer is missing, failed or of no use goes on waiting.

    Args:
        paths: What the batch service wrote, in any order.
        store: Where the requests wait.

    Returns:
        One for each file.

    Raises:
        ArtifactError: A file cannot be read, or the store cannot be written.
    """
    found = [ImportCounts() for _ in paths]
    for path, counts in zip(paths, found, strict=True):
        store.put_all(_answers(path, store, counts))
    write_requests(store, store.path.with_name(REQUESTS))
    return found


class _Cutter:
    """Says in which file a line goes: one model and address each, and no more than fits."""

    def __init__(self, most_lines: int, most_bytes: int) -> None:
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._number = self._lines = self._bytes = 0
        self._kind: tuple[str, str] | None = None

    def file_of(self, request: Request, line: bytes) -> int:
        """Return the number of the file, from 1."""
        kind = (request.model, request.path)
        self._lines += 1
        self._bytes += len(line)
        full = self._lines > self._most_lines or self._bytes > self._most_bytes
        if full or kind != self._kind:
            self._number += 1
            self._lines, self._bytes, self._kind = 1, len(line), kind
        return self._number


def _lines(store: Store) -> Iterator[tuple[Request, bytes]]:
    return ((request, _request_line(request)) for request in store.waiting())


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
