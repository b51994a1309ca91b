"""Solutions with one thing wrong: what a good reward tells from the right one."""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from envscaler.environment.state.encoding import canonical
from envscaler.errors import GuestError
from envscaler.records import Call, Environment, JsonObject, Mutant, MutantKind, Tool
from envscaler.sandbox import LiveEnvironment, Snapshot
from envscaler.scen_generator.solution_first.trace import Trace, succeeded
from envscaler.scen_generator.solution_first.values import NOTHING, Values

MOST_CHANGES = 24
"""Mutants with another argument, at most."""
CALLS_PER_TOOL = 40
"""Arguments tried for one tool in search of an extra call that changes something."""
EXTRA_CALLS_PER_TOOL = 2
"""Extra calls that every check is shown, so that they are of many kinds."""
MOST_TRIES = 100
"""Calls tried in one search for an extra call."""
ALL_TRIES = 600
"""Calls, or solutions with another argument, tried in all."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mutant that was executed, and the state that it leaves."""

    mutant: Mutant
    """Its `caught_by` is not known yet."""
    state: JsonObject


class Mutator:
    """Executes mutants of one reference solution.

    Args:
        environment: Whose tools they use.
        live: The environment of the scenario, at any point.
        start: Its snapshot before the first call.
        end: Its snapshot after the last call of the reference.
        reference: What the reference solution did.
    """

    def __init__(
        self,
        environment: Environment,
        live: LiveEnvironment,
        start: Snapshot,
        end: Snapshot,
        reference: Trace,
    ) -> None:
        self._tools: Mapping[str, Tool] = {tool.name: tool for tool in environment.tools}
        self._writers = environment.structure.changes
        self._live = live
        self._start = start
        self._end = end
        self._reference = reference
        self._values = Values(reference.state)
        self._tried: set[tuple[str, bytes]] = set()
        self._left = ALL_TRIES
        self._right = canonical(reference.state)
        self._calls = [each.call for each in reference.calls]

    async def drops(self) -> AsyncGenerator[Mutation]:
        """Leave out one write after the other."""
        for at in self._writes():
            state = await self._run([*self._calls[:at], *self._calls[at + 1 :]])
            if state is not None:
                yield self._mutation(MutantKind.DROP_CALL, at, self._calls[at], state)

    async def cuts(self) -> AsyncGenerator[Mutation]:
        """Leave out all from one write on, and all before it.

        These catch what two writes decide together. Where nothing is left of the solution, every
        goal would catch it, so such a cut says nothing.
        """
        await self._live.restore(self._start)
        idle = canonical(await self._live.state())
        for at in islice(self._writes(), 1, None):
            for kind, kept in (
                (MutantKind.TRUNCATE, self._calls[:at]),
                (MutantKind.SKIP_PREFIX, self._calls[at:]),
            ):
                state = await self._run(kept)
                if state is not None and canonical(state) != idle:
                    yield self._mutation(kind, at, self._calls[at], state)

    async def changes(self) -> AsyncGenerator[Mutation]:
        """Give one argument of one write another valid value, for each argument."""
        left = MOST_CHANGES
        for at in self._writes():
            for variants in self._variants(self._calls[at]):
                found = await self._first_that_works(at, variants)
                if found is not None:
                    yield found
                    left -= 1
                if not left:
                    return

    async def extra_calls(self, most: int) -> AsyncGenerator[Mutation]:
        """Add one write, `most` times at most: of every tool a few, each on other records."""
        done: Counter[str] = Counter()
        touched: set[tuple[str, bytes]] = set()
        for call in self._extra_calls(""):
            target = (call.name, canonical(next(iter(call.arguments.values()), None)))
            if done[call.name] == EXTRA_CALLS_PER_TOOL or target in touched:
                continue
            mutation = await self._extra_call(call)
            if mutation is not None:
                yield mutation
                done[call.name] += 1
                touched.add(target)
            if done.total() == most:
                return

    async def extra_calls_on(self, text: str, most: int) -> AsyncGenerator[Mutation]:
        """Add one write, `most` times at most, those on what a text speaks of first."""
        found = 0
        for call in self._extra_calls(text):
            mutation = await self._extra_call(call)
            if mutation is not None:
                yield mutation
                found += 1
            if found == most:
                return

    async def _extra_call(self, call: Call) -> Mutation | None:
        self._tried.add(_key(call))
        self._left -= 1
        await self._live.restore(self._end)
        if not succeeded(await self._live.call(call.name, call.arguments)):
            return None
        state = await self._wrong_state()
        if state is None:
            return None
        return self._mutation(MutantKind.EXTRA_CALL, len(self._calls), call, state)

    def _writes(self) -> Iterator[int]:
        return (at for at, call in enumerate(self._reference.calls) if call.changed)

    def _variants(self, call: Call) -> Iterator[list[Call]]:
        """For each argument, list the calls in which only this one is another."""
        properties = self._tools[call.name].properties
        for name, value in call.arguments.items():
            others = self._values.others(name, properties.get(name, {}), value)
            yield [
                Call(name=call.name, arguments={**call.arguments, name: other}) for other in others
            ]

    async def _first_that_works(self, at: int, variants: Sequence[Call]) -> Mutation | None:
        for call in variants:
            if not self._left:
                return None
            self._left -= 1
            calls = [*self._calls[:at], call, *self._calls[at + 1 :]]
            state = await self._run(calls, must_succeed=at)
            if state is not None:
                return self._mutation(MutantKind.CHANGE_ARGUMENT, at, call, state)
        return None

    async def _run(
        self, calls: Sequence[Call], must_succeed: int | None = None
    ) -> JsonObject | None:
        """Return the state at the end; None when it is the right one, or `must_succeed` fails."""
        await self._live.restore(self._start)
        observations = await self._live.play(calls)
        if must_succeed is not None and not succeeded(observations[must_succeed]):
            return None
        return await self._wrong_state()

    async def _wrong_state(self) -> JsonObject | None:
        """Return the state; None when it is the right one, or cannot be read any more."""
        try:
            state = await self._live.state()
        except GuestError:
            return None
        return None if canonical(state) == self._right else state

    def _extra_calls(self, text: str) -> Iterator[Call]:
        """List writes not tried before: on what a text speaks of first, the tools taking turns."""
        topic = self._values.topic(text) if text else NOTHING
        tools = [self._tools[name] for name in self._writers if name in self._tools]
        tools.sort(key=lambda tool: -sum(word in text for word in tool.name.split("_")))
        found = [
            (far, turn, Call(name=tool.name, arguments=arguments))
            for tool in tools
            for turn, (far, arguments) in enumerate(self._values.calls(tool, topic, CALLS_PER_TOOL))
        ]
        found.sort(key=lambda each: each[:2])
        new = (call for _, _, call in found if _key(call) not in self._tried)
        return islice(new, min(MOST_TRIES, self._left))

    @staticmethod
    def _mutation(kind: MutantKind, at: int, call: Call, state: JsonObject) -> Mutation:
        mutant = Mutant(kind=kind, at=at, call=call, caught_by=())
        return Mutation(mutant, state)


def _key(call: Call) -> tuple[str, bytes]:
    return call.name, canonical(call.arguments)
