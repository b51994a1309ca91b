"""`envscaler verify`: prove every scenario of a run again, from disk and in other workers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from envscaler.by_id import read_by_id
from envscaler.environment.reward import SETTLED
from envscaler.errors import ArtifactError, RowError
from envscaler.jsonl import read_rows
from envscaler.pipeline.measure import Found, Measured, measure
from envscaler.pipeline.part import Step
from envscaler.pipeline.run import Run
from envscaler.records import (
    Call,
    CheckProof,
    CheckRole,
    Environment,
    Proof,
    RewardDefinition,
    Scenario,
    VerdictKind,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.dedupe import Asked, SimilarityLimits, too_close
from envscaler.scen_generator.proof.closing import Closed, close_world
from envscaler.scen_generator.proof.proof import code_of, describe, judge
from envscaler.scen_generator.proof.verdicts import Evidence, examine


class Verified(Measured):
    """`verified.jsonl`: what proving a scenario again has shown; its id is that of the scenario."""

    env_id: str
    proven: bool | None
    """None when it has no reference solution, so that it cannot be proven."""
    reasons: tuple[str, ...] = ()
    """Why it is not proven."""
    definition: RewardDefinition = "goal"
    """The reward that the scores are of."""
    noop_score: float | None = None
    """Of the no-op baseline; None when a check broke, or none has to become true."""
    noop_fraction: float | None = None
    """Share of checks that pass when nothing is done; None when one broke."""
    goals: int = 0
    """Checks that are false at the start."""
    guards: int = 0
    """Checks that are true at the start."""
    missed: tuple[str, ...] = ()
    """Wrong solutions that have full marks."""
    loose: tuple[str, ...] = ()
    """Guards that nothing breaks: they are true whatever is done."""
    invalid: tuple[str, ...] = ()
    """Checks that raise, are impure or answer no boolean, each with what is wrong."""
    copies: tuple[str, ...] = ()
    """Checks whose code is that of an earlier one."""
    duplicate: str = ""
    """What its task is too close to."""
    disagreements: tuple[str, ...] = ()
    """Where the row says something else than what was found now."""

    @property
    def is_sound(self) -> bool:
        """It is as recorded, its checks can be run, and its solution, if any, proves it."""
        return not self.disagreements and not self.invalid and self.proven is not False


def _verifier(duplicates: dict[str, str], run: Run) -> "Step[Pair, Verified]":
    async def step(pair: Pair) -> Verified:
        verifier = Verifier(*pair, run.sandbox, run.settings.interact.reward)
        return await verifier.verify(duplicates.get(pair[1].id, ""))

    return step


async def verify(run: Run) -> Found[Verified]:
    """Prove every scenario of a run again, as a stage that writes `verified.jsonl`.

    Raises:
        ArtifactError: A file is missing, or a scenario has no environment.
        EnvScalerError: What stopped the stage.
    """
    pairs = read_pairs(run.path("envs").parent)
    section, reward = run.settings.scen_generator, run.settings.interact.reward
    limits = SimilarityLimits(section.max_similarity, section.max_avoid_similarity)
    duplicates = {name: str(why) for name, why in too_close(pairs.tasks(), (), limits).items()}

    def basis(pair: Pair) -> tuple[str, ...]:
        return (*texts_of(pair), reward, duplicates.get(pair[1].id, ""))

    return await measure(
        run,
        pairs,
        run.step(partial(_verifier, duplicates)),
        name="verify",
        out="verified",
        kind=Verified,
        id_of=lambda pair: pair[1].id,
        basis=basis,
    )


Pair = tuple[Environment, Scenario]


def texts_of(pair: Pair) -> tuple[str, str]:
    """Return all that stands in an environment and a scenario."""
    return pair[0].model_dump_json(), pair[1].model_dump_json()


class Pairs:
    """The scenarios of a run, each with its environment; only environments are held.

    Args:
        folder: The run.
        environments: By their ids.
        checked: Whether only scenarios that have checks are wanted.
    """

    def __init__(
        self, folder: Path, environments: Mapping[str, Environment], *, checked: bool = False
    ) -> None:
        self._folder = folder
        self._environments = environments
        self._checked = checked

    def __iter__(self) -> Iterator[Pair]:
        """Read the scenarios.

        Raises:
            ArtifactError: The file is missing, or a scenario has no environment.
        """
        return ((self._environment_of(each), each) for each in self._scenarios())

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self._scenarios())

    def tasks(self) -> Iterator[Asked]:
        """Yield what each scenario asks for."""
        return (Asked(each.id, each.task) for each in self._scenarios())

    def _scenarios(self) -> Iterator[Scenario]:
        rows = read_rows(self._folder / "scenarios.jsonl", Scenario)
        return (each for each in rows if each.checks or not self._checked)

    def _environment_of(self, scenario: Scenario) -> Environment:
        if scenario.env_id not in self._environments:
            raise ArtifactError(
                f"{self._folder / 'envs.jsonl'} has no environment {scenario.env_id}, which "
                f"scenario {scenario.id} needs; use the envs.jsonl that the scenarios were made "
                "from"
            )
        return self._environments[scenario.env_id]


def read_pairs(folder: Path, *, checked: bool = False) -> Pairs:
    """Return the scenarios of a run, each with its environment, read whenever they are wanted.

    Args:
        folder: The run.
        checked: Whether only scenarios that have checks are wanted.

    Raises:
        ArtifactError: The environments cannot be read.
    """
    environments = read_by_id(folder / "envs.jsonl", Environment)
    return Pairs(folder, environments, checked=checked)


class Verifier:
    """Proves one scenario again, or sees what can be seen without a reference solution.

    Args:
        environment: Where it plays.
        scenario: As it was read.
        sandbox: Where it is proven.
        definition: The reward in use.
    """

    def __init__(
        self,
        environment: Environment,
        scenario: Scenario,
        sandbox: Sandbox,
        definition: RewardDefinition,
    ) -> None:
        self._environment = environment
        self._scenario = scenario
        self._sandbox = sandbox
        self._definition: RewardDefinition = definition
        self._solutions = solutions_of(scenario)

    async def verify(self, duplicate: str) -> Verified:
        """Say what proving the scenario shows.

        Args:
            duplicate: What its task is too close to; empty when it is not.
        """
        reference = self._solutions[0] if self._solutions else ()
        reasons: tuple[str, ...] = ()
        try:
            closed, reasons = await self._close()
            evidence = await examine(
                self._environment, self._scenario, reference, self._sandbox, closed
            )
        except RowError as error:
            return self._broken(f"It cannot be run: {error}")
        proof = judge(evidence, definition=self._definition)
        reasons = (*reasons, *(each for each in proof.reasons if each not in reasons))
        proof = proof.model_copy(update={"proven": not reasons, "reasons": reasons})
        return self._row(evidence, proof, duplicate)

    async def _close(self) -> tuple[Closed | None, tuple[str, ...]]:
        """Work out which ends are right; where that fails, say why."""
        if not self._solutions:
            return None, ()
        proof = self._scenario.proof
        try:
            closed = await close_world(
                self._environment,
                self._scenario,
                self._solutions,
                self._sandbox,
                free=proof.free if proof else (),
            )
        except RowError as error:
            return None, (str(error),)
        return closed, ()

    def _broken(self, reason: str) -> Verified:
        return Verified(
            id=self._scenario.id,
            env_id=self._environment.id,
            proven=False,
            reasons=(reason,),
            definition=self._definition,
            disagreements=(reason,),
        )

    def _row(self, evidence: Evidence, proof: Proof, duplicate: str) -> Verified:
        known = bool(self._solutions)
        return Verified(
            id=self._scenario.id,
            env_id=self._environment.id,
            proven=proof.proven if known else None,
            reasons=proof.reasons if known else (),
            definition=self._definition,
            noop_score=proof.noop_score,
            noop_fraction=proof.noop_fraction,
            goals=_count(evidence, VerdictKind.FAILED),
            guards=_count(evidence, VerdictKind.PASSED),
            missed=tuple(map(describe, proof.missed)) if known else (),
            loose=tuple(_loose(proof)),
            invalid=tuple(_invalid_checks(proof)),
            copies=tuple(_copies(self._scenario)),
            duplicate=duplicate,
            disagreements=tuple(self._disagreements(evidence, proof)),
        )

    def _disagreements(self, evidence: Evidence, proof: Proof) -> Iterator[str]:
        for check, verdict in zip(self._scenario.checks, evidence.start, strict=True):
            now = SETTLED.get(verdict.kind)
            if check.initially_true is not None and check.initially_true != now:
                was = check.initially_true
                yield f"{check.item!r} is stored as {was} at the start, and is {now}"
        closed = evidence.closed
        if closed and closed.scenario.initial_state.keys() != self._scenario.initial_state.keys():
            yield "The initial state is not all that the fresh object holds"
        stored = self._scenario.proof
        if stored is not None and stored.definition == proof.definition:
            yield from _other_scores(stored, proof)
        if stored is not None:
            yield from _other_calls(stored, proof)
            yield from _other_roles(stored.checks, proof.checks)


def solutions_of(scenario: Scenario) -> list[list[Call]]:
    """Return the solutions that a scenario came with, the reference first."""
    proof = scenario.proof
    found = [proof.reference, *proof.alternatives] if proof and proof.reference else []
    return [[each.call for each in calls] for calls in found]


def _count(evidence: Evidence, kind: VerdictKind) -> int:
    return sum(verdict.kind is kind for verdict in evidence.start)


def _loose(proof: Proof) -> Iterator[str]:
    guards = (check for check in proof.checks if check.role is CheckRole.GUARD)
    yield from (check.item for check in guards if check.problem)


def _invalid_checks(proof: Proof) -> Iterator[str]:
    invalid = (check for check in proof.checks if check.role is CheckRole.INVALID)
    yield from (f"{check.item} {check.problem}" for check in invalid)


def _copies(scenario: Scenario) -> Iterator[str]:
    """Yield the items of checks that do what an earlier one does, comments and layout apart."""
    seen: set[str] = set()
    for check in scenario.checks:
        code = code_of(check)
        if code in seen:
            yield check.item
        seen.add(code)


def _other_scores(stored: Proof, proof: Proof) -> Iterator[str]:
    for name in ("proven", "score", "noop_score", "repeatable"):
        was, now = getattr(stored, name), getattr(proof, name)
        if was != now:
            yield f"{name} is stored as {was}, and is {now}"


def _other_calls(stored: Proof, proof: Proof) -> Iterator[str]:
    for number, (was, now) in enumerate(zip(stored.reference, proof.reference, strict=True), 1):
        if was != now:
            yield f"Call {number} of the reference, {was.name}, came to something else"


def _other_roles(stored: Sequence[CheckProof], found: Sequence[CheckProof]) -> Iterator[str]:
    if len(stored) != len(found):
        yield f"{len(stored)} checks were proven, and there are {len(found)}"
        return
    for was, now in zip(stored, found, strict=True):
        if was.role is not now.role:
            yield f"{was.item!r} is stored as {was.role.value}, and is {now.role.value}"
