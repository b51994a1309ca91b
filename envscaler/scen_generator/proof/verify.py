"""`envscaler verify`: prove every scenario of a run again, from disk and in other workers."""

import ast
import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from envscaler.config import Settings
from envscaler.errors import ArtifactError, RowError
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import (
    Check,
    CheckProof,
    CheckRole,
    Environment,
    Proof,
    Record,
    Scenario,
    VerdictKind,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.dedupe import Limits, too_close
from envscaler.scen_generator.proof.proof import judge
from envscaler.scen_generator.proof.verdicts import Evidence, examine
from envscaler.scen_generator.solution_first.trace import PlannedCall


class Verified(Record):
    """`verified.jsonl`: what proving a scenario again has shown."""

    id: str
    """Of the scenario."""
    env_id: str
    proven: bool | None
    """None when it has no reference solution, so that it cannot be proven."""
    reasons: tuple[str, ...] = ()
    """Why it is not proven."""
    noop_score: float | None = None
    """Share of checks that pass when nothing is done; None when one broke."""
    goals: int = 0
    """Checks that are false at the start."""
    guards: int = 0
    """Checks that are true at the start."""
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


async def verify(folder: Path, settings: Settings) -> tuple[Verified, ...]:
    """Prove every scenario of a run again, and write `verified.jsonl`.

    Raises:
        ArtifactError: A file is missing, or a scenario has no environment.
        IsolationError: This machine cannot isolate generated code.
    """
    environments = {row.id: row for row in read_rows(folder / "envs.jsonl", Environment)}
    scenarios = [*read_rows(folder / "scenarios.jsonl", Scenario)]
    section = settings.scen_generator
    limits = Limits(section.max_similarity, section.max_avoid_similarity)
    duplicates = {name: str(why) for name, why in too_close(scenarios, (), limits).items()}
    pairs = [(_environment_of(each, environments, folder), each) for each in scenarios]
    room = asyncio.Semaphore(settings.runner.workers)

    async def one(environment: Environment, scenario: Scenario) -> Verified:
        async with room:
            return await verify_one(environment, scenario, sandbox, duplicates)

    async with Sandbox.start(settings.sandbox) as sandbox, asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*pair)) for pair in pairs]
    found = tuple(task.result() for task in tasks)
    write_rows(folder / "verified.jsonl", found)
    return found


def _environment_of(
    scenario: Scenario, environments: Mapping[str, Environment], folder: Path
) -> Environment:
    if scenario.env_id not in environments:
        raise ArtifactError(
            f"{folder / 'envs.jsonl'} has no environment {scenario.env_id}, which scenario "
            f"{scenario.id} needs; use the envs.jsonl that the scenarios were made from"
        )
    return environments[scenario.env_id]


async def verify_one(
    environment: Environment,
    scenario: Scenario,
    sandbox: Sandbox,
    duplicates: Mapping[str, str],
) -> Verified:
    """Prove one scenario again, or see what can be seen without a reference solution.

    Args:
        environment: Where it plays.
        scenario: As it was read.
        sandbox: Where it is proven.
        duplicates: Scenario → what its task is too close to.
    """
    stored = scenario.proof
    calls = [
        PlannedCall(name=call.name, arguments=call.arguments)
        for call in (stored.reference if stored else ())
    ]
    try:
        evidence = await examine(environment, scenario, calls, sandbox)
    except RowError as error:
        broken = f"It cannot be run: {error}"
        return Verified(
            id=scenario.id,
            env_id=environment.id,
            proven=False,
            reasons=(broken,),
            disagreements=(broken,),
        )
    proof = judge(evidence)
    return Verified(
        id=scenario.id,
        env_id=environment.id,
        proven=proof.proven if calls else None,
        reasons=proof.reasons if calls else (),
        noop_score=proof.noop_score,
        goals=_count(evidence, VerdictKind.FAILED),
        guards=_count(evidence, VerdictKind.PASSED),
        loose=tuple(
            check.item for check in proof.checks if check.role is CheckRole.GUARD and check.problem
        ),
        invalid=tuple(
            f"{check.item} {check.problem}"
            for check in proof.checks
            if check.role is CheckRole.INVALID
        ),
        copies=tuple(_copies(scenario.checks)),
        duplicate=duplicates.get(scenario.id, ""),
        disagreements=tuple(_disagreements(scenario, evidence, proof)),
    )


def _count(evidence: Evidence, kind: VerdictKind) -> int:
    return sum(verdict.kind is kind for verdict in evidence.start)


def _copies(checks: Sequence[Check]) -> Iterator[str]:
    """Yield the items of checks that do what an earlier one does, comments and layout apart."""
    seen: set[str] = set()
    for check in checks:
        try:
            code = ast.dump(ast.parse(check.source))
        except SyntaxError:
            continue
        if code in seen:
            yield check.item
        seen.add(code)


def _disagreements(scenario: Scenario, evidence: Evidence, proof: Proof) -> Iterator[str]:
    for check, verdict in zip(scenario.checks, evidence.start, strict=True):
        now = {VerdictKind.PASSED: True, VerdictKind.FAILED: False}.get(verdict.kind)
        if check.initially_true is not None and check.initially_true != now:
            yield f"{check.item!r} is stored as {check.initially_true} at the start, and is {now}"
    stored = scenario.proof
    if stored is None:
        return
    for name in ("proven", "score", "goal_score", "noop_score", "repeatable"):
        was, now = getattr(stored, name), getattr(proof, name)
        if was != now:
            yield f"{name} is stored as {was}, and is {now}"
    yield from _other_calls(stored, proof)
    yield from _other_roles(stored.checks, proof.checks)


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


def table(found: Sequence[Verified]) -> str:
    """Write what was found as a table: one line for each environment, and one for all."""
    names = list(dict.fromkeys(row.env_id for row in found))
    head = f"{'environment':24} {'scenarios':>9} {'proven':>7} {'unproven':>9} {'no proof':>9}"
    head += f" {'idle':>6} {'idle>0':>7} {'guards':>7} {'loose':>6} {'unfit':>6}"
    head += f" {'copies':>7} {'alike':>6}"
    lines = [head]
    lines += [_line(name, [row for row in found if row.env_id == name]) for name in names]
    lines.append(_line("all", found))
    reasons = Counter(_kind_of(reason) for row in found for reason in row.reasons)
    lines += [f"  {count} × {reason}" for reason, count in reasons.most_common(12)]
    lines += [f"{row.id}: {each}" for row in found for each in row.disagreements]
    return "\n".join(lines)


def _line(name: str, rows: Sequence[Verified]) -> str:
    idle = [row.noop_score for row in rows if row.noop_score is not None]
    checks = sum(row.goals + row.guards + len(row.invalid) for row in rows)
    guards = sum(row.guards for row in rows)
    return (
        f"{name[:24]:24} {len(rows):9} {sum(row.proven is True for row in rows):7}"
        f" {sum(row.proven is False for row in rows):9}"
        f" {sum(row.proven is None for row in rows):9}"
        f" {sum(idle) / len(idle) if idle else 0:6.3f} {sum(score > 0 for score in idle):7}"
        f" {guards / checks if checks else 0:7.0%} {sum(len(row.loose) for row in rows):6}"
        f" {sum(len(row.invalid) for row in rows):6} {sum(len(row.copies) for row in rows):7}"
        f" {sum(bool(row.duplicate) for row in rows):6}"
    )


def _kind_of(reason: str) -> str:
    """Leave out of a reason which check it is about, so that reasons can be counted."""
    return reason.rpartition("' ")[2].rpartition('" ')[2]
