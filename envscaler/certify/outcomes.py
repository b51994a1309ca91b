"""What a certificate says: tests, their bars, and how each scenario did."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field, JsonValue

from envscaler.records import JsonObject, Record, RewardDefinition

MAX_FLOOR = 0.02
"""Score that a player may have who does not solve the task."""
MIN_GAP = 0.5
"""From that score to the reference's."""

_SHOWN = 3
"""Failures of a test that are shown in a terminal."""


class Criterion(StrEnum):
    """What is tested; the first eight are the semantic tests of OpenEnv's RFC 008 by id."""

    ORACLE_MAX = "semantic.oracle_max"
    FLOOR_GAP = "semantic.floor_gap"
    CANARY_FLOOR = "semantic.canary_floor"
    NO_SOLUTION_LEAKAGE = "semantic.no_solution_leakage"
    VERIFIER_DETERMINISM = "semantic.verifier_determinism"
    VERIFIER_PORTABILITY = "semantic.verifier_portability"
    RESOURCE_ENVELOPE = "semantic.resource_envelope"
    REPLAYABILITY = "semantic.replayability"
    CHECKS_CAN_FAIL = "envscaler.checks_can_fail"


BARS = {
    Criterion.ORACLE_MAX: "the reference solution scores 1",
    Criterion.FLOOR_GAP: (
        f"no-op, all queries, random play, canaries and the grader's attackers score at most "
        f"{MAX_FLOOR}, and the reference at least {MIN_GAP} more"
    ),
    Criterion.CANARY_FLOOR: (
        f"the answer typed into free texts, and arguments that reach for the grader, score at "
        f"most {MAX_FLOOR}"
    ),
    Criterion.NO_SOLUTION_LEAKAGE: (
        "what the agent reads, and the initial state, hold no line of a check and no call of the "
        "reference"
    ),
    Criterion.VERIFIER_DETERMINISM: (
        "no check reads chance, the clock or the machine, and each says the same of the same "
        "state again, also at another time"
    ),
    Criterion.VERIFIER_PORTABILITY: (
        "an exported row alone, played in another process and folder, gives the same rewards"
    ),
    Criterion.RESOURCE_ENVELOPE: (
        "the reference fits into an episode, and neither it nor the queries meet a limit of time, "
        "memory or size"
    ),
    Criterion.REPLAYABILITY: (
        "the reference, and every recorded episode, gives the same observations and the same end "
        "again"
    ),
    Criterion.CHECKS_CAN_FAIL: "no check passes whatever the state is",
}


class Outcome(Record):
    """How one scenario did in one test."""

    scenario_id: str
    criterion: Criterion
    passed: bool
    measured: JsonObject = Field(default_factory=dict[str, JsonValue])
    """The figures that decided it."""
    evidence: tuple[str, ...] = ()
    """What is wrong; empty when it passed."""


class Certificate(Record):
    """`certificate.json`: what tests showed; it is the same on every machine and at any time."""

    envscaler: str
    """Version that measured."""
    files: dict[str, str]
    """SHA-256 of each file that was measured."""
    reward: RewardDefinition
    scenarios: int
    bars: dict[str, str]
    """What each test asks for."""
    outcomes: tuple[Outcome, ...]

    @property
    def is_clean(self) -> bool:
        """Every scenario passed every test."""
        return all(outcome.passed for outcome in self.outcomes)

    def of(self, criterion: Criterion) -> tuple[Outcome, ...]:
        """Return the outcomes of one criterion."""
        return tuple(outcome for outcome in self.outcomes if outcome.criterion is criterion)

    def failures(self) -> Iterator[Outcome]:
        """Yield what did not pass."""
        return (outcome for outcome in self.outcomes if not outcome.passed)

    def summary(self) -> str:
        """Write a line for each test, and the first scenarios that did not pass."""
        lines: list[str] = []
        for criterion in Criterion:
            found = self.of(criterion)
            failed = [outcome for outcome in found if not outcome.passed]
            lines.append(f"{criterion.value:30} {len(found) - len(failed):5} of {len(found)}")
            lines += [
                f"    {outcome.scenario_id}: {'; '.join(outcome.evidence)}"
                for outcome in failed[:_SHOWN]
            ]
            if len(failed) > _SHOWN:
                lines.append(f"    and {len(failed) - _SHOWN} more")
        return "\n".join(lines)
