"""Rules as code, held against calls: the state before, the call, and the state after."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from envscaler.inputs.session import CallRecord
from envscaler.records import Check, Clock, Invariant, JsonObject, Verdict, VerdictKind
from envscaler.sandbox import Sandbox
from envscaler.sandbox.series import in_growing_parts

_CALLS = {
    "state": "invariant(final_state)",
    "step": 'step_invariant(initial_state["before"], initial_state["call"], final_state)',
}


@dataclass(frozen=True, slots=True)
class StepUnderRule:
    """A call as an invariant sees it."""

    before: JsonObject
    call: JsonObject
    """`{"tool": ..., "arguments": {...}, "success": ..., "result": ...}`."""
    after: JsonObject


def step_of(seen: CallRecord) -> StepUnderRule:
    """Return a call as predicates see it."""
    return StepUnderRule(
        before=seen.before,
        call={
            "tool": seen.call.tool,
            "arguments": seen.call.arguments,
            "success": seen.succeeded,
            "result": seen.value,
        },
        after=seen.after,
    )


async def verdicts_on(
    invariants: Sequence[Invariant],
    step: StepUnderRule,
    sandbox: Sandbox,
    clock: Clock | None = None,
) -> Sequence[Verdict]:
    """Judge one step by each invariant.

    Raises:
        SandboxError: The machinery failed.
    """
    [(scene, after)] = _scenes([step])
    return await sandbox.run_checks([*map(_check, invariants)], scene, after, clock or Clock())


async def judge_step(
    invariants: Sequence[Invariant],
    step: StepUnderRule,
    sandbox: Sandbox,
    clock: Clock | None = None,
) -> list[VerdictKind]:
    """Say for each invariant whether it holds after a step.

    Raises:
        SandboxError: The machinery failed.
    """
    return [verdict.kind for verdict in await verdicts_on(invariants, step, sandbox, clock)]


async def judge_steps(
    invariants: Sequence[Invariant],
    steps: Sequence[StepUnderRule],
    sandbox: Sandbox,
    clock: Clock,
) -> list[list[VerdictKind]]:
    """Say for each step, and each invariant, whether it holds after it.

    Raises:
        SandboxError: The machinery failed.
    """
    rows = await run_each([*map(_check, invariants)], steps, sandbox, clock)
    return [[verdict.kind for verdict in row] for row in rows]


async def run_each(
    checks: Sequence[Check], steps: Sequence[StepUnderRule], sandbox: Sandbox, clock: Clock
) -> list[list[Verdict]]:
    """Return for each step the verdict of each check.

    Raises:
        SandboxError: The machinery failed.
    """
    rows = await sandbox.run_checks_on_each(checks, [*_scenes(steps)], clock)
    return [[row[place] for place in range(len(checks))] for row in rows]


async def unbroken(
    invariants: list[Invariant], steps: Iterable[StepUnderRule], sandbox: Sandbox
) -> list[Invariant]:
    """Return the invariants that none of the steps breaks.

    Raises:
        SandboxError: The machinery failed.
    """
    for scenes in in_growing_parts(_scenes(steps)):
        if not invariants:
            break
        checks = [*map(_check, invariants)]
        rows = await sandbox.run_checks_on_each(checks, scenes, Clock(), until_failed=True)
        failed = {
            place
            for row in rows
            for place, verdict in row.items()
            if verdict.kind is VerdictKind.FAILED
        }
        invariants = [one for place, one in enumerate(invariants) if place not in failed]
    return invariants


def _scenes(steps: Iterable[StepUnderRule]) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Yield what checks see of steps; those about one call from one state share an object."""
    last: StepUnderRule | None = None
    scene: JsonObject = {}
    for step in steps:
        if last is None or step.before is not last.before or step.call is not last.call:
            scene = JsonObject(before=step.before, call=step.call)
        last = step
        yield scene, step.after


def _check(invariant: Invariant) -> Check:
    call = _CALLS[invariant.kind]
    source = f"{invariant.source}\n\ndef check_func(final_state):\n    return {call}\n"
    return Check(item=invariant.rule, source=source)
