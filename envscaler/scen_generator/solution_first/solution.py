"""One solution: a sequence of writes, the queries before it, and the changes that it makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from envscaler.environment.state.collections import Collection, Key
from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.records import Call
from envscaler.sandbox import LiveEnvironment, Sandbox, Start
from envscaler.scen_generator.proof.changes import Change
from envscaler.scen_generator.proof.checked_state import scalars_in
from envscaler.scen_generator.proof.outcomes import Outcomes
from envscaler.scen_generator.proof.state_checks import Outcome
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.grounding import Grounder, Grounding
from envscaler.scen_generator.solution_first.search import Search, SequenceStep, run_sequence
from envscaler.scen_generator.solution_first.trace import succeeded, trace

Groundings = Mapping[tuple[str, Key], Grounding]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a sequence may be like."""

    writes: tuple[int, int]
    """Least and most."""
    records: tuple[int, int]
    """Records that it touches."""
    changes: int
    """Most changes that it makes."""


@dataclass(frozen=True, slots=True)
class Solution:
    """What is asked for, and how it is done."""

    context: SearchContext
    sequence: tuple[SequenceStep, ...]
    groundings: Groundings
    """Path of a collection and id → how an id in the sequence is found."""
    calls: tuple[Call, ...]
    """All calls, those that look up first."""
    outcome: Outcome
    left_open: tuple[str, ...]
    """What its checks do not fix, each with the reason."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.outcome.changes

    @property
    def writes(self) -> tuple[int, ...]:
        """Which of the calls are the writes of the sequence."""
        first = len(self.calls) - len(self.sequence)
        return tuple(first + at for at, step in enumerate(self.sequence) if step.writes)

    @property
    def given(self) -> frozenset[object]:
        """The plain values in the arguments of the sequence."""
        return given_in(self.sequence)


class SolutionFinder:
    """Finds solutions in one environment and state.

    Args:
        context: The environment and its state.
        sandbox: Where it runs.
        bounds: What a sequence may be like.
    """

    def __init__(self, context: SearchContext, sandbox: Sandbox, bounds: Bounds) -> None:
        self._context = context
        self._sandbox = sandbox
        self._bounds = bounds
        self._grounder = Grounder(context)

    async def find(self, start: Start, random: Random, prefer: Sequence[str]) -> Solution:
        """Find a solution.

        Args:
            start: Gives the state of the context when it is loaded.
            random: Decides between what is possible.
            prefer: Tools to begin with.

        Raises:
            RejectedError: What was tried is no solution, with the reason.
        """
        live = await self._sandbox.open(self._context.environment, start)
        try:
            begin = await live.snapshot()
            least, most = self._bounds.writes
            search = Search(self._context, live, random, prefer)
            sequence = await search.find(random.randint(least, most))
            writes = sum(step.writes for step in sequence)
            if writes < least:
                raise RejectedError("no_sequence", f"Found only {writes} writes in a row")
            await live.restore(begin)
            groundings = await self._look_up(sequence, live)
            await live.restore(begin)
            return await self._carry_out(sequence, groundings, live, start)
        finally:
            await live.close()

    async def _look_up(self, sequence: Sequence[SequenceStep], live: LiveEnvironment) -> Groundings:
        found: dict[tuple[str, Key], Grounding] = {}
        for collection, key in self._ids(sequence):
            grounding = await self._grounder.find(collection, key, live)
            if grounding is not None:
                found[collection.path, key] = grounding
        return found

    def _ids(self, sequence: Sequence[SequenceStep]) -> Iterator[tuple[Collection, Key]]:
        """Yield the records of the state that a sequence names by their ids."""
        for step in sequence:
            tool = self._context.tools[step.tool]
            for name, value in step.arguments.items():
                collection = self._context.pool(tool, name).collection
                for key in value if isinstance(value, list) else [value]:
                    if collection and isinstance(key, str | int) and key in collection.ids:
                        yield collection, key

    async def _carry_out(
        self,
        sequence: tuple[SequenceStep, ...],
        groundings: Groundings,
        live: LiveEnvironment,
        start: Start,
    ) -> Solution:
        asked = _distinct(call for grounding in groundings.values() for call in grounding.calls)
        for call in asked:
            if not succeeded(await live.call(call.name, call.arguments)):
                raise RejectedError("not_repeatable", f"{call.name} fails when it is run again")
        ran = await run_sequence(live, sequence)
        if ran is None:
            raise RejectedError("not_repeatable", "The sequence fails when it is run again")
        calls = (*asked, *ran.calls)
        outcomes = Outcomes(self._context.environment, start, self._sandbox)
        executed = await trace(self._context.environment, start, calls, self._sandbox)
        outcome = await outcomes.find(calls, executed)
        self._check_bounds(outcome.changes)
        return Solution(
            context=self._context,
            sequence=sequence,
            groundings=groundings,
            calls=calls,
            outcome=outcome,
            left_open=tuple(outcomes.left_open),
        )

    def _check_bounds(self, changes: Sequence[Change]) -> None:
        least, most = self._bounds.records
        touched = len({change.path[:2] for change in changes})
        if not least <= touched <= most:
            raise RejectedError("records", f"The sequence touches {touched} records")
        if len(changes) > self._bounds.changes:
            raise RejectedError("changes", f"The sequence makes {len(changes)} changes")


def given_in(sequence: Sequence[SequenceStep]) -> frozenset[object]:
    """Return the plain values in the arguments of a sequence."""
    return frozenset(
        item for step in sequence for value in step.arguments.values() for item in scalars_in(value)
    )


def _distinct(calls: Iterator[Call]) -> list[Call]:
    return list({canonical(call.model_dump(mode="json")): call for call in calls}.values())
