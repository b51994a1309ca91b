"""Rows and drops that are on disk already, found by their ids."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from envscaler.errors import (
    GuestError,
    ProviderError,
    RejectedError,
    ReplyError,
    RowError,
    SandboxError,
    UnwritableError,
)
from envscaler.jsonl import RowWriter, read_rows
from envscaler.records import Dropped, Row

RowT = TypeVar("RowT", bound=Row)

_PROVIDER = frozenset({"provider", "context_length", "max_tokens", "replay_miss"})
_OTHERS = {each.kind: each for each in (ReplyError, SandboxError, GuestError, UnwritableError)}


class Ids:
    """Remembers ids in eight bytes each, so that memory hardly grows with the rows.

    Two of a million ids are taken for each other once in forty million runs.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._buckets = [array("Q") for _ in range(4096)]
        for each in ids:
            self.add(each)

    def __contains__(self, row_id: str) -> bool:
        """Say whether an id was remembered."""
        number = hash(row_id) & 0xFFFF_FFFF_FFFF_FFFF
        return number in self._buckets[number % len(self._buckets)]

    def __len__(self) -> int:
        """How many were remembered."""
        return sum(map(len, self._buckets))

    def add(self, row_id: str) -> bool:
        """Remember an id; False when it was there already."""
        number = hash(row_id) & 0xFFFF_FFFF_FFFF_FFFF
        bucket = self._buckets[number % len(self._buckets)]
        if number in bucket:
            return False
        bucket.append(number)
        return True


class Made(Generic[RowT]):
    """What became of rows of one stage in some folders; only places are kept in memory.

    Args:
        folders: Where artifacts are; the first one that has a row counts.
        stage: Its name in `dropped.jsonl`.
        out: The artifact.
        kind: What it holds.
        made_from: Where a row is named after its content: the id of what it was made from.

    Raises:
        ArtifactError: A file is not what the stage wrote.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        stage: str,
        out: str,
        kind: type[RowT],
        made_from: Callable[[RowT], str] | None = None,
    ) -> None:
        self._kind = kind
        self._places: dict[str, tuple[Path, int]] = {}
        self._drops: dict[str, tuple[str, str]] = {}
        for folder in folders:
            for row, place in _places(folder / f"{out}.jsonl", kind):
                known = made_from(row) if made_from else row.id
                self._places.setdefault(known, (folder / f"{out}.jsonl", place))
            for drop in _drops(folder / "dropped.jsonl", stage):
                self._drops.setdefault(drop.id, (drop.kind, drop.reason))

    def row(self, row_id: str) -> RowT | None:
        """Return the row that was made from what has that id, if it was made."""
        if row_id not in self._places:
            return None
        path, place = self._places[row_id]
        with path.open("rb") as file:
            file.seek(place)
            return self._kind.model_validate_json(file.readline())

    def drop(self, row_id: str) -> RowError | None:
        """Return why what has that id was dropped, if it was."""
        found = self._drops.get(row_id)
        return None if found is None else drop_of(*found)


def drop_of(kind: str, reason: str) -> RowError:
    """Return the error that a line of `dropped.jsonl` was written for."""
    if kind in _PROVIDER:
        return ProviderError(reason, kind)
    return _OTHERS[kind](reason) if kind in _OTHERS else RejectedError(kind, reason)


def _places(path: Path, kind: type[RowT]) -> Iterator[tuple[RowT, int]]:
    if not path.is_file():
        return
    RowWriter(path).close()  # sets a torn tail aside
    place = 0
    with path.open("rb") as lines:
        for row, line in zip(read_rows(path, kind), lines, strict=False):
            yield row, place
            place += len(line)


def _drops(path: Path, stage: str) -> Iterator[Dropped]:
    if not path.is_file():
        return
    RowWriter(path).close()
    yield from (row for row in read_rows(path, Dropped) if row.stage == stage)
