"""The solution-first strategy: find a solution in the real environment, then ask for it.

A sequence of writes is found by trying, its changes become goals and guards, and the whole is
proven before it is worded. A sequence that cannot be proven gives way to another one.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from envscaler.config import ScenGeneratorSettings
from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.llm.calls import Calls
from envscaler.records import MutantKind, RewardDefinition, Scenario
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.proof.closing import Closed
from envscaler.scen_generator.proof.outcomes import fresh_state
from envscaler.scen_generator.proof.proof import proven_only
from envscaler.scen_generator.proof.state_checks import Goal, closed_world, goals_of
from envscaler.scen_generator.proof.verdicts import Evidence, examine
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.rephrase import expected_changes, word_task
from envscaler.scen_generator.solution_first.solution import Bounds, Solution, SolutionFinder
from envscaler.scen_generator.solution_first.task_text import template_task
from envscaler.scen_generator.spec import ScenarioSpec
from envscaler.scen_generator.task_first.state import InitialState

_KEPT = 64
"""States whose finders are kept."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A scenario with its proof, and what it was made from."""

    scenario: Scenario
    """Its task is the template's."""
    solution: Solution
    writes: tuple[frozenset[int], ...]
    """For each write the places of the changes that are missing without it."""


class SolutionFirst:
    """Makes scenarios from solutions.

    Args:
        sandbox: Where everything is tried.
        settings: How long sequences are, and who words the tasks.
        definition: The reward in use.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        settings: ScenGeneratorSettings,
        definition: RewardDefinition = "goal",
    ) -> None:
        self._sandbox = sandbox
        self._settings = settings
        self._definition: RewardDefinition = definition
        self._bounds = Bounds(
            writes=(settings.min_writes, settings.max_writes),
            records=(settings.min_records, settings.max_records),
            changes=settings.max_checks,
        )
        self._finders: OrderedDict[tuple[str, bytes], SolutionFinder] = OrderedDict()

    async def make(self, spec: ScenarioSpec, state: InitialState, calls: Calls) -> Scenario:
        """Make one proven scenario.

        Raises:
            RejectedError: None of the sequences that were tried can be proven; why the last cannot.
            ReplyError: No phrasing was understood as it is meant.
        """
        finder = self._finder(spec, state)
        for attempt in range(self._settings.sequence_tries):
            random = Random(f"{spec.seed}:{attempt}")
            try:
                found = await self._prove(spec, state, finder, random)
            except RejectedError:
                if attempt + 1 == self._settings.sequence_tries:
                    raise
            else:
                return await self._worded(found, calls)
        raise RejectedError("no_sequence", "The settings allow for no try")

    def _finder(self, spec: ScenarioSpec, state: InitialState) -> SolutionFinder:
        key = (spec.environment.id, canonical(state.loaded))
        if key not in self._finders:
            context = SearchContext(spec.environment, state.loaded)
            self._finders[key] = SolutionFinder(context, self._sandbox, self._bounds)
            while len(self._finders) > _KEPT:
                self._finders.popitem(last=False)
        return self._finders[key]

    async def _prove(
        self, spec: ScenarioSpec, state: InitialState, finder: SolutionFinder, random: Random
    ) -> Proven:
        start = Start(initial_state=state.written, clock=spec.clock, seed=spec.seed)
        whole = await fresh_state(spec.environment, start, self._sandbox)
        start = start.model_copy(update={"initial_state": whole})
        solution = await finder.find(start, random, spec.diversifier.changes)
        goals = goals_of(solution.changes, solution.given)
        yardstick = closed_world([solution.outcome])
        scenario = Scenario(
            id=spec.id,
            env_id=spec.environment.id,
            kind=self._settings.kind,
            index=spec.index,
            initial_state=whole,
            task=template_task(solution),
            checks=(*(goal.check for goal in goals), yardstick[0]),
            clock=spec.clock,
            seed=spec.seed,
        )
        closed = Closed(scenario, yardstick, (), solution.left_open)
        evidence = await examine(spec.environment, scenario, solution.calls, self._sandbox, closed)
        scenario = proven_only(scenario, evidence, self._definition)
        return Proven(scenario, solution, _writes(evidence, goals, solution))

    async def _worded(self, proven: Proven, calls: Calls) -> Scenario:
        """Word the task as the settings say."""
        scenario, solution = proven.scenario, proven.solution
        if self._settings.phrasing == "model":
            expected = expected_changes(solution.changes, solution.given, proven.writes)
            tries = self._settings.check_tries
            task = await word_task(scenario, solution, expected, calls, tries=tries)
            scenario = scenario.model_copy(update={"task": task})
        if self._settings.kind == "sft":
            scenario = scenario.model_copy(update={"checks": (), "proof": None})
        provenance = calls.provenance(scenario.env_id)
        return scenario.model_copy(update={"provenance": provenance})


def _writes(
    evidence: Evidence, goals: Sequence[Goal], solution: Solution
) -> tuple[frozenset[int], ...]:
    """Return for each write the places of the changes that are missing without it.

    Raises:
        RejectedError: A write leaves nothing behind that anybody would miss.
    """
    places = [
        frozenset(solution.changes.index(change) for change in goal.changes) for goal in goals
    ]
    missed = {
        mutant.at: frozenset[int]().union(*(places[at] for at in caught if at < len(places)))
        for mutant, row in evidence.mutants
        if mutant.kind is MutantKind.DROP_CALL
        for caught in [evidence.catchers(row)]
    }
    for at in solution.writes:
        if not missed.get(at):
            name = solution.calls[at].name
            raise RejectedError("superfluous", f"Nobody would miss the call of {name}")
    return tuple(missed[at] for at in solution.writes)
