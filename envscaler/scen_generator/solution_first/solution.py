"""One solution: a chain of writes, the queries before it, and the changes that it makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from envscaler.environment.state.collections import Collection, Key
from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.scen_generator.solution_first.changes import (
    Change,
    as_checks_see,
    find_changes,
    made_up,
    scalars_in,
)
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.grounding import Lookup, Lookups
from envscaler.scen_generator.solution_first.search import (
    Execution,
    Search,
    SequenceStep,
    run_chain,
)
from envscaler.scen_generator.solution_first.trace import PlannedCall, succeeded

_LATER = timedelta(days=1, hours=3, minutes=17, seconds=11)
"""How much later the twin of a solution runs: what differs then is left open."""

Lookable = Mapping[tuple[str, Key], Lookup]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a chain may be like."""

    writes: tuple[int, int]
    """Least and most."""
    records: tuple[int, int]
    """Records that it touches."""
    changes: int
    """Most changes that it makes."""


@dataclass(frozen=True, slots=True)
class Solution:
    """What is asked for, and how it is done."""

    ground: SearchContext
    chain: tuple[SequenceStep, ...]
    lookups: Lookable
    """Path of a collection and id → how an id in the chain is found."""
    calls: tuple[PlannedCall, ...]
    """All calls, those that look up first."""
    changes: tuple[Change, ...]
    quiet: tuple[str, ...]
    """Attributes in which nothing else may change."""

    @property
    def given(self) -> frozenset[object]:
        """The plain values in the arguments of the chain."""
        return given_in(self.chain)


class SolutionFinder:
    """Finds solutions in one environment and state.

    Args:
        ground: The environment and its state.
        sandbox: Where it runs.
        bounds: What a chain may be like.
    """

    def __init__(self, ground: SearchContext, sandbox: Sandbox, bounds: Bounds) -> None:
        self._ground = ground
        self._sandbox = sandbox
        self._bounds = bounds
        self._lookups = Lookups(ground)

    async def find(self, start: Start, random: Random, prefer: Sequence[str]) -> Solution:
        """Find a solution.

        Args:
            start: Gives the state of the ground when it is loaded.
            random: Decides between what is possible.
            prefer: Tools to begin with.

        Raises:
            RejectedError: What was tried is no solution, with the reason.
        """
        live = await self._sandbox.open(self._ground.environment, start)
        try:
            begin = await live.snapshot()
            least, most = self._bounds.writes
            search = Search(self._ground, live, random, prefer)
            chain = await search.find(random.randint(least, most))
            writes = sum(link.writes for link in chain)
            if writes < least:
                raise RejectedError("no_chain", f"Found only {writes} writes in a row")
            await live.restore(begin)
            lookups = await self._look_up(chain, live)
            await live.restore(begin)
            return await self._carry_out(chain, lookups, live, start)
        finally:
            await live.close()

    async def _look_up(self, chain: Sequence[SequenceStep], live: LiveEnvironment) -> Lookable:
        found: dict[tuple[str, Key], Lookup] = {}
        for collection, key in self._ids(chain):
            lookup = await self._lookups.find(collection, key, live)
            if lookup is not None:
                found[collection.path, key] = lookup
        return found

    def _ids(self, chain: Sequence[SequenceStep]) -> Iterator[tuple[Collection, Key]]:
        """Yield the records of the state that a chain names by their ids."""
        for link in chain:
            tool = self._ground.tools[link.tool]
            for name, value in link.arguments.items():
                collection = self._ground.pool(tool, name).collection
                for key in value if isinstance(value, list) else [value]:
                    if collection and isinstance(key, str | int) and key in collection.ids:
                        yield collection, key

    async def _carry_out(
        self,
        chain: tuple[SequenceStep, ...],
        lookups: Lookable,
        live: LiveEnvironment,
        start: Start,
    ) -> Solution:
        asked = _distinct(call for lookup in lookups.values() for call in lookup.calls)
        for call in asked:
            if not succeeded(await live.call(call.name, call.arguments)):
                raise RejectedError("not_repeatable", f"{call.name} fails when it is run again")
        if canonical(await live.state()) != canonical(self._ground.state):
            raise RejectedError("query_writes", "A query changed the state")
        ran = await run_chain(live, chain)
        twin = await self._run_twin(chain, start)
        if ran is None or twin is None:
            raise RejectedError("not_repeatable", "The chain fails when it is run again")
        changes = self._changes(chain, ran, twin)
        return Solution(
            ground=self._ground,
            chain=chain,
            lookups=lookups,
            calls=(*asked, *ran.calls),
            changes=changes,
            quiet=self._quiet(start),
        )

    async def _run_twin(self, chain: Sequence[SequenceStep], start: Start) -> Execution | None:
        """Run a chain at another time and with another seed."""
        clock = start.clock.model_copy(update={"start": start.clock.start + _LATER})
        start = start.model_copy(update={"clock": clock, "seed": start.seed + 1})
        live = await self._sandbox.open(self._ground.environment, start)
        try:
            return await run_chain(live, chain)
        finally:
            await live.close()

    def _changes(
        self, chain: Sequence[SequenceStep], ran: Execution, twin: Execution
    ) -> tuple[Change, ...]:
        before, after = as_checks_see(self._ground.state), as_checks_see(ran.state)
        quiet = {*self._ground.quiet()}
        changes = tuple(
            change
            for change in find_changes(
                before,
                after,
                as_checks_see(twin.state),
                made_up(before, after, {*scalars_in(before), *given_in(chain)}),
            )
            if change.path[0] in quiet
        )
        self._check_bounds(changes)
        return changes

    def _check_bounds(self, changes: Sequence[Change]) -> None:
        least, most = self._bounds.records
        touched = len({change.path[:2] for change in changes})
        if not least <= touched <= most:
            raise RejectedError("records", f"The chain touches {touched} records")
        if len(changes) > self._bounds.changes:
            raise RejectedError("changes", f"The chain makes {len(changes)} changes")

    def _quiet(self, start: Start) -> tuple[str, ...]:
        """Return where guards can compare: what checks know the beginning of."""
        return tuple(name for name in self._ground.quiet() if name in start.initial_state)


def given_in(chain: Sequence[SequenceStep]) -> frozenset[object]:
    """Return the plain values in the arguments of a chain."""
    return frozenset(
        item for link in chain for value in link.arguments.values() for item in scalars_in(value)
    )


def _distinct(calls: Iterator[PlannedCall]) -> list[PlannedCall]:
    return list({canonical(call.model_dump(mode="json")): call for call in calls}.values())
