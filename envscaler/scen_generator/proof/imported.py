"""What an import leaves to be seen: which checks are goals, and what solutions prove."""

import asyncio
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from envscaler.config import Settings
from envscaler.environment.reward import SETTLED
from envscaler.errors import ArtifactError, GuestError, RowError
from envscaler.jsonl import write_rows
from envscaler.published.solutions import GivenSolutions
from envscaler.records import Environment, Proof, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.outcomes import fresh_state
from envscaler.scen_generator.proof.proof import prove
from envscaler.scen_generator.proof.verify import read_pairs


@dataclass(frozen=True, slots=True)
class Settled:
    """What was seen."""

    looked_at: int
    """Scenarios whose checks were run at the start."""
    proven: int
    unproven: Mapping[str, str]
    """Scenario with a solution that proves nothing → the first reason."""


async def prove_imported(folder: Path, given: list[GivenSolutions], settings: Settings) -> Settled:
    """Run the checks of imported scenarios at the start, and prove those with a solution.

    The rows of `scenarios.jsonl` are written anew: checks say whether they are goals, the initial
    state is that of the fresh object, and a scenario with a solution gets the checks made by code.

    Raises:
        ArtifactError: A solution is for a scenario that the run does not have.
        IsolationError: This machine cannot isolate generated code.
    """
    pairs = read_pairs(folder)
    solutions = {each.scenario_id: each for each in given}
    unknown = solutions.keys() - {scenario.id for _, scenario in pairs}
    if unknown:
        raise ArtifactError(f"There is no scenario {min(unknown)} in {folder / 'scenarios.jsonl'}")
    waiting = _waiting(pairs, solutions)
    if not waiting:
        return Settled(0, 0, {})
    room = asyncio.Semaphore(settings.runner.workers)

    async def one(environment: Environment, scenario: Scenario) -> Scenario:
        if scenario.id not in waiting:
            return scenario
        async with room:
            known = solutions.get(scenario.id)
            return await _settle(environment, scenario, known, sandbox, settings)

    async with Sandbox.start(settings.sandbox) as sandbox, asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*pair)) for pair in pairs]
    rows = [task.result() for task in tasks]
    write_rows(folder / "scenarios.jsonl", rows)
    proofs = {row.id: row.proof for row in rows if row.id in solutions}
    unproven = _unproven(proofs)
    return Settled(len(waiting), len(proofs) - len(unproven), unproven)


def _waiting(pairs: Iterable[tuple[Environment, Scenario]], solutions: Container[str]) -> list[str]:
    """Return the ids of scenarios that have a solution, or checks not yet run at the start."""
    return [each.id for _, each in pairs if each.id in solutions or _is_open(each)]


def _unproven(proofs: Mapping[str, Proof | None]) -> dict[str, str]:
    """Return the scenarios that nothing proves, each with the first reason."""
    return {
        name: proof.reasons[0] if proof else "It cannot be run"
        for name, proof in proofs.items()
        if proof is None or not proof.proven
    }


def _is_open(scenario: Scenario) -> bool:
    return any(check.initially_true is None for check in scenario.checks)


async def _settle(
    environment: Environment,
    scenario: Scenario,
    known: GivenSolutions | None,
    sandbox: Sandbox,
    settings: Settings,
) -> Scenario:
    try:
        if known is None:
            return await _look(environment, scenario, sandbox)
        authored = tuple(check for check in scenario.checks if not check.by_code)
        return await prove(
            environment,
            scenario.model_copy(update={"checks": authored}),
            known.solutions,
            sandbox,
            free=known.free,
            definition=settings.interact.reward,
        )
    except GuestError:  # `verify` and every rollout say what it refuses
        return scenario


async def _look(environment: Environment, scenario: Scenario, sandbox: Sandbox) -> Scenario:
    """Say of every check what it is at the start."""
    try:
        whole = await fresh_state(environment, scenario, sandbox)
    except RowError:  # it loads another way than it is: the state stays as it was given
        whole = scenario.initial_state
    start = await sandbox.fresh(environment, scenario)
    verdicts = await sandbox.run_checks(scenario.checks, whole, start, scenario.clock)
    checks = tuple(
        check.model_copy(update={"initially_true": SETTLED.get(verdict.kind)})
        for check, verdict in zip(scenario.checks, verdicts, strict=True)
    )
    return scenario.model_copy(update={"checks": checks, "initial_state": whole})
