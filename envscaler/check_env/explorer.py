"""Call every tool in many ways and states, and collect what looks wrong."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from envscaler.check_env.anomalies import Anomaly, anomalies, is_told
from envscaler.check_env.ledger import Ledger
from envscaler.errors import GuestError
from envscaler.inputs.arguments import Caller
from envscaler.inputs.guided import Guide, Knowledge
from envscaler.inputs.links import Places
from envscaler.inputs.session import CallRecord, Point, Session, Stage
from envscaler.inputs.trace import traced
from envscaler.records import JsonObject

_ONWARD = 3
"""Times that a refusal is followed up for one further sequence."""
_SAME = 0.7
"""Chance that a call is about the same things as one that was refused."""
_AGAIN = 0.25
"""Chance that a call of a walk is one that was made before."""
_VARIED = 0.4
"""Chance that a call is one that once succeeded, with one argument changed."""
_MOST_EXHAUSTED = 12
_ECHOES = 2
"""Changes of each tool after which all is asked again."""
_VARIANTS = 3
"""Ways in which each query is asked then."""
_RETRACED = 3
"""Refusals, and successes, of each tool whose lines are looked at."""
_JOINT = 60
"""Calls put together from what was learnt, for a tool that did not succeed yet."""
_SEEDS = 6
"""Calls by names and types that tracing begins with."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is tried."""

    tries: int = 10
    """Sensible calls of each tool in each starting state."""
    odd: int = 36
    """Odd calls of each tool in each starting state."""
    walks: int = 8
    """Sequences from each starting state."""
    length: int = 12
    """Calls in a sequence."""
    reach: int = 12
    """Further sequences towards tools that never succeeded."""


class Explorer:
    """Makes the calls of an examination.

    Args:
        stage: The environment.
        budget: How much is tried.
        seed: Of the choice of calls.
    """

    def __init__(self, stage: Stage, budget: Budget, seed: int) -> None:
        self.stage = stage
        self.given = len(stage.initial_states)
        """States that examination began with; experiments add others."""
        self.budget = budget
        self.ledger = Ledger()
        self.chance = random.Random(seed)
        self.known = {name: Knowledge() for name in stage.subject.tools}
        self.traced = traced(stage.subject, stage.sandbox)
        self.caller = Caller(stage.subject, self.chance, self.known)
        self._tools = stage.subject.tools

    async def run(self) -> None:
        """Trace, try every tool from every start, walk, then look for what never succeeded."""
        starts = range(len(self.stage.initial_states))
        for start in [n for n in starts if self.stage.initial_states[n]] or [0]:
            await self._learn(start)
        for start in starts:
            await self._sweep(start)
        for name in self._tools:
            for seen in self.ledger.changing.get(name, ())[:_ECHOES]:
                await self._echo(seen)
            await self._exhaust(name)
        for start in starts:
            for _ in range(self.budget.walks):
                await self._walk(start, self.not_succeeded())
        await self._look_for_missing()

    async def _look_for_missing(self) -> None:
        """Walk on for tools that never succeeded."""
        for turn in range(self.budget.reach):
            missing = self.not_succeeded()
            if not missing:
                break
            await self._walk(turn % len(self.stage.initial_states), missing)
            for tool in missing * _ONWARD:
                await self._go_on(tool)

    def not_succeeded(self) -> list[str]:
        """Name the tools that never succeeded."""
        return [name for name in self._tools if not self.ledger.successes(name)]

    async def measure_lines(self) -> dict[str, frozenset[int]]:
        """Return the lines that each tool reached: in traced calls, and in a few of all others."""
        retraced = [
            (name, seen)
            for name in self.known
            for seen in (
                *[*self.ledger.reasons.get(name, {}).values()][:_RETRACED],
                *self.ledger.successes(name)[:_RETRACED],
            )
        ]
        for start in {seen.start: None for _, seen in retraced}:
            session = await self.traced.open(self.stage.initial_states[start], self.stage.clock)
            try:
                for name, seen in retraced:
                    if seen.start == start:
                        self.known[name].lines |= await session.lines(seen.sequence)
            finally:
                await session.close()
        return {name: frozenset(known.lines) for name, known in self.known.items()}

    async def make(
        self,
        session: Session,
        tool: str,
        arguments: JsonObject,
        *,
        back: Point | None = None,
        counted: bool = True,
    ) -> CallRecord:
        """Make a call, note it, and judge it; go back to a point afterwards, if there is one.

        What is not counted belongs to an experiment: what a close look shows was seen before it.
        """
        look = "closely" if counted else "state"
        seen = await session.make(tool, arguments, look=look, back=back)
        self._judge(seen, counted=counted)
        return seen

    async def make_each(
        self,
        session: Session,
        calls: Sequence[tuple[str, JsonObject]],
        *,
        back: Point | None = None,
        counted: bool = True,
    ) -> list[CallRecord]:
        """Make calls one after the other, as `make` does, in few round trips."""
        look = "closely" if counted else "state"
        made = await session.make_each(calls, look=look, back=back)
        for seen in made:
            self._judge(seen, counted=counted)
        return made

    def _judge(self, seen: CallRecord, *, counted: bool) -> None:
        self.ledger.note(seen, counted=counted)
        self.ledger.suspect(self._anomalies_of(seen), self.stage)

    def _anomalies_of(self, seen: CallRecord) -> Iterator[Anomaly]:
        subject = self.stage.subject
        tool = seen.call.tool
        free = subject.open_parameters[tool]
        told = is_told(seen, subject)
        return anomalies(seen, subject.kinds[tool], subject.convention, free, told=told)

    async def _learn(self, start: int) -> None:
        """Find out by traced calls what the arguments of each tool are looked up in."""
        state = self.stage.initial_states[start]
        session = await self.traced.open(state, self.stage.clock)
        try:
            live = await session.state()
            guide = Guide(session, Places(live))
            for name, tool in self._tools.items():
                known = self.known[name]
                if not known.succeeded:
                    seeds = self.caller.sensible(tool, live, _SEEDS)
                    await guide.learn(tool, known, seeds)
                for _ in range(_JOINT):
                    call = self.caller.joint(tool, live)
                    if known.succeeded or call is None:
                        break
                    await guide.attempt(tool, known, call)
        finally:
            await session.close()

    async def _sweep(self, start: int) -> None:
        """Call each tool alone: sensibly, then with one thing odd."""
        session = await self.stage.begin(start)
        point = await session.point()
        try:
            for name, tool in self._tools.items():
                few = bool(self.stage.initial_states[start]) or start == 0
                tries = self.budget.tries if few else self.budget.tries // 3
                calls = self.caller.sensible(tool, point.state, tries)
                seen = await self._alone(session, point, name, calls)
                worked = [one.call.arguments for one in seen if one.succeeded]
                base = next(iter(worked or calls), JsonObject())
                odd = self.caller.odd(tool, point.state, base)
                most = self.budget.odd if start == 0 else self.budget.odd // 3
                await self._alone(session, point, name, [*islice(odd, most)])
        finally:
            await session.close()

    async def _alone(
        self, session: Session, point: Point, tool: str, calls: Sequence[JsonObject]
    ) -> list[CallRecord]:
        """Make calls and go back behind each, whatever it did."""
        return await self.make_each(session, [(tool, one) for one in calls], back=point)

    async def _echo(self, change: CallRecord) -> None:
        """Ask, change something, and ask the same again: an answer that was kept is stale."""
        asked = [
            [one.call for one in kept if one.start == change.start and not one.history][:_VARIANTS]
            for kept in self.ledger.idle.values()
        ]
        before = [calls[0] for calls in asked if calls]
        after = [call for calls in asked for call in calls]
        session = await self.stage.begin(change.start)
        try:
            calls = (*before, change.call, *after)
            await self.make_each(session, [(one.tool, one.arguments) for one in calls])
        finally:
            await session.close()

    async def _exhaust(self, name: str) -> None:
        """Apply a change to all that there is, then ask: what divides or picks may find nothing."""
        [change, *_] = self.ledger.changing.get(name) or [None]
        if change is None or change.history:
            return
        asked = [kept[0].call for kept in self.ledger.idle.values() if not kept[0].history]
        session = await self.stage.begin(change.start)
        try:
            for parameter, value in change.call.arguments.items():
                pool = self.caller.pools(self._tools[name], change.before)[parameter]
                if value in pool.existing:
                    for other in pool.existing[:_MOST_EXHAUSTED]:
                        await self.make(session, name, {**change.call.arguments, parameter: other})
            await self.make_each(session, [(one.tool, one.arguments) for one in asked])
        finally:
            await session.close()

    async def _walk(self, start: int, missing: list[str]) -> None:
        """Make a sequence of calls, then try what never succeeded from where it leads."""
        session = await self.stage.begin(start)
        try:
            for _ in range(self.budget.length):
                name, arguments = self.next_call(session)
                await self.make(session, name, arguments)
            point = await session.point() if missing else None
            for name in missing:
                for arguments in self.caller.sensible(self._tools[name], session.state, 8):
                    seen = await self.make(session, name, arguments)
                    if seen.changed and point is not None:
                        await session.back(point)
        except GuestError:
            return
        finally:
            await session.close()

    async def _go_on(self, tool: str) -> None:
        """Start where a tool was refused for a new reason, and try it again after each change."""
        reasons = list(self.ledger.reasons.get(tool, {}).values())
        if not reasons:
            return
        best = self.chance.choice(reasons)
        session = await self.stage.begin(best.start)
        try:
            before = best.history[-2 * self.budget.length :]
            await session.make_each([(one.tool, one.arguments) for one in before])
            for _ in range(self.budget.length):
                other, arguments = self.next_call(session)
                if self.chance.random() < _SAME:
                    # About the same things as the call that was refused.
                    arguments = arguments | {
                        name: value
                        for name, value in best.call.arguments.items()
                        if name in arguments
                    }
                seen = await self.make(session, other, arguments)
                if seen.changed:
                    await self.make(session, tool, best.call.arguments)
        except GuestError:
            return
        finally:
            await session.close()

    def next_call(self, session: Session) -> tuple[str, JsonObject]:
        """Choose a call; now and then one that was made before, as its answer may be stale."""
        if session.history and self.chance.random() < _AGAIN:
            call = self.chance.choice(session.history)
            return call.tool, call.arguments
        name = self._choose()
        tool, worked = self._tools[name], self.ledger.successes(name)
        if worked and self.chance.random() < _VARIED:
            base = self.chance.choice(worked).call.arguments
            return name, self.caller.vary(tool, session.state, base)
        return name, self.caller.one(tool, session.state)

    def _choose(self) -> str:
        """Prefer tools that change something, and those that seldom did."""
        names = list(self._tools)
        kinds = self.stage.subject.kinds
        weights = [
            (0.35 if kinds[name] == "query" else 1.0)
            * (1.0 + 3.0 / (1 + len(self.ledger.changing.get(name, ()))))
            for name in names
        ]
        return self.chance.choices(names, weights)[0]
