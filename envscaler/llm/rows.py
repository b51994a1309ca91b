"""JSONL that comes from elsewhere or goes there: bad lines are named, files replaced as a whole."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson
from pydantic import JsonValue

from envscaler.errors import ArtifactError
from envscaler.records import JsonObject


@dataclass(slots=True)
class ImportCounts:
    """What became of the lines of a file."""

    added: int = 0
    known: int = 0
    """Already in the store; left as they were."""
    problems: list[str] = field(default_factory=list[str])
    """One line each: `file:line: what is wrong`."""


class BadLineError(Exception):
    """A line that cannot be used. Never leaves `llm`."""


def read_lines(path: Path, counts: ImportCounts) -> Iterator[tuple[int, JsonObject]]:
    """Iterate over the objects of a JSONL file; empty lines are skipped, bad ones are noted.

    Raises:
        ArtifactError: The file cannot be read.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                if (row := _object(line)) is not None:
                    yield number, row
                else:
                    counts.problems.append(f"{path}:{number}: not a JSON object: {line[:60]!r}")
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Replace a file by `lines`, which end in a newline each; nobody sees half of it.

    Returns:
        The number of lines.
    """
    draft = path.with_name(f"{path.name}.tmp")
    with draft.open("wb") as file:
        count = len([file.write(line) for line in lines])
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return count


def _object(line: bytes) -> JsonObject | None:
    try:
        row = cast("JsonValue", orjson.loads(line))
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None
