"""A scenario that was changed, proven again by running it."""

from collections.abc import Sequence
from dataclasses import dataclass

from envscaler.config import ScenGeneratorSettings
from envscaler.environment.reward import SETTLED, reward_of
from envscaler.errors import RejectedError
from envscaler.records import (
    Call,
    Environment,
    JsonObject,
    Proof,
    Provenance,
    ReferenceCall,
    RewardDefinition,
    Scenario,
    Shape,
    named_by_content,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.closing import Closed
from envscaler.scen_generator.proof.outcomes import Outcomes, fresh_state
from envscaler.scen_generator.proof.own_checks import own_checks
from envscaler.scen_generator.proof.proof import proven_only
from envscaler.scen_generator.proof.verdicts import CheckRunner, examine
from envscaler.scen_generator.solution_first.intentions.tiers import shape_of
from envscaler.scen_generator.solution_first.trace import Trace, trace


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how something is proven."""

    sandbox: Sandbox
    settings: ScenGeneratorSettings
    definition: RewardDefinition = "goal"


def proof_of(scenario: Scenario) -> Proof:
    """Return the proof of a scenario that may be hardened.

    Raises:
        RejectedError: It is not proven, or has goals that code did not make: these would have to
            be written anew.
    """
    proof = scenario.proof
    if proof is None or not proof.proven:
        raise RejectedError("unproven", "Only a proven scenario can be hardened")
    if not all(check.by_code for check in scenario.checks):
        raise RejectedError("authored", "It has checks that were not made by code")
    return proof


async def proven_again(
    bench: Bench, environment: Environment, scenario: Scenario, calls: Sequence[Call]
) -> Scenario:
    """Prove a scenario that was changed, with checks made anew from what its solution does.

    Args:
        bench: Where it runs.
        environment: Where it plays now.
        scenario: State and task are those that count.
        calls: Its reference solution.

    Raises:
        GuestError: The class refuses the initial state.
        RejectedError: It cannot be proven; why.
    """
    sandbox, settings = bench.sandbox, bench.settings
    whole = await fresh_state(environment, scenario, sandbox)
    scenario = scenario.model_copy(update={"initial_state": whole})
    executed = await trace(environment, scenario, calls, sandbox)
    outcomes = Outcomes(environment, scenario, sandbox)
    outcome = await outcomes.find(calls, executed)
    writes = [call.call for call in executed.calls if call.changed]
    checks, yardstick = own_checks(outcome, writes, settings.min_checks, settings.max_checks)
    parents = (environment.id, scenario.id)
    scenario = scenario.model_copy(
        update={
            "env_id": environment.id,
            "checks": checks,
            "proof": None,
            "shape": _shape(scenario, executed),
            "provenance": Provenance(parents=parents),
        }
    )
    closed = Closed(scenario, yardstick, (), tuple(outcomes.left_open))
    evidence = await examine(environment, scenario, calls, sandbox, closed)
    return named_by_content(proven_only(scenario, evidence, bench.definition))


def _shape(scenario: Scenario, executed: Trace) -> Shape | None:
    known = scenario.shape
    if known is None:
        return None
    return shape_of(scenario.task, executed.calls, known.branches, known.distractors)


async def score_of(
    bench: Bench, environment: Environment, scenario: Scenario, calls: Sequence[Call]
) -> float | None:
    """Return what a solution of a proven scenario gets; None when a check breaks."""
    executed = await trace(environment, scenario, calls, bench.sandbox)
    verdicts = await CheckRunner(scenario, bench.sandbox).grade(executed.state)
    known = [check.initially_true for check in scenario.checks]
    reward = reward_of(verdicts, "", initially_true=known, definition=bench.definition)
    return reward.score


async def reaches_goals(
    bench: Bench, scenario: Scenario, feasible: Scenario, state: JsonObject
) -> bool:
    """Tell whether a state fulfils every goal of another scenario."""
    goals = [check for check in feasible.checks if check.role == "goal"]
    verdicts = await bench.sandbox.run_checks(goals, scenario.initial_state, state, scenario.clock)
    return all(SETTLED.get(each.kind) for each in verdicts)


def writes_of(reference: Sequence[ReferenceCall]) -> list[Call]:
    """Return the calls that changed something."""
    return [each.call for each in reference if each.changed]
