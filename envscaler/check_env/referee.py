"""Who rules on what is a matter of reading: of words and forms, whose meaning code guesses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.matters_of_reading import is_matter_of_reading
from envscaler.inputs.session import CallRecord, Stage
from envscaler.inputs.subject import Subject
from envscaler.records import Discarded, Finding

NO_FAULT = "Ruled to be no fault"
_MOST_BESIDE = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, and the claim that it was confirmed from."""

    finding: Finding
    claim: CandidateFinding


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding that is a matter of reading, with its calls as they went."""

    finding: Finding
    calls: tuple[CallRecord, ...]
    beside: tuple[CallRecord, ...] = ()
    """Calls of the tool that the last one is compared with, such as the same on other data."""


class Referee(Protocol):
    """Reads what an environment says of itself, such as a model."""

    async def rule_on(self, subject: Subject, doubts: Sequence[Doubt]) -> list[bool | None]:
        """Say of each whether it is a fault; None where there was no usable answer."""
        ...


async def settle(
    stage: Stage, referee: Referee | None, told: Sequence[Told]
) -> tuple[list[Finding], list[Discarded]]:
    """Have what is a matter of reading ruled on: a fault is serious, what is none is ruled out.

    Without a referee, and where it has no answer, all stays as it is.

    Returns:
        All findings in the same order, and those that were ruled out.

    Raises:
        SandboxError: The machinery failed.
    """
    if referee is None:
        return [one.finding for one in told], []
    subject = stage.subject
    doubtful = [
        one for one in told if is_matter_of_reading(subject, one.finding, settled=one.claim.settled)
    ]
    doubts = [await _doubt(stage, one) for one in doubtful]
    rulings = await referee.rule_on(subject, doubts) if doubts else []
    verdicts = dict(zip(map(id, doubtful), rulings, strict=True))
    kept, out = list[Finding](), list[Discarded]()
    for one in told:
        verdict = verdicts.get(id(one))
        if verdict is False:
            said = f"{one.finding.tool}: {one.finding.message}"
            out.append(Discarded(rule=said, reason=NO_FAULT))
        else:
            kept.append(_serious(one.finding) if verdict else one.finding)
    return kept, out


def _serious(finding: Finding) -> Finding:
    return finding.model_copy(update={"severity": "serious"})


async def _doubt(stage: Stage, one: Told) -> Doubt:
    finding = one.finding
    calls = await stage.replay(finding.start, finding.calls, one.claim.clock)
    made: list[CallRecord] = []
    note = made.append
    stage.watchers.append(note)
    try:
        await one.claim.shows(calls)
    finally:
        stage.watchers.remove(note)
    beside = [seen for seen in made if seen.call.tool == finding.tool]
    return Doubt(finding, tuple(calls), tuple(beside[:_MOST_BESIDE]))
