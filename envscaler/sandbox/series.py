"""Run the same checks on many scenes, in few requests."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pydantic import JsonValue

from envscaler.errors import GuestError
from envscaler.records import JsonObject, Verdict
from envscaler.sandbox.compiler import Compiled, Compiler
from envscaler.sandbox.decode import dump
from envscaler.sandbox.grader import CheckLike, Grader, ask_judge, verdict_of
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
        compiler: Compiles the checks.
        checks: The checks.
        time: When the clock stands for them.
    """

    def __init__(
        self, workers: Workers, compiler: Compiler, checks: Sequence[CheckLike], time: datetime
    ) -> None:
        self._workers = workers
        self._compiler = compiler
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
        confined = await self._confined()
        rows = await self._together(confined, scenes, until_failed=until_failed)
        left = [
            place for place in range(len(self._checks)) if rows is None or place not in confined
        ]
        rows = rows or [{} for _ in scenes]
        for (initial, final), row in zip(scenes, rows, strict=True):
            if left:
                grader = Grader(self._workers, self._compiler, initial, final, self._time)
                verdicts = await grader.run([self._checks[place] for place in left])
                row.update(zip(left, verdicts, strict=True))
        return rows

    async def _confined(self) -> dict[int, Compiled]:
        found: dict[int, Compiled] = {}
        for place, check in enumerate(self._checks):
            try:
                code = await self._compiler.compile(check.source, "The check")
            except GuestError:  # it is judged for that, one by one
                continue
            if code.is_confined:
                found[place] = code
        return found

    async def _together(
        self, codes: dict[int, Compiled], scenes: Scenes, *, until_failed: bool
    ) -> list[Row] | None:
        """Run the confined checks; None when they have to be run one by one."""
        time = self._time.isoformat().encode() + (wire.UNTIL_FAILED if until_failed else b"")
        rows: list[Row] = []
        for part in _requests(scenes):
            scene = wire.pack_scenes(time, part)
            told = await ask_judge(self._workers, wire.CHECK_EACH, scene, [*codes.values()])
            if not isinstance(told, list) or len(told) != len(part):
                return None
            rows += [self._read(codes, row) for row in told]
        whole = until_failed or all(len(row) == len(codes) for row in rows)
        return rows if whole else None

    def _read(self, codes: dict[int, Compiled], row: JsonValue) -> Row:
        told = dict(_pairs(row))
        return {
            place: verdict_of(self._checks[place], told[code.number])
            for place, code in codes.items()
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
