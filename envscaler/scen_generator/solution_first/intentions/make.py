"""Proven scenarios whose tasks a person would set, without a model."""

from asyncio import Lock
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil
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
from envscaler.scen_generator.solution_first.initial_states import SHARED
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.candidates import (
    Candidate,
    Search,
    Shelf,
    Until,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge, knowledge_of
from envscaler.scen_generator.solution_first.intentions.meaning import Act
from envscaler.scen_generator.solution_first.intentions.messages import worded
from envscaler.scen_generator.solution_first.intentions.tiers import (
    BUSY,
    shape_of,
)
from envscaler.scen_generator.solution_first.trace import Trace, trace
from envscaler.scen_generator.spec import ScenarioSpec
from envscaler.scen_generator.task_first.state import InitialState

_KEPT = 32
"""States whose words and answers are kept."""
_SHELVES = 5 * _KEPT
"""The same of candidates."""
_TRIES_PER_TRY = 6
"""Intentions looked for in one try of `sequence_tries`: most end before anything is proven."""
_CHAINS = 4
"""Chains of tools for each scenario of a state after which no more are looked for."""
_FEW_CHAINS = 2
"""The same where there is one scenario; where none of them can be proven, more are looked for."""
_IN_VAIN = 12
"""Tries without a new one, for each scenario, after which there are taken to be no more."""
_MOST_PROOFS = 6
"""Candidates that are worded and proven, one after the other, until more are looked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scenario stands among those of its tier."""

    state: int
    """Number of the state in which they begin."""
    at: int
    """From 0."""
    of: int
    """How many they are."""
    given: int = 1
    """How many states may have them: so much less is looked for in each."""

    @property
    def sought(self) -> int:
        """For how many scenarios candidates are looked for."""
        return ceil(self.of / self.given)


@dataclass
class _Filled:
    """The candidates of a state, while they are found and afterwards."""

    shelf: Shelf
    lock: Lock = field(default_factory=Lock)
    chains: int = 0
    """For each scenario, so many different ones were looked for."""
    attempts: int = 0
    """Intentions that were looked for."""
    reason: str = "no intention was found"
    """Why the last try brought none."""


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
        self._shelves: OrderedDict[tuple[str, bytes, int, int], _Filled] = OrderedDict()

    async def make(
        self, spec: ScenarioSpec, state: InitialState, calls: Calls, tiers: Sequence[int]
    ) -> Scenario:
        """Make one proven scenario of one of the tiers, of the first if that can be.

        Raises:
            RejectedError: None of the intentions that were tried can be proven; of kind `exhausted`
                where nothing can be asked for at all.
        """
        knowledge = self._knowledge(spec, state)
        if not knowledge.drawer.speakable():
            raise RejectedError("exhausted", "It has no change that a person can ask for")
        tried, reason = 0, ""
        for tier in tiers:
            tried += self._tries()
            try:
                made = await self._of_tier(spec, state, knowledge, tier)
            except RejectedError as error:
                reason = str(error)
                continue
            provenance = calls.provenance(spec.environment.id)
            return made.model_copy(update={"provenance": provenance})
        wanted = " or ".join(map(str, tiers))
        raise RejectedError(
            "budget", f"Nothing of tier {wanted} was found in {tried} tries; last: {reason}"
        )

    async def _of_tier(
        self, spec: ScenarioSpec, state: InitialState, knowledge: Knowledge, tier: int
    ) -> Scenario:
        """Make one of a tier, of the first candidate that can be worded and proven.

        Raises:
            RejectedError: None can; why the last cannot.
        """
        place = place_of(spec, tier, self._settings, state.given)
        seen: list[Candidate] = []
        reason = ""
        for chains in (_FEW_CHAINS, _CHAINS) if place.of == 1 else (_CHAINS,):
            filled = await self._filled(spec, state, knowledge, tier, place, chains)
            reason = reason or filled.reason
            every = filled.shelf.in_turn(place.at, place.of, spec.taken)
            for found in [each for each in every if each not in seen][:_MOST_PROOFS]:
                random = Random(f"{spec.seed}:{tier}:{len(seen)}")
                seen.append(found)
                try:
                    message = worded(found.intention, found.acts, knowledge, random)
                    return await self._prove(spec, state, knowledge, tier, found, message)
                except RejectedError as error:
                    reason = str(error)
        raise RejectedError("budget", reason)

    def _tries(self) -> int:
        """Return how many intentions are looked for, for each scenario of a state."""
        return self._settings.sequence_tries * _TRIES_PER_TRY

    async def _filled(
        self,
        spec: ScenarioSpec,
        state: InitialState,
        knowledge: Knowledge,
        tier: int,
        place: Place,
        chains: int,
    ) -> "_Filled":
        """Return the candidates of a tier in a state, which are found for the first who asks."""
        key = (spec.environment.id, canonical(state.loaded), tier, place.state)
        if key not in self._shelves:
            self._shelves[key] = _Filled(Shelf(place.state))
            while len(self._shelves) > _SHELVES:
                self._shelves.popitem(last=False)
        filled = self._shelves[key]
        async with filled.lock:
            if filled.chains < chains:
                digest = sha256(key[1]).digest()
                seed = int.from_bytes(digest[:4])  # the same whichever of them asks first
                start = Start(initial_state=state.written, clock=spec.clock, seed=seed)
                async with Beginning.of(spec.environment, start, self._sandbox) as beginning:
                    search = Search(knowledge, beginning, f"{seed}:{place.state}")
                    tries = range(filled.attempts, place.sought * self._tries())
                    until = Until(place.sought * chains, place.sought * _IN_VAIN)
                    done, filled.reason = await search.fill(filled.shelf, tier, tries, until)
                filled.chains, filled.attempts = chains, filled.attempts + done
        return filled

    def _knowledge(self, spec: ScenarioSpec, state: InitialState) -> Knowledge:
        key = (spec.environment.id, canonical(state.loaded))
        if key not in self._known:
            context = SearchContext(spec.environment, state.loaded)
            self._known[key] = knowledge_of(context, spec.clock)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[key]

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
        _refuse_other_answers(found, executed)
        shape = _shape(message, found, executed, knowledge)
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


def place_of(
    spec: ScenarioSpec, tier: int, settings: ScenGeneratorSettings, given: int = 0
) -> Place:
    """Return the place of a scenario among those that begin in one state.

    They are no more than a run asks for, since what they may be is looked for at once.

    Args:
        spec: The scenario.
        tier: Of what is looked for.
        settings: How many there are to be.
        given: How many states were given, which take turns; none: they are invented.
    """
    turn, at = divmod(spec.index, len(settings.tiers))
    if settings.per_tier is None and tier != settings.tiers[at]:
        return Place(-1 - spec.index, 0, 1)  # it has become one of another tier
    if turn < SHARED and tier < BUSY and not given:
        return Place(turn, 0, 1)
    wanted = settings.per_tier or ceil(settings.scenarios_per_env / len(settings.tiers))
    of = min(SHARED, wanted)
    return Place(SHARED + turn // of, turn % of, of, given or 1)


def _shape(message: str, found: Candidate, executed: Trace, knowledge: Knowledge) -> Shape:
    """Count what a solution has done.

    Raises:
        RejectedError: It went otherwise than it should.
    """
    made = [executed.calls[at] for at in found.acting]
    succeeded = [knowledge.context.succeeded(each.name, each.observation) for each in made]
    if succeeded != [not act.is_refused for act in found.acts]:
        raise RejectedError("not_repeatable", "it goes otherwise when it is run again")
    distractors = _distractors(knowledge, found.acts)
    return shape_of(message, executed.calls, found.branches, distractors)


def _refuse_other_answers(found: Candidate, executed: Trace) -> None:
    """Refuse a solution whose queries answer otherwise, since something was changed before them.

    Raises:
        RejectedError: One does.
    """
    first = min(found.acting)
    for at, (call, answer) in enumerate(zip(executed.calls, found.answers, strict=True)):
        if at > first and at not in found.acting and call.observation.value != answer:
            raise RejectedError("no_lookup", f"{call.name} answers otherwise by then")


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
