"""A sandbox for a test, and small environments to examine in it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from envscaler.check_env.examine import examine
from envscaler.check_env.explorer import Budget
from envscaler.published.module import skeleton_of
from envscaler.records import Examination, FindingKind, Invariant, JsonObject, Skeleton
from envscaler.sandbox import Sandbox
from tests.one_sandbox import in_one_sandbox
from tests.sandbox.guests import settings

T = TypeVar("T")
SMALL = Budget(tries=8, odd=30, walks=4, length=8, reach=4)


def in_sandbox(work: Callable[[Sandbox], Awaitable[T]]) -> T:
    """Run a piece of work with the sandbox of the module."""
    return in_one_sandbox(settings(), work)


def skeleton(source: str, **changes: object) -> Skeleton:
    """Make the row of a class."""
    return skeleton_of(source).model_copy(update=changes)


def examined(
    source: str | Skeleton,
    *states: JsonObject,
    budget: Budget = SMALL,
    invariants: tuple[Invariant, ...] = (),
) -> Examination:
    """Examine a class with a small budget."""
    row = skeleton(source) if isinstance(source, str) else source

    async def work(sandbox: Sandbox) -> Examination:
        return await examine(row, states, sandbox, budget=budget, invariants=invariants)

    return in_sandbox(work)


def found(examination: Examination) -> set[tuple[FindingKind, str]]:
    """Return kind and tool of every finding."""
    return {(one.kind, one.tool) for one in examination.findings}
