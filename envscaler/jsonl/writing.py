"""Rows appended one by one, or a whole file at once; a crash loses nothing that was written."""

import errno
import json
import logging
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from envscaler.errors import ArtifactError, UnwritableError
from envscaler.records import JsonObject, Record

_LOG = logging.getLogger(__name__)
_SYNC_EVERY = 100
"""Rows between two fsyncs: 17 µs a row, where one fsync per row would cost a millisecond."""
_TAIL_BLOCK = 65536
_NEW = os.O_CREAT | (0 if sys.platform == "win32" else os.O_NOFOLLOW)
"""Links are not followed: a run folder may come from somebody else."""


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


def _dumps(value: JsonObject) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
