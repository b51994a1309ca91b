"""Run the same checks on many scenes, in few requests."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pydantic import JsonValue

from envscaler.records import JsonObject, Verdict
from envscaler.sandbox.check_set import CheckLike, CheckSet, CheckSets
from envscaler.sandbox.decode import dump
from envscaler.sandbox.grader import Grader, ask_judge, scene_of
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Workers

Scenes = Sequence[tuple[JsonObject, JsonObject]]
"""Initial and final state of each."""
_MOST = 64
"""Scenes in one request."""
_LARGE = 1 << 20
"""Bytes after which a request takes no further scene."""
Row = dict[int, Verdict]
"""Place of a check → its verdict."""


def in_growing_parts(scenes: Iterable[tuple[JsonObject, JsonObject]]) -> Iterator[Scenes]:
    """Yield scenes in parts, the first ones small: the first ones often tell enough."""
    left, size = iter(scenes), 1
    while part := [*islice(left, size)]:
        yield part
        size = min(2 * size, _MOST)


class Series:
    """Runs checks on one scene after the other.

    Args:
        workers: Where workers come from.
        sets: Compiles checks.
        checks: The checks.
        time: When the clock stands for them.
    """

    def __init__(
        self, workers: Workers, sets: CheckSets, checks: Sequence[CheckLike], time: datetime
    ) -> None:
        self._workers = workers
        self._sets = sets
        self._checks = checks
        self._time = time

    async def rows(self, scenes: Scenes, *, until_failed: bool = False) -> list[Row]:
        """Return the verdicts in each scene.

        Args:
            scenes: What the checks are about.
            until_failed: A check that has failed need not be run any more.

        Raises:
            SandboxError: The machinery failed.
        """
        given = await self._sets.of(self._checks)
        rows = await self._together(given, scenes, until_failed=until_failed)
        places = range(len(self._checks))
        left = [place for place in places if rows is None or place not in given.confined]
        rows = rows or [{} for _ in scenes]
        if left:
            others = await self._sets.of([self._checks[place] for place in left])
            for (initial, final), row in zip(scenes, rows, strict=True):
                grader = Grader(self._workers, scene_of(dump(initial), dump(final), self._time))
                row.update(zip(left, await grader.run(others), strict=True))
        return rows

    async def _together(
        self, given: CheckSet, scenes: Scenes, *, until_failed: bool
    ) -> list[Row] | None:
        """Run the confined checks; None when they have to be run one by one."""
        time = self._time.isoformat().encode() + (wire.UNTIL_FAILED if until_failed else b"")
        rows: list[Row] = []
        for part in _requests(scenes):
            scene = wire.pack_scenes(time, part)
            told = await ask_judge(self._workers, wire.CHECK_EACH, scene, given.batch)
            if not isinstance(told, list) or len(told) != len(part):
                return None
            rows += [_read(given, row) for row in told]
        whole = until_failed or all(len(row) == len(given.confined) for row in rows)
        return rows if whole else None


def _read(given: CheckSet, row: JsonValue) -> Row:
    told = dict(_pairs(row))
    return {
        place: given.verdict(place, told[code.number])
        for place, code in given.confined.items()
        if code.number in told
    }


def _pairs(row: JsonValue) -> Iterator[tuple[int, JsonValue]]:
    """Yield what was told of each check, by its number."""
    for pair in row if isinstance(row, list) else ():
        match pair:
            case [int(number), told]:
                yield number, told
            case _:
                pass


def _requests(scenes: Scenes) -> Iterator[list[tuple[bytes, bytes]]]:
    """Write scenes for a worker, as many in one request as are not too large.

    An initial state that is the one before is not written again.
    """
    part: list[tuple[bytes, bytes]] = []
    size, before = 0, None
    for initial, final in scenes:
        if size > _LARGE:
            yield part
            part, size, before = [], 0, None
        part.append((b"" if initial is before else dump(initial), dump(final)))
        size, before = size + sum(map(len, part[-1])), initial
    if part:
        yield part
