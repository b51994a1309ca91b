"""What a scenario's checks say before anything happened, after its solution, and after mutants."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from envscaler.records import (
    Call,
    Check,
    Environment,
    JsonObject,
    Mutant,
    Scenario,
    Verdict,
    VerdictKind,
)
from envscaler.resources import package_text
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.closing import Closed
from envscaler.scen_generator.proof.mutants import Mutation, Mutator
from envscaler.scen_generator.solution_first.trace import Trace, run_calls, trace

EXTRA_CALLS = 12
"""Writes too many that every check is shown."""
EXTRA_CALLS_FOR_GUARD = 40
"""Further ones that are tried until an author's guard catches one."""
_AT_ONCE = 16
"""Mutants whose ends are judged together: each holds a state."""

Verdicts = tuple[Verdict, ...]

# Behind the check, in the same namespace: the sandbox gives every check copies of its own, so a
# check that writes into the state does no harm, but it may hide what it judges from itself.
_PURE = package_text("scen_generator/proof/pure_check.py.txt")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The verdicts of every check on every state that was tried."""

    checks: tuple[Check, ...]
    reference: Trace
    repeatable: bool
    start: Verdicts
    """Before anything happened; one verdict for each check, as in the others."""
    end: Verdicts
    """After the reference."""
    mutants: tuple[tuple[Mutant, Verdicts], ...]
    """Executed, with the verdicts on what each of them leaves."""
    alternatives: tuple[tuple[Trace, Verdicts], ...] = ()
    """Other solutions, with the verdicts on what each of them leaves."""
    closed: Closed | None = None
    """What is known of the right ends."""

    def catchers(self, row: Verdicts) -> tuple[int, ...]:
        """Return the checks that say something else than after the reference."""
        pairs = enumerate(zip(self.end, row, strict=True))
        return tuple(at for at, (right, other) in pairs if right.kind != other.kind)

    def verdicts_of(self, index: int) -> Verdicts:
        """Return the verdicts of one check on the start, the end and all mutants."""
        rows = (row for _, row in (*self.mutants, *self.alternatives))
        return tuple(row[index] for row in (self.start, self.end, *rows))

    def without(self, indices: frozenset[int]) -> "Evidence":
        """Return the evidence as if some checks had never been."""

        def keep(row: Verdicts) -> Verdicts:
            return tuple(each for at, each in enumerate(row) if at not in indices)

        return replace(
            self,
            checks=tuple(each for at, each in enumerate(self.checks) if at not in indices),
            start=keep(self.start),
            end=keep(self.end),
            mutants=tuple((mutant, keep(row)) for mutant, row in self.mutants),
            alternatives=tuple((each, keep(row)) for each, row in self.alternatives),
        )


async def examine(
    environment: Environment,
    scenario: Scenario,
    calls: Sequence[Call],
    sandbox: Sandbox,
    closed: Closed | None = None,
    *,
    other_run: bytes | None = None,
) -> Evidence:
    """Execute a reference solution, twice, and its mutants; ask every check about all of it.

    Args:
        environment: Where the scenario plays.
        scenario: Its checks need no verdict yet.
        calls: The reference solution; may be empty when none is known.
        sandbox: Where all of it runs.
        closed: Tells which ends are right; without it, only that of the reference is.
        other_run: Fingerprint of a run of the solution in another worker, where there was one.

    Raises:
        GuestError: The class refuses the initial state.
    """
    if other_run is None:
        other_run = (await trace(environment, scenario, calls, sandbox)).fingerprint()
    live = await sandbox.open(environment, scenario)
    try:
        idle, begin = await live.state(), await live.snapshot()
        reference = await run_calls(live, calls)
        mutator = Mutator(environment, live, begin, await live.snapshot(), reference)
        grader = CheckRunner(scenario, sandbox, closed.yardstick if closed else ())
        (start, _), (end, _) = await grader.judge([idle, reference.state])
        search = _Search(mutator, grader, start, end)
        await search.run(scenario.checks)
    finally:
        await live.close()
    others = closed.alternatives if closed else ()
    judged = await grader.judge([other.state for other in others])
    return Evidence(
        checks=scenario.checks,
        reference=reference,
        repeatable=other_run == reference.fingerprint(),
        start=start,
        end=end,
        mutants=tuple(search.found),
        alternatives=tuple(zip(others, (row for row, _ in judged), strict=True)),
        closed=closed,
    )


class CheckRunner:
    """Runs the checks of one scenario, and finds the impure ones.

    Args:
        scenario: Whose checks they are.
        sandbox: Where they run.
        yardstick: Checks that all pass when an end is right; none when that is not known.
    """

    def __init__(
        self, scenario: Scenario, sandbox: Sandbox, yardstick: Sequence[Check] = ()
    ) -> None:
        self._scenario = scenario
        self._sandbox = sandbox
        self._checks = tuple(
            check.model_copy(update={"source": check.source.rstrip() + _PURE})
            for check in scenario.checks
        )
        # What code has made is pure, so one that is among the checks need not be asked again.
        known = {check.source: at for at, check in enumerate(scenario.checks)}
        others = [check for check in yardstick if check.source not in known]
        self._asked = (*self._checks, *others)
        known |= {check.source: len(self._checks) + at for at, check in enumerate(others)}
        self._yardstick = [known[check.source] for check in yardstick]

    async def grade(self, state: JsonObject) -> Verdicts:
        """Return the verdict of every check on a final state."""
        [(verdicts, _)] = await self.judge([state])
        return verdicts

    async def judge(self, states: Sequence[JsonObject]) -> list[tuple[Verdicts, bool]]:
        """Return the verdict of every check on final states, and whether each is a right end."""
        scenario = self._scenario
        scenes = [(scenario.initial_state, state) for state in states]
        rows = await self._sandbox.run_checks_on_each(self._asked, scenes, scenario.clock)
        return [self._read(row) for row in rows]

    def _read(self, row: Mapping[int, Verdict]) -> tuple[Verdicts, bool]:
        kinds = {row[at].kind for at in self._yardstick}
        return tuple(row[at] for at in range(len(self._checks))), kinds == {VerdictKind.PASSED}

    async def differs(self, at: int, state: JsonObject, right: Verdict) -> bool:
        """Tell whether one check says something else than the `right` verdict."""
        scenario, checks = self._scenario, self._checks[at : at + 1]
        [verdict] = await self._sandbox.run_checks(
            checks, scenario.initial_state, state, scenario.clock
        )
        return verdict.kind != right.kind


class _Search:
    """Executes mutants until every check that can has caught one."""

    def __init__(
        self, mutator: Mutator, runner: CheckRunner, start: Verdicts, end: Verdicts
    ) -> None:
        self._mutator = mutator
        self._runner = runner
        self._end = end
        passing = [at for at, verdict in enumerate(end) if verdict.kind is VerdictKind.PASSED]
        self._goals = {at for at in passing if start[at].kind is VerdictKind.FAILED}
        self._guards = {at for at in passing if start[at].kind is VerdictKind.PASSED}
        self.found: list[tuple[Mutant, Verdicts]] = []

    async def run(self, checks: Sequence[Check]) -> None:
        """Fill `found`: first what every check is shown, then what the others may catch."""
        mutator = self._mutator
        for source in (mutator.drops(), mutator.changes(), mutator.extra_calls(EXTRA_CALLS)):
            await self._keep_all(source)
        if self._goals:
            await self._keep_all(mutator.cuts())
        for at in sorted(self._guards):
            if at in self._guards and not checks[at].by_code:
                await self._look_for(at, f"{checks[at].item}\n{checks[at].source}")

    async def _keep_all(self, mutations: AsyncIterator[Mutation]) -> None:
        some: list[Mutation] = []
        async for mutation in mutations:
            some.append(mutation)
            if len(some) == _AT_ONCE:
                await self._keep(some)
                some = []
        await self._keep(some)

    async def _look_for(self, at: int, text: str) -> None:
        """Try writes on what a guard speaks of, until it catches one."""
        async with aclosing(self._mutator.extra_calls_on(text, EXTRA_CALLS_FOR_GUARD)) as mutations:
            async for mutation in mutations:
                if await self._runner.differs(at, mutation.state, self._end[at]):
                    await self._keep([mutation])
                    return

    async def _keep(self, mutations: Sequence[Mutation]) -> None:
        judged = await self._runner.judge([mutation.state for mutation in mutations])
        for mutation, (row, right) in zip(mutations, judged, strict=True):
            caught = {at for at, verdict in enumerate(row) if verdict.kind != self._end[at].kind}
            self._goals -= caught
            self._guards -= caught
            self.found.append((mutation.mutant.model_copy(update={"right": right}), row))
