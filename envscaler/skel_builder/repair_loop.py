"""Test, have repaired what is wrong, and test again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from envscaler.check_env.examine import examine
from envscaler.check_env.referee import Referee
from envscaler.llm.calls import Calls
from envscaler.records import (
    Examination,
    Finding,
    JsonObject,
    QualityReport,
    Repair,
    Skeleton,
)
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.events import Examined, Listener, Repaired, silent
from envscaler.skel_builder.repair import Faults, faults_of_findings, repair


@dataclass(frozen=True, slots=True)
class UnderTest:
    """An environment under test, with what its tests have shown."""

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


Test = Callable[[UnderTest], Awaitable[tuple[UnderTest, Faults]]]
"""Tests an environment as it is now: what is known of it then, and what is wrong."""


@dataclass(frozen=True, slots=True)
class RepairLoop:
    """Has faulty methods written anew, and tests again after each round."""

    calls: Calls
    sandbox: Sandbox
    rounds: int
    listener: Listener = silent

    async def run(self, under_test: UnderTest, test: Test) -> UnderTest:
        """Test and repair in turn, until nothing is wrong or the rounds are used up.

        Raises:
            ReplyError: The repaired methods do not fit together, or a test could not be had.
            GuestError: The environment does not start.
            SandboxError: The machinery failed.
        """
        under_test, faults = await test(under_test)
        for round_ in range(self.rounds):
            if not faults:
                break
            skeleton = under_test.skeleton
            repaired = await repair(skeleton, faults, round_, self.calls, self.sandbox)
            self.listener(Repaired(repairs=repaired.repairs))
            under_test = under_test.with_repairs(repaired.skeleton, repaired.repairs)
            if repaired.skeleton is skeleton:
                break
            under_test, faults = await test(under_test)
        return under_test


@dataclass(frozen=True, slots=True)
class CodeTests:
    """Tests an environment with code alone: its tools are called in many ways."""

    state: JsonObject
    """Where calls begin."""
    sandbox: Sandbox
    referee: Referee | None = None
    """Rules on what is only possible."""
    listener: Listener = silent

    async def run(self, under_test: UnderTest) -> tuple[UnderTest, Faults]:
        """Call the environment in many ways; only serious findings are faults to repair."""
        seen = await examine(
            under_test.skeleton,
            [self.state],
            self.sandbox,
            invariants=under_test.quality.invariants,
            referee=self.referee,
        )
        self.listener(Examined(examination=seen))
        under_test = under_test.with_examination(seen)
        return under_test, faults_of_findings(under_test.quality.findings)


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
