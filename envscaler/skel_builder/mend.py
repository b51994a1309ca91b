"""Test an environment with code alone, and have what is found mended."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from envscaler.check_env.examine import examine
from envscaler.config import SkelBuilderSettings
from envscaler.llm.calls import Calls
from envscaler.records import Examination, Finding, Health, Invariant, JsonObject, Repair, Skeleton
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.events import Examined, Listener, Mended, silent
from envscaler.skel_builder.invariants import write_invariants
from envscaler.skel_builder.repair import faults_of_findings, repair


@dataclass(frozen=True, slots=True)
class Patient:
    """An environment under test, with what is known of its health."""

    skeleton: Skeleton
    health: Health = field(default_factory=Health)

    def with_repairs(self, skeleton: Skeleton, repairs: tuple[Repair, ...]) -> "Patient":
        """Return the same environment after a round of repairs."""
        health = self.health.model_copy(update={"repairs": self.health.repairs + repairs})
        return replace(self, skeleton=skeleton, health=health)

    def with_examination(self, seen: Examination) -> "Patient":
        """Return the same environment with what was found now; what is gone is a regression."""
        starts = list(self.health.starts)
        found = _moved(seen.findings, seen.starts, starts)
        open_now = {(one.kind, one.tool) for one in found}
        known = (*self.health.regressions, *self.health.findings)
        gone = {(one.kind, one.tool): one for one in known}
        health = self.health.model_copy(
            update={
                "findings": found,
                "regressions": tuple(one for key, one in gone.items() if key not in open_now),
                "starts": tuple(starts),
                "tried": seen.tools,
                "invariants": seen.invariants,
            }
        )
        return replace(self, health=health)


@dataclass(frozen=True, slots=True)
class Mender:
    """Finds faults in an environment by calling it, and has them mended."""

    state: JsonObject
    """Where calls begin."""
    calls: Calls
    sandbox: Sandbox
    settings: SkelBuilderSettings
    listener: Listener = silent

    async def mend(self, skeleton: Skeleton) -> Patient:
        """Examine and repair in turn, until nothing serious is found or the rounds are used up.

        Raises:
            ReplyError: The invariants, or methods that fit together, could not be had.
            GuestError: The environment does not start.
            SandboxError: The machinery failed.
        """
        if not self.settings.examine:
            return Patient(skeleton)
        invariants: tuple[Invariant, ...] = ()
        if self.settings.invariants and skeleton.rules:
            invariants = await write_invariants(skeleton, self.calls)
        patient = await self.examine(Patient(skeleton, Health(starts=(self.state,))), invariants)
        for round_ in range(self.settings.repair_rounds):
            faults = faults_of_findings(patient.health.findings)
            if not faults:
                break
            mended = await repair(patient.skeleton, faults, round_, self.calls, self.sandbox)
            self.listener(Mended(repairs=mended.repairs))
            unchanged = mended.skeleton is patient.skeleton
            patient = patient.with_repairs(mended.skeleton, mended.repairs)
            if unchanged:
                break
            patient = await self.examine(patient, patient.health.invariants)
        return patient

    async def examine(self, patient: Patient, invariants: tuple[Invariant, ...]) -> Patient:
        """Call the environment in many ways and note what is wrong with it now."""
        seen = await examine(patient.skeleton, [self.state], self.sandbox, invariants=invariants)
        self.listener(Examined(examination=seen))
        return patient.with_examination(seen)


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
