"""Faults planted into clean environments are found; the clean ones have none."""

import asyncio
from collections.abc import Sequence

import pytest

from envscaler.explore.examine import examine
from envscaler.records import Examination, FindingKind, JsonObject, Skeleton
from envscaler.sandbox import Sandbox
from tests.explore.arena import in_sandbox
from tests.explore.planted.faults import FAULTS, Fault, planted_source
from tests.explore.planted.states import CLASSES, STATES, clean_source, skeleton_of

_AT_ONCE = 2
Job = tuple[Skeleton, Sequence[JsonObject]]


def _examine_all(jobs: Sequence[Job]) -> list[Examination]:
    async def work(sandbox: Sandbox) -> list[Examination]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(job: Job) -> Examination:
            async with turns:
                return await examine(*job, sandbox)

        return await asyncio.gather(*map(one, jobs))

    return in_sandbox(work)


def _shows(examination: Examination, fault: Fault) -> bool:
    return any(
        one.kind is fault.kind and fault.tool in {"", one.tool} for one in examination.findings
    )


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("given", [True, False], ids=["state given", "state invented"])
def test_a_clean_environment_has_no_findings(name: str, given: bool) -> None:  # noqa: FBT001
    states = [STATES[name]] if given else []

    [examination] = _examine_all([(skeleton_of(name, clean_source(name)), states)])

    assert examination.findings == ()


@pytest.mark.parametrize("kind", [kind for kind in FindingKind if kind != "broken_invariant"])
def test_every_planted_fault_is_found(kind: FindingKind) -> None:
    faults = [fault for fault in FAULTS if fault.kind is kind]
    jobs = [
        (skeleton_of(fault.environment, planted_source(fault)), [STATES[fault.environment]])
        for fault in faults
    ]

    examinations = _examine_all(jobs)

    missed = [
        fault.name
        for fault, seen in zip(faults, examinations, strict=True)
        if not _shows(seen, fault)
    ]
    assert faults
    assert missed == []
