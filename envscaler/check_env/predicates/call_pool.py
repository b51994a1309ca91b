"""The calls of an examination that predicates are held against: few of each sort."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer, Ledger
from envscaler.environment.state.collections import items_of
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import JsonObject

_MOST = 240
"""Calls of one tool."""
_ALIKE = 6
"""Calls of one tool that end in the same way."""
_ALIKE_ELSEWHERE = 3
"""The same, for calls that begin in a state that an experiment has made."""
_FEW = 3


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
    calls: dict[str, list[Kept]] = field(default_factory=dict[str, list[Kept]])
    _sorts: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])

    def watch(self, seen: CallRecord) -> None:
        """Keep a call if few were like it; one that does not fit the schema, or fails, is none."""
        if seen.invalid or not (seen.returned or seen.refused):
            return
        kept = self.calls.setdefault(seen.call.tool, [])
        if len(kept) >= _MOST:
            return
        made = seen.start >= self.given
        sort = (seen.call.tool, *_sort_of(seen), str(made))
        if self._sorts[sort] >= (_ALIKE_ELSEWHERE if made else _ALIKE):
            return
        self._sorts[sort] += 1
        kept.append(Kept(seen, self.stage.initial_states[seen.start] if made else None))


def pool_of(explorer: Explorer) -> CallPool:
    """Begin a pool with the calls that an explorer remembers."""
    pool = CallPool(explorer.stage, explorer.given)
    ledger = explorer.ledger
    for kept in (ledger.changing, ledger.idle, ledger.refused):
        for seen in [one for calls in kept.values() for one in calls]:
            pool.watch(seen)
    return pool


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
        str(len(seen.history) > 0),
    )


def _size(value: JsonValue) -> int:
    """Return how much an answer tells, roughly: nothing, one thing, two or more."""
    if isinstance(value, dict):
        return sum(_length(item) for item in value.values())
    return _length(value)


def _length(value: JsonValue) -> int:
    return min(len(items_of(value) or ()), _FEW)
