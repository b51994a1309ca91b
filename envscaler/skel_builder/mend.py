"""Test an environment with code alone, and have what is found repaired."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from envscaler.check_env.examine import examine
from envscaler.config import SkelBuilderSettings
from envscaler.llm.calls import Calls
from envscaler.records import (
    Examination,
    Finding,
    Invariant,
    JsonObject,
    QualityReport,
    Repair,
    Skeleton,
)
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.events import Examined, Listener, Mended, silent
from envscaler.skel_builder.invariants import write_invariants
from envscaler.skel_builder.repair import faults_of_findings, repair


@dataclass(frozen=True, slots=True)
class UnderTest:
    """An environment under test, with what is known of its health."""

    skeleton: Skeleton
    quality: QualityReport = field(default_factory=QualityReport)

    def with_repairs(self, skeleton: Skeleton, repairs: tuple[Repair, ...]) -> "UnderTest":
        """Return the same environment after a round of repairs."""
        quality = self.quality.model_copy(update={"repairs": self.quality.repairs + repairs})
        return replace(self, skeleton=skeleton, quality=quality)

    def with_examination(self, seen: Examination) -> "UnderTest":
        """Return the same environment with what was found now; what is gone is a regression."""
        initial_states = list(self.quality.initial_states)
        found = _moved(seen.findings, seen.initial_states, initial_states)
        open_now = {(one.kind, one.tool) for one in found}
        known = (*self.quality.regressions, *self.quality.findings)
        gone = {(one.kind, one.tool): one for one in known}
        quality = self.quality.model_copy(
            update={
                "findings": found,
                "regressions": tuple(one for key, one in gone.items() if key not in open_now),
                "initial_states": tuple(initial_states),
                "call_stats": seen.tools,
                "invariants": seen.invariants,
            }
        )
        return replace(self, quality=quality)


@dataclass(frozen=True, slots=True)
class RepairLoop:
    """Finds faults in an environment by calling it, and has them repaired."""

    state: JsonObject
    """Where calls begin."""
    calls: Calls
    sandbox: Sandbox
    settings: SkelBuilderSettings
    listener: Listener = silent

    async def mend(self, skeleton: Skeleton) -> UnderTest:
        """Examine and repair in turn, until nothing serious is found or the rounds are used up.

        Raises:
            ReplyError: The invariants, or methods that fit together, could not be had.
            GuestError: The environment does not start.
            SandboxError: The machinery failed.
        """
        if not self.settings.examine:
            return UnderTest(skeleton)
        invariants: tuple[Invariant, ...] = ()
        if self.settings.invariants and skeleton.rules:
            invariants = await write_invariants(skeleton, self.calls)
        under_test = await self.examine(
            UnderTest(skeleton, QualityReport(initial_states=(self.state,))), invariants
        )
        for round_ in range(self.settings.repair_rounds):
            faults = faults_of_findings(under_test.quality.findings)
            if not faults:
                break
            repaired = await repair(under_test.skeleton, faults, round_, self.calls, self.sandbox)
            self.listener(Mended(repairs=repaired.repairs))
            unchanged = repaired.skeleton is under_test.skeleton
            under_test = under_test.with_repairs(repaired.skeleton, repaired.repairs)
            if unchanged:
                break
            under_test = await self.examine(under_test, under_test.quality.invariants)
        return under_test

    async def examine(self, under_test: UnderTest, invariants: tuple[Invariant, ...]) -> UnderTest:
        """Call the environment in many ways and note what is wrong with it now."""
        seen = await examine(under_test.skeleton, [self.state], self.sandbox, invariants=invariants)
        self.listener(Examined(examination=seen))
        return under_test.with_examination(seen)


def _moved(
    findings: Sequence[Finding], from_: Sequence[JsonObject], to: list[JsonObject]
) -> tuple[Finding, ...]:
    """Let findings point at the same states in another list, which grows as needed."""
    moved: list[Finding] = []
    for finding in findings:
        state = from_[finding.start]
        if state not in to:
            to.append(state)
        moved.append(finding.model_copy(update={"start": to.index(state)}))
    return tuple(moved)
