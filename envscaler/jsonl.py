"""Read and write JSONL files so that a killed run loses nothing it has acknowledged.

Own rows go through pydantic in one pass, which keeps integers of any size exact, and back before
they are written: what could not be read again is never appended. Other people's
rows (tasks, imports, exports) are plain objects and go through orjson. `.gz` files are read as
they are. A row is appended with one `os.write`; the half-written last line that a crash may leave
is moved to `<file>.torn` before the next row is appended.
"""

import errno
import gzip
import io
import json
import logging
import os
import re
import sys
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar, cast

import jsonlines
import orjson
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from envscaler.errors import ArtifactError, UnwritableError
from envscaler.json_lists import listed
from envscaler.records import SCHEMA_VERSION, JsonObject, JsonValue, Record

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RecordT = TypeVar("RecordT", bound=Record)

_LOG = logging.getLogger(__name__)
_SYNC_EVERY = 100
"""Rows between two fsyncs: 17 µs a row, where one fsync per row would cost a millisecond."""
_TAIL_BLOCK = 65536
_COUNT_BLOCK = 1 << 20
_UNPACKED = 64 * 1024 * 1024
_UNPACKED_TIMES = 100
"""A `.gz` file may unpack to so many bytes, and to so many times its size; text takes some 10."""
_NEW = os.O_CREAT | (0 if sys.platform == "win32" else os.O_NOFOLLOW)
"""Links are not followed: a run folder may come from somebody else."""
_BEYOND_64_BIT = re.compile(r"\d{19}")
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
        first = lines.read(_TAIL_BLOCK).lstrip()  # not a line, which may be the whole file
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


def write_rows(path: Path, rows: Iterable[Record]) -> int:
    """Write a whole file at once; a crash leaves the old file or the new one.

    Returns:
        The number of rows.
    """
    return _replace(path, (_encode(row) for row in rows))


def write_objects(path: Path, rows: Iterable[JsonObject]) -> int:
    """Do the same as `write_rows` for rows in somebody else's format.

    Returns:
        The number of rows.
    """
    return _replace(path, (_dumps(row) + b"\n" for row in rows))


class RowWriter:
    """Appends rows to one file; a row that `append` returned for survives a kill.

    Raises:
        ArtifactError: The file cannot be opened or written, such as when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unsynced = 0
        with _disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | _NEW, 0o644)
            _set_torn_tail_aside(path, self._file)

    def append(self, row: Record) -> None:
        """Add `row` as the last line, whole or not at all.

        Raises:
            UnwritableError: It could not be read again; nothing is written.
            ArtifactError: The file cannot be written.
        """
        line = _encode(row)
        with _disk_errors(self._path):
            written = os.write(self._file, line)
            if written < len(line):
                self._complete(line[written:], written)
        self._unsynced += 1
        if self._unsynced >= _SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        with _disk_errors(self._path):
            os.fsync(self._file)
        self._unsynced = 0

    def close(self) -> None:
        try:
            self.sync()
        finally:
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _complete(self, rest: bytes, written: int) -> None:
        # A short write means that the disk is nearly full; half a row must not stay behind.
        try:
            while rest:
                more = os.write(self._file, rest)
                rest, written = rest[more:], written + more
        except OSError:
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise


def _set_torn_tail_aside(path: Path, file: int) -> None:
    size = os.fstat(file).st_size
    keep = _end_of_last_line(file, size)
    if keep == size:
        return
    torn = path.with_name(f"{path.name}.torn")
    tail = os.pread(file, size - keep, keep)
    with open(torn, "ab", opener=_no_link) as kept:
        kept.write(tail + b"\n")
        kept.flush()
        os.fsync(kept.fileno())
    os.ftruncate(file, keep)
    _LOG.warning("%s ended in a half-written row; it was moved to %s", path, torn)


def _end_of_last_line(file: int, size: int) -> int:
    position = size
    while position:
        start = max(0, position - _TAIL_BLOCK)
        found = os.pread(file, position - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _replace(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    part = path.with_name(f".{path.name}.part")
    with _disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.unlink(missing_ok=True)
            with open(part, "wb", opener=_no_link) as file:
                for line in lines:
                    file.write(line)
                    count += 1
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return count


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | _NEW, 0o644)


def _encode(row: Record) -> bytes:
    """Write a row as a line, and make sure that the line is the row.

    Raises:
        UnwritableError: It is not: the row is nested too deep, or holds a number that is not
            finite or beyond all measure, or half a surrogate pair.
    """
    try:
        line = row.model_dump_json().encode()
        same = type(row).model_validate_json(line) == row
    except (PydanticSerializationError, ValidationError) as error:
        raise UnwritableError(_why_not(row, str(error))) from error
    if not same:
        raise UnwritableError(_why_not(row, "a value would come back as another"))
    return line + b"\n"


def _why_not(row: Record, why: str) -> str:
    reason = " ".join(why.split())[:200]
    return f"The row {getattr(row, 'id', '')!r} cannot be written and read again: {reason}"


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


@contextmanager
def _disk_errors(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written: {_what_helps(error)}") from error


def _what_helps(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "it is a symbolic link, which may lead anywhere; put the file itself there"
    return (
        f"{error.strerror}; what is in it stays whole, "
        "run the same command again when this is solved"
    )


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


def _dumps(value: JsonObject) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


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
