"""From evidence to a proof, or to the reasons why there is none."""

from collections.abc import Sequence

from envscaler.environment.reward import reward_of
from envscaler.records import (
    CheckProof,
    CheckRole,
    Environment,
    MutantKind,
    Proof,
    Scenario,
    VerdictKind,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.verdicts import Evidence, examine
from envscaler.scen_generator.solution_first.trace import PlannedCall

_ROLES = {
    (False, True): CheckRole.GOAL,
    (True, True): CheckRole.GUARD,
    (False, False): CheckRole.UNMET,
    (True, False): CheckRole.BROKEN,
}
_VERDICTS = {VerdictKind.PASSED: True, VerdictKind.FAILED: False}


async def prove(
    environment: Environment, scenario: Scenario, calls: Sequence[PlannedCall], sandbox: Sandbox
) -> Proof:
    """Prove a scenario with a reference solution, or say why that fails. Asks no model.

    Raises:
        GuestError: The class refuses the initial state.
    """
    return judge(await examine(environment, scenario, calls, sandbox))


def judge(evidence: Evidence, removed: tuple[str, ...] = ()) -> Proof:
    """Draw the conclusion from the evidence.

    Args:
        evidence: Of all checks that count.
        removed: Checks that do not count any more, each with the reason.
    """
    caught = [evidence.catchers(row) for _, row in evidence.mutants]
    catching = {at for catchers in caught for at in catchers}
    checks = tuple(
        _check_proof(evidence, at, catches=at in catching) for at in range(len(evidence.checks))
    )
    reasons = (*_reasons(evidence, checks), *(_told(check) for check in checks if check.problem))
    initially_true = [_VERDICTS.get(verdict.kind) for verdict in evidence.start]
    reached = reward_of(evidence.end, "", initially_true=initially_true)
    return Proof(
        proven=not reasons,
        reasons=reasons,
        reference=evidence.reference.calls,
        score=reached.fraction,
        goal_score=reached.goal,
        noop_score=reward_of(evidence.start, "").fraction,
        checks=checks,
        mutants=tuple(
            mutant.model_copy(update={"caught_by": catchers})
            for (mutant, _), catchers in zip(evidence.mutants, caught, strict=True)
        ),
        repeatable=evidence.repeatable,
        removed=removed,
        missed_harms=sum(
            mutant.kind is MutantKind.EXTRA_CALL and not catchers
            for (mutant, _), catchers in zip(evidence.mutants, caught, strict=True)
        ),
    )


def settle(scenario: Scenario, evidence: Evidence) -> Scenario:
    """Take out the checks that add nothing or cannot be trusted, and judge what is left.

    Two checks with the same verdicts on everything are one. A check that is never false adds
    nothing, and one that breaks takes the whole reward with it. A check that the reference does
    not fulfil stays: one of the two is wrong, and taking it out would hide that.

    Returns:
        The scenario with fewer checks, their verdicts at the start, and its proof.
    """
    removed = _superfluous(evidence)
    left = evidence.without(frozenset(removed))
    reasons = tuple(f"{evidence.checks[at].item!r}: {why}" for at, why in removed.items())
    checks = tuple(
        check.model_copy(update={"initially_true": _VERDICTS.get(verdict.kind)})
        for check, verdict in zip(left.checks, left.start, strict=True)
    )
    return scenario.model_copy(update={"checks": checks, "proof": judge(left, reasons)})


def _superfluous(evidence: Evidence) -> dict[int, str]:
    proof = judge(evidence)
    removed: dict[int, str] = {}
    seen: dict[tuple[VerdictKind, ...], int] = {}
    for at, check in enumerate(proof.checks):
        kinds = tuple(verdict.kind for verdict in evidence.verdicts_of(at))
        if check.role is CheckRole.INVALID or (check.role is CheckRole.GUARD and check.problem):
            removed[at] = check.problem
        elif kinds in seen:
            removed[at] = f"says on everything the same as {evidence.checks[seen[kinds]].item!r}"
        else:
            seen[kinds] = at
    return removed


def _check_proof(evidence: Evidence, at: int, *, catches: bool) -> CheckProof:
    item = evidence.checks[at].item
    broken = next((each for each in evidence.verdicts_of(at) if each.kind not in _VERDICTS), None)
    if broken is not None:
        kind = broken.kind.replace("_", " ")
        return CheckProof(item=item, role=CheckRole.INVALID, problem=f"{kind}: {broken.message}")
    role = _ROLES[_VERDICTS[evidence.start[at].kind], _VERDICTS[evidence.end[at].kind]]
    return CheckProof(item=item, role=role, problem=_problem(role, catches=catches))


def _problem(role: CheckRole, *, catches: bool) -> str:
    match role:
        case CheckRole.UNMET:
            return "is false even after the reference solution"
        case CheckRole.BROKEN:
            return "is true at the start and false after the reference solution"
        case CheckRole.GOAL:
            return "" if catches else "is true after every wrong solution that was tried, too"
        case _:
            return "" if catches else "is true whatever is done: nothing that was tried breaks it"


def _reasons(evidence: Evidence, checks: Sequence[CheckProof]) -> list[str]:
    """List what speaks against the scenario as a whole."""
    reasons: list[str] = []
    if not evidence.reference.calls:
        reasons.append("There is no reference solution")
    elif not any(call.changed for call in evidence.reference.calls):
        reasons.append("The reference solution changes nothing")
    if not evidence.repeatable:
        reasons.append("Two runs of the reference solution differ")
    if all(check.role is CheckRole.GUARD for check in checks):
        reasons.append("No check has to become true: doing nothing is enough")
    return reasons


def _told(check: CheckProof) -> str:
    return f"{check.item!r} {check.problem}"
