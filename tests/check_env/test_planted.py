"""Faults planted into clean environments are found; the clean ones have none.

One fault of each kind here; all of them in `tests/bench/bench_planted.py`, which takes minutes.
Each detector has tests of its own besides; of these whole examinations only two are not slow.
"""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from envscaler.check_env.examine import examine
from envscaler.check_env.explorer import Budget
from envscaler.records import Examination, FindingKind, JsonObject, Skeleton
from envscaler.sandbox import Sandbox
from tests.check_env.arena import in_sandbox
from tests.check_env.planted.faults import FAULTS, Fault, planted_source
from tests.check_env.planted.states import CLASSES, STATES, clean_source, skeleton_of

_AT_ONCE = 2
# Enough for the faults below; half of what a user gets, and half of the time.
_SMALL = Budget(tries=8, odd=30, walks=8, reach=12)
Job = tuple[Skeleton, Sequence[JsonObject]]
KINDS = [kind for kind in FindingKind if kind != "broken_invariant"]


def all_but(quick: str, names: Iterable[str]) -> list[object]:
    """Mark each as slow but one."""
    return [pytest.param(name, marks=() if name == quick else pytest.mark.slow) for name in names]


def examine_all(jobs: Sequence[Job], budget: Budget | None = None) -> list[Examination]:
    """Examine environments, two at a time."""

    async def work(sandbox: Sandbox) -> list[Examination]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(job: Job) -> Examination:
            async with turns:
                return await examine(*job, sandbox, budget=budget)

        return await asyncio.gather(*map(one, jobs))

    return in_sandbox(work)


def shows(examination: Examination, fault: Fault) -> bool:
    """Say whether the fault is among what was found."""
    return any(
        one.kind is fault.kind and fault.tool in {"", one.tool} for one in examination.findings
    )


@pytest.mark.parametrize("name", all_but("library", CLASSES))
def test_a_clean_environment_has_no_findings(name: str) -> None:
    [examination] = examine_all([(skeleton_of(name, clean_source(name)), [STATES[name]])], _SMALL)

    assert examination.findings == ()


@pytest.mark.slow
def test_a_clean_environment_has_no_findings_in_invented_states_either() -> None:
    [examination] = examine_all([(skeleton_of("library", clean_source("library")), [])], _SMALL)

    assert examination.findings == ()


@pytest.mark.parametrize("kind", all_but(FindingKind.LIVE_REFERENCE, KINDS))
def test_a_planted_fault_is_found(kind: FindingKind) -> None:
    fault = next(fault for fault in FAULTS if fault.kind is kind)
    skeleton = skeleton_of(fault.environment, planted_source(fault))

    [examination] = examine_all([(skeleton, [STATES[fault.environment]])], _SMALL)

    assert shows(examination, fault)
