"""Rows of artifacts, other people's objects, and JSON files; `.gz` is unpacked on the way."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import jsonlines
import orjson
from pydantic import ValidationError

from envscaler.errors import ArtifactError
from envscaler.json_lists import listed
from envscaler.records import SCHEMA_VERSION, JsonObject, JsonValue, Record

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RecordT = TypeVar("RecordT", bound=Record)


_BEYOND_64_BIT = re.compile(r"\d{19}")
_COUNT_BLOCK = 1 << 20
_START_BLOCK = 65536
_UNPACKED = 64 * 1024 * 1024
_UNPACKED_TIMES = 100
"""A `.gz` file may unpack to so many bytes, and to so many times its size; text takes some 10."""
_MADE_BY = {
    "scenario_candidates": "envscaler gen-scen",
    "scenarios": "envscaler gen-scen",
    "rollouts": "envscaler rollout",
    "trajectories": "envscaler rollout",
    "calibration": "envscaler calibrate",
    "dropped": "any stage",
} | dict.fromkeys(
    ("tasks", "candidates", "topics", "skeletons", "assessments", "envs"), "envscaler build-skel"
)


def read_rows(path: Path, kind: type[RecordT]) -> Iterator[RecordT]:
    """Yield the rows of an artifact, one at a time.

    Raises:
        ArtifactError: The file is missing, or a line of it is torn, of another kind or of
            another schema version.
    """
    if not path.is_file():
        raise ArtifactError(f"{path} does not exist; make it first with `{_maker(path)}`")
    with _lines(path) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = kind.model_validate_json(line)
            except ValidationError as error:
                raise ArtifactError(_what_is_wrong(path, number, line, kind, error)) from error
            version = getattr(row, "schema_version", SCHEMA_VERSION)
            if version != SCHEMA_VERSION:
                raise ArtifactError(_other_version(path, number, version))
            yield row


def count_rows(path: Path) -> int:
    """Count the lines of an artifact without reading what they say; 0 where there is no file."""
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_COUNT_BLOCK), b""))


def read_objects(path: Path) -> Iterator[JsonObject]:
    """Yield the objects of a JSONL file, or of a JSON file that holds one list of objects.

    Args:
        path: Somebody else's file; `.gz` is unpacked on the way.

    Raises:
        ArtifactError: The file is missing, or what it holds is not objects.
    """
    if not path.is_file():
        raise ArtifactError(f"{path} does not exist; give the path of a JSONL or JSON file")
    with _lines(path) as lines:
        first = lines.read(_START_BLOCK).lstrip()  # not a line, which may be the whole file
    if first.startswith(b"["):
        yield from _listed_objects(path)
        return
    with _lines(path) as lines:
        # attrs calls the argument `loads`, its type stub `_loads`.
        reader = jsonlines.Reader(lines, loads=_loads)  # pyright: ignore[reportCallIssue]
        try:
            yield from cast("Iterator[JsonObject]", reader.iter(type=dict, skip_empty=True))
        except jsonlines.InvalidLineError as error:
            raise ArtifactError(f"{path}:{error.lineno} is not a JSON object") from error


def read_json(path: Path) -> JsonValue:
    """Read a whole JSON file, `.gz` too.

    Raises:
        ArtifactError: The file is missing or is not JSON.
    """
    if not path.is_file():
        raise ArtifactError(f"{path} does not exist; give the path of a JSON file")
    with _lines(path) as lines:
        text = lines.read().decode("utf-8", "replace")
    try:
        return _loads(text)
    except ValueError as error:
        raise ArtifactError(f"{path} is not JSON: {error}") from error


class _Unpacked(io.RawIOBase):
    """What is in a `.gz` file, as long as it is not out of all proportion to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = gzip.open(path)  # noqa: SIM115 (`close` closes it)
        self._room = _UNPACKED + _UNPACKED_TIMES * path.stat().st_size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        count = self._file.readinto(buffer)
        self._room -= count
        if self._room < 0:
            raise ArtifactError(
                f"{self._path} unpacks to more than {_UNPACKED_TIMES} times its size; unpack it "
                "yourself if that is right"
            )
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def _lines(path: Path) -> Generator[BinaryIO]:
    try:
        packed = path.suffix == ".gz"
        with io.BufferedReader(_Unpacked(path)) if packed else path.open("rb") as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error


def _listed_objects(path: Path) -> Iterator[JsonObject]:
    with _lines(path) as file, io.TextIOWrapper(file, "utf-8", "replace") as text:
        try:
            for number, item in enumerate(listed(text), start=1):
                if not isinstance(item, dict):
                    raise ArtifactError(f"{path}: item {number} of the list is not a JSON object")
                yield cast("JsonObject", item)
        except ValueError as error:
            raise ArtifactError(f"{path} is not JSON: {error}") from error


def _loads(text: str | bytes) -> JsonValue:
    # orjson reads integers beyond 64 bits as floats; the slow reader keeps them exact.
    big = _BEYOND_64_BIT.search(text if isinstance(text, str) else text.decode())
    try:
        return cast("JsonValue", json.loads(text) if big else orjson.loads(text))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _maker(path: Path) -> str:
    return _MADE_BY.get(path.stem, "the stage that writes it")


def _other_version(path: Path, number: int, version: int) -> str:
    remedy = (
        "upgrade envscaler to read it"
        if version > SCHEMA_VERSION
        else f"make it again in a new run folder with `{_maker(path)}`"
    )
    return (
        f"{path}:{number} has schema version {version}, this envscaler reads {SCHEMA_VERSION}; "
        f"{remedy}"
    )


def _what_is_wrong(
    path: Path, number: int, line: bytes, kind: type[Record], error: ValidationError
) -> str:
    try:
        value = _loads(line)
    except ValueError:
        return (
            f"{path}:{number} is torn: it is not a line of JSON; take that line out, "
            f"then run `{_maker(path)}` again to make its row anew"
        )
    version = value.get("schema_version") if isinstance(value, dict) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        return _other_version(path, number, version)
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the line"
    return (
        f"{path}:{number} is not a {kind.__name__} ({where}: {problem['msg']}); "
        f"give a file that was written by `{_maker(path)}`"
    )
