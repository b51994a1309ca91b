"""Agents without a model: what a benchmark gives to its own solutions, and to none at all.

`ground-truth` plays the published calls, and whatever it does not get is a fault of the loop or of
the benchmark. The others are floors: `no-op` calls nothing, `read-only` makes only those published
calls that change nothing, `skip-last-write` all but the last that changes something.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from envscaler.benchmarks.benchmark import Benchmark, Task
from envscaler.benchmarks.conversation import World
from envscaler.interact.scripted import SolvedTurn
from envscaler.sandbox import Sandbox

ControlName = Literal["ground-truth", "skip-last-write", "read-only", "no-op"]
CONTROLS: tuple[ControlName, ...] = get_args(ControlName)

TaskT = TypeVar("TaskT", bound=Task)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a call stands in a solution."""

    turn: int
    step: int
    call: int


async def turns_of(
    control: ControlName, benchmark: Benchmark[TaskT], task: TaskT, sandbox: Sandbox
) -> tuple[SolvedTurn, ...] | None:
    """Return what a control plays; None where there is nothing to leave out.

    Raises:
        GuestError: The benchmark's code broke.
        SandboxError: The machinery failed.
    """
    solved = benchmark.solution(task)
    if control == "ground-truth":
        return solved
    if control == "no-op":
        return tuple(SolvedTurn(()) for _ in solved)
    world = await benchmark.open(task, sandbox)
    try:
        writes = await _writes(solved, world)
    finally:
        await world.close()
    if control == "skip-last-write":
        return _without(solved, writes[-1:]) if writes else None
    return tuple(SolvedTurn(turn.steps) for turn in _without(solved, writes))


async def _writes(solved: Sequence[SolvedTurn], world: World) -> list[_Place]:
    """Play a solution, and return the calls after which what is scored is another."""
    found: list[_Place] = []
    before = await world.fingerprint()
    for number, turn in enumerate(solved):
        for at, step in enumerate(turn.steps):
            for index, call in enumerate(step):
                await world.call(call.name, call.arguments)
                after = await world.fingerprint()
                found += [_Place(number, at, index)] if after != before else []
                before = after
    return found


def _without(solved: Sequence[SolvedTurn], left_out: Sequence[_Place]) -> tuple[SolvedTurn, ...]:
    return tuple(
        SolvedTurn(
            tuple(
                kept
                for at, step in enumerate(turn.steps)
                if (
                    kept := tuple(
                        call
                        for index, call in enumerate(step)
                        if _Place(number, at, index) not in left_out
                    )
                )
            ),
            turn.words,
        )
        for number, turn in enumerate(solved)
    )
