"""Proven scenarios whose tasks a person would set, without a model."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from envscaler.config import ScenGeneratorSettings
from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.llm.calls import Calls
from envscaler.records import (
    Call,
    Check,
    MutantKind,
    RewardDefinition,
    Scenario,
    Shape,
)
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.proof.closing import Closed
from envscaler.scen_generator.proof.outcomes import Outcomes, fresh_state
from envscaler.scen_generator.proof.own_checks import own_checks
from envscaler.scen_generator.proof.proof import proven_only
from envscaler.scen_generator.proof.state_checks import Outcome
from envscaler.scen_generator.proof.verdicts import Evidence, examine
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.gold import gold
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Fallback,
    Intention,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge, knowledge_of
from envscaler.scen_generator.solution_first.intentions.long_planner import (
    MANY_MEMBERS,
    LongPlanner,
)
from envscaler.scen_generator.solution_first.intentions.look_ups import MOST_MEMBERS, LookUps
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
)
from envscaler.scen_generator.solution_first.intentions.messages import (
    about_whom,
    as_speaker,
    worded,
)
from envscaler.scen_generator.solution_first.intentions.planner import Planner
from envscaler.scen_generator.solution_first.intentions.tiers import (
    LONGEST,
    RECIPES,
    may_be_of,
    shape_of,
)
from envscaler.scen_generator.solution_first.trace import Trace, trace
from envscaler.scen_generator.spec import ScenarioSpec
from envscaler.scen_generator.task_first.state import InitialState

_KEPT = 32
"""States whose words and answers are kept."""
_MOST_CHOOSY = {1: 6, 2: 6, 3: 12, 4: 18, LONGEST: 0}
"""Tier → tries in which what needs no look-up is refused."""
_TRIES_PER_TRY = 6
"""Intentions looked for in one try of `sequence_tries`: most end before anything is proven."""
_LONG_TRIES = 3
"""How many fewer there are of the longest ones, each of which takes as long as several others."""
HOPEFUL = 5
"""Scenarios of a tier that are looked for at length."""
_SHORTER = {1: 2, 2: 2, 3: 8, 4: 8, LONGEST: 8}
"""Tier → how many fewer tries the others of a round have: of a low tier one takes less time than
what has to be made ready for it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intention with its calls, neither worded nor proven yet."""

    intention: Intention
    acts: tuple[Act, ...]
    calls: tuple[Call, ...]
    """Look-ups first."""

    @property
    def branches(self) -> int:
        """Conditions, and what is to be tried."""
        return sum(isinstance(step, Choice | Fallback) for step in self.intention.steps)


class Intentions:
    """Makes scenarios from intentions.

    Args:
        sandbox: Where everything is tried.
        settings: How many tries a scenario has, and how many checks.
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
        self._known: OrderedDict[tuple[str, bytes], Knowledge] = OrderedDict()

    async def make(
        self, spec: ScenarioSpec, state: InitialState, calls: Calls, tiers: Sequence[int]
    ) -> Scenario:
        """Make one proven scenario of one of the tiers, of the first if that can be.

        Raises:
            RejectedError: None of the intentions that were tried can be proven; of kind `exhausted`
                where nothing can be asked for at all.
        """
        start = Start(initial_state=state.written, clock=spec.clock, seed=spec.seed)
        async with Beginning.of(spec.environment, start, self._sandbox) as beginning:
            made = await self._make(spec, state, beginning, tiers)
        provenance = calls.provenance(spec.environment.id)
        return made.model_copy(update={"provenance": provenance})

    async def _make(
        self,
        spec: ScenarioSpec,
        state: InitialState,
        beginning: Beginning,
        tiers: Sequence[int],
    ) -> Scenario:
        knowledge = self._knowledge(spec, state)
        if not knowledge.drawer.speakable():
            raise RejectedError("exhausted", "It has no change that a person can ask for")
        reason = "no intention was found"
        tried = 0
        for tier in tiers:
            tries = self._tries(spec, tier)
            tried += tries
            for attempt in range(tries):
                random = Random(f"{spec.seed}:{tier}:{attempt}")
                try:
                    recipe = random.choice(RECIPES[tier])
                    found = await self._candidate(spec, knowledge, recipe, random, beginning)
                    _prefer_look_ups(found, tier, attempt)
                    _refuse_others(found, tier)
                    message = worded(found.intention, found.acts, knowledge, random)
                    made = await self._prove(spec, state, knowledge, tier, found, message)
                except RejectedError as error:
                    reason = str(error)
                    continue
                return made
        wanted = " or ".join(map(str, tiers))
        raise RejectedError(
            "budget", f"Nothing of tier {wanted} was found in {tried} tries; last: {reason}"
        )

    def _tries(self, spec: ScenarioSpec, tier: int) -> int:
        """Return how many intentions are looked for.

        Where many of a tier are asked for, only the first ones and those of later rounds are looked
        for at length: some environments have none of a tier, and what others lack is made up for.
        """
        tries = self._settings.sequence_tries * _TRIES_PER_TRY
        if tier == LONGEST:
            tries //= _LONG_TRIES
        turn = spec.index // len(self._settings.tiers)
        is_one_of_many = HOPEFUL <= turn < (self._settings.per_tier or 0)
        return max(2, tries // _SHORTER[tier]) if is_one_of_many else tries

    def _knowledge(self, spec: ScenarioSpec, state: InitialState) -> Knowledge:
        key = (spec.environment.id, canonical(state.loaded))
        if key not in self._known:
            context = SearchContext(spec.environment, state.loaded)
            self._known[key] = knowledge_of(context, spec.clock)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    async def _candidate(
        self,
        spec: ScenarioSpec,
        knowledge: Knowledge,
        recipe: Recipe,
        random: Random,
        beginning: Beginning,
    ) -> Candidate:
        asking, trying = await beginning.pair()
        most = MANY_MEMBERS if recipe.is_long else MOST_MEMBERS
        look_ups = LookUps(knowledge.context, asking, knowledge.answers, most)
        kind = LongPlanner if recipe.is_long else Planner
        planner = kind(knowledge, look_ups, trying, random)
        world = knowledge.world
        try:
            intention = await planner.find(recipe, spec.diversifier.changes)
            intention = as_speaker(intention, knowledge) if intention else None
            intention = about_whom(intention, knowledge.nouns) if intention else None
            queries = await gold(intention, look_ups, world) if intention else None
        except NoAnswerError as error:  # what an earlier step leads to, nobody can look up before
            raise RejectedError("no_lookup", str(error)) from error
        if intention is None:
            raise RejectedError("no_intention", "too few steps were found")
        if queries is None:
            raise RejectedError("no_lookup", "something in it cannot be looked up")
        acts = Reader(world).read(intention)
        writes = [Call(name=act.tool, arguments=act.bind({})) for act in acts]
        return Candidate(intention, acts, (*queries, *writes))

    async def _prove(
        self,
        spec: ScenarioSpec,
        state: InitialState,
        knowledge: Knowledge,
        tier: int,
        found: Candidate,
        message: str,
    ) -> Scenario:
        start = Start(initial_state=state.written, clock=spec.clock, seed=spec.seed)
        whole = await fresh_state(spec.environment, start, self._sandbox, state.loaded)
        start = start.model_copy(update={"initial_state": whole})
        executed = await trace(spec.environment, start, found.calls, self._sandbox)
        shape = _shape(message, found, executed, _distractors(knowledge, found.acts))
        if shape.tier != tier:
            raise RejectedError("tier", f"it came out as one of tier {shape.tier}")
        outcomes = Outcomes(spec.environment, start, self._sandbox)
        outcome = await outcomes.find(found.calls, executed)
        checks, guard_and_goal = self._checks(outcome, found)
        scenario = Scenario(
            id=spec.id,
            env_id=spec.environment.id,
            kind=self._settings.kind,
            index=spec.index,
            initial_state=whole,
            task=message,
            checks=checks,
            clock=spec.clock,
            seed=spec.seed,
            shape=shape,
        )
        closed = Closed(scenario, guard_and_goal, (), tuple(outcomes.left_open))
        evidence = await examine(
            spec.environment,
            scenario,
            found.calls,
            self._sandbox,
            closed,
            other_run=executed.fingerprint(),
        )
        return self._examined(scenario, evidence)

    def _examined(self, scenario: Scenario, evidence: Evidence) -> Scenario:
        scenario = proven_only(scenario, evidence, self._definition)
        _refuse_superfluous(evidence)
        if len(scenario.checks) < self._settings.min_checks:
            raise RejectedError("checks", f"it has only {len(scenario.checks)} checks")
        if self._settings.kind == "sft":
            return scenario.model_copy(update={"checks": (), "proof": None})
        return scenario

    def _checks(
        self, outcome: Outcome, found: Candidate
    ) -> tuple[tuple[Check, ...], tuple[Check, Check]]:
        """Write goals and guards, as many as the settings allow."""
        writes = [Call(name=act.tool, arguments=act.bind({})) for act in found.acts]
        return own_checks(outcome, writes, self._settings.min_checks, self._settings.max_checks)


def _shape(message: str, found: Candidate, executed: Trace, distractors: int) -> Shape:
    """Count what a solution has done.

    Raises:
        RejectedError: It went otherwise than it should.
    """
    intended = [not act.is_refused for act in found.acts]
    if [call.succeeded for call in executed.calls][-len(intended) :] != intended:
        raise RejectedError("not_repeatable", "it goes otherwise when it is run again")
    return shape_of(message, executed.calls, found.branches, distractors)


def _refuse_others(found: Candidate, tier: int) -> None:
    """Refuse what cannot be of a tier, before it is worded and carried out.

    Raises:
        RejectedError: It has too many calls for it, or too few.
    """
    calls = len(found.calls)
    if not may_be_of(tier, calls, found.branches):
        raise RejectedError("tier", f"it takes {calls} calls, and is of another tier than {tier}")


def _prefer_look_ups(found: Candidate, tier: int, attempt: int) -> None:
    """Refuse at first what needs no look-up.

    Raises:
        RejectedError: It needs none.
    """
    if len(found.calls) == len(found.acts) and attempt < _MOST_CHOOSY[tier]:
        raise RejectedError("no_lookup", "nothing has to be looked up for it")


def _refuse_superfluous(evidence: Evidence) -> None:
    """Refuse a write that leaves nothing behind that anybody would miss.

    Raises:
        RejectedError: There is one.
    """
    missed = {
        mutant.at
        for mutant, row in evidence.mutants
        if mutant.kind is MutantKind.DROP_CALL and evidence.catchers(row)
    }
    for at, call in enumerate(evidence.reference.calls):
        if call.changed and at not in missed:
            raise RejectedError("superfluous", f"Nobody would miss the call of {call.name}")


def _distractors(knowledge: Knowledge, acts: Sequence[Act]) -> int:
    """Count the records of the kinds that are written which nobody speaks of."""
    given = {value for act in acts for _, value in act.arguments if isinstance(value, str | int)}
    kinds = [one for one in knowledge.nouns.collections.values() if given & {*one.ids}]
    return sum(key not in given for one in kinds for key in one.ids)
