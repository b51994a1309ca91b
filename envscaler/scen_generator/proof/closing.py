"""Close the world of a scenario: checks by code that admit the right ends and no other."""

from collections.abc import Sequence
from dataclasses import dataclass

from envscaler.errors import RejectedError
from envscaler.records import Call, Check, Environment, Scenario, VerdictKind
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.checked_state import as_checks_see
from envscaler.scen_generator.proof.choices import other_ways
from envscaler.scen_generator.proof.outcomes import Outcomes, fresh_state
from envscaler.scen_generator.proof.state_checks import (
    Goal,
    Outcome,
    closed_world,
    goals_of,
)
from envscaler.scen_generator.solution_first.trace import Trace, trace

Calls = Sequence[Call]


@dataclass(frozen=True, slots=True)
class Closed:
    """A scenario whose world is closed, and what it was closed with."""

    scenario: Scenario
    """Its initial state is that of the fresh object, its checks are those of before and those
    made by code."""
    yardstick: tuple[Check, Check]
    """The guard and the goal that admit the right ends and no other."""
    alternatives: tuple[Trace, ...]
    """Solutions that end elsewhere and are right too."""
    left_open: tuple[str, ...] = ()
    """What the checks made by code do not fix, each with the reason."""
    free: tuple[str, ...] = ()
    """What an author opened."""


async def close_world(
    environment: Environment,
    scenario: Scenario,
    solutions: Sequence[Calls],
    sandbox: Sandbox,
    *,
    free: Sequence[str] = (),
) -> Closed:
    """Add to a scenario the checks that follow from its solutions.

    An author's goals stay, and one goal is added that asks for the whole of a right end. Where
    there are none, each change of the solution becomes a goal.

    Args:
        environment: Where it plays.
        scenario: Its checks are an author's; there may be none.
        solutions: The first is the reference; others end elsewhere and are right too.
        sandbox: Where all of it runs.
        free: What an author opened: keys from the outside in, such as `bookings.*.note`.

    Raises:
        GuestError: The class refuses the initial state.
        RejectedError: There is no solution, it cannot be repeated, or it is none in the eyes of
            an author's checks.
    """
    if not any(solutions):
        raise RejectedError("no_solution", "There is no reference solution")
    whole = await fresh_state(environment, scenario, sandbox)
    scenario = scenario.model_copy(update={"initial_state": whole})
    closer = _Closer(environment, scenario, sandbox, free)
    return await closer.close(solutions)


class _Closer:
    def __init__(
        self,
        environment: Environment,
        scenario: Scenario,
        sandbox: Sandbox,
        free: Sequence[str],
    ) -> None:
        self._environment = environment
        self._scenario = scenario
        self._sandbox = sandbox
        self._outcomes = Outcomes(environment, scenario, sandbox, scenario.task, free)

    async def close(self, solutions: Sequence[Calls]) -> Closed:
        reference, *others = solutions
        executed = await self._trace(reference)
        unmet = await self._unmet(executed)
        if unmet:
            raise RejectedError("unmet", f"{unmet[0]!r} is false even after the reference solution")
        found = [await self._outcomes.find(reference, executed)]
        alternatives: list[Trace] = []
        for calls in [*others, *self._other_ways(reference, executed)]:
            other = await self._trace(calls)
            if await self._is_right(other, executed):
                found.append(await self._outcomes.find(calls, other))
                alternatives.append(other)
        yardstick = closed_world(_distinct(found))
        return Closed(
            self._with(self._own_checks(found, yardstick)),
            yardstick,
            tuple(alternatives),
            tuple(self._outcomes.left_open),
            tuple(self._outcomes.free),
        )

    def _other_ways(self, calls: Calls, executed: Trace) -> list[tuple[Call, ...]]:
        start = as_checks_see(self._scenario.initial_state)
        return [*other_ways(calls, executed, self._scenario.task, start)]

    async def _is_right(self, other: Trace, reference: Trace) -> bool:
        """Tell whether another solution goes as well, also in the eyes of an author's checks."""
        failed = [call.name for call in reference.calls if not call.succeeded]
        if [call.name for call in other.calls if not call.succeeded] != failed:
            return False
        return not await self._unmet(other)

    async def _unmet(self, executed: Trace) -> list[str]:
        """Return what an author asks for and does not get; broken checks have no say."""
        checks = [check for check in self._scenario.checks if not check.by_code]
        state, scenario = self._scenario.initial_state, self._scenario
        verdicts = await self._sandbox.run_checks(checks, state, executed.state, scenario.clock)
        return [each.item for each in verdicts if each.kind is VerdictKind.FAILED]

    def _own_checks(
        self, found: Sequence[Outcome], yardstick: tuple[Check, Check]
    ) -> tuple[Check, ...]:
        authors = tuple(check for check in self._scenario.checks if not check.by_code)
        guard, goal = yardstick
        if any(not check.initially_true for check in authors):
            return (*authors, goal, guard)
        goals = [each.check for each in shared_goals(found)]
        whole = [goal] if len(_distinct(found)) > 1 or not goals else []
        return (*authors, *goals, *whole, guard)

    def _with(self, checks: tuple[Check, ...]) -> Scenario:
        return self._scenario.model_copy(update={"checks": checks, "kind": "rl"})

    async def _trace(self, calls: Calls) -> Trace:
        return await trace(self._environment, self._scenario, calls, self._sandbox)


def shared_goals(outcomes: Sequence[Outcome]) -> tuple[Goal, ...]:
    """Return the goals of the changes that all right ends have."""
    first, *others = [goals_of(outcome.changes) for outcome in outcomes]
    sources = [{goal.check.source for goal in goals} for goals in others]
    return tuple(goal for goal in first if all(goal.check.source in each for each in sources))


def _distinct(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the ends that are not told by the same checks as an earlier one."""
    return [*{closed_world([each])[1].source: each for each in outcomes}.values()]
