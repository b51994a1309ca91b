"""From evidence to a proof, or to the reasons why there is none."""

import ast
import json
from collections.abc import Iterator, Sequence

from envscaler.environment.reward import SETTLED, reward_of
from envscaler.errors import RejectedError
from envscaler.records import (
    Check,
    CheckProof,
    CheckRole,
    Environment,
    Mutant,
    MutantKind,
    Proof,
    RewardDefinition,
    Scenario,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.closing import Calls, close_world
from envscaler.scen_generator.proof.verdicts import Evidence, Verdicts, examine

_ROLES = {
    (False, True): CheckRole.GOAL,
    (True, True): CheckRole.GUARD,
    (False, False): CheckRole.UNMET,
    (True, False): CheckRole.BROKEN,
}
_MOST_TOLD = 5
"""Wrong solutions with full marks that are told one by one."""


async def prove(
    environment: Environment,
    scenario: Scenario,
    solutions: Sequence[Calls],
    sandbox: Sandbox,
    *,
    free: Sequence[str] = (),
    definition: RewardDefinition = "goal",
) -> Scenario:
    """Close the world of a scenario and prove it, or say why that fails. Asks no model.

    Args:
        environment: Where it plays.
        scenario: Its checks are an author's; there may be none.
        solutions: The first is the reference; others end elsewhere and are right too.
        sandbox: Where all of it runs.
        free: What an author opened: keys from the outside in, such as `bookings.*.note`.
        definition: The reward in use.

    Raises:
        GuestError: The class refuses the initial state.
    """
    reference = solutions[0] if solutions else ()
    try:
        closed = await close_world(environment, scenario, solutions, sandbox, free=free)
    except RejectedError as error:
        evidence = await examine(environment, scenario, reference, sandbox)
        return _refused(drop_weak_checks(scenario, evidence, definition), str(error))
    evidence = await examine(environment, closed.scenario, reference, sandbox, closed)
    return drop_weak_checks(closed.scenario, evidence, definition)


def _refused(scenario: Scenario, reason: str) -> Scenario:
    proof = scenario.proof
    if proof is not None and reason not in proof.reasons:
        update = {"proven": False, "reasons": (reason, *proof.reasons)}
        proof = proof.model_copy(update=update)
    return scenario.model_copy(update={"proof": proof})


def drop_weak_checks(
    scenario: Scenario, evidence: Evidence, definition: RewardDefinition = "goal"
) -> Scenario:
    """Take out the checks that cannot be trusted or stand there twice, and judge what is left.

    A check that breaks takes the whole reward with it. One that says what another says by its very
    code adds nothing. Any other check stays: that nothing which was tried tells it from another,
    or breaks it, does not mean that nothing can. A check that the reference does not fulfil stays
    too: one of the two is wrong, and taking it out would hide that.

    Returns:
        The scenario with fewer checks, their verdicts at the start, and its proof.
    """
    removed = _superfluous(evidence)
    left = evidence.without(frozenset(removed))
    reasons = tuple(f"{evidence.checks[at].item!r}: {why}" for at, why in removed.items())
    checks = tuple(
        check.model_copy(update={"initially_true": SETTLED.get(verdict.kind)})
        for check, verdict in zip(left.checks, left.start, strict=True)
    )
    proof = judge(left, reasons, definition)
    return scenario.model_copy(update={"checks": checks, "proof": proof})


def proven_only(scenario: Scenario, evidence: Evidence, definition: RewardDefinition) -> Scenario:
    """Return a scenario as `drop_weak_checks` does, where that is proven.

    Raises:
        RejectedError: It is not; why.
    """
    judged = drop_weak_checks(scenario, evidence, definition)
    if judged.proof is None or not judged.proof.proven:
        reasons = judged.proof.reasons if judged.proof else ()
        raise RejectedError("unproven", "; ".join(reasons))
    return judged


def judge(
    evidence: Evidence, removed: tuple[str, ...] = (), definition: RewardDefinition = "goal"
) -> Proof:
    """Draw the conclusion from the evidence.

    Args:
        evidence: Of all checks that count.
        removed: Checks that do not count any more, each with the reason.
        definition: The reward in use.
    """
    scorer, closed = _Scorer(evidence, definition), evidence.closed
    mutants = tuple(
        mutant.model_copy(update={"caught_by": evidence.catchers(row), "score": scorer.score(row)})
        for mutant, row in evidence.mutants
    )
    catching = {at for mutant in mutants for at in mutant.caught_by}
    checks = tuple(
        _check_proof(evidence, at, catches=at in catching) for at in range(len(evidence.checks))
    )
    proof = Proof(
        proven=False,
        reasons=(),
        reference=evidence.reference.calls,
        definition=definition,
        score=scorer.score(evidence.end),
        noop_score=scorer.score(evidence.start),
        noop_fraction=reward_of(evidence.start, "", definition="fraction").score,
        checks=checks,
        mutants=mutants,
        repeatable=evidence.repeatable,
        alternatives=tuple(other.calls for other, _ in evidence.alternatives),
        free=closed.free if closed else (),
        left_open=closed.left_open if closed else (),
        removed=removed,
    )
    others = [scorer.score(row) for _, row in evidence.alternatives]
    reasons = tuple(_reasons(proof, others))
    return proof.model_copy(update={"proven": not reasons, "reasons": reasons})


class _Scorer:
    """Scores what the checks say, as a rollout would."""

    def __init__(self, evidence: Evidence, definition: RewardDefinition) -> None:
        self._initially_true = [SETTLED.get(verdict.kind) for verdict in evidence.start]
        self._definition: RewardDefinition = definition

    def score(self, row: Verdicts) -> float | None:
        return reward_of(
            row, "", initially_true=self._initially_true, definition=self._definition
        ).score


def _superfluous(evidence: Evidence) -> dict[int, str]:
    removed: dict[int, str] = {}
    seen: dict[str, int] = {}
    is_ours = all(check.by_code for check in evidence.checks)
    for at, check in enumerate(evidence.checks):
        proof = _check_proof(evidence, at, catches=True)
        # What code has written alike is written alike to the letter.
        code = check.source if is_ours else code_of(check)
        if proof.role is CheckRole.INVALID and not check.by_code:
            removed[at] = proof.problem
        elif code in seen:
            removed[at] = f"its code is that of {evidence.checks[seen[code]].item!r}"
        else:
            seen[code] = at
    return removed


def code_of(check: Check) -> str:
    """Return what a check does, comments and layout apart; its text when it does not parse."""
    try:
        return ast.dump(ast.parse(check.source))
    except SyntaxError:
        return check.source


def _check_proof(evidence: Evidence, at: int, *, catches: bool) -> CheckProof:
    item = evidence.checks[at].item
    broken = next((each for each in evidence.verdicts_of(at) if each.kind not in SETTLED), None)
    if broken is not None:
        kind = broken.kind.replace("_", " ")
        return CheckProof(item=item, role=CheckRole.INVALID, problem=f"{kind}: {broken.message}")
    role = _ROLES[SETTLED[evidence.start[at].kind], SETTLED[evidence.end[at].kind]]
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


def _reasons(proof: Proof, others: Sequence[float | None]) -> Iterator[str]:
    """List what speaks against a proof."""
    yield from _reference_reasons(proof)
    if all(check.role is CheckRole.GUARD for check in proof.checks):
        yield "No check has to become true: a no-op is enough"
    elif proof.noop_score:
        yield f"The no-op baseline scores {proof.noop_score}"
    yield from (_told(check) for check in proof.checks if _speaks_against(check))
    for number, score in enumerate(others, 1):
        if score != 1:
            yield f"Another right solution, number {number}, scores {score}"
    if proof.reference:
        yield from _missed(proof.missed)


def _reference_reasons(proof: Proof) -> Iterator[str]:
    if not proof.reference:
        yield "There is no reference solution"
    elif not any(call.changed for call in proof.reference):
        yield "The reference solution changes nothing"
    if not proof.repeatable:
        yield "Two runs of the reference solution differ"


def _speaks_against(check: CheckProof) -> bool:
    """Tell whether what is wrong with a check is a fault of the reward.

    A guard that nothing breaks takes no reward from anybody.
    """
    return bool(check.problem) and check.role is not CheckRole.GUARD


def _missed(mutants: Sequence[Mutant]) -> Iterator[str]:
    for mutant in mutants[:_MOST_TOLD]:
        yield f"Full marks for a wrong solution: {describe(mutant)}"
    if len(mutants) > _MOST_TOLD:
        yield f"Full marks for {len(mutants) - _MOST_TOLD} more wrong solutions"


def describe(mutant: Mutant) -> str:
    """Say what is wrong with a mutant, so that it can be made again."""
    arguments = json.dumps(mutant.call.arguments, ensure_ascii=False)
    call = f"{mutant.call.name}({arguments})"
    number = mutant.at + 1
    match mutant.kind:
        case MutantKind.DROP_CALL:
            return f"call {number}, {call}, is left out"
        case MutantKind.CHANGE_ARGUMENT:
            return f"call {number} is {call} instead"
        case MutantKind.EXTRA_CALL:
            return f"{call} is called besides"
        case MutantKind.TRUNCATE:
            return f"it ends before call {number}, {call}"
        case MutantKind.SKIP_PREFIX:
            return f"it begins with call {number}, {call}"


def _told(check: CheckProof) -> str:
    return f"{check.item!r} {check.problem}"
