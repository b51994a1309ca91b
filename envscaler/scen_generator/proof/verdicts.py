"""What a scenario's checks say before anything happened, after its solution, and after mutants."""

from collections.abc import AsyncIterator, Sequence
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
) -> Evidence:
    """Execute a reference solution, twice, and its mutants; ask every check about all of it.

    Args:
        environment: Where the scenario plays.
        scenario: Its checks need no verdict yet.
        calls: The reference solution; may be empty when none is known.
        sandbox: Where all of it runs.
        closed: Tells which ends are right; without it, only that of the reference is.

    Raises:
        GuestError: The class refuses the initial state.
    """
    again = await trace(environment, scenario, calls, sandbox)
    live = await sandbox.open(environment, scenario)
    try:
        idle, begin = await live.state(), await live.snapshot()
        reference = await run_calls(live, calls)
        mutator = Mutator(environment, live, begin, await live.snapshot(), reference)
        grader = CheckRunner(scenario, sandbox, closed.yardstick if closed else ())
        start, end = await grader.grade(idle), await grader.grade(reference.state)
        search = _Search(mutator, grader, start, end)
        await search.run(scenario.checks)
    finally:
        await live.close()
    others = closed.alternatives if closed else ()
    return Evidence(
        checks=scenario.checks,
        reference=reference,
        repeatable=again.fingerprint() == reference.fingerprint(),
        start=start,
        end=end,
        mutants=tuple(search.found),
        alternatives=tuple([(other, await grader.grade(other.state)) for other in others]),
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
        self._yardstick = tuple(yardstick)
        self._checks = tuple(
            check.model_copy(update={"source": check.source.rstrip() + _PURE})
            for check in scenario.checks
        )

    async def grade(self, state: JsonObject) -> Verdicts:
        """Return the verdict of every check on a final state."""
        return await self._run(self._checks, state)

    async def is_right(self, state: JsonObject) -> bool:
        """Tell whether a state is one of the right ends."""
        verdicts = await self._run(self._yardstick, state)
        return bool(verdicts) and all(each.kind is VerdictKind.PASSED for each in verdicts)

    async def differs(self, at: int, state: JsonObject, right: Verdict) -> bool:
        """Tell whether one check says something else than the `right` verdict."""
        [verdict] = await self._run(self._checks[at : at + 1], state)
        return verdict.kind != right.kind

    async def _run(self, checks: Sequence[Check], state: JsonObject) -> Verdicts:
        scenario = self._scenario
        return await self._sandbox.run_checks(checks, scenario.initial_state, state, scenario.clock)


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
        async for mutation in mutations:
            await self._keep(mutation)

    async def _look_for(self, at: int, text: str) -> None:
        """Try writes on what a guard speaks of, until it catches one."""
        async with aclosing(self._mutator.extra_calls_on(text, EXTRA_CALLS_FOR_GUARD)) as mutations:
            async for mutation in mutations:
                if await self._runner.differs(at, mutation.state, self._end[at]):
                    await self._keep(mutation)
                    return

    async def _keep(self, mutation: Mutation) -> None:
        row = await self._runner.grade(mutation.state)
        caught = {at for at, verdict in enumerate(row) if verdict.kind != self._end[at].kind}
        self._goals -= caught
        self._guards -= caught
        right = await self._runner.is_right(mutation.state)
        self.found.append((mutation.mutant.model_copy(update={"right": right}), row))
