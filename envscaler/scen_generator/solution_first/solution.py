"""One solution: a chain of writes, the queries before it, and the changes that it makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from envscaler.environment.state.collections import Collection, Key
from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.scen_generator.proof.changes import Change, scalars_in
from envscaler.scen_generator.proof.outcomes import Outcomes
from envscaler.scen_generator.proof.state_checks import Outcome
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.grounding import Lookup, Lookups
from envscaler.scen_generator.solution_first.search import Search, SequenceStep, run_chain
from envscaler.scen_generator.solution_first.trace import PlannedCall, succeeded, trace

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
    outcome: Outcome
    left_open: tuple[str, ...]
    """What its checks do not fix, each with the reason."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.outcome.changes

    @property
    def writes(self) -> tuple[int, ...]:
        """Which of the calls are the writes of the chain."""
        first = len(self.calls) - len(self.chain)
        return tuple(first + at for at, link in enumerate(self.chain) if link.writes)

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
        ran = await run_chain(live, chain)
        if ran is None:
            raise RejectedError("not_repeatable", "The chain fails when it is run again")
        calls = (*asked, *ran.calls)
        outcomes = Outcomes(self._ground.environment, start, self._sandbox)
        executed = await trace(self._ground.environment, start, calls, self._sandbox)
        outcome = await outcomes.find(calls, executed)
        self._check_bounds(outcome.changes)
        return Solution(
            ground=self._ground,
            chain=chain,
            lookups=lookups,
            calls=calls,
            outcome=outcome,
            left_open=tuple(outcomes.left_open),
        )

    def _check_bounds(self, changes: Sequence[Change]) -> None:
        least, most = self._bounds.records
        touched = len({change.path[:2] for change in changes})
        if not least <= touched <= most:
            raise RejectedError("records", f"The chain touches {touched} records")
        if len(changes) > self._bounds.changes:
            raise RejectedError("changes", f"The chain makes {len(changes)} changes")


def given_in(chain: Sequence[SequenceStep]) -> frozenset[object]:
    """Return the plain values in the arguments of a chain."""
    return frozenset(
        item for link in chain for value in link.arguments.values() for item in scalars_in(value)
    )


def _distinct(calls: Iterator[PlannedCall]) -> list[PlannedCall]:
    return list({canonical(call.model_dump(mode="json")): call for call in calls}.values())
