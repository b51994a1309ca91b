"""Recordings: the replies of a store as JSONL, to be kept, reviewed and shared."""

from collections.abc import Iterator
from pathlib import Path

import orjson
from pydantic import ConfigDict, Field, ValidationError

from envscaler.errors import ProviderError
from envscaler.llm.responses import MalformedError, normalise, read_reply
from envscaler.llm.rows import ImportCounts, read_lines, write_lines
from envscaler.llm.store import Store, Stored
from envscaler.records import JsonObject, Record


class Recording(Record):
    """A line of a recording."""

    model_config = ConfigDict(strict=True)

    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Name of the request, as `keys.key_of` gives it."""
    prompt: str
    sample: int
    model: str
    response: JsonObject
    request: JsonObject | None = None
    """What was asked; left out unless wanted."""


def export_store(store: Store, path: Path, *, with_requests: bool = False) -> int:
    """Write all replies to a file, by prompt and key; the same store gives the same bytes.

    Args:
        store: What to write.
        path: Replaced as a whole.
        with_requests: Also write what was asked, where it is known; see `llm.keep_requests`.

    Returns:
        The number of replies.
    """
    return write_lines(
        path, (_line(stored, with_requests=with_requests) for stored in store.replies())
    )


def import_store(path: Path, store: Store) -> ImportCounts:
    """Put the replies of a recording into a store. Those that it has already stay as they are.

    Raises:
        ArtifactError: The file cannot be read, or the store cannot be written.
    """
    counts = ImportCounts()
    store.put_all(_replies(path, store, counts))
    return counts


def _replies(path: Path, store: Store, counts: ImportCounts) -> Iterator[Stored]:
    for number, row in read_lines(path, counts):
        try:
            stored = _stored(Recording.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            counts.problems.append(f"{path}:{number}: {where}: {first['msg']}")
        except (MalformedError, ProviderError) as error:
            counts.problems.append(f"{path}:{number}: response: {error}")
        else:
            if store.get(stored.key) is not None:
                counts.known += 1
                continue
            counts.added += 1
            yield stored


def _stored(row: Recording) -> Stored:
    response = normalise(orjson.dumps(row.response))
    if "data" not in row.response:  # embeddings have no message
        read_reply(response, row.model)
    request = None if row.request is None else orjson.dumps(row.request)
    return Stored(row.key, row.prompt, row.sample, row.model, response, request)


def _line(stored: Stored, *, with_requests: bool) -> bytes:
    row: dict[str, object] = {
        "key": stored.key,
        "prompt": stored.prompt,
        "sample": stored.sample,
        "model": stored.model,
        "response": orjson.Fragment(stored.response),
    }
    if with_requests and stored.request is not None:
        row["request"] = orjson.Fragment(stored.request)
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
