"""The calls of an examination that predicates are held against: few of each sort."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer, Ledger
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import JsonObject

_MOST = 240
"""Calls of one tool."""
_ALIKE = 6
"""Calls of one tool that end in the same way."""
_ALIKE_ELSEWHERE = 3
"""The same, for calls that begin in a state that an experiment has made."""
_ALIKE_AROUND = 2
"""Calls of one tool, behind calls of one other tool, that end in the same way."""
_MOST_TAKEN = 480
"""Calls of one tool that were proposed, or lie around such."""
_FEW = 3
_GROWN = 1.5
"""Times the records of a given state; what an experiment has made larger only repeats them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A call, and the state that its sequence began in where that was made for it."""

    seen: CallRecord
    made_state: JsonObject | None = None

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Lower where it is easier to follow."""
        seen = self.seen
        return self.made_state is not None, len(seen.history), len(str(seen.call.arguments))

    def start_on(self, stage: Stage) -> int:
        """Return the number of its first state, which is added where it was made."""
        return self.seen.start if self.made_state is None else stage.add(self.made_state)


@dataclass
class CallPool:
    """Takes in calls as they are made, some of each sort."""

    stage: Stage
    given: int
    """States of the stage that are not made by experiments."""
    largest: int = 0
    """Records of the largest of these."""
    calls: dict[str, list[Kept]] = field(default_factory=dict[str, list[Kept]])
    _sorts: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])
    _taken: Counter[str] = field(default_factory=Counter[str])

    def watch(self, seen: CallRecord) -> None:
        """Keep a call if few were like it; one that does not fit the schema, or fails, is none."""
        tool = seen.call.tool
        kept = self.calls.setdefault(tool, [])
        made = seen.start >= self.given
        if (
            not _tells(seen)
            or len(kept) - self._taken[tool] >= _MOST
            or (made and self._is_grown(seen.before))
        ):
            return
        sort = (tool, *_sort_of(seen), str(made))
        self._sorts[sort] += 1
        if self._sorts[sort] <= (_ALIKE_ELSEWHERE if made else _ALIKE):
            kept.append(Kept(seen, self.stage.initial_states[seen.start] if made else None))

    def take(self, proposed: Sequence[CallRecord], around: Sequence[CallRecord]) -> None:
        """Keep calls that were proposed, and of those around them a few of each sort."""
        sorts: Counter[tuple[str, ...]] = Counter()
        for seen in proposed:
            self._take(seen)
        for seen in around:
            sorts[_sort_around(seen)] += _tells(seen)
            if sorts[_sort_around(seen)] <= _ALIKE_AROUND:
                self._take(seen)

    def _take(self, seen: CallRecord) -> None:
        tool = seen.call.tool
        if _tells(seen) and self._taken[tool] < _MOST_TAKEN:
            self._taken[tool] += 1
            self.calls.setdefault(tool, []).append(Kept(seen))

    def _is_grown(self, state: JsonObject) -> bool:
        return _records(state) > _GROWN * self.largest


def pool_of(explorer: Explorer) -> CallPool:
    """Begin a pool with the calls that an explorer remembers."""
    largest = max(map(_records, explorer.stage.initial_states[: explorer.given]), default=0)
    pool = CallPool(explorer.stage, explorer.given, largest)
    ledger = explorer.ledger
    for kept in (ledger.changing, ledger.idle, ledger.refused):
        for seen in [one for calls in kept.values() for one in calls]:
            pool.watch(seen)
    return pool


def _tells(seen: CallRecord) -> bool:
    return not seen.invalid and (seen.returned or seen.refused)


def _records(state: JsonObject) -> int:
    return sum(len(pairs_of(value) or items_of(value) or ()) for value in state.values())


def _sort_of(seen: CallRecord) -> Sequence[str]:
    """Tell calls apart by how they ended, what they changed, and what they were given."""
    given = [name for name, value in seen.call.arguments.items() if value is not None]
    if seen.refused:
        return ("refused", Ledger.reason_of(seen))
    parts = [path.split(".")[0].split("[")[0] for path in seen.changed_paths[:40]]
    return (
        *sorted(given),
        *sorted(f"{part}:{min(parts.count(part), _FEW)}" for part in set(parts)),
        str(_size(seen.value)),
        seen.history[0].tool if len(seen.history) == 1 else str(len(seen.history) > 1),
    )


def _sort_around(seen: CallRecord) -> tuple[str, ...]:
    behind = seen.history[-1].tool if seen.history else ""
    return (seen.call.tool, behind, *_sort_of(seen))


def _size(value: JsonValue) -> int:
    """Return how much an answer tells, roughly: nothing, one thing, two or more."""
    if isinstance(value, dict):
        return sum(_length(item) for item in value.values())
    return _length(value)


def _length(value: JsonValue) -> int:
    return min(len(items_of(value) or ()), _FEW)
