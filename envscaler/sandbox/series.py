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
_TAG = b'{"$'
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
            scene = wire.Scenes(time, part.texts, part.scenes).pack()
            told = await ask_judge(self._workers, wire.CHECK_EACH, scene, given.batch)
            if not isinstance(told, list) or len(told) != len(part.scenes):
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


class _Part:
    """Scenes of one request, as they are written for a worker.

    An initial state that is the one before is not written again, nor is what final states have in
    common: mostly they differ in one attribute.
    """

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.scenes: list[tuple[bytes, bytes]] = []
        self.size = 0
        self._initial: JsonObject | None = None
        self._known: dict[tuple[str, int], int] = {}
        self._tagged: set[int] = set()

    def add(self, initial: JsonObject, final: JsonObject) -> None:
        """Write a scene."""
        began = b"" if initial is self._initial else dump(initial)
        self._initial = initial
        pairs = [(name, self._number(name, value)) for name, value in final.items()]
        # A state with tags is read as a whole: they may speak of places in it.
        tagged = any(name[:1] == "$" or number in self._tagged for name, number in pairs)
        ended = dump(final) if tagged else dump(pairs)
        self.scenes.append((began, ended))
        self.size += len(began) + len(ended)

    def _number(self, name: str, value: JsonValue) -> int:
        """Return the number of a part: no two names have one, as a check may change what it has."""
        number = self._known.setdefault((name, id(value)), len(self.texts))
        if number == len(self.texts):
            text = dump(value)
            self.texts.append(text)
            self.size += len(text)
            if _TAG in text:
                self._tagged.add(number)
        return number


def _requests(scenes: Scenes) -> Iterator[_Part]:
    """Write scenes for a worker, as many in one request as are not too large."""
    part = _Part()
    for initial, final in scenes:
        if part.size > _LARGE:
            yield part
            part = _Part()
        part.add(initial, final)
    if part.scenes:
        yield part
